r"""How much of "in the target set" lies between the cells of a parameter, and how sure that is.

Notation
    n           trials
    q           share of them in the target set, V = q (1 - q)
    r           regimes of the parameter: trials in which it had one domain
    k           cells of a regime: values, or equal parts of the domain; K_r of them
    n_k, m_k    trials in cell k; of these in the target set; p_k = m_k / n_k, pi_k = n_k / n
    p_r, V_r    the same over all cells of the regime; V_r = p_r (1 - p_r)
    S           share of the variance of "in the target set" that lies between cells of a regime
    psi         influence of one trial on S

With s^2 for unbiased variances, of all trials, within a regime, and within a cell,

    S = sum_r sum_k pi_k (s_r^2 - s_k^2) / s^2,                                               (1)

which is 0 in expectation without influence. A trial in cell k influences it by

    psi = ((p_k - p_r)^2 + 2 (p_k - p_r) (b - p_k)) / V - beta (b - q) - S,                   (2)

b being 1 in the target set and else 0, and beta the slope by b of what stands before it: of trials
that are dealt anew, a fixed number is in the target set. The variance of psi over n is that of S,
and besides there is a rest, which is all where nothing matters,

    R = sum_r 2 (K_r - 1) (V_r / V)^2 / n^2.                                                  (3)

The noise of the p_k makes the estimate of the first too large by 2 R: R is subtracted from it, and
never less than R is left. In a new sample the cut-off of the target set moves, too. Had it stayed,
m would have varied; that it did not is by trials near the cut, which give up or get their place.
Instead of beta stands then

    beta' = mean over trials near the cut of 2 (p_k - p_r) / V,                               (4)

or S (1 - 2 q) / V where the cut is a fixed value, and (beta' - beta)^2 V / n adds to the variance.

Unlike the importances that are reported, S is not shrunk, and its cells are the same in all sets
of trials that are compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

__all__ = ["CellCounts", "ParameterCells"]


@dataclass(frozen=True, eq=False)
class ParameterCells:
    """The cells of one parameter.

    Attributes:
        codes: (n,) the cell of each trial. Those in which the parameter is inactive are a regime
            of one cell, which adds nothing to S.
        regime: (C,) the regime of each cell.
    """

    codes: np.ndarray
    regime: np.ndarray

    def count(self, members: np.ndarray) -> np.ndarray:
        """Count members (..., n), 1 or 0, in each cell: (..., C)."""
        indicators = self.codes[:, None] == np.arange(len(self.regime))
        return np.asarray(members @ indicators.astype(members.dtype), dtype=float)


@dataclass(frozen=True, eq=False)
class CellCounts:
    """Counts of one parameter in B replicates of a set of trials, and S of each.

    Attributes:
        regime: (C,) the regime of each cell.
        n: Trials of the set.
        m: Of these in the target set: some, and not all.
        n_k: (B, C) trials in each cell.
        m_k: (B, C) of these in the target set.
    """

    regime: np.ndarray
    n: int
    m: int
    n_k: np.ndarray
    m_k: np.ndarray

    def share(self) -> np.ndarray:
        """Compute S (B,), equation 1. A cell of one trial counts as its regime."""
        s_r = _unbiased(self._of_regime(self.n_k), self._of_regime(self.m_k))
        s_k = np.where(self.n_k > 1.0, _unbiased(self.n_k, self.m_k), s_r)
        between = (self.n_k * (s_r - s_k)).sum(axis=1) / self.n
        return np.asarray(between / _unbiased(np.array(self.n), np.array(self.m)))

    def influence(self, label: int) -> np.ndarray:
        """Compute psi + S (B, C) of a trial in each cell, in the target set (1) or not (0)."""
        shift = self._beta * (label - self.m / self.n)
        return np.asarray(self._plain(label) - shift[:, None])

    def cut_slope(self, near: np.ndarray) -> np.ndarray:
        """Compute beta' - beta (B,), equation 4.

        Args:
            near: (C,) trials near the cut in each cell; all 0 where the cut is a fixed value.
        """
        if near.any():
            return (
                np.asarray(2.0 * self._deviation @ near / near.sum() / self.variance) - self._beta
            )
        return self.share() * (1.0 - 2.0 * self.m / self.n) / self.variance - self._beta

    def squared_error(self) -> np.ndarray:
        """Compute the squared standard error (B,) of S, equations 2 and 3."""
        psi = self.influence(0), self.influence(1)
        spread = self._mean(psi[0] ** 2, psi[1] ** 2) - self._mean(*psi) ** 2
        return np.maximum(spread / self.n - self.rest, self.rest)

    @property
    def _deviation(self) -> np.ndarray:
        """(B, C) p_k - p_r."""
        n_r = np.maximum(self._of_regime(self.n_k), 1.0)
        return self.m_k / np.maximum(self.n_k, 1.0) - self._of_regime(self.m_k) / n_r

    @property
    def _beta(self) -> np.ndarray:
        mean = self._mean(self._plain(0), self._plain(1))
        inside = (self.m_k * self._plain(1)).sum(axis=1) / self.n
        return np.asarray((inside - self.m / self.n * mean) / self.variance)

    def _plain(self, label: int) -> np.ndarray:
        """Compute the first summand (B, C) of psi."""
        deviation, p_k = self._deviation, self.m_k / np.maximum(self.n_k, 1.0)
        return np.asarray(deviation * (deviation + 2.0 * (label - p_k)) / self.variance)

    def _mean(self, outside: np.ndarray, inside: np.ndarray) -> np.ndarray:
        """Average (B,) over trials what is (B, C) in each cell by label."""
        total = (self.n_k - self.m_k) * outside + self.m_k * inside
        return np.asarray(total.sum(axis=1) / self.n)

    @cached_property
    def rest(self) -> np.ndarray:
        """(B,) R, the variance of S that is left where nothing matters, equation 3."""
        p_r = self._of_regime(self.m_k) / np.maximum(self._of_regime(self.n_k), 1.0)
        weight = (p_r * (1.0 - p_r) / self.variance) ** 2
        is_filled = (self.n_k > 0.0).astype(float)
        k_r = np.maximum(self._of_regime(is_filled), 1.0)
        spread = (is_filled * weight * (k_r - 1.0) / k_r).sum(axis=1)  # a sum over regimes
        return np.asarray(2.0 * spread / self.n**2)

    @property
    def variance(self) -> float:
        """V."""
        return self.m * (self.n - self.m) / self.n**2

    def _of_regime(self, counts: np.ndarray) -> np.ndarray:
        """Sum (B, C) over the cells of each regime, and give each cell the sum."""
        return np.asarray(counts @ (self.regime[:, None] == self.regime).astype(float))


def _unbiased(n: np.ndarray, m: np.ndarray) -> np.ndarray:
    """Compute the unbiased variance of n values of which m are 1 and the others 0."""
    return np.asarray(m * (n - m) / np.maximum(n * (n - 1.0), 1.0))
