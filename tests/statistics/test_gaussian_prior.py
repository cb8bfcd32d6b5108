"""The priors: what they hold to be likely, and what is out of reach."""

from __future__ import annotations

import numpy as np
import pytest

from optuna_hpx.statistics.gaussian_prior import additive_prior, joint_prior


def test_a_weight_is_the_inverse_of_a_squared_length_scale() -> None:
    prior = joint_prior(np.log([4.0, 0.25]))
    assert np.exp(prior.mean[:2]) == pytest.approx([0.25, 4.0])
    assert len(prior.mean) == 2 + 2


def test_effects_of_single_parameters_have_two_entries_more() -> None:
    assert len(additive_prior(5).mean) == 3 * 5 + 2


def test_the_nearest_within_reach() -> None:
    prior = joint_prior(np.zeros(2))
    far = prior.nearest(prior.mean + np.array([100.0, 0.1, -100.0, 0.0]))
    assert far.tolist() == pytest.approx([6.0, 0.1, -3.0, -5.0])
    low, high = np.array(prior.bounds).T
    assert ((low <= far) & (far <= high)).all()
