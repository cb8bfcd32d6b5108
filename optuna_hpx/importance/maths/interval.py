r"""Confidence intervals for the Sobol index S of PED-ANOVA, by inversion of a test.

Notation
    n, m, q       trials in the region, in the target set, m / n; b (n,) the labels
    S_hat         S at the finest resolution, unshrunk: hardly biased (core/ped_anova.py)
    S_0           a hypothetical value of S
    a             (n,) deviation of P(b | z, i) from its mean in the regime; 0 where inactive
    psi           (n,) influence of each trial on S
    kappa         mean of a over the trials at the cut-off of the target set
    rho           E[h^2] / E[h]^2 of the variance h = P (1 - P) of b given the parameter
    z             critical value of the normal distribution

Why not the bootstrap. S_hat is a smooth functional plus a degenerate quadratic form, and the
second is all there is for a parameter without influence: resampling doubles it, so that an
interval of percentiles hardly ever holds S = 0 (benchmarks/importance/ped_anova_intervals.py).
Here both parts are worked out instead, for every S_0; the S_0 that the data do not reject are the
interval.

Smooth part. v = sum_i beta_i Var_z(P(b | z, i)) has the influence function

    2 (b - mean_i) a - a^2 - 2 kappa (b - q) - const.

The last term is the cut-off's: a target set of exactly m trials gains a trial at the cut-off where
another is lost, and that moves v by 2 kappa. With a fixed threshold m is random instead, and S,
v over q (1 - q), has -S (1 - 2 q) (b - q) in that place. Under S_0 the shape of a is kept, and its
size is set to s a with s^2 = S_0 / S_a, S_a being the S of a itself.

Quadratic part. Standard deviation noise (1 - S_0) sqrt(rho), skewness sqrt(8 / K) with K bins.

The two are uncorrelated; their cumulants add up, and the quantile is that of Cornish and Fisher
(Rev. Inst. Int. Stat. 5, 1938), to first order in the skewness. The smooth part rests on the m
target trials: its share is widened by the quantile of Student's t with m - 1 degrees of freedom.
To the upper end is added what finer bins may find yet. A bin that straddles a jump of P(b | z, i)
misses a share in proportion to its size, and the last two steps, by which bins became 2.25 times
smaller, gained 1.25 times of what is missing now; where labels leave open whether P is 0 or 1
everywhere, all that is missing is added. Sharper or wavier effects than that may still lie above.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from optuna_hpx.importance.maths.ped_anova import Fit, Marginal

__all__ = [
    "Estimate",
    "Sample",
    "estimate",
    "first_probability",
    "hidden",
    "intervals",
    "normalized_intervals",
]

_S0 = np.concatenate([np.linspace(0.0, 0.05, 100, endpoint=False), np.linspace(0.05, 1.0, 381)])
_MAX_SKEWNESS = 1.5  # beyond it the expansion is no longer monotone
_TIE = 1e-9  # what two sums of the same numbers may differ by
_DRAWN_PER_CHUNK = 500_000
_MAX_GROUPS = 5_000


@dataclass(frozen=True)
class Sample:
    """How the target set was cut from the region.

    Attributes:
        region: (N,) bool over all trials.
        top: (N,) bool, the target set.
        near: (l,) indices of the trials at the cut-off of the target set, on both sides of it;
            None if the cut-off does not depend on the trials.
        far: (l,) indices of the trials at the region's own cut-off, inside it.
        n_candidates: Trials of which the region was cut; those of the region if it was not.
    """

    region: np.ndarray
    top: np.ndarray
    near: np.ndarray | None
    far: np.ndarray
    n_candidates: int

    @property
    def n(self) -> int:
        return int(np.count_nonzero(self.region))

    @property
    def q(self) -> float:
        return float(np.count_nonzero(self.top) / self.n)

    @property
    def widening(self) -> float:
        """Variance of Student's quantile over the normal one's, at 95 %."""
        n_top = np.count_nonzero(self.top)
        freedom = max(min(n_top, self.n - n_top) - 1, 2)
        return float((stats.t.ppf(0.975, freedom) / stats.norm.ppf(0.975)) ** 2)


@dataclass(frozen=True)
class Estimate:
    """One parameter: S_hat and how far it may be off.

    Attributes:
        s: S_hat.
        shrunk: S as reported.
        unseen: What is added to the upper end.
        ceiling: The largest S that its regimes allow.
        noise: Standard deviation of the quadratic part at S_0 = 0.
        noise_cubed: Its third cumulant there.
        rho: As above.
        linear, square: (n,) the parts of psi that grow with s and with -s^2, centred.
        size: S_a.
        edge: The same two parts at the region's cut-off, as means.
    """

    s: float
    shrunk: float
    unseen: float
    ceiling: float
    noise: float
    noise_cubed: float
    rho: float
    linear: np.ndarray
    square: np.ndarray
    size: float
    edge: tuple[float, float]

    @property
    def cannot_vary(self) -> bool:
        """Whether S is 0 for certain, as of a constant."""
        return self.is_empty and self.unseen == 0.0

    @property
    def is_empty(self) -> bool:
        return self.noise == 0.0 and self.size == 0.0

    def scale(self, s0: np.ndarray) -> np.ndarray:
        return np.sqrt(s0 / self.size) if self.size > 0.0 else np.zeros_like(s0)

    def influence(self) -> np.ndarray:
        """(n,) psi at the reported S."""
        scale = float(self.scale(np.array(self.shrunk)))
        return scale * self.linear - scale**2 * self.square

    def noise_at(self, s0: np.ndarray | float) -> tuple[np.ndarray, np.ndarray]:
        """Variance and third cumulant of the quadratic part."""
        left = np.clip(1.0 - np.asarray(s0) / self.ceiling, 0.0, None)
        grown = np.minimum(1.0, s0 / max(self.shrunk, 1e-12))  # at S_0 = 0 all bins are alike
        rho = 1.0 + (self.rho - 1.0) * grown
        return self.noise**2 * left**2 * rho, self.noise_cubed * left**3 * rho**2


def hidden(top: np.ndarray, n: int, marginals: Sequence[Marginal], confidence: float) -> float:
    """What S may gain in regimes that have no trial in the target set, or no other.

    With none of n_i trials in it, P(b | i) is below 1 - ((1 - confidence) / 2)^(1 / n_i) (Clopper
    and Pearson, Biometrika 26, 1934), and at most all of its variance is the parameter's.
    """
    q = np.count_nonzero(top) / n
    gain = 0.0
    for marginal in marginals:
        n_i, m_i = len(marginal.rows), np.count_nonzero(top[marginal.rows])
        if m_i in (0, n_i) and (marginal.starts is None or len(marginal.starts) > 2):
            p = 1.0 - (0.5 - confidence / 2.0) ** (1.0 / n_i)
            gain += n_i / n * min(p * (1.0 - p) if p < 0.5 else 0.25, q * (1.0 - q))
    return float(gain / (q * (1.0 - q)))


def intervals(
    estimates: Sequence[Estimate], sample: Sample, confidence: float
) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper ends (d,) for S of each parameter, each of the given level by itself.

    The reported S is between them. O(n d).
    """
    z = float(stats.norm.ppf(0.5 + confidence / 2.0))
    ends = [_interval(estimate, sample, z) for estimate in estimates]
    return np.array([low for low, _ in ends]), np.array([high for _, high in ends])


