"""Where the order statistics of independent draws lie, all at once, whatever was drawn.

Of a loss Y with the distribution function F, let U = F(Y), uniform between 0 and 1 if F has no
jumps. A band for F holds if and only if each of the n sorted U lies between two levels.

Notation
    U_(i)           the i-th smallest of n independent uniform numbers, i = 1..n
    a_i, b_i        its levels, ascending in i; a_i = 1 - b_(n+1-i)
    N(t)            how many U are at most t
    c               confidence

    (1)  a_i <= U_(i) <= b_i for all i  <=>  N(a_i) <= i - 1 and N(b_i) >= i for all i
    (2)  P(1) = P(Z(a_i) <= i - 1 and Z(b_i) >= i for all i | Z(1) = n)

with a Poisson process Z of rate n, whose counts are followed from one level to the next. The three
kinds of band differ in how a_i depends on i:

    "dkw"     a_i = i/n - e,  e = sqrt(log(2 / (1 - c)) / (2n))      (Massart 1990: P >= c)
    "ks"      a_i = i/n - e,  e the quantile c of Kolmogorov's statistic                (P = c)
    "order"   P(U_(i) < a_i) = h for all i, h such that (2) is c                        (P = c)

"order" is as sure of each order statistic as of any other, and so much narrower than the others
near the best losses. For more than ``MOST_LEVELS`` draws not every order statistic is bounded by a
level of its own, all of the best ones but only some of the others, which keeps (2) exact; and none
beyond the first of those of which only that they are bad is known.

Where 1 - c is so small that (2) cannot be computed so exactly, h is that of Bonferroni's
inequality instead, with which P is at least c.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy import optimize, special, stats

__all__ = ["KINDS", "MOST_LEVELS", "Levels", "hold_probability", "order_levels"]

KINDS = ("order", "ks", "dkw")
MOST_LEVELS = 1000  # order statistics that are bounded: with all of 10,000, (2) takes seconds
_N_EXTREME = 300  # of these, at each end
_SPREAD = 12.0  # standard deviations of a Poisson number, beyond which it has no probability
_TOLERANCE = 1e-6  # of log h; c is then exact to some 1e-6
_LEAST_ERROR = 1e-9  # 1 - c, below which (2) is no longer exact enough to be solved


class Levels(NamedTuple):
    """Levels between which the order statistics lie.

    Attributes:
        low: (n,) a_i.
        high: (n,) b_i.
    """

    low: np.ndarray
    high: np.ndarray


@lru_cache(maxsize=64)
def order_levels(
    n: int, confidence: float, kind: str = "order", n_known: int | None = None
) -> Levels:
    """Compute levels between which all n order statistics lie with probability ``confidence``.

    Args:
        n: Draws, at least 1.
        confidence: In (0, 1).
        kind: One of ``KINDS``.
        n_known: The smallest so many are known, and only that the others are larger; None: all.

    Cost: of "order" some 20 evaluations of equation (2): .5 s for 1000 draws, 1.5 s for 100,000
    of which all are known, and less where few are; the others none.
    """
    i = np.arange(1, n + 1)
    if kind == "dkw":
        return _shifted(i / n - math.sqrt(math.log(2.0 / (1.0 - confidence)) / (2.0 * n)))
    if kind == "ks":
        return _shifted(i / n - stats.kstwo.ppf(confidence, n))
    rows = _bounded(n)
    if len(rows) < n and n_known is not None:
        rows = rows[rows <= n_known]

    def excess(log_h: float) -> float:
        return hold_probability(_equally_sure(n, rows, math.exp(log_h)), n, rows) - confidence

    # Bonferroni's inequality asks for no less h, and no h is above that of one level alone.
    h = (1.0 - confidence) / (2.0 * len(rows))
    if 1.0 - confidence >= _LEAST_ERROR:
        least, most = math.log(0.99 * h), math.log(1.0 - confidence)
        h = math.exp(optimize.brentq(excess, least, most, xtol=_TOLERANCE))
    levels = _equally_sure(n, rows, h)
    next_row = np.searchsorted(rows, i - 1)
    previous_row = np.searchsorted(rows, i - 1, side="right") - 1
    return _frozen(levels.low[previous_row], np.append(levels.high, 1.0)[next_row])


def _frozen(low: np.ndarray, high: np.ndarray) -> Levels:
    """Freeze what is kept for the next caller."""
    low.setflags(write=False)
    high.setflags(write=False)
    return Levels(low, high)


def _shifted(low: np.ndarray) -> Levels:
    """Join the lower levels and their mirror image."""
    low = np.clip(low, 0.0, 1.0)
    return _frozen(low, 1.0 - low[::-1])


def _equally_sure(n: int, rows: np.ndarray, h: float) -> Levels:
    """Compute the levels of some order statistics: those of all would take most of the time."""
    i = rows + 1
    return Levels(special.betaincinv(i, n + 1 - i, h), 1.0 - special.betaincinv(n + 1 - i, i, h))


def _bounded(n: int) -> np.ndarray:
    """Choose the order statistics that are bounded, counted from 0; the first and last are."""
    if n <= MOST_LEVELS:
        return np.arange(n)
    middle = np.linspace(_N_EXTREME, n - 1 - _N_EXTREME, MOST_LEVELS - 2 * _N_EXTREME)
    ends = np.arange(_N_EXTREME)
    return np.concatenate([ends, middle.round().astype(int)[1:-1], n - 1 - ends[::-1]])


def hold_probability(levels: Levels, n: int, rows: np.ndarray) -> float:
    """Compute the probability that order statistics lie between their levels, equation (2).

    Args:
        levels: (r,) each, ascending.
        n: Draws.
        rows: (r,) the order statistics that are bounded, ascending, counted from 0.

    Cost: 2r convolutions of vectors about as long as 5 sqrt(n).
    """
    times = np.concatenate([levels.low, levels.high, [1.0]])
    order = np.argsort(times, kind="stable")
    # (1) as bounds of the count at each time: those of a_i from above, those of b_i from below.
    most = np.concatenate([rows, np.full(len(rows), n), [n]])[order]
    most = np.minimum.accumulate(most[::-1])[::-1]  # the count never falls
    least = np.concatenate([np.zeros(len(rows), dtype=int), rows + 1, [n]])[order]
    least = np.maximum.accumulate(least)
    if np.any(least > most):
        return 0.0
    means = n * np.diff(times[order], prepend=0.0)
    chance, start = np.ones(1), 0
    for mean, low, high in zip(means[:-1], least[:-1].tolist(), most[:-1].tolist(), strict=True):
        if mean > 0.0:
            longest = math.ceil(mean + _SPREAD * math.sqrt(mean) + _SPREAD)
            length = min(longest, high - start) + 1
            chance = np.convolve(chance, _poisson(mean, np.arange(length)))
        chance = chance[max(low - start, 0) : high - start + 1]
        start = max(start, low)
    # All others come in the last step: of its numbers only one is wanted for each count so far.
    missing = n - start - np.arange(len(chance))
    return float(chance @ _poisson(means[-1], missing) / _poisson(float(n), np.array(n)))


def _poisson(mean: float, m: np.ndarray) -> np.ndarray:
    """Compute the probabilities of ``m`` events, of its shape."""
    return np.asarray(np.exp(special.xlogy(m, mean) - mean - special.gammaln(m + 1.0)))
