"""How far a search has come."""

from __future__ import annotations

import pytest

from optuna_hpx import tuning_curve_band
from optuna_hpx.law._progress import band_alone, described, lead, next_percent
from tests.law.by_hand import UniformLaw


def test_the_lead_of_all_trials_over_the_random_ones() -> None:
    assert lead(UniformLaw(best=0.02, best_of_all=0.02)) == 0.0
    law = UniformLaw(best=0.02, best_of_all=0.005, n_left_out=9)
    assert lead(law) == pytest.approx(0.015)
    up = UniformLaw(direction="maximize", best=-0.02, best_of_all=-0.005, n_left_out=9)
    assert lead(up) == pytest.approx(0.015)


def test_the_next_percent_is_of_the_way_from_the_median_trial_to_the_best() -> None:
    assert next_percent(UniformLaw(best_of_all=0.02)) == pytest.approx((0.5 - 0.02) / 100)
    assert next_percent(UniformLaw(failing=0.6)) is None, "the median trial fails"
    assert next_percent(tuning_curve_band([0.0, 1.0, 2.0])) == pytest.approx(0.01)


def test_a_law_counts_where_it_describes_and_a_band_is_none() -> None:
    law, band = UniformLaw(), tuning_curve_band([0.0, 1.0])
    assert described(law) is law  # type: ignore[arg-type, comparison-overlap]
    assert described(UniformLaw(describes=False)) is None  # type: ignore[arg-type]
    assert described(band) is None
    assert band_alone(band) is band
    assert band_alone(law).n_trials == 100  # type: ignore[arg-type]
