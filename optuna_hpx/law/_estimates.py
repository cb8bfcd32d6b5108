"""LawEstimates: what the trials say about their law; the past and the present of a search."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from optuna_hpx import _checks
from optuna_hpx.law.maths.law import FittedLaw
from optuna_hpx.law.maths.quadratic import NoisyQuadratic

__all__ = ["LawEstimates"]

_INTERVALS = ("best_possible", "effective_dimension", "noise_std", "regime_mass")
_ALPHA_OF_FIT = 0.05  # the usual level: below it, the law is said not to describe the trials


@dataclass(frozen=True, repr=False, eq=False)
class LawEstimates:
    """The parameters of a fitted law, with what is uncertain about them."""

    direction: str
    n_trials: int
    n_left_out: int
    best: float
    best_of_all: float
    threshold: float
    warnings: list[str]
    _law: FittedLaw = field(repr=False)

    @property
    def n_regime(self) -> int:
        """Draws in the likeliest regime, or in the one that was given."""
        return len(self._law.regime.inside)

    @property
    def regime_mass(self) -> float:
        """Share of the trials in that regime."""
        return self._law.regime.share

    @property
    def goodness_of_fit(self) -> float:
        """p-value of the test that the law describes that regime."""
        return self._law.p_value

    @property
    def describes(self) -> bool:
        """Whether the goodness of fit is at least 0.05."""
        return self.goodness_of_fit >= _ALPHA_OF_FIT

    @property
    def is_best_at_bound(self) -> bool:
        """Whether the best score is the best possible one, as ``bounds`` has it."""
        units = self._law.units
        return float(units.to_loss(self.best_of_all)) <= units.floor

    @property
    def best_possible(self) -> float:
        """The best expected score that any configuration has: the posterior's median."""
        return float(self._law.units.to_score(self._law.posterior.quantile("alpha", 0.5)))

    @property
    def noise_std(self) -> float:
        """Standard deviation of one configuration's score: the posterior's median."""
        return self._law.units.width * self._law.posterior.quantile("sigma", 0.5)

    @property
    def effective_dimension(self) -> int:
        """Number of hyperparameters that matter near the optimum: the posterior's median."""
        return int(self._law.posterior.quantile("gamma", 0.5))

    @property
    def dimension_weights(self) -> dict[int, float]:
        """Probability of each number of hyperparameters that matter near the optimum."""
        return self._law.posterior.dimension_weights

    @property
    def maximum_spacing(self) -> NoisyQuadratic:
        """The single best law by maximum spacing, of losses: negated scores if maximised."""
        return self._law.maximum_spacing

    def interval(self, name: str, *, confidence: float = 0.95) -> tuple[float, float]:
        """Return an interval that holds the true value with probability ``confidence``.

        Args:
            name: "best_possible", "noise_std", "regime_mass" or "effective_dimension".
            confidence: In (0, 1).

        Returns:
            The smaller end and the larger one. That of the noise begins at 0 unless the trials
            show that there is some.

        Raises:
            ValueError: If an argument is out of its range.
        """
        _checks.one_of("name", name, _INTERVALS)
        _checks.quantile("confidence", confidence)
        posterior, units = self._law.posterior, self._law.units
        if name == "regime_mass":
            return self._law.mass_interval(confidence)
        if name == "noise_std":
            low, high = posterior.noise_interval(confidence)
            return units.width * low, units.width * high
        if name == "effective_dimension":
            return posterior.interval("gamma", confidence)
        ends = units.to_score(np.array(self._law.alpha_interval(confidence)))
        return float(ends.min()), float(ends.max())

    def cdf(self, y: np.ndarray | float) -> np.ndarray:
        """Compute the probability that a trial's score is at most ``y``.

        It is the law's within the regime, and elsewhere that of the trials.

        Args:
            y: Scores, of any shape.

        Returns:
            Probabilities, of the shape of ``y``.
        """
        units = self._law.units
        loss = units.to_loss(y)
        share = np.where(loss < units.floor, 0.0, self._law.predictive.cdf_at(loss))
        return units.to_level(share)

    def pdf(self, y: np.ndarray | float) -> np.ndarray:
        """Compute the density of the law in the regime.

        Args:
            y: Scores, of any shape.

        Returns:
            Densities, of the shape of ``y``; NaN beyond the threshold, where the law says nothing.
        """
        units = self._law.units
        loss = units.to_loss(y)
        return np.where(loss < units.floor, 0.0, self._law.density(loss) / units.width)

    def ppf(self, q: np.ndarray | float) -> np.ndarray:
        """Compute the score that a trial's is at most with probability ``q``.

        Args:
            q: In [0, 1], of any shape.

        Returns:
            Scores, of the shape of ``q``; infinitely bad where more trials failed.
        """
        level = self._law.units.to_level(np.asarray(q, dtype=float))
        return self._law.units.to_score(self._law.predictive.quantile(1.0, level))
