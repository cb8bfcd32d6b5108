"""Intervals for S: coverage where S is known, and what must hold in every case."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import pytest

from optuna_hpx.importance.maths.estimates import Cut, estimate, hidden
from optuna_hpx.importance.maths.interval import (
    first_probability,
    intervals,
    normalized_intervals,
)
from optuna_hpx.importance.maths.marginal import Marginal
from optuna_hpx.importance.maths.ped_anova import fits


def marginal(x: np.ndarray) -> Marginal:
    return Marginal(np.argsort(x, kind="stable"), None, ordered=True)


def sample(loss: np.ndarray, q: float) -> Cut:
    n = len(loss)
    order, m = np.argsort(loss), round(q * n)
    top = np.zeros(n, dtype=bool)
    top[order[:m]] = True
    near = order[max(m - 2 * int(m**0.5), 0) : m + 2 * int(m**0.5)]
    return Cut(np.ones(n, dtype=bool), top, near, order[:0], n)


def estimates_of(x: np.ndarray, cut: Cut) -> list:
    return [estimate(fits(cut.top, cut.n, [marginal(column)]), 0.0, cut) for column in x]


Draw = Callable[[np.random.Generator, int], tuple[np.ndarray, np.ndarray]]


def gate_and_line(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """f = x1 + [x2 > 1/2]: best 10 % are x1 < .2 and x2 < .5. S = 4/9, 1/9, and 0 for x3."""
    x = rng.random((3, n))
    return x, x[0] + (x[1] > 0.5)


EXACT = np.array([4 / 9, 1 / 9, 0.0])


def coverage(n: int, repeats: int) -> tuple[np.ndarray, np.ndarray]:
    held, shares = [], []
    for seed in range(repeats):
        x, loss = gate_and_line(np.random.default_rng([seed, n]), n)
        cut = sample(loss, 0.1)
        found = estimates_of(x, cut)
        low, high = intervals(found, cut, 0.95)
        held.append((low <= EXACT) & (high >= EXACT))
        low, high = normalized_intervals(found, cut, 0.95)
        shares.append((low <= EXACT / EXACT.sum()) & (high >= EXACT / EXACT.sum()))
    return np.mean(held, axis=0), np.mean(shares, axis=0)


def test_coverage() -> None:
    """Nominal 95 %, at least 90 %: 300 repetitions, standard error 0.013."""
    of_s, of_shares = coverage(200, 300)
    assert (of_s >= 0.90).all()
    assert (of_shares >= 0.90).all()


@pytest.mark.slow
@pytest.mark.parametrize("n", [100, 300, 1000])
def test_coverage_in_detail(n: int) -> None:
    of_s, of_shares = coverage(n, 2000)
    assert (of_s >= 0.925).all()
    assert (of_shares >= 0.925).all()


def test_standard_deviation_is_that_of_the_estimate() -> None:
    """The stated deviation at the true S, against that over repetitions."""
    n, found, stated = 1000, [], []
    for seed in range(300):
        x, loss = gate_and_line(np.random.default_rng(seed), n)
        cut = sample(loss, 0.1)
        each = estimates_of(x[:2], cut)
        found.append([e.s for e in each])
        stated.append([np.sum(e.influence**2) / n**2 + e.noise_at(e.shrunk)[0] for e in each])
    ratio = np.sqrt(np.mean(stated, axis=0)) / np.std(found, axis=0)
    assert (ratio > 0.9).all()
    assert (ratio < 1.3).all()  # bins astride the step make it look noisier than it is


def test_a_wider_level_is_wider_and_holds_the_estimate() -> None:
    x, loss = gate_and_line(np.random.default_rng(0), 300)
    cut = sample(loss, 0.1)
    found = estimates_of(x, cut)
    ends = [intervals(found, cut, level) for level in (0.5, 0.8, 0.95, 0.99)]
    for (low, high), (wider_low, wider_high) in itertools.pairwise(ends):
        assert (wider_low <= low).all()
        assert (wider_high >= high).all()
    low, high = ends[0]
    s = np.array([e.shrunk for e in found])
    assert (low <= s).all()
    assert (s <= high).all()
    assert (ends[-1][0] >= 0).all()
    assert (ends[-1][1] <= 1).all()


def test_more_trials_narrow_it() -> None:
    width = []
    for n in (100, 400, 1600, 6400):
        x, loss = gate_and_line(np.random.default_rng(1), n)
        cut = sample(loss, 0.1)
        low, high = intervals(estimates_of(x, cut), cut, 0.95)
        width.append((high - low)[0])
    assert width[3] < 0.7 * width[2] < 0.7 * 0.7 * width[1] < 0.7**3 * width[0]


def test_a_fixed_threshold_makes_m_random() -> None:
    """Coverage where the target set is what lies below a value; S as above, at the value 0.2."""
    held = []
    for seed in range(200):
        x, loss = gate_and_line(np.random.default_rng(seed), 300)
        top = loss <= 0.2
        cut = Cut(np.ones(300, dtype=bool), top, None, np.arange(0), 300)
        low, high = intervals(estimates_of(x, cut), cut, 0.95)
        held.append((low <= EXACT) & (high >= EXACT))
    assert (np.mean(held, axis=0) >= 0.89).all()


def test_few_targets_widen_it() -> None:
    """Four and five target trials: at least 93 %, 400 repetitions, standard error 0.01."""
    for n in (40, 50):
        of_s, _ = coverage(n, 400)
        assert (of_s >= 0.93).all()


def at_the_edge(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Of x < 1/4 half are the best there are, and half lie about the median, at .554545."""
    x, u = rng.random((2, n))
    return x, np.where(x < 0.25, np.where(u < 0.5, 0.1 * u, 0.3 + 0.4 * u), 0.1 + u)


