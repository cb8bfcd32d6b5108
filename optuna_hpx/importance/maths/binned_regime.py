r"""Chi-squares of one regime of a parameter: do target trials fall into its bins like the rest?

Notation
    n, m        trials of the regime; of these in the target set
    q           m / n
    K           bins; n_k trials in bin k, m_k of them in the target set
    B           draws of m_k
    X           Pearson's chi-square of the K bins, sum_k (m_k - q n_k)^2 / (n_k q (1 - q))

Where values have an order, neighbouring bins are joined again and again, which gives one X for
each resolution, and one more is the square of the standardised mean rank of the target trials.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

import numpy as np

from optuna_hpx.importance.maths.bins import plain_groups
from optuna_hpx.importance.maths.marginal import Marginal, few_values

__all__ = ["BinnedRegime"]

_MAX_BINS = 64  # of the finest resolution; each coarser one joins pairs of bins
_MIN_BIN = 3  # trials in a bin


@dataclass(frozen=True)
class BinnedRegime:
    """The bins of one regime of a parameter.

    Attributes:
        key: Digest of its trials.
        codes: (n_i,) the finest bin of each trial, in the order of the table.
        n_k: (K,) trials by bin.
        observed: (K,) of these in the target set.
        m: Trials in the target set.
        plain_n_k: Trials in the groups of the plain share, which is reported of very few.
        weight: Share of the regime in the variance of b.
        n_halvings: How often neighbouring bins can be joined.
        is_ordered: Whether the bins have an order.
    """

    key: bytes
    codes: np.ndarray
    n_k: np.ndarray
    observed: np.ndarray
    m: int
    plain_n_k: np.ndarray
    weight: float
    n_halvings: int
    is_ordered: bool

    @classmethod
    def of(cls, top: np.ndarray, marginal: Marginal, weight: float) -> BinnedRegime:
        """Bin the trials of ``marginal``; ``top`` (N,) is the target set among all trials."""
        n, starts = len(marginal.rows), marginal.starts
        n_values = n if starts is None else len(starts) - 1
        is_ordered = marginal.ordered and not few_values(n_values, n)
        if not is_ordered:
            group = np.arange(n + 1) if starts is None else starts
            codes, halvings = np.repeat(np.arange(len(group) - 1), np.diff(group)), 0
        else:
            halvings = int(np.log2(max(min(_MAX_BINS, n // _MIN_BIN), 2))) - 1
            place = np.arange(n) if starts is None else np.repeat(starts[:-1], np.diff(starts))
            codes = place * 2 ** (halvings + 1) // n
        n_bins = 2 ** (halvings + 1) if is_ordered else int(codes[-1]) + 1
        by_trial = np.argsort(marginal.rows)
        b = top[marginal.rows]
        return cls(
            blake2b(marginal.rows[by_trial].tobytes()).digest(),
            codes[by_trial],
            np.bincount(codes, minlength=n_bins),
            np.bincount(codes[b], minlength=n_bins),
            int(np.count_nonzero(b)),
            np.diff(plain_groups(marginal)),
            weight,
            halvings,
            is_ordered,
        )

    @property
    def n(self) -> int:
        """Number of trials."""
        return len(self.codes)

    def resolutions(self, m_k: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
        """List n_k and m_k (B, K) from the finest to the coarsest resolution."""
        n_k, resolutions = self.n_k, [(self.n_k, m_k)]
        for _ in range(self.n_halvings):
            n_k, m_k = n_k[::2] + n_k[1::2], m_k[:, ::2] + m_k[:, 1::2]
            resolutions.append((n_k, m_k))
        return resolutions

    def chi_square(self, m_k: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Compute X (resolutions, B) of counts m_k (B, K), and degrees of freedom (resolutions,).

        The trend comes last, where the bins have an order.
        """
        q = self.m / self.n
        x, freedom = [], []
        for n_k, drawn in self.resolutions(m_k):
            occupied = n_k > 0
            sizes = n_k[occupied]
            if not occupied.all():
                drawn = drawn[:, occupied]
            # sum (m_k - q n_k)^2 / n_k = sum m_k^2 / n_k - q m, as the m_k add up to m = q n.
            excess = np.square(drawn) @ (1.0 / sizes) - q * self.m
            x.append(np.maximum(excess, 0.0) / (q * (1.0 - q)))
            freedom.append(len(sizes) - 1)
        if self.is_ordered:
            x.append(self._trend(m_k))
            freedom.append(1)
        return np.array(x), np.array(freedom)

    def _trend(self, m_k: np.ndarray) -> np.ndarray:
        """Compute the square of the standardised mean rank of the drawn trials, (B,)."""
        n = self.n
        rank = np.cumsum(self.n_k) - self.n_k / 2.0 - n / 2.0  # of the bins' middles; mean 0
        spread = self.m * (n - self.m) / (n * (n - 1.0)) * float(self.n_k @ rank**2)
        return np.asarray((m_k @ rank) ** 2 / max(spread, 1e-12))
