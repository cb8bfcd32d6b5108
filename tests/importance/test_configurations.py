from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from optuna_hpx import TrialTable
from optuna_hpx.importance._configurations import configuration_of, trials_at, values_of
from optuna_hpx.trials.table import INACTIVE
from tests.importance.test_changes import ADAM, SGD, changes_of, optimisers


@pytest.fixture(scope="module")
def table() -> TrialTable:
    return optimisers()


def test_the_values_of_a_trial(table: TrialTable) -> None:
    for row in (0, 5):
        assert values_of(table, row) == table.trials[row].params
        back = configuration_of("end", values_of(table, row), table)
        for name, (code, value) in back.items():
            assert table.columns[name].regime[row] == code != INACTIVE
            assert table.columns[name].values[row] == value


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (SGD | {"lr": 2.0}, "lies in no domain"),
        (SGD | {"optimizer": "lion"}, "lies in no domain"),
        (SGD | {"depth": 2}, r"names \['depth'\]"),
        ({"lr": 0.1, "optimizer": "sgd"}, r"a value of \['layers'\]"),
    ],
)
def test_configurations_that_are_none(
    values: dict[str, Any], message: str, table: TrialTable
) -> None:
    with pytest.raises(ValueError, match=message) as error:
        configuration_of("baseline", values, table)
    assert "`baseline`" in str(error.value)


def test_trials_at_points(table: TrialTable) -> None:
    end = values_of(table, 3)
    near = end | {"lr": end["lr"] * 1.01}
    far = end | {"lr": 0.9 if end["lr"] < 0.1 else 1e-4}
    for values, expected in ((end, [3]), (near, [3]), (far, [])):
        changes = changes_of(table, values, end)
        points = changes.points(np.zeros((1, len(changes.names)), dtype=bool))
        (rows,) = trials_at(table, points)
        assert rows.tolist() == expected


def test_a_choice_that_no_complete_trial_had_is_refused(table: TrialTable) -> None:
    kept = table.take(np.flatnonzero([t.params["optimizer"] != "sgd" for t in table.trials]))
    with pytest.raises(ValueError, match="'optimizer' = 'sgd', which no complete trial had"):
        configuration_of("baseline", ADAM | {"optimizer": "sgd"}, kept)
