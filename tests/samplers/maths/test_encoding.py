"""Points as features: distances are what they should be."""

from __future__ import annotations

import numpy as np
import pytest

from optuna_hpx.samplers.maths.encoding import Axis, features, groups, snap

NUMBER, STEPS, CHOICE = Axis(), Axis(cells=np.array([0.125, 0.375, 0.625, 0.875])), Axis(3)


def test_two_choices_lie_as_far_apart_as_the_ends_of_a_number() -> None:
    X = features(np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 2.0], [0.0, 1.0]]), [NUMBER, CHOICE])
    assert X.shape == (4, 4)
    distances = np.linalg.norm(X - X[0], axis=1)
    assert distances == pytest.approx([0.0, 1.0, 1.0, 1.0])


def test_what_is_absent_is_in_the_middle() -> None:
    X = features(np.array([[np.nan, np.nan], [0.0, 1.0]]), [NUMBER, CHOICE])
    assert X[0].tolist() == [0.5, 0.0, 0.0, 0.0]
    others = features(np.column_stack([np.zeros(3), np.arange(3)]), [NUMBER, CHOICE])
    apart = np.linalg.norm(others[:, 1:] - X[0, 1:], axis=1)
    assert apart == pytest.approx([np.sqrt(0.5)] * 3)


def test_groups_are_the_columns_of_each_parameter() -> None:
    assert groups([NUMBER, CHOICE, STEPS]) == [slice(0, 1), slice(1, 4), slice(4, 5)]


def test_discrete_numbers_snap_to_their_cells() -> None:
    points = np.array([[0.3, 0.3, 2.0], [0.0, 1.0, 0.0], [np.nan, np.nan, np.nan]])
    snapped = snap(points, [NUMBER, STEPS, CHOICE])
    assert snapped[:2].tolist() == [[0.3, 0.375, 2.0], [0.0, 0.875, 0.0]]
    assert np.isnan(snapped[2]).all()
