"""What more random trials bring, from nothing but the best few of those before.

In the order of their losses, draws come like the events of a Poisson process, whatever their
losses follow. If the losses near the best grow with a power c of the place in that order, the
ratio of the next gain to the distance between two of the best losses has a distribution that does
not hang on where the best possible loss is, nor on the scale: it is a pivot.

Notation
    y (n,)          losses of n draws, ascending
    N               further draws;  r = (n + N) / n
    K               an order statistic
    c               power: y = alpha + A G^c, where G is the place; 2 / gamma in the law
    U, V, W         independent: two exponential numbers, and one of Gamma(K - 1)

    (1)  G of the best of the N, if it beats y_(1):   u = U / r
    (2)  G of y_(1), then:                            a = u + V
    (3)  G of y_(K):                                  b = a + W
    (4)  gain = (y_(K) - y_(1)) (a^c - u^c) / (b^c - a^c)   with the probability N / (n + N)

That the best is beaten has the probability N / (n + N) exactly, for draws without ties, and less
with them. One loss alone, or equal ones, tell nothing of the scale: the gain is then infinite. The
best few losses tell little of c, and each of ``POWERS`` is taken as likely as another.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy import special

from optuna_hpx.law.maths.gains import Gains, gains_of

__all__ = ["POWERS", "gains_of_more"]

# Chosen on benchmarks/law/law_forecasts.py --design, as K was: equal weights were better there
# than those by what the losses tell of c, and four losses better than six or ten.
POWERS = (0.25, 0.5, 1.0, 2.0, 4.0)
_RANK = 4
_N_POINTS = 1024
_ROUNDING = 1e-14  # relative: losses so close are ties that were summed up in another order
# Root of x^4 = x + 1: the fractional parts of i / x, i / x^2, i / x^3 fill the unit cube evenly.
_STEP = 1.2207440846057596


def gains_of_more(losses: np.ndarray, n: int, n_more: float) -> Gains:
    """Forecast what ``n_more`` further draws gain on the best, by equation (4).

    Args:
        losses: (f,) finite losses, ascending, at least one.
        n: All draws so far, those without a loss among them.
        n_more: N, positive.
    """
    growth = (n + n_more) / n
    any_gain = 1.0 - 1.0 / growth
    is_tie = losses - losses[0] <= _ROUNDING * abs(losses[0])
    rank = min(max(_RANK, 1 + int(np.count_nonzero(is_tie))), len(losses))
    distance = float(losses[rank - 1] - losses[0])
    if distance == 0.0:
        return Gains(np.array([0.0, np.inf]), np.array([1.0 - any_gain, any_gain]))
    first, second, third = _points(rank)
    u = first / growth
    a = u + second
    b = a + third
    ratio = np.concatenate([(a**c - u**c) / (b**c - a**c) for c in POWERS])
    weight = np.full(len(ratio), any_gain / len(ratio))
    return gains_of(np.append(distance * ratio, 0.0), np.append(weight, 1.0 - any_gain))


@lru_cache(maxsize=16)
def _points(rank: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Spread values of U, V and W evenly over their distributions."""
    i = np.arange(1, _N_POINTS + 1)[:, None]
    level = (0.5 + i * _STEP ** -np.arange(1.0, 4.0)) % 1.0
    level = np.clip(level, 0.5 / _N_POINTS, 1.0 - 0.5 / _N_POINTS)
    return (
        -np.log1p(-level[:, 0]),
        -np.log1p(-level[:, 1]),
        special.gammaincinv(rank - 1.0, level[:, 2]),
    )
