"""What trials say about the law of random search: a posterior over its four parameters.

The best possible score, the noise, the effective number of hyperparameters and the next trials'
scores are all uncertain together, and neither the usual approximations (a normal or chi-square
law for the estimate) nor a plug-in forecast holds: without noise the problem is not regular, and
gamma is an integer. A posterior treats all of it alike.

Notation
    alpha, D, s, gamma   parameters of the law, as in quadratic.py
    p                    share of the trials in the regime
    c                    sigma / (D p^(2/gamma)), the noise relative to the width of the regime
    c_0                  the least noise that can be told from none
    B, P                 numbers of hyperparameters that are tried; points of the posterior, with
                         weights w

That there is no noise is a hypothesis of its own (noiseless.py), a priori as likely as that there
is some, unless more is known (noise.py). The prior is flat in alpha and log D: for a known shape
(gamma, c) that is the group-invariant prior, for which credible and predictive intervals have
exactly their nominal frequency. Over the shape it is chosen so that they nearly do
(benchmarks/law/law_coverage.py):

    (1)  pi(gamma) = 1 / B,    pi(log c | gamma, noise) ~ c^0.4  for c > c_0.

A prior that falls with gamma, or without a mass on no noise, makes intervals of alpha too high
where many hyperparameters matter: few trials hardly speak against either.

Laws with noise are drawn from a proposal q (proposal.py) and weighted by importance, L of
likelihood.py:

    (2)  w ~ L pi / (P q).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optuna_hpx.law.maths.likelihood import N_NODES, CensoredSample, log_likelihood
from optuna_hpx.law.maths.noise import UNKNOWN, NoiseKnowledge
from optuna_hpx.law.maths.noiseless import noiseless_points
from optuna_hpx.law.maths.points import Points, joined
from optuna_hpx.law.maths.proposal import (
    MOST_NOISE,
    NoiseRange,
    Proposal,
    find_modes,
    propose,
)
from optuna_hpx.law.maths.quadratic import partials

__all__ = ["LEAST_NOISE", "Posterior", "posterior", "posterior_points"]

_TILT = 0.4  # power of c in (1); chosen by coverage, on other surfaces than are reported

# c_0 in units of the gap n^(-2/gamma) that is expected below the lowest loss: less noise than
# this moves no loss past another, and cannot be told from none. Its bounds keep log c_0 between
# what the quadrature can resolve and the range of c.
_RESOLUTION = 0.03
_LEAST_BOUNDS = (1e-6, 0.2)
LEAST_NOISE = 1e-6  # of D: stands for none where the law is worked out by quadrature

_N_POINTS = 1024  # P: quantiles then have an error well below the posterior's own width
_N_QUIET = 512  # those without noise are drawn exactly
_FEW = 60.0  # effective points, below which more are drawn,
_MORE = (3, 8)  # so many times as many
_MOST_LOG_SCALE = 40.0  # of a proposed D, either way: keeps exp finite where the weight is 0
_SHOWN = 5e-4  # probability from which on a gamma is listed; it rounds to 0.1 %
_NEGLIGIBLE = 1e-3  # weight, relative to the largest, below which a density leaves a law out


@dataclass(frozen=True)
class Posterior:
    """Weighted laws.

    Attributes:
        gamma: (P,)
        alpha: (P,)
        scale: (P,) D.
        sigma: (P,) 0 without noise.
        weight: (P,) w, summing to 1.
    """

    gamma: np.ndarray
    alpha: np.ndarray
    scale: np.ndarray
    sigma: np.ndarray
    weight: np.ndarray

    @classmethod
    def of(cls, points: Points) -> Posterior:
        """Normalise the weights of ``points``."""
        weight = np.exp(points.log_weight - points.log_evidence)
        return cls(points.gamma, points.alpha, points.scale, points.sigma, weight)

    @property
    def quiet(self) -> float:
        """Probability of no noise."""
        return float(self.weight[self.sigma == 0.0].sum())

    @property
    def dimension_weights(self) -> dict[int, float]:
        """Probability of each gamma that has any."""
        weights = {g: float(self.weight[self.gamma == g].sum()) for g in np.unique(self.gamma)}
        return {int(gamma): weight for gamma, weight in weights.items() if weight > _SHOWN}

    def quantile(self, name: str, q: float) -> float:
        """Return the quantile ``q`` of "alpha", "sigma" or "gamma"."""
        values = getattr(self, name)
        order = np.argsort(values, kind="stable")
        row = np.searchsorted(np.cumsum(self.weight[order]), q)
        return float(values[order][min(int(row), len(values) - 1)])

    def interval(self, name: str, confidence: float) -> tuple[float, float]:
        """Return the interval of "alpha", "sigma" or "gamma" that leaves equal tails."""
        tail = (1.0 - confidence) / 2.0
        return self.quantile(name, tail), self.quantile(name, 1.0 - tail)

    def noise_interval(self, confidence: float) -> tuple[float, float]:
        """Return that of sigma; from 0 if no noise is more probable than the lower tail."""
        if self.quiet > (1.0 - confidence) / 2.0:
            return 0.0, self.quantile("sigma", confidence)
        return self.interval("sigma", confidence)

    def pdf(self, y: np.ndarray) -> np.ndarray:
        """Compute the density of one trial's loss, of the shape of ``y``."""
        rows = self.weight > _NEGLIGIBLE * self.weight.max()
        laws = partials(
            y[..., None],
            self.alpha[rows],
            self.scale[rows],
            self.gamma[rows],
            np.maximum(self.sigma[rows], LEAST_NOISE * self.scale[rows]),
            n_nodes=N_NODES,
        )
        return laws.pdf @ (self.weight[rows] / self.weight[rows].sum())


