r"""How far S of PED-ANOVA may be off: the influence of each trial on it, and its noise.

Notation
    n, m, q       trials in the region, in the target set, m / n; b (n,) the labels
    S_hat         S at the finest resolution, unshrunk: hardly biased (ped_anova.py)
    S_0           a hypothetical value of S
    a             (n,) deviation of P(b | z, i) from its mean in the regime; 0 where inactive
    S_a           the S of a itself, mean of a^2 over q (1 - q)
    psi           (n,) influence of each trial on S
    kappa         mean of a over the trials at the cut-off of the target set
    rho           E[h^2] / E[h]^2 of the variance h = P (1 - P) of b given the parameter

S_hat is a smooth functional plus a degenerate quadratic form, and the second is all there is for a
parameter without influence.

Smooth part. v = sum_i beta_i Var_z(P(b | z, i)) has the influence function

    2 (b - mean_i) a - a^2 - 2 kappa (b - q) - const.                                        (1)

The last term is the cut-off's: a target set of exactly m trials gains a trial at the cut-off where
another is lost, and that moves v by 2 kappa. With a fixed threshold m is random instead, and S,
v over q (1 - q), has -S (1 - 2 q) (b - q) in that place. Under S_0 the shape of a is kept, and its
size is set to s a with s^2 = S_0 / S_a, so that

    psi = s linear - s^2 square,                                                             (2)

linear and square being the two parts of equation 1 over q (1 - q), centred.

Quadratic part. Standard deviation noise (1 - S_0) sqrt(rho), skewness sqrt(8 / K) with K bins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import stats

from optuna_hpx.importance.maths.ped_anova import Fit, off_by

__all__ = ["Cut", "Estimate", "estimate", "hidden"]


@dataclass(frozen=True, eq=False)
class Cut:
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

    @cached_property
    def n(self) -> int:
        """Trials in the region."""
        return int(np.count_nonzero(self.region))

    @cached_property
    def q(self) -> float:
        """Share of the region that is in the target set."""
        return float(np.count_nonzero(self.top) / self.n)

    @cached_property
    def labels(self) -> np.ndarray:
        """(n,) b as numbers."""
        return self.top[self.region].astype(float)

    @cached_property
    def place(self) -> np.ndarray:
        """(N,) place of each trial of the region among its n trials."""
        return np.cumsum(self.region) - 1

    @cached_property
    def widening(self) -> float:
        """Variance of Student's quantile over the normal one's, at 95 %."""
        n_top = np.count_nonzero(self.top)
        freedom = max(min(n_top, self.n - n_top) - 1, 2)
        return float((stats.t.ppf(0.975, freedom) / stats.norm.ppf(0.975)) ** 2)


@dataclass(frozen=True, eq=False)
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
        rank_weight: Share of what ranks imply in S as reported; the rest is the labels'.
        rank_variance: Variance of that part, by the ranks' noise and by what they may be off.
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
    rank_weight: float = 0.0
    rank_variance: float = 0.0

    @property
    def cannot_vary(self) -> bool:
        """Whether S is 0 for certain, as of a constant."""
        return self.is_empty and self.unseen == 0.0

    @property
    def is_empty(self) -> bool:
        """Whether there was nothing to compare."""
        return self.noise == 0.0 and self.size == 0.0

    def scale(self, s0: np.ndarray) -> np.ndarray:
        """Compute s of equation 2 for each S_0."""
        return np.sqrt(s0 / self.size) if self.size > 0.0 else np.zeros_like(s0)

    @cached_property
    def influence(self) -> np.ndarray:
        """(n,) psi at the reported S."""
        scale = float(self.scale(np.array(self.shrunk)))
        return scale * self.linear - scale**2 * self.square

    def noise_at(self, s0: np.ndarray | float) -> tuple[np.ndarray, np.ndarray]:
        """Compute the variance and the third cumulant of the quadratic part under S_0."""
        left = np.clip(1.0 - np.asarray(s0) / self.ceiling, 0.0, None)
        grown = np.minimum(1.0, s0 / max(self.shrunk, 1e-12))  # at S_0 = 0 all bins are alike
        rho = 1.0 + (self.rho - 1.0) * grown
        return self.noise**2 * left**2 * rho, self.noise_cubed * left**3 * rho**2

    @cached_property
    def noise_variance(self) -> float:
        """Variance of the quadratic part at the reported S."""
        return float(self.noise_at(self.shrunk)[0])


def hidden(fits: Sequence[Fit], cut: Cut, confidence: float) -> float:
    """Bound what S may gain in regimes that have no trial in the target set, or no other.

    With none of n_i trials in it, P(b | i) is below 1 - ((1 - confidence) / 2)^(1 / n_i) (Clopper
    and Pearson, Biometrika 26, 1934), and at most all of its variance is the parameter's.
    """
    q, n = cut.q, cut.n
    gain = 0.0
    for fit in fits:
        n_i, m_i = len(fit.labels), np.count_nonzero(fit.labels)
        if m_i in (0, n_i) and not fit.marginal.is_constant:
            p = 1.0 - (0.5 - confidence / 2.0) ** (1.0 / n_i)
            gain += n_i / n * min(p * (1.0 - p) if p < 0.5 else 0.25, q * (1.0 - q))
    return float(gain / (q * (1.0 - q)))


def estimate(fits: Sequence[Fit], hidden: float, cut: Cut) -> Estimate:
    """Put together what the fits of one parameter's regimes say.

    Args:
        fits: The regimes'; those with nothing to compare add nothing.
        hidden: From :func:`hidden`.
        cut: The cut.

    Returns:
        The estimate. O(n).
    """
    fits = [fit for fit in fits if fit.can_vary]
    if not fits:
        nothing = np.zeros(cut.n)
        return Estimate(0, 0, hidden, 1, 0, 0, 1, nothing, nothing, 0, (0, 0))
    linear, square, size = _influence(fits, cut)
    noises = [fit.weight * fit.noise for fit in fits]
    far = cut.place[cut.far]
    return Estimate(
        s=sum(fit.weight * fit.share for fit in fits),
        shrunk=sum(fit.weight * fit.shrunk for fit in fits),
        unseen=hidden + sum(fit.weight * fit.unresolved for fit in fits),
        ceiling=sum(fit.weight for fit in fits),
        noise=float(np.sqrt(np.sum(np.square(noises)))),
        noise_cubed=float(
            np.sum([x**3 * _skewness(fit) for x, fit in zip(noises, fits, strict=True)])
        ),
        rho=_spread(np.concatenate([_variances(fit) for fit in fits])),
        linear=linear,
        square=square,
        size=size,
        edge=(float(linear[far].mean()), float(square[far].mean())) if len(far) else (0.0, 0.0),
        rank_weight=sum(fit.weight * fit.rank_weight for fit in fits)
        / max(sum(fit.weight for fit in fits), 1e-12),
        rank_variance=sum(fit.weight**2 * _rank_variance(fit) for fit in fits),
    )


def _rank_variance(fit: Fit) -> float:
    """Compute the variance of w I: the effect's, and 2 T^2, as large errors are not rare."""
    off = off_by(fit.target_share, fit.implied.share)
    return float(fit.rank_weight**2 * (fit.implied.error + 2.0 * off))


