from __future__ import annotations

import numpy as np
import pytest

from optuna_hpx.statistics.evenness import is_uneven_choice, is_uneven_position


@pytest.mark.parametrize("n", [5, 50, 5000])
def test_even_draws_are_even(n: int) -> None:
    rng = np.random.default_rng(n)
    for _ in range(200):
        assert not is_uneven_position(rng.random(n))
        assert not is_uneven_choice(rng.multinomial(n, [0.25] * 4))


def test_half_of_the_trials_in_a_tenth_of_the_range() -> None:
    u = np.random.default_rng(0).random(200)
    u[::2] = 0.8 + 0.1 * u[::2]
    assert is_uneven_position(u)
    assert is_uneven_choice(np.array([80, 10, 10]))


def test_little_is_never_sure() -> None:
    assert not is_uneven_position(np.array([0.9, 0.91, 0.92]))
    assert not is_uneven_position(np.empty(0))
    assert not is_uneven_choice(np.array([3, 0]))
    assert not is_uneven_choice(np.array([100]))
