"""HSIC against dense algebra, openturns, closed forms, and values worked out elsewhere."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from optuna_hpx.importance.maths.hsic import hsic, r2, scores, self_hsic
from optuna_hpx.importance.maths.kernels import KERNELS, kernel_of


def _dense(kernel: str, x: np.ndarray, h: float) -> NDArray[np.float64]:
    d = np.abs(x[:, None] - x)
    if kernel == "sobolev":
        return np.asarray(1.0 + np.outer(x - 0.5, x - 0.5) + 0.5 * (d**2 - d + 1.0 / 6.0))
    if kernel == "kronecker":
        return np.asarray(d == 0.0, dtype=float)
    return np.asarray(np.exp(-d / h) if kernel == "laplace" else np.exp(-(d**2) / (2.0 * h**2)))


def _v(k: np.ndarray, m: np.ndarray) -> float:
    n = len(k)
    h = np.eye(n) - 1.0 / n
    return float(np.trace(k @ h @ m @ h)) / n**2


def _u(k: np.ndarray, m: np.ndarray) -> float:
    """Song et al. (2012), equation 5, with matrices."""
    n, one = len(k), np.ones(len(k))
    k, m = k - np.diag(np.diag(k)), m - np.diag(np.diag(m))
    pairs = (one @ k @ one) * (one @ m @ one) / ((n - 1) * (n - 2))
    total = np.trace(k @ m) + pairs - 2.0 / (n - 2) * (one @ k @ m @ one)
    return float(total) / (n * (n - 3))


def _sample(kind: str) -> NDArray[np.float64]:
    x = np.random.default_rng(0).random(60)
    return {"distinct": x, "tied": np.round(5 * x) / 5, "constant": np.zeros(60)}[kind]


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("kind", ["distinct", "tied", "constant"])
@pytest.mark.parametrize("h", [0.2, 0.0005])
def test_equals_dense_algebra(kernel: str, kind: str, h: float) -> None:
    x, s = _sample(kind), np.random.default_rng(1).standard_normal(60)
    k = _dense(kernel, x, h)
    bandwidth = h if kernel in ("laplace", "gaussian") else None
    outer = np.outer(s, s)
    options = {"kernel": kernel, "bandwidth": bandwidth}
    assert hsic(x, s, **options) == pytest.approx(_v(k, outer), abs=1e-13)  # type: ignore[arg-type]
    u = hsic(x, s, statistic="U", **options)  # type: ignore[arg-type]
    assert u == pytest.approx(_u(k, outer), abs=1e-13)
    fast = kernel_of(x, kernel, bandwidth)
    assert self_hsic(fast) == pytest.approx(_v(k, k), abs=1e-13)
    assert self_hsic(fast, "U") == pytest.approx(_u(k, k), abs=1e-13)
    assert fast.row_sums() == pytest.approx(k.sum(axis=1), abs=1e-11)


def test_u_statistic_is_the_mean_over_distinct_quadruples() -> None:
    rng = np.random.default_rng(3)
    x, s = rng.random(7), rng.random(7)
    k, m = _dense("sobolev", x, 1.0), np.outer(s, s)
    from itertools import permutations

    values = [
        k[i, j] * (m[i, j] + m[q, r] - 2.0 * m[i, q]) for i, j, q, r in permutations(range(7), 4)
    ]
    assert hsic(x, s, statistic="U") == pytest.approx(np.mean(values), abs=1e-14)


def test_values_worked_out_elsewhere() -> None:
    """By traces of dense matrices; the first also by the code of the paper's authors."""
    x = np.random.default_rng(0).random((60, 3))
    y = (x[:, 0] - 0.3) ** 2 + 0.5 * (x[:, 1] - 0.6) ** 2
    z = (np.argsort(np.argsort(y)) < 12).astype(float)
    gaussian = hsic(x[:, 0], z, kernel="gaussian", bandwidth=0.2)
    assert gaussian == pytest.approx(0.0143321481739515, abs=1e-15)
    assert hsic(x[:, 0], z) == pytest.approx(0.00376623247226827, abs=1e-15)
    laplace = hsic(x[:, 0], z, kernel="laplace", bandwidth=0.3)
    assert laplace == pytest.approx(0.0103334300504624, abs=1e-15)
    of_gaussian = r2(x[:, 0], z, kernel="gaussian", bandwidth=0.2)
    assert of_gaussian == pytest.approx(0.245246356103155, abs=1e-14)


@pytest.mark.parametrize("a", [0.05, 0.2, 0.5])
def test_threshold_on_even_draws_has_a_closed_form(a: float) -> None:
    """x even on [0, 1], Z = 1{x < a}: HSIC = a^2 (1 - a)^2 / 3."""
    x = (np.arange(100_000) + 0.5) / 100_000
    assert hsic(x, x < a) == pytest.approx(a**2 * (1.0 - a) ** 2 / 3.0, rel=1e-4)


def test_goal_oriented_hsic_is_a_maximum_mean_discrepancy() -> None:
    """p^2 MMD^2 of the best and all (Novello et al., their estimator)."""
    x, y = _sample("distinct"), np.random.default_rng(5).random(60)
    top = y <= np.sort(y)[11]
    k = _dense("sobolev", x, 1.0)
    mmd = k.mean() + k[np.ix_(top, top)].mean() - 2.0 * k[:, top].mean()
    assert hsic(x, top) == pytest.approx(0.2**2 * mmd, abs=1e-15)


