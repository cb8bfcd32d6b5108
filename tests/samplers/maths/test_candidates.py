"""Candidates are points of the space, and the search finds what is best among them."""

from __future__ import annotations

import numpy as np
import pytest

from optuna_hpx.samplers.maths.branches import learn
from optuna_hpx.samplers.maths.candidates import Neighbourhood, maximise
from optuna_hpx.samplers.maths.encoding import Axis

NAN = np.nan
AXES = [Axis(), Axis(cells=(np.arange(5) + 0.5) / 5), Axis(4), Axis()]


def _trials(n: int, seed: int) -> np.ndarray:
    """Draw points; the last parameter is there with the first two choices only."""
    rng = np.random.default_rng(seed)
    u = np.column_stack(
        [rng.random(n), rng.choice(AXES[1].cells, n), rng.integers(0, 4, n), rng.random(n)]
    )
    u[u[:, 2] > 1, 3] = NAN
    return u


def _space(trials: np.ndarray, fixed: np.ndarray | None = None) -> Neighbourhood:
    return Neighbourhood(AXES, learn(trials, AXES), np.full(4, NAN) if fixed is None else fixed)


def _are_possible(points: np.ndarray) -> bool:
    numbers = points[:, [0, 1, 3]]
    assert ((numbers >= 0.0) & (numbers <= 1.0) | np.isnan(numbers)).all()
    assert np.isin(points[:, 1], AXES[1].cells).all()
    assert np.isin(points[:, 2], np.arange(4)).all()
    return bool((np.isnan(points[:, 3]) == (points[:, 2] > 1)).all())


@pytest.mark.parametrize("seed", range(5))
def test_candidates_are_always_possible(seed: int) -> None:
    trials, seen = _trials(30, seed), []

    def score(points: np.ndarray, _: int) -> np.ndarray:
        seen.append(points)
        return np.random.default_rng(0).random(len(points))

    maximise(score, _space(trials), trials, np.random.default_rng(seed))
    assert [len(points) for points in seen] == [350, 120, 120, 120]
    assert all(_are_possible(points) for points in seen)


def test_the_search_comes_near_the_best_point() -> None:
    trials = _trials(30, 0)
    goal = np.array([0.42, 0.7, 1.0, 0.9])

    def score(points: np.ndarray, _: int) -> np.ndarray:
        return -np.abs(np.nan_to_num(points, nan=5.0) - goal).sum(axis=1)

    best = maximise(score, _space(trials), trials, np.random.default_rng(0))
    assert best[1:3].tolist() == [0.7, 1.0]
    assert best == pytest.approx(goal, abs=0.03)


def test_what_is_fixed_stays() -> None:
    trials = _trials(30, 0)
    fixed = np.array([0.123, NAN, 3.0, NAN])

    def score(points: np.ndarray, _: int) -> np.ndarray:
        assert (points[:, [0, 2]] == [0.123, 3.0]).all()
        return points[:, 1]

    best = maximise(score, _space(trials, fixed), trials, np.random.default_rng(0))
    assert best[:3].tolist() == [0.123, 0.9, 3.0]
    assert np.isnan(best[3])


def test_a_move_changes_something_and_little() -> None:
    trials = _trials(400, 0)
    space = _space(trials)
    moved = space.moved(trials, np.full(400, 0.01), np.random.default_rng(0))
    is_same = (moved == trials) | (np.isnan(moved) & np.isnan(trials))
    changed = (~is_same).sum(axis=1)
    assert (changed > 0).all()
    assert 1.0 < changed.mean() < 3.5
    steps = np.abs(moved - trials)
    assert np.nanmax(steps[:, [0, 3]]) < 0.06
    cells = steps[:, 1][steps[:, 1] > 1e-9]
    assert cells == pytest.approx(np.full(len(cells), 0.2))
    choices = moved[~is_same[:, 2], 2]
    assert set(choices.tolist()) == {0.0, 1.0, 2.0, 3.0}


def test_a_single_cell_or_choice_stays_where_it_is() -> None:
    axes = [Axis(cells=np.array([0.5])), Axis(1), Axis()]
    trials = np.array([[0.5, 0.0, 0.2], [0.5, 0.0, 0.4]])
    space = Neighbourhood(axes, learn(trials, axes), np.full(3, NAN))
    moved = space.moved(trials, np.full(2, 0.5), np.random.default_rng(0))
    assert moved[:, :2].tolist() == trials[:, :2].tolist()
