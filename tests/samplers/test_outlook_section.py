"""What the page says of what the Gaussian process expects."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import optuna
import pytest

from optuna_hpx import HsicSampler, SamplerBeliefs, TrialTable, sampler_beliefs
from optuna_hpx.samplers._outlook import Optimum, SurrogateOutlook
from optuna_hpx.samplers._outlook_section import (
    describe_outlook,
    describe_scales,
    outlook_section,
)

optuna.logging.set_verbosity(optuna.logging.WARNING)


def _outlook(**changes: object) -> SurrogateOutlook:
    outlook = SurrogateOutlook(
        n_trials=80,
        names=("x", "kind", "idle"),
        length_scales=np.array([0.2, 0.35, 4.0]),
        optimum=Optimum(
            params={"idle": 3, "kind": "a", "x": 0.123456789},
            value=0.5,
            low=0.4012,
            high=0.6093,
            probability_feasible=1.0,
        ),
        expected_improvement=0.001,
        n_more=10,
        improvement_at_most=0.01666,
    )
    return replace(outlook, **changes)  # type: ignore[arg-type]


def _beliefs(outlook: SurrogateOutlook | None, absence: str = "") -> SamplerBeliefs:
    nothing = np.zeros((0, 0))
    numbers = np.zeros(0, dtype=int)
    return SamplerBeliefs(
        (), numbers, numbers, nothing, nothing, outlook=outlook, outlook_absence=absence
    )


def _table(direction: str = "minimize", n: int = 45) -> TrialTable:
    study = optuna.create_study(direction=direction)
    for value in (0.7, 0.4567, 0.9, *[0.7] * (n - 3)):
        study.add_trial(optuna.create_trial(value=value))
    study.add_trial(optuna.create_trial(state=optuna.trial.TrialState.FAIL))
    return TrialTable.from_study(study)


def test_what_a_trial_at_the_optimum_gives_and_what_ten_more_bring() -> None:
    assert describe_outlook(_outlook(), _table()) == [
        "After 80 finished trials the process is surest of a good result at the values in the "
        "table: a new trial there would give 0.4 to 0.61 (95 %); the best trial gave 0.46.",
        "10 more trials by this sampler improve the best value by at most 0.017 (95 %): "
        "if that is not worth them, the study can end here.",
    ]


def test_the_best_trial_is_that_of_the_direction() -> None:
    narrow = replace(_outlook().optimum, low=0.85, high=0.95)
    first, _ = describe_outlook(_outlook(optimum=narrow), _table("maximize"))
    assert first.endswith("the best trial gave 0.9.")


def test_constraints_are_met_with_a_probability() -> None:
    doubtful = _outlook(optimum=replace(_outlook().optimum, probability_feasible=0.8))
    assert describe_outlook(doubtful, _table())[1] == (
        "By its own estimate the constraints are met there with a probability of "
        "80\N{NO-BREAK SPACE}%."
    )


def test_what_is_as_wide_as_the_trials_differ_is_not_said() -> None:
    wide = replace(_outlook().optimum, low=-1.0, high=2.0)
    first, second = describe_outlook(_outlook(optimum=wide, improvement_at_most=0.3), _table())
    assert first.endswith(
        "at the values in the table; what a new trial there would give cannot be told yet."
    )
    cannot = "By how much 10 more trials may improve the best value cannot be told yet."
    assert second == cannot
    assert describe_outlook(_outlook(improvement_at_most=None), _table())[1] == cannot


def test_few_trials_tell_nothing() -> None:
    first, second = describe_outlook(_outlook(), _table(n=44))
    assert "cannot be told yet" in first
    assert "cannot be told yet" in second
    assert "at most 0.017" in describe_outlook(_outlook(), _table(n=45))[1]


def test_no_trial_is_feasible() -> None:
    study = optuna.create_study()
    study.add_trial(optuna.create_trial(state=optuna.trial.TrialState.FAIL))
    said = describe_outlook(_outlook(), TrialTable.from_study(study))
    assert said == ["No trial is feasible yet, and nothing can be told."]


@pytest.mark.parametrize(
    ("scales", "said"),
    [
        (
            [0.2, 0.35, 4.0],
            [
                "Results change fastest with x and kind, and hardly, as far as it can tell, with "
                "1 other."
            ],
        ),
        ([0.2, 0.5, 2.0], ["Results change fastest with x."]),
        ([1.2, 1.5, 4.0], []),
    ],
)
def test_length_scales_in_words(scales: list[float], said: list[str]) -> None:
    assert describe_scales(_outlook(length_scales=np.array(scales))) == said


def test_parameters_that_the_optimum_does_not_have_are_not_spoken_of() -> None:
    optimum = replace(_outlook().optimum, params={"x": 0.5})
    assert describe_scales(_outlook(optimum=optimum)) == ["Results change fastest with x."]
    optimum = replace(optimum, params={"idle": 3})
    assert describe_scales(_outlook(optimum=optimum)) == []


def test_few_trials_tell_no_parameter_from_another() -> None:
    assert describe_scales(_outlook(n_trials=79)) == []


def test_the_table_has_values_as_they_are() -> None:
    (table,) = outlook_section(_beliefs(_outlook()), _table()).tables
    assert table.rows == (("x", "0.123457", "0.2"), ("kind", "a", "0.35"), ("idle", "3", "4"))
    many = tuple(f"p{k}" for k in range(60))
    optimum = Optimum(dict.fromkeys(many, 0.5), 0.5, 0.4, 0.6, 1.0)
    wide = _outlook(names=many, length_scales=np.full(60, 0.5), optimum=optimum)
    (table,) = outlook_section(_beliefs(wide), _table()).tables
    assert len(table.rows) == 40
    assert table.caption.endswith("40 of 60 parameters, of the shortest length scales")


def test_without_an_outlook_the_reason_stands() -> None:
    section = outlook_section(_beliefs(None, "no trial was chosen by it"), _table())
    assert section.basis == "Nothing can be told: no trial was chosen by it."
    assert section.charts == ()
    assert not outlook_section(_beliefs(None), _table()).has_content


def test_a_study() -> None:
    study = optuna.create_study(sampler=HsicSampler(seed=0))
    study.optimize(
        lambda t: (t.suggest_float("x", 0, 1) - 0.3) ** 2 + 0 * t.suggest_float("idle", 0, 1), 80
    )
    section = outlook_section(sampler_beliefs(study), TrialTable.from_study(study))
    assert "After 80 finished trials the process is surest" in section.answer
    assert "Results change fastest with x" in section.answer
    assert section.tables[0].rows[0][0] == "x"
    assert len(section.charts) == 1
