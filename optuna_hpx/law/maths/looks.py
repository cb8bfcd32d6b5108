"""When a running search is looked at, and how sure a look must be to stop it.

Notation
    n_1             draws before the first look
    j               number of a look, from 1 on
    c               confidence that a stop loses nothing

    (1)  n_j = ceil(n_1 1.25^(j-1))
    (2)  1 - c_j = (1 - c) / 2

That (2), with the same confidence at every look, keeps c for the look at which a search stops is
no theorem but measured (benchmarks/law/law_stopping.py: 4 % are wrong where 10 % are promised).
"""

from __future__ import annotations

import math

__all__ = ["count_looks", "look_confidence", "look_size", "next_size"]

_GROWTH = 1.25  # of equation (1): fewer draws would hardly change what is known, and cost a fit
_SPENT = 0.5  # of the probability of a wrong stop, by each look, equation (2)


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


def look_confidence(confidence: float) -> float:
    """Compute the confidence that a look must have by equation (2)."""
    return 1.0 - (1.0 - confidence) * _SPENT
