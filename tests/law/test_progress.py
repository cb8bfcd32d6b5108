"""How far a search has come."""

from __future__ import annotations

import pytest

from optuna_hpx.law._progress import lead, next_percent
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
