"""Which trials are assessed: repeats, retries, draws among others, and the user's word."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import optuna
import pytest
from optuna.distributions import FloatDistribution
from optuna.samplers import BaseSampler, QMCSampler, RandomSampler
from optuna.trial import FrozenTrial, TrialState, create_trial

from optuna_hpx import HsicImportanceEvaluator, PedAnovaImportanceEvaluator, TrialTable
from optuna_hpx._checks import SAMPLINGS
from optuna_hpx.importance._basis import Basis, basis_of

UNKNOWN = (
    "What drew these trials is not known: p-values and intervals hold only if they are "
    "independent random draws. If a sampler chose them, say sampling='adaptive'."
)


def drawn(n: int, sampler: BaseSampler | None = None) -> optuna.Study:
    study = optuna.create_study(sampler=sampler or RandomSampler(seed=0))
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=n)
    return study


def enqueue(study: optuna.Study, m: int) -> None:
    """Let somebody choose the values of m trials."""
    for k in range(m):
        study.enqueue_trial({"x": (k + 0.5) / m})
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=m)


def basis(study: optuna.Study | TrialTable, sampling: str = "auto") -> Basis:
    return basis_of(TrialTable.of(study), sampling)


def test_draws_are_assessed_as_they_are() -> None:
    table = TrialTable.of(drawn(5))
    assert basis(table) == Basis(table, table, "independent", ())
    assert basis(table).table is basis(table).fresh is table


def test_points_of_a_sequence_are_as_good() -> None:
    found = basis(drawn(8, QMCSampler(seed=0)))
    assert (found.sampling, found.holds, found.notes()) == ("even", True, ())


@pytest.mark.parametrize(
    ("n", "sampling", "n_assessed"), [(39, "adaptive", 49), (40, "mixed", 40), (41, "mixed", 41)]
)
def test_from_40_draws_on_they_are_assessed_alone(n: int, sampling: str, n_assessed: int) -> None:
    study = drawn(n)
    enqueue(study, 10)
    found = basis(study)
    assert (found.sampling, len(found.table), len(found.fresh)) == (sampling, n_assessed, n + 10)
    assert found.table.numbers.tolist() == list(range(n_assessed))
    assert found.holds == (sampling == "mixed")
    assert found.notes() == (
        (
            f"Assessed are only the {n} complete trials that were drawn at random: the other 10 "
            "complete ones are left out, as no p-value or interval would hold with what a sampler "
            "or a person chose.",
        )
        if sampling == "mixed"
        else ()
    )


@pytest.mark.parametrize(("n", "is_said"), [(60, True), (25, False)])
def test_draws_that_another_sampler_may_have_made_are_named(n: int, is_said: bool) -> None:
    """Random trials first, then TPE, in a study that is loaded: TPE vouches for 10 of them."""
    study = drawn(n)
    study.sampler = optuna.samplers.TPESampler(seed=1)
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1) ** 2, n_trials=30)
    loaded = optuna.load_study(study_name=study.study_name, storage=study._storage)
    assert (basis(loaded).sampling, len(basis(loaded).table)) == ("adaptive", n + 30)
    notes = [note for note in basis(loaded).notes() if "without a mark of a sampler" in note]
    assert len(notes) == is_said
    if is_said:
        assert notes[0].startswith("50 trials without a mark of a sampler may be random draws")
    first = TrialTable.of(loaded).take(np.arange(n))
    assert basis(first, "independent").sampling == "independent", "as the note says"


def test_only_complete_draws_count_as_enough() -> None:
    study = drawn(39)
    study.sampler = RandomSampler(seed=1)

    def fail(trial: optuna.Trial) -> float:
        trial.suggest_float("x", 0, 1)
        raise optuna.TrialPruned

    study.optimize(fail, n_trials=5)
    enqueue(study, 12)
    assert basis(study).sampling == "adaptive"
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=1)
    found = basis(study)
    assert (found.sampling, len(found.table)) == ("mixed", 45)
    assert int(found.table.complete.sum()) == 40
    assert "only the 40 complete trials" in found.notes()[-1]


@pytest.mark.parametrize("n", [20, 39])
def test_a_trial_of_the_users_own_does_not_cost_what_the_draws_tell(n: int) -> None:
    study = optuna.create_study(sampler=RandomSampler(seed=2))
    study.enqueue_trial({"x": 0.5})
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=n)
    found = basis(study)
    assert (found.sampling, len(found.table)) == ("mixed", n - 1)
    assert "the other complete one is left out" in found.notes()[-1]


def test_draws_must_have_the_parameters_of_all() -> None:
    """A parameter that only chosen trials have could not be assessed without them."""
    study = drawn(50)
    unit = FloatDistribution(0.0, 1.0)

    def add(state: TrialState) -> None:
        trial = create_trial(
            params={"x": 0.123, "z": 0.5},
            distributions={"x": unit, "z": unit},
            value=0.0 if state == TrialState.COMPLETE else None,
            state=state,
        )
        trial.system_attrs = {"fixed_params": {}}
        study.add_trial(trial)

    enqueue(study, 10)
    add(TrialState.FAIL)
    assert basis(study).sampling == "mixed", "no COMPLETE trial has z"
    add(TrialState.COMPLETE)
    found = basis(study)
    assert (found.sampling, len(found.table)) == ("mixed", 50), "nearly all are draws"
    assert found.notes()[-1].endswith("Nothing is known of z, which no draw has.")
    enqueue(study, 10)
    found = basis(study)
    assert (found.sampling, len(found.table), found.notes()) == ("adaptive", 72, ())


@pytest.mark.parametrize(
    ("n", "note"),
    [
        (
            1,
            "1 trial repeats all values of an earlier one, as of workers with the same seed, and "
            "is left out: that is no new evidence.",
        ),
        (
            5,
            "5 trials repeat all values of an earlier one, as of workers with the same seed, and "
            "are left out: that is no new evidence.",
        ),
    ],
)
@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_repeats_are_left_out_whatever_is_known_of_the_trials(
    n: int, note: str, sampling: str
) -> None:
    study = drawn(20)
    study.sampler = RandomSampler(seed=0)
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=n)
    found = basis(study, sampling)
    assert found.notes() == (note,)
    assert found.table is found.fresh
    assert found.table.numbers.tolist() == list(range(20))
    assert found.sampling == ("independent" if sampling == "auto" else sampling)


@pytest.mark.parametrize(
    ("n", "note"),
    [
        (1, "1 failed trial was tried again, and is left out."),
        (2, "2 failed trials were tried again, and are left out."),
    ],
)
def test_retried_trials_are_left_out(n: int, note: str) -> None:
    def copy(trial: FrozenTrial, **changes: Any) -> FrozenTrial:
        arguments = {"params": trial.params, "distributions": trial.distributions}
        made = create_trial(**{**arguments, "value": trial.value, **changes})
        made.datetime_start, made.datetime_complete = trial.datetime_start, trial.datetime_complete
        return made

    whole = drawn(5).trials
    study = optuna.create_study(sampler=RandomSampler())
    study.add_trials([copy(t, value=None, state=TrialState.FAIL) for t in whole[:n]])
    for number, trial in enumerate(whole):
        again = copy(trial)
        if number < n:
            again.system_attrs = {"failed_trial": number, "retry_history": [number]}
        study.add_trial(again)
    found = basis(study)
    assert found.notes() == (note,)
    assert found.table.numbers.tolist() == list(range(n, n + 5))
    assert (found.table.states == TrialState.COMPLETE).all()


def test_of_few_rows_it_is_said_that_nothing_is_known() -> None:
    rng = np.random.default_rng(0)
    pandas = pytest.importorskip("pandas")

    def rows(n: int) -> TrialTable:
        frame = pandas.DataFrame({"x": rng.random(n), "y": rng.random(n), "loss": rng.random(n)})
        return TrialTable.from_frame(frame, value="loss")

    few, many = rows(30), rows(120)
    assert basis(few) == Basis(few, few, "unknown", (), (UNKNOWN,))
    assert basis(few).holds, "they may be draws"
    assert basis(many) == Basis(many, many, "independent", ())
    assert basis(few, "independent") == Basis(few, few, "independent", ())


def test_of_unknown_trials_repeats_are_noted_first() -> None:
    study = drawn(20)
    table = TrialTable.of(study)
    frame = table.take(np.array([*range(20), 3])).to_frame().drop(columns=["origin", "number"])
    first, second = basis(TrialTable.from_frame(frame, value="value")).notes()
    assert first.startswith("1 trial repeats all values")
    assert second == UNKNOWN


def losing(lose: Callable[[float, str], Exception | None], n: int = 120) -> optuna.Study:
    def objective(trial: optuna.Trial) -> float:
        x, k = trial.suggest_float("x", 0, 1), trial.suggest_categorical("k", ["a", "b", "c"])
        if error := lose(x, k):
            raise error
        return x

    study = optuna.create_study(sampler=RandomSampler(seed=0))
    study.optimize(objective, n_trials=n, catch=MemoryError)
    return study


def test_values_with_which_no_trial_completed_are_named() -> None:
    study = losing(lambda _, k: MemoryError() if k == "c" else None)
    n_lost = sum(trial.params["k"] == "c" for trial in study.trials)
    note = (
        f"No trial completed with some values: each of the {n_lost} trials with k = c failed. "
        "target='complete' asks what decides that; the importances here do not see it."
    )
    for sampling in SAMPLINGS:
        one = basis(study, sampling)
        assert one.silences() == one.notes() == (note,)
        assert one.notes("feasible") == (note,)
        assert one.notes("complete") == (), "this is asked already"
        assert len(one.table) == 120, "they are in no target set, but asked about"


def test_several_such_values_make_one_note() -> None:
    def lose(x: float, k: str) -> Exception | None:
        return optuna.TrialPruned() if k == "c" else MemoryError() if x > 0.8 else None

    study = losing(lose)
    n_pruned = sum(trial.params["k"] == "c" for trial in study.trials)
    (note,) = basis(study).notes()
    assert note.startswith("No trial completed with some values: ")
    assert f"each of the {n_pruned} trials with k = c was pruned" in note


def test_values_with_which_a_trial_completed_are_not_named() -> None:
    lost = iter([None])
    study = losing(lambda _, k: next(lost, MemoryError()) if k == "c" else None)
    assert basis(study).notes() == ()


@pytest.mark.parametrize("evaluator", [PedAnovaImportanceEvaluator, HsicImportanceEvaluator])
def test_the_evaluators_warn_of_such_values(evaluator: Any) -> None:
    study = losing(lambda _, k: MemoryError() if k == "c" else None)
    (note,) = basis(study).notes()
    with pytest.warns(UserWarning, match=re.escape(note)):
        evaluator(seed=0).evaluate(study)
    assert note in evaluator(seed=0).report(study).warnings


def test_the_user_knows_best() -> None:
    study = drawn(50)
    enqueue(study, 10)
    table = TrialTable.of(study)
    assert basis(table, "independent") == Basis(table, table, "independent", ())
    chosen = basis(table, "adaptive")
    assert chosen == Basis(table, table, "adaptive", ())
    assert not chosen.holds


def test_the_answer_is_kept_with_the_table() -> None:
    table = TrialTable.of(drawn(5))
    assert basis(table) is basis(table)
    assert basis(table) is not basis(table, "independent")


def test_a_study_without_trials() -> None:
    found = basis(optuna.create_study())
    assert (len(found.table), found.sampling, found.notes()) == (0, "unknown", ())
