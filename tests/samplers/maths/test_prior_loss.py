"""What another task's trials say of a point: its order and its ends, whatever the scale."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.spatial.distance import pdist
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

from optuna_hpx.samplers.maths.losses import transformed
from optuna_hpx.samplers.maths.prior_loss import PriorLoss, spread_out

GROUPS = [slice(0, 1), slice(1, 2)]


def _trials(n: int = 60) -> tuple[np.ndarray, np.ndarray]:
    X = np.random.default_rng(0).random((n, 2))
    return X, (X[:, 0] - 0.3) ** 2 + 0.2 * X[:, 1]


def test_h_is_as_the_loss_between_nought_and_one() -> None:
    X, losses = _trials()
    h = PriorLoss.fit(X, losses, GROUPS).at(X)
    assert (h.min(), h.max()) == (0.0, 1.0)
    new = np.random.default_rng(1).random((200, 2))
    truth = (new[:, 0] - 0.3) ** 2 + 0.2 * new[:, 1]
    assert stats.spearmanr(PriorLoss.fit(X, losses, GROUPS).at(new), truth)[0] > 0.99


def test_it_is_the_prediction_of_scikit_learn() -> None:
    X, losses = _trials()
    prior = PriorLoss.fit(X, losses, GROUPS)
    theta = np.exp(prior.process.theta)
    kernel = ConstantKernel(theta[2]) * Matern(np.sqrt(theta[:2]), nu=2.5)
    kernel += WhiteKernel(theta[3] + 1e-6)
    peer = GaussianProcessRegressor(kernel, optimizer=None, alpha=0.0).fit(X, transformed(losses))
    new = np.random.default_rng(1).random((50, 2))
    expected = (peer.predict(new) - prior.low) / (prior.high - prior.low)
    assert prior.at(new) == pytest.approx(expected, abs=1e-6)


def test_the_scale_does_not_matter() -> None:
    X, losses = _trials()
    one, two = PriorLoss.fit(X, losses, GROUPS), PriorLoss.fit(X, 1e5 * losses - 3e6, GROUPS)
    assert one.at(X) == pytest.approx(two.at(X), abs=1e-3)


def test_equal_losses_and_no_points() -> None:
    X, losses = _trials()
    prior = PriorLoss.fit(X, 0.0 * losses, GROUPS)
    assert np.isfinite(prior.at(X)).all()
    assert prior.at(X[:0]).shape == (0,)


def test_trials_without_a_loss_count_as_the_worst() -> None:
    X, losses = _trials()
    losses = np.where(X[:, 0] > 0.6, np.nan, losses)
    h = PriorLoss.fit(X, losses, GROUPS).at(np.array([[0.3, 0.1], [0.9, 0.1]]))
    assert h[0] + 0.5 < h[1]


def test_good_points_that_are_apart() -> None:
    X, losses = _trials(500)
    rows = spread_out(X, losses, 5, 0.1)
    assert rows[0] == np.argmin(losses)
    assert (np.diff(losses[rows]) > 0.0).all()
    assert pdist(X[rows]).min() >= 0.1
    assert len(spread_out(X, losses, 5, 10.0)) == 1
    assert len(spread_out(X, np.full(500, np.nan), 5, 0.1)) == 0
    odd = np.array([-np.inf, 3.0, 1.0, 2.0, np.nan, np.inf])
    assert spread_out(np.arange(6.0)[:, None], odd, 5, 0.1).tolist() == [2, 3, 1]
