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
from functools import cached_property
from hashlib import blake2b

import numpy as np

from optuna_hpx.importance.maths.bins import cells_of, plain_groups
from optuna_hpx.importance.maths.ped_anova import Fit
from optuna_hpx.importance.maths.rank_effect import RankEffect

__all__ = ["BinnedRegime"]


@dataclass(frozen=True, eq=False)
class BinnedRegime:
    """The bins of one regime of a parameter.

    Attributes:
        fit: The parameter in the regime.
        key: Digest of its trials.
        codes: (n_i,) the finest bin of each trial, in the order of the table.
        n_k: (K,) trials by bin.
        observed: (K,) of these in the target set.
        n_halvings: How often neighbouring bins can be joined.
    """

    fit: Fit
    key: bytes
    codes: np.ndarray
    n_k: np.ndarray
    observed: np.ndarray
    n_halvings: int

    @classmethod
    def of(cls, fit: Fit) -> BinnedRegime:
        """Bin the trials of a regime in which there is anything to compare."""
        codes, halvings = cells_of(fit.marginal)
        n_bins = 2 ** (halvings + 1) if fit.marginal.is_ordered else codes[-1] + 1
        by_trial = np.argsort(fit.rows)
        return cls(
            fit,
            blake2b(fit.rows[by_trial].tobytes()).digest(),
            codes[by_trial],
            np.bincount(codes, minlength=n_bins),
            np.bincount(codes[fit.labels], minlength=n_bins),
            halvings,
        )

    @property
    def n(self) -> int:
        """Number of trials."""
        return len(self.codes)

    @cached_property
    def m(self) -> int:
        """Number of trials in the target set."""
        return int(np.count_nonzero(self.fit.labels))

    @property
    def weight(self) -> float:
        """Share of the regime in the variance of b."""
        return self.fit.weight

    @property
    def rank_effect(self) -> RankEffect | None:
        """What the ranks of its trials say."""
        return self.fit.rank_effect

    @property
    def is_ordered(self) -> bool:
        """Whether the bins have an order."""
        return self.fit.marginal.is_ordered

    @property
    def plain_n_k(self) -> np.ndarray:
        """Trials in the groups of the plain share, which is reported of very few trials."""
        return np.diff(plain_groups(self.fit.marginal))

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
