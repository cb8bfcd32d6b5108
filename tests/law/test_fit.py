"""From draws to a law: what is refused, and what is warned of."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from optuna_hpx.law import NoLawError
from optuna_hpx.law._draws import draws_of_scores
from optuna_hpx.law._fit import describe_doubts, fit_draws, noise_knowledge
from optuna_hpx.law._settings import LawSettings
from optuna_hpx.law.maths.noise import NOISELESS, UNKNOWN, NoiseKnowledge

ONE = LawSettings(max_dimension=1)


def _scores(n: int) -> np.ndarray:
    return np.random.default_rng(0).random(n)


@pytest.mark.parametrize("direction", ["minimize", "maximize"])
def test_twenty_draws_are_enough_and_nineteen_are_not(direction: str) -> None:
    fit_draws(draws_of_scores(_scores(20), direction, 0), ONE)
    with pytest.raises(NoLawError, match="there are 19, and 5 that are infinitely bad"):
        fit_draws(draws_of_scores(_scores(19), direction, 5), ONE)


@pytest.mark.parametrize(
    ("direction", "n_inside"), [("minimize", "12"), ("maximize", "28")], ids=["min", "max"]
)
def test_a_threshold_leaves_the_good_side(direction: str, n_inside: str) -> None:
    sample = draws_of_scores(np.linspace(0.0, 1.0, 40), direction, 0)
    threshold = 0.3
    if direction == "minimize":
        with pytest.raises(NoLawError, match=f"within `threshold`; there are {n_inside}"):
            fit_draws(sample, LawSettings(threshold, 1))
    else:
        assert str(len(fit_draws(sample, LawSettings(threshold, 1)).regime.inside)) == n_inside


def test_infinitely_bad_scores_are_censored_draws() -> None:
    sample = draws_of_scores([*_scores(25), np.inf, np.inf], "minimize", 3)
    assert (len(sample.losses), sample.n_censored, len(sample)) == (25, 5, 30)
    assert fit_draws(sample, ONE).n_trials == 30


def test_doubts() -> None:
    losses = np.array([0.0, 0.0, 1.0, 2.0])
    assert describe_doubts(losses, 0.3, describes=True) == []
    assert describe_doubts(losses, 0.012, describes=False) == [
        "The law does not describe these trials (goodness of fit p = 0.012)."
    ]
    assert "p < 0.001" in describe_doubts(losses, 1e-9, describes=False)[0]
    assert describe_doubts(np.zeros(3), 0.3, describes=True, is_best_at_bound=True) == []
    (doubt,) = describe_doubts(np.zeros(3), 0.3, describes=True)
    assert doubt.startswith("3 trials share the best score.")


def test_bounds_hold_all_scores() -> None:
    sample = draws_of_scores(_scores(25), "maximize", 0)
    with pytest.raises(ValueError, match="`bounds` must hold all scores"):
        fit_draws(sample, LawSettings(max_dimension=1, bounds=(0.5, None)))
    assert fit_draws(sample, LawSettings(max_dimension=1, bounds=(0.0, 1.0))).units.bounds == (
        0,
        1,
    )
    assert fit_draws(sample, ONE).units.bounds == (-np.inf, np.inf)
    shares = draws_of_scores(np.round(313 * _scores(25)) / 313, "maximize", 0)
    assert fit_draws(shares, ONE).units.bounds == (0.0, 1.0)


def test_what_is_known_of_the_noise() -> None:
    sample = draws_of_scores(_scores(25), "minimize", 0)
    assert noise_knowledge(sample, "auto") == UNKNOWN
    assert noise_knowledge(sample, 0.0) == NOISELESS
    assert noise_knowledge(sample, 0.5) == NoiseKnowledge(0.0, 0.5, 100.0)
    assert noise_knowledge(replace(sample, noise=(0.1, 3)), "auto") == NoiseKnowledge(0.0, 0.1, 3)
    assert noise_knowledge(replace(sample, noise=(0.1, 3)), 0.0) == NOISELESS
    equal = replace(sample, noise=(0.0, 2))
    assert noise_knowledge(equal, "auto") == NOISELESS
    rounded = replace(equal, losses=np.round(sample.losses, 1))
    assert noise_knowledge(rounded, "auto") == UNKNOWN, "rounding may have made them equal"


def test_noise_that_the_scores_cannot_have() -> None:
    scores = np.random.default_rng(0).random(60)
    with pytest.raises(ValueError, match="must not be larger than scores vary, got 10"):
        fit_draws(draws_of_scores(scores, "minimize", 0), LawSettings(noise_std=10.0))
    fit_draws(draws_of_scores(scores, "minimize", 0), LawSettings(noise_std=0.3))