def test_openturns_agrees() -> None:
    ot = pytest.importorskip("openturns")
    x, y = _sample("distinct"), np.random.default_rng(6).random(60)
    z = (y <= np.sort(y)[11]).astype(float)
    models = ot.CovarianceModelCollection()
    for scale in (0.2, 0.6):
        models.add(ot.SquaredExponential([scale]))
    inputs, output = ot.Sample(x[:, None]), ot.Sample(z[:, None])
    # A binary output with a Gaussian kernel of width 0.6 is the linear kernel, times a number.
    times = 2.0 * (1.0 - np.exp(-1.0 / (2.0 * 0.6**2)))
    for name, statistic in (("V", ot.HSICVStat()), ("U", ot.HSICUStat())):
        theirs = ot.HSICEstimatorGlobalSensitivity(models, inputs, output, statistic)
        ours = hsic(x, z, kernel="gaussian", bandwidth=0.2, statistic=name)
        assert times * ours == pytest.approx(theirs.getHSICIndices()[0], abs=1e-12)
        ours = r2(x, z, kernel="gaussian", bandwidth=0.2, statistic=name)
        assert ours == pytest.approx(theirs.getR2HSICIndices()[0], abs=1e-10)


def test_what_openturns_printed() -> None:
    """The same by openturns 1.27, for machines without it."""
    x, y = _sample("distinct"), np.random.default_rng(6).random(60)
    z = (y <= np.sort(y)[11]).astype(float)
    times = 2.0 * (1.0 - np.exp(-1.0 / (2.0 * 0.6**2)))
    for name, index, share in (
        ("V", 0.006071599389152071, 0.0706932350492532),
        ("U", 0.003854466740008905, 0.04497653082006326),
    ):
        ours = hsic(x, z, kernel="gaussian", bandwidth=0.2, statistic=name)
        assert times * ours == pytest.approx(index, abs=1e-12)
        ours = r2(x, z, kernel="gaussian", bandwidth=0.2, statistic=name)
        assert ours == pytest.approx(share, abs=1e-12)
    laplace = hsic(x, z, kernel="laplace", bandwidth=0.3)
    assert times * laplace == pytest.approx(0.005073263715493123, abs=1e-12)


def test_order_of_categories_does_not_matter() -> None:
    rng = np.random.default_rng(7)
    codes, s = rng.integers(0, 5, 80), rng.random(80)
    renamed = np.array([3, 0, 4, 1, 2])[codes]
    once = hsic(codes, s, kernel="kronecker")
    assert hsic(renamed, s, kernel="kronecker") == pytest.approx(once, abs=1e-16)


def test_a_constant_added_to_the_score_changes_nothing() -> None:
    x, s = _sample("distinct"), np.random.default_rng(8).random(60)
    for statistic in ("V", "U"):
        plain = hsic(x, s, statistic=statistic)
        assert hsic(x, s + 7.0, statistic=statistic) == pytest.approx(plain, abs=1e-13)


def test_constants_depend_on_nothing() -> None:
    x = _sample("distinct")
    assert r2(x, np.ones(60)) == 0.0
    assert r2(np.full(60, 0.3), x) == 0.0
    assert r2(np.full(60, 0.77), x, kernel="gaussian") == 0.0
    assert hsic(x, np.ones(60)) == pytest.approx(0.0, abs=1e-16)


def test_scores_share_ties_and_fall_with_the_key() -> None:
    keys = np.array([3.0, 1.0, 2.0, 2.0, np.inf])
    assert scores(keys, "rank") == pytest.approx(-np.array([4, 1, 2.5, 2.5, 5]) / 5)
    assert scores(keys, "log_rank") == pytest.approx(-np.log(np.array([4, 1, 2.5, 2.5, 5]) / 5))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"kernel": "linear"}, "`kernel` must be one of"),
        ({"statistic": "W"}, "`statistic` must be 'V' or 'U'"),
        ({"kernel": "laplace", "bandwidth": 0.0}, "`bandwidth` must be positive"),
        ({"kernel": "gaussian", "bandwidth": np.inf}, "`bandwidth` must be positive"),
    ],
)
def test_bad_options(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        hsic(np.linspace(0, 1, 9), np.arange(9.0), **arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("x", "s", "message"),
    [
        (np.array([0.0, 2.0]), np.ones(2), "`x` must lie in"),
        (np.array([0.0, np.nan]), np.ones(2), "`x` must lie in"),
        (np.zeros((2, 2)), np.ones(2), "`x` must have the shape"),
        (np.zeros(0), np.zeros(0), "`x` must hold at least one trial"),
        (np.zeros(2), np.ones(3), "`score` must have the shape"),
        (np.zeros(2), np.array([0.0, np.nan]), "`score` must be finite"),
    ],
)
def test_bad_arrays(x: np.ndarray, s: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        hsic(x, s)


def test_u_needs_four_trials() -> None:
    with pytest.raises(ValueError, match="at least 4 trials, got 3"):
        hsic(np.zeros(3), np.arange(3.0), statistic="U")
