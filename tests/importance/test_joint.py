"""Interactions in the objective of studies as people have them, by both evaluators."""

from __future__ import annotations

from typing import Any

import numpy as np
import optuna
import pytest

from optuna_hpx import HsicImportanceEvaluator, PedAnovaImportanceEvaluator
from tests import made_by_hand as hand

EVALUATORS = [PedAnovaImportanceEvaluator, HsicImportanceEvaluator]


def _study(objective: Any, n: int = 200, **others: Any) -> optuna.Study:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0), **others)
    study.optimize(objective, n_trials=n)
    return study


def _xor_and_choice(trial: optuna.Trial) -> float:
    a, c = trial.suggest_float("a", 1e-4, 1.0, log=True), trial.suggest_categorical("c", "xyz")
    b = trial.suggest_int("b", 0, 9)
    return float((a < 0.01) ^ (b < 5)) + 0.3 * (c == "y")


def _product(trial: optuna.Trial) -> float:
    return trial.suggest_float("a", 0.1, 1.0) * trial.suggest_float("b", 0.1, 1.0) ** 2


@pytest.mark.parametrize("evaluator", EVALUATORS)
def test_a_pair_of_any_kind_is_found(evaluator: Any) -> None:
    report = evaluator(seed=0).report(_study(_xor_and_choice), interactions=True)
    assert [set(pair[:2]) for pair in report.joint_pairs()] == [{"a", "b"}]
    matrix = report.joint_p_values
    assert (matrix == matrix.T).all()
    assert (matrix.diagonal() == 1.0).all()


@pytest.mark.parametrize("evaluator", EVALUATORS)
def test_a_product_is_a_sum_on_another_scale(evaluator: Any) -> None:
    report = evaluator(seed=0).report(_study(_product), interactions=True)
    assert report.joint_pairs() == []


def test_it_is_tested_only_if_it_is_asked_for_and_holds() -> None:
    study = _study(_product, 60)
    evaluator = PedAnovaImportanceEvaluator(seed=0)
    assert evaluator.report(study).joint_p_values is None
    assert evaluator.report(study).joint_pairs() == []
    target = evaluator.report(study, interactions=True, target="complete")
    assert target.joint_p_values is None
    chosen = PedAnovaImportanceEvaluator(seed=0, sampling="adaptive")
    assert chosen.report(study, interactions=True).joint_p_values is None


def test_of_several_objectives_nothing_is_tested() -> None:
    study = _study(lambda trial: (_product(trial), 0.0), 60, directions=["minimize"] * 2)
    report = PedAnovaImportanceEvaluator(seed=0).report(study, interactions=True)
    assert report.joint_p_values is None


def test_parameters_of_a_branch_are_compared_where_they_are_active() -> None:
    def objective(trial: optuna.Trial) -> float:
        if trial.suggest_categorical("gate", ["on", "off"]) == "off":
            return 0.5 + trial.suggest_float("z", 0, 1)
        x, y = trial.suggest_float("x", 0, 1), trial.suggest_float("y", 0, 1)
        return float((x < 0.5) ^ (y < 0.5))

    report = PedAnovaImportanceEvaluator(seed=0).report(_study(objective), interactions=True)
    assert [set(pair[:2]) for pair in report.joint_pairs()] == [{"x", "y"}]
    names = list(report.names)
    assert report.joint_p_values is not None
    assert report.joint_p_values[names.index("z"), names.index("x")] == 1.0


def test_infeasible_trials_do_not_count() -> None:
    """Their order is that of their violation, here the XOR of two parameters."""
    rng = np.random.default_rng(0)
    u = rng.random((200, 2))
    params = [{"x": x, "y": y} for x, y in u.tolist()]
    unit = optuna.distributions.FloatDistribution(0.0, 1.0)
    xor = (u[:, 0] < 0.5) ^ (u[:, 1] < 0.5)
    study = hand.study(
        [[value] for value in u.sum(axis=1).tolist()],
        infeasible=np.flatnonzero(xor).tolist(),
        params=params,
        distributions={"x": unit, "y": unit},
    )
    evaluator = PedAnovaImportanceEvaluator(seed=0, sampling="independent")
    assert evaluator.report(study, interactions=True).joint_pairs() == []


def test_more_than_a_thousand_trials_are_thinned_out() -> None:
    study = _study(_xor_and_choice, 1200)
    report = PedAnovaImportanceEvaluator(seed=0).report(study, interactions=True)
    assert [set(pair[:2]) for pair in report.joint_pairs()] == [{"a", "b"}]
