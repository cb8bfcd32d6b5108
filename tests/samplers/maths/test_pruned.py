"""What pruned trials would have come to: exact where curves are parallel, never good."""

from __future__ import annotations

import numpy as np
import pytest

from optuna_hpx.samplers.maths.pruned import imputed


def test_parallel_curves_give_the_losses_themselves() -> None:
    """All fall by 3 after the step, the pruned ones as well, had they gone on."""
    losses = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    pruned = np.array([3.5, 6.0, 9.0])
    assert imputed(pruned + 3.0, losses + 3.0, losses, 3.0) == pytest.approx(pruned)


def test_a_gain_of_one_trial_alone_does_not_count() -> None:
    losses = np.arange(5.0)
    values = losses + 1.0
    values[0] = 100.0
    assert imputed(np.array([8.0]), values, losses, 2.0) == pytest.approx([7.0])


def test_none_is_better_than_the_median() -> None:
    losses = np.arange(7.0)
    assert imputed(np.array([-5.0, 4.5]), losses, losses, 3.0).tolist() == [3.0, 4.5]


def test_few_complete_trials_tell_nothing() -> None:
    losses = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    values = np.array([1.0, 2.0, 3.0, 4.0, np.nan])
    assert np.isnan(imputed(np.array([1.0, 2.0]), values, losses, 3.0)).all()
    values[4] = np.inf
    assert np.isnan(imputed(np.array([1.0, 2.0]), values, losses, 3.0)).all()


def test_odd_values_stay_odd() -> None:
    losses = np.arange(5.0)
    result = imputed(np.array([np.nan, np.inf, -np.inf]), losses, losses, 2.0)
    assert np.isnan(result[0])
    assert result[1:].tolist() == [np.inf, 2.0]
