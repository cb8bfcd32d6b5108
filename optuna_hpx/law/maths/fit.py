"""Fitting the law of random search to the best trials: censored maximum product of spacings.

Cheng and Amin (1983): choose the parameters that maximise sum_i N_i log(F(Z_i) - F(Z_(i-1))) over
the buckets between neighbouring losses. Unlike the likelihood it stays bounded where the density
does not (gamma = 1, no noise). Losses above the threshold of the regime, where the law need not
hold, and trials without a loss that are known to be bad fall into one last bucket.

Notation
    Z (m,)          edges: the distinct losses in the regime, ascending, then the threshold
    N (m + 1,)      trials in each bucket; the last one has one more, as usual for spacings
    alpha, D, s     location, scale and sigma / D of the law; see quadratic_law
    B               laws that are fitted side by side, one row each

Each fit is a damped scoring iteration: Newton's method with the expected information, which for
grouped data is sum_i dp_i dp_i' n / p_i with p_i = F(Z_i) - F(Z_(i-1)).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optuna_hpx.law.maths.quadratic import NoisyQuadratic, partials

__all__ = ["Buckets", "Fits", "best_of", "climb", "fit", "in_cells", "make_buckets", "profile"]

_TINY = 1e-300
_SAME = 8.0  # units in the last place between two losses that are one, computed in two ways
_COARSE_EDGES, _FINE_EDGES = 64, 1024
_N_COARSE, _N_FINE = 16, 24  # quadrature nodes
_NOISES = np.array([3e-3, 0.02, 0.1, 0.4])  # of D, from which fits start
_N_QUIET = 2
_GAP = 0.2
_NOISE_STEP = 1.2  # in log s, on both sides of a maximum, to look for a higher one
_N_STEPS = 12
_CONTENDING = 10.0  # nats below the best within which a law goes on competing
_LEAST_NOISE, _MOST_NOISE = 1e-6, 4.0  # of D
_SCALES = (1e-3, 1e4)  # of the spread of the losses


@dataclass(frozen=True)
class Buckets:
    """How many trials fell between which losses.

    Attributes:
        edges: (m,) ascending.
        counts: (m + 1,) below the first edge, between neighbours, above the last.
    """

    edges: np.ndarray
    counts: np.ndarray

    def grouped(self, most: int) -> Buckets:
        """About ``most`` edges: every one of the lowest third, ever fewer of the others."""
        m = len(self.edges)
        if m <= most:
            return self
        dense = most // 3
        kept = np.unique(
            np.concatenate(
                [np.arange(dense), np.linspace(dense, m - 1, most - dense).round().astype(int)]
            )
        )
        total = np.cumsum(self.counts)
        return Buckets(self.edges[kept], np.diff(total[kept], prepend=0, append=total[-1]))


def in_cells(losses: np.ndarray) -> np.ndarray:
    """Sorted ``losses``; rounded ones are each put somewhere in the cell that rounding made one.

    A score that is rounded, or an accuracy on so many examples, lies on a lattice: some losses
    are equal, and the step is the smallest difference between two of the better half. The places
    within the cells are random (always the same ones for the same number of losses): evenly
    spread ties would look more regular than a law's losses ever are.
    """
    ordered = np.sort(losses)
    finite = ordered[np.isfinite(ordered)]
    size = np.abs(finite)
    gaps = np.diff(finite)
    same = gaps <= _SAME * np.spacing(np.maximum(size[1:], size[:-1]))
    half = slice(0, max(len(finite) // 2, 2))
    steps = gaps[half][~same[half]]
    if not same.any() or not len(steps):
        return ordered
    place = np.random.default_rng(0).uniform(-0.5, 0.5, len(finite))
    ordered[: len(finite)] = np.sort(finite + float(steps.min()) * place)
    return ordered


def make_buckets(losses: np.ndarray, threshold: float, n_censored: int = 0) -> Buckets:
    """Buckets between the distinct ``losses`` (n,) up to ``threshold``.

    Args:
        losses: (n,) finite, or infinite for a trial known to be worse than the threshold.
        threshold: End of the regime; infinite if the law is to hold for all losses.
        n_censored: Further trials above the threshold.
    """
    inside = losses[losses <= threshold]
    values, counts = np.unique(inside, return_counts=True)
    n_above = len(losses) - len(inside) + n_censored
    if n_above and values[-1] < threshold:
        values, counts = np.append(values, threshold), np.append(counts, 0)
    return Buckets(values, np.append(counts, n_above + 1))


@dataclass(frozen=True)
class Fits:
    """Laws fitted side by side.

    Attributes:
        gamma: (B,)
        theta: (B, 3) alpha, log D and log s.
        objective: (B,) sum of N log p, to be maximised.
        information: (B, 3, 3) expected, at theta.
    """

    gamma: np.ndarray
    theta: np.ndarray
    objective: np.ndarray
    information: np.ndarray

    @property
    def best(self) -> int:
        return int(np.argmax(self.objective))

    def law(self, row: int) -> NoisyQuadratic:
        alpha, log_scale, log_noise = self.theta[row].tolist()
        scale = float(np.exp(log_scale))
        is_noiseless = log_noise <= np.log(_LEAST_NOISE) + 0.01
        sigma = 0.0 if is_noiseless else scale * float(np.exp(log_noise))
        return NoisyQuadratic(alpha, alpha + scale, float(self.gamma[row]), sigma)


def fit(buckets: Buckets, gammas: np.ndarray, *, start: Fits | None = None) -> Fits:
    """The law of each gamma that maximises the product of spacings.

    Args:
        buckets: At least two edges.
        gammas: (B,) effective numbers of hyperparameters.
        start: Fits of the same gammas to somewhat fewer trials, from which to go on.

    Cost: some 60 evaluations of B laws at 64 edges, a third of it with ``start``; then some of
    the best ones at all edges, or at 1024 of them.
    """
    gammas = np.asarray(gammas, dtype=float)
    coarse = buckets.grouped(_COARSE_EDGES)
    if start is None:
        found = best_of([climb(coarse, gammas, at) for at in _cold_starts(coarse, gammas)])
        return _polished(buckets, found, n_polished=2)
    rows = np.flatnonzero(start.objective > start.objective.max() - _CONTENDING)
    starts = _warm_starts(start.theta[rows])
    near = best_of([climb(coarse, gammas[rows], theta) for theta in starts])
    found = Fits(gammas, *(array.copy() for array in _arrays(start)))
    for array, better in zip(_arrays(found), _arrays(near), strict=True):
        array[rows] = better
    others = np.setdiff1d(np.arange(len(gammas)), rows)
    found.objective[others] += near.objective.max() - start.objective.max()
    return _polished(buckets, found, n_polished=1)


def _arrays(fits: Fits) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return fits.theta, fits.objective, fits.information


def _polished(buckets: Buckets, found: Fits, n_polished: int) -> Fits:
    """The best ``n_polished`` fits improved at all edges; the objectives stay comparable."""
    rows = np.argsort(-found.objective)[:n_polished]
    fine = buckets.grouped(_FINE_EDGES)
    theta, gamma = found.theta[rows], found.gamma[rows]
    starts = [theta, _with_gap_noise(theta, gamma, len(fine.edges))]
    if n_polished > 1:
        shift = np.array([0.0, 0.0, _NOISE_STEP])
        starts += [theta - shift, theta + shift]
    best = best_of(
        [
            climb(fine, gamma, at, n_nodes=_N_FINE, n_steps=2 * _N_STEPS, tolerance=1e-4)
            for at in starts
        ]
    )
    objective = found.objective + (best.objective[0] - found.objective[rows[0]])
    theta = found.theta.copy()
    theta[rows], objective[rows] = best.theta, best.objective
    return Fits(found.gamma, theta, objective, found.information)


def _with_gap_noise(theta: np.ndarray, gammas: np.ndarray, m: int) -> np.ndarray:
    """With noise about as large as the gap between alpha and the lowest loss, D m^(-2/gamma).

    Where a law without noise is a maximum, there may be a higher one there.
    """
    return np.column_stack([theta[:, :2], np.log(_GAP) - 2.0 / gammas * np.log(m)])


def _cold_starts(buckets: Buckets, gammas: np.ndarray) -> list[np.ndarray]:
    """From little noise and from much: without noise there may be a second maximum."""
    found = profile(buckets, gammas, _NOISES)
    return [best_of(found[:_N_QUIET]).theta, best_of(found[_N_QUIET:]).theta]


def _warm_starts(theta: np.ndarray) -> list[np.ndarray]:
    """As it was; and with noise where there was none, since nothing leads away from zero."""
    noisy = theta.copy()
    noisy[:, 2] = np.maximum(theta[:, 2], np.log(_NOISES[1]))
    return [theta] if np.array_equal(noisy, theta) else [theta, noisy]


def best_of(found: list[Fits]) -> Fits:
    """Of each row the fit with the greatest objective."""
    best = np.argmax([fits.objective for fits in found], axis=0)
    rows = np.arange(len(best))
    arrays = [
        np.stack([getattr(fits, name) for fits in found])[best, rows]
        for name in ("theta", "objective", "information")
    ]
    return Fits(found[0].gamma, *arrays)


def profile(
    buckets: Buckets, gammas: np.ndarray, noises: np.ndarray, *, n_nodes: int = _N_COARSE
) -> list[Fits]:
    """The best alpha and D of each gamma per noise s, (K,) or (K, B), ascending."""
    theta = _noiseless_guess(buckets, gammas)
    found = []
    for noise in noises:
        log_noise = np.broadcast_to(np.log(noise), gammas.shape)
        theta = np.column_stack([theta[:, :2], log_noise])
        found.append(climb(buckets, gammas, theta, free_noise=False, n_steps=8, n_nodes=n_nodes))
        theta = found[-1].theta
    return found


def _noiseless_guess(buckets: Buckets, gammas: np.ndarray) -> np.ndarray:
    """(B, 2) by least squares of the edges on the quantiles (i / (n + 1))^(2 / gamma)."""
    y = buckets.edges
    level = np.cumsum(buckets.counts)[:-1] / buckets.counts.sum()
    x = level ** (2.0 / gammas[:, None])
    dx, dy = x - x.mean(1, keepdims=True), y - y.mean()
    slope = np.maximum((dx * dy).sum(1) / (dx * dx).sum(1), 1e-12)
    return np.column_stack([y.mean() - slope * x.mean(1), np.log(slope)])


def evaluate(
    buckets: Buckets, gammas: np.ndarray, theta: np.ndarray, n_nodes: int = _N_COARSE
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Objective (B,), its gradient (B, 3) and the expected information (B, 3, 3).

    The gradient is by (alpha, log D, log s), with D fixed for the third and s for the second.
    """
    alpha, scale, noise = theta[:, :1], np.exp(theta[:, 1:2]), np.exp(theta[:, 2:])
    at = partials(buckets.edges, alpha, scale, gammas[:, None], noise * scale, n_nodes=n_nodes)
    slopes = np.stack([-at.pdf, at.d_scale + at.d_noise, at.d_noise], axis=-1)
    p = np.maximum(np.diff(at.cdf, axis=1, prepend=0.0, append=1.0), _TINY)
    dp = np.diff(slopes, axis=1, prepend=0.0, append=0.0)
    counts = buckets.counts
    objective = (counts * np.log(p)).sum(1)
    dlog = dp / p[..., None]
    gradient = np.einsum("i,bij->bj", counts, dlog)
    information = counts.sum() * np.einsum("bij,bik->bjk", dp, dlog)
    return objective, gradient, information


