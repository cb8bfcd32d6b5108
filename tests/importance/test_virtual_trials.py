"""Virtual trials: uniform points of the right shape, and losses that deserve the trust."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import optuna
import pytest
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution
from optuna.distributions import IntDistribution as Int

from optuna_hpx import PedAnovaImportanceEvaluator, TrialTable
from optuna_hpx.importance._virtual_trials import MIN_SKILL, Virtual, virtual_trials

UNIT = FloatDistribution(0.0, 1.0)


def table_of(
    objective: Callable[[optuna.Trial], Any],
    n: int,
    *,
    directions: tuple[str, ...] = ("minimize",),
    sampler: optuna.samplers.BaseSampler | None = None,
) -> TrialTable:
    sampler = sampler or optuna.samplers.RandomSampler(seed=0)
    study = optuna.create_study(directions=directions, sampler=sampler)
    study.optimize(objective, n)
    return TrialTable.from_study(study)


def virtual(table: TrialTable, losses: np.ndarray | None = None, seed: int = 0) -> Virtual:
    rows = np.flatnonzero(table.complete)
    losses = table.losses[rows] if losses is None else losses
    return virtual_trials(table, rows, losses, np.random.default_rng(seed), 2000)


def shares(found: Virtual) -> dict[str, float]:
    s = PedAnovaImportanceEvaluator().evaluate(found.table)
    return {name: value / sum(s.values()) for name, value in s.items()}


def uniform_table(dists: dict[str, BaseDistribution], n: int = 60) -> TrialTable:
    def objective(trial: optuna.Trial) -> float:
        values = [trial._suggest(name, dist) for name, dist in dists.items()]
        return float(sum(value for value in values if not isinstance(value, str)))

    return table_of(objective, n)


def test_adaptive_trials_tell_of_the_whole_space() -> None:
    """f = 1[c != b] + x: among the best tenth c is b and x < 0.4, so S is 1/3 and 1/6."""

    def objective(trial: optuna.Trial) -> float:
        c = trial.suggest_categorical("c", ["a", "b", "c", "d"])
        return (c != "b") + trial.suggest_float("x", 0.0, 1.0)

    table = table_of(objective, 120, sampler=optuna.samplers.TPESampler(seed=1))
    found = virtual(table)
    assert found.skill > 0.8
    assert shares(found)["c"] == pytest.approx(2 / 3, abs=0.1)


def test_points_are_uniform_on_the_grid_of_their_distribution() -> None:
    dists: dict[str, BaseDistribution] = {
        "float": FloatDistribution(-2.0, 3.0),
        "log": FloatDistribution(1e-4, 1.0, log=True),
        "step": FloatDistribution(0.0, 0.5, step=0.1),
        "int": Int(2, 10, step=2),
        "log int": Int(1, 100, log=True),
        "choice": CategoricalDistribution(["a", "b", "c"]),
        "single": FloatDistribution(2.0, 2.0),
    }
    columns = virtual(uniform_table(dists)).table.columns
    assert list(columns) == list(dists)
    x = {name: column.values for name, column in columns.items()}
    assert np.quantile((x["float"] + 2.0) / 5.0, [0.25, 0.5, 0.75]) == pytest.approx(
        [0.25, 0.5, 0.75], abs=0.04
    )
    assert np.quantile(np.log10(x["log"]), [0.25, 0.5, 0.75]) == pytest.approx(
        [-3, -2, -1], abs=0.16
    )
    values, counts = np.unique(x["step"].round(12), return_counts=True)
    assert values == pytest.approx([0.0, 0.1, 0.2, 0.3, 0.4, 0.5])
    assert counts == pytest.approx(2000 / 6, rel=0.2)
    assert set(x["int"]) == {2, 4, 6, 8, 10}
    assert set(x["log int"]) <= set(range(1, 101))
    assert np.median(x["log int"]) == pytest.approx(9, abs=2)
    assert np.bincount(x["choice"].astype(int)) == pytest.approx(2000 / 3, rel=0.1)
    assert set(x["single"]) == {2.0}
    for column in columns.values():
        assert all(column.distributions[0]._contains(value) for value in column.values)


def test_conditional_parameters_are_active_where_they_were() -> None:
    def objective(trial: optuna.Trial) -> float:
        model = trial.suggest_categorical("model", ["svm", "net", "tree"])
        if model == "svm":
            return trial.suggest_float("c", 0.0, 1.0)
        if model == "tree":
            return trial.suggest_float("depth", 1.0, 2.0)
        width = trial.suggest_float("width", 0.0, 1.0)
        return width + (trial.suggest_float("decay", 0.0, 1.0) if width > 0.5 else 0.7)

    found = virtual(table_of(objective, 200, sampler=optuna.samplers.TPESampler(seed=0)))
    active = {name: c.regime >= 0 for name, c in found.table.columns.items()}
    x = {name: c.values for name, c in found.table.columns.items()}
    assert (active["c"] == (x["model"] == 0)).all()
    assert (active["width"] == (x["model"] == 1)).all()
    assert (active["depth"] == (x["model"] == 2)).all()
    nested = (x["model"] == 1) & (np.nan_to_num(x["width"]) > 0.5)
    assert (active["decay"] == nested).mean() > 0.97  # the gate lies between two trials
    assert not np.isnan(x["decay"][active["decay"]]).any()
    assert found.without_rule == ()


def test_bounds_that_follow_a_parameter_or_the_course_of_the_study() -> None:
    def objective(trial: optuna.Trial) -> float:
        side = trial.suggest_categorical("side", [0, 1])
        later = trial.number >= 40
        return (
            trial.suggest_float("follows", 5.0 * side, 5.0 * side + 1.0)
            + trial.suggest_float("narrowed", 0.0, 0.5 if later else 1.0)
            + (trial.suggest_float("at random", 0.0, 1.0) if trial.number % 4 == 0 else 0.0)
        )

    found = virtual(table_of(objective, 100))
    x = {name: column.values for name, column in found.table.columns.items()}
    assert ((x["follows"] >= 5.0) == (x["side"] == 1)).all()
    assert x["narrowed"].max() < 0.5
    assert np.isnan(x["at random"]).mean() == pytest.approx(0.75, abs=0.05)
    assert set(found.without_rule) == {"narrowed", "at random"}


def test_bounds_of_every_trials_own() -> None:
    def objective(trial: optuna.Trial) -> float:
        x = trial.suggest_float("x", 0.1, 1.0)
        return trial.suggest_float("y", 0.0, x) / x

    found = virtual(table_of(objective, 150))
    x, y = (found.table.columns[name].values for name in "xy")
    assert (y <= x + 0.05).all()
    assert found.without_rule == ()


def _rough(x: np.ndarray) -> np.ndarray:
    return np.abs(x[:, 0] - 0.3) + 0.3 * x[:, 1]


def test_monotone_rescaling_and_divergence_change_nothing() -> None:
    table = uniform_table({"x": UNIT, "y": UNIT})
    losses = _rough(np.column_stack([c.values for c in table.columns.values()]))[:, None]
    plain, scaled = virtual(table, losses), virtual(table, np.exp(20.0 * losses))
    assert scaled.skill == plain.skill
    order = plain.losses[:, 0].argsort()
    assert np.diff(scaled.losses[order, 0]).min() >= 0.0
    worst = losses.argmax()
    losses[worst] = 1e308
    assert virtual(table, losses).skill == plain.skill
    losses[losses.argmin()] = -1e308
    assert np.isfinite(virtual(table, losses).losses).all()


def test_names_and_order_of_choices_do_not_matter() -> None:
    rng = np.random.default_rng(0)
    c, x = rng.integers(0, 4, 100), rng.random(100)
    losses = np.array([0.6, 0.0, 1.0, 0.3])[c] + x
    found = []
    for order in ([0, 1, 2, 3], [2, 0, 3, 1]):
        dist = CategoricalDistribution([f"{code}!" for code in np.argsort(order)])
        study = optuna.create_study()
        study.add_trials(
            [
                optuna.create_trial(
                    params={"c": f"{choice}!", "x": place},
                    distributions={"c": dist, "x": UNIT},
                    value=loss,
                )
                for choice, place, loss in zip(c.tolist(), x.tolist(), losses, strict=True)
            ]
        )
        found.append(virtual(TrialTable.from_study(study)))
    assert found[1].skill == pytest.approx(found[0].skill, abs=0.05)
    assert shares(found[1])["c"] == pytest.approx(shares(found[0])["c"], abs=0.1)


@pytest.mark.parametrize("n", [15, 50, 200])
def test_skill_is_low_for_noise_and_high_for_a_smooth_function(n: int) -> None:
    table = uniform_table({"x": UNIT, "y": UNIT, "z": UNIT}, n)
    noise = np.random.default_rng(1).standard_normal((n, 1))
    assert virtual(table, noise).skill < MIN_SKILL - 0.2
    smooth = sum((column.values - 0.4) ** 2 for column in table.columns.values())
    assert virtual(table, np.asarray(smooth)[:, None]).skill > (0.9 if n > 15 else MIN_SKILL)


def test_infeasible_where_the_trials_were() -> None:
    study = optuna.create_study()
    x = np.random.default_rng(0).random(100)
    for value in x.tolist():
        study.add_trial(
            optuna.create_trial(
                params={"x": value},
                distributions={"x": UNIT},
                value=value,
                constraints={"c": 0.3 - value},
            )
        )
    found = virtual(TrialTable.from_study(study))
    is_right = found.table.feasible == (found.table.columns["x"].values >= 0.3)
    assert is_right.mean() > 0.97
    assert found.skill > MIN_SKILL


def test_several_objectives_are_as_good_as_the_worst() -> None:
    rng = np.random.default_rng(0)

    def objective(trial: optuna.Trial) -> tuple[float, float]:
        return trial.suggest_float("x", 0.0, 1.0), float(rng.random())

    table = table_of(objective, 60, directions=("maximize", "minimize"))
    found = virtual(table)
    assert found.table.losses.shape == (2000, 2)
    assert found.table.directions == ("maximize", "minimize")
    assert found.skill < MIN_SKILL
    x = found.table.columns["x"].values
    assert np.corrcoef(found.losses[:, 0], -x)[0, 1] > 0.98


@pytest.mark.parametrize("n", [0, 1, 2, 3, 5, 10])
def test_a_handful_of_trials_teaches_nothing(n: int) -> None:
    def objective(trial: optuna.Trial) -> float:
        gate = trial.suggest_categorical("gate", [True, False])
        return trial.suggest_float("x", 0.0, 1.0) if gate else trial.number

    found = virtual(table_of(objective, n))
    assert found.skill == 0.0
    assert len(found.table) == 2000


def test_nothing_to_learn() -> None:
    assert virtual(table_of(lambda trial: float(trial.number), 20)).skill == 0.0
    table = uniform_table({"x": UNIT, "single": FloatDistribution(1.0, 1.0)}, 20)
    assert virtual(table, np.ones((20, 1))).skill == 0.0


def test_same_generator_same_result() -> None:
    table = uniform_table({"x": UNIT, "c": CategoricalDistribution(["a", "b"])}, 300)
    first, again, other = (virtual(table, seed=seed) for seed in (3, 3, 4))
    assert np.array_equal(first.losses, again.losses)
    assert first.skill == again.skill
    assert not np.array_equal(first.losses, other.losses)
