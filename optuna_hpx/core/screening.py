r"""Which parameters the goal depends on, from trials that a sampler chose itself.

Notation
    n, d        trials, in the order of time; parameters
    keys        (n,) a better trial has a smaller one
    s_a         (n,) scores: being among the best fifth, and minus the rank; each centred within
                blocks of time, and of variance 1
    e_j         sum_a (s_a'K_j s_a / n^2 - its mean over permutations within blocks), over the
                spread of K_j
    pi_j        activity: sqrt(e_j / max e), within [floor, 1]

A sampler that learns moves its parameters while values improve, so that any two drift together;
within a block of 20 trials they hardly do. The square root makes activities proportional to
effects, not to their squares. HSIC as in core/hsic.py; no draws are needed, since the mean over
permutations is known.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from optuna_hpx.core import target_set
from optuna_hpx.core.hsic import Kernel, scores

__all__ = ["activities", "blocks_in_time"]

_GOOD = 0.2
_MIN_GOOD = 3
_FLOOR = 0.05
_FIRST_BLOCK, _BLOCK, _MIN_BLOCK = 30, 20, 10


def activities(kernels: Sequence[Kernel], keys: np.ndarray) -> np.ndarray:
    """(d,) activity pi of each parameter; all 1 where nothing is found. O(n d).

    Args:
        kernels: At the trials' positions, one for each parameter.
        keys: (n,) in the order of time.
    """
    blocks = blocks_in_time(len(keys))
    graded = scores(keys, "rank")
    good = target_set.best(keys, max(_GOOD, min(_MIN_GOOD / len(keys), 1.0))).astype(float)
    found = np.zeros(len(kernels))
    for score in (good, graded):
        w = _centre(score, blocks)
        spread = float(np.sqrt(np.mean(w**2)))
        if spread > 0.0:
            found += [_excess(kernel, w / spread, blocks) for kernel in kernels]
    found = np.maximum(found, 0.0)
    if not found.any():
        return np.ones(len(kernels))
    return np.clip(np.sqrt(found / found.max()), _FLOOR, 1.0)


def _excess(kernel: Kernel, w: np.ndarray, blocks: np.ndarray) -> float:
    n = len(w)
    spread = (float(kernel.diagonal.sum()) - float(kernel.row_sums().sum()) / n) / n
    if spread <= 1e-12:
        return 0.0
    return (float(kernel.quadratic(w)) / n**2 - _null_mean(kernel, w, blocks)) / spread


def blocks_in_time(n: int) -> np.ndarray:
    """(n,) block of each of n trials in the order of time: the first 30, and 20 by 20 after."""
    blocks = np.maximum((np.arange(n) - _FIRST_BLOCK) // _BLOCK + 1, 0)
    if n and blocks[-1] > 0 and np.count_nonzero(blocks == blocks[-1]) < _MIN_BLOCK:
        blocks[blocks == blocks[-1]] -= 1
    return blocks


def _centre(score: np.ndarray, blocks: np.ndarray) -> np.ndarray:
    """(n,) the score less its mean in each block."""
    means = np.bincount(blocks, score) / np.bincount(blocks)
    return np.asarray(score - means[blocks])


def _null_mean(kernel: Kernel, w: np.ndarray, blocks: np.ndarray) -> float:
    """(1/n^2) sum_b (sum_{i in b} w_i^2) / (n_b - 1) tr(H_b K_bb)."""
    phi, n_b = kernel.features(), np.bincount(blocks)
    sums = np.zeros((len(n_b), phi.shape[1]))
    np.add.at(sums, blocks, phi)
    traces = np.bincount(blocks, np.sum(phi**2, axis=1)) - np.sum(sums**2, axis=1) / n_b
    spread = np.bincount(blocks, w**2) / np.maximum(n_b - 1, 1)
    return float(spread @ traces) / len(w) ** 2
