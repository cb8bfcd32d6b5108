"""The utility of a task as a function of one hyperparameter: its oscillations, maxima and jumps.

Notation
    T, G            tasks; sampled values of the hyperparameter
    alphas (G,)     the values, increasing
    u (T, G)        utilities, to be maximised; u_i at alphas_i on one task
    B               oscillation number: of a function h, the largest number over z at which
                    alpha -> 1{h(alpha) >= z} switches
    R               repeats of a curve with other seeds
    D               R x G minus the means of its rows and columns, for the noise

The oscillation number bounds how well the best of many configurations carries over to new tasks
(Balcan et al., STOC 2021; arXiv 2501.13734; see :mod:`optuna_hpx.tasks.maths.capacity`). Between
neighbours the indicator switches for every z in (min(u_i, u_i+1), max(u_i, u_i+1)], so B of a
sample is the largest number of these half-open intervals over one point.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from scipy import stats

from optuna_hpx import _checks

__all__ = ["DualCurve", "Jump", "Refinement", "noise_tolerance", "refine_jumps"]


class Jump(NamedTuple):
    """Two neighbouring values of the hyperparameter between which the utility jumps.

    Attributes:
        left, right: The values.
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


@dataclass(frozen=True, eq=False)
class DualCurve:
    """Utilities of one task, or of several, at the same values of one hyperparameter.

    From a study over tasks, with one hyperparameter: its complete trials, each value once, by the
    first trial that had it. Minimised values are to be negated::

        trials = study.get_trials(states=(TrialState.COMPLETE,))
        first = {t.params["alpha"]: t.number for t in reversed(trials)}
        alphas = sorted(first)
        values = task_matrix(study).loc[[first[a] for a in alphas]]
        dual = DualCurve(np.array(alphas), values.to_numpy().T)

    Args:
        alphas: (G,) values of the hyperparameter, increasing.
        utilities: (G,) of one task, or (T, G) of several; larger is better: negate a loss.

    Raises:
        ValueError: If the shapes do not fit, ``alphas`` do not increase, or a value is not finite.
        TypeError: If a value is not a number.
    """

    alphas: np.ndarray
    utilities: np.ndarray

    def __post_init__(self) -> None:
        alphas = _finite_array("alphas", self.alphas)
        utilities = _finite_array("utilities", self.utilities)
        if alphas.ndim != 1 or alphas.size == 0:
            raise ValueError(f"`alphas` must have shape (G,), G >= 1, got {alphas.shape}.")
        if not (np.diff(alphas) > 0.0).all():
            place = int(np.argmin(np.diff(alphas) > 0.0))
            raise ValueError(
                f"`alphas` must increase, got {alphas[place]} before {alphas[place + 1]}."
            )
        if utilities.ndim not in (1, 2) or utilities.shape[-1] != len(alphas):
            raise ValueError(
                f"`utilities` must have shape (G,) or (T, G) with G = {len(alphas)} as `alphas`, "
                f"got {utilities.shape}."
            )
        if len(utilities) == 0:
            raise ValueError("`utilities` must hold at least one task, got shape (0, G).")
        for name, array in (("alphas", alphas), ("utilities", utilities)):
            array.setflags(write=False)
            object.__setattr__(self, name, array)

    def __repr__(self) -> str:
        return f"DualCurve({_span('alphas', self.alphas)}, {_span('utilities', self.utilities)})"

    def oscillations(self) -> int | np.ndarray:
        """The oscillation number B of the sample: an int for one task, (T,) ints for several.

        Exact for the sampled values, and thus a lower bound on B of the curve: what happens
        between two values is not seen, and a finer grid can only find more. It must not be used
        as an upper bound, and certifies nothing. O(T G log G).
        """
        if self.utilities.ndim == 1:
            return _oscillations(self.utilities)
        return np.array([_oscillations(u) for u in self.utilities])

    def local_maxima(self, tol: float) -> np.ndarray:
        """Which sampled values are local maxima that stand out by more than ``tol``.

        A maximum stands out by p if every way from it to a higher one goes down by at least p
        (its topological prominence). The highest always counts, and so may the ends. Of a plateau,
        or of equal maxima with no valley deeper than ``tol`` between them, the leftmost counts.

        Args:
            tol: In units of the utility, not negative. Utilities from training are noisy, and with
                0 most of the maxima are noise: see :func:`noise_tolerance`.

        Returns:
            Booleans of the shape of ``utilities``: ``mask.sum(-1)`` is their number, and of one
            task ``alphas[mask]`` are their places. O(T G).
        """
        _not_negative("tol", tol)
        mask = np.zeros(self.utilities.shape, dtype=bool)
        for row, u in zip(np.atleast_2d(mask), np.atleast_2d(self.utilities), strict=True):
            row[_prominent(u, tol)] = True
        return mask

    def jumps(self, min_jump: float) -> tuple[Jump, ...]:
        """Neighbours whose utilities differ by more than ``min_jump``, task by task.

        A steep slope looks like a jump until it is sampled more finely; :func:`refine_jumps` tells
        them apart. O(T G).
        """
        _not_negative("min_jump", min_jump)
        step = np.atleast_2d(np.diff(self.utilities))
        return tuple(
            Jump(float(self.alphas[i]), float(self.alphas[i + 1]), float(step[task, i]), int(task))
            for task, i in np.argwhere(np.abs(step) > min_jump)
        )

    def best(self) -> float:
        """The value of the highest mean utility over the tasks; the smallest of several."""
        mean = np.atleast_2d(self.utilities).mean(axis=0)
        return float(self.alphas[np.argmax(mean)])


