from __future__ import annotations

import numpy as np
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

from optuna_hpx import TrialTable
from optuna_hpx.importance._common_cells import cells_of
from tests.importance.test_ped_anova import UNIT, study_of


def _table(values: np.ndarray, dist: BaseDistribution = UNIT) -> TrialTable:
    return TrialTable.from_study(study_of({"x": (values, dist)}, np.zeros(len(values))))


def test_a_continuous_domain_is_cut_into_equal_parts() -> None:
    """Half the root of 64 trials: 4 cells, and one for trials without the parameter."""
    (cells,) = cells_of([_table(np.array([0.0, 0.24, 0.26, 0.99, 1.0]))], ["x"], 64)
    assert cells.codes.tolist() == [0, 0, 1, 3, 3]
    assert cells.regime.tolist() == [0, 0, 0, 0, -1]


def test_positions_of_a_log_domain() -> None:
    values = np.array([1e-4, 2e-4, 2e-3, 0.9])
    (cells,) = cells_of([_table(values, FloatDistribution(1e-4, 1.0, log=True))], ["x"], 64)
    assert cells.codes.tolist() == [0, 0, 1, 3]


def test_few_values_have_a_cell_each() -> None:
    (cells,) = cells_of([_table(np.array([3.0, 1.0, 2.0]), IntDistribution(1, 3))], ["x"], 64)
    assert cells.codes.tolist() == [2, 0, 1]


def test_many_values_share_cells() -> None:
    values = np.arange(100.0)
    (cells,) = cells_of([_table(values, IntDistribution(0, 99))], ["x"], 64)
    assert np.bincount(cells.codes).tolist() == [25] * 4


def test_inactive_trials_are_a_regime_of_one_cell() -> None:
    (cells,) = cells_of([_table(np.array([0.1, np.nan, 0.9]))], ["x"], 16)
    assert cells.codes.tolist() == [0, 2, 1]
    assert cells.regime.tolist() == [0, 0, -1]


def test_two_sides_follow_each_other() -> None:
    dists = CategoricalDistribution(["a", "b"]), CategoricalDistribution(["b", "a"])
    tables = [_table(np.array([0.0, 1.0]), dist) for dist in dists]
    (cells,) = cells_of(tables, ["x"], 16)
    assert cells.codes.tolist() == [0, 1, 1, 0], "by the choice, and not by its place"


def test_bounds_that_differ_are_compared_by_position() -> None:
    tables = [
        _table(np.array([0.1, 0.9])),
        _table(np.array([0.1, 0.9]), FloatDistribution(0, 0.98)),
    ]
    (cells,) = cells_of(tables, ["x"], 16)
    assert cells.codes.tolist() == [0, 1, 0, 1]
    assert len(cells.regime) == 3, "one regime of two cells, and the inactive"
