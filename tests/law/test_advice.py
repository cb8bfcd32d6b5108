"""Whether to go on, as the page opens with it."""

from __future__ import annotations

import numpy as np
import optuna
import pytest

from optuna_hpx import AsymptoticLaw, InterleavedSampler, tuning_curve_band
from optuna_hpx.canvas.section import Urgency
from optuna_hpx.law import _advice as advice


def _study(n: int, sampler: optuna.samplers.BaseSampler | None = None) -> optuna.Study:
    study = optuna.create_study(sampler=sampler or optuna.samplers.RandomSampler(seed=0))
    study.optimize(lambda t: sum(t.suggest_float(name, -1, 1) ** 2 for name in "xyz"), n)
    return study


def test_what_more_trials_bring_is_the_exact_probability() -> None:
    law = AsymptoticLaw.fit_study(_study(50))
    assert advice.verdict_of(law) == (
        "50 more random trials improve the best with probability 50\N{NO-BREAK SPACE}%."
    )
    assert advice.verdict_of(law, is_open=True).startswith("If these trials are independent")


def test_nothing_is_said_of_a_sampler_s_best_without_a_law() -> None:
    sampler = optuna.samplers.TPESampler(seed=0)
    band = tuning_curve_band(_study(60, sampler))
    assert band.n_left_out
    text = advice.verdict_of(band)
    assert "cannot be told yet" in text
    assert "probability" not in text


@pytest.mark.parametrize(
    ("chance", "deed"),
    [(0.7, "Going on may"), (0.3, "A sampler that learns may"), (0.05, "you may stop")],
)
def test_the_advice_follows_the_chance_and_says_may(chance: float, deed: str) -> None:
    action = advice._go_on(chance, 50, "Because.", is_open=False)
    assert deed in action.deed
    assert "may" in action.deed
    assert action.urgency is Urgency.DECIDE
    assert "may be wrong" in action.confidence


def test_no_end_is_advised_of_a_sampler_s_search() -> None:
    """Random draws tell nothing of how a sampler that learns goes on."""
    tpe = optuna.samplers.TPESampler(seed=0)
    study = _study(100, InterleavedSampler(tpe, every=3, seed=0))
    law = AsymptoticLaw.fit_study(study)
    assert law.n_left_out
    assert not any(a.urgency is Urgency.DECIDE for a in advice.actions_of_law(law))
    drawn = AsymptoticLaw.fit_study(_study(50))
    assert drawn.describes
    assert any(a.urgency is Urgency.DECIDE for a in advice.actions_of_law(drawn))


def test_noise_that_is_sure_asks_for_another_look_at_the_best() -> None:
    rng = np.random.default_rng(0)
    scores = rng.random((400, 2)).sum(axis=1) ** 2 / 100 + rng.normal(0, 0.5, 400)
    law = AsymptoticLaw.fit(scores)
    has_noise = law.describes and law.interval("noise_std")[0] > 0.0
    deeds = [action.deed for action in advice.actions_of_law(law)]
    assert any("again" in deed for deed in deeds) == has_noise
    smooth = AsymptoticLaw.fit_study(_study(100))
    assert smooth.interval("noise_std")[0] == 0.0
    assert not any("again" in action.deed for action in advice.actions_of_law(smooth))


def test_random_trials_that_a_law_lacks_are_offered() -> None:
    (action,) = advice.actions_of_band(tuning_curve_band(_study(12)))
    assert "8 more random trials" in action.deed
    assert advice.actions_of_band(tuning_curve_band(_study(12)), is_open=True) == ()
    assert advice.actions_of_band(tuning_curve_band(_study(25))) == ()
    (action,) = advice.actions_without_draws()
    assert "20 more random trials" in action.deed


def test_draws_without_a_score_are_not_among_those_that_a_law_needs() -> None:
    def fails_first(trial: optuna.Trial) -> float:
        x = trial.suggest_float("x", -1, 1)
        if trial.number < 8:
            raise RuntimeError
        return x**2

    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    study.optimize(fails_first, 20, catch=RuntimeError)
    (action,) = advice.actions_of_band(tuning_curve_band(study))
    assert "8 more random trials" in action.deed
    study.optimize(fails_first, 8)
    assert AsymptoticLaw.fit_study(study).n_trials == 28


def test_the_numbers_are_plain() -> None:
    law = AsymptoticLaw.fit_study(_study(50))
    data = advice.data_of(law)
    assert data["n_trials"] == 50
    assert data["probability_of_improvement"] == law.probability_of_improvement(50)
    assert data["has_law"] == law.describes
    data = advice.data_of(tuning_curve_band(_study(12)))
    assert not data["has_law"]
    assert "best_possible" not in data
