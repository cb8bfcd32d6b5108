"""What trials say about the law of random search: a posterior over its four parameters.

The best possible score, the noise, the effective number of hyperparameters and the next trials'
scores are all uncertain together, and neither the usual approximations (a normal or chi-square
law for the estimate) nor a plug-in forecast holds: without noise the problem is not regular, and
gamma is an integer. A posterior treats all of it alike. Its prior is flat in alpha, log D: for a
known shape (gamma, s) that is the group-invariant prior, for which credible and predictive
intervals have exactly their nominal frequency. Over the shape it is chosen so that they nearly
do (benchmarks/law/law_coverage.py): a power of c and one of gamma.

Notation
    y (n,)          losses; those at most the threshold are in the regime
    alpha, D, s     as in quadratic_law; c = sigma / (D p^(2/gamma)) is the noise relative to the
                    width of the regime, p the share of trials in it
    P               points of the posterior, with weights

Flat in log c and gamma, intervals of alpha would be too low for gamma = 1 with much noise and too
high for gamma = 5 with none; c^0.4 / gamma, and a probability of 0.15 that there is no noise,
were found by coverage on other seeds than those that are reported.

The likelihood has the density at each of the lowest losses, the probabilities of the intervals
between some of the others, and that of what lies above the threshold. Points: for each gamma, for
each noise on a grid, the conditional mode and expected information of (alpha, log D) give a
bivariate Student distribution; quasi-random draws from it are weighted by importance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optuna_hpx.law.maths.fit import Buckets, best_of, climb, make_buckets, profile
from optuna_hpx.law.maths.quadratic import partials

__all__ = ["Posterior", "Sample", "posterior", "sample"]

_N_LOW, _N_GROUPS = 16, 14
_N_NOISES, _N_POINTS, _N_CELLS = 6, 1024, 8
_NEAR = np.array([-2.5, -1.5, -0.7, 0.0, 0.7, 1.5, 2.5])
_N_NODES = 14
_FEW = 60.0  # effective points, below which there are eight times as many
_N_EDGES = 32
_FREEDOM = 3.0  # of the Student distribution
_INFLATION = 1.3  # of its standard deviations
_EVEN, _POSSIBLE = 0.1, 1e-4  # share of the points that is spread over all cells with some mass
_ERRORS = (0.05, 1.0)  # of log c, between which the finer grid is scaled
_NO_INFORMATION = 1e-12  # of a law that is far from all losses, at which no point will lie
_TILT = 0.4  # of the noise's prior, c^0.4 along log c
_DECAY = 1.0  # of gamma's prior, 1 / gamma; both by coverage, see above
_QUIET = 0.15  # prior probability of no noise
_MOST = 6.0  # noise relative to the width of the regime
_RESOLUTION = 0.03  # of the gap below the lowest loss: less noise cannot be told from none


@dataclass(frozen=True)
class Sample:
    """The regime's losses, sorted, as the likelihood reads them.

    Attributes:
        points: (L,) losses of which the density counts.
        edges: (E,) of intervals; the last is the threshold, or the largest loss.
        counts: (E,) further trials from each edge to the next one, and above the last.
        buckets: All losses, grouped.
        n_inside, n_above: Trials in the regime and above it.
    """

    points: np.ndarray
    edges: np.ndarray
    counts: np.ndarray
    buckets: Buckets
    n_inside: int
    n_above: int

    @property
    def share(self) -> float:
        return self.n_inside / (self.n_inside + self.n_above)


def sample(inside: np.ndarray, threshold: float, n_above: int) -> Sample:
    """Of the sorted losses (m,) up to ``threshold``, and the number of trials above it."""
    m = len(inside)
    low = min(_N_LOW, m)
    points, rest = inside[:low], inside[low:]
    if not n_above and len(rest):  # that none is larger says something too
        points, rest = np.append(points, rest[-1]), rest[:-1]
    cuts = np.unique(np.linspace(0, len(rest), _N_GROUPS + 1).round().astype(int))[1:-1]
    inner = (rest[cuts - 1] + rest[cuts]) / 2.0
    edges = np.unique(np.concatenate([inside[low - 1 : low], inner, [min(threshold, inside[-1])]]))
    if n_above:
        edges = np.unique(np.append(edges, threshold))
    counts = np.diff(np.searchsorted(rest, edges, side="right"), append=len(rest) + n_above)
    buckets = make_buckets(inside, threshold, n_above)
    return Sample(points, edges, counts, buckets.grouped(_N_EDGES), m, n_above)


@dataclass(frozen=True)
class Posterior:
    """Weighted laws.

    Attributes:
        gamma, alpha, scale, sigma: (P,) parameters of each.
        weight: (P,) summing to 1.
        quiet: Probability that the noise is less than the gap below the lowest loss, which no
            trials can tell from none.
    """

    gamma: np.ndarray
    alpha: np.ndarray
    scale: np.ndarray
    sigma: np.ndarray
    weight: np.ndarray
    quiet: float

    @property
    def dimension_weights(self) -> dict[int, float]:
        """Probability of each gamma that has any."""
        found = {int(g): float(self.weight[self.gamma == g].sum()) for g in np.unique(self.gamma)}
        return {gamma: weight for gamma, weight in found.items() if weight > 5e-4}

    def quantile(self, name: str, q: float) -> float:
        """Of "alpha", "sigma" or "gamma"."""
        values = getattr(self, name)
        order = np.argsort(values, kind="stable")
        at = np.searchsorted(np.cumsum(self.weight[order]), q)
        return float(values[order][min(int(at), len(values) - 1)])

    def interval(self, name: str, confidence: float) -> tuple[float, float]:
        """Equal tails."""
        tail = (1.0 - confidence) / 2.0
        return self.quantile(name, tail), self.quantile(name, 1.0 - tail)

    def noise_interval(self, confidence: float) -> tuple[float, float]:
        """Of sigma; from 0 if the probability of no noise exceeds that of the lower tail."""
        if self.quiet > (1.0 - confidence) / 2.0:
            return 0.0, self.quantile("sigma", confidence)
        return self.interval("sigma", confidence)

    def pdf(self, y: np.ndarray) -> np.ndarray:
        """Density of one trial's loss, of the shape of ``y``."""
        keep = self.weight > 1e-3 * self.weight.max()
        at = partials(
            y[..., None],
            self.alpha[keep],
            self.scale[keep],
            self.gamma[keep],
            self.sigma[keep],
            n_nodes=_N_NODES,
        )
        return at.pdf @ (self.weight[keep] / self.weight[keep].sum())


