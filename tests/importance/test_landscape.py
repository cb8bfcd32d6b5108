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
    table = _table()
    landscape = Landscape.of(table, 0.95, 0)
    assert landscape.skill > 0.9
    assert landscape.factor >= 1.0
    fresh = _table(300, seed=1)
    points, losses = fresh.columns, fresh.losses[:, 0] / np.ptp(table.losses)
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


def _constant(n: int, value: float = 3.5) -> TrialTable:
    x = np.random.default_rng(0).random(n)
    return TrialTable.from_study(study_of({"x": (x, UNIT)}, np.full(n, value)))


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (_constant(1), "^1 complete trial is too few"),
        (_constant(2), "^2 complete trials are too few"),
        (_constant(30), r"^The objective is 3\.5 in all 30 complete trials: they show no diff"),
    ],
)
def test_what_trials_lack_is_named(table: TrialTable, message: str) -> None:
    with pytest.raises(NoSurrogateError, match=message):
        Landscape.of(table, 0.95, 0)


def _scaled(unit: float, centre: float = 0.0) -> TrialTable:
    table = _table()
    values = {name: (column.values, UNIT) for name, column in table.columns.items()}
    return TrialTable.from_study(study_of(values, centre + unit * table.losses[:, 0]))


@pytest.mark.parametrize(("unit", "centre"), [(5e299, 0.0), (1e-305, 0.0), (1e-14, 1.0)])
def test_whatever_the_range_nothing_overflows_or_vanishes(unit: float, centre: float) -> None:
    plain, table = Landscape.of(_table(), 0.95, 0), _scaled(unit, centre)
    landscape = Landscape.of(table, 0.95, 0)
    points = table.columns
    draws = landscape.draws(points)
    assert np.isfinite(landscape.scale * draws).all()
    tolerance = 0.05 if centre else 1e-6  # of numbers near 1 few digits are left
    np.testing.assert_allclose(landscape.predict(points), plain.predict(points), atol=tolerance)
    assert landscape.values(landscape.predict(points)) == pytest.approx(
        table.values[:, 0], abs=0.2 * unit
    )


def test_a_range_with_which_nothing_can_be_computed_is_refused() -> None:
    with pytest.raises(NoSurrogateError, match=r"more than 1e\+300.* Rescale it"):
        Landscape.of(_scaled(1e305), 0.95, 0)


def test_where_errors_have_no_scale_nothing_is_predicted() -> None:
    """Of accuracies to two digits, chosen by TPE: most scores are equal, and a few are far off."""
    rng = np.random.default_rng(0)
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=0))

    def objective(trial: optuna.Trial) -> float:
        x, _ = trial.suggest_float("x", -5, 0), trial.suggest_float("idle", 0, 1)
        trial.suggest_int("units", 1, 1000)
        trial.suggest_categorical("c", ["a", "b", "c"])
        return float(round(0.95 - 0.05 * abs(x + 2.5) + 0.01 * rng.normal(), 2))

    study.optimize(objective, n_trials=150)
    with pytest.raises(
        NoSurrogateError, match=r"it missed some by [0-9,]+ times what it allows for"
    ):
        Landscape.of(TrialTable.of(study), 0.95, 0)
