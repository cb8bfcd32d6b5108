"""Where a value lies in the distribution that it was drawn from, and back.

Everything in this package that needs a value as a number in [0, 1] gets it here, so that one value
has one position everywhere.

Notation
    x       a value as Optuna holds it internally: the number, or the index of the choice
    step    distance of neighbouring values; None where they are continuous; 1 for choices
    s(x)    x on the scale of the distribution: x itself, or log x
    a, b    ends of the interval of s from which Optuna's RandomSampler draws
    u       position, (s(x) - a) / (b - a), in [0, 1]

Optuna draws a discrete value by drawing evenly from [low - step/2, high + step/2], on the log
scale if the distribution is log, and rounding. A value is therefore a cell of [a, b], as wide as
the value is likely, and its position is the middle of the cell: for K equally likely values
1/(2K), 3/(2K), ... A log integer x has the cell [log(x - 1/2), log(x + 1/2)]. A continuous value
is its own cell, from u = 0 at low to u = 1 at high.

This makes u the distribution function of a random draw, half of the jump at x counted. Its mean
over random draws is exactly 1/2 for every kind of distribution, which none of the other choices
(0 to 1 from the lowest to the highest value, or log x between a and b) has for log integers.
"""

from __future__ import annotations

from numbers import Real
from typing import Any, TypeAlias

import numpy as np
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

__all__ = [
    "Distribution",
    "choices_of",
    "contains",
    "ends",
    "index_of_choice",
    "internal_value",
    "is_log",
    "is_within",
    "n_possible_values",
    "narrow",
    "place_between",
    "position",
    "possible_values",
    "probabilities",
    "scaled",
    "slack",
    "span",
    "step_of",
    "value_at",
]

Distribution: TypeAlias = FloatDistribution | IntDistribution | CategoricalDistribution
"""The distributions that Optuna has; one that is not categorical has low, high, step and log."""

TOLERANCE = 1e-6
"""Share of a step by which a value may miss its grid: sums of steps are not exact in floats."""

_TINY = np.finfo(float).tiny


def narrow(dist: BaseDistribution) -> Distribution:
    """Return ``dist`` as one of the three kinds that Optuna has.

    Raises:
        TypeError: If it is of another kind.
    """
    if isinstance(dist, (FloatDistribution, IntDistribution, CategoricalDistribution)):
        return dist
    raise TypeError(
        "A distribution must be a FloatDistribution, an IntDistribution or a "
        f"CategoricalDistribution, got {dist!r}."
    )


def is_log(dist: BaseDistribution) -> bool:
    """Return whether ``dist`` is drawn from on the log scale."""
    dist = narrow(dist)
    return not isinstance(dist, CategoricalDistribution) and dist.log


def choices_of(dist: BaseDistribution) -> tuple[Any, ...]:
    """Return the choices of a categorical distribution, and none of a numeric one."""
    return dist.choices if isinstance(dist, CategoricalDistribution) else ()


def step_of(dist: BaseDistribution) -> float | None:
    """Return the distance of neighbouring values, None where they are continuous."""
    dist = narrow(dist)
    return 1.0 if isinstance(dist, CategoricalDistribution) else dist.step


def ends(dist: BaseDistribution) -> tuple[float, float]:
    """Return the smallest and the largest value; for choices, their indices."""
    dist = narrow(dist)
    if isinstance(dist, CategoricalDistribution):
        return 0.0, float(len(dist.choices) - 1)
    return float(dist.low), float(dist.high)


def n_possible_values(dist: BaseDistribution) -> float:
    """Return how many values ``dist`` can take; infinite for a continuous one."""
    low, high = ends(dist)
    step = step_of(dist)
    if step is None:
        return 1.0 if low == high else float("inf")
    return float(round((high - low) / step)) + 1.0


def possible_values(dist: BaseDistribution) -> np.ndarray:
    """Return the values of a discrete distribution, ascending; for choices, their indices.

    Raises:
        ValueError: If the distribution is continuous.
    """
    low, high = ends(dist)
    step = step_of(dist)
    if step is None and low < high:
        raise ValueError(f"{dist!r} has no list of values: it is continuous.")
    return low + (step or 0.0) * np.arange(int(n_possible_values(dist)))


def probabilities(dist: BaseDistribution) -> np.ndarray:
    """Return how likely each of :func:`possible_values` is, as RandomSampler draws them.

    Raises:
        ValueError: If the distribution is continuous.
    """
    x = possible_values(dist)
    if not is_log(dist):
        return np.full(len(x), 1.0 / len(x))
    edges = np.log(np.append(x - 0.5, x[-1] + 0.5))
    return np.asarray(np.diff(edges) / (edges[-1] - edges[0]))


