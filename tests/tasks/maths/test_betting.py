"""Betting: exact coverage by enumeration, and inversions by brute force."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import product

import numpy as np
import pytest
from scipy import stats

from optuna_hpx.tasks.maths import betting as betting_maths
from optuna_hpx.tasks.maths.betting import betting, improvement, tasks_for_width
from optuna_hpx.tasks.maths.bounds import hoeffding, naive

Bound = Callable[[np.ndarray, float, float], float]


SAMPLES: dict[str, Callable[[np.random.Generator, int], np.ndarray]] = {
    "beta": lambda rng, n: rng.beta(8, 2, n),
    "uniform": lambda rng, n: rng.random(n),
    "little variance": lambda rng, n: np.clip(0.8 + 0.02 * rng.standard_normal(n), 0, 1),
    "Bernoulli": lambda rng, n: (rng.random(n) < 0.9).astype(float),
    "shares of 20": lambda rng, n: rng.binomial(20, 0.9, n) / 20,
}


def wealth(x: np.ndarray, m: float, log_n_configs: float, delta: float) -> float:
    """K, by products of plain floats; stakes as in the notation, one by one."""
    m = float(m)
    least = math.sqrt(2 * (log_n_configs + math.log(1 / delta)) * m / (len(x) * (1 - m)))
    k = [
        math.prod(1 - c + c * u / m for u in x.tolist())
        for c in (min(1.0, least) ** (j / 23) for j in range(24))
    ]
    return k[0] / 3 + 2 / 3 * math.fsum(k[1:]) / 23


def samples(n: int, repeats: int = 1) -> list[np.ndarray]:
    rng = np.random.default_rng(n)
    return [draw(rng, n) for draw in SAMPLES.values() for _ in range(repeats)]


@pytest.mark.parametrize("n_configs", [1, 100, 1e6])
@pytest.mark.parametrize("n", [1, 3, 20, 100])
def test_betting_is_where_the_wealth_reaches_the_threshold(n: int, n_configs: float) -> None:
    """On a grid of m: reached at all points below the bound, at none above."""
    for x in samples(n):
        bound = betting(x, math.log(n_configs), 0.05)
        grid = np.append(np.linspace(1e-4, x.mean(), 60, endpoint=False), [bound * 1.000001])
        reached = [wealth(x, m, math.log(n_configs), 0.05) >= n_configs / 0.05 for m in grid]
        np.testing.assert_array_equal(reached, grid <= bound)
        k = wealth(x, bound, math.log(n_configs), 0.05)
        assert k * 0.05 / n_configs == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("log_n_configs", [0.0, 44.4])
def test_factors_do_not_grow_with_m(log_n_configs: float) -> None:
    """So says the argument that there is one bound only: for each stake, and any x."""
    for n in (5, 500):
        for x in np.linspace(0, 1, 11):
            m = np.linspace(1e-6, 1 - 1e-9, 2000)[:, None]
            least = np.sqrt(2 * (log_n_configs + 3) / n * m / (1 - m))
            stake = np.minimum(1, least) ** np.linspace(0, 1, 24)
            assert (np.diff(1 + stake * (x / m - 1), axis=0) <= 1e-9).all()


def test_expected_wealth_is_at_most_one() -> None:
    """Over all outcomes in {0, 1/2, 1}^5 with mean m: what Markov's inequality asks for."""
    for p in ([0.2, 0.3, 0.5], [0.5, 0, 0.5], [0.9, 0.1, 0]):
        m = p[1] / 2 + p[2]
        outcomes = list(product([0, 1, 2], repeat=5))
        chances = [math.prod(p[i] for i in outcome) for outcome in outcomes]
        wealths = [wealth(np.array(outcome) / 2, m, 3.0, 0.05) for outcome in outcomes]
        assert np.dot(chances, wealths) == pytest.approx(1)


