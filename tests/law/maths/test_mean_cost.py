"""What a draw costs, and what a budget pays for."""

from __future__ import annotations

import numpy as np
import pytest

from optuna_hpx.law.maths.mean_cost import mean_cost


def test_students_interval_by_hand() -> None:
    """t of 2 degrees of freedom at 97.5 % is 4.303; the costs deviate by 1."""
    cost = mean_cost(np.array([9.0, 10.0, 11.0]), 0.95)
    assert (cost.mean, cost.n) == (10.0, 3)
    assert cost.high == pytest.approx(10.0 + 4.303 / np.sqrt(3), abs=1e-3)
    assert cost.low == pytest.approx(10.0 - 4.303 / np.sqrt(3), abs=1e-3)


def test_interval_holds() -> None:
    rng = np.random.default_rng(0)
    held = []
    for _ in range(1000):
        cost = mean_cost(rng.gamma(4.0, 1.0, 30), 0.9)
        held.append(cost.low <= 4.0 <= cost.high)
    assert np.mean(held) == pytest.approx(0.9, abs=0.03)


def test_a_budget_pays_for_fewer_where_a_draw_may_cost_more() -> None:
    least, about, most = mean_cost(np.array([1.0, 2.0, 3.0]), 0.9).draws_for([10.0, 100.0])
    assert about.tolist() == [5.0, 50.0]
    assert np.all(least < about)
    assert np.all(about < most)


def test_bounds_are_positive_whatever_the_costs() -> None:
    assert mean_cost(np.array([1.0, 1000.0]), 0.99).low > 0.0
    single = mean_cost(np.array([5.0]), 0.95)
    assert 0.0 < single.low < single.mean == 5.0
    assert np.isinf(single.high)
