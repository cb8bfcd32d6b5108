"""Domains in words."""

from __future__ import annotations

import pytest
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

from optuna_hpx.page._domains import describe_column, describe_domain
from optuna_hpx.trials.table import TrialTable
from tests import made_by_hand as hand


@pytest.mark.parametrize(
    ("dist", "text"),
    [
        (FloatDistribution(0.0, 1.5), "float, 0 to 1.5"),
        (FloatDistribution(1e-5, 1.0, log=True), "float, log, 1e-05 to 1"),
        (IntDistribution(1, 64), "integer, 1 to 64"),
        (CategoricalDistribution(["a", None]), "2 choices"),
    ],
)
def test_one_domain(dist: BaseDistribution, text: str) -> None:
    assert describe_domain(dist) == text


def test_choices_of_a_column_are_named() -> None:
    dist = CategoricalDistribution(["a", None, 3])
    study = hand.study([[1.0]], params=[{"x": "a"}], distributions={"x": dist})
    assert describe_column(TrialTable.of(study).columns["x"]) == "a, None and 3"


def test_moving_bounds_are_counted() -> None:
    study = hand.study([])
    for k in range(5):
        more = hand.study(
            [[1.0]],
            params=[{"x": k + 0.5}],
            distributions={"x": FloatDistribution(float(k), k + 1.0)},
        )
        study.add_trial(more.trials[0])
    text = describe_column(TrialTable.of(study).columns["x"])
    assert text == "float, 0 to 1; float, 1 to 2; 3 more"