def _influence(fits: Sequence[Fit], cut: Cut) -> tuple[np.ndarray, np.ndarray, float]:
    """Compute the two parts (n,) of psi, and S_a."""
    q, b = cut.q, cut.labels
    a, centred = np.zeros(cut.n), np.zeros(cut.n)
    for fit in fits:
        rows = cut.place[fit.rows]
        a[rows], centred[rows] = fit.deviation, fit.labels - fit.labels.mean()
    size = float(np.mean(a**2) / (q * (1.0 - q)))
    kappa = 0.0 if cut.near is None else float(a[cut.place[cut.near]].mean())
    linear = 2.0 * centred * a - 2.0 * kappa * (b - q)
    square = a**2
    if cut.near is None:
        square = square + size * (1.0 - 2.0 * q) * (b - q)
    linear, square = (x / (q * (1.0 - q)) for x in (linear, square))
    return linear - linear.mean(), square - square.mean(), size


def _skewness(fit: Fit) -> float:
    """Compute the skewness sqrt(8 / K) of the quadratic part, K being what its noise tells."""
    bins = max((len(fit.rows) * fit.noise) ** 2 / 2.0, 1.0)
    return float(np.sqrt(8.0 / bins))


def _variances(fit: Fit) -> np.ndarray:
    """Compute (n_i,) h, from the deviation scaled to the reported S."""
    mean = fit.labels.mean()
    size = np.mean(fit.deviation**2) / (mean * (1.0 - mean))
    p = np.clip(mean + np.sqrt(fit.shrunk / size) * fit.deviation if size else mean, 0.0, 1.0)
    return np.asarray(p * (1.0 - p) * np.ones(len(fit.rows)))


def _spread(variances: np.ndarray) -> float:
    """Compute rho from h."""
    mean = float(variances.mean())
    return float(np.mean(variances**2)) / mean**2 if mean > 0.0 else 1.0