def climb(
    buckets: Buckets,
    gammas: np.ndarray,
    theta: np.ndarray,
    *,
    free_noise: bool = True,
    n_steps: int = _N_STEPS,
    n_nodes: int = _N_COARSE,
    tolerance: float = 5e-3,
) -> Fits:
    """Damped scoring from ``theta`` (B, 3), all laws in step, until none gains ``tolerance``."""
    free = np.array([1.0, 1.0, float(free_noise)])
    span = buckets.edges[-1] - buckets.edges[0]
    low = np.array([-np.inf, np.log(span * _SCALES[0]), np.log(_LEAST_NOISE)])
    high = np.array([buckets.edges[-1], np.log(span * _SCALES[1]), np.log(_MOST_NOISE)])
    theta = np.clip(theta, low, high)
    value, gradient, information = evaluate(buckets, gammas, theta, n_nodes)
    damping = np.full(len(gammas), 1e-3)
    for _ in range(n_steps):
        step = _solve(information, gradient, damping, free)
        new = np.clip(theta + step, low, high)
        tried = evaluate(buckets, gammas, new, n_nodes)
        gain = tried[0] - value
        better = gain > 0.0
        theta = np.where(better[:, None], new, theta)
        value = np.where(better, tried[0], value)
        gradient = np.where(better[:, None], tried[1], gradient)
        information = np.where(better[:, None, None], tried[2], information)
        damping = np.where(better, damping * 0.2, damping * 8.0)
        if np.all(np.where(better, gain < tolerance, damping > 1e3)):
            break
    return Fits(gammas, theta, value, information)


def _solve(
    information: np.ndarray, gradient: np.ndarray, damping: np.ndarray, free: np.ndarray
) -> np.ndarray:
    """(B, 3) steps, each parameter in its own unit so that one damping serves all."""
    unit = np.sqrt(np.maximum(np.diagonal(information, axis1=1, axis2=2), 1e-30))
    scaled = information / (unit[:, :, None] * unit[:, None, :])
    scaled = scaled * (free[:, None] * free) + np.eye(3) * damping[:, None, None]
    scaled = scaled + np.diag(1.0 - free)
    step = np.linalg.solve(scaled, (gradient * free / unit)[..., None])[..., 0]
    return np.clip(step / unit, -1e6, 1e6)
