r"""What a tuned configuration is worth on average over tasks, at least, by a bet on each task.

Notation
    T           tasks, drawn independently of each other from the same source
    M           configurations declared in advance, among which tuning chooses in any way
    delta       chance that a bound does not hold
    x (T,)      utilities of the chosen configuration, in [0, 1]; mean and standard deviation s
    d (T,)      utility of the chosen configuration minus that of a baseline, in [-1, 1]
    L           ln(M / delta)
    m           a candidate for the bound
    K           wealth after T bets against "the expectation of x is at most m"
    c           stake: the share of the wealth that is put on a task

The bound is one-sided, on the expectation of x. If a bound for one configuration fails with
probability delta / M, then with probability 1 - delta it holds for all M of them, hence for the
one that was chosen, whichever way. Only ln M enters, so M can be 2^64 and more. With tasks that
the choice has not seen, M = 1.

Let the expectation of x be at most m. Whoever starts with 1 and stakes the share c <= 1 on each
task has in the end

    (1)  K = prod_i (1 + c (x_i / m - 1)),

whose expectation is at most 1, and so has any average over c. By Markov's inequality it reaches
M / delta with probability delta / M at most. The bound is the m at which K = M / delta (Waudby-
Smith and Ramdas, J. R. Stat. Soc. B 86, 2024, where the stakes follow the tasks that went before;
here they do not, so that the order of the tasks has no influence). The best stake is about
m sqrt(2L / T) / s. As s <= sqrt(m (1 - m)), and unknown, the average is over

    (2)  c_j = min(1, sqrt(2L m / (T (1 - m))))^(j / J),   j = J ... 0,

from the best stake for the largest s up to 1, with a third of the weight on the last and the rest
in equal parts.

K decreases in m, so there is one such m only, and it is simple to find: a factor of K is linear in
x, with 1 - c at x = 0 and 1 + c (1 - m) / m at x = 1. As m grows, c does not fall and
c (1 - m) / m does not grow. So neither end grows, and no x between does.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import optimize

from optuna_hpx.statistics.bisection import first_count

__all__ = ["PairedBound", "betting", "improvement", "tasks_for_width"]

_EXPONENTS = np.linspace(1.0, 0.0, 24)  # j / J of (2)
_LOG_WEIGHTS = np.log(np.append(np.full(23, 2.0 / 69.0), 1.0 / 3.0))
_LEAST_LOG = -700.0  # a bound below e^-700 is 0
_STEP = 0.125  # by which m falls first, on the logarithmic scale
_TOLERANCE = 1e-12  # of the logarithm of a bound
_MOST_TASKS = 2**53  # beyond it floats do not hold every number of tasks


def betting(x: np.ndarray, log_n_configs: float, delta: float) -> float:
    """Return the m at which K = M / delta: a lower bound for any T, which adapts to s.

    O(T), some 250 logarithms for each task.

    Args:
        x: (T,) utilities in [0, 1].
        log_n_configs: ln M.
        delta: Chance that the bound does not hold.

    Returns:
        The bound, in [0, mean of x].
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
    """Return ln K at m, were the utilities of ``n_tasks`` tasks distributed as those in ``x``."""
    m, rest = math.exp(log_m), -math.expm1(log_m)
    least = min(1.0, math.sqrt(2.0 * threshold / n_tasks * m / max(rest, 1e-300)))
    stake = least**_EXPONENTS
    with np.errstate(divide="ignore"):  # all is lost where x = 0 and the stake is 1
        growth = np.log1p(stake[:, None] * (x / m - 1.0)).mean(axis=1)
    return float(np.logaddexp.reduce(n_tasks * growth + _LOG_WEIGHTS))


@dataclass(frozen=True)
class PairedBound:
    """A bound on the expectation of d.

    Attributes:
        lower: Lower bound for any T, by betting.
        n_tasks_needed: Tasks for ``lower`` to be 0, were d distributed as it is; None if its mean
            is not positive.
    """

    lower: float
    n_tasks_needed: int | None


def improvement(d: np.ndarray, log_n_configs: float, delta: float) -> PairedBound:
    """Bound from below how much better x is than a baseline that was named before tuning.

    Args:
        d: (T,) differences in [-1, 1]; betting is on (d + 1) / 2.
        log_n_configs: ln M.
        delta: Chance that the bound does not hold.
    """
    x = (d + 1.0) / 2.0
    mean = float(d.mean())
    n_tasks_needed = None
    if mean > 0.0:
        n_tasks_needed = tasks_for_width(x, mean / 2.0, log_n_configs, delta)
    lower = 2.0 * betting(x, log_n_configs, delta) - 1.0
    return PairedBound(lower, n_tasks_needed)


def tasks_for_width(x: np.ndarray, epsilon: float, log_n_configs: float, delta: float) -> int:
    """Return the least T at which :func:`betting` is within ``epsilon`` > 0 of the mean of x.

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
