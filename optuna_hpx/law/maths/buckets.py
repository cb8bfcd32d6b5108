"""Losses as counts between edges: what the fit by spacings reads.

Notation
    Z (m,)          edges: the distinct losses in the regime, ascending, then the threshold
    N (m + 1,)      trials in each bucket: below Z_1, between neighbours, above Z_m

Losses above the threshold, where the law need not hold, and trials without a loss that are known
to be bad fall into the last bucket.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["Buckets", "make_buckets", "spread_ties"]

# Units in the last place within which two losses are one number, computed in two ways.
_ROUNDING_ERROR = 8.0


@dataclass(frozen=True)
class Buckets:
    """How many trials fell between which losses.

    Attributes:
        edges: (m,) Z, ascending.
        counts: (m + 1,) N; the last one has one more, as is usual for spacings.
    """

    edges: np.ndarray
    counts: np.ndarray

    def grouped(self, most: int) -> Buckets:
        """Merge buckets until there are about ``most`` edges.

        Every edge of the lowest third stays, since the lowest losses tell the most of the best
        possible one, and ever fewer of the others.
        """
        m = len(self.edges)
        if m <= most:
            return self
        n_lowest = most // 3
        rest = np.linspace(n_lowest, m - 1, most - n_lowest).round().astype(int)
        rows = np.unique(np.concatenate([np.arange(n_lowest), rest]))
        total = np.cumsum(self.counts)
        return Buckets(self.edges[rows], np.diff(total[rows], prepend=0, append=total[-1]))


def make_buckets(losses: np.ndarray, threshold: float, n_censored: int = 0) -> Buckets:
    """Count trials between the distinct ``losses`` up to ``threshold``.

    Args:
        losses: (n,) finite, or infinite for a trial known to be worse than the threshold.
        threshold: End of the regime; infinite if the law is to hold for all losses.
        n_censored: Further trials above the threshold.
    """
    inside = losses[losses <= threshold]
    edges, counts = np.unique(inside, return_counts=True)
    n_above = len(losses) - len(inside) + n_censored
    if n_above and edges[-1] < threshold:
        edges, counts = np.append(edges, threshold), np.append(counts, 0)
    return Buckets(edges, np.append(counts, n_above + 1))


def spread_ties(losses: np.ndarray) -> np.ndarray:
    """Sort ``losses``, and move rounded ones to random places in the cells they were rounded from.

    A score that is rounded, or an accuracy on so many examples, lies on a lattice: some losses
    are equal, and the step of the lattice is the smallest difference between two of the better
    half, or of all if the better half is one value. The places are random, since evenly spread
    ties would look more regular than losses that follow a law; they are always the same ones for
    the same number of losses.

    Args:
        losses: (n,) finite or infinite.

    Returns:
        (n,) ascending; as they were if no two finite losses are equal.
    """
    ordered = np.sort(losses)
    finite = ordered[np.isfinite(ordered)]
    step = _lattice_step(finite)
    if step is None:
        return ordered
    place = np.random.default_rng(0).uniform(-0.5, 0.5, len(finite))
    ordered[: len(finite)] = np.sort(finite + step * place)
    return ordered


def _lattice_step(losses: np.ndarray) -> float | None:
    """Find the width of the cells of sorted ``losses``; None if they are not rounded."""
    size = np.abs(losses)
    gaps = np.diff(losses)
    are_equal = gaps <= _ROUNDING_ERROR * np.spacing(np.maximum(size[1:], size[:-1]))
    better_half = slice(0, max(len(losses) // 2, 2))
    steps = gaps[better_half][~are_equal[better_half]]
    steps = steps if len(steps) else gaps[~are_equal]
    return float(steps.min()) if are_equal.any() and len(steps) else None
