"""When a running search is looked at, and how sure a look must be to stop it.

Notation
    n_1             draws before the first look that may stop the search
    m_1             draws before the first look at all
    j               number of a look, from 1 on
    c               confidence that a stop loses nothing

    (1)  n_j = ceil(n_1 1.25^(j-1))
    (2)  1 - c_j = (1 - c) / 2
    (3)  before n_1 it is looked at m_j = ceil(m_1 1.25^(j-1)) draws, and nothing is stopped

That (2), with the same confidence at every look, keeps c for the look at which a search stops is
no theorem but measured (benchmarks/law/hypervolume_forecasts.py --stops). The gain of a best score
needs no (2): two forecasts must both find it small (benchmarks/law/law_stopping.py).
"""

from __future__ import annotations

import math
from typing import NamedTuple

__all__ = ["LookSizes", "count_looks", "look_confidence", "look_size", "look_sizes", "next_size"]

_GROWTH = 1.25  # of equation (1): fewer draws would hardly change what is known, and cost a fit
_SPENT = 0.5  # of the probability of a wrong stop, by each look, equation (2)


class LookSizes(NamedTuple):
    """Draws at two looks.

    Attributes:
        last: At the last one that is due; 0 if none is.
        next: At the next one.
    """

    last: int
    next: int


def look_size(first: int, j: int) -> int:
    """Compute the draws of the ``j``-th look by equation (1), ``first`` being n_1."""
    return math.ceil(first * _GROWTH ** (j - 1))


def next_size(n: int) -> int:
    """Compute how many there must be to look again after ``n``."""
    return math.ceil(n * _GROWTH)


def count_looks(first: int, n: int) -> int:
    """Count the looks that are due at ``n`` draws, ``first`` being n_1."""
    j = 0
    while look_size(first, j + 1) <= n:
        j += 1
    return j


def look_sizes(earliest: int, first: int, n: int) -> LookSizes:
    """Find the last look that is due at ``n`` draws and the next one, by equations (1) and (3).

    Args:
        earliest: m_1.
        first: n_1, at least as many.
        n: Draws.
    """
    if n >= first:
        j = count_looks(first, n)
        return LookSizes(look_size(first, j), look_size(first, j + 1))
    j = count_looks(earliest, n)
    last = look_size(earliest, j) if j else 0
    return LookSizes(last, min(look_size(earliest, j + 1), first))


def look_confidence(confidence: float) -> float:
    """Compute the confidence that a look must have by equation (2)."""
    return 1.0 - (1.0 - confidence) * _SPENT
