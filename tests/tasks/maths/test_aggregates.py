"""Aggregates: cannot_win against all ways in which the tasks to come may turn out."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from optuna_hpx.tasks.maths.aggregates import AGGREGATES, cannot_win


@pytest.mark.parametrize("aggregate", ["median", "worst"])
@pytest.mark.parametrize("n_tasks", [3, 4, 5])
def test_what_cannot_win_is_worse_however_the_rest_turns_out(aggregate: str, n_tasks: int) -> None:
    """Losses to come of -1, 0, 1 or 2, where those of the best are 0 to 1."""
    rng = np.random.default_rng(n_tasks)
    n_lost = 0
    for _ in range(60):
        best = rng.integers(0, 2, n_tasks).astype(float)
        losses = rng.integers(0, 3, rng.integers(1, n_tasks + 1)).astype(float)
        bar = AGGREGATES[aggregate](best)
        ends = [
            AGGREGATES[aggregate]([*losses, *rest])
            for rest in product([-1.0, 0.0, 1.0, 2.0], repeat=n_tasks - len(losses))
        ]
        if cannot_win(losses, best, aggregate):
            n_lost += 1
            assert min(ends) > bar
        elif aggregate == "worst":
            assert min(ends) <= bar
    assert n_lost > 5


def test_a_mean_of_which_no_float_holds_the_sum() -> None:
    losses = np.array([[1.2e308, 1.0e308, 0.8e308], [1.0, 2.0, 6.0]])
    with np.errstate(all="raise"):
        means = AGGREGATES["mean"](losses, axis=1)
        assert AGGREGATES["mean"](losses[0]) == pytest.approx(1e308)
    np.testing.assert_allclose(means, [1e308, 3.0])
    assert AGGREGATES["mean"]([1.0, np.inf]) == np.inf


def test_aggregates_of_losses() -> None:
    losses = np.array([[0.0, 1.0, 5.0]])
    worth = [function(losses, axis=1)[0] for function in AGGREGATES.values()]
    assert dict(zip(AGGREGATES, worth, strict=True)) == {"mean": 2.0, "median": 1.0, "worst": 5.0}
