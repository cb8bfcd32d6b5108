"""Groups of trials: what chance gives HSIC, effective sizes, and R2 beyond chance."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from optuna_hpx.importance.maths.hsic import hsic, r2, scores
from optuna_hpx.importance.maths.hsic_group import effective_size, null_mean, r2_beyond_chance
from optuna_hpx.importance.maths.kernels import kernel_of
from tests.importance.maths.groups import make_group


def test_mean_over_permutations_is_exact() -> None:
    rng = np.random.default_rng(0)
    x, w = rng.random(6), rng.random(6)
    w = w - w.mean()
    kernel = kernel_of(x, "sobolev")
    drawn = np.array([kernel.quadratic(np.array(p)) for p in permutations(w)]) / 36
    assert null_mean(kernel, w) == pytest.approx(drawn.mean(), abs=1e-14)


def test_r2_beyond_chance_is_near_the_unbiased_one() -> None:
    rng = np.random.default_rng(3)
    x = rng.random(400)
    y = x + 0.3 * rng.random(400)
    found = float(r2_beyond_chance([make_group(x, y)])[0])
    assert found == pytest.approx(r2(x, scores(y, "rank"), statistic="U"), abs=0.01)


def test_effective_size() -> None:
    rng = np.random.default_rng(8)
    y = rng.random(500)
    assert effective_size(make_group(rng.random(500), y)) == pytest.approx(500, rel=0.1)
    settled = effective_size(make_group(0.5 + 0.01 * rng.random(500), y))
    assert settled < 20


def test_hsic_of_the_group_is_that_of_the_trials() -> None:
    rng = np.random.default_rng(10)
    x, y = rng.random(50), rng.random(50)
    group = make_group(x, y)
    v = float(group.kernel.quadratic(group.w)) / 2500
    assert v == pytest.approx(hsic(x, scores(y, "rank")), abs=1e-15)
