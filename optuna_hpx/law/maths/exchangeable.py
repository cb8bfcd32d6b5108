"""What more random trials bring, from nothing but that they are drawn as those before.

n draws that were made are a random part of the n + N that there will be. What growing from n to
n + N brings is judged by what growing from a random part of the draws to all of them has brought,
by the same factor:

    (1)  m = n^2 / (n + N),  so that  n / m = (n + N) / n = r
    (2)  P(the best of m random ones of n is the i-th) = C(n - i, m - 1) / C(n, m)
    (3)  the gain y_(i) - y_(1) of that step is r^-c times as large in the next one

Notation
    y (n,)          losses, ascending
    N               further draws
    m               size of the part; between two whole numbers, a mixture of both
    r               factor by which the draws become more
    i               1..n
    c               how fast gains shrink: 2 / gamma where the law of random search holds

That the best does not change has the probability m / n = n / (n + N) by (2), which is exact for
draws without ties, whatever they follow. Of the size of a gain (3) is an estimate. The trials tell
little of c, as only the few best of them do; each of ``SHRINKING`` is taken as likely as another
(benchmarks/law/law_forecasts.py: better than any one c, and than one that is estimated).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

__all__ = ["SHRINKING", "Gains", "gains_of_more"]

SHRINKING = (0.25, 0.5, 1.0, 2.0, 4.0)
_NEGLIGIBLE = 1e-12  # probability of a gain: only the best few of many draws have more


@dataclass(frozen=True)
class Gains:
    """The distribution of the gain by more draws.

    Attributes:
        size: (s,) gains, ascending from 0.
        chance: (s,) probability of each; they sum to 1.
    """

    size: np.ndarray
    chance: np.ndarray

    def exceed(self, gain: np.ndarray | float) -> np.ndarray:
        """Compute the probability of a gain above ``gain``, of its shape."""
        tail = np.append(np.cumsum(self.chance[::-1])[::-1], 0.0)
        return tail[np.searchsorted(self.size, gain, side="right")]

    def quantile(self, q: np.ndarray | float) -> np.ndarray:
        """Compute the gain that is not exceeded with probability ``q``, of its shape."""
        below = np.cumsum(self.chance)
        row = np.searchsorted(below, np.asarray(q) * below[-1], side="left")
        return self.size[np.minimum(row, len(self.size) - 1)]


def gains_of_more(
    losses: np.ndarray, n: int, n_more: float, shrinking: tuple[float, ...] = SHRINKING
) -> Gains:
    """Forecast what ``n_more`` further draws bring, by equations (1) to (3).

    Args:
        losses: (f,) finite losses, ascending.
        n: All draws so far, those without a loss among them.
        n_more: N, positive.
        shrinking: c, of which each is as likely as another.

    Cost: O(f).
    """
    chance = _chances(len(losses), n, n_more)
    rows = chance > _NEGLIGIBLE
    gains = losses[rows] - losses[0]
    factor = ((n + n_more) / n) ** -np.asarray(shrinking)
    size, weight = np.outer(factor, gains).ravel(), np.tile(chance[rows], len(factor))
    order = np.argsort(size, kind="stable")
    return Gains(size[order], weight[order] / weight.sum())


def _chances(f: int, n: int, n_more: float) -> np.ndarray:
    """Compute the probability of each i = 1..f, the first one exact."""
    m = max(n * n / (n + n_more), 1.0)
    floor = int(m)
    chance = (floor + 1.0 - m) * _best_of_part(f, n, floor)
    if m > floor:
        chance = chance + (m - floor) * _best_of_part(f, n, floor + 1)
    stay = n / (n + n_more)  # below 1 / n, no part is small enough
    chance[1:] *= (1.0 - stay) / max(chance[1:].sum(), 1e-300)
    chance[0] = 1.0 - chance[1:].sum()
    return chance


def _best_of_part(f: int, n: int, m: int) -> np.ndarray:
    """Compute equation (2) for i = 1..f."""
    others = n - np.arange(1, f + 1.0)  # that are worse than the i-th
    room = others - (m - 1.0)
    log_ways = (
        special.gammaln(others + 1.0)
        - special.gammaln(m)
        - special.gammaln(np.maximum(room, 0) + 1.0)
    )
    log_all = special.gammaln(n + 1.0) - special.gammaln(m + 1.0) - special.gammaln(n - m + 1.0)
    return np.where(room >= 0.0, np.exp(log_ways - log_all), 0.0)
