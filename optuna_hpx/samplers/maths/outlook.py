r"""What the processes expect after the trials so far: a safe optimum, and what is left to gain.

Dawid: Statistical theory, the prequential approach, Journal of the Royal Statistical Society A
147, 1984: a forecaster is judged by what came after each forecast.

Notation
    n           trials that have a loss
    mu, sigma   mean and deviation of a new loss, noise and all, transformed by T of
                :mod:`~optuna_hpx.samplers.maths.losses`
    e_i         standardised error of predicting the i-th of these trials from those before it
    m           median of the largest of n - 10 sizes of standard normal numbers
    EI          expected improvement, times the probability of feasibility
    l_j         length scale of parameter j; k as in :mod:`optuna_hpx.statistics.gaussian_process`

    x* = argmin mu + 2 sigma, among points that are feasible with a probability of 1/2        (1)
    c  = 1.96 (1 + 60 / n) max(1, |e_11| / m, ..., |e_n| / m)                                 (2)
    T^-1(mu - c sigma) to T^-1(mu + c sigma): what a trial at x* shows                        (3)
    max(8 c max EI, b - mu(x*) + 3 sigma(x*)): by how much 10 more trials improve on the
        smallest loss b, at most                                                              (4)

Of the points with the smallest mean many owe it to an error: the truth about them is worse than
predicted, and worse than at x*. With few trials a process is too sure of itself, as its
hyperparameters are one guess of many: hence 60 / n. Below the best loss T is a line, so that EI
is had in units of the loss as well. EI alone is on average several times what comes, being the
largest of many estimates; but what comes is rare and large, hence the factor. The second part of
(4) is luck: with nothing but noise one of 10 trials is below b by more in 4 % of all cases.
Quantiles of posterior draws gave no better limit. ``benchmarks/samplers/beliefs.py`` measures how
often (3) and (4) are wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.spatial.distance import cdist
from scipy.special import ndtri

from optuna_hpx.samplers.maths import candidates, encoding
from optuna_hpx.samplers.maths.losses import LossScale
from optuna_hpx.samplers.maths.outcomes import Outcomes
from optuna_hpx.samplers.maths.trial_model import TrialModel

__all__ = ["N_MORE", "Forecaster", "SafePoint", "length_scales", "usual_largest"]

N_MORE = 10
"""Trials whose gain is limited: for as many more as there have been, no limit held."""

_SAFE = 2.0  # deviations, in eq. (1)
_LIKELY = 0.5  # probability of feasibility
_UNLIKELY = 1e6  # what is taken off points that are not wanted
_LEARNT = 10  # trials after which errors count
_TWO_SIDED = 1.96
_FEW = 60.0  # trials, with which an interval is twice as wide as with very many
_GAIN, _LUCK = 8.0, 3.0  # in eq. (4)
_SAME = 1e-9  # distance of features


@dataclass(frozen=True, eq=False)
class SafePoint:
    """The point of eq. (1), and what a trial there shows.

    Attributes:
        point: (d,) coordinates.
        loss: The median of the prediction.
        low: Lower end of eq. (3).
        high: Upper end.
        probability_feasible: That it violates no constraint.
    """

    point: np.ndarray
    loss: float
    low: float
    high: float
    probability_feasible: float


class Forecaster:
    """Predicts from finished trials what the next ones may bring.

    Args:
        points: (n, d) the trials, in the order in which they finished.
        outcomes: What became of them, with one objective; at least one loss is finite.
        space: Where trials may be; nothing of it is fixed.
        thetas: Hyperparameters of the loss and the constraints.
        seed: Of the candidates.
    """

    def __init__(
        self,
        points: np.ndarray,
        outcomes: Outcomes,
        space: candidates.Neighbourhood,
        thetas: Sequence[np.ndarray],
        seed: int = 0,
    ) -> None:
        rows = outcomes.thinned()
        kept = outcomes.take(rows)
        self._space, self._trials, self._seed = space, points[outcomes.order], seed
        self._features = encoding.features(points, space.axes)
        groups = encoding.groups(space.axes)
        nobody = np.zeros((0, self._features.shape[1]))
        self._model = TrialModel.of(self._features, outcomes, nobody, groups, thetas)
        self._scale = LossScale.of(kept.losses[:, 0])
        has_loss = np.isfinite(kept.losses[:, 0])
        self._n = int(np.count_nonzero(np.isfinite(outcomes.losses)))
        by_time = np.argsort(rows)
        self._errors = self._model.processes[0].errors(by_time)[has_loss[by_time]]

    @property
    def calibration(self) -> float:
        """The factor c of eq. (2)."""
        sizes = np.abs(self._errors[_LEARNT:])
        caution = _TWO_SIDED * (1.0 + _FEW / self._n)
        return caution * max(1.0, float(sizes.max(initial=0.0)) / usual_largest(len(sizes)))

    def safe_point(self) -> SafePoint:
        """Return the point of eq. (1), as far as a local search finds it."""
        features = encoding.features(self._safest[None], self._space.axes)
        mean, deviation = self._model.processes[0].predict_noisy(features)
        ends = mean + self.calibration * deviation * np.array([0.0, -1.0, 1.0])
        loss, low, high = self._scale.invert(ends).tolist()
        probability = float(np.exp(self._model.log_feasibility(features, 1)[0]))
        return SafePoint(self._safest, loss, low, high, probability)

    @cached_property
    def _safest(self) -> np.ndarray:
        """(d,) x*. O(n^3)."""

        def score(points: np.ndarray, n_exact: int) -> np.ndarray:  # all of them are exact
            features = encoding.features(points, self._space.axes)
            mean, deviation = self._model.processes[0].predict_noisy(features)
            log_p = self._model.log_feasibility(features, 1)
            penalty = np.where(log_p >= np.log(_LIKELY), 0.0, _UNLIKELY - log_p)
            return -(mean + _SAFE * deviation + penalty)

        return self._maximise(score)

    def expected_improvement(self) -> float | None:
        """Compute the largest EI of one more trial, in units of the loss. O(n^3).

        None if no trial is feasible. A point that was tried counts only if no other is found, as
        the sampler tries no other again.
        """
        if self._model.limits[0] is None:
            return None

        def score(points: np.ndarray, n_exact: int) -> np.ndarray:
            features = encoding.features(points, self._space.axes)
            is_tried = cdist(features, self._features).min(axis=1) < _SAME
            return self._model.acquisition(features, _UNLIKELY * is_tried, n_exact)

        best = encoding.features(self._maximise(score)[None], self._space.axes)
        log_expected = self._model.acquisition(best, np.zeros(1), 1)
        return float(np.exp(log_expected[0])) * self._scale.slope

    def improvement_at_most(self) -> float | None:
        """Compute the limit (4), in units of the loss; None if no trial is feasible."""
        expected, best = self.expected_improvement(), self._model.limits[0]
        if expected is None or best is None:
            return None
        point = encoding.features(self._safest[None], self._space.axes)
        mean, deviation = self._model.processes[0].predict_noisy(point)
        luck = best - float(mean[0]) + _LUCK * float(deviation[0])
        return max(_GAIN * self.calibration * expected, self._scale.slope * luck)

    def _maximise(self, score: Callable[[np.ndarray, int], np.ndarray]) -> np.ndarray:
        rng = np.random.default_rng(self._seed)
        return candidates.maximise(score, self._space, self._trials, rng)


def usual_largest(n: int) -> float:
    """Return m of eq. (2), the median of the largest size of n standard normal numbers."""
    return float(ndtri(0.5 + 0.5 ** (1.0 + 1.0 / max(n, 1))))


def length_scales(theta: np.ndarray, d: int) -> np.ndarray:
    """Return the length scales l_j (d,), in units of the range of a parameter.

    Two trials that differ in parameter j alone, by l_j of its range, have losses that are
    correlated by k(1) = .52; two choices differ by 1, as the two ends of a range do.
    """
    return np.asarray(np.exp(theta[:d] / 2.0))
