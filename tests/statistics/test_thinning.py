"""A few of many rows: as many as wanted, both ends, in order, and at even distances."""

from __future__ import annotations

import numpy as np
import pytest

from optuna_hpx.statistics.thinning import evenly


@pytest.mark.parametrize(("n", "limit"), [(1, 5), (5, 5), (6, 5), (1000, 7), (10**6, 400)])
def test_even_distances(n: int, limit: int) -> None:
    rows = evenly(n, limit)
    assert (len(rows), rows[0], rows[-1]) == (min(n, limit), 0, n - 1)
    steps = np.diff(rows)
    assert np.ptp(steps) <= 1 if len(steps) else n == 1
    assert (steps > 0).all()


def test_no_rows() -> None:
    assert evenly(0, 5).tolist() == []
