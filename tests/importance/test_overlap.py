from __future__ import annotations

import numpy as np
import optuna
import pytest
from optuna.distributions import BaseDistribution, CategoricalDistribution, IntDistribution

from optuna_hpx import TrialTable
from optuna_hpx.importance._overlap import Overlap
from tests.importance.test_ped_anova import UNIT, study_of


def _table(
    values: np.ndarray, losses: np.ndarray | None = None, dist: BaseDistribution = UNIT
) -> TrialTable:
    losses = np.zeros(len(values)) if losses is None else losses
    return TrialTable.from_study(study_of({"x": (values, dist)}, losses))


def test_a_table_and_its_parts() -> None:
    table = _table(np.random.default_rng(0).random(10))
    whole = Overlap(10, is_paired=True, are_objectives_equal=True)
    assert Overlap.of(table, table) == whole
    assert Overlap.of(table, table.take(np.arange(10))) == whole
    parts = table.take(np.arange(6)), table.take(np.arange(4, 10))
    assert Overlap.of(*parts) == Overlap(2, is_paired=False, are_objectives_equal=True)
    other = _table(np.random.default_rng(1).random(10))
    assert Overlap.of(table, other).n_points == 0


def test_the_same_points_with_another_objective_whatever_their_numbers() -> None:
    x = np.random.default_rng(0).random(30)
    first = _table(x, x)
    assert Overlap.of(first, _table(x, -x)) == Overlap(
        30, is_paired=True, are_objectives_equal=False
    )
    shifted = _table(np.concatenate([[0.5, 0.6], x]), np.ones(32))
    assert Overlap.of(first, shifted) == Overlap(30, is_paired=False, are_objectives_equal=False)


@pytest.mark.parametrize(
    "dist", [IntDistribution(0, 3), CategoricalDistribution(["a", "b", "c", "d"])]
)
def test_values_that_recur_by_chance_are_not_shared(dist: BaseDistribution) -> None:
    """But the same sequence of them is: that is a sampler's seed."""
    codes = np.random.default_rng(0).integers(4, size=(2, 40)).astype(float)
    first, second = (_table(code, code, dist) for code in codes)
    assert Overlap.of(first, second).n_points == 0
    again = _table(codes[0], -codes[0], dist)
    assert Overlap.of(first, again) == Overlap(40, is_paired=True, are_objectives_equal=False)


def test_samplers_that_part_after_their_start() -> None:
    def study(sign: float) -> optuna.Study:
        study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=3))
        study.optimize(lambda trial: sign * trial.suggest_float("x", 0, 1), n_trials=30)
        return study

    shared = Overlap.of(*(TrialTable.of(study(sign)) for sign in (1.0, -1.0)))
    assert (shared.n_points, shared.is_paired) == (10, False)
