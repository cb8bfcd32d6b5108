"""The sampler's own view beside that of the search space."""

from __future__ import annotations

import optuna
import pytest

from optuna_hpx import PedAnovaImportanceEvaluator
from optuna_hpx.canvas.material import Material
from optuna_hpx.importance.section.in_trials import in_trials_sections


def _study(sampler: optuna.samplers.BaseSampler) -> optuna.Study:
    study = optuna.create_study(sampler=sampler)

    def objective(trial: optuna.Trial) -> float:
        x, y = trial.suggest_float("x", 0, 1), trial.suggest_float("y", 0, 1)
        kind = trial.suggest_categorical("kind", ["a", "b", "c"])
        return (x - 0.3) ** 2 + 0.1 * y + 0.3 * (kind != "b")

    study.optimize(objective, n_trials=120)
    return study


@pytest.fixture(scope="module")
def settled() -> Material:
    return Material.of(_study(optuna.samplers.TPESampler(seed=0)))


def test_both_views_stand_side_by_side_and_the_difference_is_explained(
    settled: Material,
) -> None:
    report = PedAnovaImportanceEvaluator(seed=0).report(settled.table)
    (section,) = in_trials_sections(report, settled)
    assert section.is_folded
    (table,) = section.tables
    assert [row[0] for row in table.rows] == list(report.names)
    of_space = {row[0]: float(row[1]) for row in table.rows}
    of_trials = {row[0]: float(row[2]) for row in table.rows}
    assert of_space["kind"] > 2 * of_trials["kind"], "TPE settles the choice early"
    n_b = sum(value == "b" for value in settled.table.columns["kind"].external())
    share = f"{100 * n_b / len(settled.table):.0f}\xa0% of the trials had kind = b"
    assert share in section.basis
    assert section.data["space"] == "trials"


def test_what_is_told_of_the_trials_themselves_has_no_second_view() -> None:
    material = Material.of(_study(optuna.samplers.RandomSampler(seed=0)))
    for space in ("auto", "uniform"):
        report = PedAnovaImportanceEvaluator(seed=0, space=space).report(material.table)
        assert in_trials_sections(report, material) == []


def test_the_choice_none_is_counted() -> None:
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=0))

    def objective(trial: optuna.Trial) -> float:
        x = trial.suggest_float("x", 0, 1)
        kind = trial.suggest_categorical("kind", [None, "a", "c"])
        return 0.1 * (x - 0.3) ** 2 + 0.3 * (kind is not None)

    study.optimize(objective, n_trials=120)
    material = Material.of(study)
    report = PedAnovaImportanceEvaluator(seed=0).report(material.table)
    (section,) = in_trials_sections(report, material)
    n_none = sum(trial.params["kind"] is None for trial in study.trials)
    assert f"{100 * n_none / 120:.0f}\xa0% of the trials had kind = None" in section.basis
