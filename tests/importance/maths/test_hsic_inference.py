"""Tests, intervals and effective sizes of HSIC, by simulation and by enumeration."""

from __future__ import annotations

from itertools import permutations, product

import numpy as np
import pytest
from scipy import stats

from optuna_hpx.importance.maths.hsic import hsic, r2, scores, self_hsic
from optuna_hpx.importance.maths.hsic_group import (
    Group,
    effective_size,
    null_mean,
    r2_beyond_chance,
)
from optuna_hpx.importance.maths.hsic_inference import infer
from optuna_hpx.importance.maths.kernels import kernel_of


def _group(x: np.ndarray, y: np.ndarray, kind: str = "rank", kernel: str = "sobolev") -> Group:
    n = len(x)
    order = np.argsort(y, kind="stable")
    if kind == "rank":
        score, slope = scores(y, "rank"), np.full(n, -1.0)
    else:
        m = n // 5
        score = np.isin(np.arange(n), order[:m]).astype(float)
        near = slice(m - m // 3, m + m // 3)
        slope = np.zeros(n)
        slope[near] = -n / len(slope[near])
    return Group(
        rows=np.arange(n),
        kernel=kernel_of(x, kernel),
        w=score - score.mean(),
        weight=1.0,
        order=order,
        slope=slope,
        phi=None,
        variance=float(np.var(score)),
    )


def test_mean_over_permutations_is_exact() -> None:
    rng = np.random.default_rng(0)
    x, w = rng.random(6), rng.random(6)
    w = w - w.mean()
    kernel = kernel_of(x, "sobolev")
    drawn = np.array([kernel.quadratic(np.array(p)) for p in permutations(w)]) / 36
    assert null_mean(kernel, w) == pytest.approx(drawn.mean(), abs=1e-14)


def test_mean_over_signs_is_exact() -> None:
    rng = np.random.default_rng(1)
    group = _group(rng.random(6), rng.random(6))
    group = Group(**{**group.__dict__, "phi": rng.standard_normal((6, 3))})
    squares = [
        np.sum(((np.array(sign) * group.w) @ group.phi) ** 2) / 36
        for sign in product([-1.0, 1.0], repeat=6)
    ]
    found = infer([[group]], 20_000, 0.95, np.random.default_rng(2))
    t_of_mean = (np.sum((group.w @ group.phi) ** 2) / 36 - np.mean(squares)) / np.sqrt(
        hsic_of(group)
    )
    assert found.r2[0] == pytest.approx(t_of_mean, rel=1e-10)
    exact = np.mean(np.array(squares) >= np.sum((group.w @ group.phi) ** 2) / 36 - 1e-12)
    assert found.p_values[0] == pytest.approx(exact, abs=4 * np.sqrt(exact / 20_000))


def hsic_of(group: Group) -> float:
    return self_hsic(group.kernel) * group.variance**2


def test_r2_beyond_chance_is_near_the_unbiased_one() -> None:
    rng = np.random.default_rng(3)
    x = rng.random(400)
    y = x + 0.3 * rng.random(400)
    found = float(r2_beyond_chance([_group(x, y)])[0])
    assert found == pytest.approx(r2(x, scores(y, "rank"), statistic="U"), abs=0.01)


@pytest.mark.parametrize("kind", ["rank", "indicator"])
def test_size(kind: str) -> None:
    """Standard error 0.011 of 400 repetitions at 5 %; two parameters, one of choices."""
    p, family = [], []
    for seed in range(400):
        rng = np.random.default_rng([seed, 4])
        y = rng.random(60)
        groups = [
            [_group(rng.random(60), y, kind)],
            [_group(rng.integers(0, 3, 60), y, kind, "kronecker")],
        ]
        found = infer(groups, 99, 0.95, rng)
        p.append(found.p_values)
        family.append(found.p_values_familywise.min())
    assert np.mean(np.array(p) <= 0.05, axis=0) == pytest.approx([0.05, 0.05], abs=0.035)
    assert np.mean(np.array(family) <= 0.05) <= 0.085
    assert stats.kstest(np.array(p)[:, 0], "uniform").statistic < 0.09


def test_small_p_values_go_on_below_the_resolution_of_the_draws() -> None:
    rng = np.random.default_rng(5)
    x = rng.random(200)
    weak, strong = _group(x, x + 1.5 * rng.random(200)), _group(x, x)
    found = infer([[weak], [strong]], 199, 0.95, rng)
    assert found.p_values[1] < found.p_values[0] < 1.0 / 200.0
    assert (found.p_values_familywise == 1.0 / 200.0).all()


@pytest.mark.parametrize("kind", ["rank", "indicator"])
@pytest.mark.parametrize("effect", [0.0, 0.6, 3.0])
def test_coverage(kind: str, effect: float) -> None:
    """Of 95 % intervals; standard error 0.016 of 200 repetitions at 95 %."""

    def draw(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
        x = rng.random(n)
        return x, effect * x + rng.standard_normal(n)

    exact = 0.0
    if effect:
        exact = float(r2_beyond_chance([_group(*draw(np.random.default_rng(9), 60_000), kind)])[0])
    held = []
    for seed in range(200):
        rng = np.random.default_rng([seed, 6])
        found = infer([[_group(*draw(rng, 150), kind)]], 9, 0.95, rng)
        held.append(found.low[0] <= exact <= found.high[0])
    assert np.mean(held) >= 0.91


def test_no_interval_where_nothing_varies() -> None:
    rng = np.random.default_rng(7)
    found = infer([[_group(np.full(30, 0.5), rng.random(30))]], 99, 0.95, rng)
    assert (found.r2[0], found.low[0], found.high[0], found.p_values[0]) == (0.0, 0.0, 1.0, 1.0)


def test_effective_size() -> None:
    rng = np.random.default_rng(8)
    y = rng.random(500)
    assert effective_size(_group(rng.random(500), y)) == pytest.approx(500, rel=0.1)
    settled = effective_size(_group(0.5 + 0.01 * rng.random(500), y))
    assert settled < 20


def test_parameters_without_trials() -> None:
    found = infer([[]], 99, 0.95, np.random.default_rng(0))
    assert found.p_values.tolist() == [1.0]
    assert infer([], 99, 0.95, np.random.default_rng(0)).r2.shape == (0,)


def test_hsic_of_the_group_is_that_of_the_trials() -> None:
    rng = np.random.default_rng(10)
    x, y = rng.random(50), rng.random(50)
    group = _group(x, y)
    v = float(group.kernel.quadratic(group.w)) / 2500
    assert v == pytest.approx(hsic(x, scores(y, "rank")), abs=1e-15)
