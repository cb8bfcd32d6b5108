"""What a sampler reads from finished trials: their order, positions, costs."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import numpy as np
import optuna
import pytest
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

from optuna_hpx import HsicSampler, sampler_beliefs
from optuna_hpx.samplers._evidence import Evidence, _position
from optuna_hpx.samplers._hsic_sampler import Belief
from optuna_hpx.samplers._tpe import Choice, Mixture, Mixtures
from optuna_hpx.statistics import parzen

SPACE: dict[str, BaseDistribution] = {"x": FloatDistribution(0, 1)}


def test_complete_before_pruned_before_infeasible() -> None:
    study = optuna.create_study(direction="maximize")
    for value, state, constraint in (
        (1.0, optuna.trial.TrialState.COMPLETE, -1.0),
        (9.0, optuna.trial.TrialState.COMPLETE, 1.0),
        (None, optuna.trial.TrialState.PRUNED, -1.0),
        (3.0, optuna.trial.TrialState.COMPLETE, -1.0),
    ):
        study.add_trial(
            optuna.create_trial(
                params={"x": 0.5},
                distributions=SPACE,
                value=value,
                state=state,
                system_attrs={"constraints": [constraint]},
            )
        )
    evidence = Evidence.of(study, SPACE, 10)
    keys = evidence._keys()[np.argsort(evidence.table.numbers)]
    assert np.argsort(keys).tolist() == [3, 0, 2, 1]


@pytest.mark.parametrize(
    ("distribution", "values", "expected"),
    [
        (FloatDistribution(2, 4), [2, 3, 4], [0, 0.5, 1]),
        (FloatDistribution(1e-4, 1, log=True), [1e-4, 1e-2, 1], [0, 0.5, 1]),
        (IntDistribution(0, 3), [0, 1, 3], [0.125, 0.375, 0.875]),
        (FloatDistribution(0, 1, step=0.5), [0, 0.5, 1], [1 / 6, 0.5, 5 / 6]),
        (FloatDistribution(0, 1), [-1, 2], [0, 1]),
    ],
)
def test_positions(
    distribution: BaseDistribution, values: list[float], expected: list[float]
) -> None:
    assert _position(np.array(values, dtype=float), distribution) == pytest.approx(expected)


def test_times_with_and_without_a_zone() -> None:
    study = optuna.create_study(sampler=HsicSampler(seed=0))
    for k in range(15):
        trial = optuna.create_trial(params={"x": k / 15}, distributions=SPACE, value=float(k))
        zone = timezone.utc if k % 2 else None
        trial.datetime_start = datetime(2026, 1, 1, tzinfo=zone)
        trial.datetime_complete = trial.datetime_start + timedelta(seconds=k)
        study.add_trial(trial)
    study.optimize(lambda t: t.suggest_float("x", 0, 1), n_trials=3)
    assert len(study.trials) == 18


class _Fixed(Mixtures):
    def __init__(self, good: Mixture, bad: Mixture) -> None:
        self._both = good, bad

    def read(self) -> tuple[Mixture, Mixture]:
        return self._both


@pytest.mark.parametrize("weight", [0.0, 0.5, 2.0])
def test_candidates_are_ranked_by_tempered_ratio_and_cost(weight: float) -> None:
    rng = np.random.default_rng(0)
    space: dict[str, BaseDistribution] = {
        "x": FloatDistribution(0, 1),
        "k": CategoricalDistribution(("a", "b")),
    }
    study = optuna.create_study()
    xs = rng.random(40)
    for x in xs.tolist():
        study.add_trial(
            optuna.create_trial(
                params={"x": x, "k": str(rng.choice(["a", "b"]))},
                distributions=space,
                value=x,
                user_attrs={"cost": float(np.exp(x))},
            )
        )
    sampler = HsicSampler(cost=lambda t: t.user_attrs["cost"], cost_weight=weight, seed=0)
    choice = Choice(study, study.ask()._cached_frozen_trial, space)
    evidence = Evidence.of(study, space, 40)
    belief = Belief(np.array([1.0, 0.3]), True, sampler._believe(evidence, _silent()).cost)
    sampler._belief = lambda choice: belief  # type: ignore[method-assign]
    good, bad = (Mixture(rng.standard_normal((5, k, 2)), np.full(k, 1 / k)) for k in (3, 4))
    candidates = {"x": np.linspace(0, 1, 5), "k": np.array([0, 1, 0, 1, 0])}
    found = sampler._rank(choice, candidates, lambda: np.zeros(5), _Fixed(good, bad))
    ratio = parzen.tempered(good.log_k, good.weights, belief.activity) - parzen.tempered(
        bad.log_k, bad.weights, belief.activity
    )
    expected = -weight * (candidates["x"] - xs.mean())  # the logarithm of cost is x itself
    assert found - ratio == pytest.approx(expected, abs=0.05)


def _silent() -> object:
    from optuna_hpx.samplers._hsic_sampler import _Memory

    return _Memory()


def test_beliefs_of_conditional_parameters_are_one_row_for_each_fit() -> None:
    def objective(trial: optuna.Trial) -> float:
        x = trial.suggest_float("x", 0, 1)
        trial.suggest_float("y", 0, 1)
        branch = "slope" if trial.suggest_categorical("model", ["a", "b"]) == "a" else "depth"
        return x + 0.01 * trial.suggest_float(branch, 0, 1)

    study = optuna.create_study(sampler=HsicSampler(cost=lambda t: 1 + t.params["x"], seed=0))
    study.optimize(objective, n_trials=50)
    beliefs = sampler_beliefs(study)
    assert beliefs.n_trials.tolist() == sorted(set(beliefs.n_trials.tolist()))
    assert beliefs.names[0] == "x"
    known = dict(zip(beliefs.names, beliefs.last_activity, strict=True))
    assert np.isnan(known["slope"])
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