@pytest.mark.parametrize("bound", [betting, hoeffding])
@pytest.mark.parametrize("delta", [0.05, 0.3])
@pytest.mark.parametrize("n", [1, 5, 20, 50])
def test_coverage_is_exact_for_binary_utilities(bound: Bound, n: int, delta: float) -> None:
    """By binomial sums; the worst expectations are those just below a possible bound."""
    for n_configs in (1, 10):
        found = [
            bound((np.arange(n) < k).astype(float), math.log(n_configs), delta)
            for k in range(n + 1)
        ]
        for p in [0.01, 0.1, 0.5, 0.9, 0.99, *(b - 1e-9 for b in found if b > 1e-9)]:
            fails = np.array(found) > p
            missed = stats.binom.pmf(np.arange(n + 1), n, p)[fails].sum()
            assert missed <= delta / n_configs


def test_coverage_is_exact_for_three_values() -> None:
    outcomes = np.array(list(product([0.0, 0.5, 1.0], repeat=5)))
    found = np.array([betting(x, 0.0, 0.2) for x in outcomes])
    assert found.max() > 0.5
    for p in ([0.1, 0.2, 0.7], [0.3, 0.6, 0.1], [0.02, 0.03, 0.95], [0.05, 0.5, 0.45]):
        chance = np.prod(np.array(p)[(2 * outcomes).astype(int)], axis=1)
        assert chance[found > p[1] / 2 + p[2]].sum() <= 0.2


def test_betting_holds_for_the_best_of_many() -> None:
    """The best of 40 equal configurations, where a bound for one would fail; and two standard
    errors are far away."""
    rng = np.random.default_rng(0)
    failed, failed_for_one = 0, 0
    for _ in range(200):
        x = rng.beta(8, 2, (40, 30))
        winner = x[x.mean(axis=1).argmax()]
        failed += betting(winner, math.log(40), 0.05) > 0.8
        failed_for_one += naive(winner, 0.05) > 0.8
    assert failed <= 0.05 * 200
    assert failed_for_one > 0.5 * 200


@pytest.mark.parametrize("log_n_configs", [0.0, math.log(1e6), 64 * math.log(2)])
def test_order_does_not_matter(log_n_configs: float) -> None:
    rng = np.random.default_rng(0)
    for x in samples(30):
        expected = betting(x, log_n_configs, 0.05)
        assert betting(rng.permutation(x), log_n_configs, 0.05) == pytest.approx(
            expected, abs=1e-10
        )


@pytest.mark.parametrize("bound", [betting, hoeffding])
def test_more_configurations_or_certainty_give_less(bound: Bound) -> None:
    for x in samples(40):
        by_m = [bound(x, math.log(m), 0.05) for m in (1, 2, 100, 1e6, 2.0**64, 2.0**1000)]
        by_delta = [bound(x, 3.0, delta) for delta in (0.5, 0.1, 0.05, 1e-3, 1e-9)]
        assert (np.diff(by_m) < 0).all()
        assert (np.diff(by_delta) < 0).all()
        assert by_m[0] < x.mean()


def test_betting_grows_with_every_utility() -> None:
    rng = np.random.default_rng(0)
    for x in samples(25):
        more = np.minimum(1, x + 0.1 * rng.random(25) * (rng.random(25) < 0.3))
        assert betting(more, 2.0, 0.05) >= betting(x, 2.0, 0.05)


def test_betting_at_the_ends() -> None:
    assert betting(np.zeros(30), 0.0, 0.05) == 0
    assert betting(np.ones(20), 5e4, 0.05) == 0  # e^-2500
    for log_n_configs in (0.0, 44.4, 400.0):
        for n in (1, 20, 1000):
            # No bound can be above (delta / M)^(1/T), and a third is staked on all being 1.
            ideal = (math.log(0.05) - log_n_configs) / n
            found = math.log(betting(np.ones(n), log_n_configs, 0.05))
            assert ideal - math.log(3) / n - 1e-9 <= found <= ideal + 1e-9
            found = math.log(betting(np.full(n, 0.3), log_n_configs, 0.05))
            assert found - math.log(0.3) >= ideal - math.log(3) / n - 1e-9
    assert 0 < betting(np.append(np.zeros(49), 1e-3), 44.4, 0.05) < 1e-10
    assert 0 < betting(np.full(7, 1e-290), 0.0, 0.05) < 1e-290
    assert 0.9 < betting(np.full(50, 1 - 2**-53), 0.0, 0.05) < 1


