"""Whether two tables are of one search space."""

from __future__ import annotations

import numpy as np
import pytest
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

from optuna_hpx import TrialTable
from optuna_hpx.trials.spaces import choices_of_column, differing_domains, hull
from tests.importance.test_ped_anova import UNIT, study_of


def _table(values: np.ndarray, dist: BaseDistribution = UNIT) -> TrialTable:
    return TrialTable.from_study(study_of({"x": (values, dist)}, np.zeros(len(values))))


@pytest.mark.parametrize(
    ("dist", "differs"),
    [
        (UNIT, False),
        (FloatDistribution(0.0, 0.97), False),
        (FloatDistribution(0.0, 2.0), True),
        (FloatDistribution(0.001, 1.0, log=True), True),
        (IntDistribution(0, 1), True),
        (CategoricalDistribution([0.0, 1.0]), True),
    ],
)
def test_domains(dist: BaseDistribution, differs: bool) -> None:
    whole = isinstance(dist, IntDistribution | CategoricalDistribution)
    a, b = _table(np.full(4, 0.5)), _table(np.full(4, 1.0 if whole else 0.5), dist)
    assert differing_domains(a.columns, b.columns) == ["x"] * differs


def test_a_parameter_of_one_side_only() -> None:
    a = _table(np.ones(4))
    assert differing_domains(a.columns, {}) == ["x"]


def test_the_ends_and_the_choices_of_a_column() -> None:
    assert hull(_table(np.full(3, 0.5)).columns["x"]) == (0.0, 1.0)
    choices = _table(np.zeros(3), CategoricalDistribution([0.0, "a"])).columns["x"]
    assert choices_of_column(choices) == {"0.0", "'a'"}