def noise_tolerance(repeats: Any, *, confidence: float = 0.95) -> float:
    """How much maxima have to stand out so that none of a curve's is noise.

    The noise is taken to be normal, of one variance, and independent between values; a shift that
    a repeat has at all values alike changes no maximum and is left out. On a further repeat all
    G(G-1)/2 differences of noise are then smaller than the tolerance with probability
    ``confidence`` at least (Student's t, Bonferroni). If they are, maxima that stand out by more
    than the tolerance are no more than there are without noise.

    Args:
        repeats: (R, G) utilities of R >= 2 repeats with other seeds at G >= 2 values, or
            (T, R, G) of several tasks, whose variances are pooled. For the mean of the R repeats,
            divide the result by sqrt(R).
        confidence: That no difference of one curve's noise exceeds the tolerance.

    Returns:
        A ``tol`` for :meth:`DualCurve.local_maxima`, or ``min_jump`` for its jumps.

    Raises:
        ValueError: If the shape does not fit, or a value is not finite.
    """
    _checks.quantile("confidence", confidence)
    u = _finite_array("repeats", repeats)
    if u.ndim not in (2, 3) or u.shape[-2] < 2 or u.shape[-1] < 2 or u.size == 0:
        raise ValueError(
            f"`repeats` must have shape (R, G) or (T, R, G) with R >= 2 and G >= 2, got {u.shape}."
        )
    n_repeats, n_values = u.shape[-2:]
    d = u - u.mean(axis=-1, keepdims=True)
    d -= d.mean(axis=-2, keepdims=True)
    freedom = (u.size // (n_repeats * n_values)) * (n_repeats - 1) * (n_values - 1)
    deviation = math.sqrt(2.0 * float(np.square(d).sum()) / freedom)  # of a difference
    tail = (1.0 - confidence) / (n_values * (n_values - 1))
    return deviation * float(stats.t.isf(tail, freedom))


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
    less than their distance. A slope drops out once its change over an interval is small. Not
    found are jumps that cancel between two neighbours of the grid. The widest interval goes first.

    Args:
        f: The utility at a value of the hyperparameter; deterministic, or with a ``min_jump``
            above its noise.
        low, high: Where to look.
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
        ValueError: If an argument is out of its range, or ``f`` returns what is not finite.
    """
    for name, value in (("low", low), ("high", high), ("tol", tol)):
        _checks.finite(name, value)
    if low >= high:
        raise ValueError(f"`high` must exceed `low` = {low!r}, got {high!r}.")
    if tol <= 0.0:
        raise ValueError(f"`tol` must be positive, got {tol!r}.")
    _not_negative("min_jump", min_jump)
    _checks.count("n_start", n_start, at_least=2)
    if max_evaluations is not None:
        _checks.count("max_evaluations", max_evaluations, at_least=n_start)

    grid = [float(a) for a in np.linspace(low, high, n_start)]
    values = [_value(f, a) for a in grid]
    n_evaluations = n_start
    points = list(zip(grid, values, strict=True))
    open_intervals: list[tuple[float, _Point, _Point]] = []
    _keep(open_intervals, points, min_jump)
    found = []
    while open_intervals:
        _, left, right = heapq.heappop(open_intervals)
        middle = (left[0] + right[0]) / 2.0
        is_out = max_evaluations is not None and n_evaluations >= max_evaluations
        if right[0] - left[0] <= tol or not left[0] < middle < right[0] or is_out:
            found.append(Jump(left[0], right[0], right[1] - left[1]))
            continue
        n_evaluations += 1
        _keep(open_intervals, [left, (middle, _value(f, middle)), right], min_jump)
    return Refinement(tuple(sorted(found)), n_evaluations)


_Point = tuple[float, float]  # alpha, f(alpha)


def _keep(heap: list[tuple[float, _Point, _Point]], points: list[_Point], least: float) -> None:
    """Those intervals between neighbours over which the value changes by more than ``least``."""
    for left, right in pairwise(points):
        if abs(right[1] - left[1]) > least:
            heapq.heappush(heap, (left[0] - right[0], left, right))


def _value(f: Callable[[float], float], alpha: float) -> float:
    value = float(f(alpha))
    if not math.isfinite(value):
        raise ValueError(f"`f` must return a finite number, got {value!r} at {alpha!r}.")
    return value


def _oscillations(u: np.ndarray) -> int:
    """The largest number of intervals (low, high] over one point; it is reached at a high."""
    low = np.sort(np.minimum(u[:-1], u[1:]))
    high = np.sort(np.maximum(u[:-1], u[1:]))
    over = np.searchsorted(low, high, side="left") - np.searchsorted(high, high, side="left")
    return int(over.max(initial=0))


def _prominent(u: np.ndarray, tol: float) -> list[int]:
    """Indices of maxima between which u goes down by more than ``tol`` on both sides.

    Walking right, the highest value so far is one as soon as u is down by more than ``tol``; the
    next is sought once u is up by more than ``tol`` from the lowest since.
    """
    found = []
    top, bottom, climbing = 0, 0, True
    values = u.tolist()
    for i, value in enumerate(values):
        if climbing:
            if value > values[top]:
                top = i
            elif values[top] - value > tol:
                found.append(top)
                bottom, climbing = i, False
        elif value < values[bottom]:
            bottom = i
        elif value - values[bottom] > tol:
            top, climbing = i, True
    return [*found, top] if climbing else found


def _finite_array(name: str, value: Any) -> np.ndarray:
    """A copy as floats."""
    try:
        array = np.array(value, dtype=float)
    except (TypeError, ValueError) as error:
        raise TypeError(f"`{name}` must be an array of numbers: {error}.") from error
    if not np.isfinite(array).all():
        place = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise ValueError(f"`{name}` must be finite, got {array[place]} at {place}.")
    return array


def _span(name: str, array: np.ndarray) -> str:
    return f"{name}: {array.shape} in [{array.min():.4g}, {array.max():.4g}]"


def _not_negative(name: str, value: Any) -> None:
    _checks.finite(name, value)
    if value < 0.0:
        raise ValueError(f"`{name}` must not be negative, got {value!r}.")
