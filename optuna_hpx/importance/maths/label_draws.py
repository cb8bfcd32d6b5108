r"""Draws of labels and scores under the hypothesis that they do not depend on a parameter.

Notation
    n, m        trials of a regime; of these in the target set
    K           bins; n_k trials in bin k, m_k of them in the target set
    B           draws
    g           (n,) scores of the trials (rank_effect.py); c their coefficients

m of the n trials are drawn without replacement, so that the m_k are multivariate hypergeometric.
Where the trials are very many, the m_k are drawn straight from that distribution, by which the
cost no longer depends on n; the draws of different parameters are then independent.

A label and a score stay together: trials are permuted. Of more trials than a few thousand the sum
of the scores in a bin is drawn as normal, given m_k: its mean and variance are those of m_k scores
of the target set and n_k - m_k of the others, and the sums of all bins add up to that of all g.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from optuna_hpx.importance.maths.binned_regime import BinnedRegime

__all__ = ["Drawn", "LabelDraws"]

_TRIALS_PER_CHUNK = 1_000_000  # from which to draw at once
_COUNTED_PER_CHUNK = 20_000  # trials times regimes: they stay in the processor's cache
_MAX_DRAWN = 30_000_000  # trials times replicates; beyond, counts are drawn
_MAX_PERMUTED = 3_000_000  # trials times replicates; beyond, sums of scores are drawn


@dataclass(frozen=True, eq=False)
class Drawn:
    """Draws of one regime.

    Attributes:
        m_k: (B, K).
        coefficients: (B, J) c; None where ranks say nothing.
    """

    m_k: np.ndarray
    coefficients: np.ndarray | None


@dataclass(frozen=True, eq=False)
class _Permuted:
    """Trials (B, min(m, n - m)) that have the rarer label, and scores (B, n) of all, if drawn."""

    rare: np.ndarray
    scores: np.ndarray | None


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
        self._drawn: dict[bytes, _Permuted] = {}

    def of(self, regimes: Sequence[BinnedRegime]) -> dict[BinnedRegime, Drawn]:
        """Draw for some of the regimes.

        Regimes of the same trials are counted together, which is faster than one by one.
        """
        if not self._by_trial:
            counts = {regime: self._draw_counts(regime) for regime in regimes}
            return {r: Drawn(m_k, self._draw_sums(r, m_k)) for r, m_k in counts.items()}
        groups: dict[bytes, list[BinnedRegime]] = {}
        for regime in regimes:
            groups.setdefault(regime.key, []).append(regime)
        drawn: dict[BinnedRegime, Drawn] = {}
        for group in groups.values():
            drawn.update(zip(group, self._of_group(group), strict=True))
        return drawn

    def _draw_counts(self, regime: BinnedRegime) -> np.ndarray:
        return self._rng.multivariate_hypergeometric(
            regime.n_k, regime.m, size=self._size, method="marginals"
        )

    def _draw_sums(self, regime: BinnedRegime, m_k: np.ndarray) -> np.ndarray | None:
        """Draw c (B, J) from the sums of scores in the bins, given how many targets these have."""
        effect, labels = regime.rank_effect, regime.fit.labels
        if effect is None:
            return None
        m_k = m_k[:, regime.n_k > 0]
        inside, outside = effect.scores[labels], effect.scores[~labels]
        sums = m_k * inside.mean() + (effect.n_k - m_k) * outside.mean()
        variances = m_k * inside.var() + (effect.n_k - m_k) * outside.var()
        noise = np.sqrt(variances) * self._rng.standard_normal(variances.shape)
        total = np.maximum(variances.sum(axis=1, keepdims=True), 1e-300)
        sums += noise - variances / total * noise.sum(axis=1, keepdims=True)
        return np.asarray(sums @ effect.basis / regime.n)

    def _of_group(self, group: Sequence[BinnedRegime]) -> Iterator[Drawn]:
        """Count the drawn trials in the bins of several regimes of the same trials."""
        drawn = self._drawn_of(group)
        ends = np.cumsum([len(regime.n_k) for regime in group])
        codes = np.stack([regime.codes for regime in group], axis=1)
        codes[:, 1:] += ends[:-1]
        counts = _count_rows(codes, drawn.rare, int(ends[-1]))
        is_target = drawn.rare.shape[1] == group[0].m
        for regime, rare in zip(group, np.split(counts, ends[:-1], axis=1), strict=True):
            m_k = rare if is_target else regime.n_k - rare
            effect = regime.rank_effect
            if effect is None or drawn.scores is None:
                yield Drawn(m_k, self._draw_sums(regime, m_k))
            else:
                features = effect.basis[effect.codes[np.argsort(regime.fit.rows)]]
                yield Drawn(m_k, drawn.scores @ features / regime.n)

    def _drawn_of(self, group: Sequence[BinnedRegime]) -> _Permuted:
        key = group[0].key
        drawn = self._drawn.pop(key, None)
        if drawn is None:
            drawn = self._permute(group[0])
        self._n_waiting[key] -= len(group)
        if self._n_waiting[key]:
            self._drawn[key] = drawn
        return drawn

    def _permute(self, regime: BinnedRegime) -> _Permuted:
        """Draw who has the rarer label, and, of few trials, whose scores go where."""
        n, fewer = regime.n, min(regime.m, regime.n - regime.m)
        scores = regime.fit.scores
        if scores is None or self._size * n > _MAX_PERMUTED:
            return _Permuted(self._draw(n, fewer), None)
        orders = np.argsort(self._rng.random((self._size, n), dtype=np.float32), axis=1)
        by_trial = np.argsort(regime.fit.rows)  # whichever parameter of these trials comes first
        scores = scores[by_trial] - scores.mean()
        is_rare = regime.fit.labels[by_trial] == (fewer == regime.m)
        listed = np.concatenate([scores[is_rare], scores[~is_rare]])
        placed = np.empty((self._size, n))
        np.put_along_axis(placed, orders, listed[None], axis=1)
        return _Permuted(orders[:, :fewer], placed)

    def _draw(self, n: int, fewer: int) -> np.ndarray:
        """Draw indices (B, fewer) without replacement."""
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