def _interval(estimate: Estimate, sample: Sample, z: float) -> tuple[float, float]:
    if estimate.is_empty:
        return 0.0, min(estimate.unseen, 1.0)
    scale = estimate.scale(_S0)
    a, b, n = estimate.linear, estimate.square, sample.n
    powers = np.array([scale**2, -2.0 * scale**3, scale**4])
    smooth = _no_less_beyond(np.array([a @ a, a @ b, b @ b]) / n**2 @ powers, scale)
    edge = (scale * estimate.edge[0] - scale**2 * estimate.edge[1]) ** 2 / n
    smooth = (smooth + edge * (1.0 - n / sample.n_candidates)) * sample.widening
    cubes = np.array([scale**3, -3.0 * scale**4, 3.0 * scale**5, -(scale**6)])
    aa, bb = a * a, b * b
    cubed = np.array([aa @ a, aa @ b, a @ bb, bb @ b]) / n**3 @ cubes
    noise, noise_cubed = estimate.noise_at(_S0)
    off = estimate.s - _S0, max(estimate.s, 0.0) + estimate.unseen - _S0
    held = _not_rejected(off, smooth + noise, cubed + noise_cubed, z)
    return _ends(_S0[held], estimate.shrunk)


def _no_less_beyond(variance: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Variance (S_0,), held beyond the estimate where it would fall.

    A larger S can come from more trials of the same deviation as well as from larger deviations.
    """
    at_estimate = np.interp(1.0, scale, variance, right=0.0)
    return np.where(scale > 1.0, np.maximum(variance, at_estimate), variance)


def _not_rejected(
    off: tuple[np.ndarray, np.ndarray], variance: np.ndarray, cumulant: np.ndarray, z: float
) -> np.ndarray:
    """Where neither the lower test, of off[0], nor the upper one, of off[1], rejects."""
    deviation = np.sqrt(np.maximum(variance, 1e-60))
    skewness = np.clip(cumulant / deviation**3, -_MAX_SKEWNESS, _MAX_SKEWNESS)
    bend = skewness / 6.0 * (z**2 - 1.0)
    return np.asarray((off[0] / deviation <= z + bend) & (off[1] / deviation >= -z + bend))


def _ends(held: np.ndarray, reported: float) -> tuple[float, float]:
    return float(held.min(initial=reported)), float(held.max(initial=reported))


def normalized_intervals(
    estimates: Sequence[Estimate], sample: Sample, confidence: float
) -> tuple[np.ndarray, np.ndarray]:
    """The same for S over the sum of all S.

    A share h_0 is rejected if S_hat - h_0 (sum of the S_hat) is far from 0 (Fieller, J. R. Stat.
    Soc. B 16, 1954), the influences of all parameters taken together. Where the sum may be 0, any
    share may be, but that of a parameter that cannot vary is 0 if others can.
    """
    z = float(stats.norm.ppf(0.5 + confidence / 2.0))
    whole = _Whole(
        s=sum(estimate.s for estimate in estimates),
        shrunk=sum(estimate.shrunk for estimate in estimates),
        unseen=sum(estimate.unseen for estimate in estimates),
        noise=sum(float(estimate.noise_at(estimate.shrunk)[0]) for estimate in estimates),
        influence=sum((estimate.influence() for estimate in estimates), np.zeros(sample.n)),
    )
    all_constant = all(estimate.cannot_vary for estimate in estimates)
    ends = [
        (0.0, 0.0)
        if estimate.cannot_vary and not all_constant
        else _normalized(estimate, whole, len(estimates), sample, z)
        for estimate in estimates
    ]
    return np.array([low for low, _ in ends]), np.array([high for _, high in ends])


@dataclass(frozen=True)
class _Whole:
    """Sums over all parameters."""

    s: float
    shrunk: float
    unseen: float
    noise: float
    influence: np.ndarray


def _normalized(
    estimate: Estimate, whole: _Whole, d: int, sample: Sample, z: float
) -> tuple[float, float]:
    others = whole.influence - estimate.influence()
    other_noise = whole.noise - float(estimate.noise_at(estimate.shrunk)[0])
    s0 = np.minimum(_S0 * max(whole.s, whole.shrunk), estimate.ceiling)
    variance, cumulant = _share_moments(estimate, others, other_noise, s0, sample)
    gain = estimate.unseen
    off = (
        estimate.s - _S0 * (whole.s + whole.unseen - gain),
        max(estimate.s, 0.0) + gain - _S0 * (whole.s + gain),
    )
    held = _not_rejected(off, variance, cumulant, z)
    return _ends(_S0[held], estimate.shrunk / whole.shrunk if whole.shrunk > 0.0 else 1.0 / d)


def _share_moments(
    estimate: Estimate, others: np.ndarray, other_noise: float, s0: np.ndarray, sample: Sample
) -> tuple[np.ndarray, np.ndarray]:
    """Variance and third cumulant of S_hat - h_0 (sum of all S_hat) for each h_0."""
    h, scale = _S0, estimate.scale(s0)
    a, b, r, n = estimate.linear, estimate.square, others, sample.n
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
    variance = sample.widening * smooth + own * noise + h**2 * other_noise
    return variance, (1.0 - h) ** 3 * cumulant


def first_probability(
    estimates: Sequence[Estimate], sample: Sample, n_bootstrap: int, rng: np.random.Generator
) -> np.ndarray:
    """(d,) share of bootstrap replicates in which each parameter has the largest S.

    A replicate draws the n trials anew and moves S_hat by their influences, all parameters
    together; the quadratic part is drawn as normal. Of very many trials, groups are drawn. Ties
    are shared; what leaves nothing to compare is first only, and equally, where all do.
    """
    is_empty = np.array([estimate.is_empty for estimate in estimates])
    if is_empty.all():
        return np.full(len(estimates), 1.0 / max(len(estimates), 1))
    n = sample.n
    groups = np.arange(0, n, -(-n // _MAX_GROUPS))
    psi = np.column_stack(
        [np.add.reduceat(estimate.influence(), groups) / n for estimate in estimates]
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
    replicates += np.array([estimate.s for estimate in estimates])
    variances = [float(estimate.noise_at(estimate.shrunk)[0]) for estimate in estimates]
    replicates += np.sqrt(variances) * rng.standard_normal(replicates.shape)
    replicates[:, is_empty] = -np.inf
    is_first = replicates >= replicates.max(axis=1, keepdims=True) - _TIE
    return np.asarray((is_first / is_first.sum(axis=1, keepdims=True)).mean(axis=0))


def estimate(fits: Sequence[Fit], hidden: float, sample: Sample) -> Estimate:
    """What the fits of one parameter's regimes, none if its S is 0, say together.

    Args:
        fits: The regimes'.
        hidden: From :func:`hidden`.
        sample: The cut.
    """
    q, n = sample.q, sample.n
    if not fits:
        nothing = np.zeros(n)
        return Estimate(0, 0, hidden, 1, 0, 0, 1, nothing, nothing, 0, (0, 0))
    place = np.cumsum(sample.region) - 1
    b = sample.top[sample.region].astype(float)
    a, centred, h = np.zeros(n), np.zeros(n), []
    noises, skewed = [], []
    for fit in fits:
        rows = place[fit.rows]
        mean = b[rows].mean()
        a[rows], centred[rows] = fit.deviation, b[rows] - mean
        size = np.mean(fit.deviation**2) / (mean * (1.0 - mean))
        p = np.clip(mean + np.sqrt(fit.shrunk / size) * fit.deviation if size else mean, 0.0, 1.0)
        h.append(p * (1.0 - p) * np.ones(len(rows)))
        noises.append(fit.weight * fit.noise)
        bins = max((len(rows) * fit.noise) ** 2 / 2.0, 1.0)
        skewed.append(noises[-1] ** 3 * np.sqrt(8.0 / bins))
    size = float(np.mean(a**2) / (q * (1.0 - q)))
    kappa = 0.0 if sample.near is None else float(a[place[sample.near]].mean())
    linear = 2.0 * centred * a - 2.0 * kappa * (b - q)
    square = a**2
    if sample.near is None:
        square = square + size * (1.0 - 2.0 * q) * (b - q)
    linear, square = (x / (q * (1.0 - q)) for x in (linear, square))
    linear, square = linear - linear.mean(), square - square.mean()
    far = place[sample.far]
    variances = np.concatenate(h)
    mean_variance = float(variances.mean())
    return Estimate(
        s=sum(fit.weight * fit.share for fit in fits),
        shrunk=sum(fit.weight * fit.shrunk for fit in fits),
        unseen=hidden + sum(fit.weight * fit.unresolved for fit in fits),
        ceiling=sum(fit.weight for fit in fits),
        noise=float(np.sqrt(np.sum(np.square(noises)))),
        noise_cubed=float(np.sum(skewed)),
        rho=float(np.mean(variances**2)) / mean_variance**2 if mean_variance > 0.0 else 1.0,
        linear=linear,
        square=square,
        size=size,
        edge=(float(linear[far].mean()), float(square[far].mean())) if len(far) else (0.0, 0.0),
    )
