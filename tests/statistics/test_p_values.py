"""p-values of several tests, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from optuna_hpx.statistics.p_values import holm


def test_holm_by_hand() -> None:
    assert holm(np.array([0.04, 0.01, 0.03])) == pytest.approx([0.06, 0.03, 0.06])
    assert holm(np.array([0.9, 0.8])).tolist() == [1.0, 1.0]
    assert len(holm(np.empty(0))) == 0
