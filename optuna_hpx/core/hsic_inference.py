r"""How sure an HSIC is: permutation tests, their gamma tail, and confidence intervals.

Notation
    n           trials in which the parameter had one domain: a group of it
    w, K, phi   as in core/hsic.py; w less its mean in each block
    b           a block: trials of one time, n_b of them; one block unless the trials were chosen
    T           (w'Kw/n^2 - E_0) / sqrt(HSIC(x, x) HSIC(s, s)): R2 less what chance gives it
    E_0         mean of w'Kw/n^2 over permutations of w within blocks
    B           replicates
    psi         (n, r) influence of each trial on M = (1/n) sum_i w_i phi(x_i)

Of several groups, T is the mean weighted by their trials. The mean E_0 is known,

    E_0 = (1/n^2) sum_b (sum_{i in b} w_i^2) / (n_b - 1) tr(H_b K_bb),

so that no draw is needed for T itself. Under "the score does not depend on the parameter, within a
block" all permutations within blocks are equally likely, and p = (1 + #{T_b >= T}) / (B + 1) is
exact; below 1 / (B + 1) it is the tail of the gamma distribution with the replicates' mean and
variance (Gretton et al., NIPS 2008).

Interval. HSIC is the square of the length of M, which is nearly normal with the covariance of
psi / n, also where the length is 0. For each length t along M's own direction, the distribution of
T is that of |t e + N|^2, N drawn from this normal distribution; the t for which T is not in a tail
are the interval. A score is a function of the ranks of all trials, so psi has a second term: with
the goal-oriented score, at the cut-off one trial is lost where another is gained; with graded
scores, all ranks behind a trial's move.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from optuna_hpx.core.hsic import Kernel, self_hsic
from optuna_hpx.core.permutation import step_down

__all__ = [
    "Group",
    "Inference",
    "blocks_in_time",
    "centre",
    "effective_size",
    "infer",
    "r2_beyond_chance",
]

_PER_CHUNK = 2_000_000  # numbers of the permuted scores that are held at once
_N_DRAWS = 4_000  # of N
_N_LENGTHS = 400
_FIRST_BLOCK, _BLOCK, _MIN_BLOCK = 30, 20, 10


@dataclass(frozen=True)
class Group:
    """One parameter in the trials in which it had one domain.

    Attributes:
        rows: (n,) which trials; equal for parameters that share their permutations.
        kernel: At their positions.
        w: (n,) scores, with mean 0 in each block.
        blocks: (n,) block of each, ascending from 0.
        weight: Share of the parameter's trials.
        order: (n,) trials of the group from the best to the worst.
        slope: (n,) in this order, how fast a trial's score moves with its rank over n.
    """

    rows: np.ndarray
    kernel: Kernel
    w: np.ndarray
    blocks: np.ndarray
    weight: float
    order: np.ndarray
    slope: np.ndarray

    @property
    def n(self) -> int:
        return len(self.rows)


@dataclass(frozen=True)
class Inference:
    """Per parameter, (d,) each.

    Attributes:
        r2: T, which may be below 0.
        p_values: Of each by itself.
        p_values_familywise: Of the strongest, the second strongest, ... among all.
        null_level: The T that chance exceeds with probability 1 - confidence.
        low, high: Ends of the interval of R2.
        first_probability: How often each is the largest among draws of all R2.
    """

    r2: np.ndarray
    p_values: np.ndarray
    p_values_familywise: np.ndarray
    null_level: np.ndarray
    low: np.ndarray
    high: np.ndarray
    first_probability: np.ndarray


def blocks_in_time(n: int) -> np.ndarray:
    """(n,) block of each of n trials in the order of time: the first 30, and 20 by 20 after."""
    blocks = np.maximum((np.arange(n) - _FIRST_BLOCK) // _BLOCK + 1, 0)
    if n and blocks[-1] > 0 and np.count_nonzero(blocks == blocks[-1]) < _MIN_BLOCK:
        blocks[blocks == blocks[-1]] -= 1
    return blocks


def centre(score: np.ndarray, blocks: np.ndarray) -> np.ndarray:
    """(n,) the score less its mean in each block."""
    means = np.bincount(blocks, score) / np.bincount(blocks)
    return np.asarray(score - means[blocks])


def within_trace(features: np.ndarray, blocks: np.ndarray) -> np.ndarray:
    """(number of blocks,) tr(H_b K_bb) of each block."""
    sums = np.zeros((int(blocks[-1]) + 1, features.shape[1]))
    np.add.at(sums, blocks, features)
    of_squares = np.bincount(blocks, np.sum(features**2, axis=1))
    return np.asarray(of_squares - np.sum(sums**2, axis=1) / np.bincount(blocks))


def null_mean(kernel: Kernel, w: np.ndarray, blocks: np.ndarray) -> float:
    """E_0."""
    n_b = np.bincount(blocks)
    if len(n_b) == 1:
        trace = np.array([float(kernel.diagonal.sum()) - float(kernel.row_sums().sum()) / len(w)])
    else:
        trace = within_trace(kernel.features(), blocks)
    spread = np.bincount(blocks, w**2) / np.maximum(n_b - 1, 1)
    return float(spread @ trace) / len(w) ** 2


def effective_size(group: Group, kept: float) -> float:
    """How many trials drawn evenly would test the parameter as sharply.

    Trials that a sampler settled on one value, or whose scores differ only from block to block,
    say less than their number.

    Args:
        group: The trials.
        kept: Share of the variance of the score that is within blocks.
    """
    traces = within_trace(group.kernel.features(), group.blocks)
    return min(float(traces.sum()) / max(group.kernel.even_spread(), 1e-12), group.n) * kept


def r2_beyond_chance(groups: Sequence[Group]) -> np.ndarray:
    """(number of groups,) what each adds to T."""
    return np.array([_Scaled.of(group).observed for group in groups], dtype=float)


def infer(
    parameters: Sequence[Sequence[Group]],
    n_permutations: int,
    confidence: float,
    rng: np.random.Generator,
) -> Inference:
    """Test and measure each of several parameters, given by its groups.

    Parameters with the same trials share their permutations, so that family-wise p-values know how
    they depend on each other. O(B n d), and O(n) memory a parameter.
    """
    d = len(parameters)
    scaled = [[_Scaled.of(group) for group in groups] for groups in parameters]
    observed = np.array([sum(each.observed for each in groups) for groups in scaled], dtype=float)
    null = _null(scaled, n_permutations, rng)
    low, high = np.zeros(d), np.zeros(d)
    draws = np.zeros((_N_DRAWS, d))
    for k, groups in enumerate(scaled):
        low[k], high[k], draws[:, k] = _interval(groups, observed[k], confidence, rng)
    mean, spread = null.mean(axis=0), null.std(axis=0)
    spread = np.where(spread > 0.0, spread, np.inf)
    p_values = (1.0 + _reached(null, observed)) / (n_permutations + 1.0)
    tail = _gamma_tail(observed - null.min(axis=0), null - null.min(axis=0))
    return Inference(
        r2=observed,
        p_values=np.where(p_values * (n_permutations + 1.0) > 1.5, p_values, tail),
        p_values_familywise=step_down((observed - mean) / spread, (null - mean) / spread),
        null_level=np.maximum(np.quantile(null, confidence, axis=0, method="higher"), 0.0),
        low=low,
        high=high,
        first_probability=np.bincount(draws.argmax(axis=1), minlength=d) / _N_DRAWS
        if d
        else np.zeros(0),
    )


def _reached(null: np.ndarray, observed: np.ndarray) -> np.ndarray:
    tolerance = 1e-9 * np.abs(null).max(axis=0, initial=0.0)
    return np.asarray((null >= observed - tolerance).sum(axis=0))


def _gamma_tail(observed: np.ndarray, null: np.ndarray) -> np.ndarray:
    """(d,) tail of the gamma distribution with the replicates' moments, at most 1 / (B + 1)."""
    mean, variance = null.mean(axis=0), null.var(axis=0)
    usable = variance > 0.0
    shape = np.where(usable, mean**2 / np.where(usable, variance, 1.0), 1.0)
    scale = np.where(usable, variance / np.where(mean > 0.0, mean, 1.0), 1.0)
    tail = stats.gamma.sf(observed, np.maximum(shape, 1e-3), scale=scale)
    return np.where(usable, np.minimum(tail, 1.0 / (len(null) + 1.0)), 1.0)


