"""Counts of cells, against measured degrees, known arrangements and the figures of the brief."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from scipy import ndimage

from optuna_hpx.tasks.maths.capacity import (
    Capacity,
    _log_components,
    _log_sign_vectors,
    interpolated_activation,
    polynomial_gcn,
)
from optuna_hpx.tasks.maths.dual_curve import DualCurve
from optuna_hpx.tasks.maths.oscillations import (
    oscillation_tasks,
    oscillation_width,
    pdim_from_oscillations,
)

# widths, examples, breakpoints, degree
SMALL = ((1, 8, 1), 24, 3, 2)


WIDE = ((10, 16, 1), 100, 2, 1)


DEEP = ((10, 32, 32, 1), 500, 2, 1)


IMAGES = ((784, 512, 512, 512, 1), 60_000, 2, 1)


def sign_vectors(widths: tuple[int, ...], n: int, p: int, degree: int) -> float:
    """ln of the sign vectors of all layers, the output with the others."""
    d, v, total = 1, 1, 0.0
    for layer, (fan_in, fan_out) in enumerate(pairwise(widths), start=2):
        v += (fan_in + 1) * fan_out
        m = n * fan_out * (1 if layer == len(widths) else p)
        total += _log_sign_vectors(m, d, v)
        d = degree * d + 2
    return total


@pytest.mark.parametrize(
    ("network", "log_signs", "pdim", "tasks"),
    [
        (SMALL, 106, 162, 2.7e4),
        (WIDE, 882, 1_284, 1.9e5),
        (DEEP, 10_870, 15_698, 2.2e6),
        (IMAGES, 1.5e7, 2.1e7, 2.9e9),
    ],
)
def test_sign_vectors_alone(network: Any, log_signs: float, pdim: int, tasks: float) -> None:
    """The figures of the table in the brief, which takes each sign vector for one cell."""
    count = Capacity("", sign_vectors(*network))
    assert count.log_cells == pytest.approx(log_signs, rel=0.035)
    assert count.pdim == pytest.approx(pdim, rel=0.01)
    assert count.tasks_needed() == pytest.approx(tasks, rel=0.03)
    cells = interpolated_activation(*network)
    assert 1.5 * count.log_cells < cells.log_cells < 2.8 * count.log_cells


def test_sign_vectors_alone_of_graph_networks() -> None:
    def count(n: int, n_labelled: int, d: int, d_0: int, n_classes: int, degree: int) -> Capacity:
        v = d * d_0 + d_0 * n_classes + 1
        pairs = n_labelled * n_classes * (n_classes - 1) // 2
        hidden = _log_sign_vectors(n * d_0, degree + 1, v)
        return Capacity("", hidden + _log_sign_vectors(pairs, (n + 1) * degree + 2, v))

    small, cora = (24, 12, 4, 8, 2, 2), (2708, 140, 1433, 16, 7, 2)
    assert count(*small).pdim == 317
    assert count(*small).tasks_needed() == pytest.approx(5.0e4, rel=0.01)
    assert count(*cora).pdim == pytest.approx(1.2e5, rel=0.05)
    assert count(*cora).tasks_needed() == pytest.approx(1.6e7, rel=0.05)
    assert polynomial_gcn(*small).pdim == 842
    assert polynomial_gcn(*small).log_cells > count(*small).log_cells


@pytest.mark.parametrize("degree", [6, 10, 40])
def test_one_sign_vector_can_have_many_cells(degree: int) -> None:
    """u(a) = max_w 1{T(a) - 1/2 >= w^2}, T Chebyshev's: one polynomial, so two sign vectors."""
    a = np.linspace(-1.0, 1.0, 40_001)
    u = np.cos(degree * np.arccos(a)) >= 0.5  # as w = 0 is the best
    oscillations = DualCurve(a, u).oscillations()
    assert oscillations == degree
    assert oscillations > 2 * math.exp(_log_sign_vectors(1, degree, 2))
    assert math.log(oscillations) <= math.log(2.0) + _log_components(1, degree, 2)


