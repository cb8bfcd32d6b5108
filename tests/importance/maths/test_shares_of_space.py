"""Shares of the space: of the nearest trials, stacked models, their skill, and back to losses."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize
from sklearn.metrics import r2_score

from optuna_hpx.importance.maths import shares_of_space
from optuna_hpx.statistics.ranks import weighted_shares


def test_shares_of_space_are_those_of_the_nearest_trials(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a line: half the gap to either neighbour; of very many trials every other one counts."""
    known = np.array([0.1, 0.3, 0.35, 0.9])[:, None]
    points = np.linspace(0.0, 1.0, 100_001)[:, None]
    shares = 0.8 * np.array([0.2, 0.125, 0.3, 0.375]) + 0.2 / 4
    np.testing.assert_allclose(shares_of_space.nearest(known, points), shares, atol=1e-4)
    monkeypatch.setattr(shares_of_space, "_MAX_COMPARED", 2)
    monkeypatch.setattr(shares_of_space, "_DISTANCES_PER_CHUNK", 1000)
    shares = 0.8 * np.array([0.225, 0.0, 0.775, 0.0]) + 0.2 / 4
    np.testing.assert_allclose(shares_of_space.nearest(known, points), shares, atol=1e-4)


@pytest.mark.parametrize("target", [0.3, 0.0, 1.0, -1.0, 2.0])
def test_stacked_weights_are_those_of_least_squares(target: float) -> None:
    """Against a search of the weight in [0, 1]; the best may be one model alone."""
    rng = np.random.default_rng(0)
    unseen = rng.random((50, 2))
    share = unseen @ [target, 1.0 - target] + 0.05 * rng.normal(size=50)
    weights = shares_of_space.stack(unseen, share)

    def error(first: float) -> float:
        return float(np.square(unseen @ [first, 1.0 - first] - share).sum())

    best = optimize.minimize_scalar(error, bounds=(0.0, 1.0), method="bounded").x
    assert weights[0] == pytest.approx(best, abs=1e-4)
    assert weights.sum() == 1.0
    assert weights.min() >= 0.0


def test_models_that_agree_are_stacked_somehow() -> None:
    same = np.linspace(0.0, 1.0, 5)
    weights = shares_of_space.stack(np.column_stack([same, same]), same)
    assert weights.sum() == 1.0
    assert weights.min() >= 0.0


def test_skill_is_a_weighted_r2_and_never_negative() -> None:
    rng = np.random.default_rng(1)
    share, weights = rng.random(40), rng.dirichlet(np.ones(40))
    unseen = share + 0.1 * rng.normal(size=40)
    expected = r2_score(share, unseen, sample_weight=weights)
    assert shares_of_space.skill(unseen, share, weights) == pytest.approx(expected)
    assert shares_of_space.skill(share, share, weights) == 1.0
    assert shares_of_space.skill(1.0 - share, share, weights) == 0.0


def test_losses_of_several_rows_are_those_of_each() -> None:
    rng = np.random.default_rng(2)
    losses = np.sort(rng.integers(0, 9, 30)).astype(float)
    share = weighted_shares(losses, np.full(30, 1 / 30))
    rows = rng.uniform(-0.2, 1.2, (4, 7))
    at = shares_of_space.losses_at(rows, share, losses)
    for row, expected in zip(rows, at, strict=True):
        np.testing.assert_array_equal(shares_of_space.losses_at(row, share, losses), expected)


def test_losses_at_the_shares_of_the_trials_are_theirs() -> None:
    losses = np.random.default_rng(2).integers(8, size=30).astype(float)
    share = weighted_shares(losses, np.full(30, 1 / 30))
    np.testing.assert_allclose(shares_of_space.losses_at(share, share, losses), losses)


def test_losses_between_and_beyond_increase_and_stay_finite() -> None:
    share, losses = np.array([0.25, 0.75]), np.array([1.0, 3.0])
    predicted = np.array([-0.25, 0.25, 0.5, 0.75, 1.25])
    expected = [-1.0, 1.0, 2.0, 3.0, 5.0]
    np.testing.assert_allclose(shares_of_space.losses_at(predicted, share, losses), expected)
    huge = np.array([-8e307, 8e307])
    far = shares_of_space.losses_at(np.array([-0.5, 1.5]), share, huge)
    assert np.isfinite(far).all()
    assert far[0] < far[1]


def test_trials_of_one_loss_are_a_plateau() -> None:
    """Two trials at the best: half of the way to the next share is half of that theirs."""
    losses = np.array([1.0, 1.0, 2.0, 3.0])
    share = weighted_shares(losses, np.full(4, 0.25))  # .25, .25, .625, .875
    predicted = np.array([-0.2, 0.1, 0.25, 0.34, 0.36, 0.625, 0.75])
    found = shares_of_space.losses_at(predicted, share, losses)
    assert found[:4].tolist() == [1.0] * 4
    assert 1.0 < found[4] < found[5] == 2.0
    assert found[6] == 2.5


def test_two_classes_part_half_way() -> None:
    labels = np.repeat([-1.0, 1.0], [100, 900])
    share = weighted_shares(labels, np.full(1000, 1e-3))  # .05 and .55
    found = shares_of_space.losses_at(np.array([0.05, 0.29, 0.31, 0.9]), share, labels)
    assert np.sign(found).tolist() == [-1, -1, 1, 1]
    assert found[0] == -1.0
    assert found[3] == 1.0
