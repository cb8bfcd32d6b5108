"""Junk for every argument of every public function and constructor, and what the errors say."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import optuna
import pandas as pd
import pytest

import optuna_hpx as hpx
from optuna_hpx._errors import LackingError


def _study() -> optuna.Study:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    study.optimize(lambda t: t.suggest_float("x", 0, 1) + 0.1 * t.suggest_float("y", 0, 1), 8)
    return study


def _study_over_tasks() -> optuna.Study:
    study = optuna.create_study(
        sampler=optuna.samplers.RandomSampler(seed=0), pruner=optuna.pruners.NopPruner()
    )
    objective = hpx.MultiTaskObjective(
        lambda t, task: 0.5 * t.suggest_float("x", 0, 1, step=0.25) + 0.01 * task, range(4), seed=0
    )
    study.optimize(objective, 6)
    return study


STUDY = _study()
TASKS = _study_over_tasks()
FRONT = optuna.create_study(directions=["minimize", "maximize"])
VALUES = np.random.default_rng(0).random(30)
EVALUATOR = hpx.PedAnovaImportanceEvaluator(seed=0, n_permutations=30, n_bootstrap=30)
CURVE = hpx.DualCurve(np.arange(5.0), np.ones((2, 5)))
FRAME = pd.DataFrame({"x": VALUES, "y": VALUES[::-1], "value": VALUES**2})

RIGHT: dict[str, dict[str, Any]] = {
    "AsymptoticLaw.fit": {"values": VALUES[:10]},
    "AsymptoticLaw.fit_study": {"study": STUDY},
    "AsymptoticLawCallback": {},
    "Checkpoint": {"generation": 0, "seed": 0},
    "DualCurve": {"alphas": np.arange(5.0), "utilities": np.ones((2, 5))},
    "GPBTScheduler": {"study": STUDY},
    "HsicImportanceEvaluator": {},
    "HsicSampler": {},
    "InterleavedSampler": {"sampler": optuna.samplers.RandomSampler()},
    "MultiTaskObjective": {"evaluate": lambda trial, task: 0.0, "tasks": [1, 2]},
    "PedAnovaImportanceEvaluator": {},
    "TaskRacingPruner": {},
    "TrialTable.from_frame": {"df": FRAME, "value": "value"},
    "TrialTable.from_study": {"study": STUDY},
    "TrialTable.of": {"study": STUDY},
    "ablation_path": {"study": STUDY},
    "certify": {"study": TASKS, "bounds": (0, 1)},
    "compare_importances": {"a": STUDY, "targets": (None, lambda trial: trial.number)},
    "compare_tuning_curves": {"a": VALUES, "b": VALUES + 0.1},
    "hypervolume_outlook": {"values": FRONT},
    "importance_profile": {"study": STUDY, "quantiles": [0.5], "evaluator": EVALUATOR},
    "marginal_effect": {"study": STUDY, "name": "x"},
    "noise_tolerance": {"repeats": [[1.0, 2.0, 3.0], [2.0, 3.0, 4.0]]},
    "plot_ablation_path": {},
    "plot_beliefs": {},
    "plot_certificate": {},
    "plot_cost": {"study": STUDY},
    "plot_densities": {"report": EVALUATOR.report(STUDY), "name": "x"},
    "plot_dual_curve": {"dual": CURVE},
    "plot_genealogy": {"study": STUDY},
    "plot_history": {"study": STUDY},
    "plot_hypervolume_outlook": {},
    "plot_importance_comparison": {},
    "plot_importance_profile": {},
    "plot_importances": {},
    "plot_interactions": {},
    "plot_marginal_effect": {},
    "plot_outlook": {},
    "plot_schedule": {"schedule": hpx.Schedule((), "minimize")},
    "plot_task_racing": {"study": TASKS},
    "plot_tuning_curve": {"law": hpx.tuning_curve_band(VALUES)},
    "plot_tuning_curve_comparison": {},
    "refine_jumps": {
        "f": lambda x: float(x > 0.5),
        "low": 0.0,
        "high": 1.0,
        "tol": 0.1,
        "min_jump": 0.5,
    },
    "sampler_beliefs": {"study": STUDY},
    "task_matrix": {"study": TASKS},
    "tasks_needed": {"epsilon": 0.1},
    "tuning_curve_band": {"values": VALUES},
}
"""Arguments that are right, by what is called; one of them at a time is replaced by junk."""

RESULTS = {
    "AblationPath", "Certificate", "Forecast", "HypervolumeOutlook", "ImportanceComparison",
    "ImportanceProfile", "ImportanceReport", "Improvement", "MarginalEffect", "SamplerBeliefs",
    "Schedule", "TuningCurveBand", "TuningCurveComparison", "CheckpointError",
    "NoCertificateError", "NoLawError", "NoSurrogateError", "ReplayError",
}  # fmt: skip
"""Made by this package and not by its users."""

ALSO_NAMED = {
    ("TrialTable.from_frame", "df"): "value",  # of which an empty frame has no column
    ("compare_importances", "a"): "study",
    ("compare_importances", "b"): "study",
    ("compare_tuning_curves", "a"): "values",
    ("compare_tuning_curves", "b"): "values",
}
"""What the function that reads the argument calls it."""


def junk() -> list[Any]:
    return [
        None, True, -1, 0, 3.5, float("nan"), -float("inf"), 2**63, 10**400, 5e-324, "x", "",
        b"x", [], ["x"], (None, 1), {"a": 1}, object(), lambda *_: None, (c for c in ["x"]),
        np.array([np.nan, 1.0]), np.zeros((2, 2, 2)), pd.DataFrame(), 1j, pd.NA, Exception,
    ]  # fmt: skip


def called(name: str) -> Callable[..., Any]:
    head, _, method = name.partition(".")
    entry = getattr(hpx, head)
    return getattr(entry, method) if method else entry


def test_every_public_name_is_tried() -> None:
    tried = {name.partition(".")[0] for name in RIGHT}
    assert tried | RESULTS == set(hpx.__all__)


@pytest.mark.parametrize("name", RIGHT)
@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::FutureWarning")
def test_an_error_names_the_argument(name: str) -> None:
    function, right = called(name), RIGHT[name]
    wrong = []
    for argument in inspect.signature(function).parameters:
        names = {argument, ALSO_NAMED.get((name, argument), argument)}
        for value in junk():
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("error", RuntimeWarning)
                    function(**{**right, argument: value})
            except LackingError:
                continue  # the documented answer where there are too few trials
            except (TypeError, ValueError) as error:
                if any(f"`{one}" in str(error) for one in names):
                    continue
                wrong.append(f"{argument}={value!r:.40}: {type(error).__name__}: {error!s:.150}")
            except Exception as error:
                wrong.append(f"{argument}={value!r:.40}: {type(error).__name__}: {error!s:.150}")
    assert not wrong, "\n".join(wrong)
