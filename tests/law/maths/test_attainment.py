"""Volumes along rays, against boxes and against the exact hypervolume."""

from __future__ import annotations

import numpy as np
import pytest

from optuna_hpx.law.maths.attainment import Attainment, attainment_of
from optuna_hpx.trials.hypervolume import hypervolume


def _grid_of(losses: np.ndarray, point: np.ndarray, n: int) -> np.ndarray:
    """Count, at the middles of a fine grid of two objectives, how many losses dominate."""
    low = losses.min(axis=0)
    x, y = (low[k] + (np.arange(n) + 0.5) / n * (point[k] - low[k]) for k in range(2))
    inside = losses[(losses < point).all(axis=1)]
    counts = np.zeros((n, n), dtype=int)
    for loss in inside:
        counts += np.outer(x >= loss[0], y >= loss[1])
    return counts


def test_shells_are_the_volumes_that_so_many_dominate() -> None:
    losses = np.random.default_rng(0).random((40, 2)) * [1.0, 50.0]
    point = np.array([0.9, 60.0])
    attainment = attainment_of(losses, point)
    cell = np.prod(point - losses.min(axis=0)) / 800**2
    counts = _grid_of(losses, point, 800)
    for k in range(1, 6):
        volume = cell * np.count_nonzero(counts == k)
        assert attainment.shells[k - 1] == pytest.approx(volume, rel=0.02)


@pytest.mark.parametrize(("m", "tolerance"), [(2, 1e-4), (3, 2e-3), (4, 1e-2)])
def test_volumes_and_those_of_parts_are_the_exact_ones(m: int, tolerance: float) -> None:
    rng = np.random.default_rng(m)
    losses, point = rng.normal(size=(60, m)), np.full(m, 2.0)
    inside = losses[(losses < point).all(axis=1)]
    inside = inside[np.lexsort(inside.T)]
    attainment = attainment_of(losses, point)
    assert attainment.n_inside == len(inside)
    whole = hypervolume(losses, point)
    assert attainment.hypervolume == pytest.approx(whole, rel=tolerance)
    is_kept = rng.random((5, len(inside))) < 0.6
    exact = [hypervolume(inside[kept], point) for kept in is_kept]
    assert attainment.of_parts(is_kept) == pytest.approx(exact, rel=tolerance)


def test_contributions_are_what_each_alone_dominates() -> None:
    losses, point = np.random.default_rng(3).random((25, 2)), np.ones(2)
    ordered = losses[np.lexsort(losses.T)]
    whole = hypervolume(losses, point)
    without = [whole - hypervolume(np.delete(ordered, i, axis=0), point) for i in range(25)]
    contributions = attainment_of(losses, point).contributions
    assert contributions == pytest.approx(without, abs=1e-3 * whole)
    assert contributions.sum() == pytest.approx(attainment_of(losses, point).shells[0])


def test_the_order_of_draws_and_the_scale_of_an_objective_change_nothing() -> None:
    losses, point = np.random.default_rng(4).random((30, 3)), np.ones(3)
    attainment = attainment_of(losses, point)
    again = attainment_of(losses[::-1], point)
    assert np.array_equal(again.volume, attainment.volume)
    scaled = attainment_of(losses * [1.0, 1000.0, 1.0], point * [1.0, 1000.0, 1.0])
    assert scaled.volume == pytest.approx(1000.0 * attainment.volume)


def test_no_draw_inside() -> None:
    attainment: Attainment = attainment_of(np.ones((3, 2)), np.ones(2))
    assert (attainment.n_inside, attainment.hypervolume) == (0, 0.0)
