"""What the surrogate expects is read from the study alone, in the objective's own units."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import optuna
import pytest

from optuna_hpx import HsicSampler, TrialTable
from optuna_hpx.samplers._outlook import SurrogateOutlook, read_outlook
from optuna_hpx.trials import storage

optuna.logging.set_verbosity(optuna.logging.WARNING)


def _bowl(trial: optuna.Trial) -> float:
    trial.suggest_float("idle", 0, 1)
    return 7.0 + (trial.suggest_float("x", 1e-4, 1, log=True) - 0.3) ** 2


def _study(objective: Any, n: int = 40, **options: Any) -> optuna.Study:
    study = optuna.create_study(sampler=HsicSampler(seed=0), **options)
    study.optimize(objective, n_trials=n, catch=RuntimeError)
    return study


def _outlook(study: optuna.Study) -> SurrogateOutlook:
    outlook = read_outlook(TrialTable.from_study(study))
    assert not isinstance(outlook, str), outlook
    return outlook


def test_of_a_bowl() -> None:
    study = _study(_bowl)
    outlook = _outlook(study)
    assert outlook.n_trials == 40
    assert outlook.names == ("x", "idle")
    assert outlook.length_scales[0] < 0.5 < 1.0 < outlook.length_scales[1]
    optimum = outlook.optimum
    assert optimum.low < optimum.value < optimum.high
    assert optimum.low <= _bowl(optuna.trial.FixedTrial(optimum.params)) <= optimum.high
    assert optimum.params["x"] == pytest.approx(0.3, abs=0.05)
    assert outlook.improvement_at_most is not None
    assert outlook.expected_improvement is not None
    assert 0.0 < outlook.expected_improvement < outlook.improvement_at_most < 0.01
    assert repr(outlook).startswith("<SurrogateOutlook after 40 trials: <Optimum 7")


def test_a_maximised_score_is_a_minimised_loss_turned_over() -> None:
    down = _outlook(_study(_bowl))
    up = _outlook(_study(lambda trial: -_bowl(trial), direction="maximize"))
    assert up.optimum.params == down.optimum.params
    assert up.optimum.value == pytest.approx(-down.optimum.value)
    assert (up.optimum.low, up.optimum.high) == pytest.approx(
        (-down.optimum.high, -down.optimum.low)
    )
    assert up.improvement_at_most == pytest.approx(down.improvement_at_most)


def test_another_process_reads_the_same(tmp_path: Any) -> None:
    url = f"sqlite:///{tmp_path / 'study.db'}"
    study = _study(_bowl, storage=url, study_name="s")
    again = optuna.load_study(storage=url, study_name="s")  # with Optuna's own sampler
    ours, theirs = vars(_outlook(study)), vars(_outlook(again))
    np.testing.assert_equal(ours.pop("length_scales"), theirs.pop("length_scales"))
    assert ours == theirs


def test_no_surrogate() -> None:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    study.optimize(_bowl, n_trials=30)
    reason = "no trial was chosen by HsicSampler's Gaussian process"
    assert read_outlook(TrialTable.from_study(study)) == reason
    frame = TrialTable.from_frame(study.trials_dataframe(), value="value")
    assert read_outlook(frame) == "a data frame holds nothing of HsicSampler's Gaussian process"
    assert read_outlook(TrialTable.from_study(optuna.create_study())) == reason


def test_too_few_trials_with_a_value() -> None:
    def objective(trial: optuna.Trial) -> float:
        value = _bowl(trial)
        if trial.number % 2:
            raise RuntimeError
        if trial.number % 4:
            raise optuna.TrialPruned
        return value

    table = TrialTable.from_study(_study(objective, 40))
    assert read_outlook(table) == "20 complete trials are needed, and there are 10"
    assert not isinstance(read_outlook(TrialTable.from_study(_study(objective, 90))), str)


def test_a_constant() -> None:
    table = TrialTable.from_study(_study(lambda trial: 0.0 * _bowl(trial)))
    assert read_outlook(table) == "all complete trials have the same value"


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("size", [1e-320, 1e300])
def test_of_any_size(size: float) -> None:
    outlook = _outlook(_study(lambda trial: size * _bowl(trial)))
    assert outlook.optimum.low <= outlook.optimum.value <= outlook.optimum.high
    assert outlook.optimum.value == pytest.approx(7.0 * size, rel=0.05)


def test_several_objectives() -> None:
    study = optuna.create_study(directions=["minimize"] * 2)
    study.optimize(lambda trial: (_bowl(trial), 0.0), n_trials=12)
    assert read_outlook(TrialTable.from_study(study)) == "the study has several objectives"


def test_a_space_that_has_changed_since() -> None:
    study = _study(_bowl)
    study.sampler = optuna.samplers.RandomSampler(seed=0)

    def wider(trial: optuna.Trial) -> float:
        return _bowl(trial) + trial.suggest_float("new", 0, 1)

    study.optimize(wider, n_trials=3)
    reason = read_outlook(TrialTable.from_study(study))
    assert isinstance(reason, str)
    assert reason.startswith("the search space, or its constraints, have changed")
    study.sampler = HsicSampler(seed=0)
    study.optimize(wider, n_trials=30)
    assert set(_outlook(study).names) == {"x", "idle", "new"}


def test_conditional_parameters_come_with_their_branch() -> None:
    def tree(trial: optuna.Trial) -> float:
        if trial.suggest_categorical("model", ["net", "line"]) == "line":
            return 1.0 + trial.suggest_float("slope", 0, 1)
        return (trial.suggest_float("width", 0, 1) - 0.5) ** 2

    optimum = _outlook(_study(tree, 50)).optimum
    assert set(optimum.params) == {"model", "width"}
    assert optimum.low <= tree(optuna.trial.FixedTrial(optimum.params)) <= optimum.high


def test_constraints_bound_the_optimum() -> None:
    def objective(trial: optuna.Trial) -> float:
        x, y = trial.suggest_float("x", 0, 1), trial.suggest_float("y", 0, 1)
        trial.set_constraint("sum", 0.5 - x - y)
        return x + 2.0 * y

    study = _study(objective, 60)
    outlook = _outlook(study)
    assert outlook.optimum.probability_feasible >= 0.5
    assert outlook.optimum.value == pytest.approx(0.5, abs=0.05)


def test_nothing_feasible_leaves_the_improvement_open() -> None:
    def objective(trial: optuna.Trial) -> float:
        trial.set_constraint("never", 1.0 + trial.suggest_float("y", 0, 1))
        return _bowl(trial)

    outlook = _outlook(_study(objective, 40))
    assert outlook.improvement_at_most is None
    assert outlook.expected_improvement is None
    assert outlook.optimum.probability_feasible < 0.5


def test_what_is_stored_and_cannot_be_computed_with_is_no_crash() -> None:
    study = _study(_bowl)
    table = TrialTable.from_study(study)
    trials = []
    for trial in table.trials:
        record = storage.read(trial.system_attrs, storage.SURROGATE)
        if record is not None:
            record["thetas"] = [[np.nan] * len(record["thetas"][0])]
            trial.system_attrs = storage.as_attributes(storage.SURROGATE, record)
        trials.append(trial)
    reason = read_outlook(replace(table, trials=tuple(trials)))
    assert isinstance(reason, str)
    assert reason.startswith("the Gaussian process could not be computed (ValueError")