def test_the_cut_off_of_the_region_is_random_too() -> None:
    """Best 20 % among the best 50 %: P is 11/14 for x < 1/4 and .22 beyond, q is .4.

    300 repetitions, standard error 0.013; without the cut-off's own share it is 0.86.
    """
    weight, p = np.array([7 / 22, 15 / 22]), np.array([11 / 14, 0.22])
    exact = weight @ (p - 0.4) ** 2 / 0.24
    n, held = 4000, []
    for seed in range(300):
        x, loss = at_the_edge(np.random.default_rng(seed), n)
        order = np.argsort(loss)
        region, top = (
            np.isin(np.arange(n), order[: n // 2]),
            np.isin(np.arange(n), order[: n // 5]),
        )
        near, far = order[n // 5 - 60 : n // 5 + 60], order[n // 2 - n // 40 : n // 2]
        cut = Cut(region, top, near, far, n)
        inside = np.flatnonzero(region)
        there = Marginal(inside[np.argsort(x[inside])], None, ordered=True)
        low, high = intervals([estimate(fits(top, cut.n, [there]), 0.0, cut)], cut, 0.95)
        held.append(low[0] <= exact <= high[0])
    assert np.mean(held) >= 0.90


@pytest.mark.parametrize("n", [500, 1000, 5000])
def test_a_parameter_that_decides_alone(n: int) -> None:
    """S = 1, whatever the bins that hold the cut-off leave open."""
    for seed in range(40):
        x = np.random.default_rng(seed).random(n)
        cut = sample(x, 0.1)
        low, high = intervals(estimates_of(x[None], cut), cut, 0.95)
        assert low[0] > 0.8
        assert high[0] == 1.0


@pytest.mark.parametrize("n", [1000, 5000])
def test_a_wave_that_decides_alone(n: int) -> None:
    """S = 1: ten times in and out of the target set; at least 95 % of 100."""
    held = []
    for seed in range(100):
        x = np.random.default_rng(seed).random(n)
        top = np.sin(20 * np.pi * x) > 0.8
        cut = Cut(np.ones(n, dtype=bool), top, None, np.arange(0), n)
        held.append(intervals(estimates_of(x[None], cut), cut, 0.95)[1][0] == 1.0)
    assert np.mean(held) >= 0.95


def test_a_regime_without_targets_may_hide_something() -> None:
    """0 of 50: P(top) may be 7 %, by Clopper and Pearson."""
    top = np.arange(100) >= 90
    regime = Marginal(np.arange(50), None, ordered=True)
    p = 1 - 0.025 ** (1 / 50)
    cut = Cut(np.ones(100, dtype=bool), top, None, np.arange(0), 100)
    gain = hidden(fits(top, 100, [regime]), cut, 0.95)
    assert gain == pytest.approx(0.5 * p * (1 - p) / 0.09)
    whole = Marginal(np.arange(100), None, True)
    assert hidden(fits(top, 100, [whole]), cut, 0.95) == 0.0
    constant = Marginal(np.arange(50), np.array([0, 50]), True)
    assert hidden(fits(top, 100, [constant]), cut, 0.95) == 0.0
    low, high = intervals([estimate([], 0.4, cut)], cut, 0.95)
    assert (low[0], high[0]) == (0.0, 0.4)


def test_who_is_first() -> None:
    x, loss = gate_and_line(np.random.default_rng(2), 500)
    cut = sample(loss, 0.1)
    chance = first_probability(estimates_of(x, cut), cut, 200, np.random.default_rng(0))
    assert chance.sum() == pytest.approx(1.0)
    assert chance[0] > 0.99
    twins = np.array([np.r_[x[2][:250], x[0][:250]], np.r_[x[1][:250], x[2][250:]]])
    chance = first_probability(estimates_of(twins, cut), cut, 500, np.random.default_rng(0))
    assert 0.02 < chance[0] < 0.98  # neither matters much: no one can tell


def test_what_cannot_vary_is_never_first() -> None:
    rng = np.random.default_rng(3)
    cut = sample(rng.random(100), 0.1)
    constant = estimate([], 0.0, cut)
    noise = estimates_of(rng.random((1, 100)), cut)
    for others in (noise, [*noise, *estimates_of(rng.random((1, 100)), cut)]):
        chance = first_probability([constant, *others], cut, 500, rng)
        low, high = normalized_intervals([constant, *others], cut, 0.95)
        assert chance[0] == low[0] == high[0] == 0.0
        assert chance.sum() == pytest.approx(1.0)
        assert (high[1:] == 1.0).all()
    np.testing.assert_array_equal(first_probability([constant] * 4, cut, 10, rng), 0.25)
    low, high = normalized_intervals([constant] * 4, cut, 0.95)
    assert (low == 0.0).all()
    assert (high == 1.0).all()
    low, high = normalized_intervals([estimate([], 0.1, cut), *noise], cut, 0.95)
    assert high[0] > 0.0  # where it may hide something


def test_who_is_first_of_two_that_are_the_same() -> None:
    """Both decide alone: no noise tells them apart, and neither is first for being listed so."""
    x = np.random.default_rng(4).random(100)
    cut = sample(x, 0.1)
    group = Marginal(np.argsort(x), np.array([0, 10, 100]), ordered=False)
    same = [estimate(fits(cut.top, 100, [group]), 0.0, cut)] * 2
    chance = first_probability(same, cut, 100, np.random.default_rng(0))
    assert same[0].shrunk == 1.0
    np.testing.assert_allclose(chance, 0.5)
