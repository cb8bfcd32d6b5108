"""Hypervolumes, against volumes counted by hand and by boxes."""

from __future__ import annotations

import itertools

import numpy as np
import optuna
import pytest

from optuna_hpx.trials.hypervolume import hypervolume, hypervolume_history


def _by_boxes(losses: np.ndarray, reference_point: np.ndarray) -> float:
    """Add up all boxes of the grid that the coordinates make, which some loss dominates."""
    m = len(reference_point)
    inside = losses[(losses < reference_point).all(axis=1)]
    axes = [np.unique(np.append(inside[:, k], reference_point[k])) for k in range(m)]
    total = 0.0
    for cell in itertools.product(*(range(len(axis) - 1) for axis in axes)):
        low = np.array([axis[i] for axis, i in zip(axes, cell, strict=True)])
        if (inside <= low).all(axis=1).any():
            total += float(np.prod([axes[k][i + 1] - axes[k][i] for k, i in enumerate(cell)]))
    return total


@pytest.mark.parametrize("m", [2, 3, 4])
def test_as_boxes_have_it(m: int) -> None:
    losses = np.random.default_rng(m).random((8, m))
    losses[3] = np.inf
    losses[5] = losses[4]
    point = np.full(m, 0.9)
    assert hypervolume(losses, point) == pytest.approx(_by_boxes(losses, point))


def test_nothing_inside_has_no_volume() -> None:
    assert hypervolume(np.array([[1.0, 0.0], [np.inf, np.inf]]), np.array([1.0, 1.0])) == 0.0
    rows, values = hypervolume_history(np.ones((3, 2)), np.array([1.0, 1.0]))
    assert len(rows) == len(values) == 0


@pytest.mark.parametrize("m", [2, 3])
def test_the_history_is_that_of_the_first_so_many(m: int) -> None:
    losses = np.random.default_rng(m).normal(size=(40, m))
    losses[7] = np.inf
    point = np.full(m, 1.0)
    rows, values = hypervolume_history(losses, point)
    expected = np.array([hypervolume(losses[: n + 1], point) for n in range(40)])
    followed = np.zeros(40)
    for row, value in zip(rows, values, strict=True):
        followed[row:] = value
    assert followed == pytest.approx(expected)
    assert np.array_equal(rows, np.flatnonzero(np.diff(expected, prepend=0.0) > 1e-12))


def test_it_is_what_optuna_plots() -> None:
    study = optuna.create_study(
        directions=["minimize", "maximize"], sampler=optuna.samplers.RandomSampler(seed=0)
    )
    study.optimize(
        lambda trial: (trial.suggest_float("x", 0, 1), trial.suggest_float("y", 0, 1)), n_trials=30
    )
    figure = optuna.visualization.plot_hypervolume_history(study, [1.0, 0.0])
    losses = np.array([[trial.values[0], -trial.values[1]] for trial in study.trials])
    assert hypervolume(losses, np.array([1.0, 0.0])) == pytest.approx(figure.data[0].y[-1])
