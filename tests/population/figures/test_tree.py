"""Which segments are drawn, as what, and where."""

from __future__ import annotations

import math

import numpy as np
import pytest

from optuna_hpx.canvas.scale import Scale, is_finite
from optuna_hpx.population._ledger import Ledger
from optuna_hpx.population.figures import _tree
from optuna_hpx.population.figures._tree import Tree
from tests.population.figures.test_genealogy import PRUNED, population
from tests.population.figures.test_genealogy import Tree as Outcomes


def tree_of(outcomes: Outcomes, direction: str = "minimize") -> tuple[Tree, Scale]:
    ledger = Ledger.read(population(outcomes, direction))
    values = ledger.sign * np.array([segment.loss for segment in ledger.segments()])
    scale = Scale.of(values[is_finite(values)], ledger.sign)
    return Tree.from_ledger(ledger, values, scale), scale


OUTCOMES: Outcomes = [
    [(3.0, None), (2.0, None), (PRUNED, None), (math.inf, None)],
    [(2.5, 0), (1.0, 1), (3.5, 0), (2.2, 1)],
]


def test_each_segment_is_in_the_most_telling_group() -> None:
    tree, _ = tree_of(OUTCOMES)
    names = ["LIVING", "LINEAGE", "PRUNED", "INFINITE", "LIVING", "LINEAGE", "LIVING", "LIVING"]
    assert tree.group.tolist() == [getattr(_tree, name) for name in names]
    assert tree.parents.tolist() == [-1, -1, -1, -1, 0, 1, 0, 1]
    assert tree.on_axis.tolist() == [True, True, False, False, True, True, True, True]


@pytest.mark.parametrize("n", [1, 2, 4, 8, 100])
def test_the_best_lineage_is_picked_first(n: int) -> None:
    tree, _ = tree_of(OUTCOMES)
    rows = tree.pick(n)
    assert len(rows) == min(n, 8)
    assert (np.diff(rows) > 0).all()
    groups = tree.group[rows]
    assert (groups == _tree.LINEAGE).sum() == min(n, 2)
    assert ((groups != _tree.LINEAGE) & (groups != _tree.LIVING)).sum() == max(0, min(n, 8) - 6)


def test_places() -> None:
    tree, scale = tree_of(OUTCOMES)
    x, y = tree.places(scale)
    assert x[tree.on_axis].tolist() == [0.0, 0.0, 1.0, 1.0, 1.0, 1.0]
    assert y[tree.on_axis].tolist() == [3.0, 2.0, 2.5, 1.0, 3.5, 2.2]
    assert y[~tree.on_axis].tolist() == [scale.middle] * 2
    assert x[2] < 0.0 < x[3]
