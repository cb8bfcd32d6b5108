r"""What a tuned configuration is worth on average over tasks, at least, from a sample of tasks.

Notation
    T           tasks, drawn independently of each other from the same source
    M           configurations declared in advance, among which tuning chooses in any way
    delta       chance that a bound does not hold
    x (T,)      utilities of the chosen configuration, in [0, 1]; mean and standard deviation s
    U (T, m)    utilities of m configurations, a column each
    d (T,)      utility of the chosen configuration minus that of a baseline, in [-1, 1]
    L           ln(M / delta)

All bounds are one-sided, on the expectation of x. If a bound for one configuration fails with
probability delta / M, then with probability 1 - delta it holds for all M of them, hence for the
one that was chosen, whichever way. Only ln M enters, so M can be 2^64 and more. With tasks that
the choice has not seen, M = 1.

Betting. Let the expectation of x be at most m. Whoever starts with 1 and stakes the share c <= 1
on each task has K = prod_i (1 + c (x_i / m - 1)) in the end, whose expectation is at most 1, and
so has any average over c. By Markov's inequality it reaches M / delta with probability delta / M
at most. The bound is the m at which K = M / delta (Waudby-Smith and Ramdas, J. R. Stat. Soc. B 86,
2024, where the stakes follow the tasks that went before; here they do not, so that the order of
the tasks has no influence). The best stake is about m sqrt(2L / T) / s. As s <= sqrt(m (1 - m)),
and unknown, the average is over

    c_j = min(1, sqrt(2L m / (T (1 - m))))^(j / J),   j = J ... 0,

from the best stake for the largest s up to 1, with a third of the weight on the last and the rest
in equal parts.

K decreases in m, so there is one such m only, and it is simple to find: a factor of K is linear in
x, with 1 - c at x = 0 and 1 + c (1 - m) / m at x = 1. As m grows, c does not fall and
c (1 - m) / m does not grow. So neither end grows, and no x between does.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import optimize, special

from optuna_hpx.statistics.bisection import first_count

__all__ = [
    "Improvement",
    "betting",
    "bootstrap",
    "empirical_rademacher",
    "hoeffding",
    "improvement",
    "log_floats",
    "massart",
    "naive",
    "rademacher",
    "tasks_for_width",
    "tasks_needed",
]

_EXPONENTS = np.linspace(1.0, 0.0, 24)  # j / J
_LOG_WEIGHTS = np.log(np.append(np.full(23, 2.0 / 69.0), 1.0 / 3.0))
_LEAST_LOG = -700.0  # a bound below e^-700 is 0
_STEP = 0.125  # by which m falls first, on the logarithmic scale
_TOLERANCE = 1e-12  # of the logarithm of a bound
_MOST_TASKS = 2**53
_DRAWS_AT_ONCE = 500


def betting(x: np.ndarray, log_n_configs: float, delta: float) -> float:
    """Lower bound for any T, which adapts to s; ``log_n_configs`` is ln M.

    O(T), some 250 logarithms for each task.
    """
    threshold = log_n_configs - math.log(delta)
    mean = float(x.mean())
    if mean <= 0.0:
        return 0.0

    def excess(log_m: float) -> float:
        return _log_wealth(x, log_m, len(x), threshold) - threshold

    # ln(1 + y) <= y, so that K <= 1 < M / delta at m = mean.
    high, step = math.log(mean), _STEP
    while excess(low := max(high - step, _LEAST_LOG)) < 0.0:
        if low == _LEAST_LOG:
            return 0.0
        high, step = low, 2.0 * step
    log_m = optimize.brentq(excess, low, high, xtol=_TOLERANCE)
    # brentq errs by xtol and 4 eps |root| at most, to either side: less than three times xtol.
    return math.exp(log_m - 3.0 * _TOLERANCE)


def _log_wealth(x: np.ndarray, log_m: float, n_tasks: float, threshold: float) -> float:
    """ln K at m, were the utilities of ``n_tasks`` tasks distributed as those in ``x``."""
    m, rest = math.exp(log_m), -math.expm1(log_m)
    least = min(1.0, math.sqrt(2.0 * threshold / n_tasks * m / max(rest, 1e-300)))
    stake = least**_EXPONENTS
    with np.errstate(divide="ignore"):  # all is lost where x = 0 and the stake is 1
        growth = np.log1p(stake[:, None] * (x / m - 1.0)).mean(axis=1)
    return float(np.logaddexp.reduce(n_tasks * growth + _LOG_WEIGHTS))


def hoeffding(x: np.ndarray, log_n_configs: float, delta: float) -> float:
    """Lower bound for any T, by the range of x alone: mean - sqrt(L / 2T)."""
    return float(x.mean()) - math.sqrt((log_n_configs - math.log(delta)) / (2.0 * len(x)))


def naive(x: np.ndarray, delta: float) -> float:
    """Student's lower bound, which ignores that the configuration was chosen by ``x``: not valid.

    With tasks that the choice has not seen it is approximate. -inf for one task.
    """
    n = len(x)
    if n < 2:
        return -math.inf
    error = float(x.std(ddof=1)) / math.sqrt(n)
    return float(x.mean()) + float(special.stdtrit(n - 1, delta)) * error


def bootstrap(
    U: np.ndarray, winner: int, delta: float, n_bootstrap: int, rng: np.random.Generator
) -> float:
    """Approximate lower bound: the largest error of m means, by the multiplier bootstrap.

    The mean of column ``winner``, minus the 1 - delta quantile of

        max_g 1/T sum_i xi_i (U_ig - mean_g) sqrt(T / (T - 1)),   xi_i ~ N(0, 1)

    (Chernozhukov, Chetverikov and Kato, Ann. Stat. 41, 2013). The utilities may have any range, so
    that they can be differences to a baseline. The errors are not divided by each column's
    standard deviation: at equal coverage that is no tighter, and with few or skewed tasks the
    coverage is lost, at worst where the winner happens to be constant. -inf for one task.

    O(n_bootstrap T m).
    """
    n = len(U)
    if n < 2:
        return -math.inf
    mean = U.mean(axis=0)
    largest = _largest(U - mean, n_bootstrap, rng.standard_normal)
    width = float(np.quantile(largest, 1.0 - delta, method="higher")) * math.sqrt(n / (n - 1.0))
    return float(mean[winner]) - width


def rademacher(U: np.ndarray, delta: float, n_mc: int, rng: np.random.Generator) -> float:
    """Width of a bound for any T: 2 R + 2 sqrt(l / (2 T n_mc)) + 3 sqrt(l / 2T), l = ln(3/delta).

    R is :func:`empirical_rademacher`. Valid only if U holds *all* configurations of which tuning
    could have chosen one. Of the three parts, delta / 3 each, the second is for R being an average
    over draws: one of its T n_mc signs changes it by 1 / (T n_mc) at most. The third is for
    twice R on other tasks, and for the utilities themselves (Bartlett and Mendelson, JMLR 3,
    2002).
    """
    n = len(U)
    log_term = math.log(3.0 / delta)
    draws = 2.0 * math.sqrt(log_term / (2.0 * n * n_mc))
    sample = 3.0 * math.sqrt(log_term / (2.0 * n))
    return 2.0 * empirical_rademacher(U, n_mc, rng) + draws + sample


def empirical_rademacher(U: np.ndarray, n_mc: int, rng: np.random.Generator) -> float:
    """R = E max_g 1/T sum_i sigma_i U_ig over random signs sigma_i, of ``n_mc`` draws of them."""

    def signs(shape: tuple[int, int]) -> np.ndarray:
        return 2.0 * rng.integers(2, size=shape) - 1.0

    # The 1/2 does not change the expectation, but halves what a sign can do.
    return float(_largest(U - 0.5, n_mc, signs).mean())


def massart(n_tasks: int, log_n_configs: float, delta: float) -> float:
    """Width of a bound for any T: sqrt(2 ln M / T) + sqrt(ln(1/delta) / 2T).

    Massart's lemma: for M vectors of T utilities about 1/2, 2 E R <= sqrt(2 ln M / T).
    """
    confidence = math.sqrt(-math.log(delta) / (2.0 * n_tasks))
    return math.sqrt(2.0 * log_n_configs / n_tasks) + confidence


def _largest(
    V: np.ndarray, n_draws: int, draw: Callable[[tuple[int, int]], np.ndarray]
) -> np.ndarray:
    """(n_draws,) max_g 1/T sum_i xi_i V_ig of drawn xi (T,)."""
    starts = range(0, n_draws, _DRAWS_AT_ONCE)
    sizes = [min(_DRAWS_AT_ONCE, n_draws - start) for start in starts]
    return np.concatenate([(draw((size, len(V))) @ V).max(axis=1) for size in sizes]) / len(V)


@dataclass(frozen=True)
class Improvement:
    """What is known of the expectation of d.

    Attributes:
        lower: Lower bound for any T, by betting.
        n_tasks_needed: Tasks for ``lower`` to be 0, were d distributed as it is; None if its mean
            is not positive.
    """

    lower: float
    n_tasks_needed: int | None


def improvement(d: np.ndarray, log_n_configs: float, delta: float) -> Improvement:
    """Bounds on how much better than a baseline that was named before tuning."""
    x = (d + 1.0) / 2.0
    mean = float(d.mean())
    n_tasks_needed = None
    if mean > 0.0:
        n_tasks_needed = tasks_for_width(x, mean / 2.0, log_n_configs, delta)
    lower = 2.0 * betting(x, log_n_configs, delta) - 1.0
    return Improvement(lower, n_tasks_needed)


def tasks_needed(epsilon: float, delta: float, log_n_configs: float) -> int:
    """The least T at which :func:`hoeffding` is within ``epsilon`` of the mean."""
    return math.ceil((log_n_configs - math.log(delta)) / (2.0 * epsilon**2))


def tasks_for_width(x: np.ndarray, epsilon: float, log_n_configs: float, delta: float) -> int:
    """The least T at which :func:`betting` is within ``epsilon`` > 0 of the mean of x.

    That is, were T utilities distributed exactly as those in ``x``; with a sample of few tasks,
    which may have missed the rare ones, it is an estimate. 2^53 if it would be more. On
    every sample tried it is enough from there on; that is not proven. O(T) for each of the numbers
    of tasks tried, of which there are about 2 log2 of the result.
    """
    m = float(x.mean()) - epsilon
    threshold = log_n_configs - math.log(delta)
    if m <= 0.0:
        return 1

    def is_enough(n_tasks: int) -> bool:
        return _log_wealth(x, math.log(m), n_tasks, threshold) >= threshold

    return first_count(is_enough, _MOST_TASKS)


def log_floats(low: float, high: float) -> float:
    """The logarithm of how many float64 values lie in [low, high], both finite; 0 counts once."""
    return math.log(_place(high) - _place(low) + 1)


def _place(value: float) -> int:
    """Among all floats, counted from 0: the bits of the positive ones are in their order."""
    bits = int(np.float64(value).view(np.int64))
    return bits if bits >= 0 else -(bits + 2**63)
