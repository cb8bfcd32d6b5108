"""What a fitted law says, in the user's own sign and units, of a law whose numbers are known."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from optuna_hpx.law._estimates import LawEstimates
from optuna_hpx.law.maths.law import LossUnits

DIRECTIONS = [("minimize", 1.0), ("maximize", -1.0)]


class _Posterior:
    """Quantiles are linear in q; intervals are between the tails that a confidence leaves."""

    dimension_weights = {1: 0.25, 2: 0.75}
    _ends = {"alpha": (-0.5, 0.0), "sigma": (0.0, 0.2), "gamma": (1.0, 5.0)}

    def quantile(self, name: str, q: float) -> float:
        low, high = self._ends[name]
        return low + q * (high - low)

    def interval(self, name: str, confidence: float) -> tuple[float, float]:
        tail = (1.0 - confidence) / 2.0
        return self.quantile(name, tail), self.quantile(name, 1.0 - tail)

    def noise_interval(self, confidence: float) -> tuple[float, float]:
        return 0.0, self.quantile("sigma", confidence)


class _Predictive:
    """Losses are even on [0, 1], but for every tenth trial, which failed."""

    def cdf_at(self, loss: np.ndarray) -> np.ndarray:
        return 0.9 * np.clip(loss, 0.0, 1.0)

    def quantile(self, k: float, level: np.ndarray) -> np.ndarray:
        assert k == 1.0, "of a single trial"
        return np.where(level > 0.9, np.inf, level / 0.9)


def _estimates(direction: str = "minimize", p_value: float = 0.3) -> LawEstimates:
    """In units of 0.5 from the best loss, 3."""
    law: Any = SimpleNamespace(
        units=LossUnits(-1.0 if direction == "maximize" else 1.0, origin=3.0, width=0.5),
        posterior=_Posterior(),
        alpha_interval=lambda confidence: _Posterior().interval("alpha", confidence),
        predictive=_Predictive(),
        regime=SimpleNamespace(inside=np.arange(12), share=0.3),
        p_value=p_value,
        maximum_spacing="the law by maximum spacing",
        mass_interval=lambda confidence: (0.3 - confidence / 10.0, 0.3 + confidence / 10.0),
        density=lambda loss: np.where(loss <= 0.4, 2.0 * loss, np.nan),
    )
    sign = law.units.sign
    return LawEstimates(direction, 40, 5, sign * 3.0, sign * 2.9, sign * 3.2, [], law)


@pytest.mark.parametrize(("direction", "sign"), DIRECTIONS)
def test_medians_are_scores_in_their_own_sign(direction: str, sign: float) -> None:
    estimates = _estimates(direction)
    assert estimates.best_possible == pytest.approx(sign * (3.0 - 0.25 * 0.5))
    assert estimates.noise_std == pytest.approx(0.1 * 0.5), "a width has no sign"
    assert estimates.effective_dimension == 3
    assert isinstance(estimates.effective_dimension, int)
    assert estimates.dimension_weights == {1: 0.25, 2: 0.75}


def test_what_the_regime_is() -> None:
    estimates = _estimates()
    assert (estimates.n_regime, estimates.regime_mass) == (12, 0.3)
    assert estimates.goodness_of_fit == 0.3
    assert estimates.maximum_spacing == "the law by maximum spacing"


@pytest.mark.parametrize(("p_value", "describes"), [(0.05, True), (0.0499, False), (1.0, True)])
def test_it_describes_from_five_percent_on(p_value: float, describes: bool) -> None:
    assert _estimates(p_value=p_value).describes is describes


@pytest.mark.parametrize(("direction", "sign"), DIRECTIONS)
def test_the_smaller_end_comes_first(direction: str, sign: float) -> None:
    low, high = _estimates(direction).interval("best_possible", confidence=0.8)
    # alpha from -0.45 to -0.05 in units of 0.5
    assert (low, high) == pytest.approx(sorted((sign * 2.775, sign * 2.975)))
    assert low < high


@pytest.mark.parametrize("direction", ["minimize", "maximize"])
def test_intervals_that_have_no_sign(direction: str) -> None:
    estimates = _estimates(direction)
    assert estimates.interval("noise_std", confidence=0.5) == pytest.approx((0.0, 0.05))
    assert estimates.interval("effective_dimension", confidence=0.5) == (2.0, 4.0)
    assert estimates.interval("regime_mass", confidence=0.5) == pytest.approx((0.25, 0.35))


def test_an_interval_has_95_percent_unless_told_otherwise() -> None:
    estimates = _estimates()
    for name in ("best_possible", "noise_std", "regime_mass", "effective_dimension"):
        assert estimates.interval(name) == estimates.interval(name, confidence=0.95)
        assert estimates.interval(name) != estimates.interval(name, confidence=0.9)


def test_an_interval_of_something_else() -> None:
    with pytest.raises(ValueError, match=r"`name` must be one of .* got 'alpha'"):
        _estimates().interval("alpha")
    for confidence in (0.0, 1.0, math.nan):
        with pytest.raises(ValueError, match="`confidence` must be"):
            _estimates().interval("regime_mass", confidence=confidence)
    with pytest.raises(TypeError, match="`confidence` must be a number"):
        _estimates().interval("regime_mass", confidence="0.9")  # type: ignore[arg-type]


def test_the_distribution_of_a_loss() -> None:
    estimates = _estimates()
    scores = np.array([[2.0, 3.0], [3.1, 9.0]])  # losses -2, 0, 0.2 and 12
    np.testing.assert_allclose(estimates.cdf(scores), [[0.0, 0.0], [0.18, 0.9]])
    assert estimates.cdf(math.inf) == pytest.approx(0.9), "the others failed: infinitely bad"
    assert np.shape(estimates.cdf(3.1)) == ()


def test_the_distribution_of_a_score_that_is_maximised() -> None:
    np.testing.assert_allclose(_estimates("maximize").cdf(np.array([-3.1, -3.4])), [0.82, 0.28])


@pytest.mark.parametrize(("direction", "sign"), DIRECTIONS)
def test_the_density_is_in_units_of_the_score(direction: str, sign: float) -> None:
    density = _estimates(direction).pdf(sign * np.array([3.1, 3.19, 3.21]))
    np.testing.assert_allclose(density, [0.8, 1.52, np.nan])


def test_quantiles_invert_the_distribution() -> None:
    for direction, levels in (("minimize", [0.09, 0.45, 0.9]), ("maximize", [0.91, 0.55, 0.1])):
        estimates = _estimates(direction)
        q = np.array(levels)
        np.testing.assert_allclose(estimates.cdf(estimates.ppf(q)), q)
    assert _estimates().ppf(0.45) == pytest.approx(3.25)
    assert _estimates("maximize").ppf(0.55) == pytest.approx(-3.25)


def test_a_quantile_among_the_trials_that_failed_is_infinitely_bad() -> None:
    assert _estimates().ppf(0.95) == math.inf
    assert _estimates("maximize").ppf(0.05) == -math.inf
