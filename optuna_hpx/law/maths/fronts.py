"""Which draws dominate which, and how large the front of a part of them is.

Notation
    y (n, m)        losses
    m_i             how often distinct draw i was drawn
    d_i             draws that dominate it: no worse in any objective, and better in one
    q               probability with which a part leaves out each draw

    (1)  E[distinct draws on the front of a part] = sum_i (1 - q^(m_i)) q^(d_i) / (1 - q^n)

Draw i is on the front of a part if it is in it and those that dominate it are not; the part must
not be empty.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["Front", "front_of"]

_CHUNK = 2**22  # comparisons at a time


@dataclass(frozen=True)
class Front:
    """What of domination the forecasts need.

    Attributes:
        times: (u,) how often each distinct draw was drawn.
        dominators: (u,) d_i of each distinct draw, of the front 0.
    """

    times: np.ndarray
    dominators: np.ndarray

    @property
    def copies(self) -> np.ndarray:
        """(f,) how often each distinct draw on the front was drawn."""
        return self.times[self.dominators == 0]

    def expected_size(self, q: float) -> float:
        """Compute how many distinct draws the front of a part has on average, by (1)."""
        size = ((1.0 - q**self.times) * q**self.dominators).sum()
        return float(size / (1.0 - q ** self.times.sum()))


def front_of(losses: np.ndarray) -> Front:
    """Count who dominates whom.

    Args:
        losses: (n, m) finite, n at least 1.

    Cost: O(n^2 m).
    """
    distinct, times = np.unique(losses, axis=0, return_counts=True)
    dominators = np.zeros(len(distinct), dtype=int)
    step = max(_CHUNK // distinct.size, 1)
    for start in range(0, len(distinct), step):
        part = distinct[start : start + step]
        is_no_worse = (distinct[None, :, :] <= part[:, None, :]).all(axis=2)
        dominators[start : start + step] = is_no_worse @ times
    dominators -= times  # each is no worse than itself and its copies
    return Front(times, dominators)
