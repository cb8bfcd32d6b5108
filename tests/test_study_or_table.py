"""Every public entry that takes a study takes a table of it, and gives the same."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import optuna
import pytest
from optuna.samplers import RandomSampler

import optuna_hpx as hpx
from optuna_hpx import TrialTable
from optuna_hpx.page import build_page
from tests.population.models import descend
from tests.tasks.problems import evaluate


@pytest.fixture(scope="module")
def searched() -> optuna.Study:
    study = optuna.create_study(sampler=RandomSampler(seed=0))

    def objective(trial: optuna.Trial) -> float:
        return trial.suggest_float("x", 0, 1) ** 2 + 0.1 * trial.suggest_float("y", 0, 1)

    study.optimize(objective, n_trials=60)
    return study


@pytest.fixture(scope="module")
def population() -> optuna.Study:
    study = optuna.create_study()
    hpx.GPBTScheduler(study, population_size=4, n_generations=2, seed=0).optimize(descend)
    return study


@pytest.fixture(scope="module")
def raced() -> optuna.Study:
    study = optuna.create_study(direction="maximize", sampler=RandomSampler(seed=0))
    study.optimize(hpx.MultiTaskObjective(evaluate, list(range(8)), seed=0), n_trials=5)
    return study


def _law(study: Any) -> str:
    return repr(hpx.AsymptoticLaw.fit_study(study, sampler=RandomSampler()))


def _figure(plot: Callable[[Any], Any]) -> Callable[[Any], str]:
    return lambda study: str(plot(study).to_json())


def _curve(study: Any) -> str:
    law = hpx.AsymptoticLaw.fit([float(k**2) for k in range(1, 60)], direction="minimize")
    return str(hpx.plot_tuning_curve(law, study).to_json())


def _page_without_code(study: optuna.Study | TrialTable) -> str:
    """A table has no study that a line of code could be about."""
    page = build_page(study, title="t", sampler=RandomSampler())
    return re.sub("<br><code>.*?</code>", "", page)


ENTRIES: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "evaluate PED-ANOVA": ("searched", hpx.PedAnovaImportanceEvaluator(seed=0).evaluate),
    "report PED-ANOVA": (
        "searched",
        lambda s: repr(hpx.PedAnovaImportanceEvaluator(seed=0).report(s)),
    ),
    "evaluate HSIC": ("searched", hpx.HsicImportanceEvaluator(seed=0).evaluate),
    "report HSIC": ("searched", lambda s: repr(hpx.HsicImportanceEvaluator(seed=0).report(s))),
    "importance_profile": (
        "searched",
        lambda s: hpx.importance_profile(s, [0.1, 0.5]).importances.tolist(),
    ),
    "compare_importances": (
        "searched",
        lambda s: repr(
            hpx.compare_importances(
                s, targets=(None, lambda t: t.params["y"]), n_permutations=50, seed=0
            )
        ),
    ),
    "ablation_path": ("searched", lambda s: repr(hpx.ablation_path(s, seed=0))),
    "marginal_effect": ("searched", lambda s: hpx.marginal_effect(s, "x", seed=0).effect.tolist()),
    "sampler_beliefs": ("searched", lambda s: hpx.sampler_beliefs(s).numbers.tolist()),
    "fit_study": ("searched", _law),
    "plot_tuning_curve": ("searched", _curve),
    "plot_history": ("searched", _figure(hpx.plot_history)),
    "plot_cost": ("searched", _figure(hpx.plot_cost)),
    "build_page": ("searched", lambda s: len(_page_without_code(s))),
    "plot_genealogy": ("population", _figure(hpx.plot_genealogy)),
    "task_matrix": ("raced", lambda s: hpx.task_matrix(s).to_numpy().tolist()),
    "certify": ("raced", lambda s: hpx.certify(s, bounds=(0, 1)).lower_bound),
    "plot_task_racing": ("raced", _figure(hpx.plot_task_racing)),
}


@pytest.mark.parametrize("name", ENTRIES)
def test_a_study_and_its_table_give_the_same(name: str, request: pytest.FixtureRequest) -> None:
    fixture, entry = ENTRIES[name]
    study = request.getfixturevalue(fixture)
    assert entry(study) == entry(TrialTable.from_study(study))


@pytest.mark.parametrize("name", ENTRIES)
def test_anything_else_is_refused_by_both_names(name: str) -> None:
    with pytest.raises(TypeError, match="Study") as refusal:
        ENTRIES[name][1]({"a": 1})
    assert "TrialTable" in str(refusal.value)
