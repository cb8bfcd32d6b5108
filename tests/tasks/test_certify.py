"""certify: what it says, what it refuses, and whether it holds."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np
import optuna
import pytest
from optuna.distributions import (
    FloatDistribution,
    IntDistribution,
)
from optuna.samplers import GridSampler, RandomSampler, TPESampler
from optuna.trial import TrialState, create_trial

from optuna_hpx import MultiTaskObjective, TaskRacingPruner, certify
from optuna_hpx.tasks._methods import METHODS
from optuna_hpx.tasks.maths.betting import betting
from optuna_hpx.tasks.maths.bounds import massart, naive
from tests.tasks.problems import add_trial, evaluate, utility

GRID = [round(0.05 * k, 2) for k in range(21)]


def tuned(
    n_tasks: int = 30, direction: str = "maximize", first_task: int = 0, **kwargs: Any
) -> optuna.Study:
    study = optuna.create_study(
        direction=direction, **{"sampler": GridSampler({"x": GRID}, seed=0), **kwargs}
    )
    sign = 1.0 if direction == "maximize" else -1.0
    study.optimize(
        MultiTaskObjective(
            lambda trial, task: sign * evaluate(trial, first_task + task), range(n_tasks), seed=0
        ),
        n_trials=21,
    )
    return study


NOT_PRUNED: Any = {"pruner": optuna.pruners.NopPruner()}


@functools.cache
def whole(n_tasks: int = 30, direction: str = "maximize") -> optuna.Study:
    """Tuned once for all tests that only read it: no trial is pruned."""
    return tuned(n_tasks, direction, **NOT_PRUNED)


def test_betting_is_the_bound_of_the_best_at_all_configurations() -> None:
    study = whole()
    found = certify(study, bounds=(0, 1))
    x = np.array([utility(study.best_params["x"], task) for task in range(30)])
    assert found.params == study.best_params
    assert found.trial == study.best_trial.number
    assert found.observed == pytest.approx(x.mean()) == pytest.approx(study.best_value)
    np.testing.assert_allclose(found.values, x)
    assert found.n_configs == pytest.approx(21)
    assert found.bound == pytest.approx(betting(x, math.log(21), 0.05))
    assert found.lower_bound == found.bound
    assert found.upper_bound is None
    assert found.naive == pytest.approx(naive(x, 0.05))
    assert found.is_finite_sample
    assert not found.is_vacuous
    assert found.n_tasks == 30
    assert found.width == pytest.approx(found.observed - found.bound)
    text = found.summary()
    assert "at least" in text
    assert "chosen among 21 configurations" in text
    assert "drawn independently" in text
    assert f"{found.tasks_needed(found.width / 2)} tasks" in text
    assert str(found) == text


def test_minimising_mirrors_maximising() -> None:
    up, down = whole(), whole(direction="minimize")
    baseline = {"x": 0.0}
    for method in METHODS:
        kwargs: Any = {"method": method, "baseline": baseline, "n_oscillations": 5}
        a = certify(up, bounds=(0, 1), **kwargs)
        b = certify(down, bounds=(-1, 0), **kwargs)
        assert b.upper_bound == pytest.approx(-a.bound)
        assert b.lower_bound is None
        assert b.observed == pytest.approx(-a.observed)
        assert b.naive == pytest.approx(-a.naive)
        assert b.params == a.params
        assert b.is_vacuous == a.is_vacuous
        assert a.baseline is not None
        assert b.baseline is not None
        assert b.baseline.observed == pytest.approx(a.baseline.observed)
        assert b.baseline.lower_bound == pytest.approx(a.baseline.lower_bound)
        assert b.tasks_needed(0.01) == a.tasks_needed(0.01)


def test_bounds_of_any_scale() -> None:
    study = whole()
    percent = optuna.create_study(
        direction="maximize", sampler=GridSampler({"x": GRID}, seed=0), **NOT_PRUNED
    )
    percent.optimize(
        MultiTaskObjective(lambda t, task: 100 * evaluate(t, task) - 50, range(30), seed=0),
        n_trials=21,
    )
    a = certify(study, bounds=(0, 1), baseline={"x": 0.0})
    b = certify(percent, bounds=(-50, 50), baseline={"x": 0.0})
    assert b.bound == pytest.approx(100 * a.bound - 50)
    assert a.baseline is not None
    assert b.baseline is not None
    assert b.baseline.lower_bound == pytest.approx(100 * a.baseline.lower_bound)
    assert b.baseline.approximate_lower_bound == pytest.approx(
        100 * a.baseline.approximate_lower_bound
    )
    assert b.tasks_needed(1.0) == a.tasks_needed(0.01)


def test_methods_in_order() -> None:
    study = whole(60)
    width = {
        method: certify(study, bounds=(0, 1), method=method, n_oscillations=2).width  # type: ignore[arg-type]
        for method in METHODS
    }
    assert width["bootstrap"] < width["betting"] < width["hoeffding"] < width["rademacher"]
    assert width["hoeffding"] < width["oscillation"]
    fewer = certify(study, bounds=(0, 1), method="rademacher", n_configs=10**6)
    assert fewer.bound == pytest.approx(
        max(0.0, fewer.observed - massart(60, math.log(10**6), 0.05))
    )
    assert certify(study, bounds=(0, 1), method="oscillation", n_oscillations=1e9).is_vacuous
    text = certify(study, bounds=(0, 1), method="oscillation", n_oscillations=1e9).summary()
    assert "vacuous" in text


def test_holdout_says_when_it_is_approximate() -> None:
    blind = certify(whole(), bounds=(0, 1), method="holdout")
    assert blind.is_finite_sample
    assert blind.n_tasks == 12
    assert blind.n_configs == 1.0
    seen = tuned(sampler=TPESampler(seed=0), **NOT_PRUNED)
    found = certify(seen, bounds=(0, 1), method="holdout")
    assert not found.is_finite_sample
    assert "saw the values" in found.summary()
    raced = tuned(pruner=TaskRacingPruner())
    assert any(t.state == TrialState.PRUNED for t in raced.trials)
    assert not certify(raced, bounds=(0, 1), method="holdout").is_finite_sample


def test_the_baseline() -> None:
    found = certify(whole(200), bounds=(0, 1), baseline={"x": 0.0}).baseline
    assert found is not None
    truth = np.mean([utility(0.5, t) - utility(0.0, t) for t in range(200)])
    assert found.observed == pytest.approx(truth, abs=0.01)
    assert 0.0 < found.lower_bound < found.approximate_lower_bound < found.observed
    few = certify(whole(10), bounds=(0, 1), baseline={"x": 0.3})
    assert few.baseline is not None
    assert few.baseline.lower_bound < 0.0
    assert "may be no better" in few.summary()
    assert few.baseline.n_tasks_needed is not None
    assert few.baseline.n_tasks_needed > 10
    itself = certify(whole(10), bounds=(0, 1), baseline=few.params).baseline
    assert itself is not None
    assert itself.observed == 0.0
    assert itself.n_tasks_needed is None


def test_tasks_needed_are_enough() -> None:
    found = certify(whole(), bounds=(0, 1))
    n = found.tasks_needed(0.03)
    again = np.resize(found.values, n)
    assert again.mean() - betting(again, math.log(21), 0.05) == pytest.approx(0.03, rel=0.1)


# The number of configurations


def test_many_floats_are_no_overflow() -> None:
    study = optuna.create_study(sampler=RandomSampler(seed=0))
    study.optimize(
        MultiTaskObjective(
            lambda trial, task: sum(trial.suggest_float(str(k), 0, 1) for k in range(30)) / 30,
            range(5),
        ),
        n_trials=3,
    )
    found = certify(study, bounds=(0, 1))
    assert found.n_configs == math.inf
    assert "2^18" in found.summary()
    assert "`step=`" in found.summary()


# Trials that are pruned, failed or tried again


def test_trials_that_were_pruned_do_no_harm() -> None:
    study = tuned(pruner=TaskRacingPruner(), sampler=TPESampler(seed=0))
    assert any(t.state == TrialState.PRUNED for t in study.trials)
    found = certify(study, bounds=(0, 1))
    assert found.trial == study.best_trial.number or found.params == study.best_params
    assert np.isfinite(found.values).all()


def test_the_first_value_of_a_configuration_counts() -> None:
    study = optuna.create_study(direction="maximize")
    add_trial(study, 0.5, dict.fromkeys(range(4), 0.5))
    add_trial(study, 0.5, dict.fromkeys(range(4), 0.9))
    add_trial(study, 0.6, {0: 0.8}, state=TrialState.PRUNED)
    add_trial(study, 0.6, dict.fromkeys(range(4), 0.4))
    found = certify(study, bounds=(0, 1))
    assert found.params == {"x": 0.5}
    assert found.observed == pytest.approx(0.5)
    assert "tried again" in found.summary()
    add_trial(study, 0.6, dict.fromkeys(range(4), 0.6))
    add_trial(study, 0.7, {0: 0.9, 1: 0.9}, state=TrialState.FAIL)
    add_trial(study, 0.7, dict.fromkeys(range(4), 0.7))
    found = certify(study, bounds=(0, 1))
    assert found.params == {"x": 0.7}
    np.testing.assert_allclose(found.values, [0.9, 0.9, 0.7, 0.7])


def test_the_holdouts_comparison_rests_on_the_space() -> None:
    """Tasks on which the winner was chosen are no held-out tasks of the comparison."""
    study = whole()
    held_out = certify(study, bounds=(0, 1), method="holdout", baseline={"x": 0.3})
    all_tasks = certify(study, bounds=(0, 1), baseline={"x": 0.3})
    assert held_out.baseline is not None
    assert all_tasks.baseline is not None
    if held_out.params == all_tasks.params:
        assert held_out.baseline.lower_bound == all_tasks.baseline.lower_bound
    rng = np.random.default_rng(0)
    n_better = 0
    for _ in range(30):  # all configurations are alike, and never better than the baseline
        alike = optuna.create_study(direction="maximize", sampler=RandomSampler(seed=0))
        values = rng.random((40, 30))
        values[0] = 0.5
        for k, row in enumerate(values):
            alike.add_trial(
                create_trial(
                    value=float(row.mean()),
                    params={"k": k},
                    distributions={"k": IntDistribution(0, 39)},
                    intermediate_values=dict(enumerate(row.tolist())),
                )
            )
        found = certify(alike, bounds=(0, 1), method="holdout", baseline={"k": 0}).baseline
        assert found is not None
        n_better += found.lower_bound > 0.0
    assert n_better <= 1


def test_values_beside_the_grid_are_counted() -> None:
    study = optuna.create_study(direction="maximize", **NOT_PRUNED)
    for x in (0.33, 0.5, 2.0):
        study.enqueue_trial({"x": x})
    with pytest.warns(UserWarning, match="out of range|not contained|discrete|grid|step"):
        study.optimize(
            MultiTaskObjective(
                lambda trial, task: min(1.0, trial.suggest_float("x", 0.0, 1.0, step=0.1)),
                range(3),
            ),
            n_trials=3,
        )
    assert study.trials[0].params["x"] == 0.33
    assert certify(study, bounds=(0, 1)).n_configs == 13


def test_ranges_of_a_configuration_that_came_again() -> None:
    study = optuna.create_study()
    for high in (1.0, 1000.0):
        study.add_trial(
            create_trial(
                value=0.5,
                params={"x": 0.5},
                distributions={"x": FloatDistribution(0.0, high, step=0.5)},
                intermediate_values={0: 0.5, 1: 0.5},
            )
        )
    assert certify(study, bounds=(0, 1)).n_configs >= 2001


def test_trials_without_parameters() -> None:
    study = optuna.create_study()
    for _ in range(3):
        study.add_trial(create_trial(value=0.5, intermediate_values={0: 0.4, 1: 0.6}))
    with pytest.raises(ValueError, match="must be a number where trials have no parameters"):
        certify(study, bounds=(0, 1))
    assert certify(study, bounds=(0, 1), n_configs=3).n_configs == 3


def test_trials_that_failed_before_they_began_are_no_configurations() -> None:
    study = tuned(**NOT_PRUNED)
    for _ in range(5):
        study.add_trial(create_trial(state=TrialState.FAIL))
    assert certify(study, bounds=(0, 1), n_configs=21).n_configs == 21
    assert not certify(study, bounds=(0, 1), method="holdout").is_finite_sample


@pytest.mark.parametrize("method", ["betting", "hoeffding", "bootstrap"])
@pytest.mark.parametrize("error_value", [0.0, 1.0])
def test_a_trial_in_which_every_task_raised_at_once_is_no_configuration(
    error_value: float, method: Any
) -> None:
    def away_at_first(trial: optuna.Trial, task: int) -> float:
        if trial.number == 0:
            raise OSError("network away")
        return evaluate(trial, task)

    def grid() -> optuna.Study:
        study = optuna.create_study(
            direction="maximize", sampler=TPESampler(seed=0), pruner=optuna.pruners.NopPruner()
        )
        for x in [0.3, *GRID]:
            study.enqueue_trial({"x": x})
        objective = MultiTaskObjective(away_at_first, range(30), seed=0, error_value=error_value)
        study.optimize(objective, 22)
        return study

    broken = grid()
    assert broken.trials[0].params == {}
    found = certify(broken, bounds=(0, 1), method=method)
    assert found.params == whole().best_params
    assert found.n_tried == 21
    without = optuna.create_study(direction="maximize", pruner=optuna.pruners.NopPruner())
    without.add_trials(broken.trials[1:])
    alone = certify(without, bounds=(0, 1), method=method)
    assert found.bound == alone.bound
    assert found.log_n_configs == alone.log_n_configs


def test_choices_that_cannot_be_hashed() -> None:
    study = optuna.create_study()
    choices: Any = [[1, 2], [3], None]
    study.optimize(
        MultiTaskObjective(
            lambda trial, task: 0.1 * len(trial.suggest_categorical("c", choices) or []), range(3)
        ),
        n_trials=4,
    )
    assert certify(study, bounds=(0, 1)).n_configs == 3
    assert certify(study, bounds=(0, 1), n_configs=10**400).n_configs == math.inf


def test_steps_that_are_no_tasks() -> None:
    study = optuna.create_study()
    study.add_trial(create_trial(value=0.0, intermediate_values={10**11: 1.0}))
    with pytest.raises(ValueError, match=r"value of task i = 0, 1, ... as step i"):
        certify(study, bounds=(0, 1))
    trial = study.ask()
    trial.report(1.0, 0)
    study.pruner = TaskRacingPruner()
    assert not trial.should_prune()


# Refusals


def test_bounds_that_values_break() -> None:
    with pytest.raises(ValueError, match=r"trial \d+ has 0\.\d+ on task \d+.*clip"):
        certify(whole(), bounds=(0, 0.9))


def test_a_best_trial_that_is_not_complete() -> None:
    study = tuned(**NOT_PRUNED)
    add_trial(study, 0.55, {0: 1.0, 1: 1.0})
    found = certify(study, bounds=(0, 1))  # its first trial was, and counts
    assert found.params == whole().best_params
    fresh = optuna.create_study(direction="maximize")
    add_trial(fresh, 0.3, dict.fromkeys(range(4), 0.3))
    add_trial(fresh, 0.55, {0: 1.0, 1: 0.9})
    with pytest.raises(
        ValueError, match=r"`study`, 1, .* all 4 tasks .* got 2 tasks.*enqueue_trial"
    ):
        certify(fresh, bounds=(0, 1))


def test_no_trial_is_complete() -> None:
    study = optuna.create_study()
    add_trial(study, 0.5, {0: 1.0, 5: 1.0})
    with pytest.raises(ValueError, match=r"of the 6 tasks, 0 to 5, got at most 2.*NopPruner"):
        certify(study, bounds=(0, 1))


def test_too_few_tasks() -> None:
    study = optuna.create_study()
    add_trial(study, 0.5, {0: 1.0})
    with pytest.raises(ValueError, match="at least 2 tasks, got 1"):
        certify(study, bounds=(0, 1))


@pytest.mark.parametrize(
    ("kwargs", "error", "message"),
    [
        ({"bounds": (1, 0)}, ValueError, r"`bounds` must be \(smaller, larger\), got \(1, 0\)"),
        ({"bounds": 1}, TypeError, "`bounds` must be a pair"),
        ({"bounds": (0, float("inf"))}, ValueError, "`bounds` must be finite"),
        ({"delta": 0}, ValueError, "`delta` must be in"),
        ({"method": "bayes"}, ValueError, "`method` must be one of"),
        ({"n_configs": 0}, ValueError, "`n_configs` must be at least 1"),
        ({"n_configs": "grid"}, ValueError, '`n_configs` must be "space" or a number'),
        ({"n_configs": 20}, ValueError, "20, but 21 were tried"),
        ({"baseline": {"x": 0.51}}, ValueError, "`baseline` must be the parameters of a trial"),
        ({"bounds": (-1e308, 1e308)}, ValueError, r"`bounds` must be \(smaller, larger\)"),
        (
            {"method": "oscillation", "n_oscillations": -5},
            ValueError,
            "must be at least 1, got -5",
        ),
        ({"method": "oscillation"}, ValueError, "`n_oscillations` must be a number"),
    ],
)
def test_bad_arguments(kwargs: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        certify(whole(), **{"bounds": (0, 1), **kwargs})


# Whether it holds


def coverage(n_studies: int) -> dict[str, float]:
    """Of bounds at delta = .2, in studies of TPE with racing, each on 20 fresh tasks."""
    truth = {x: np.mean([utility(x, task) for task in range(10**6, 10**6 + 4000)]) for x in GRID}
    methods: Any = ("betting", "hoeffding", "holdout", "bootstrap")
    holds = dict.fromkeys([*methods, "naive"], 0)
    for repetition in range(n_studies):
        study = tuned(
            20,
            first_task=1000 * repetition,
            sampler=TPESampler(seed=repetition, n_startup_trials=5),
            pruner=TaskRacingPruner(),
        )
        for method in methods:
            found = certify(study, bounds=(0, 1), delta=0.2, method=method)
            holds[method] += found.bound <= truth[round(found.params["x"], 2)]
            if method == "betting":
                holds["naive"] += found.naive <= truth[round(found.params["x"], 2)]
    return {method: n / n_studies for method, n in holds.items()}


def test_coverage_under_tpe_with_racing() -> None:
    """20 studies: standard error .09 at .8."""
    found = coverage(20)
    assert min(found["betting"], found["hoeffding"]) >= 0.95
    assert min(found["holdout"], found["bootstrap"]) > 0.8 - 3 * 0.09


@pytest.mark.slow
def test_coverage_under_tpe_with_racing_in_earnest() -> None:
    """200 studies: standard error .028 at .8. The bound that ignores the choice fails more."""
    found = coverage(200)
    assert min(found.values()) == found["naive"]
    assert all(share > 0.8 - 3 * 0.028 for method, share in found.items() if method != "naive")