@pytest.mark.parametrize("log_n_configs", [0.0, math.log(1e6), 64 * math.log(2)])
@pytest.mark.parametrize("name", list(SAMPLES))
def test_betting_is_tighter_than_hoeffding(name: str, log_n_configs: float) -> None:
    rng = np.random.default_rng(0)
    x = SAMPLES[name](rng, 200)
    assert betting(x, log_n_configs, 0.05) > hoeffding(x, log_n_configs, 0.05)


def test_figures_of_100_tasks() -> None:
    """Hoeffding's for M = 1e6 is 0.290; betting's was 0.12 to 0.20, and 0.27 to 0.40 at 2^64."""
    x = np.random.default_rng(0).beta(8, 2, 100)
    assert x.mean() - hoeffding(x, math.log(1e6), 0.05) == pytest.approx(0.290, abs=5e-4)
    assert 0.12 < x.mean() - betting(x, math.log(1e6), 0.05) < 0.20
    assert 0.27 < x.mean() - betting(x, 64 * math.log(2), 0.05) < 0.40


@pytest.mark.parametrize("log_n_configs", [0.0, math.log(1e6)])
def test_tasks_for_width_of_repeated_tasks(log_n_configs: float) -> None:
    """Repeated r times, a sample has the distribution of the sample exactly."""
    for x in samples(20):
        mean = x.mean()
        for repeats in (1, 4, 15):
            epsilon = mean - betting(np.tile(x, repeats), log_n_configs, 0.05)
            found = tasks_for_width(x, epsilon * (1 + 1e-9), log_n_configs, 0.05)
            assert found == 20 * repeats
            assert tasks_for_width(x, epsilon * (1 - 1e-6), log_n_configs, 0.05) > 20 * repeats


def test_tasks_for_width_is_where_it_stays() -> None:
    """Every larger number of tasks is enough too, on a grid up to 1e7."""
    for x in samples(15):
        m = x.mean() - 0.03
        enough = [
            betting_maths._log_wealth(x, math.log(m), n, 10.0) >= 10.0
            for n in np.geomspace(1, 1e7, 400).astype(int)
        ]
        assert (np.diff(enough) >= 0).all()
        assert enough[-1]


def test_tasks_for_width_foretells_widths() -> None:
    """Of new samples of that size: to 10 %, as the sample of 100 knows the spread to that."""
    for name, draw in SAMPLES.items():
        rng = np.random.default_rng(0)
        x = draw(rng, 100)
        if name == "Bernoulli":  # a share of exactly 0.9, as the spread rests on the few zeros
            x = (np.arange(100) < 90).astype(float)
        n = tasks_for_width(x, 0.05, math.log(100), 0.05)
        new = [draw(rng, n) for _ in range(20)]
        widths = [each.mean() - betting(each, math.log(100), 0.05) for each in new]
        assert np.mean(widths) == pytest.approx(0.05, rel=0.1)


def test_tasks_for_width_at_the_ends() -> None:
    x = np.full(10, 0.3)
    assert tasks_for_width(x, 0.3, 0.0, 0.05) == 1
    assert tasks_for_width(x, 1e-17, 0.0, 0.05) == 2**53
    assert tasks_for_width(np.zeros(3), 0.1, 0.0, 0.05) == 1


def test_improvement() -> None:
    d = np.random.default_rng(0).normal(0.05, 0.1, 100).clip(-1, 1)
    found = improvement(d, math.log(100), 0.05)
    assert found.lower == 2 * betting((d + 1) / 2, math.log(100), 0.05) - 1
    assert found.lower < d.mean()
    for repeats, is_enough in ((1, False), (2, True)):
        again = improvement(np.tile(d, repeats), math.log(100), 0.05)
        assert (again.lower >= 0) == is_enough == (100 * repeats >= found.n_tasks_needed)


def test_improvement_of_nothing() -> None:
    none = improvement(np.zeros(50), 0.0, 0.05)
    assert none.lower < 0
    assert none.n_tasks_needed is None
    assert improvement(np.full(50, -0.2), 0.0, 0.05).n_tasks_needed is None
    assert improvement(np.full(50, 1.0), 0.0, 0.05).lower > 0.8
