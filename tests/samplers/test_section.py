"""What the page says of a sampler's beliefs and of cost."""

from __future__ import annotations

import numpy as np

from optuna_hpx import SamplerBeliefs
from optuna_hpx.samplers.section import on_beliefs, on_cost
from tests.samplers.figures.test_beliefs import _table


def _beliefs(activity: list[float], cost: list[float]) -> SamplerBeliefs:
    names = tuple("abcdefgh"[: len(activity)])
    return SamplerBeliefs(
        names, np.array([20]), np.array([17]), np.array([activity]), np.array([cost])
    )


def test_what_counted_and_what_costs() -> None:
    nan = float("nan")
    said = on_beliefs(_beliefs([1.0, 0.6, 0.05], [0.0, 0.7, 0.1]))
    assert said == (
        "After 17 finished trials HsicSampler looked most at a and b and hardly at 1 other. "
        "What a trial costs depends most on b."
    )
    assert on_beliefs(_beliefs([0.3, 0.2], [nan, nan])) == (
        "After 17 finished trials no parameter stood out."
    )
    many = on_beliefs(_beliefs([1.0] + [0.9] * 6, [nan] * 7))
    assert "a, b, c, d and 3 more" in many
    unscreened = on_beliefs(_beliefs([1.0] * 3, [0.0, 0.7, 0.1]))
    assert unscreened == "What a trial costs depends most on b."


def test_the_best_and_the_fastest_good_trial() -> None:
    assert on_cost(_table()) == "The best trial took 4 s."
