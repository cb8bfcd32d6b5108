"""One percent of the way from the median trial to the best."""

from __future__ import annotations

import math

import pytest

from optuna_hpx.law.maths.progress import percent_step


def test_a_hundredth_of_the_way_in_either_direction() -> None:
    assert percent_step(3.0, 1.0) == pytest.approx(0.02)
    assert percent_step(-3.0, -1.0) == pytest.approx(0.02)


@pytest.mark.parametrize("median", [1.0, math.inf, -math.inf])
def test_no_way(median: float) -> None:
    assert percent_step(median, 1.0) is None
