"""What more random trials bring, from nothing but that they are drawn as those before.

n draws that were made are a random part of the n + N that there will be. What growing from n to
n + N brings is judged by what growing from a random part of the draws to all of them has brought,
by the same factor:

    (1)  m = n^2 / (n + N),  so that  n / m = (n + N) / n
    (2)  P(the best of m random ones of n is the i-th) = C(n - i, m - 1) / C(n, m)
    (3)  P(gain <= g) = sum of (2) over all i with y_(i) - y_(1) <= g

Notation
    y (n,)          losses, ascending
    N               further draws
    m               size of the part; between two whole numbers, a mixture of both
    i               1..n

That the best does not change has the probability m / n = n / (n + N) by (2), which is exact for
draws without ties, whatever they follow. Of the size of a gain (3) is an estimate: gains shrink as
a search goes on, so that it is rather too large.
"""

from __future__ import annotations

import numpy as np
from scipy import special

__all__ = ["Gains", "gains_of_more"]


class Gains:
    """The distribution of the gain by more draws, equation (3).

    Attributes:
        size: (r,) gains, ascending from 0.
        chance: (r,) probability of each; they sum to 1.
    """

    def __init__(self, size: np.ndarray, chance: np.ndarray) -> None:
        self.size = size
        self.chance = chance

    def exceed(self, gain: np.ndarray | float) -> np.ndarray:
        """Compute the probability of a gain above ``gain``, of its shape."""
        tail = np.append(np.cumsum(self.chance[::-1])[::-1], 0.0)
        return tail[np.searchsorted(self.size, gain, side="right")]

    def quantile(self, q: np.ndarray | float) -> np.ndarray:
        """Compute the gain that is not exceeded with probability ``q``, of its shape."""
        below = np.cumsum(self.chance)
        row = np.searchsorted(below, np.asarray(q) * below[-1], side="left")
        return self.size[np.minimum(row, len(self.size) - 1)]


def gains_of_more(losses: np.ndarray, n: int, n_more: float) -> Gains:
    """Estimate what ``n_more`` further draws bring, by equations (1) to (3).

    Args:
        losses: (r,) finite losses, ascending.
        n: All draws so far, those without a loss among them.
        n_more: N, positive.
    """
    m = max(n * n / (n + n_more), 1.0)
    floor = int(m)
    chance = (floor + 1.0 - m) * _best_of_part(len(losses), n, floor)
    if m > floor:
        chance = chance + (m - floor) * _best_of_part(len(losses), n, floor + 1)
    stay = n / (n + n_more)  # below 1 / n, no part is small enough
    chance[1:] *= (1.0 - stay) / max(chance[1:].sum(), 1e-300)
    chance[0] = 1.0 - chance[1:].sum()
    return Gains(losses - losses[0], chance)


def _best_of_part(r: int, n: int, m: int) -> np.ndarray:
    """Compute equation (2) for i = 1..r."""
    others = n - np.arange(1, r + 1.0)  # that are worse than the i-th
    room = others - (m - 1.0)
    log_ways = (
        special.gammaln(others + 1.0)
        - special.gammaln(m)
        - special.gammaln(np.maximum(room, 0) + 1.0)
    )
    log_all = special.gammaln(n + 1.0) - special.gammaln(m + 1.0) - special.gammaln(n - m + 1.0)
    return np.where(room >= 0.0, np.exp(log_ways - log_all), 0.0)
