"""Weighted points, and those of several models."""

from __future__ import annotations

import numpy as np
import pytest

from optuna_hpx.law.maths.points import Points, joined


def _points(*log_weight: float) -> Points:
    one = np.ones(len(log_weight))
    return Points(one, 0.0 * one, one, 0.0 * one, np.array(log_weight))


def test_the_evidence_is_the_sum_of_the_weights() -> None:
    points = _points(0.0, np.log(3.0))
    assert points.log_evidence == pytest.approx(np.log(4.0))
    assert points.times(np.log(2.0)).log_evidence == pytest.approx(np.log(8.0))


def test_models_side_by_side() -> None:
    both = joined([_points(0.0), _points(0.0, 0.0)])
    assert both.log_evidence == pytest.approx(np.log(3.0))
    assert len(both.alpha) == 3