def log_likelihood(
    of: Sample, gamma: np.ndarray, alpha: np.ndarray, scale: np.ndarray, sigma: np.ndarray
) -> np.ndarray:
    """(P,) of laws (P,)."""
    y = np.concatenate([of.points, of.edges])
    at = partials(
        y, alpha[:, None], scale[:, None], gamma[:, None], sigma[:, None], n_nodes=_N_NODES
    )
    k = len(of.points)
    density = np.log(np.maximum(at.pdf[:, :k], 1e-300)).sum(1)
    p = np.maximum(np.diff(at.cdf[:, k:], axis=1, append=1.0), 1e-300)
    return density + (of.counts * np.log(p)).sum(1)


def posterior(of: Sample, gammas: np.ndarray) -> Posterior:
    """Points of the posterior over the laws with ``gammas`` (B,).

    Cost: some 80 evaluations of B laws at 32 edges, and one of the points at 30 losses.
    """
    found = _importance_sample(of, gammas, _N_POINTS)
    if 1.0 / (found.weight**2).sum() < _FEW:
        found = _importance_sample(of, gammas, 8 * _N_POINTS)
    return found


def _importance_sample(of: Sample, gammas: np.ndarray, n_points: int) -> Posterior:
    width = np.log(of.share) * 2.0 / gammas  # log of the regime's width in units of D
    gap = _RESOLUTION * of.n_inside ** (-2.0 / gammas)
    least = np.log(np.clip(gap, 1e-6, 0.2))
    modes = _modes(of.buckets, gammas, least, width)
    row, log_c, log_q, centre, root = _along(modes, least, n_points)
    x, log_student = _student(len(row))
    draws = centre + np.einsum("pij,pj->pi", root, x)
    log_q += log_student - np.log(root[:, 0, 0] * root[:, 1, 1])
    gamma, alpha, scale = gammas[row], draws[:, 0], np.exp(np.clip(draws[:, 1], -40.0, 40.0))
    sigma = scale * np.exp(log_c + width[row])
    log_weight = log_likelihood(of, gamma, alpha, scale, sigma) - log_q
    log_weight += _log_prior(log_c, least[row]) - _DECAY * np.log(gamma)
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    is_quiet = log_c < -2.0 / gamma * np.log(of.n_inside)
    return Posterior(gamma, alpha, scale, sigma, weight, float(weight[is_quiet].sum()))


def _log_prior(log_c: np.ndarray, least: np.ndarray) -> np.ndarray:
    """Of the noise: c^_TILT along log c; and at ``least`` the probability _QUIET of none."""
    continuous = (np.exp(_TILT * np.log(_MOST)) - np.exp(_TILT * least)) / _TILT
    none = np.log(_QUIET / (1.0 - _QUIET) * continuous)
    return np.where(log_c <= least, none, _TILT * log_c)


@dataclass(frozen=True)
class _Modes:
    """Conditional modes of (alpha, log D) for K noises of each of B gammas.

    Attributes:
        log_c: (B, K) ascending.
        log_mass: (B, K) of the posterior density along log c, by Laplace's approximation.
        centre: (B, K, 2)
        root: (B, K, 2, 2) Cholesky factor of the inverse information.
    """

    log_c: np.ndarray
    log_mass: np.ndarray
    centre: np.ndarray
    root: np.ndarray


