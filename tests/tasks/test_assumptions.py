"""What a certificate rests on: which sentences it has, and when."""

from __future__ import annotations

from typing import Any

import pytest
from optuna.distributions import FloatDistribution
from optuna.trial import TrialState, create_trial

from optuna_hpx.tasks._assumptions import assumptions_of
from optuna_hpx.tasks._configurations import Configurations
from optuna_hpx.tasks._methods import METHODS
from optuna_hpx.tasks._task_study import TaskStudy
from tests.tasks import by_hand as hand

COMPLETE = TrialState.COMPLETE
ALWAYS = (
    "The tasks of the study and those to come are drawn independently from the same source; "
    "seeds, splits and all else that is random in an evaluation belong to the task.",
    "It is about the mean over tasks, not about each one.",
    "The bounds of the values were known before any was seen.",
)
SPACE = (
    "The search space is what the trials' distributions say, and was fixed before; branches that "
    "no trial took are not counted."
)
COUNTING = [name for name, method in METHODS.items() if method.counts_space]
OTHERS = [name for name, method in METHODS.items() if not method.counts_space]


def assumed(
    method: str = "betting",
    trials: Any = ((0, (0.1, 0.2), COMPLETE), (1, (0.3, 0.4), COMPLETE)),
    *,
    continuous: tuple[str, ...] = (),
    aggregate: str | None = None,
    n_configs: Any = "space",
    has_baseline: bool = False,
    is_blind: bool = True,
) -> tuple[str, ...]:
    study = hand.study(trials, aggregate=aggregate, n_tasks=2)
    if continuous:
        study.add_trial(
            create_trial(
                value=0.5,
                params=dict.fromkeys(continuous, 0.5),
                distributions=dict.fromkeys(continuous, FloatDistribution(0.0, 1.0)),
                intermediate_values={0: 0.5, 1: 0.5},
            )
        )
    tasks = TaskStudy.of(study)
    return assumptions_of(
        METHODS[method],
        tasks,
        Configurations.of(tasks),
        n_configs=n_configs,
        has_baseline=has_baseline,
        is_blind=is_blind,
    )


@pytest.mark.parametrize("method", COUNTING)
def test_the_space_is_assumed_where_it_is_counted(method: str) -> None:
    assert assumed(method) == (*ALWAYS, SPACE)


@pytest.mark.parametrize("method", OTHERS)
@pytest.mark.parametrize("is_blind", [True, False])
def test_other_methods_have_their_own(method: str, is_blind: bool) -> None:
    own = METHODS[method].all_assumptions(is_blind=is_blind)
    assert own
    assert assumed(method, is_blind=is_blind) == (*ALWAYS, *own)


def test_a_comparison_rests_on_the_space_whatever_the_method() -> None:
    own = METHODS["bootstrap"].assumptions
    named = "The baseline was named before tuning."
    assert assumed("bootstrap", has_baseline=True) == (*ALWAYS, SPACE, named, *own)


@pytest.mark.parametrize(("aggregate", "is_other"), [("mean", 0), ("median", 1), ("worst", 1)])
def test_another_aggregate_than_the_mean(aggregate: str, is_other: int) -> None:
    lines = assumed(aggregate=aggregate)
    line = f"The configuration was chosen by its {aggregate} value; the bound is on its mean."
    assert lines.count(line) == is_other
    assert len(lines) == 4 + is_other


def test_a_float_without_a_step_is_named() -> None:
    lines = assumed(continuous=("lr", "dropout"))
    assert lines[4] == (
        "dropout, lr: any floating point number. With `step=`, for a log scale on the exponent, "
        "there would be fewer configurations, and a tighter bound."
    )


@pytest.mark.parametrize("n_configs", [2, 1e6, 10**400])
def test_a_number_that_was_declared(n_configs: Any) -> None:
    declared = f"You declared {n_configs} configurations before tuning"
    assert assumed(n_configs=n_configs) == (*ALWAYS, f"{declared}.")
    (line,) = assumed(n_configs=n_configs, continuous=("lr",))[3:]
    assert line == f"{declared}, though lr could be any floating point number."


def test_a_configuration_that_came_again() -> None:
    values = (0.1, 0.2)
    again = assumed(trials=[(0, values, COMPLETE), (1, values, COMPLETE), (0, values, COMPLETE)])
    assert again[:-1] == (*ALWAYS, SPACE)
    assert again[-1].startswith("Of a configuration that was tried again, the first value")
