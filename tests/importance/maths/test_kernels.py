"""Kernels: against dense matrices, their features, and the median of all distances."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from optuna_hpx.importance.maths.hsic import hsic, self_hsic
from optuna_hpx.importance.maths.kernels import KERNELS, centred_trace, kernel_of, median_distance


def _v(k: np.ndarray, m: np.ndarray) -> float:
    n = len(k)
    h = np.eye(n) - 1.0 / n
    return float(np.trace(k @ h @ m @ h)) / n**2


def _sample(kind: str) -> NDArray[np.float64]:
    x = np.random.default_rng(0).random(60)
    return {"distinct": x, "tied": np.round(5 * x) / 5, "constant": np.zeros(60)}[kind]


def _dense(kernel: str, x: np.ndarray, h: float) -> NDArray[np.float64]:
    d = np.abs(x[:, None] - x)
    if kernel == "sobolev":
        return np.asarray(1.0 + np.outer(x - 0.5, x - 0.5) + 0.5 * (d**2 - d + 1.0 / 6.0))
    if kernel == "kronecker":
        return np.asarray(d == 0.0, dtype=float)
    return np.asarray(np.exp(-d / h) if kernel == "laplace" else np.exp(-(d**2) / (2.0 * h**2)))


@pytest.mark.parametrize("h", [2.0, 0.3, 0.1, 0.02, 0.003])
def test_gaussian_of_many_points_is_interpolated_without_loss(h: float) -> None:
    rng = np.random.default_rng(4)
    x, s = rng.random(700), rng.standard_normal(700)
    k = _dense("gaussian", x, h)
    exact = _v(k, np.outer(s, s))
    assert hsic(x, s, kernel="gaussian", bandwidth=h) == pytest.approx(exact, abs=1e-13)
    fast = kernel_of(x, "gaussian", h)
    assert fast.row_sums() == pytest.approx(k.sum(axis=1), abs=1e-10)
    assert self_hsic(fast) == pytest.approx(_v(k, k), abs=1e-12)


@pytest.mark.parametrize("kernel", KERNELS)
def test_features_span_the_kernel(kernel: str) -> None:
    x = _sample("tied" if kernel == "kronecker" else "distinct")
    phi = kernel_of(x, kernel).features()
    k = _dense(kernel, x, median_distance(x))
    assert np.abs(phi @ phi.T - k).mean() < 0.01  # exact for Kronecker's, low-rank for others


@pytest.mark.parametrize("kernel", KERNELS)
def test_spread_of_even_draws(kernel: str) -> None:
    x = np.random.default_rng(2).random(4000)
    x = np.floor(4.0 * x) if kernel == "kronecker" else x
    k = kernel_of(x, kernel, 0.3 if kernel in ("laplace", "gaussian") else None)
    n = len(x)
    spread = (k.diagonal.sum() - k.row_sums().sum() / n) / (n - 1)
    assert k.even_spread() == pytest.approx(spread, rel=0.05)


@pytest.mark.parametrize("n", [2, 3, 10, 101])
def test_median_distance(n: int) -> None:
    x = np.random.default_rng(n).random(n)
    d = np.sort(np.abs(x[:, None] - x)[np.triu_indices(n, 1)])
    assert median_distance(x) == pytest.approx(d[(len(d) - 1) // 2], abs=1e-12)


@pytest.mark.parametrize("kernel", KERNELS)
def test_trace_of_the_centred_matrix(kernel: str) -> None:
    x = np.random.default_rng(7).integers(0, 9, 30) / 8.0
    centring = np.eye(30) - 1.0 / 30
    exact = np.trace(centring @ _dense(kernel, x, 0.2))
    assert centred_trace(kernel_of(x, kernel, 0.2)) == pytest.approx(exact, rel=1e-9)
