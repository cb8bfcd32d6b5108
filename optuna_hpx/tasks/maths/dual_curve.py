"""The utility of a task as a function of one hyperparameter: its oscillations and maxima.

Notation
    T, G            tasks; sampled values of the hyperparameter
    alphas (G,)     the values, increasing
    u (T, G)        utilities, to be maximised; u_i at alphas_i on one task
    B               oscillation number: of a function h, the largest number over z at which
                    alpha -> 1{h(alpha) >= z} switches
    R               repeats of a curve with other seeds
    D (R, G)        the repeats minus the means of their rows and columns, for the noise
    F               degrees of freedom of the noise, (R - 1)(G - 1) for each task

The oscillation number bounds how well the best of many configurations carries over to new tasks
(Balcan et al., STOC 2021; arXiv 2501.13734; see :mod:`.oscillations`). Between neighbours the
indicator switches for every z in (min(u_i, u_i+1), max(u_i, u_i+1)], so that of a sample

    (1)  B = the largest number of these half-open intervals over one point.

Noise of one variance makes differences within a curve of at most

    (2)  tol = t_F(1 - p) sqrt(2 sum D^2 / F),   p = (1 - confidence) / (G (G - 1)),

by Student's t and Bonferroni over both signs of the G(G-1)/2 differences.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from optuna_hpx import _checks
from optuna_hpx.tasks.maths.jumps import Jump, check_not_negative

__all__ = ["DualCurve", "noise_tolerance"]


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

    Example:
        The accuracy on two tasks at five values of a penalty:

        >>> import numpy as np
        >>> from optuna_hpx import DualCurve
        >>> dual = DualCurve(
        ...     np.array([0.0, 0.25, 0.5, 0.75, 1.0]),
        ...     np.array([[0.6, 0.8, 0.7, 0.9, 0.5], [0.5, 0.6, 0.8, 0.6, 0.5]]),
        ... )
        >>> dual.best()
        0.5
        >>> dual.oscillations()
        array([4, 2])
        >>> dual.local_maxima(tol=0.05).sum(axis=1)
        array([2, 1])
        >>> [(jump.left, jump.right) for jump in dual.jumps(min_jump=0.3)]
        [(0.75, 1.0)]
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
        """Count the oscillations of the sample, B by (1).

        It is exact for the sampled values, and thus a lower bound on B of the curve: what happens
        between two values is not seen, and a finer grid can only find more. It must not be used
        as an upper bound, and certifies nothing. O(T G log G).

        Returns:
            An int for one task, (T,) ints for several.
        """
        if self.utilities.ndim == 1:
            return _oscillations(self.utilities)
        return np.array([_oscillations(u) for u in self.utilities])

    def local_maxima(self, tol: float) -> np.ndarray:
        """Mark the sampled values that are local maxima and stand out by more than ``tol``.

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
        check_not_negative("tol", tol)
        mask = np.zeros(self.utilities.shape, dtype=bool)
        for row, u in zip(np.atleast_2d(mask), np.atleast_2d(self.utilities), strict=True):
            row[_prominent(u, tol)] = True
        return mask

    def jumps(self, min_jump: float) -> tuple[Jump, ...]:
        """List the neighbours whose utilities differ by more than ``min_jump``, task by task.

        A steep slope looks like a jump until it is sampled more finely; :func:`refine_jumps` tells
        them apart. O(T G).
        """
        check_not_negative("min_jump", min_jump)
        step = np.atleast_2d(np.diff(self.utilities))
        return tuple(
            Jump(float(self.alphas[i]), float(self.alphas[i + 1]), float(step[task, i]), int(task))
            for task, i in np.argwhere(np.abs(step) > min_jump)
        )

    def best(self) -> float:
        """Return the value of the highest mean utility over the tasks; the smallest of several."""
        mean = np.atleast_2d(self.utilities).mean(axis=0)
        return float(self.alphas[np.argmax(mean)])


def noise_tolerance(repeats: Any, *, confidence: float = 0.95) -> float:
    """Compute how much maxima have to stand out so that none of a curve's is noise, by (2).

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
        TypeError: If a value is not a number.
        ValueError: If the shape does not fit, or a value is not finite.

    Example:
        Three trainings of one curve, which differ by about 0.01:

        >>> import numpy as np
        >>> from optuna_hpx import noise_tolerance
        >>> rng = np.random.default_rng(0)
        >>> repeats = np.linspace(0.5, 0.9, 20) + 0.01 * rng.normal(size=(3, 20))
        >>> round(noise_tolerance(repeats), 2)
        0.05
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


def _oscillations(u: np.ndarray) -> int:
    """Return the largest number of intervals (low, high] over one point, reached at a high."""
    low = np.sort(np.minimum(u[:-1], u[1:]))
    high = np.sort(np.maximum(u[:-1], u[1:]))
    over = np.searchsorted(low, high, side="left") - np.searchsorted(high, high, side="left")
    return int(over.max(initial=0))


def _prominent(u: np.ndarray, tol: float) -> list[int]:
    """Find the maxima from which u goes down by more than ``tol`` on both sides.

    Walking right, the highest value so far is one as soon as u is down by more than ``tol``; the
    next is sought once u is up by more than ``tol`` from the lowest since.
    """
    maxima = []
    top, bottom, climbing = 0, 0, True
    values = u.tolist()
    for i, value in enumerate(values):
        if climbing:
            if value > values[top]:
                top = i
            elif values[top] - value > tol:
                maxima.append(top)
                bottom, climbing = i, False
        elif value < values[bottom]:
            bottom = i
        elif value - values[bottom] > tol:
            top, climbing = i, True
    return [*maxima, top] if climbing else maxima


def _finite_array(name: str, value: Any) -> np.ndarray:
    """Copy ``value`` as floats, all of which must be finite."""
    try:
        array = np.array(value, dtype=float)
    except (TypeError, ValueError, OverflowError) as error:
        raise TypeError(f"`{name}` must be an array of numbers: {error}.") from error
    if not np.isfinite(array).all():
        place = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise ValueError(f"`{name}` must be finite, got {array[place]} at {place}.")
    return array


def _span(name: str, array: np.ndarray) -> str:
    return f"{name}: {array.shape} in [{array.min():.4g}, {array.max():.4g}]"
