r"""Which parameters the goal depends on, from trials that a sampler chose itself.

Notation
    n, d        trials, in the order of time; parameters
    keys        (n,) a better trial has a smaller one
    s           (n,) score: minus the rank, centred within blocks of time, of variance 1
    e_j         s'K_j s / n^2 less its mean over permutations within blocks, over the spread of K_j
    pi_j        activity: sqrt(e_j / max e), within [floor, 1]

A sampler that learns moves its parameters while values improve, so that any two drift together;
within a block of ten trials they hardly do. The square root makes activities proportional to
effects, not to their squares. HSIC as in importance/maths/hsic.py; no draws are needed, since the
mean over permutations is known,

    (1/n^2) sum_b (sum_{i in b} s_i^2) / (n_b - 1) tr(H_b K_bb).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from optuna_hpx.importance.maths.hsic import scores
from optuna_hpx.importance.maths.kernels import Kernel, centred_trace

__all__ = ["activities"]

_FLOOR = 0.05  # no parameter is frozen: what is wrong today can be found out tomorrow
_BLOCK = 10  # trials, in which a sampler hardly moves, and enough for a mean


def activities(kernels: Sequence[Kernel], keys: np.ndarray) -> np.ndarray:
    """Compute the activity pi (d,) of each parameter. O(n d).

    Args:
        kernels: For each parameter, its kernel at the positions of the trials.
        keys: (n,) keys of the trials in the order of time; a better trial has a smaller one.

    Returns:
        Activities in [0.05, 1], the largest 1; all 1 where no parameter has an effect.
    """
    blocks = _blocks(len(keys))
    score = scores(keys, "rank")
    score = score - (np.bincount(blocks, score) / np.bincount(blocks))[blocks]
    spread = float(np.sqrt(np.mean(score**2)))
    if spread == 0.0:
        return np.ones(len(kernels))
    e = np.array([_excess(kernel, score / spread, blocks) for kernel in kernels])
    if e.max(initial=0.0) <= 0.0:
        return np.ones(len(kernels))
    return np.clip(np.sqrt(np.maximum(e, 0.0) / e.max()), _FLOOR, 1.0)


def _blocks(n: int) -> np.ndarray:
    """Number the blocks of n trials (n,); a short rest belongs to the last block."""
    return np.minimum(np.arange(n) // _BLOCK, max(n // _BLOCK - 1, 0))


def _excess(kernel: Kernel, s: np.ndarray, blocks: np.ndarray) -> float:
    n = len(s)
    spread = centred_trace(kernel) / n
    if spread <= 1e-12:
        return 0.0
    return (float(kernel.quadratic(s)) / n**2 - _null_mean(kernel, s, blocks)) / spread


def _null_mean(kernel: Kernel, s: np.ndarray, blocks: np.ndarray) -> float:
    phi, n_b = kernel.features(), np.bincount(blocks)
    sums = np.zeros((len(n_b), phi.shape[1]))
    np.add.at(sums, blocks, phi)
    traces = np.bincount(blocks, np.sum(phi**2, axis=1)) - np.sum(sums**2, axis=1) / n_b
    within = np.bincount(blocks, s**2) / np.maximum(n_b - 1, 1)
    return float(within @ traces) / len(s) ** 2