def span(dist: BaseDistribution) -> tuple[float, float]:
    """Return the ends a, b of the interval that Optuna draws from, on the distribution's scale."""
    low, high = ends(dist)
    half = (step_of(dist) or 0.0) / 2.0
    if is_log(dist):
        return float(np.log(low - half)), float(np.log(high + half))
    return low - half, high + half


def scaled(dist: BaseDistribution, x: np.ndarray) -> np.ndarray:
    """Return s(x) of values (n,): for a discrete one the middle of its cell. NaN stays NaN.

    A value that no log scale has, enqueued outside the domain, counts as the smallest it has.
    """
    if not is_log(dist):
        return x
    if step_of(dist) is None:
        return np.log(np.maximum(x, _TINY))
    x = np.maximum(x, 1.0)
    return (np.log(x - 0.5) + np.log(x + 0.5)) / 2.0


def place_between(s: np.ndarray, a: Any, b: Any) -> np.ndarray:
    """Return the place (n,) of ``s`` between ``a`` and ``b``, in [0, 1]; 0.5 where they are equal.

    What lies outside counts as at the nearer end.
    """
    s, a, b = np.asarray(s) / 2.0, np.asarray(a) / 2.0, np.asarray(b) / 2.0  # b - a may overflow
    with np.errstate(divide="ignore", invalid="ignore"):
        u = np.where(a == b, 0.5, (s - a) / (b - a))
    return np.clip(u, 0.0, 1.0)


def position(dist: BaseDistribution, x: np.ndarray) -> np.ndarray:
    """Return the positions u (n,) of values ``x`` (n,), as Optuna holds them internally."""
    return place_between(scaled(dist, x), *span(dist))


def value_at(dist: BaseDistribution, u: np.ndarray) -> np.ndarray:
    """Return the values (n,), as Optuna holds them internally, at the positions ``u`` in [0, 1].

    Of a discrete distribution the value in whose cell ``u`` lies. With ``u`` drawn evenly these
    are draws as Optuna's RandomSampler makes them.
    """
    low, high = ends(dist)
    step = step_of(dist)
    if is_log(dist):
        a, b = span(dist)
        x = np.exp((1.0 - u) * a + u * b)
        return np.clip(x if step is None else np.round(x), low, high)
    if step is None:
        return np.clip((1.0 - u) * low + u * high, low, high)
    return np.clip(low + step * np.floor(u * n_possible_values(dist)), low, high)


def slack(dist: BaseDistribution) -> float:
    """Return by how much a value may miss one of a grid and still be it; 0 without a grid."""
    return TOLERANCE * (step_of(dist) or 0.0)


def is_within(dist: BaseDistribution, x: np.ndarray) -> np.ndarray:
    """Mark the values (n,) between the lowest and the highest of ``dist``, to a millionth step."""
    low, high = ends(dist)
    return (x >= low - slack(dist)) & (x <= high + slack(dist))


def index_of_choice(dist: CategoricalDistribution, value: Any) -> int:
    """Return the place of a choice, where ``True`` is not ``1``, as Optuna would have it.

    Raises:
        ValueError: If it is none of the choices.
    """
    for index, choice in enumerate(dist.choices):
        if type(choice) is type(value) and (choice is value or choice == value):
            return index
    return int(dist.to_internal_repr(value))


def internal_value(dist: BaseDistribution, value: Any) -> float | None:
    """Convert a value as the objective sees it to Optuna's internal number, None if there is none.

    A number need not lie within the domain: it may be a value of another study's, or of another
    trial's. None is returned for what is no number, or no positive one on a log scale; or is not
    one of the choices.
    """
    dist = narrow(dist)
    if isinstance(dist, CategoricalDistribution):
        try:
            return float(index_of_choice(dist, value))
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, Real):
        return None
    return None if dist.log and value <= 0.0 else float(value)


def contains(dist: BaseDistribution, value: Any) -> bool:
    """Return whether ``value``, as the objective sees it, is one that ``dist`` can take.

    A value of a grid may be off by a millionth of the step.
    """
    x = internal_value(dist, value)
    if x is None or not bool(is_within(dist, np.array(x))):
        return False
    step = step_of(dist)
    if step is None:
        return True
    steps = (x - ends(dist)[0]) / step
    return abs(steps - round(steps)) < TOLERANCE
