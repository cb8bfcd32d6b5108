from __future__ import annotations

import numpy as np
import optuna
import pytest
from optuna.distributions import FloatDistribution

from optuna_hpx import NoSurrogateError, TrialTable
from optuna_hpx.importance._landscape import Landscape, objective_table
from tests.importance.test_ped_anova import UNIT, study_of


def _table(n: int = 80, *, noise: float = 0.0, seed: int = 0) -> TrialTable:
    rng = np.random.default_rng(seed)
    x = rng.random((n, 2))
    losses = x[:, 0] + 0.5 * (x[:, 1] - 0.5) ** 2 + noise * rng.standard_normal(n)
    return TrialTable.from_study(
        study_of({name: (x[:, k], UNIT) for k, name in enumerate("xy")}, losses)
    )


def test_it_predicts_and_its_intervals_hold() -> None:
    landscape = Landscape.of(_table(), 0.95, 0)
    assert landscape.skill > 0.9
    assert landscape.factor >= 1.0
    fresh = _table(300, seed=1)
    points, losses = fresh.columns, fresh.losses[:, 0]
    predicted = landscape.predict(points)
    assert np.corrcoef(predicted, losses)[0, 1] > 0.98
    draws = landscape.draws(points)
    steps = draws[:, ::2] - draws[:, 1::2]
    low, high = landscape.intervals(predicted[::2] - predicted[1::2], steps)
    true = losses[::2] - losses[1::2]
    assert np.mean((low <= true) & (true <= high)) >= 0.93
    assert (low <= predicted[::2] - predicted[1::2]).all()


def test_it_is_kept_with_the_table_if_there_is_a_seed() -> None:
    table = _table(30)
    assert Landscape.of(table, 0.95, 0) is Landscape.of(table, 0.95, 0)
    assert Landscape.of(table, 0.95, 0) is not Landscape.of(table, 0.9, 0)


def test_what_cannot_be_predicted_is_refused() -> None:
    with pytest.raises(NoSurrogateError, match="10 complete trials are too few"):
        Landscape.of(_table(10), 0.95, 0)
    table = _table(60, noise=100.0)
    with pytest.raises(NoSurrogateError, match="cannot be predicted"):
        Landscape.of(table, 0.95, 0)


def test_trials_without_a_value_teach_nothing() -> None:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))

    def objective(trial: optuna.Trial) -> float:
        x = trial.suggest_float("x", 0, 1)
        if trial.number % 3 == 0:
            raise optuna.TrialPruned
        return float("inf") if trial.number % 10 == 1 else x

    study.optimize(objective, n_trials=60)
    landscape = Landscape.of(TrialTable.from_study(study), 0.95, 0)
    assert len(landscape.table) == 36
    assert np.isfinite(landscape.table.losses).all()


def test_one_objective_of_several() -> None:
    study = optuna.create_study(directions=["minimize", "maximize"])
    dists = {"x": FloatDistribution(0.0, 1.0)}
    for x in (0.1, 0.2):
        study.add_trial(
            optuna.create_trial(params={"x": x}, distributions=dists, values=[x, 2 * x])
        )
    table = objective_table(study, 1)
    assert table.directions == ("maximize",)
    assert table.losses.tolist() == [[-0.2], [-0.4]]
    assert objective_table(study, 1) is table, "kept, with all that is worked out of it"
    with pytest.raises(ValueError, match="which of the 2 objectives"):
        objective_table(study, None)
    with pytest.raises(ValueError, match="from 0 to 1"):
        objective_table(study, 2)
    with pytest.raises(TypeError, match="objective"):
        objective_table(study, "x")  # type: ignore[arg-type]
