"""Of which trials the page shows a law, and what it says of them."""

from __future__ import annotations

import optuna
import pandas as pd
import pytest

from optuna_hpx import HsicSampler, InterleavedSampler, TrialTable
from optuna_hpx.law._page_law import law_of

optuna.logging.set_verbosity(optuna.logging.WARNING)


def _table(sampler: optuna.samplers.BaseSampler, n_trials: int = 40) -> TrialTable:
    study = optuna.create_study(sampler=sampler)
    study.optimize(_objective, n_trials=n_trials)
    return TrialTable.from_study(study)


def _objective(trial: optuna.Trial) -> float:
    return (trial.suggest_float("x", -1, 1) - 0.3) ** 2 + trial.suggest_float("y", 0, 1) ** 2


def _random(seed: int = 0) -> optuna.samplers.RandomSampler:
    return optuna.samplers.RandomSampler(seed=seed)


def test_trials_that_look_random() -> None:
    law, note = law_of(_table(_random()))
    assert law is not None
    assert law.n_trials == 40
    assert "if these trials were drawn at random, as they look" in note


def test_trials_that_are_known_to_be_random() -> None:
    law, note = law_of(_table(_random()), at_random=True)
    assert law is not None
    assert "These trials are independent random draws" in note


def test_an_enqueued_trial_does_not_make_a_study_adaptive() -> None:
    study = optuna.create_study(sampler=_random())
    study.enqueue_trial({"x": 0.3, "y": 0.0})
    study.optimize(_objective, n_trials=40)
    law, _ = law_of(TrialTable.from_study(study))
    assert law is not None
    assert law.n_trials == 39


@pytest.mark.parametrize(
    "sampler",
    [
        optuna.samplers.TPESampler(seed=0, n_startup_trials=30),
        optuna.samplers.NSGAIISampler(seed=0),
        HsicSampler(seed=0),
    ],
    ids=lambda sampler: type(sampler).__name__,
)
def test_adaptive_samplers_have_no_law(sampler: optuna.samplers.BaseSampler) -> None:
    law, note = law_of(_table(sampler))
    assert law is None
    assert note.startswith(("These trials do not lie evenly", "A sampler that learns"))
    assert "InterleavedSampler makes some" in note


def test_trials_that_lie_unevenly_have_no_law() -> None:
    study = optuna.create_study(sampler=_random())
    dist = optuna.distributions.FloatDistribution(0, 1)
    for k in range(60):
        x = 0.2 * (k / 60)
        study.add_trial(
            optuna.create_trial(params={"x": x}, distributions={"x": dist}, value=x**2)
        )
    law, note = law_of(TrialTable.from_study(study))
    assert law is None
    assert "do not lie evenly in the search space (see x)" in note


def test_the_random_trials_among_others() -> None:
    inner = optuna.samplers.TPESampler(seed=0)
    law, note = law_of(_table(InterleavedSampler(inner, every=2, seed=0), 60))
    assert law is not None
    assert law.n_trials == 30
    assert "InterleavedSampler drew at random" in note


def test_rows_of_a_file() -> None:
    frame = pd.DataFrame({"x": range(40), "y": [k * k % 41 for k in range(40)]})
    law, note = law_of(TrialTable.from_frame(frame, params=["x"], value="y"))
    assert law is not None
    assert note.startswith("Each row is taken as an independent random draw")


def test_too_few_trials() -> None:
    law, note = law_of(_table(_random(), 5))
    assert law is None
    assert note.startswith("The law needs at least")
    assert "got 5" in note
    assert note.endswith(".")
    assert "`" not in note, "no advice in code"


def test_no_parameters() -> None:
    study = optuna.create_study()
    for _ in range(30):
        study.tell(study.ask(), 1.0)
    law, note = law_of(TrialTable.from_study(study))
    assert law is None
    assert "no parameters" in note


def test_several_objectives() -> None:
    study = optuna.create_study(directions=["minimize"] * 2, sampler=_random())
    study.optimize(lambda trial: (trial.suggest_float("x", 0, 1), 1.0), n_trials=5)
    assert law_of(TrialTable.from_study(study)) == (None, "")
