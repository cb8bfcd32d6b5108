r"""Confidence intervals for the Sobol index S of PED-ANOVA, by inversion of a test.

Notation
    n             trials in the region
    S_hat         S at the finest resolution, unshrunk: hardly biased (ped_anova.py)
    S_0           a hypothetical value of S; h_0 of a share of the sum of all S
    psi           (n,) influence of each trial on S, and its two parts (estimates.py)
    z             critical value of the normal distribution

Why not the bootstrap. S_hat is a smooth functional plus a degenerate quadratic form, and the
second is all there is for a parameter without influence: resampling doubles it, so that an
interval of percentiles hardly ever holds S = 0 (benchmarks/importance/ped_anova_intervals.py).
Here both parts are worked out instead, for every S_0 (estimates.py); the S_0 that the data do not
reject are the interval.

The two are uncorrelated; their cumulants add up, and the quantile is that of Cornish and Fisher
(Rev. Inst. Int. Stat. 5, 1938), to first order in the skewness,

    z + skewness (z^2 - 1) / 6.                                                              (1)

The smooth part rests on the m target trials: its share is widened by the quantile of Student's t
with m - 1 degrees of freedom. To the upper end is added what finer bins may find yet. A bin that
straddles a jump of P(b | z, i) misses a share in proportion to its size, and the last two steps,
by which bins became 2.25 times smaller, gained 1.25 times of what is missing now; where labels
leave open whether P is 0 or 1 everywhere, all that is missing is added. Sharper or wavier effects
than that may still lie above.

A share of the sum. h_0 is rejected if S_hat - h_0 (sum of the S_hat) is far from 0 (Fieller, J. R.
Stat. Soc. B 16, 1954), the influences of all parameters taken together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from optuna_hpx.importance.maths.estimates import Cut, Estimate

__all__ = ["first_probability", "intervals", "normalized_intervals", "share_bounds"]

_S0 = np.concatenate([np.linspace(0.0, 0.05, 100, endpoint=False), np.linspace(0.05, 1.0, 381)])
_MAX_SKEWNESS = 1.5  # beyond it the expansion is no longer monotone
_TIE = 1e-9  # what two sums of the same numbers may differ by
_DRAWN_PER_CHUNK = 500_000
_MAX_GROUPS = 5_000


def intervals(
    estimates: Sequence[Estimate], cut: Cut, confidence: float
) -> tuple[np.ndarray, np.ndarray]:
    """Invert the test of S for each parameter.

    Args:
        estimates: The d parameters.
        cut: How the target set was cut.
        confidence: Level of each interval by itself.

    Returns:
        Lower and upper ends (d,), with the reported S between them. O(n d).
    """
    z = float(stats.norm.ppf(0.5 + confidence / 2.0))
    ends = [_interval(estimate, cut, z) for estimate in estimates]
    return np.array([low for low, _ in ends]), np.array([high for _, high in ends])


def _interval(estimate: Estimate, cut: Cut, z: float) -> tuple[float, float]:
    if estimate.is_empty:
        return 0.0, min(estimate.unseen, 1.0)
    scale = estimate.scale(_S0)
    a, b, n = estimate.linear, estimate.square, cut.n
    powers = np.array([scale**2, -2.0 * scale**3, scale**4])
    smooth = _no_less_beyond(np.array([a @ a, a @ b, b @ b]) / n**2 @ powers, scale)
    edge = (scale * estimate.edge[0] - scale**2 * estimate.edge[1]) ** 2 / n
    smooth = (smooth + edge * (1.0 - n / cut.n_candidates)) * cut.widening
    cubes = np.array([scale**3, -3.0 * scale**4, 3.0 * scale**5, -(scale**6)])
    aa, bb = a * a, b * b
    cubed = np.array([aa @ a, aa @ b, a @ bb, bb @ b]) / n**3 @ cubes
    noise, noise_cubed = estimate.noise_at(_S0)
    off = estimate.s - _S0, max(estimate.s, 0.0) + estimate.unseen - _S0
    held = _not_rejected(off, smooth + noise, cubed + noise_cubed, z)
    return _ends(_S0[held], estimate.shrunk)


def _no_less_beyond(variance: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Hold the variance (S_0,) beyond the estimate, where it would fall.

    A larger S can come from more trials of the same deviation as well as from larger deviations.
    """
    at_estimate = np.interp(1.0, scale, variance, right=0.0)
    return np.where(scale > 1.0, np.maximum(variance, at_estimate), variance)


def _not_rejected(
    off: tuple[np.ndarray, np.ndarray], variance: np.ndarray, cumulant: np.ndarray, z: float
) -> np.ndarray:
    """Tell where neither the lower test, of off[0], nor the upper one, of off[1], rejects."""
    deviation = np.sqrt(np.maximum(variance, 1e-60))
    skewness = np.clip(cumulant / deviation**3, -_MAX_SKEWNESS, _MAX_SKEWNESS)
    bend = skewness / 6.0 * (z**2 - 1.0)
    return np.asarray((off[0] / deviation <= z + bend) & (off[1] / deviation >= -z + bend))


def _ends(held: np.ndarray, reported: float) -> tuple[float, float]:
    return float(held.min(initial=reported)), float(held.max(initial=reported))


