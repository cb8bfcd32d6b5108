from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from optuna_hpx.importance.maths.ablation import (
    all_sets,
    greedy_order,
    orders,
    sets_along,
    shapley,
)


def _number(sets: np.ndarray) -> np.ndarray:
    return sets @ (1 << np.arange(sets.shape[1]))


def _by_brute_force(losses: np.ndarray, k: int) -> np.ndarray:
    """The mean over all k! orders, by its definition; ``losses`` by the number of a set."""
    total = np.zeros(k)
    count = 0
    for order in permutations(range(k)):
        made = 0
        for change in order:
            total[change] += losses[made | 1 << change] - losses[made]
            made |= 1 << change
        count += 1
    return total / count


@pytest.mark.parametrize("k", [1, 2, 3, 5, 6])
def test_exact_values_are_the_mean_over_all_orders(k: int) -> None:
    rng = np.random.default_rng(k)
    losses = rng.normal(size=2**k)
    rule = shapley(k, 2, 12, rng)
    np.testing.assert_allclose(rule.values(losses), _by_brute_force(losses, k), atol=1e-12)
    assert (rule.standard_error(losses) == 0.0).all()


def test_many_losses_at_once() -> None:
    rng = np.random.default_rng(0)
    losses = rng.normal(size=(7, 16))
    rule = shapley(4, 2, 12, rng)
    one_by_one = [_by_brute_force(row, 4) for row in losses]
    np.testing.assert_allclose(rule.values(losses), one_by_one, atol=1e-12)


@pytest.mark.parametrize("max_exact", [12, 2])
def test_of_an_additive_loss_each_change_is_worth_what_it_adds(max_exact: int) -> None:
    """In closed form, and from drawn orders without an error, too."""
    worth = np.array([3.0, -1.0, 0.0, 0.25, 7.0])
    rule = shapley(5, 3, max_exact, np.random.default_rng(0))
    losses = 2.0 + rule.sets @ worth
    np.testing.assert_allclose(rule.values(losses), worth, atol=1e-12)
    np.testing.assert_allclose(rule.standard_error(losses), 0.0, atol=1e-12)


def test_the_values_sum_to_the_whole_change() -> None:
    rng = np.random.default_rng(1)
    for k, max_exact in ((8, 12), (15, 12)):
        rule = shapley(k, 20, max_exact, rng)
        of_set = {0: 0.5}
        losses = np.array([of_set.setdefault(int(m), rng.normal()) for m in _number(rule.sets)])
        whole = of_set[2**k - 1] - of_set[0]
        assert rule.values(losses).sum() == pytest.approx(whole)


def test_drawn_orders_are_within_their_standard_error_of_the_exact_values() -> None:
    """A pair of changes that only work together, among ten others; 400 repetitions."""
    rng = np.random.default_rng(2)
    k = 6
    losses = rng.normal(size=2**k)
    exact = shapley(k, 2, 12, rng).values(losses)
    deviations = []
    for _ in range(400):
        rule = shapley(k, 30, 2, rng)
        drawn = losses[_number(rule.sets)]
        deviations.append((rule.values(drawn) - exact) / rule.standard_error(drawn))
    deviation = np.array(deviations)
    # Means of 30 pairs: nearly standard normal, with the tails of Student's t of 29 degrees.
    assert np.abs(deviation.mean(axis=0)).max() < 4.0 / np.sqrt(400)
    np.testing.assert_allclose(deviation.std(axis=0), 1.03, atol=0.15)


def test_an_order_is_followed_by_its_reverse() -> None:
    drawn = orders(5, 4, np.random.default_rng(0))
    assert drawn.shape == (8, 5)
    assert (np.sort(drawn, axis=1) == np.arange(5)).all()
    np.testing.assert_array_equal(drawn[0::2], drawn[1::2, ::-1])


def test_sets_along_an_order() -> None:
    along = sets_along(np.array([2, 0, 1]))
    assert along.astype(int).tolist() == [[0, 0, 0], [0, 0, 1], [1, 0, 1], [1, 1, 1]]


def test_all_sets_are_numbered_by_their_bits() -> None:
    sets = all_sets(3)
    assert _number(sets).tolist() == list(range(8))


def test_the_greedy_order_is_that_of_a_search_by_hand() -> None:
    rng = np.random.default_rng(3)
    losses = rng.normal(size=2**5)
    order = greedy_order(5, lambda sets: losses[_number(sets)])
    made = 0
    for change in order:
        left = [c for c in range(5) if not made >> c & 1]
        assert losses[made | 1 << change] == min(losses[made | 1 << c] for c in left)
        made |= 1 << int(change)
    assert sorted(order.tolist()) == list(range(5))


def test_of_equal_changes_the_first_comes_first() -> None:
    assert greedy_order(3, lambda sets: np.zeros(len(sets))).tolist() == [0, 1, 2]
