"""Counting configurations: by listing them."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest

from optuna_hpx.tasks.maths.counting import log_configurations, log_floats


def test_log_floats() -> None:
    eps = 2.0**-52
    assert log_floats(1.0, 1.0) == 0
    assert log_floats(-0.0, 0.0) == 0
    assert log_floats(1.0, 1 + 5 * eps) == pytest.approx(math.log(6))
    assert log_floats(1.0, 2.0) == pytest.approx(math.log(2**52 + 1))
    assert log_floats(-5e-324, 5e-324) == pytest.approx(math.log(3))
    assert log_floats(0.0, 1.0) == pytest.approx(math.log(1023 * 2**52 + 1))
    assert log_floats(-2.0, -1.0) == log_floats(1.0, 2.0)
    largest = np.finfo(float).max
    assert log_floats(-largest, largest) == pytest.approx(math.log(2 * 2047 * 2**52 - 1))
    value, count = -3e-323, 0
    while value < 2e-323:
        value, count = np.nextafter(value, 1), count + 1
    assert log_floats(-3e-323, 2e-323) == pytest.approx(math.log(count + 1))


def test_configurations_are_as_many_as_can_be_listed() -> None:
    ranges = [[3, 2], [4], [1, 5]]
    listed = list(product(*(range(sum(sizes)) for sizes in ranges)))
    log_n = [[math.log(size) for size in sizes] for sizes in ranges]
    assert log_configurations(log_n) == pytest.approx(math.log(len(listed)))
    assert log_configurations(log_n, n_outside=7) == pytest.approx(math.log(len(listed) + 7))
    assert log_configurations([]) == 0.0
    assert log_configurations([[64 * math.log(2.0)]] * 100) == pytest.approx(6400 * math.log(2.0))