@pytest.mark.parametrize("m", [2, 5, 50])
def test_components_of_lines_and_planes(m: int) -> None:
    """m lines in general position have 1 + m + m(m-1)/2 components; planes, the cake numbers."""
    lines = 1 + m + math.comb(m, 2)
    planes = lines + math.comb(m, 3)
    for n_cells, v in ((lines, 2), (planes, 3)):
        assert math.log(n_cells) <= _log_sign_vectors(m, 1, v)
        assert math.log(n_cells) <= _log_components(m, 1, v)


def test_each_polynomial_is_raised_twice() -> None:
    """Two lobes that touch where p_2 = 0: raised alike they join, one less than the other not."""
    x, y = np.meshgrid(*[np.linspace(-1.2, 1.2, 1201)] * 2)
    p_1, p_2 = x**2 - y**2 - (x**2 + y**2) ** 2, -9.0 * (x**2 + y**2)

    def components(eps: float, delta: float) -> int:
        return int(ndimage.label((p_1 > -eps) & (p_2 < -delta))[1])

    assert [components(eps, eps) for eps in (0.1, 0.01, 0.001)] == [1, 1, 1]
    assert [components(delta / 100.0, delta) for delta in (0.1, 0.01)] == [2, 2]


def measured_degree(n_hidden: int, degree: int) -> int:
    """Of the output in (a, w), along a random line: the last difference that is not zero."""
    rng = np.random.default_rng(n_hidden)
    start, step = (
        [[int(x) for x in rng.integers(1, 9, 12)] for _ in range(n_hidden + 2)] for _ in range(2)
    )

    def output(t: int) -> Fraction:
        at = [
            [Fraction(x + t * y) for x, y in zip(s, r, strict=True)]
            for s, r in zip(start, step, strict=True)
        ]
        a, z = at[0][0], [3 * w + b for w, b in zip(at[1][:3], at[1][3:6], strict=True)]
        for layer in range(2, n_hidden + 2):
            h = [a * x**degree + (1 - a) * 2 * x for x in z]
            w = at[layer]
            z = [sum((w[3 * j + i] * h[i] for i in range(3)), w[9 + j]) for j in range(3)]
        return z[0]

    differences = [output(t) for t in range(40)]
    found = -1
    while any(differences):
        differences = [y - x for x, y in pairwise(differences)]
        found += 1
    return found


@pytest.mark.parametrize(
    ("n_hidden", "degree", "expected"), [(1, 2, 4), (2, 2, 10), (3, 2, 22), (3, 1, 7), (2, 3, 17)]
)
def test_degrees_follow_the_recurrence(n_hidden: int, degree: int, expected: int) -> None:
    d = 1
    for _ in range(n_hidden):
        d = degree * d + 2
    assert measured_degree(n_hidden, degree) == d == expected


def test_interpolated_activation_by_hand() -> None:
    """One hidden layer: 17 variables and 576 polynomials there, then 26 and 24 more."""
    hidden = math.log(2) + 17 * math.log(2 * math.e * 576 / 17)
    cells = 26 * math.log(4 * math.e * (2 * (576 + 24) + 2 * 26) * 4 / 26)
    assert interpolated_activation(*SMALL).log_cells == pytest.approx(hidden + cells)
    # Ten classes: 45 comparisons per example, 9 hidden values to each of ten outputs.
    ten = interpolated_activation((1, 8, 10), 24, 3, 2)
    v = 17 + 90
    cells = v * math.log(4 * math.e * (2 * (576 + 24 * 45) + 2 * v) * 4 / v)
    assert ten.log_cells == pytest.approx(hidden + cells)
    # Polynomials without breakpoints decide nothing in the hidden layer.
    smooth = interpolated_activation((1, 8, 1), 24, 0, 2)
    assert smooth.log_cells == pytest.approx(26 * math.log(4 * math.e * (48 + 52) * 4 / 26))