@dataclass(frozen=True)
class _Scaled:
    """A group, and what turns its w'Kw into its part of T: (w'Kw/n^2 - mean) * factor."""

    group: Group
    mean: float
    factor: float

    @classmethod
    def of(cls, group: Group) -> _Scaled:
        n = group.n
        own = self_hsic(group.kernel) * (float(group.w @ group.w) / n) ** 2
        if own <= 1e-18:  # a constant
            return cls(group, 0.0, 0.0)
        mean = null_mean(group.kernel, group.w, group.blocks)
        return cls(group, mean, group.weight / float(np.sqrt(own)))

    @property
    def observed(self) -> float:
        return float(self.value(self.group.w))

    def value(self, w: np.ndarray) -> np.ndarray:
        if self.factor == 0.0:
            return np.zeros(w.shape[:-1])
        return (self.group.kernel.quadratic(w) / self.group.n**2 - self.mean) * self.factor


def _null(
    parameters: Sequence[Sequence[_Scaled]], n_permutations: int, rng: np.random.Generator
) -> np.ndarray:
    """(B, d) replicates of T."""
    null = np.zeros((n_permutations, len(parameters)))
    longest = max((each.group.n for groups in parameters for each in groups), default=1)
    step = max(_PER_CHUNK // longest, 1)
    for start in range(0, n_permutations, step):
        size = min(step, n_permutations - start)
        permuted: dict[bytes, np.ndarray] = {}
        for k, groups in enumerate(parameters):
            for each in groups:
                key = each.group.rows.tobytes()
                if key not in permuted:
                    permuted[key] = _permuted(each.group, size, rng)
                null[start : start + size, k] += each.value(permuted[key])
    return null


def _permuted(group: Group, size: int, rng: np.random.Generator) -> np.ndarray:
    """(size, n) scores, permuted within blocks."""
    w = np.tile(group.w, (size, 1))
    for stretch in np.split(np.arange(group.n), np.flatnonzero(np.diff(group.blocks)) + 1):
        here = slice(stretch[0], stretch[-1] + 1)
        w[:, here] = rng.permuted(w[:, here], axis=1)
    return w


def _interval(
    groups: Sequence[_Scaled], observed: float, confidence: float, rng: np.random.Generator
) -> tuple[float, float, np.ndarray]:
    """Ends of the interval of R2, and draws (_N_DRAWS,) of what R2 may be."""
    along, square, chance = np.zeros(_N_DRAWS), np.zeros(_N_DRAWS), 0.0
    means = []
    for each in groups:
        if each.factor == 0.0:
            continue
        mean, covariance = _moments(each)
        values, vectors = np.linalg.eigh(covariance)
        root = vectors * np.sqrt(np.maximum(values, 0.0))
        noise = rng.standard_normal((_N_DRAWS, len(mean))) @ root.T
        means.append(mean)
        along += noise @ mean
        square += np.sum(noise**2, axis=1)
        chance += float(np.trace(covariance))
    if not means:
        return 0.0, 1.0, np.zeros(_N_DRAWS)
    length = float(np.sqrt(sum(float(mean @ mean) for mean in means)))
    along /= max(length, 1e-300)
    lengths = np.linspace(0.0, 1.0, _N_LENGTHS) ** 2
    # |t e + N|^2 - E|N|^2 for each t; its quantiles grow with t.
    drawn = lengths[:, None] ** 2 + 2.0 * lengths[:, None] * along + (square - chance)
    tail = 0.5 - confidence / 2.0
    smallest, largest = np.quantile(drawn, [tail, 1.0 - tail], axis=1)
    held = lengths[(smallest <= observed) & (observed <= largest)] ** 2
    reported = max(observed, 0.0)
    may_be = reported + 2.0 * np.sqrt(reported) * along + square - chance
    return float(held.min(initial=reported)), float(held.max(initial=reported)), may_be


def _moments(each: _Scaled) -> tuple[np.ndarray, np.ndarray]:
    """M (r,) and its covariance (r, r), of features whose square length is R2."""
    group = each.group
    phi = group.kernel.features() * np.sqrt(each.factor)
    phi = phi - phi.mean(axis=0)
    moved = group.slope[:, None] * phi[group.order]
    drift = np.empty_like(phi)
    drift[group.order] = np.cumsum(moved[::-1], axis=0)[::-1] / group.n
    psi = group.w[:, None] * phi + drift
    return group.w @ phi / group.n, np.cov(psi, rowvar=False, ddof=1).reshape(
        phi.shape[1], -1
    ) / group.n
