"""What a sampler reads from finished trials: their order, positions, costs."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import numpy as np
import optuna
import pytest
from optuna.distributions import (
    BaseDistribution,
    FloatDistribution,
    IntDistribution,
)

from optuna_hpx import HsicSampler
from optuna_hpx.samplers._evidence import Evidence
from optuna_hpx.trials import domain

SPACE: dict[str, BaseDistribution] = {"x": FloatDistribution(0, 1)}


def test_complete_before_pruned_before_infeasible() -> None:
    study = optuna.create_study(direction="maximize")
    for value, state, constraint in (
        (1.0, optuna.trial.TrialState.COMPLETE, -1.0),
        (9.0, optuna.trial.TrialState.COMPLETE, 1.0),
        (None, optuna.trial.TrialState.PRUNED, -1.0),
        (3.0, optuna.trial.TrialState.COMPLETE, -1.0),
    ):
        study.add_trial(
            optuna.create_trial(
                params={"x": 0.5},
                distributions=SPACE,
                value=value,
                state=state,
                system_attrs={"constraints": [constraint]},
            )
        )
    evidence = Evidence.of(study, SPACE, 10)
    keys = evidence._keys()[np.argsort(evidence.table.numbers)]
    assert np.argsort(keys).tolist() == [3, 0, 2, 1]


@pytest.mark.parametrize(
    ("distribution", "values", "expected"),
    [
        (FloatDistribution(2, 4), [2, 3, 4], [0, 0.5, 1]),
        (FloatDistribution(1e-4, 1, log=True), [1e-4, 1e-2, 1], [0, 0.5, 1]),
        (IntDistribution(0, 3), [0, 1, 3], [0.125, 0.375, 0.875]),
        (FloatDistribution(0, 1, step=0.5), [0, 0.5, 1], [1 / 6, 0.5, 5 / 6]),
        (FloatDistribution(0, 1), [-1, 2], [0, 1]),
    ],
)
def test_positions(
    distribution: BaseDistribution, values: list[float], expected: list[float]
) -> None:
    assert domain.position(distribution, np.array(values, dtype=float)) == pytest.approx(expected)


def test_times_with_and_without_a_zone() -> None:
    study = optuna.create_study(sampler=HsicSampler(seed=0))
    for k in range(15):
        trial = optuna.create_trial(params={"x": k / 15}, distributions=SPACE, value=float(k))
        zone = timezone.utc if k % 2 else None
        trial.datetime_start = datetime(2026, 1, 1, tzinfo=zone)
        trial.datetime_complete = trial.datetime_start + timedelta(seconds=k)
        study.add_trial(trial)
    study.optimize(lambda t: t.suggest_float("x", 0, 1), n_trials=3)
    assert len(study.trials) == 18
