"""What was believed is read back whole: rows, their order, conditional parameters."""

from __future__ import annotations

import numpy as np
import optuna
import pytest

from optuna_hpx import HsicSampler, TrialTable, sampler_beliefs
from optuna_hpx.samplers._beliefs import last_finite
from optuna_hpx.trials import storage


def _study(*beliefs: dict[str, object] | None) -> optuna.Study:
    study = optuna.create_study()
    for belief in beliefs:
        attributes = {} if belief is None else storage.as_attributes(storage.BELIEF, belief)
        study.add_trial(optuna.create_trial(value=0.0, system_attrs=attributes))
    return study


def test_rows_are_joined_by_the_number_of_trials_they_rest_on() -> None:
    """Two workers fit after the same 13 trials, each for other parameters."""
    study = _study(
        {"n": 13, "activity": {"a": 0.2, "b": 1.0}, "cost": {}},
        None,
        {"n": 10, "activity": {"a": 1.0}, "cost": {"a": 0.5}},
        {"n": 13, "activity": {"a": 0.9, "c": 0.4}, "cost": {"c": 0.1}},
    )
    nan = np.nan
    beliefs = sampler_beliefs(study)
    assert beliefs.names == ("b", "c", "a")
    assert beliefs.n_trials.tolist() == [10, 13]
    assert beliefs.numbers.tolist() == [2, 0]
    np.testing.assert_equal(beliefs.activity, [[nan, nan, 1.0], [1.0, 0.4, 0.2]])
    np.testing.assert_equal(beliefs.cost, [[nan, nan, 0.5], [nan, 0.1, nan]])
    np.testing.assert_equal(beliefs.last_cost, [nan, 0.1, 0.5])
    assert repr(beliefs) == "<SamplerBeliefs of 3 parameters (b, c, a), worked out 2 times>"


def test_a_table_is_read_as_its_study() -> None:
    study = _study({"n": 10, "activity": {"a": 1.0}, "cost": {}})
    ours, theirs = sampler_beliefs(TrialTable.from_study(study)), sampler_beliefs(study)
    np.testing.assert_equal(vars(ours), vars(theirs))


def test_another_sampler_has_no_beliefs() -> None:
    beliefs = sampler_beliefs(_study(None, None))
    assert beliefs.names == ()
    assert beliefs.activity.shape == beliefs.cost.shape == (0, 0)
    assert beliefs.fallbacks == ()
    with pytest.raises(TypeError, match="`study` must be a Study"):
        sampler_beliefs(3)  # type: ignore[arg-type]


def test_last_finite() -> None:
    values = np.array([[1.0, np.nan, 3.0], [2.0, np.nan, np.nan]])
    np.testing.assert_equal(last_finite(values), [2.0, np.nan, 3.0])
    np.testing.assert_equal(last_finite(np.zeros((0, 2))), [np.nan, np.nan])


@pytest.mark.parametrize("surrogate", [False, True])
def test_beliefs_of_conditional_parameters_are_one_row_for_each_fit(surrogate: bool) -> None:
    """Those that the Gaussian process chooses with the others are screened with them."""

    def objective(trial: optuna.Trial) -> float:
        x = trial.suggest_float("x", 0, 1)
        trial.suggest_float("y", 0, 1)
        branch = "slope" if trial.suggest_categorical("model", ["a", "b"]) == "a" else "depth"
        return x + 0.01 * trial.suggest_float(branch, 0, 1)

    sampler = HsicSampler(cost=lambda t: 1 + t.params["x"], surrogate=surrogate, seed=0)
    study = optuna.create_study(sampler=sampler)
    study.optimize(objective, n_trials=50)
    beliefs = sampler_beliefs(study)
    assert beliefs.n_trials.tolist() == sorted(set(beliefs.n_trials.tolist()))
    assert beliefs.names[0] == "x"
    known = dict(zip(beliefs.names, beliefs.last_activity, strict=True))
    assert np.isnan(known["slope"]) != surrogate
    assert known["x"] == 1.0
    assert np.isfinite(beliefs.last_cost[list(beliefs.names).index("x")])


def test_a_fit_that_finds_nothing_is_said_too() -> None:
    study = optuna.create_study(sampler=HsicSampler(seed=1))
    rng = np.random.default_rng(0)

    def objective(trial: optuna.Trial) -> float:
        trial.suggest_float("x", 0, 1)
        trial.suggest_float("y", 0, 1)
        return float(rng.random())

    study.optimize(objective, n_trials=46)
    assert sampler_beliefs(study).n_trials.tolist() == [10, 13, 17, 22, 28, 35, 44]