def _modes(buckets: Buckets, gammas: np.ndarray, least: np.ndarray, width: np.ndarray) -> _Modes:
    """On a grid of noises from ``least`` on, finer near the best one."""
    most = np.log(_MOST)
    coarse = np.linspace(least, most, _N_NOISES)
    found = profile(buckets, gammas, np.exp(coarse + width), n_nodes=_N_NODES)
    peak = climb(buckets, gammas, best_of(found).theta, n_steps=6, n_nodes=_N_NODES)
    ridge = 1e-9 * np.eye(3)
    error = np.sqrt(np.linalg.inv(peak.information + ridge)[:, 2, 2])
    fine = peak.theta[:, 2] - width + _NEAR[:, None] * np.clip(error, *_ERRORS)
    fine = np.clip(fine, least, most)
    for log_c in fine:
        theta = np.column_stack([peak.theta[:, :2], log_c + width])
        found.append(climb(buckets, gammas, theta, free_noise=False, n_steps=3, n_nodes=_N_NODES))
    log_c = np.concatenate([coarse, fine])
    order = np.argsort(log_c, axis=0, kind="stable").T  # (B, K)
    rows = np.arange(len(gammas))[:, None]
    information = np.stack([fits.information[:, :2, :2] for fits in found])[order, rows]
    unit = np.sqrt(np.maximum(np.diagonal(information, axis1=-2, axis2=-1), _NO_INFORMATION))
    scaled = information / (unit[..., :, None] * unit[..., None, :]) + 1e-6 * np.eye(2)
    root = np.linalg.cholesky(np.linalg.inv(scaled)) / unit[..., :, None]
    objective = np.stack([fits.objective for fits in found])[order, rows]
    return _Modes(
        log_c=np.take_along_axis(log_c.T, order, 1),
        log_mass=objective + np.log(root[..., 0, 0] * root[..., 1, 1]),
        centre=np.stack([fits.theta[:, :2] for fits in found])[order, rows],
        root=root,
    )


def _along(
    modes: _Modes, least: np.ndarray, n_points: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """P gammas (as rows) and noises, evenly by their approximate mass.

    Between the nodes lie cells, in which the mass is interpolated; the last cell of a gamma is
    that of no noise, for which ``least`` stands.

    Returns:
        row (P,), log c (P,), log proposal density (P,) and the interpolated centre and root.
    """
    peak = modes.log_mass.max()
    middle = (np.arange(_N_CELLS) + 0.5) / _N_CELLS
    left, right = modes.log_mass[:, :-1, None], modes.log_mass[:, 1:, None]
    gap = np.diff(modes.log_c, axis=1)
    n_gammas = len(gap)
    extent = np.repeat(gap / _N_CELLS, _N_CELLS, axis=1)
    extent = np.column_stack([extent, np.ones(n_gammas)])
    log_mass = (left * (1.0 - middle) + right * middle).reshape(n_gammas, -1)
    log_mass = np.column_stack([log_mass, modes.log_mass[:, 0]])
    mass = np.exp(log_mass - peak) * extent
    mass /= mass.sum()
    possible = mass > _POSSIBLE * mass.max()
    chance = (1.0 - _EVEN) * mass + _EVEN * possible / possible.sum()
    bounds = np.concatenate([[0.0], np.cumsum(chance.ravel())])
    level = (np.arange(n_points) + 0.5) / n_points * bounds[-1]
    cell = np.searchsorted(bounds, level, side="right") - 1
    within = (level - bounds[cell]) / chance.ravel()[cell]
    row, column = np.divmod(cell, mass.shape[1])
    node, part = np.divmod(np.minimum(column, mass.shape[1] - 2), _N_CELLS)
    is_quiet = column == mass.shape[1] - 1
    node = np.where(is_quiet, 0, node)
    at = np.where(is_quiet, 0.0, (part + within) / _N_CELLS)
    log_c = modes.log_c[row, node] + at * gap[row, node]
    log_q = np.log(chance.ravel()[cell] / extent.ravel()[cell])

    def between(values: np.ndarray) -> np.ndarray:
        share = at.reshape(-1, *[1] * (values.ndim - 2))
        return values[row, node] * (1.0 - share) + values[row, node + 1] * share

    return row, log_c, log_q, between(modes.centre), between(modes.root)


def _student(n: int) -> tuple[np.ndarray, np.ndarray]:
    """(n, 2) quasi-random points of a bivariate Student distribution, and log densities (n,).

    Up to a constant. Evenness in two dimensions by multiples of powers of the plastic number.
    """
    plastic = 1.324717957244746
    i = np.arange(1, n + 1)
    u = np.clip((0.5 + i / plastic) % 1.0, 1e-4, 1.0 - 1e-4)
    turn = 2.0 * np.pi * ((0.5 + i / plastic**2) % 1.0)
    radius2 = _FREEDOM * ((1.0 - u) ** (-2.0 / _FREEDOM) - 1.0)
    x = _INFLATION * np.sqrt(radius2)[:, None] * np.column_stack([np.cos(turn), np.sin(turn)])
    return x, -(_FREEDOM / 2.0 + 1.0) * np.log1p(radius2 / _FREEDOM)
