"""What is sure of an effect, in a sentence: which values are better on average."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from optuna_hpx.canvas.words import listing

if TYPE_CHECKING:
    from optuna_hpx.importance._effect import MarginalEffect

__all__ = ["describe_effect"]

_MAX_LISTED = 6  # choices


def describe_effect(effect: MarginalEffect) -> str:
    """Say which values are better on average, as far as all pairs of values are sure at once.

    A sentence is false where a value that it calls worse is the best, or where it says "lower" (or
    "higher") "is better" and the curve goes the other way between these values.
    """
    if not effect.is_better.any():
        return "No value is seen to be better on average than another."
    if not effect.is_numeric:
        return _describe_choices(effect)
    best = np.flatnonzero(effect.may_be_best)
    n, first, last = len(effect.values), int(best[0]), int(best[-1])
    if first == 0 and last < n - 1 and _goes_one_way(effect, np.arange(last, n)):
        return _lean("Lower", "down", "below", effect, last, has_rest=last > 0)
    if last == n - 1 and first > 0 and _goes_one_way(effect, np.arange(first, -1, -1)):
        return _lean("Higher", "up", "above", effect, first, has_rest=first < n - 1)
    low, high = (_write(effect.values[k]) for k in (first, last))
    if first == last:
        return f"Around {low} is best on average."
    if (first, last) == (0, n - 1):
        ends_are_better = effect.is_better[[0, -1]][:, ~effect.may_be_best].any(axis=0)
        if ends_are_better.all():
            return "Some values in between are worse on average than those at one end or at both."
        return "Some values are worse on average than others; which ones are best is not told."
    return f"The best values on average lie between about {low} and {high}; others are worse."


def _lean(
    side: str, way: str, beyond: str, effect: MarginalEffect, k: int, *, has_rest: bool
) -> str:
    """Say that one side is better, up to a value beyond which nothing is sure."""
    if not has_rest:
        return f"{side} is better on average, to the end of the range."
    value = _write(effect.values[k])
    return (
        f"{side} is better on average, {way} to about {value}; {beyond} it no difference is sure."
    )


def _goes_one_way(effect: MarginalEffect, places: np.ndarray) -> bool:
    """Tell whether the values surely get worse from each third of ``places`` to the next."""
    sign = 1.0 if effect.direction == "minimize" else -1.0
    if (np.diff(sign * effect.effect[places]) < 0.0).any():
        return False
    stops = places[np.linspace(0, len(places) - 1, min(len(places), 3)).round().astype(int)]
    return bool(effect.is_better[stops[:-1], stops[1:]].all())


def _describe_choices(effect: MarginalEffect) -> str:
    best = [_write(effect.values[k]) for k in np.flatnonzero(effect.may_be_best)]
    if len(best) == 1:
        return f"{best[0]} is best on average."
    worse = [_write(effect.values[k]) for k in np.flatnonzero(~effect.may_be_best)]
    if len(worse) > _MAX_LISTED:
        return f"{len(worse)} of the {len(effect.values)} choices are not the best on average."
    verb = "is" if len(worse) == 1 else "are"
    return f"{listing(worse)} {verb} not the best on average; the others are not told apart."


def _write(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
