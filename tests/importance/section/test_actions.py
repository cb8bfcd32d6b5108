"""What to change in the next search."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import optuna
import pytest

from optuna_hpx import ImportanceReport, PedAnovaImportanceEvaluator, TrialTable
from optuna_hpx.canvas.section import Urgency
from optuna_hpx.importance.section.actions import UNTESTED, actions_of, verdict_of
from optuna_hpx.importance.section.kinds import ActionKind
from optuna_hpx.trials.columns import Column
from tests import made_by_hand as hand


def _report(kind: str, n: int = 150) -> ImportanceReport:
    def objective(trial: optuna.Trial) -> float:
        x, y = trial.suggest_float("x", 0, 1), trial.suggest_float("y", 0, 1)
        lr = trial.suggest_float("lr", 1e-5, 1e-1, log=True)
        choice = trial.suggest_categorical("c", ["a", "b"])
        return {
            "middle": (x - 0.5) ** 2,
            "bound": x,
            "choice": float(choice == "b") + 0.01 * y,
            "log": abs(lr - 1e-3) / (lr + 1e-3),
            "nothing": float(trial.number * 7919 % 1009),
        }[kind]

    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    study.optimize(objective, n_trials=n)
    return PedAnovaImportanceEvaluator(seed=0).report(study, interactions=True)


def _columns() -> Mapping[str, Column]:
    trial = optuna.create_study().ask()
    trial.suggest_float("x", 0, 1)
    trial.suggest_float("lr", 1e-5, 1e-1, log=True)
    trial.study.tell(trial, 0.0)
    return TrialTable.of(trial.study).columns


def test_a_range_that_stands_out_is_to_be_tried() -> None:
    action = actions_of(_report("middle"), columns=_columns())[0]
    (claim,) = action.claims
    assert (claim.kind, claim.subjects) == (ActionKind.NARROW, ("x",))
    low, high = claim.figures
    assert 0.3 < low < 0.5 < high < 0.7
    assert action.code.startswith("trial.suggest_float('x', ")
    assert "log" not in action.code
    assert action.anchor == "parameter-1"
    assert action.urgency is Urgency.CHANGE


def test_a_line_of_code_has_the_scale() -> None:
    action = actions_of(_report("log"), columns=_columns())[0]
    assert action.code.endswith(", log=True)")


@pytest.mark.parametrize(
    ("draw", "pattern"),
    [
        (
            lambda t: t.suggest_float("x", 0, 20, step=0.125),
            r"float\('x', [\d.]+, [\d.]+, step=0.125\)",
        ),
        (lambda t: t.suggest_float("x", 0, 20, step=1.0), r"float\('x', \d+, \d+, step=1\)"),
        (lambda t: 0.02 * t.suggest_int("x", 0, 1000, step=8), r"int\('x', \d+, \d+, step=8\)"),
        (lambda t: 0.02 * t.suggest_int("x", 0, 1000), r"int\('x', \d+, \d+\)"),
        (
            lambda t: 0.02 * t.suggest_int("x", 1, 1000, log=True),
            r"int\('x', \d+, \d+, log=True\)",
        ),
    ],
)
def test_a_line_of_code_draws_what_the_study_draws(
    draw: Callable[[optuna.Trial], float], pattern: str
) -> None:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    study.optimize(lambda trial: abs(draw(trial) - 10.0), n_trials=200)
    report = PedAnovaImportanceEvaluator(seed=0).report(study)
    columns = TrialTable.of(study).columns
    action = actions_of(report, columns=columns)[0]
    assert re.fullmatch(rf"trial\.suggest_{pattern}", action.code), action.code
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # of ends that are not at a step
        narrower = eval(action.code, {"trial": study.ask()})
    assert columns["x"].distributions[0]._contains(narrower)
    assert actions_of(report)[0].code == ""


@pytest.mark.parametrize(
    ("kind", "expected", "subjects", "words"),
    [
        ("bound", ActionKind.EXTEND, ("x", "lower"), "below its lower bound"),
        ("choice", ActionKind.KEEP, ("c", "a"), "c = a"),
    ],
)
def test_a_bound_and_a_choice(
    kind: str, expected: ActionKind, subjects: tuple[str, ...], words: str
) -> None:
    (action,) = (a for a in actions_of(_report(kind)) if a.claims[0].subjects == subjects)
    assert action.claims[0].kind is expected
    assert words in action.deed
    assert "95" in action.confidence


def test_where_nothing_is_shown_no_value_is_named() -> None:
    report = _report("nothing")
    (action,) = actions_of(report)
    assert verdict_of(report) == "No parameter is shown to matter beyond chance."
    assert action.urgency is Urgency.SETTLE
    assert "may" in action.deed
    assert "n_trials=80" in action.code


def test_the_verdict_says_how_sure_and_among_how_many() -> None:
    assert verdict_of(_report("middle")) == (
        "x matters beyond chance (95\N{NO-BREAK SPACE}% sure among 4 parameters)."
    )


def test_a_surrogate_is_named_as_such() -> None:
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=0))
    study.optimize(
        lambda t: (t.suggest_float("x", 0, 1) - 0.4) ** 2 + 0.1 * t.suggest_float("y", 0, 1), 80
    )
    report = PedAnovaImportanceEvaluator(seed=0).report(study, interactions=True)
    assert "by a model that allows for the sampler's choices" in verdict_of(report)
    changes = [a for a in actions_of(report) if a.urgency is Urgency.CHANGE]
    assert changes
    assert all("a surrogate expects" in action.confidence for action in changes)


def test_of_chosen_trials_without_a_surrogate_no_range_is_advised() -> None:
    """It is where the sampler went: of such ranges one in four was not where the best lie."""
    report = _report("middle")
    assert any(action.claims[0].kind is ActionKind.NARROW for action in actions_of(report))
    chosen = replace(report, sampling="adaptive")
    assert chosen.space == "trials"
    assert chosen.is_tested_by_model
    kinds = {action.claims[0].kind for action in actions_of(chosen)}
    assert not kinds & {ActionKind.NARROW, ActionKind.KEEP}


def test_an_integer_stays_one() -> None:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    study.optimize(lambda t: abs(t.suggest_int("width", 16, 9000) - 4000), n_trials=150)
    report = PedAnovaImportanceEvaluator(seed=0).report(study)
    action = actions_of(report, columns=TrialTable.of(study).columns)[0]
    assert re.fullmatch(r"trial.suggest_int\('width', \d{4}, \d{4}\)", action.code)
    assert re.match(r"Try more trials with width from \d{4} to \d{4}\.", action.deed)


def test_of_many_values_the_luckiest_is_not_advised() -> None:
    """The parameter matters, but 3 of 12 may have one of its 20 values by chance."""
    shares = [0.25] + [0.75 / 19] * 19
    few = hand.discrete([str(k) for k in range(20)], shares, [0.05] * 20, n_target=12)
    many = hand.discrete([str(k) for k in range(20)], shares, [0.05] * 20, n_target=60)
    assert not any("c = 0" in a.deed for a in actions_of(hand.report({"c": [few]}, p=[0.001])))
    assert any("c = 0" in a.deed for a in actions_of(hand.report({"c": [many]}, p=[0.001])))


def test_the_verdict_says_what_was_not_tested() -> None:
    few = hand.report({"lr": [hand.continuous()]}, n_target=3)
    assert verdict_of(few) == "What matters cannot be told from 100 trials."
    chosen = hand.report({"lr": [hand.continuous()]}, p=[np.nan], sampling="adaptive")
    assert verdict_of(chosen) == UNTESTED
