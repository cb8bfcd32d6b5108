"""The expansion for little noise, beside the quadrature and a closed form."""

from __future__ import annotations

import numpy as np
import pytest

from optuna_hpx.law.maths.expansion import REACH, expanded
from optuna_hpx.law.maths.quadratic import partials


def test_an_even_number_of_hyperparameters_has_moments_in_closed_form() -> None:
    """Of gamma 4, F is the mean of (z - s e)^2, and of gamma 6 that of its cube."""
    z, s = np.array([0.5]), np.array([0.04])
    assert expanded(z, s, np.array([4.0]))[0] == pytest.approx(0.5**2 + 0.04**2, rel=1e-14)
    cdf, slope, by_scale, by_noise = expanded(z, s, np.array([6.0]))
    assert cdf == pytest.approx(0.5**3 + 3.0 * 0.5 * 0.04**2, rel=1e-14)
    assert slope == pytest.approx(3.0 * 0.5**2 + 3.0 * 0.04**2, rel=1e-14)
    assert by_scale == pytest.approx(-3.0 * cdf, rel=1e-14)
    assert by_noise == pytest.approx(2.0 * 3.0 * 0.5 * 0.04**2, rel=1e-14)


def test_it_is_the_quadrature_up_to_where_it_ends() -> None:
    """With 48 nodes all is integrated, with fewer the far losses are expanded."""
    rng = np.random.default_rng(0)
    s = np.exp(rng.uniform(-12.0, np.log(1.0 / 17.0), 5000))
    z = REACH * s + rng.random(5000) * (1.0 - 2.0 * REACH * s)
    gamma = rng.integers(1, 11, 5000).astype(float)
    arguments = (2.0 * z + 3.0, 3.0, 2.0, gamma, 2.0 * s)
    exact, quick = partials(*arguments), partials(*arguments, n_nodes=16)
    for name in exact._fields:
        largest = np.abs(getattr(exact, name)).max()
        np.testing.assert_allclose(
            getattr(quick, name), getattr(exact, name), rtol=1e-7, atol=2e-8 * max(largest, 1.0)
        )


def test_near_and_far_losses_are_worked_out_side_by_side() -> None:
    """A law with losses of both kinds is that of one loss after the other."""
    y = np.linspace(-0.1, 1.1, 40)
    together = partials(y, 0.0, 1.0, 3.0, 0.02, n_nodes=24)
    for row, loss in enumerate(y.tolist()):
        alone = partials(np.array([loss]), 0.0, 1.0, 3.0, 0.02, n_nodes=24)
        for name in together._fields:
            assert getattr(together, name)[row] == pytest.approx(
                getattr(alone, name)[0], rel=1e-12
            )
