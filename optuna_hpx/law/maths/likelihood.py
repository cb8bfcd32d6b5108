"""The likelihood of a law of random search, given the losses in the regime.

Notation
    y_(1..m)        losses in the regime, ascending
    tau             the threshold, where the regime ends; n_above trials lie above it
    f, F            density and distribution function of the law, see quadratic.py
    x (L,)          losses of which the density counts
    e (E,), N (E,)  edges, and further trials between each edge and the next one

    (1)  log L = sum_l log f(x_l) + sum_j N_j log(F(e_(j+1)) - F(e_j)),   F(e_(E+1)) = 1

The lowest losses, which tell the most of the best possible one, count by their densities; the
others by the probabilities of the groups they fall into, which costs an evaluation for each group
instead of one for each loss; and what lies above tau by its probability alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optuna_hpx.law.maths.buckets import Buckets, make_buckets
from optuna_hpx.law.maths.quadratic import partials

__all__ = ["N_NODES", "CensoredSample", "log_likelihood", "make_sample"]

N_NODES = 14  # of the quadrature: errors of F near 1e-4, far below what a sample can tell apart
_N_DENSITIES = 16  # of the lowest losses
_N_GROUPS = 14  # of the others: 30 evaluations of F for a law, however many losses there are
_N_EDGES = 32  # of the buckets by which the modes are located, where less precision is needed
_TINY = 1e-300  # instead of a density or probability of 0, whose logarithm is not finite


@dataclass(frozen=True)
class CensoredSample:
    """The losses of a regime as the likelihood reads them.

    Attributes:
        points: (L,) x of equation (1).
        edges: (E,) e; the last is the threshold, or the largest loss.
        counts: (E,) N; the last one is that of the trials above the last edge.
        buckets: All losses, grouped.
        n_inside: Trials in the regime.
        n_above: Trials above it.
    """

    points: np.ndarray
    edges: np.ndarray
    counts: np.ndarray
    buckets: Buckets
    n_inside: int
    n_above: int

    @property
    def share(self) -> float:
        """Share of the trials in the regime."""
        return self.n_inside / (self.n_inside + self.n_above)


def make_sample(inside: np.ndarray, threshold: float, n_above: int) -> CensoredSample:
    """Divide losses into those that count by their density and those that count in groups.

    Args:
        inside: (m,) sorted losses in the regime.
        threshold: Its end; infinite if it has none.
        n_above: Trials above it.
    """
    n_lowest = min(_N_DENSITIES, len(inside))
    points, rest = inside[:n_lowest], inside[n_lowest:]
    if not n_above and len(rest):  # that none is larger says something too
        points, rest = np.append(points, rest[-1]), rest[:-1]
    first, last = inside[n_lowest - 1], min(threshold, inside[-1])
    edges = np.unique(np.concatenate([[first], _cuts(rest), [last]]))
    if n_above:
        edges = np.unique(np.append(edges, threshold))
    counts = np.diff(np.searchsorted(rest, edges, side="right"), append=len(rest) + n_above)
    buckets = make_buckets(inside, threshold, n_above).grouped(_N_EDGES)
    return CensoredSample(points, edges, counts, buckets, len(inside), n_above)


def _cuts(losses: np.ndarray) -> np.ndarray:
    """Place edges halfway between neighbours, so that the groups are about equally large."""
    ranks = np.linspace(0, len(losses), _N_GROUPS + 1).round().astype(int)
    ranks = np.unique(ranks)[1:-1]
    return (losses[ranks - 1] + losses[ranks]) / 2.0


def log_likelihood(
    sample: CensoredSample,
    gamma: np.ndarray,
    alpha: np.ndarray,
    scale: np.ndarray,
    sigma: np.ndarray,
) -> np.ndarray:
    """Compute equation (1) for P laws.

    Args:
        sample: The losses.
        gamma: (P,)
        alpha: (P,)
        scale: (P,) D.
        sigma: (P,) positive.

    Returns:
        (P,) log likelihoods.

    Cost: O(P (L + E)) evaluations of F and f.
    """
    y = np.concatenate([sample.points, sample.edges])
    law = partials(
        y, alpha[:, None], scale[:, None], gamma[:, None], sigma[:, None], n_nodes=N_NODES
    )
    n_points = len(sample.points)
    density = np.log(np.maximum(law.pdf[:, :n_points], _TINY)).sum(1)
    p = np.maximum(np.diff(law.cdf[:, n_points:], axis=1, append=1.0), _TINY)
    return density + (sample.counts * np.log(p)).sum(1)
