"""Two studies that are compared."""

from __future__ import annotations

import pytest

from optuna_hpx.canvas.material import Material
from optuna_hpx.canvas.pair import Pair
from tests import made_by_hand as hand
from tests.page.pairs import chosen, drawn


def test_who_the_trials_are() -> None:
    assert drawn().kinds == ("independent", "independent")
    assert set(chosen().kinds) <= {"adaptive", "mixed"}


def test_tables_and_objectives() -> None:
    pair = drawn()
    assert [len(table) for table in pair.tables] == [120, 90]
    assert pair.has_one_objective
    two = [Material.of(hand.study([[1.0, 2.0]], ["minimize"] * 2)) for _ in range(2)]
    assert not Pair(("A", "B"), (two[0], two[1])).has_one_objective


def test_what_cannot_be_compared() -> None:
    a = Material.of(hand.study([[1.0]]))
    b = Material.of(hand.study([[1.0]], ["maximize"]))
    with pytest.raises(ValueError, match="`labels` must differ"):
        Pair(("A", "A"), (a, a))
    with pytest.raises(ValueError, match="minimize and maximize"):
        Pair(("A", "B"), (a, b))
