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
from collections.abc import Iterator, Sequence

import numpy as np

from optuna_hpx.importance.maths.binned_regime import BinnedRegime

__all__ = ["LabelDraws"]

_TRIALS_PER_CHUNK = 1_000_000  # from which to draw at once
_COUNTED_PER_CHUNK = 20_000  # trials times regimes: they stay in the processor's cache
_MAX_DRAWN = 30_000_000  # trials times replicates; beyond, counts are drawn


class LabelDraws:
    """Draws of the target set of each regime; the same for all users of a regime.

    Args:
        n_permutations: B.
        n: Trials of the region.
        regimes: All that will be asked for; the draws of trials that several regimes share are
            forgotten after the last of them.
        rng: Draws.
    """

    def __init__(
        self,
        n_permutations: int,
        n: int,
        regimes: Sequence[BinnedRegime],
        rng: np.random.Generator,
    ) -> None:
        self._size, self._rng = n_permutations, rng
        self._n_waiting = Counter(regime.key for regime in regimes)
        self._by_trial = n_permutations * n <= _MAX_DRAWN
        self._drawn: dict[bytes, np.ndarray] = {}

    def counts(self, regimes: Sequence[BinnedRegime]) -> dict[BinnedRegime, np.ndarray]:
        """Draw m_k, (B, K), of some of the regimes.

        Regimes of the same trials are counted together, which is faster than one by one.
        """
        if not self._by_trial:
            return {regime: self._draw_counts(regime) for regime in regimes}
        groups: dict[bytes, list[BinnedRegime]] = {}
        for regime in regimes:
            groups.setdefault(regime.key, []).append(regime)
        counts: dict[BinnedRegime, np.ndarray] = {}
        for group in groups.values():
            counts.update(zip(group, self._count(group), strict=True))
        return counts

    def _draw_counts(self, regime: BinnedRegime) -> np.ndarray:
        return self._rng.multivariate_hypergeometric(
            regime.n_k, regime.m, size=self._size, method="marginals"
        )

    def _count(self, group: Sequence[BinnedRegime]) -> Iterator[np.ndarray]:
        """Count the drawn trials in the bins of several regimes of the same trials."""
        drawn = self._drawn_of(group)
        ends = np.cumsum([len(regime.n_k) for regime in group])
        codes = np.stack([regime.codes for regime in group], axis=1)
        codes[:, 1:] += ends[:-1]
        counts = _count_rows(codes, drawn, int(ends[-1]))
        is_target = drawn.shape[1] == group[0].m
        for regime, m_k in zip(group, np.split(counts, ends[:-1], axis=1), strict=True):
            yield m_k if is_target else regime.n_k - m_k

    def _drawn_of(self, group: Sequence[BinnedRegime]) -> np.ndarray:
        key, n, m = group[0].key, group[0].n, group[0].m
        drawn = self._drawn.pop(key, None)
        if drawn is None:
            drawn = self._draw(n, m)
        self._n_waiting[key] -= len(group)
        if self._n_waiting[key]:
            self._drawn[key] = drawn
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


def _count_rows(codes: np.ndarray, drawn: np.ndarray, n_codes: int) -> np.ndarray:
    """Count (B, n_codes) how often each code is in the drawn rows (B, l) of ``codes`` (n, g)."""
    n_draws, n_drawn, n_columns = len(drawn), drawn.shape[1], codes.shape[1]
    counts = np.empty((n_draws, n_codes))
    step = max(_COUNTED_PER_CHUNK // (n_drawn * n_columns), 1)
    offsets = n_codes * np.arange(step)[:, None, None]
    chunk = np.empty((step, n_drawn, n_columns), dtype=codes.dtype)
    for start in range(0, n_draws, step):
        rows = drawn[start : start + step]
        # "clip" never clips here: it spares the check of all rows, and a copy, before writing.
        drawn_codes = np.take(codes, rows, axis=0, out=chunk[: len(rows)], mode="clip")
        drawn_codes[1:] += offsets[1 : len(rows)]
        flat = np.bincount(drawn_codes.ravel(), minlength=len(rows) * n_codes)
        counts[start : start + step] = flat.reshape(-1, n_codes)
    return counts
