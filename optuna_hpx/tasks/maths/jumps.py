"""Where a function of one hyperparameter jumps: by bisection of every interval that changes.

Notation
    f               the utility at a value of the hyperparameter
    [low, high]     where to look
    tol             width of the intervals that are returned, at most
    min_jump        change of f over an interval that counts as a jump
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from optuna_hpx import _checks

__all__ = ["Jump", "Refinement", "check_not_negative", "refine_jumps"]


class Jump(NamedTuple):
    """Two neighbouring values of the hyperparameter between which the utility jumps.

    Attributes:
        left: The smaller value.
        right: The larger value.
        size: Utility at the right less that at the left.
        task: Index of the curve; 0 where there is but one.
    """

    left: float
    right: float
    size: float
    task: int = 0

    @property
    def middle(self) -> float:
        """Half way between, at most (right - left) / 2 from where the jump is."""
        return (self.left + self.right) / 2.0


@dataclass(frozen=True)
class Refinement:
    """Where a live function jumps.

    Attributes:
        jumps: From left to right.
        n_evaluations: Calls of the function.
    """

    jumps: tuple[Jump, ...]
    n_evaluations: int


def refine_jumps(
    f: Callable[[float], float],
    low: float,
    high: float,
    tol: float,
    *,
    min_jump: float,
    n_start: int = 33,
    max_evaluations: int | None = None,
) -> Refinement:
    """Find where a live function jumps, by bisection from an even grid.

    Every interval over which ``f`` changes by more than ``min_jump`` is halved, and so are both of
    its halves if both do: several jumps in one interval of the grid are told apart if ``tol`` is
    less than their distance. A slope drops out once its change over an interval is small. Jumps
    that cancel between two neighbours of the grid are not found. The widest interval goes first.

    Args:
        f: The utility at a value of the hyperparameter; deterministic, or with a ``min_jump``
            above its noise.
        low: Where to begin.
        high: Where to end.
        tol: Width of the intervals to be returned, at most; positive.
        min_jump: Smaller changes do not count; not negative. With 0 every slope is followed down
            to ``tol``, which suits piecewise constant functions, such as accuracies, only.
        n_start: Values of the grid, at least 2.
        max_evaluations: When to stop, at least ``n_start``; intervals that could not be halved any
            more are then returned as they are, wider than ``tol``. None: no limit.

    Returns:
        The intervals and the number of evaluations: ``n_start`` plus about
        log2((high - low) / n_start / tol) per jump.

    Raises:
        TypeError: If an argument is not a number.
        ValueError: If an argument is out of its range, or ``f`` returns what is not finite.

    Example:
        An accuracy that falls by a tenth at 0.3:

        >>> from optuna_hpx import refine_jumps
        >>> refinement = refine_jumps(lambda a: 0.9 if a < 0.3 else 0.8, 0, 1, 1e-4, min_jump=0.05)
        >>> [(round(jump.middle, 3), round(jump.size, 3)) for jump in refinement.jumps]
        [(0.3, -0.1)]
        >>> refinement.n_evaluations
        42
    """
    _check_range(low, high, tol, min_jump)
    _checks.function("f", f, "a hyperparameter")
    _checks.count("n_start", n_start, at_least=2, at_most=_MOST_AT_FIRST)
    if max_evaluations is not None:
        _checks.count("max_evaluations", max_evaluations, at_least=n_start)

    grid = [float(a) for a in np.linspace(low, high, n_start)]
    intervals: list[_Interval] = []
    _keep(intervals, [(a, _value(f, a)) for a in grid], min_jump)
    n_evaluations, jumps = n_start, []
    while intervals:
        _, left, right = heapq.heappop(intervals)
        middle = (left[0] + right[0]) / 2.0
        is_over = max_evaluations is not None and n_evaluations >= max_evaluations
        # Two neighbouring floats have no middle.
        if right[0] - left[0] <= tol or not left[0] < middle < right[0] or is_over:
            jumps.append(Jump(left[0], right[0], right[1] - left[1]))
            continue
        n_evaluations += 1
        _keep(intervals, [left, (middle, _value(f, middle)), right], min_jump)
    return Refinement(tuple(sorted(jumps)), n_evaluations)


_MOST_AT_FIRST = 10**6  # evaluations of a grid, which is laid out at once
_Point = tuple[float, float]  # alpha, f(alpha)
_Interval = tuple[float, _Point, _Point]  # minus its width, so that a heap has the widest on top


def _check_range(low: float, high: float, tol: float, min_jump: float) -> None:
    for name, value in (("low", low), ("high", high), ("tol", tol)):
        _checks.finite(name, value)
    if low >= high:
        raise ValueError(f"`high` must exceed `low` = {low!r}, got {high!r}.")
    if tol <= 0.0:
        raise ValueError(f"`tol` must be positive, got {tol!r}.")
    check_not_negative("min_jump", min_jump)


def check_not_negative(name: str, value: Any) -> None:
    """Refuse what is no finite number, or negative."""
    _checks.finite(name, value)
    if value < 0.0:
        raise ValueError(f"`{name}` must not be negative, got {value!r}.")


def _keep(heap: list[_Interval], points: list[_Point], least: float) -> None:
    """Add the intervals between neighbours over which f changes by more than ``least``."""
    for left, right in pairwise(points):
        if abs(right[1] - left[1]) > least:
            heapq.heappush(heap, (left[0] - right[0], left, right))


def _value(f: Callable[[float], float], alpha: float) -> float:
    value = _checks.returned_number("`f`", f(alpha), f" at {alpha!r}")
    if not math.isfinite(value):
        raise ValueError(f"`f` must return a finite number, got {value!r} at {alpha!r}.")
    return value
