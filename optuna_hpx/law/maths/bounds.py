"""Which scores are possible at all: the bounds of a share, or of a loss that is never negative.

Notation
    v (n,)          scores
    m               examples on which shares are counted: every v is a multiple of 1 / m
"""

from __future__ import annotations

import math

import numpy as np

__all__ = ["ANYTHING", "SHARE", "looks_like_a_share"]

ANYTHING = (-math.inf, math.inf)
SHARE = (0.0, 1.0)

# More examples than this make a share as fine as the values of a continuous loss look when they
# are printed with seven digits.
_MOST_EXAMPLES = 200_000
_EXACT = 1e-9  # relative: how far a multiple of 1 / m in double precision may be from an integer
_LEAST = 20  # values, of which chance never makes all multiples


def looks_like_a_share(scores: np.ndarray) -> bool:
    """Tell whether all finite ``scores`` are numbers of examples over one number of examples.

    Rounded values are multiples of a power of ten, which says nothing of a bound: they do not
    count, unless some score lies at a bound. O(200 000) operations, and fewer the more scores.
    """
    values = np.unique(scores[np.isfinite(scores)])
    if len(scores) < _LEAST or len(values) < 2 or values[0] < 0.0 or values[-1] > 1.0:
        return False
    m = np.arange(2.0, _MOST_EXAMPLES + 1.0)
    for value in values:
        product = value * m
        m = m[np.abs(product - np.round(product)) <= _EXACT * m]
        if not len(m):
            return False
    is_rounded = math.log10(m[0]).is_integer() or _is_decimal(int(m[0]))
    return not is_rounded or values[0] == 0.0 or values[-1] == 1.0


def _is_decimal(m: int) -> bool:
    """Tell whether multiples of 1 / m have a few decimals: whether m has no factors but 2 and 5.

    It is true of some numbers of examples, too, of which nothing is claimed then.
    """
    for factor in (2, 5):
        while m % factor == 0:
            m //= factor
    return m == 1
