"""Forecasts of a band and of a law, beside each other and beside what comes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from optuna_hpx import AsymptoticLaw, Forecast, TuningCurveBand, tuning_curve_band

SCORES = np.random.default_rng(0).random(64) ** 2


@pytest.fixture(scope="module", params=["band", "law"])
def outlook(request: pytest.FixtureRequest) -> TuningCurveBand | AsymptoticLaw:
    return tuning_curve_band(SCORES) if request.param == "band" else AsymptoticLaw.fit(SCORES)


def test_some_gain_has_its_exact_probability(outlook: TuningCurveBand | AsymptoticLaw) -> None:
    for n_more in (1, 10, 64, 1000):
        expected = n_more / (64 + n_more)
        assert outlook.probability_of_improvement(n_more) == pytest.approx(expected)


def test_larger_gains_are_rarer(outlook: TuningCurveBand | AsymptoticLaw) -> None:
    chances = [outlook.probability_of_improvement(100, by=g) for g in (0.0, 1e-4, 1e-3, 1.0)]
    assert chances == sorted(chances, reverse=True)
    assert chances[-1] == 0.0


def test_forecasts_agree_with_each_other(outlook: TuningCurveBand | AsymptoticLaw) -> None:
    forecast = outlook.best_after(640, confidence=0.8)
    assert isinstance(forecast, Forecast)
    assert forecast.low <= forecast.median <= forecast.high <= outlook.best
    # Half of the nominal tail, all of it below, since the present best may well stay the best.
    low, median = outlook.best_after_quantile(640, quantile=np.array([0.1, 0.5]))
    assert (forecast.low, forecast.median) == pytest.approx((low, median), abs=1e-6)
    bound = outlook.gain_bound(640, confidence=0.8)
    if isinstance(outlook, TuningCurveBand):
        assert outlook.best - bound == pytest.approx(low, abs=1e-6)
    else:  # the larger of two that it mixes
        by_band = outlook.band.gain_bound(640, confidence=0.8)
        assert bound >= max(by_band, outlook.best - low - 1e-6)
    bound = outlook.gain_bound(640, confidence=0.9)
    assert outlook.probability_of_improvement(640, by=bound * 1.001) <= 0.05


def test_an_interval_reaches_to_the_best_that_may_stay(
    outlook: TuningCurveBand | AsymptoticLaw,
) -> None:
    assert outlook.best_after(10).high == outlook.best
    assert outlook.best_after(10).median == outlook.best


def test_number_of_trials_for_a_gain(outlook: TuningCurveBand | AsymptoticLaw) -> None:
    gain = outlook.best - float(outlook.best_after_quantile(128, quantile=0.5))
    assert gain > 0.0
    assert outlook.n_more_for(gain) <= 1.1 * 128
    assert np.isinf(outlook.n_more_for(10.0))


def test_maximised_scores_turn_it_over() -> None:
    mirror, band = tuning_curve_band(-SCORES, direction="maximize"), tuning_curve_band(SCORES)
    one, other = mirror.best_after(500), band.best_after(500)
    assert (one.low, one.high) == (-other.high, -other.low)
    q = np.array([0.05, 0.3])
    turned = mirror.best_after_quantile(500, quantile=1.0 - q)
    assert turned == pytest.approx(-band.best_after_quantile(500, quantile=q))


def test_nothing_is_gained_beyond_what_is_possible() -> None:
    band = tuning_curve_band(SCORES, bounds=(0.0, None))
    assert band.best_after_quantile(10**6, quantile=0.001) >= 0.0


def test_forecasts_come_as_often_as_they_say() -> None:
    """Of 400 searches of bowls, 80 % intervals hold about 80 %, and chances come about true."""
    rng = np.random.default_rng(1)
    held, stated, came = [], [], []
    for _ in range(400):
        losses = (rng.uniform(-1, 1, (128, 3)) ** 2).sum(1)
        band = tuning_curve_band(losses[:64], kind="dkw")
        best = losses.min()
        forecast = band.best_after(64)
        held.append(forecast.low <= best <= forecast.high)
        stated.append(band.probability_of_improvement(64, by=0.005))
        came.append(best < band.best - 0.005)
    assert np.mean(held) > 0.8 - 3 * np.sqrt(0.16 / 400)
    assert np.mean(came) == pytest.approx(np.mean(stated), abs=0.15)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda band: band.best_after(0), "n_more"),
        (lambda band: band.probability_of_improvement(10, by=-1.0), "by"),
        (lambda band: band.n_more_for(0.0), "gain"),
        (lambda band: band.gain_bound(5, confidence=1.0), "confidence"),
        (lambda band: band.best_after_quantile(5, quantile=0.0), "quantile"),
    ],
)
def test_bad_arguments(call: Callable[[TuningCurveBand], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call(tuning_curve_band(SCORES))
