"""Where the points of the posterior are drawn: a density near it that can be drawn from.

The shape (gamma, c) of a law is drawn from a table, and then (alpha, log D) from a bivariate
Student distribution around its mode for that shape:

    (1)  q(gamma, log c, alpha, log D) = q_1(gamma, log c) t_3(alpha, log D | gamma, log c).

The modes are worked out for a grid of noises of each gamma; q_1 is the mass along log c by
Laplace's approximation, max M + log det(root), interpolated between the nodes of the grid.

Notation
    c               sigma / (D p^(2/gamma)): noise relative to the width of the regime, p the share
                    of trials in it
    width (B,)      (2 / gamma) log p, so that log s = log c + width
    least (B,)      log of the least noise of each gamma that differs from none, see noiseless.py
    B, K, P         gammas, noises of the grid, points
    root (.., 2, 2) Cholesky factor of the inverse information of (alpha, log D)
    z (P, 2)        points of the standard Student distribution

All of it is quasi-random: the same sample has the same points.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optuna_hpx.law.maths.buckets import Buckets
from optuna_hpx.law.maths.likelihood import N_NODES
from optuna_hpx.law.maths.noise import NoiseKnowledge
from optuna_hpx.law.maths.spacings import Climb, Fits, best_of, climb, profile

__all__ = ["MOST_NOISE", "Modes", "NoiseRange", "Proposal", "Shapes", "find_modes", "propose"]

# The largest c. With 1.5 the best possible score was missed where much noise hides the law: its
# intervals held in 5 of 16 simulations of gamma 1 and sigma 0.2 D (benchmarks/README.md).
MOST_NOISE = 6.0

# The grid of noises: a coarse one over the whole range, to see every mode, and a fine one around
# the best noise, in standard errors of log c.
_N_COARSE = 6
_FINE = np.array([-2.5, -1.5, -0.7, 0.0, 0.7, 1.5, 2.5])
_ERRORS = (0.05, 1.0)  # bounds of that standard error, so that a bad one cannot spoil the grid
_TO_PEAK = Climb(n_steps=6, n_nodes=N_NODES)
_TO_MODE = Climb(n_steps=3, n_nodes=N_NODES, free_noise=False)

# The table of shapes.
_N_CELLS = 8  # between two nodes of the grid: interpolated, so that finer cells are free
_EVEN = 0.1  # share of the points spread evenly over all possible cells, in case Laplace errs
_POSSIBLE = 1e-4  # mass of a cell, relative to the largest, from which on it is possible

# The Student distribution: heavier tails than the approximation has, as a proposal needs.
_FREEDOM = 3.0
_INFLATION = 1.3  # of its standard deviations
# Real root of x^3 = x + 1: the fractional parts of (i / x, i / x^2), i = 1, 2, ..., fill the unit
# square evenly (the sequence R2).
_PLASTIC = 1.324717957244746
_EDGE = 1e-4  # levels are kept so far from 0 and 1, where the radius would be infinite

# Kept away from singular matrices: a law that is far from all losses has no information, and no
# point will lie at it.
_NO_INFORMATION = 1e-12
_RIDGE = 1e-6  # relative to each parameter's own information


@dataclass(frozen=True)
class NoiseRange:
    """Noises of each gamma.

    Attributes:
        least: (B,)
        width: (B,)
    """

    least: np.ndarray
    width: np.ndarray


@dataclass(frozen=True)
class Shapes:
    """Drawn shapes, each with the conditional distribution of location and scale.

    Attributes:
        row: (P,) row of the gamma among the B.
        log_c: (P,)
        log_q: (P,) log q_1.
        centre: (P, 2) mode of (alpha, log D).
        root: (P, 2, 2)
    """

    row: np.ndarray
    log_c: np.ndarray
    log_q: np.ndarray
    centre: np.ndarray
    root: np.ndarray


@dataclass(frozen=True)
class Proposal:
    """Drawn laws.

    Attributes:
        row: (P,) row of the gamma among the B.
        log_c: (P,)
        theta: (P, 2) alpha and log D.
        log_q: (P,) log of equation (1).
    """

    row: np.ndarray
    log_c: np.ndarray
    theta: np.ndarray
    log_q: np.ndarray


@dataclass(frozen=True)
class Modes:
    """Conditional modes of (alpha, log D) for K noises of each of B gammas.

    Attributes:
        log_c: (B, K) ascending.
        log_mass: (B, K) of the posterior density along log c, by Laplace's approximation.
        centre: (B, K, 2)
        root: (B, K, 2, 2)
        width: (B,)
    """

    log_c: np.ndarray
    log_mass: np.ndarray
    centre: np.ndarray
    root: np.ndarray
    width: np.ndarray


def propose(modes: Modes, noise: NoiseKnowledge, n_points: int) -> Proposal:
    """Draw ``n_points`` laws from equation (1).

    Args:
        modes: Around which to draw.
        noise: What is known of it: the points are drawn where it is likely.
        n_points: P.
    """
    shapes = _draw_shapes(modes, noise, n_points)
    z, log_student = _student(n_points)
    theta = shapes.centre + np.einsum("pij,pj->pi", shapes.root, z)
    log_q = shapes.log_q + (log_student - np.log(shapes.root[:, 0, 0] * shapes.root[:, 1, 1]))
    return Proposal(shapes.row, shapes.log_c, theta, log_q)


def find_modes(buckets: Buckets, gammas: np.ndarray, ends: NoiseRange) -> Modes:
    """Find the modes on a grid of noises from the least on, finer near the best one.

    Args:
        buckets: The losses of the regime.
        gammas: (B,)
        ends: Between which noises.

    Cost: some 80 evaluations of B laws at the edges.
    """
    least, width, most = ends.least, ends.width, np.log(MOST_NOISE)
    coarse = np.linspace(least, most, _N_COARSE)
    fits = profile(buckets, gammas, np.exp(coarse + width), n_nodes=N_NODES)
    peak = climb(buckets, gammas, best_of(fits).theta, _TO_PEAK)
    error = np.linalg.norm(_root_of_inverse(peak.information)[:, 2], axis=1)
    fine = peak.theta[:, 2] - width + _FINE[:, None] * np.clip(error, *_ERRORS)
    fine = np.clip(fine, least, most)
    for log_c in fine:
        theta = np.column_stack([peak.theta[:, :2], log_c + width])
        fits.append(climb(buckets, gammas, theta, _TO_MODE))
    return _sorted_modes(fits, np.concatenate([coarse, fine]), width)


def _sorted_modes(fits: list[Fits], log_c: np.ndarray, width: np.ndarray) -> Modes:
    """Order the fits of K noises ``log_c`` (K, B) along each gamma."""
    order = np.argsort(log_c, axis=0, kind="stable").T  # (B, K)
    rows = np.arange(len(order))[:, None]
    information = np.stack([fit.information[:, :2, :2] for fit in fits])[order, rows]
    root = _root_of_inverse(information)
    objective = np.stack([fit.objective for fit in fits])[order, rows]
    return Modes(
        log_c=np.take_along_axis(log_c.T, order, 1),
        log_mass=objective + np.log(root[..., 0, 0] * root[..., 1, 1]),
        centre=np.stack([fit.theta[:, :2] for fit in fits])[order, rows],
        root=root,
        width=width,
    )


def _root_of_inverse(information: np.ndarray) -> np.ndarray:
    """Decompose the inverse of (..., p, p) matrices, each parameter in its own unit."""
    unit = np.sqrt(np.maximum(np.diagonal(information, axis1=-2, axis2=-1), _NO_INFORMATION))
    scaled = information / (unit[..., :, None] * unit[..., None, :]) + _RIDGE * np.eye(
        information.shape[-1]
    )
    return np.linalg.cholesky(np.linalg.inv(scaled)) / unit[..., :, None]


def _draw_shapes(modes: Modes, noise: NoiseKnowledge, n_points: int) -> Shapes:
    """Draw shapes evenly by their approximate mass, interpolated between the nodes of the grid."""
    mass, extent = _cells(modes, noise)
    possible = mass > _POSSIBLE * mass.max()
    chance = ((1.0 - _EVEN) * mass + _EVEN * possible / possible.sum()).ravel()
    bounds = np.concatenate([[0.0], np.cumsum(chance)])
    level = (np.arange(n_points) + 0.5) / n_points * bounds[-1]
    cell = np.searchsorted(bounds, level, side="right") - 1
    row, column = np.divmod(cell, mass.shape[1])
    node, part = np.divmod(column, _N_CELLS)
    offset = (part + (level - bounds[cell]) / chance[cell]) / _N_CELLS
    gap = np.diff(modes.log_c, axis=1)

    def interpolate(values: np.ndarray) -> np.ndarray:
        share = offset.reshape(-1, *[1] * (values.ndim - 2))
        return values[row, node] * (1.0 - share) + values[row, node + 1] * share

    return Shapes(
        row=row,
        log_c=modes.log_c[row, node] + offset * gap[row, node],
        log_q=np.log(chance[cell] / extent.ravel()[cell]),
        centre=interpolate(modes.centre),
        root=interpolate(modes.root),
    )


def _cells(modes: Modes, noise: NoiseKnowledge) -> tuple[np.ndarray, np.ndarray]:
    """Interpolate the mass between the nodes, and weigh it by what is known of the noise.

    Returns:
        Mass, which sums to 1, and extent in log c of the (B, (K - 1) _N_CELLS) cells.
    """
    extent = np.repeat(np.diff(modes.log_c, axis=1) / _N_CELLS, _N_CELLS, axis=1)
    log_scale = _between(modes.centre[..., 1])
    log_sigma = _between(modes.log_c) + modes.width[:, None] + log_scale
    spread = _between(np.hypot(modes.root[..., 1, 0], modes.root[..., 1, 1]))
    log_mass = _between(modes.log_mass) + noise.log_likelihood(np.exp(log_sigma), spread)
    mass = np.exp(log_mass - log_mass.max()) * extent
    mass /= mass.sum()
    return mass, extent


def _between(values: np.ndarray) -> np.ndarray:
    """Interpolate (B, K) values at the middles of the cells, (B, (K - 1) _N_CELLS)."""
    middle = (np.arange(_N_CELLS) + 0.5) / _N_CELLS
    left, right = values[:, :-1, None], values[:, 1:, None]
    return (left * (1.0 - middle) + right * middle).reshape(len(values), -1)


def _student(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Place points evenly by a bivariate Student distribution.

    Returns:
        Points (n, 2), and log densities (n,).
    """
    i = np.arange(1, n + 1)
    u = np.clip((0.5 + i / _PLASTIC) % 1.0, _EDGE, 1.0 - _EDGE)
    turn = 2.0 * np.pi * ((0.5 + i / _PLASTIC**2) % 1.0)
    radius2 = _FREEDOM * ((1.0 - u) ** (-2.0 / _FREEDOM) - 1.0)
    z = _INFLATION * np.sqrt(radius2)[:, None] * np.column_stack([np.cos(turn), np.sin(turn)])
    log_peak = -np.log(2.0 * np.pi * _INFLATION**2)
    return z, log_peak - (_FREEDOM / 2.0 + 1.0) * np.log1p(radius2 / _FREEDOM)
