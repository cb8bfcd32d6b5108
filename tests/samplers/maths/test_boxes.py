"""Boxes are disjoint, fill what is not dominated, and are few."""

from __future__ import annotations

import numpy as np
import pytest

from optuna_hpx.samplers.maths.boxes import undominated_boxes


def _front(k: int, m: int, seed: int) -> np.ndarray:
    z = np.abs(np.random.default_rng(seed).standard_normal((k, m)))
    return np.asarray(1.0 - 0.9 * z / np.linalg.norm(z, axis=1, keepdims=True))


@pytest.mark.parametrize("m", [2, 3, 4])
@pytest.mark.parametrize("k", [0, 1, 7])
def test_each_point_is_in_one_box_unless_it_is_dominated(m: int, k: int) -> None:
    front, reference = _front(k, m, seed=m), np.full(m, 1.1)
    lower, upper = undominated_boxes(front, reference)
    points = np.random.default_rng(1).uniform(-0.5, 1.3, (2000, m))
    is_inside = (lower < points[:, None]) & (points[:, None] <= upper)
    is_dominated = (front <= points[:, None]).all(axis=2).any(axis=1)
    is_of_interest = (points <= reference).all(axis=1)
    assert (
        is_inside.all(axis=2).sum(axis=1).tolist()
        == (is_of_interest & ~is_dominated).astype(int).tolist()
    )
    assert len(set(is_dominated.tolist())) == 1 + (k > 0)


@pytest.mark.parametrize(("m", "most"), [(2, 41), (3, 81)])
def test_there_are_few(m: int, most: int) -> None:
    lower, upper = undominated_boxes(_front(40, m, seed=0), np.full(m, 1.1))
    assert len(lower) == len(upper) == most


@pytest.mark.parametrize("m", [2, 3])
def test_equal_and_dominated_trials_and_those_beyond_do_not_matter(m: int) -> None:
    front, reference = _front(6, m, seed=5), np.full(m, 1.0)
    beyond = np.vstack([np.full(m, 1.0), np.append(np.full(m - 1, -3.0), 1.2)])
    longer = np.vstack([front[::-1], front[:2], front[:3] + 0.01, beyond])
    for ours, theirs in zip(
        undominated_boxes(longer, reference), undominated_boxes(front, reference), strict=True
    ):
        assert ours[np.lexsort(ours.T)].tolist() == theirs[np.lexsort(theirs.T)].tolist()


@pytest.mark.parametrize("m", [2, 3, 4])
@pytest.mark.parametrize("seed", range(4))
def test_of_trials_that_agree_in_some_objectives(m: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    front = rng.integers(1, 5, (12, m)).astype(float)
    front = front[rng.permutation(len(front))]
    lower, upper = undominated_boxes(front, np.full(m, 5.5))
    points = rng.uniform(0.0, 6.0, (1000, m))
    is_inside = ((lower < points[:, None]) & (points[:, None] <= upper)).all(axis=2)
    is_dominated = (front <= points[:, None]).all(axis=2).any(axis=1)
    is_free = (points <= 5.5).all(axis=1) & ~is_dominated
    assert is_inside.sum(axis=1).tolist() == is_free.astype(int).tolist()


def test_of_many_boxes_the_last_trials_are_left_out() -> None:
    front, reference = _front(400, 5, seed=0), np.full(5, 1.1)
    lower, upper = undominated_boxes(front, reference)
    assert 1000 < len(lower) < 2000
    points = np.random.default_rng(1).uniform(-0.5, 1.1, (500, 5))
    is_inside = ((lower < points[:, None]) & (points[:, None] <= upper)).all(axis=2).sum(axis=1)
    assert is_inside.max() == 1
    is_dominated = (front[:20] <= points[:, None]).all(axis=2).any(axis=1)
    assert (is_inside[is_dominated] == 0).all()
