"""What the page says of a sampler's beliefs and of cost."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import optuna
import pytest

from optuna_hpx import HsicSampler, SamplerBeliefs, TrialTable
from optuna_hpx.canvas.material import Material
from optuna_hpx.samplers._fallbacks import Fallback
from optuna_hpx.samplers.section import (
    _beliefs_section,
    describe_beliefs,
    describe_cost,
    describe_fallback,
    sections,
)
from tests.samplers.figures.test_cost import _table


def _beliefs(activity: list[float], cost: list[float]) -> SamplerBeliefs:
    names = tuple("abcdefgh"[: len(activity)])
    return SamplerBeliefs(
        names, np.array([20]), np.array([17]), np.array([activity]), np.array([cost])
    )


def test_what_counted_and_what_costs() -> None:
    nan = float("nan")
    said = describe_beliefs(_beliefs([1.0, 0.6, 0.05], [0.0, 0.7, 0.1]))
    assert said == (
        "After 17 finished trials HsicSampler's screening pointed most to a and b and hardly to "
        "1 other. "
        "What a trial costs depends most on b."
    )
    assert describe_beliefs(_beliefs([0.3, 0.2], [nan, nan])) == (
        "After 17 finished trials no parameter stood out."
    )
    many = describe_beliefs(_beliefs([1.0] + [0.9] * 6, [nan] * 7))
    assert "a, b, c, d and 3 more" in many
    unscreened = describe_beliefs(_beliefs([1.0] * 3, [0.0, 0.7, 0.1]))
    assert unscreened == "What a trial costs depends most on b."


def test_the_best_and_the_fastest_good_trial() -> None:
    assert describe_cost(_table()) == "The best trial took 4 s."


def test_cost_is_shown_where_trials_took_long() -> None:
    table = _table()
    assert sections(Material.of(table)) == [], "ten seconds in all are not worth a chart"
    slow = replace(table, durations=10.0 * table.durations)
    (section,) = sections(Material.of(slow))
    assert section.title == "Quality against cost"
    assert section.answer == describe_cost(slow)
    assert section.charts[0].label == "Chart: quality and duration of 6 trials"
    several = _table(("minimize", "minimize"))
    assert sections(Material.of(replace(several, durations=10.0 * several.durations))) == []


def test_beliefs_are_shown_where_there_are_some() -> None:
    study = optuna.create_study(sampler=HsicSampler(seed=0))
    study.optimize(
        lambda trial: trial.suggest_float("x", 0, 1) ** 2 + trial.suggest_float("y", 0, 1), 40
    )
    for trials in (study, TrialTable.from_study(study)):
        (section,) = sections(Material.of(trials))
        assert section.title == "What the sampler believed"
        assert section.answer.startswith("After ")
        assert section.charts[0].label == "Chart: what the sampler believed of 2 parameters"


def test_trials_left_to_plain_tpe_are_warned_of() -> None:
    sampler = HsicSampler(seed=0, surrogate=False)
    study = optuna.create_study(directions=["minimize"] * 2, sampler=sampler)
    with pytest.warns(UserWarning, match="to plain TPE"):
        study.optimize(lambda trial: (trial.suggest_float("x", 0, 1), 0.0), 12)
    (section,) = sections(Material.of(study))
    assert section.title == "What the sampler believed"
    assert section.charts == ()
    assert section.warnings == (
        "2 trials, the first of them 10, were chosen by plain TPE, because without a Gaussian "
        "process HsicSampler screens no parameters in a study with several objectives.",
    )


def test_beliefs_and_trials_left_to_plain_tpe_stand_together() -> None:
    beliefs = _beliefs([1.0, 0.2], [float("nan")] * 2)
    partly = replace(beliefs, fallbacks=(Fallback("alone", "", (31,)),))
    section = _beliefs_section(partly, _table())
    assert section.answer.startswith("After 17 finished trials")
    assert section.warnings == (
        "Trial 31 was, at least in part, chosen by plain TPE, because a parameter that is chosen "
        "by itself has no other to be screened against.",
    )
    changed = Fallback("tpe", "its methods have changed", (3, 5))
    assert describe_fallback(changed).endswith("expects (its methods have changed).")


def _timed_study(sampler: HsicSampler) -> optuna.Study:
    study = optuna.create_study(sampler=sampler)
    start = datetime(2026, 1, 1)
    for k in range(12):
        trial = optuna.create_trial(
            params={"x": k / 12},
            distributions={"x": optuna.distributions.FloatDistribution(0, 1)},
            value=float(k),
        )
        trial.datetime_start = start
        trial.datetime_complete = start + timedelta(seconds=10 + k)
        study.add_trial(trial)
    return study


def test_a_users_cost_is_asked_once_for_each_trial() -> None:
    asked = []

    def cost(trial: optuna.trial.FrozenTrial) -> float:
        asked.append(trial.number)
        return 1.0 + trial.number

    (section,) = sections(Material.of(_timed_study(HsicSampler(cost=cost))))
    assert section.answer.startswith("The best trial cost 1")
    assert sorted(asked) == list(range(12))


def test_a_cost_that_cannot_be_read_leaves_the_time_and_says_so() -> None:
    def cost(trial: optuna.trial.FrozenTrial) -> float:
        return float(trial.user_attrs["flops"])

    (section,) = sections(Material.of(_timed_study(HsicSampler(cost=cost))))
    assert section.answer.startswith("The best trial took 10 s")
    assert len(section.warnings) == 1
    assert "raised KeyError: 'flops'" in section.warnings[0]
    assert len(section.charts) == 1
