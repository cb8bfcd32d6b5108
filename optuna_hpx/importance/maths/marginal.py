"""One parameter in one regime, sorted: what all estimators of PED-ANOVA begin with.

Notation
    i       regime of a parameter: trials in which it had the same domain, or similar ones
    n_i     trials of the regime in the region; m_i of them are in the target set
    b       (n_i,) label of each trial: whether it is in the target set
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["MIN_BIN", "Marginal", "can_vary", "few_values", "group_size", "similar_groups"]

MIN_BIN = 3
"""Trials in a bin: fewer hardly tell the variance within it."""
_LEAST_GROUP = 100  # trials, of which the best tenth are ten
_GROUP_FACTOR = 4.0  # of 2000 trials a third is compared: S is then as near to 1 as with 600
_FEW_VALUES = 20
"""Up to so many values, each is its own bin, and their order plays no part."""


@dataclass(frozen=True)
class Marginal:
    """One parameter in one regime.

    Attributes:
        rows: (n_i,) indices of the regime's trials, sorted by the parameter's value.
        starts: (G + 1,) boundaries of the groups of equal values in that order, ascending from 0
            to n_i; None if all values differ.
        ordered: Whether neighbouring values may be merged into one bin.
    """

    rows: np.ndarray
    starts: np.ndarray | None
    ordered: bool

    @property
    def n_values(self) -> int:
        """Number of distinct values."""
        return len(self.rows) if self.starts is None else len(self.starts) - 1

    def boundaries(self) -> np.ndarray:
        """Return (G + 1,) boundaries of the groups of equal values, also where all differ."""
        return np.arange(len(self.rows) + 1) if self.starts is None else self.starts

    @property
    def is_ordered(self) -> bool:
        """Whether bins join neighbouring values; otherwise each value is a bin of its own."""
        return self.ordered and not few_values(self.n_values, len(self.rows))

    @property
    def is_constant(self) -> bool:
        """Whether the parameter had one value only, which a single trial does not tell."""
        return self.starts is not None and len(self.starts) <= 2


def few_values(n_values: float, n_trials: int | None = None) -> bool:
    """Tell whether each of ``n_values`` distinct values is to be a bin of its own.

    With ``n_trials``, for values that merely happen to repeat: each must do so often enough.
    """
    return n_values <= _FEW_VALUES and (n_trials is None or MIN_BIN * n_values <= n_trials)


def can_vary(b: np.ndarray, marginal: Marginal) -> bool:
    """Tell whether there is anything to compare: several values, and ``b`` of both kinds."""
    return not marginal.is_constant and bool(b.any()) and not b.all()


def group_size(n: int) -> int:
    """Return how many of n trials with similar domains are compared with each other.

    Both errors then vanish with n: that of few trials in a group, and that of different domains.
    """
    return max(_LEAST_GROUP, round(_GROUP_FACTOR * n ** (2.0 / 3.0)))


def similar_groups(bounds: np.ndarray, size: int) -> list[np.ndarray]:
    """Group trials whose domains are alike, for domains that move from trial to trial.

    The condition of a regime, "the same domain", is relaxed to "neighbours in (low, high)": the
    trials are sorted along the main axis of their bounds, and cut into runs.

    Args:
        bounds: (k, n) what describes each trial's domain, such as its low and its high end.
        size: The least number of trials in a group, if there are as many.

    Returns:
        Arrays of indices into the n trials. O(n log n).
    """
    n = bounds.shape[1]
    centred = bounds - bounds.mean(axis=1, keepdims=True)
    scale = centred.std(axis=1, keepdims=True)
    centred = np.divide(centred, scale, out=np.zeros_like(centred), where=scale > 0)
    axis = np.linalg.eigh(centred @ centred.T)[1][:, -1]
    order = np.argsort(axis @ centred, kind="stable")
    return np.array_split(order, max(n // size, 1))
