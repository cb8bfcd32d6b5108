"""Tests, intervals and effective sizes of HSIC, by simulation and by enumeration."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy import stats

from optuna_hpx.importance.maths import hsic_inference
from optuna_hpx.importance.maths.hsic import self_hsic
from optuna_hpx.importance.maths.hsic_group import (
    Group,
)
from optuna_hpx.importance.maths.hsic_inference import infer
from tests.importance.maths.groups import make_group


def test_mean_over_signs_is_exact() -> None:
    rng = np.random.default_rng(1)
    group = make_group(rng.random(6), rng.random(6))
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


@pytest.mark.parametrize("kind", ["rank", "indicator"])
def test_size(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Standard error 0.011 of 400 repetitions at 5 %; two parameters, one of choices."""
    no_interval = (0.0, 1.0, np.zeros(hsic_inference.N_DRAWS))  # p-values do not need one
    monkeypatch.setattr(hsic_inference, "interval", lambda *_: no_interval)
    p, family = [], []
    for seed in range(400):
        rng = np.random.default_rng([seed, 4])
        y = rng.random(60)
        groups = [
            [make_group(rng.random(60), y, kind)],
            [make_group(rng.integers(0, 3, 60), y, kind, "kronecker")],
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
    weak, strong = make_group(x, x + 1.5 * rng.random(200)), make_group(x, x)
    found = infer([[weak], [strong]], 199, 0.95, rng)
    assert found.p_values[1] < found.p_values[0] < 1.0 / 200.0
    assert (found.p_values_familywise == 1.0 / 200.0).all()


def test_parameters_without_trials() -> None:
    found = infer([[]], 99, 0.95, np.random.default_rng(0))
    assert found.p_values.tolist() == [1.0]
    assert infer([], 99, 0.95, np.random.default_rng(0)).r2.shape == (0,)
