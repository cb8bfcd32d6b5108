"""What is to be improved on: the best loss, or the front up to a reference point."""

from __future__ import annotations

import numpy as np
import pytest

from optuna_hpx.samplers.maths.goal import Goal
from optuna_hpx.samplers.maths.hypervolume_improvement import log_hypervolume_improvement
from optuna_hpx.samplers.maths.improvement import log_expected_improvement


def test_of_one_objective_it_is_the_best_loss() -> None:
    goal = Goal.of(np.array([[0.3], [0.1], [0.4]]), np.array([[-5.0], [0.3]]))
    assert goal.best == 0.1
    mean, deviation = np.array([0.0, 3.0]), np.array([1.0, 0.1])
    expected = log_expected_improvement(mean, deviation, 0.1)
    assert goal.log_gain([mean], [deviation]) == pytest.approx(expected)


def test_a_gain_grows_with_each_deviation_and_falls_with_each_mean() -> None:
    """What the bound of the acquisition rests on."""
    rng = np.random.default_rng(0)
    rivals = rng.random((12, 3))
    goal = Goal.of(rivals, rivals)
    means, deviations = rng.uniform(-0.5, 1.5, (3, 200)), rng.uniform(0.01, 1.0, (3, 200))
    gain = goal.log_gain(means, deviations)
    expected = log_hypervolume_improvement(means, deviations, goal.lower, goal.upper)
    assert gain == pytest.approx(expected)
    for k in range(3):
        step = np.zeros((3, 1))
        step[k] = 0.01
        assert (goal.log_gain(means, deviations + step) > gain).all()
        assert (goal.log_gain(means + step, deviations) < gain).all()


def test_the_front_is_moved_and_every_other_time_its_ends_are() -> None:
    front = np.array([[0.0, 1.0], [1.0, 0.0]])
    losses = np.vstack([front, [[0.5, 3.0], [2.0, 2.0]]])
    near = Goal.of(front, losses[:3]).upper.max(axis=0)
    assert near == pytest.approx([1.101, 1.101])
    assert Goal.of(front, losses).upper.max(axis=0) == pytest.approx([2.0, 3.0])
    assert Goal.of(front, front).upper.max(axis=0) == pytest.approx(near), "nothing is beyond"
