"""Distances between rows of parameters: of ranks where these are numbers, 0 or 1 for choices.

Notation
    n, d        rows and their parameters, numbers and choices
    X           (n, d) places of the values, or codes of choices; NaN where inactive
    r           (n, d) ranks of the active values over their number, in (0, 1)
    D           (n, n) sum over the parameters of |difference of r|, of 0 or 1 for choices, and
                of 1/2 where one row is active and the other is not
    w           (n, d) 1/2 minus what a row is away from an inactive one, of which r is taken as
                1/2 and the code as that of no choice; 0 where the row is inactive

Distances of all parameters together are those of r and of the codes by themselves, which are fast,
and the w of pairs of which one row alone is active.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.spatial.distance import pdist, squareform
from scipy.stats import rankdata

__all__ = ["Rows", "mid_ranks"]

_INACTIVE = -1.0  # the code of no choice


@dataclass(frozen=True)
class Rows:
    """Rows whose distances are asked for.

    Attributes:
        numbers: (n, k) ranks of numbers.
        codes: (n, d - k) codes of choices.
        active: (n, d) whether a parameter is active; of numbers first.
    """

    numbers: np.ndarray
    codes: np.ndarray
    active: np.ndarray

    @classmethod
    def of(cls, X: np.ndarray, is_choice: Sequence[bool]) -> Rows:
        """Rank the numbers.

        Args:
            X: (n, d) places or codes, NaN where inactive.
            is_choice: (d,) which parameters hold codes.
        """
        choices = np.asarray(is_choice, dtype=bool)
        numbers, codes = X[:, ~choices], X[:, choices]
        active = np.isfinite(np.hstack([numbers, codes]))
        return cls(mid_ranks(numbers), np.where(np.isfinite(codes), codes, _INACTIVE), active)

    def distances(self) -> np.ndarray:
        """Compute D, (n, n). O(n^2 d)."""
        apart = np.zeros(len(self.active) * (len(self.active) - 1) // 2)
        if self.numbers.shape[1]:
            apart += pdist(self.numbers, "cityblock")
        if n_choices := self.codes.shape[1]:
            apart += n_choices * pdist(self.codes, "hamming")
        total = squareform(apart)
        if not self.active.all():
            missing = self._weights() @ (~self.active).T
            total += missing + missing.T
        return np.asarray(total)

    def _weights(self) -> np.ndarray:
        """Compute w, (n, d)."""
        of_codes = np.full(self.codes.shape, -0.5)
        return np.hstack([0.5 - np.abs(self.numbers - 0.5), of_codes]) * self.active

    def shuffled(self, rng: np.random.Generator) -> Rows:
        """Permute each parameter by itself among the rows in which the same ones are active."""
        numbers, codes = self.numbers.copy(), self.codes.copy()
        for group in self._alike():
            numbers[group] = rng.permuted(numbers[group], axis=0)
            codes[group] = rng.permuted(codes[group], axis=0)
        return Rows(numbers, codes, self.active)

    def _alike(self) -> list[np.ndarray]:
        """List the rows in which the same parameters are active."""
        if self.active.all():
            return [np.arange(len(self.active))]
        _, pattern = np.unique(self.active, axis=0, return_inverse=True)
        return [np.flatnonzero(pattern.ravel() == code) for code in range(pattern.max() + 1)]


def mid_ranks(X: np.ndarray) -> np.ndarray:
    """Compute r, (n, d); 1/2 where inactive. O(n d log n)."""
    if not X.size:
        return np.zeros(X.shape)
    active = np.isfinite(X)
    ranks = rankdata(np.where(active, X, np.inf), axis=0)  # the inactive come last
    return np.where(active, (ranks - 0.5) / np.maximum(active.sum(axis=0), 1), 0.5)
