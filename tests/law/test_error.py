"""Why there is no law: a reason for the page, advice for the programmer."""

from __future__ import annotations

import math
import pickle

import optuna
import pytest

from optuna_hpx import AsymptoticLaw
from optuna_hpx.law import NoLawError


def test_the_text_is_the_reason_and_the_advice() -> None:
    error = NoLawError("There are too few.", "Draw more.")
    assert isinstance(error, ValueError)
    assert str(error) == "There are too few. Draw more."
    assert str(NoLawError("There are too few.")) == "There are too few."


def test_it_can_be_sent_to_another_process() -> None:
    sent = NoLawError("There are too few.", "Draw more.", needs_draws=True)
    error = pickle.loads(pickle.dumps(sent))
    assert error.needs_draws
    assert (error.reason, error.advice) == ("There are too few.", "Draw more.")
    assert str(error) == "There are too few. Draw more."


def test_the_reason_of_a_short_study_is_one_sentence() -> None:
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(n_startup_trials=3, seed=0))
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=12)
    with pytest.raises(NoLawError) as raised:
        AsymptoticLaw.fit_study(study)
    assert raised.value.reason == (
        "The law needs at least 20 complete independent random draws; there are 3."
    )
    assert raised.value.advice.startswith("Left out: 9 ")


def test_wrong_arguments_are_another_matter() -> None:
    with pytest.raises(ValueError, match="`direction`") as raised:
        AsymptoticLaw.fit([0.0] * 30, direction="up")
    assert not isinstance(raised.value, NoLawError)
    with pytest.raises(NoLawError) as raised:
        AsymptoticLaw.fit([0.0] * 30 + [math.inf], n_censored=2)
    assert str(raised.value) == (
        "The law needs at least 3 different scores; of the 30 there is 1."
    )
