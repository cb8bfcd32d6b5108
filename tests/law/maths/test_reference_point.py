"""The reference point where none is given."""

from __future__ import annotations

import numpy as np
import pytest

from optuna_hpx.law.maths.reference_point import default_reference_point


def test_a_tenth_beyond_the_worst() -> None:
    losses = np.column_stack([np.arange(11.0), -np.arange(11.0)])
    assert default_reference_point(losses) == pytest.approx([11.0, 1.0])


def test_what_lies_far_off_does_not_count() -> None:
    losses = np.column_stack([np.append(np.arange(11.0), 1e9), np.zeros(12)])
    # Quartiles 2.75 and 8.25: the fence is at 24.75.
    assert default_reference_point(losses) == pytest.approx([24.75 * 1.1, 0.0])


def test_of_equal_quartiles_the_worst_counts() -> None:
    losses = np.column_stack([np.append(np.zeros(20), 5.0)] * 2)
    assert default_reference_point(losses) == pytest.approx([5.5, 5.5])
