r"""What a chosen configuration is worth at least, by other bounds than betting.

Notation
    T           tasks, drawn independently of each other from the same source
    M           configurations declared in advance, among which tuning chooses in any way
    delta       chance that a bound does not hold
    x (T,)      utilities of the chosen configuration, in [0, 1]; mean and standard deviation s
    U (T, m)    utilities of m configurations, a column each
    L           ln(M / delta)
    R           empirical Rademacher complexity of the columns of U

Lower bounds on the expectation of x:

    (1) Hoeffding       mean - sqrt(L / 2T)
    (2) Student         mean - t_(T-1, 1-delta) s / sqrt(T), valid only if x was not chosen by x
    (3) bootstrap       mean - the 1 - delta quantile of the largest error of m means

and how far the mean of the chosen x can exceed its expectation, whichever column was chosen:

    (4) Rademacher      2 R + 2 sqrt(l / (2 T n_mc)) + 3 sqrt(l / 2T),   l = ln(3 / delta)
    (5) Massart         sqrt(2 ln M / T) + sqrt(ln(1 / delta) / 2T)

All are one-sided. (1), (4) and (5) hold for any T, (2) and (3) approximately.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy import special

__all__ = [
    "bootstrap",
    "empirical_rademacher",
    "hoeffding",
    "massart",
    "naive",
    "rademacher",
    "tasks_needed",
]

_DRAWS_AT_ONCE = 500  # for the memory of many tasks


def hoeffding(x: np.ndarray, log_n_configs: float, delta: float) -> float:
    """Return the lower bound (1), by the range of x alone; ``log_n_configs`` is ln M."""
    return float(x.mean()) - math.sqrt((log_n_configs - math.log(delta)) / (2.0 * len(x)))


def tasks_needed(epsilon: float, delta: float, log_n_configs: float) -> int:
    """Return the least T at which :func:`hoeffding` is within ``epsilon`` of the mean."""
    return math.ceil((log_n_configs - math.log(delta)) / (2.0 * epsilon**2))


def naive(x: np.ndarray, delta: float) -> float:
    """Return the lower bound (2), which ignores that the configuration was chosen by ``x``.

    It is not valid for tasks by which was chosen, and approximate for others. -inf for one task.
    """
    n = len(x)
    if n < 2:
        return -math.inf
    error = float(x.std(ddof=1)) / math.sqrt(n)
    return float(x.mean()) + float(special.stdtrit(n - 1, delta)) * error


def bootstrap(
    U: np.ndarray, winner: int, delta: float, n_bootstrap: int, rng: np.random.Generator
) -> float:
    """Return the approximate lower bound (3), by the multiplier bootstrap.

    It is the mean of column ``winner``, minus the 1 - delta quantile of

        max_g 1/T sum_i xi_i (U_ig - mean_g) sqrt(T / (T - 1)),   xi_i ~ N(0, 1)

    (Chernozhukov, Chetverikov and Kato, Ann. Stat. 41, 2013). The utilities may have any range, so
    that they can be differences to a baseline. The errors are not divided by each column's
    standard deviation: at equal coverage that is no tighter, and with few or skewed tasks the
    coverage is lost, at worst where the winner happens to be constant.

    O(n_bootstrap T m).

    Args:
        U: (T, m) utilities, or differences of them, of the configurations chosen among.
        winner: Column of the chosen one.
        delta: Chance that the bound does not hold.
        n_bootstrap: Draws of the T normal weights.
        rng: Where they are drawn from.

    Returns:
        The bound; -inf for one task.
    """
    n = len(U)
    if n < 2:
        return -math.inf
    mean = U.mean(axis=0)
    largest = _largest(U - mean, n_bootstrap, rng.standard_normal)
    width = float(np.quantile(largest, 1.0 - delta, method="higher")) * math.sqrt(n / (n - 1.0))
    return float(mean[winner]) - width


def rademacher(U: np.ndarray, delta: float, n_mc: int, rng: np.random.Generator) -> float:
    """Return the width (4), with R of ``n_mc`` draws.

    It is valid only if U holds *all* configurations of which tuning could have chosen one. Of its
    three parts, delta / 3 each, the second is for R being an average
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
    """Estimate R = E max_g 1/T sum_i sigma_i U_ig by ``n_mc`` draws of the signs sigma_i."""

    def signs(shape: tuple[int, int]) -> np.ndarray:
        return 2.0 * rng.integers(2, size=shape) - 1.0

    # The 1/2 does not change the expectation, but halves what a sign can do.
    return float(_largest(U - 0.5, n_mc, signs).mean())


def massart(n_tasks: int, log_n_configs: float, delta: float) -> float:
    """Return the width (5), by Massart's lemma; ``log_n_configs`` is ln M.

    For M vectors of T utilities about 1/2, 2 E R <= sqrt(2 ln M / T).
    """
    confidence = math.sqrt(-math.log(delta) / (2.0 * n_tasks))
    return math.sqrt(2.0 * log_n_configs / n_tasks) + confidence


def _largest(
    V: np.ndarray, n_draws: int, draw: Callable[[tuple[int, int]], np.ndarray]
) -> np.ndarray:
    """Return (n_draws,) max_g 1/T sum_i xi_i V_ig of drawn xi (T,), for V (T, m)."""
    starts = range(0, n_draws, _DRAWS_AT_ONCE)
    sizes = [min(_DRAWS_AT_ONCE, n_draws - start) for start in starts]
    return np.concatenate([(draw((size, len(V))) @ V).max(axis=1) for size in sizes]) / len(V)
