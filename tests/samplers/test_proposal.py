"""What the Gaussian process proposes: possible, new, near the optimum, the same for the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import optuna
import pytest
from optuna.trial import TrialState

from optuna_hpx import TrialTable
from optuna_hpx.samplers._memory import Belief, HyperparameterMemory
from optuna_hpx.samplers._points import whole_space
from optuna_hpx.samplers._proposal import Lesson, propose
from optuna_hpx.samplers._tpe import Choice
from optuna_hpx.trials import storage

optuna.logging.set_verbosity(optuna.logging.WARNING)


def _bowl(trial: optuna.Trial) -> float:
    x, y = trial.suggest_float("x", 0, 1), trial.suggest_float("y", 0, 1)
    return (x - 0.3) ** 2 + (y - 0.8) ** 2


def _tree(trial: optuna.Trial) -> float:
    if trial.suggest_categorical("model", ["net", "line"]) == "line":
        return 1.0 + trial.suggest_float("slope", 0, 1)
    n = trial.suggest_int("layers", 1, 3)
    return sum((trial.suggest_float(f"w{k}", 0, 1) - 0.5) ** 2 for k in range(n)) + 0.1 * n


def _study(objective: Any, n: int = 30, **options: Any) -> optuna.Study:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0), **options)
    study.optimize(objective, n_trials=n, catch=RuntimeError)
    return study


def _propose(study: optuna.Study, seed: int = 0, **options: Any) -> dict[str, Any]:
    trial = options.pop("trial", None) or study.ask()
    space = options.pop("space", None) or whole_space(TrialTable.of(study))
    params = propose(
        Choice(study, study.get_trials(deepcopy=False)[trial.number], space),
        Belief(np.ones(len(space)), False, None),
        options.pop("memory", HyperparameterMemory()),
        **{"cost_weight": 1.0, "has_liars": True, "seed": seed, **options},
    )
    assert params is not None
    return params


def test_the_proposal_is_near_the_optimum() -> None:
    for seed in range(3):
        params = _propose(_study(_bowl), seed)
        assert params["x"] == pytest.approx(0.3, abs=0.1)
        assert params["y"] == pytest.approx(0.8, abs=0.1)


def test_the_same_seed_gives_the_same_proposal() -> None:
    assert _propose(_study(_bowl), 3) == _propose(_study(_bowl), 3)
    assert _propose(_study(_bowl), 3) != _propose(_study(_bowl), 4)


def test_maximised_objectives() -> None:
    params = _propose(_study(lambda t: -_bowl(t), direction="maximize"))
    assert params["x"] == pytest.approx(0.3, abs=0.1)


def test_a_proposal_has_the_parameters_that_the_objective_asks_for() -> None:
    study = _study(_tree, 60)
    for seed in range(5):
        params = _propose(study, seed)
        study.enqueue_trial(params)
        study.optimize(_tree, n_trials=1)
        assert study.trials[-1].params == params


def test_points_of_a_grid_are_not_tried_again() -> None:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    space = {"n": optuna.distributions.IntDistribution(1, 4)}
    for n in (1, 2, 3):
        study.add_trial(optuna.create_trial(params={"n": n}, distributions=space, value=float(n)))
    assert _propose(study) == {"n": 4}
    study.add_trial(optuna.create_trial(params={"n": 4}, distributions=space, value=4.0))
    assert _propose(study)["n"] in (1, 2, 3, 4), "all have been tried"


def test_running_trials_are_not_proposed_again() -> None:
    study = _study(lambda t: abs(t.suggest_int("n", 1, 12) - 6.4), 6)
    proposed = [_propose(study)["n"]]
    waiting = study.ask()
    waiting.storage.set_trial_system_attr(
        waiting._trial_id, "tpe:relative_params:0", f'{{"n": {proposed[0]}}}'
    )
    proposed.append(_propose(study)["n"])
    assert proposed[0] != proposed[1]
    assert _propose(study, has_liars=False)["n"] == proposed[0]


def test_enqueued_parameters_are_kept_and_the_others_fit_to_them() -> None:
    study = _study(lambda t: (t.suggest_float("x", 0, 1) - t.suggest_float("y", 0, 1)) ** 2, 40)
    study.enqueue_trial({"x": 0.9})
    params = _propose(study, trial=study.ask())
    assert params["x"] == pytest.approx(0.9)
    assert params["y"] == pytest.approx(0.9, abs=0.1)


def test_fits_are_stored_and_read_by_others() -> None:
    study = _study(_bowl)
    memory = HyperparameterMemory()
    params = _propose(study, memory=memory)
    records = [storage.read(t.system_attrs, storage.SURROGATE) for t in study.trials]
    (record,) = [record for record in records if record is not None]
    assert record["names"] == ["x", "y"]
    assert record["n"] <= 30
    assert memory.recall("another") is None
    another = HyperparameterMemory()
    assert _propose(study, memory=another) != {} != params
    key = another._key
    mine, theirs = memory.recall(key), another.recall(key)
    assert mine is not None
    assert theirs is not None
    assert mine[0].tolist() == theirs[0].tolist()
    records = [storage.read(t.system_attrs, storage.SURROGATE) for t in study.trials]
    assert len([record for record in records if record is not None]) == 1, "not fitted again"


def test_failed_and_pruned_trials_are_bad_ones() -> None:
    def objective(trial: optuna.Trial) -> float:
        value = _bowl(trial)
        if trial.params["x"] < 0.5:  # the optimum is in here
            if trial.number % 2:
                raise optuna.TrialPruned
            raise RuntimeError
        return value

    study = _study(objective, 40)
    assert {t.state for t in study.trials} == {
        TrialState.COMPLETE,
        TrialState.PRUNED,
        TrialState.FAIL,
    }
    for seed in range(3):
        assert _propose(study, seed)["x"] > 0.4


def test_a_lesson_is_in_the_order_of_ends_and_leaves_out_what_is_empty() -> None:
    study = _study(_bowl, 5)
    study.tell(study.ask(), state=TrialState.FAIL)  # without parameters
    table = TrialTable.of(study)
    lesson = Lesson.of(table, whole_space(table))
    assert lesson.points.shape == (5, 2)
    assert lesson.first(3).points.tolist() == lesson.points[:3].tolist()
    assert lesson.outcomes.losses.tolist() == [[t.value] for t in study.trials[:5]]


def test_without_a_loss_there_is_no_proposal() -> None:
    def objective(trial: optuna.Trial) -> float:
        _bowl(trial)
        raise optuna.TrialPruned

    study = _study(objective, 12)
    space = whole_space(TrialTable.of(study))
    choice = Choice(study, study.ask()._cached_frozen_trial, space)
    belief = Belief(np.ones(2), False, None)
    options: dict[str, Any] = {"cost_weight": 1.0, "has_liars": True, "seed": 0}
    assert propose(choice, belief, HyperparameterMemory(), **options) is None


def test_where_only_late_trials_have_a_loss_all_teach() -> None:
    def objective(trial: optuna.Trial) -> float:
        value = _bowl(trial)
        if trial.number < 12:
            raise optuna.TrialPruned
        return value

    assert _propose(_study(objective, 13)).keys() == {"x", "y"}


def test_constraints_are_kept_to() -> None:
    def objective(trial: optuna.Trial) -> float:
        value = _bowl(trial)
        trial.set_constraint("c", 0.5 - trial.params["x"])  # the optimum violates it
        return value

    params = _propose(_study(objective, 40))
    assert params["x"] == pytest.approx(0.5, abs=0.1)
    assert params["y"] == pytest.approx(0.8, abs=0.15)