def test_polynomial_gcn_by_hand() -> None:
    hidden = math.log(2) + 33 * math.log(2 * math.e * 24 * 8 * 3 / 33)
    cells = 49 * math.log(4 * math.e * (2 * (192 + 12) + 98) * 52 / 49)
    assert polynomial_gcn(24, 12, 4, 8, 2, 2).log_cells == pytest.approx(hidden + cells)


def test_counting_is_smaller_from_seven_weights_on() -> None:
    for network in (((1, 2, 1), 24, 3, 2), SMALL, WIDE, DEEP, IMAGES):
        capacity = interpolated_activation(*network)
        assert capacity.pdim > capacity.log2_configs
        assert capacity.tasks_needed() > capacity.tasks_by_counting()


def test_more_of_anything_has_more_cells() -> None:
    base = interpolated_activation(*DEEP).log_cells
    for larger in (
        ((10, 33, 32, 1), 500, 2, 1),
        ((10, 32, 32, 2), 500, 2, 1),
        ((10, 32, 32, 1), 501, 2, 1),
        ((10, 32, 32, 1), 500, 3, 1),
        ((10, 32, 32, 1), 500, 2, 2),
    ):
        assert interpolated_activation(*larger).log_cells > base


def test_summary_shows_both_and_says_which_is_smaller() -> None:
    text = interpolated_activation(*SMALL).summary()
    assert "426" in text
    assert "2^64 configurations" in text
    assert "66,288" in text
    assert "2,368" in text
    assert "Counting needs fewer tasks." in text
    few = Capacity("few cells", 1.0, n_configs=10**300).summary()
    assert "The structure needs fewer tasks." in few
    grid = interpolated_activation(*SMALL, n_configs=1001)
    assert grid.log2_configs == pytest.approx(math.log2(1001))
    assert "1,001 configurations" in grid.summary()
    assert grid.tasks_by_counting() == 496


@pytest.mark.parametrize(
    ("log2_m", "tasks"), [(0, 150), (math.log2(100), 381), (20, 843), (32, 1259), (64, 2368)]
)
def test_tasks_by_counting(log2_m: float, tasks: int) -> None:
    assert Capacity("", 0.0, n_configs=round(2**log2_m)).tasks_by_counting() == tasks


def test_bad_input() -> None:
    with pytest.raises(TypeError, match="`widths` must be a sequence of ints, got 3"):
        interpolated_activation(3, 1, 1, 1)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="`widths` must have an input and an output"):
        interpolated_activation((3,), 1, 1, 1)
    with pytest.raises(ValueError, match=r"`widths\[1\]` must be at least 1, got 0"):
        interpolated_activation((3, 0, 1), 1, 1, 1)
    with pytest.raises(TypeError, match=r"`degree` must be an int, got 1\.5"):
        interpolated_activation((3, 1), 1, 1, 1.5)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="`n_labelled` must be at most `n_nodes` = 3, got 4"):
        polynomial_gcn(3, 4, 1, 1, 2, 1)
    with pytest.raises(ValueError, match="`n_classes` must be at least 2, got 1"):
        polynomial_gcn(3, 3, 1, 1, 1, 1)
    with pytest.raises(ValueError, match="`n_oscillations` must be at least 0, got -1"):
        pdim_from_oscillations(-1)
    for epsilon in (0, 1, 30):
        with pytest.raises(ValueError, match=rf"`epsilon` must be in \(0, 1\), got {epsilon}"):
            Capacity("", 1.0).tasks_needed(epsilon)
    with pytest.raises(ValueError, match=r"`epsilon` must be in \(0, 1\), got 30"):
        Capacity("", 1.0).summary(30)
    with pytest.raises(ValueError, match=r"`epsilon` must be in \(0, 1\), got 2"):
        oscillation_tasks(2, log_oscillations=1.0)
    with pytest.raises(ValueError, match=r"`delta` must be in \(0, 1\), got 1"):
        Capacity("", 1.0).tasks_by_counting(0.1, 1)
    with pytest.raises(ValueError, match="`log_oscillations` must be finite, got nan"):
        oscillation_width(3, log_oscillations=math.nan)
    with pytest.raises(ValueError, match="`log_cells` must not be negative"):
        Capacity("", -1.0)
