"""ScoreLook: nothing is fitted that nobody needs, and what is spared changes no verdict."""

from __future__ import annotations

import numpy as np
import pytest

from optuna_hpx import AsymptoticLaw, NoLawError, TuningCurveBand
from optuna_hpx.law import _look
from optuna_hpx.law._draws import draws_of_scores
from optuna_hpx.law._look import ScoreLook
from optuna_hpx.law._settings import Bounds, LawSettings
from optuna_hpx.law._stopping import ask


def look(
    scores: np.ndarray,
    stop: float | None = None,
    *,
    is_random: bool = True,
    has_law: bool = True,
    bounds: Bounds | str = "auto",
) -> ScoreLook:
    return ScoreLook(
        draws_of_scores(scores, "minimize", 0),
        LawSettings(max_dimension=3, bounds=bounds),  # type: ignore[arg-type]
        ask(stop, 50, 0.9, None, "minimize"),
        is_random=is_random,
        has_law=has_law,
    )


@pytest.fixture
def scores() -> np.ndarray:
    return np.asarray((np.random.default_rng(0).uniform(-1.0, 1.0, (60, 2)) ** 2).sum(1))


def test_no_law_is_fitted_that_nobody_reads(
    scores: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a law was fitted")

    monkeypatch.setattr(_look.AsymptoticLaw, "of_draws", refuse)
    for settled in (look(scores), look(scores, 1e-9), look(scores, 9.0, has_law=False)):
        settled.check()
        assert not settled.is_stop


def test_a_law_is_fitted_once_when_it_is_read(scores: np.ndarray) -> None:
    at = look(scores)
    assert isinstance(at.law, AsymptoticLaw)
    assert at.law is at.outlook
    assert at.law.n_trials == 60
    assert at.reason.startswith("50 more random trials improve the best score")
    assert at.lacking == ""


@pytest.mark.parametrize("bounds", ["auto", (0.0, None)])
def test_what_is_spared_changes_no_verdict(bounds: Bounds | str) -> None:
    stopped = 0
    for seed in range(6):
        rng = np.random.default_rng(seed)
        losses = (rng.uniform(-1.0, 1.0, (80, 1 + seed % 3)) ** 2).sum(1)
        for stop in (1e-4, 3e-3, 0.01, 0.03, 0.1):
            at = look(losses, stop, bounds=bounds)
            assert at.verdict is not None
            assert at.is_stop == at.verdict.is_stop
            stopped += at.is_stop
    assert 3 < stopped < 27


def test_a_sampler_that_learns_needs_the_law(scores: np.ndarray) -> None:
    at = look(scores, 10.0, is_random=False)
    assert at.is_stop
    assert at.reason.startswith("The best possible score is better than the best one")


def test_without_enough_draws_there_is_the_band(scores: np.ndarray) -> None:
    early = look(scores[:10], 10.0, has_law=False)
    assert early.law is None
    assert early.lacking == ""
    assert isinstance(early.outlook, TuningCurveBand)
    assert not early.is_stop
    few = look(scores[:15], 10.0)
    few.check()
    assert few.reason.startswith("No law: The law needs at least 20 finite scores; there are 15.")
    assert not few.is_stop


def test_draws_without_a_score_are_refused() -> None:
    nothing = look(np.full(30, np.inf))
    with pytest.raises(NoLawError, match="at least 20 finite scores"):
        nothing.check()
    assert nothing.verdict is None
    assert not nothing.is_stop


def test_bounds_must_hold_the_scores(scores: np.ndarray) -> None:
    with pytest.raises(ValueError, match="`bounds` must hold all scores"):
        look(scores, bounds=(0.5, None)).check()
    shares = look(np.round(scores / 2.0 * 40) / 40)
    assert shares.band is not None
    assert shares.band.gain_bound(10**6, confidence=0.999) <= shares.band.best
