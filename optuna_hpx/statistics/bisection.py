r"""Bisection: the place from which on a condition holds.

Notation
    C           a condition on numbers, with a place a so that C(t) is False for t < a and True
                for t > a
    low, high   ends of the interval that holds a
"""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["first_count", "first_number"]


def first_number(
    condition: Callable[[float], bool], low: float, high: float, precision: float
) -> float:
    """Find the smallest number of an interval from which on a condition holds.

    Args:
        condition: C.
        low: Left end; returned if the condition holds there.
        high: Right end; returned, without a test, if the condition holds nowhere before it.
        precision: Positive; how far the result may be above a, as a share of ``high - low``.

    Returns:
        A number at which the condition holds. O(log(1 / precision)) tests.
    """
    if condition(low):
        return low
    width = (high - low) * precision
    while high - low > width and low < (middle := (low + high) / 2.0) < high:
        low, high = (low, middle) if condition(middle) else (middle, high)
    return high


def first_count(condition: Callable[[int], bool], most: int | None = None) -> int:
    """Find the smallest positive integer from which on a condition holds.

    Args:
        condition: C.
        most: At least 1; a power of 2 that is at least this is returned, without a test, if the
            condition holds nowhere before it. None: no end.

    Returns:
        The integer. About 2 log2 of it tests.
    """
    low, high = 0, 1
    while (most is None or high < most) and not condition(high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if condition(middle) else (middle, high)
    return high
