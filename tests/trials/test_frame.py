"""What is wrong with a data frame, or passed in place of a study, is said and not guessed at."""

from __future__ import annotations

from typing import Any

import numpy as np
import optuna
import pandas as pd
import pytest
from optuna.distributions import FloatDistribution

from optuna_hpx import (
    HsicImportanceEvaluator,
    PedAnovaImportanceEvaluator,
    TrialTable,
    importance_profile,
)

rng = np.random.default_rng(0)
FRAME = pd.DataFrame({"lr": 10 ** rng.uniform(-4, 0, 60), "k": rng.integers(1, 5, 60)})
FRAME["loss"] = np.log10(FRAME.lr) ** 2


def test_feasibility_survives_the_way_through_a_frame() -> None:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))

    def objective(trial: optuna.Trial) -> float:
        x = trial.suggest_float("x", 0, 1)
        trial.set_constraint("c", x - 0.5)
        return x

    study.optimize(objective, n_trials=50)
    table = TrialTable.from_study(study)
    again = TrialTable.from_frame(table.to_frame(), value="value")
    assert again.feasible.tolist() == table.feasible.tolist()
    assert not again.feasible.all()


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"params": "lr"}, TypeError, "`params` must be a list of column names, got 'lr'"),
        (
            {"distributions": {"LR": FloatDistribution(1e-5, 1, log=True)}},
            ValueError,
            "`distributions` names 'LR', but the parameters are",
        ),
        ({"distributions": {"lr": (0, 1)}}, TypeError, "must be one of optuna.distributions"),
    ],
)
def test_wrong_options(options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        TrialTable.from_frame(FRAME, value="loss", **options)


@pytest.mark.parametrize("evaluator", [PedAnovaImportanceEvaluator(), HsicImportanceEvaluator()])
@pytest.mark.parametrize("wrong", ["my study", FRAME])
def test_not_a_study(evaluator: Any, wrong: Any) -> None:
    with pytest.raises(TypeError, match="`study` must be a Study, or a TrialTable"):
        evaluator.report(wrong)


def test_profile_of_something_else() -> None:
    table = TrialTable.from_frame(FRAME, value="loss")
    with pytest.raises(TypeError, match="`evaluator` must be a PedAnovaImportanceEvaluator"):
        importance_profile(table, evaluator=HsicImportanceEvaluator())  # type: ignore[arg-type]
    for wrong in (0.1, "all", PedAnovaImportanceEvaluator()):
        with pytest.raises(TypeError, match="`quantiles` must be several numbers"):
            importance_profile(table, wrong)  # type: ignore[arg-type]


def test_print_is_short() -> None:
    table = TrialTable.from_frame(FRAME, value="loss")
    assert repr(table) == "<TrialTable of 60 finished trials, 2 parameters (lr, k), minimize>"
    said = repr(PedAnovaImportanceEvaluator(seed=0).report(table))
    assert len(said) < 1500
    assert "lr  S = 0." in said
    assert "R2 = 0." in repr(HsicImportanceEvaluator(seed=0).report(table))


@pytest.mark.parametrize("sampler", ["nsga", "random"])
def test_inherited_values_are_not_independent_draws(sampler: str) -> None:
    study = optuna.create_study(
        sampler=optuna.samplers.NSGAIISampler(seed=0, population_size=20)
        if sampler == "nsga"
        else optuna.samplers.RandomSampler(seed=0)
    )
    study.optimize(lambda t: t.suggest_float("x", 0, 1) + t.suggest_float("y", 0, 1), n_trials=120)
    report = PedAnovaImportanceEvaluator(seed=0).report(study)
    assert report.sampling == ("adaptive" if sampler == "nsga" else "independent")
