"""Independent and adaptive trials are on one scale, whatever the kernel and the choices."""

from __future__ import annotations

import numpy as np
import optuna
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution

from optuna_hpx import HsicImportanceEvaluator, TrialTable
from optuna_hpx.importance._hsic_groups import Scored, groups_of, usable
from optuna_hpx.importance._regimes import regimes_of
from optuna_hpx.importance.maths.hsic_group import effective_size, r2_beyond_chance

_KERNELS = ("sobolev", "laplace", "gaussian")


def _table(c: int, n: int = 300) -> TrialTable:
    rng = np.random.default_rng(c)
    codes, u = rng.integers(0, c, n), rng.random(n)
    loss = 0.3 * (codes % 2) + u + 0.3 * rng.standard_normal(n)
    study = optuna.create_study()
    study.add_trials(
        [
            optuna.create_trial(
                params={"k": int(code), "u": float(x)},
                distributions={
                    "k": CategoricalDistribution(tuple(range(c))),
                    "u": FloatDistribution(0, 1),
                },
                value=float(value),
            )
            for code, x, value in zip(codes, u, loss, strict=True)
        ]
    )
    return TrialTable.from_study(study)


def _measured(table: TrialTable, kernel: str, adaptive: bool) -> tuple[np.ndarray, np.ndarray]:
    scored = Scored(
        keys=table.losses[:, 0],
        is_good=None,
        is_feasible=table.feasible,
        kind="rank",
        quantile=0.2,
        is_adaptive=adaptive,
        is_corrected=True,
    )
    everywhere = np.ones(len(table), dtype=bool)
    regimes = [usable(regimes_of(each, everywhere)[0], True) for each in table.columns.values()]
    groups = groups_of(regimes, scored, kernel)
    r2 = [float(r2_beyond_chance(each).sum()) for each in groups]
    return np.array(r2), np.array([effective_size(each[0]) for each in groups])


@pytest.mark.parametrize("c", [2, 10, 20])
def test_independent_trials_are_measured_alike_in_both_ways(c: int) -> None:
    table = _table(c)
    plain, n_plain = _measured(table, "sobolev", adaptive=False)
    adjusted, n_adjusted = _measured(table, "sobolev", adaptive=True)
    assert (adjusted <= 1.0).all()
    assert adjusted == pytest.approx(plain, rel=0.5, abs=0.02)  # what others explain is gone
    assert n_adjusted == pytest.approx(n_plain, rel=0.3)


def test_kernels_agree_after_an_adaptive_sampler() -> None:
    table = _table(3)
    found = [_measured(table, kernel, adaptive=True)[0][1] for kernel in _KERNELS]
    assert max(found) < 1.6 * min(found)


def test_ranks_of_several_objectives_do_not_depend_on_the_quantile() -> None:
    study = optuna.create_study(
        directions=["minimize", "minimize"], sampler=optuna.samplers.RandomSampler(seed=0)
    )
    study.optimize(lambda t: (t.suggest_float("x", 0, 1), t.suggest_float("y", 0, 1)), n_trials=80)
    small, large = (
        HsicImportanceEvaluator(score="rank", target_quantile=q).evaluate(study)
        for q in (0.05, 0.5)
    )
    assert small == pytest.approx(large)
