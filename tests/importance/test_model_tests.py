"""From a table of chosen trials to the evidence of a model."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import optuna
import pytest

from optuna_hpx.importance._assessed_trials import AssessedTrials
from optuna_hpx.importance._basis import basis_of
from optuna_hpx.importance._model_tests import evidence_of, inputs_of
from optuna_hpx.importance._split import rank
from optuna_hpx.importance._subspace import Region, Subspace, Target, columns_of, select
from optuna_hpx.importance.maths.model_evidence import MIN_TRIALS, model_evidence
from optuna_hpx.trials.table import TrialTable


def _branches(trial: optuna.Trial) -> float:
    x = trial.suggest_float("x", 0.0, 1.0)
    if trial.suggest_categorical("model", ["tree", "net"]) == "tree":
        trial.suggest_int("idle", 1, 8)
        return 1.0 + 0.1 * x
    if trial.suggest_float("gate", 0.0, 1.0) < 0.5:
        return trial.suggest_float("deep", 0.0, 1.0)
    return 0.8


@pytest.fixture(scope="module")
def table() -> TrialTable:
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=1))
    study.optimize(_branches, n_trials=140)
    return TrialTable.from_study(study)


def _whole(region: Region | None = None, region_quantile: float = 1.0) -> Subspace:
    return Subspace(0.1, region_quantile, None, region, "minimize")


def _assessed(
    table: TrialTable, target: Target | None = None, subspace: Subspace | None = None
) -> AssessedTrials:
    subspace = subspace or _whole()
    ranking = rank(select(table, subspace, target), subspace)
    return AssessedTrials(ranking, columns_of(table, None, target), basis_of(table, "adaptive"))


def test_activity_is_an_input_where_no_other_choice_decides_it(table: TrialTable) -> None:
    """The model decides on idle and gate; a number, gate, decides on deep."""
    parts = inputs_of(table.columns)
    assert [part.shape[1] for part in parts] == [1, 2, *[1] * (len(table.columns) - 2), 1]
    is_deep = np.isfinite(table.columns["deep"].values)
    assert parts[-1][:, 0].tolist() == is_deep.tolist()


def test_a_branch_and_its_choice_are_found_and_what_is_idle_is_not(table: TrialTable) -> None:
    names = ["idle", "model", "deep"]
    result = evidence_of(_assessed(table), _whole(), names)
    assert result is not None
    p = dict(zip(names, result.p_values_familywise.tolist(), strict=True))
    assert p["model"] < 0.05
    assert p["deep"] < 0.05
    assert p["idle"] > 0.05


def test_it_is_the_evidence_of_those_columns(table: TrialTable) -> None:
    names = ["x", "model", "idle", "gate", "deep"]
    result = evidence_of(_assessed(table), _whole(), names)
    parts = inputs_of({name: table.columns[name] for name in names})
    ends = np.cumsum([0, *[part.shape[1] for part in parts]])
    groups = [slice(a, b) for a, b in pairwise(ends)]
    X = np.concatenate(parts, axis=1, dtype=float)
    expected = model_evidence(X, groups, table.losses[:, 0], 5)
    assert result is not None
    np.testing.assert_allclose(result.log_odds, expected.log_odds, rtol=1e-6)


def test_the_order_of_the_names_does_not_matter(table: TrialTable) -> None:
    names = ["x", "model", "idle", "gate", "deep"]
    first = evidence_of(_assessed(table), _whole(), names)
    again = evidence_of(_assessed(table), _whole(), names[::-1])
    assert first is not None
    assert again is not None
    assert first.p_values.tolist() == again.p_values[::-1].tolist()
    assert first.p_values_familywise.tolist() == again.p_values_familywise[::-1].tolist()


def test_a_box_is_no_hindrance(table: TrialTable) -> None:
    subspace = _whole({"x": (0.0, 1.0)})
    assert evidence_of(_assessed(table, subspace=subspace), subspace, ["x"]) is not None


@pytest.mark.parametrize("target", ["feasible", "complete"])
def test_of_labels_nothing_is_claimed(table: TrialTable, target: Target) -> None:
    assert evidence_of(_assessed(table, target), _whole(), ["x"]) is None


def test_of_what_was_selected_by_more_than_values_nothing_is_claimed(table: TrialTable) -> None:
    for subspace in (_whole(region_quantile=0.8), _whole(lambda trial: trial.value < 1.0)):
        assert evidence_of(_assessed(table, subspace=subspace), subspace, ["x"]) is None


def test_of_few_trials_or_no_parameter_nothing_is_claimed(table: TrialTable) -> None:
    few = table.take(np.arange(MIN_TRIALS - 1))
    assert evidence_of(_assessed(few), _whole(), ["x"]) is None
    assert evidence_of(_assessed(table), _whole(), []) is None


def test_of_several_objectives_nothing_is_claimed() -> None:
    study = optuna.create_study(directions=["minimize"] * 2)
    study.sampler = optuna.samplers.TPESampler(seed=0)
    study.optimize(lambda t: (x := t.suggest_float("x", 0, 1), 1 - x), n_trials=45)
    assert evidence_of(_assessed(TrialTable.from_study(study)), _whole(), ["x"]) is None


def test_where_most_scores_are_tied_nothing_is_claimed() -> None:
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=0))
    study.optimize(lambda t: round(4 * t.suggest_float("x", 0, 1)), n_trials=45)
    assert evidence_of(_assessed(TrialTable.from_study(study)), _whole(), ["x"]) is None