def normalized_intervals(
    estimates: Sequence[Estimate], cut: Cut, confidence: float
) -> tuple[np.ndarray, np.ndarray]:
    """Invert the test of S over the sum of all S for each parameter.

    Where the sum may be 0, any share may be, but that of a parameter that cannot vary is 0 if
    others can.

    Args:
        estimates: The d parameters.
        cut: How the target set was cut.
        confidence: Level of each interval by itself.

    Returns:
        Lower and upper ends (d,). O(n d).
    """
    z = float(stats.norm.ppf(0.5 + confidence / 2.0))
    totals = _Totals(
        s=sum(estimate.s for estimate in estimates),
        shrunk=sum(estimate.shrunk for estimate in estimates),
        unseen=sum(estimate.unseen for estimate in estimates),
        noise=sum(estimate.noise_variance for estimate in estimates),
        influence=sum((estimate.influence for estimate in estimates), np.zeros(cut.n)),
    )
    all_constant = all(estimate.cannot_vary for estimate in estimates)
    ends = [
        (0.0, 0.0)
        if estimate.cannot_vary and not all_constant
        else _normalized(estimate, totals, len(estimates), cut, z)
        for estimate in estimates
    ]
    return np.array([low for low, _ in ends]), np.array([high for _, high in ends])


@dataclass(frozen=True)
class _Totals:
    """Sums over all parameters."""

    s: float
    shrunk: float
    unseen: float
    noise: float
    influence: np.ndarray


def _normalized(
    estimate: Estimate, totals: _Totals, d: int, cut: Cut, z: float
) -> tuple[float, float]:
    others = totals.influence - estimate.influence
    other_noise = totals.noise - estimate.noise_variance
    s0 = np.minimum(_S0 * max(totals.s, totals.shrunk), estimate.ceiling)
    variance, cumulant = _share_moments(estimate, others, other_noise, s0, cut)
    gain = estimate.unseen
    off = (
        estimate.s - _S0 * (totals.s + totals.unseen - gain),
        max(estimate.s, 0.0) + gain - _S0 * (totals.s + gain),
    )
    held = _not_rejected(off, variance, cumulant, z)
    return _ends(_S0[held], estimate.shrunk / totals.shrunk if totals.shrunk > 0.0 else 1.0 / d)


def _share_moments(
    estimate: Estimate, others: np.ndarray, other_noise: float, s0: np.ndarray, cut: Cut
) -> tuple[np.ndarray, np.ndarray]:
    """Compute variance and third cumulant of S_hat - h_0 (sum of all S_hat) for each h_0."""
    h, scale = _S0, estimate.scale(s0)
    a, b, r, n = estimate.linear, estimate.square, others, cut.n
    products = np.array([a @ a, a @ b, b @ b, a @ r, b @ r, r @ r]) / n**2
    own, across = (1.0 - h) ** 2, -2.0 * h * (1.0 - h)
    smooth = products @ np.array(
        [
            own * scale**2,
            -2.0 * own * scale**3,
            own * scale**4,
            across * scale,
            -across * scale**2,
            h**2,
        ]
    )
    noise, cumulant = estimate.noise_at(s0)
    variance = cut.widening * smooth + own * noise + h**2 * other_noise
    return variance, (1.0 - h) ** 3 * cumulant


def first_probability(
    estimates: Sequence[Estimate], cut: Cut, n_bootstrap: int, rng: np.random.Generator
) -> np.ndarray:
    """Estimate how often each parameter has the largest S, by the bootstrap.

    A replicate draws the n trials anew and moves S as reported by their influences on its part
    from the labels, all parameters together; the quadratic part, and the part that ranks imply,
    are drawn as normal. Of very many trials, groups are drawn. Ties
    are shared; what leaves nothing to compare is first only, and equally, where all do.

    Args:
        estimates: The d parameters.
        cut: How the target set was cut.
        n_bootstrap: Replicates.
        rng: Of the draws.

    Returns:
        (d,) shares of the replicates, of sum 1. O(n_bootstrap n d).
    """
    is_empty = np.array([estimate.is_empty for estimate in estimates])
    if is_empty.all():
        return np.full(len(estimates), 1.0 / max(len(estimates), 1))
    n = cut.n
    groups = np.arange(0, n, -(-n // _MAX_GROUPS))
    labels_part = np.array([1.0 - estimate.rank_weight for estimate in estimates])
    psi = labels_part * np.column_stack(
        [np.add.reduceat(estimate.influence, groups) / n for estimate in estimates]
    )
    n_groups = len(groups)
    replicates = np.empty((n_bootstrap, len(estimates)))
    step = max(_DRAWN_PER_CHUNK // n_groups, 1)
    for start in range(0, n_bootstrap, step):
        size = min(step, n_bootstrap - start)
        drawn = rng.integers(n_groups, size=(size, n_groups))
        drawn += n_groups * np.arange(size)[:, None]
        times = np.bincount(drawn.ravel(), minlength=size * n_groups).reshape(size, n_groups)
        replicates[start : start + size] = times.astype(float) @ psi
    replicates += np.array([estimate.shrunk for estimate in estimates])
    variances = labels_part**2 * [estimate.noise_variance for estimate in estimates]
    variances += [estimate.rank_variance for estimate in estimates]
    replicates += np.sqrt(variances) * rng.standard_normal(replicates.shape)
    replicates[:, is_empty] = -np.inf
    is_first = replicates >= replicates.max(axis=1, keepdims=True) - _TIE
    return np.asarray((is_first / is_first.sum(axis=1, keepdims=True)).mean(axis=0))


def share_bounds(low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Bound each share of a sum, where only an interval of each summand is known.

    A share is at an end if its summand is at that end, and all others are at their other one.

    Args:
        low: (d,) lower ends, at least 0.
        high: (d,) upper ends.

    Returns:
        Lower and upper ends (d,) of the shares.
    """
    smallest = low + high.sum() - high
    largest = high + low.sum() - low
    with np.errstate(invalid="ignore", divide="ignore"):
        share_low = np.where(smallest > 0.0, low / smallest, 0.0)
        share_high = np.where(largest > 0.0, high / largest, 1.0)
    return share_low, share_high
