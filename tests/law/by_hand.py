"""A law of random search whose every number is known, in the shape of an AsymptoticLaw."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from optuna_hpx import Forecast, TuningCurveBand, tuning_curve_band


@dataclass
class UniformLaw:
    """Losses are uniform on [0, 1], and ``failing`` is the share of trials without one."""

    direction: str = "minimize"
    n_trials: int = 100
    best: float = 0.02
    best_of_all: float = 0.02
    n_left_out: int = 0
    failing: float = 0.0
    best_possible: float = 0.0
    intervals: dict[str, tuple[float, float]] = field(
        default_factory=lambda: {"best_possible": (-0.01, 0.01), "noise_std": (0.001, 0.002)}
    )
    effective_dimension: int = 2
    dimension_weights: dict[int, float] = field(
        default_factory=lambda: {1: 0.2, 2: 0.7, 3: 0.096, 4: 0.004}
    )
    threshold: float = 0.3
    regime_mass: float = 0.3
    goodness_of_fit: float = 0.43
    describes: bool = True
    is_best_at_bound: bool = False
    warnings: Sequence[str] = ()

    @property
    def band(self) -> TuningCurveBand:
        losses = np.linspace(self._sign * self.best, 1.0, self.n_trials)
        return tuning_curve_band(self._sign * losses, direction=self.direction)

    @property
    def _sign(self) -> float:
        return -1.0 if self.direction == "maximize" else 1.0

    def _quantile(self, k: Any, q: Any) -> np.ndarray:
        loss = (1.0 - (1.0 - np.asarray(q)) ** (1.0 / np.asarray(k))) / (1.0 - self.failing)
        return np.where(loss > 1.0, np.inf, loss)

    def interval(self, name: str, *, confidence: float = 0.95) -> tuple[float, float]:
        assert confidence == 0.95
        return self.intervals[name]

    def tuning_curve(self, n_trials: Any, *, quantile: Any = 0.5) -> np.ndarray:
        q = np.asarray(quantile)
        return self._sign * self._quantile(n_trials, q if self._sign > 0 else 1.0 - q)

    def best_after(self, n_more: int, *, confidence: float = 0.8) -> Forecast:
        tail = (1.0 - confidence) / 2.0
        losses = self._quantile(n_more, np.array([tail, 0.5, 1.0 - tail]))
        ends = self._sign * np.minimum(losses, self._sign * self.best)
        return Forecast(*(ends if self._sign > 0 else ends[::-1]).tolist())

    def n_more_for(self, gain: float) -> float:
        loss = (self._sign * self.best - gain) * (1.0 - self.failing)
        return math.log(0.5) / math.log1p(-loss) if loss > 0.0 else math.inf

    def probability_of_improvement(self, n_more: int, *, by: float = 0.0) -> float:
        loss = max(self._sign * self.best - by, 0.0) * (1.0 - self.failing)
        return 1.0 - (1.0 - loss) ** n_more

    def regret_bound(self, best: float, *, confidence: float) -> float:
        assert confidence == 0.9
        return max(0.0, self._sign * (best - self.best_possible) + 0.005)