def posterior(
    sample: CensoredSample, gammas: np.ndarray, noise: NoiseKnowledge = UNKNOWN
) -> Posterior:
    """Draw points of the posterior over the laws with ``gammas`` (B,)."""
    return Posterior.of(posterior_points(sample, gammas, noise))


def posterior_points(sample: CensoredSample, gammas: np.ndarray, noise: NoiseKnowledge) -> Points:
    """Draw points of the posterior, whose weights sum to the evidence of the sample.

    Args:
        sample: The losses.
        gammas: (B,)
        noise: What is known of it.

    Cost: some 80 evaluations of B laws at 32 edges, and one of the points at 30 losses.
    """
    parts = []
    if noise.quiet > 0.0:
        quiet = noiseless_points(sample, gammas, _N_QUIET)
        parts.append(quiet.times(np.log(noise.quiet)))
    if noise.quiet < 1.0:
        parts.append(_noisy_points(sample, gammas, noise).times(np.log1p(-noise.quiet)))
    return joined(parts).times(-np.log(len(gammas)))


def _noisy_points(sample: CensoredSample, gammas: np.ndarray, noise: NoiseKnowledge) -> Points:
    """Draw from the proposal, more where few of the points count."""
    width = np.log(sample.share) * 2.0 / gammas  # log of the regime's width in units of D
    gap = _RESOLUTION * sample.n_inside ** (-2.0 / gammas)
    least = np.log(np.clip(gap, *_LEAST_BOUNDS))
    modes = find_modes(sample.buckets, gammas, NoiseRange(least, width))
    points = _weighted(sample, gammas, least, propose(modes, noise, _N_POINTS), noise)
    for more in _MORE:
        if points.n_effective >= _FEW:
            break
        drawn = propose(modes, noise, more * _N_POINTS)
        points = _weighted(sample, gammas, least, drawn, noise)
    return points


def _weighted(
    sample: CensoredSample,
    gammas: np.ndarray,
    least: np.ndarray,
    drawn: Proposal,
    noise: NoiseKnowledge,
) -> Points:
    """Weigh drawn laws by equation (2)."""
    gamma, log_c = gammas[drawn.row], drawn.log_c
    alpha = drawn.theta[:, 0]
    scale = np.exp(np.clip(drawn.theta[:, 1], -_MOST_LOG_SCALE, _MOST_LOG_SCALE))
    sigma = scale * np.exp(log_c + np.log(sample.share) * 2.0 / gamma)
    log_weight = log_likelihood(sample, gamma, alpha, scale, sigma) - drawn.log_q
    log_weight += noise.log_likelihood(sigma)
    log_weight += _log_prior_of_noise(log_c, least[drawn.row])
    return Points(gamma, alpha, scale, sigma, log_weight - np.log(len(gamma)))


def _log_prior_of_noise(log_c: np.ndarray, least: np.ndarray) -> np.ndarray:
    """Compute the density of equation (1) along log c."""
    total = (np.exp(_TILT * np.log(MOST_NOISE)) - np.exp(_TILT * least)) / _TILT
    return _TILT * log_c - np.log(total)
