"""When beliefs are worked out anew: after 10 trials, and each time there are so many more.

The number of fits grows with the logarithm of the number of trials, so that their total cost stays
that of a few. The steps do not depend on when somebody looks: several workers, or one that starts
again, fit after the same trials.
"""

from __future__ import annotations

import math

__all__ = ["FIRST_FIT", "last_fit"]

FIRST_FIT = 10
"""Trials that a first fit needs: fewer do not tell an effect from chance."""

_GROWTH = 1.25


def last_fit(n: int) -> int:
    """Return the largest of 10, 13, 17, 22, ... that is at most ``n``; 0 below 10."""
    fit, following = 0, FIRST_FIT
    while following <= n:
        fit, following = following, math.ceil(_GROWTH * following)
    return fit
