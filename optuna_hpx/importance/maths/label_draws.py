r"""Draws of target sets under the hypothesis that they do not depend on a parameter.

Notation
    n, m        trials of a regime; of these in the target set
    K           bins; n_k trials in bin k, m_k of them in the target set
    B           draws

m of the n trials are drawn without replacement, so that the m_k are multivariate hypergeometric.
Where the trials are very many, the m_k are drawn straight from that distribution, by which the
cost no longer depends on n; the draws of different parameters are then independent.
"""

from __future__ import annotations

from collections import Counter

import numpy as np

from optuna_hpx.importance.maths.binned_regime import BinnedRegime

__all__ = ["LabelDraws"]

_TRIALS_PER_CHUNK = 1_000_000  # from which to draw at once
_DRAWN_PER_CHUNK = 20_000  # counted at once: they stay in the processor's cache
_MAX_DRAWN = 30_000_000  # trials times replicates; beyond, counts are drawn


class LabelDraws:
    """Draws of the target set of each regime; the same for all users of a regime.

    Args:
        n_permutations: B.
        n: Trials of the region.
        n_users: How many parameters use each regime, by its key; draws are forgotten after the
            last one.
        rng: Draws.
    """

    def __init__(
        self, n_permutations: int, n: int, n_users: Counter[bytes], rng: np.random.Generator
    ) -> None:
        self._size, self._n_users, self._rng = n_permutations, n_users, rng
        self._by_trial = n_permutations * n <= _MAX_DRAWN
        self._drawn: dict[bytes, np.ndarray] = {}

    def counts(self, regime: BinnedRegime) -> np.ndarray:
        """Draw m_k, (B, K)."""
        if not self._by_trial:
            return self._rng.multivariate_hypergeometric(
                regime.n_k, regime.m, size=self._size, method="marginals"
            )
        drawn, n_bins = self._drawn_of(regime), len(regime.n_k)
        counts = np.empty((self._size, n_bins))
        step = max(_DRAWN_PER_CHUNK // drawn.shape[1], 1)
        offsets = n_bins * np.arange(step)[:, None]
        for start in range(0, self._size, step):
            codes = regime.codes[drawn[start : start + step]]
            codes += offsets[: len(codes)]
            flat = np.bincount(codes.ravel(), minlength=codes.shape[0] * n_bins)
            counts[start : start + step] = flat.reshape(-1, n_bins)
        few = drawn.shape[1] < regime.m  # the trials outside the target set were drawn
        return regime.n_k - counts if few else counts

    def _drawn_of(self, regime: BinnedRegime) -> np.ndarray:
        drawn = self._drawn.pop(regime.key, None)
        if drawn is None:
            drawn = self._draw(regime.n, regime.m)
        self._n_users[regime.key] -= 1
        if self._n_users[regime.key]:
            self._drawn[regime.key] = drawn
        return drawn

    def _draw(self, n: int, m: int) -> np.ndarray:
        """Draw indices (B, min(m, n - m)); of those outside the target set if they are fewer."""
        fewer = min(m, n - m)
        drawn = np.empty((self._size, fewer), dtype=np.int32)
        step = max(_TRIALS_PER_CHUNK // n, 1)
        for start in range(0, self._size, step):
            chunk = drawn[start : start + step]
            keys = self._rng.random((len(chunk), n), dtype=np.float32)
            chunk[:] = np.argpartition(keys, fewer - 1, axis=1)[:, :fewer]
        return drawn
