"""The order of trials, and those that are learnt from."""

from __future__ import annotations

import numpy as np

from optuna_hpx.samplers.maths.outcomes import Outcomes


def test_trials_are_ordered_and_thinned() -> None:
    losses = np.array([3.0, np.nan, 1.0, 2.0, 0.5])
    g = np.array([-1.0, -1.0, -1.0, -1.0, 2.0])
    outcomes = Outcomes(losses[:, None], g[:, None], g > 0.0)
    assert outcomes.order.tolist() == [2, 3, 0, 4, 1]
    assert outcomes.thinned().tolist() == [2, 3, 0, 4, 1], "the best first"
    none = np.zeros((1500, 1))
    many = Outcomes(np.random.default_rng(0).random((1500, 1)), none, none[:, 0] > 0.0)
    rows = many.thinned()
    assert len(rows) == len(set(rows.tolist())) == 400
    assert rows[0] == np.argmin(many.losses)
    assert set(many.order[:200].tolist()) <= set(rows.tolist())
    others = np.setdiff1d(rows, many.order[:200])
    assert np.bincount(others // 300, minlength=5).min() >= 30, "of all times"


def test_of_several_objectives_those_on_the_front_come_first_evenly_spread() -> None:
    x = np.linspace(0.0, 1.0, 9)
    front = np.column_stack([x, (1.0 - x) ** 2])
    losses = np.vstack([front + 0.1, front, [[np.nan, np.nan]], [[-1.0, -1.0]]])
    g = np.append(np.full(19, -1.0), 1.0)
    outcomes = Outcomes(losses, g[:, None], g > 0.0)
    assert outcomes.is_candidate.tolist() == [True] * 18 + [False] * 2
    assert set(outcomes.order[:9].tolist()) == set(range(9, 18))
    assert np.diff(np.sort(x[outcomes.order[:4] - 9])).min() >= 0.25
    assert outcomes.order[-2:].tolist() == [19, 18], "infeasible, and without losses"


def test_a_guess_is_nothing_to_improve_on() -> None:
    """A pruned trial may be feasible where no complete one is."""
    losses, none = np.array([[1.0], [2.0], [3.0]]), np.zeros((3, 0))
    outcomes = Outcomes(
        losses, none, np.array([True, False, False]), np.array([False, True, False])
    )
    assert outcomes.is_candidate.tolist() == [False, False, True]
    assert outcomes.take(np.array([1])).is_candidate.tolist() == [False]
