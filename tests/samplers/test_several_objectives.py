"""HsicSampler with several objectives: all that it promises of one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import optuna
import pytest
from optuna.trial import TrialState

from optuna_hpx import HsicSampler, sampler_beliefs
from optuna_hpx.trials import storage as keys
from optuna_hpx.trials.tpe_internals import intended_params

optuna.logging.set_verbosity(optuna.logging.WARNING)


def _two(trial: optuna.Trial) -> tuple[float, float]:
    """The front is where y is 0.3 and x between 0.2 and 0.8."""
    x, y = trial.suggest_float("x", 0, 1), trial.suggest_float("y", 0, 1)
    distance = (y - 0.3) ** 2
    return (x - 0.2) ** 2 + distance, (x - 0.8) ** 2 + distance


def _three(trial: optuna.Trial) -> tuple[float, float, float]:
    one, two = _two(trial)
    return one, two, (trial.suggest_float("z", 0, 1) - trial.params["x"]) ** 2 + one


def _study(
    objective: Callable[[optuna.Trial], Any],
    n: int = 40,
    signs: str = "--",
    seed: int = 0,
    **options: Any,
) -> optuna.Study:
    study = optuna.create_study(
        sampler=HsicSampler(seed=seed, **options),
        directions=["maximize" if sign == "+" else "minimize" for sign in signs],
    )
    study.optimize(objective, n_trials=n, catch=RuntimeError)
    return study


def _values(study: optuna.Study, name: str) -> np.ndarray:
    """Of the trials that Gaussian processes chose."""
    return np.array(
        [t.params[name] for t in study.trials if t.number >= 16 and t.number % 4 and t.params]
    )


@pytest.mark.parametrize(("objective", "signs"), [(_two, "--"), (_three, "---")])
def test_trials_come_to_the_front_and_spread_over_it(objective: Any, signs: str) -> None:
    study = _study(objective, 48, signs)
    assert np.median(np.abs(_values(study, "y") - 0.3)) < 0.1
    x = _values(study, "x")
    counts, _ = np.histogram(x, [0.15, 0.35, 0.5, 0.65, 0.85])
    assert (counts > 0).all()
    assert counts.sum() > 0.7 * len(x)


def test_a_maximised_objective_is_a_minimised_one_with_the_other_sign() -> None:
    def mirrored(trial: optuna.Trial) -> tuple[float, float]:
        one, two = _two(trial)
        return -one, two

    ours = [t.params for t in _study(_two, 24).trials]
    assert [t.params for t in _study(mirrored, 24, "+-").trials] == ours


def test_the_scale_of_an_objective_does_not_matter() -> None:
    def larger(trial: optuna.Trial) -> tuple[float, float]:
        one, two = _two(trial)
        return 2.0**30 * one, two

    ours = [t.params for t in _study(_two, 16).trials]
    assert [t.params for t in _study(larger, 16).trials] == ours


def test_the_same_seed_gives_the_same_trials() -> None:
    ours = [t.params for t in _study(_two, 20, seed=5).trials]
    assert [t.params for t in _study(_two, 20, seed=5).trials] == ours
    assert [t.params for t in _study(_two, 20, seed=6).trials] != ours


def test_constraints_are_kept_to() -> None:
    def objective(trial: optuna.Trial) -> tuple[float, float]:
        values = _two(trial)
        trial.set_constraint("c", 0.6 - trial.params["y"])  # the front violates it
        return values

    y = _values(_study(objective, 48), "y")
    assert np.median(y) == pytest.approx(0.6, abs=0.05)
    assert np.mean(y > 0.58) > 0.7


def test_where_nothing_is_feasible_the_constraint_alone_counts() -> None:
    def objective(trial: optuna.Trial) -> tuple[float, float]:
        values = _two(trial)
        trial.set_constraint("c", 1.0 + trial.params["y"])
        return values

    assert np.median(_values(_study(objective, 32), "y")) < 0.1


def test_failed_and_infinite_trials_are_bad_ones() -> None:
    def objective(trial: optuna.Trial) -> tuple[float, float]:
        one, two = _two(trial)
        if trial.params["x"] < 0.4:
            raise RuntimeError
        return one, float("inf") if trial.params["x"] > 0.7 else two

    study = _study(objective, 48)
    assert {t.state for t in study.trials} == {TrialState.COMPLETE, TrialState.FAIL}
    x = _values(study, "x")
    assert np.mean((x > 0.35) & (x < 0.75)) > 0.7


def test_an_objective_without_a_finite_value_is_left_to_tpe() -> None:
    study = _study(lambda t: (_two(t)[0], float("inf")), 20)
    assert len(study.trials) == 20
    assert sampler_beliefs(study).fallbacks == ()


def test_conditional_parameters_are_those_that_the_objective_asks_for() -> None:
    def objective(trial: optuna.Trial) -> tuple[float, float]:
        if trial.suggest_categorical("model", ["net", "line"]) == "line":
            return 2.0 + trial.suggest_float("slope", 0, 1), 0.1
        n = trial.suggest_int("layers", 1, 3)
        loss = sum((trial.suggest_float(f"w{k}", 0, 1) - 0.5) ** 2 for k in range(n))
        return loss + 1.0 / n, float(n)

    study = _study(objective, 40)
    assert {t.params.get("layers") for t in study.best_trials} >= {None, 1, 2}
    chosen = [t for t in study.trials if t.number >= 16 and t.number % 4]
    assert sum(t.params == intended_params(t) for t in chosen) >= len(chosen) - 1


def test_a_cost_moves_trials_to_where_they_are_cheap() -> None:
    def objective(trial: optuna.Trial) -> tuple[float, float]:
        size = trial.suggest_float("size", 1, 100, log=True)
        trial.set_user_attr("cost", size**2)
        one, two = _two(trial)
        return one + 1e-3 / size, two + 1e-3 / size

    def median_cost(**options: Any) -> float:
        study = _study(objective, 48, **options)
        return float(np.median([t.user_attrs["cost"] for t in study.trials[16:]]))

    assert median_cost(cost=lambda t: t.user_attrs["cost"]) < 0.5 * median_cost()


def test_trials_that_are_asked_for_at_once_differ() -> None:
    study = _study(_two, 31)
    trials = [study.ask() for _ in range(4)]  # of which the second is TPE's
    x = [trials[k].suggest_float("x", 0, 1) for k in (0, 2, 3)]
    y = [trials[k].suggest_float("y", 0, 1) for k in (0, 2, 3)]
    distances = [np.hypot(x[i] - x[j], y[i] - y[j]) for i, j in ((0, 1), (0, 2), (1, 2))]
    assert min(distances) > 0.01


def test_hyperparameters_of_each_objective_and_constraint_are_stored_and_read() -> None:
    def objective(trial: optuna.Trial) -> tuple[float, float]:
        values = _two(trial)
        trial.set_constraint("c", 0.2 - trial.params["y"])
        return values

    study = _study(objective, 26)
    records = [keys.read(t.system_attrs, keys.SURROGATE) for t in study.trials]
    records = [record for record in records if record is not None]
    assert [len(record["thetas"]) for record in records] == [3] * len(records)
    n = len(records)
    study.sampler = HsicSampler(seed=1)  # another worker
    for _ in range(4):
        study.ask()
    records = [keys.read(t.system_attrs, keys.SURROGATE) for t in study.trials]
    assert len([record for record in records if record is not None]) == n, "not fitted again"


def test_several_threads() -> None:
    study = optuna.create_study(sampler=HsicSampler(seed=0), directions=["minimize"] * 2)
    study.optimize(_two, n_trials=40, n_jobs=3)
    assert all(trial.state == TrialState.COMPLETE for trial in study.trials)
