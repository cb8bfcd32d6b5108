"""How the losses of a configuration's tasks come to one number, and when it can win no more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["AGGREGATES", "cannot_win"]


def _mean(losses: Any, axis: int | None = None) -> Any:
    """Return the mean, also where no float holds the sum."""
    with np.errstate(over="ignore"):
        mean = np.mean(losses, axis=axis)
    if np.isfinite(mean).all():
        return mean
    losses = np.asarray(losses)
    return np.sum(losses / (losses.size if axis is None else losses.shape[axis]), axis=axis)


AGGREGATES: dict[str, Callable[..., Any]] = {
    "mean": _mean,
    "median": np.median,
    "worst": np.max,
}
"""Functions of losses, (..., T) along ``axis``."""


def cannot_win(losses: np.ndarray, best: np.ndarray, aggregate: str) -> bool:
    """Decide whether an aggregate is worse than the best one, whatever is still to come.

    A mean may always be saved by the tasks to come, as losses have no bound.

    Args:
        losses: (n,) of the tasks so far.
        best: (T,) of the best configuration.
        aggregate: "median" or "worst".

    Returns:
        For the median: whether more than half of the T losses are above the best median; for the
        worst: whether one is above the best worst.
    """
    bar = float(AGGREGATES[aggregate](best))
    n_worse = int((losses > bar).sum())
    return n_worse > (len(best) // 2 if aggregate == "median" else 0)
