"""What trials say about the law of random search: a posterior over its four parameters.

The best possible score, the noise, the effective number of hyperparameters and the next trials'
scores are all uncertain together, and neither the usual approximations (a normal or chi-square
law for the estimate) nor a plug-in forecast holds: without noise the problem is not regular, and
gamma is an integer. A posterior treats all of it alike.

Notation
    alpha, D, s, gamma   parameters of the law, as in quadratic.py
    p                    share of the trials in the regime
    c                    sigma / (D p^(2/gamma)), the noise relative to the width of the regime
    c_0                  the least noise, which stands for none
    P                    points of the posterior, with weights w

The prior is flat in alpha and log D: for a known shape (gamma, c) that is the group-invariant
prior, for which credible and predictive intervals have exactly their nominal frequency. Over the
shape it is chosen so that they nearly do (benchmarks/law/law_coverage.py):

    (1)  pi(gamma, log c) ~ c^0.4 / gamma  for c > c_0,  and P(c = c_0 | gamma) = 0.15.

Flat in log c and gamma, intervals of alpha would be too low for gamma = 1 with much noise and too
high for gamma = 5 with none.

Points are drawn from a proposal q (proposal.py) and weighted by importance, L of likelihood.py:

    (2)  w ~ L pi / q.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optuna_hpx.law.maths.likelihood import N_NODES, CensoredSample, log_likelihood
from optuna_hpx.law.maths.proposal import MOST_NOISE, propose
from optuna_hpx.law.maths.quadratic import partials

__all__ = ["Posterior", "posterior"]

# Equation (1). The three were chosen by coverage, on other seeds than those that are reported.
_TILT = 0.4  # power of c
_DECAY = 1.0  # power of 1 / gamma
_QUIET = 0.15  # probability of no noise

# c_0 in units of the gap n^(-2/gamma) that is expected below the lowest loss: less noise than
# this moves no loss past another, and cannot be told from none. Its bounds keep log c_0 between
# what the quadrature can resolve and the range of c.
_RESOLUTION = 0.03
_LEAST_BOUNDS = (1e-6, 0.2)

_N_POINTS = 1024  # P: quantiles then have an error well below the posterior's own width
_FEW, _MORE = 60.0, 8  # below so many effective points, so many times as many are drawn
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
        sigma: (P,)
        weight: (P,) w, summing to 1.
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
            self.sigma[rows],
            n_nodes=N_NODES,
        )
        return laws.pdf @ (self.weight[rows] / self.weight[rows].sum())


def posterior(sample: CensoredSample, gammas: np.ndarray) -> Posterior:
    """Draw points of the posterior over the laws with ``gammas`` (B,).

    Cost: some 80 evaluations of B laws at 32 edges, and one of the points at 30 losses.
    """
    points = _importance_sample(sample, gammas, _N_POINTS)
    if 1.0 / (points.weight**2).sum() < _FEW:
        points = _importance_sample(sample, gammas, _MORE * _N_POINTS)
    return points


def _importance_sample(sample: CensoredSample, gammas: np.ndarray, n_points: int) -> Posterior:
    """Draw from the proposal and weigh by equation (2)."""
    width = np.log(sample.share) * 2.0 / gammas  # log of the regime's width in units of D
    gap = _RESOLUTION * sample.n_inside ** (-2.0 / gammas)
    least = np.log(np.clip(gap, *_LEAST_BOUNDS))
    drawn = propose(sample.buckets, gammas, least, width, n_points)
    gamma, log_c = gammas[drawn.row], drawn.log_c
    alpha = drawn.theta[:, 0]
    scale = np.exp(np.clip(drawn.theta[:, 1], -_MOST_LOG_SCALE, _MOST_LOG_SCALE))
    sigma = scale * np.exp(log_c + width[drawn.row])
    log_weight = log_likelihood(sample, gamma, alpha, scale, sigma) - drawn.log_q
    log_weight += _log_prior_of_noise(log_c, least[drawn.row]) - _DECAY * np.log(gamma)
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    is_quiet = log_c < -2.0 / gamma * np.log(sample.n_inside)
    return Posterior(gamma, alpha, scale, sigma, weight, float(weight[is_quiet].sum()))


def _log_prior_of_noise(log_c: np.ndarray, least: np.ndarray) -> np.ndarray:
    """Compute equation (1) along log c, up to a constant: a density, and a mass at ``least``."""
    continuous = (np.exp(_TILT * np.log(MOST_NOISE)) - np.exp(_TILT * least)) / _TILT
    none = np.log(_QUIET / (1.0 - _QUIET) * continuous)
    return np.where(log_c <= least, none, _TILT * log_c)
