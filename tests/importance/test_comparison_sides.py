"""One side of a comparison is what the evaluator reports of it, with the trials behind that."""

from __future__ import annotations

import numpy as np
import optuna
import pytest

from optuna_hpx import PedAnovaImportanceEvaluator, TrialTable
from optuna_hpx.importance._comparison_sides import Side, difference_tests
from optuna_hpx.importance._overlap import Overlap


def study(n: int = 60) -> optuna.Study:
    study = optuna.create_study(
        directions=["minimize", "maximize"], sampler=optuna.samplers.RandomSampler(seed=1)
    )

    def objective(trial: optuna.Trial) -> tuple[float, float]:
        x, y = trial.suggest_float("x", 0, 1), trial.suggest_float("y", 0, 1)
        return x, y

    study.optimize(objective, n_trials=n)
    return study


@pytest.mark.parametrize(("k", "first"), [(0, "x"), (1, "y")])
def test_a_side_is_the_report_of_one_objective(k: int, first: str) -> None:
    table = TrialTable.of(study())
    evaluator = PedAnovaImportanceEvaluator(seed=0)
    side = Side.of(table, k, evaluator, None)
    direction = table.directions[k]
    alone = evaluator.report(
        table, target=lambda trial: -trial.values[k] if k else trial.values[k]
    )
    assert side.report.names[0] == first
    np.testing.assert_array_equal(
        side.report.importances[side.select(["x", "y"])],
        [dict(zip(alone.names, alone.importances, strict=True))[name] for name in "xy"],
    )
    assert (side.top.sum(), side.region.sum()) == (side.report.n_target, 60)
    values = table.values[:, k]
    best = values[side.top]
    assert (
        best.min() > values[~side.top].max()
        if direction == "maximize"
        else best.max() < values[~side.top].min()
    )
    assert side.is_testable
    assert side.near[side.top].any()
    assert side.near[~side.top].any()


def test_two_targets_of_the_same_trials_are_tested_in_pairs() -> None:
    table = TrialTable.of(study(120))
    evaluator = PedAnovaImportanceEvaluator(seed=0)
    sides = [Side.of(table, k, evaluator, None) for k in (0, 1)]
    rng = np.random.default_rng(0)
    tests, doubts = difference_tests(sides, ["x", "y"], 200, rng, Overlap.of(table, table))
    assert doubts == []
    assert (tests.p_values < 0.05).all()


def test_an_objective_that_there_is_not() -> None:
    with pytest.raises(ValueError, match="objectives from 0 to 1, got 2"):
        Side.of(TrialTable.of(study(5)), 2, PedAnovaImportanceEvaluator(), None)
