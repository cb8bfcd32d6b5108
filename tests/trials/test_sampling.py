"""Who the trials are: by marks, by the sampler, by a look at them; of studies, frames and CSV."""

from __future__ import annotations

import io
import warnings
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import optuna
import pytest
from optuna.distributions import FloatDistribution
from optuna.samplers import (
    BaseSampler,
    CmaEsSampler,
    GPSampler,
    NSGAIISampler,
    QMCSampler,
    RandomSampler,
    TPESampler,
)
from optuna.trial import FrozenTrial, TrialState, create_trial

from optuna_hpx import InterleavedSampler, TrialTable
from optuna_hpx.trials import storage
from optuna_hpx.trials.sampling import Sampling, sampling_of

CHOSEN = "chosen by an adaptive sampler or by evolution"


def _trial(start: float = 0.0, end: float = 1.0, **attributes: Any) -> FrozenTrial:
    x = float(np.random.default_rng(int(1000 * start + end)).random())
    trial = create_trial(value=0.0, params={"x": x}, distributions={"x": FloatDistribution(0, 1)})
    trial.datetime_start = datetime(2026, 1, 1) + timedelta(seconds=start)
    trial.datetime_complete = datetime(2026, 1, 1) + timedelta(seconds=end)
    trial.system_attrs = attributes
    return trial


def _reasons(sampler: Any, *trials: FrozenTrial) -> list[str]:
    study = optuna.create_study(sampler=sampler or CmaEsSampler())
    study.add_trials(list(trials))
    return list(sampling_of(study).reasons)


@pytest.mark.parametrize("sampler", [None, RandomSampler(), TPESampler(), QMCSampler()])
@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        ({"fixed_params": {"x": 0.5}}, "enqueued"),
        ({"grid_id": 3}, "on a grid"),
        ({"tpe:relative_params": ""}, CHOSEN),
        ({"NSGAIISampler:generation": 1}, CHOSEN),
        ({"NSGAIISampler:generation": 0}, ""),
        ({"cma:generation": 0}, CHOSEN),
        (storage.as_attributes(storage.RANDOM, True), ""),
        (storage.as_attributes(storage.SEGMENT, {"parent": None}), ""),
        (
            storage.as_attributes(storage.SEGMENT, {"parent": 3}),
            "bred from an earlier one in a population",
        ),
    ],
)
def test_a_mark_counts_whatever_the_sampler_is(
    sampler: Any, attributes: dict[str, Any], reason: str
) -> None:
    assert _reasons(sampler, _trial(**attributes)) == [reason]


def test_an_enqueued_trial_is_no_draw_though_its_number_was_to_be_random() -> None:
    marks = {"fixed_params": {}, **storage.as_attributes(storage.RANDOM, True)}
    assert _reasons(RandomSampler(), _trial(**marks)) == ["enqueued"]


def test_without_a_mark_the_sampler_has_to_answer() -> None:
    assert _reasons(RandomSampler(), _trial()) == [""]
    other = "of CmaEsSampler, which is not known to draw independent trials"
    assert _reasons(None, _trial()) == [other]
    assert _reasons(QMCSampler(), _trial()) == ["of a quasi-random sequence or a grid"]
    assert _reasons(TPESampler(), _trial(2.0, 2.0)) == ["of no duration, as if added by hand"]


@pytest.mark.parametrize("sampler", [TPESampler, GPSampler])
def test_a_startup_ends_with_the_trials_that_had_ended_at_a_start(sampler: Any) -> None:
    spans = [(0, 1), (0.5, 5), (1.5, 2), (1.9, 3), (2.5, 4)]
    trials = [_trial(start, end) for start, end in spans]
    told = sampling_of(_study_of(trials), sampler(n_startup_trials=2))
    late = f"after the start-up trials of {sampler.__name__}"
    assert list(told.reasons) == ["", "", "", "", late]
    assert told.is_certain


def _study_of(trials: list[FrozenTrial]) -> optuna.Study:
    study = optuna.create_study()
    study.add_trials(trials)
    return study


def test_a_retried_trial_replaces_its_failed_copy() -> None:
    lost, again = _trial(0, 1), _trial(2, 3, failed_trial=0, retry_history=[0])
    lost.state, lost.values = TrialState.FAIL, None
    study = _study_of([lost, again])
    sampling = sampling_of(study, RandomSampler())
    assert sampling.reasons == ("lost, and tried again in another trial", "")
    assert sampling.retried.tolist() == [True, False]
    assert sampling.is_new.tolist() == [False, True]
    assert sampling.origins == ["retried", "independent"]


def _objective(trial: optuna.Trial) -> float:
    lr = trial.suggest_float("lr", 1e-5, 1.0, log=True)
    width = trial.suggest_int("width", 1, 64, log=True)
    kind = trial.suggest_categorical("kind", ["a", "b", "c"])
    return (np.log10(lr) + 2.5) ** 2 + abs(np.log2(width) - 3) / 4 + 0.5 * (kind != "b")


def _run(sampler: BaseSampler, n: int, *, then: BaseSampler | None = None, m: int = 0) -> Any:
    study = optuna.create_study(sampler=sampler)
    study.optimize(_objective, n_trials=n)
    if then is not None:
        study.sampler = then
        study.optimize(_objective, n_trials=m)
    return study


def _tpe_alone(seed: int) -> TPESampler:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return TPESampler(seed=seed, multivariate=False)


def _forms(study: optuna.Study) -> dict[str, Sampling]:
    """Look at a study as it is, loaded anew, as Optuna's and our data frame, and as its CSV."""
    loaded = _study_of(study.trials)
    frame = study.trials_dataframe()
    bare = frame.drop(columns=[name for name in frame if name.startswith("system_attrs_")])
    csv = io.StringIO(frame.to_csv(index=False))
    own = TrialTable.of(study).to_frame()
    import pandas as pd

    frames = {"frame": frame, "bare": bare, "csv": pd.read_csv(csv), "own": own}
    return {
        "study": sampling_of(study),
        "loaded": sampling_of(loaded),
        **{
            name: sampling_of(TrialTable.from_frame(form, value="value"))
            for name, form in frames.items()
        },
    }


def _interleaved() -> Any:
    return _run(InterleavedSampler(TPESampler(seed=0), every=3, seed=0), 120)


ADAPTIVE = {"adaptive", "mixed"}


@pytest.mark.parametrize(
    "make",
    [
        lambda: _run(TPESampler(seed=0), 120),
        lambda: _run(_tpe_alone(0), 120),
        lambda: _run(RandomSampler(seed=0), 80, then=TPESampler(seed=1), m=60),
        lambda: _run(RandomSampler(seed=0), 80, then=_tpe_alone(1), m=60),
        lambda: _run(NSGAIISampler(seed=0, population_size=20), 120),
        _interleaved,
    ],
    ids=["tpe", "tpe, one by one", "random, tpe", "random, tpe one by one", "nsga", "interleaved"],
)
def test_a_sampler_that_learns_is_seen_in_every_form(make: Any) -> None:
    kinds = {form: sampling.kind for form, sampling in _forms(make()).items()}
    if make.__name__ == "_interleaved":  # without marks the draws in between hide it
        kinds.pop("bare")
    assert set(kinds.values()) <= ADAPTIVE, kinds


def test_random_draws_are_seen_in_every_form() -> None:
    forms = _forms(_run(RandomSampler(seed=0), 150))
    assert {form: sampling.kind for form, sampling in forms.items()} == dict.fromkeys(
        forms, "independent"
    )
    assert all(sampling.independent.all() for sampling in forms.values())


def test_of_few_rows_nothing_is_claimed() -> None:
    forms = _forms(_run(RandomSampler(seed=0), 50))
    assert forms["study"].kind == forms["own"].kind == "independent"
    assert {forms[form].kind for form in ("loaded", "bare", "csv", "frame")} == {"unknown"}
    assert not forms["bare"].independent.any()


def test_a_quasi_random_sequence_is_even() -> None:
    study = optuna.create_study(sampler=QMCSampler(seed=0))
    study.optimize(lambda t: sum(t.suggest_float(f"x{i}", -1, 1) for i in range(4)), n_trials=128)
    assert {sampling.kind for sampling in _forms(study).values()} == {"even"}


def test_of_random_draws_before_tpe_the_draws_are_known() -> None:
    study = _run(RandomSampler(seed=0), 100, then=TPESampler(seed=1), m=30)
    for form, sampling in _forms(study).items():
        if form != "bare":  # whose rows bear no marks: none of them is certain
            assert sampling.kind == "mixed", form
            assert sampling.independent.tolist() == [True] * 100 + [False] * 30, form


def test_interleaved_draws_are_known() -> None:
    study = _run(InterleavedSampler(TPESampler(seed=0), every=4, seed=0), 60)
    drawn = np.flatnonzero(sampling_of(study).independent).tolist()
    assert set(range(3, 60, 4)) <= set(drawn) <= set(range(3, 60, 4)) | set(range(16))


def test_draws_that_contradict_their_sampler_are_not_its_own() -> None:
    study = _run(_tpe_alone(0), 120)
    study.sampler = RandomSampler()
    assert sampling_of(study).kind == "adaptive"
    told = sampling_of(study, RandomSampler())
    assert (told.kind, told.is_certain) == ("independent", True)


@pytest.mark.parametrize("sampler", [TPESampler(seed=0), _tpe_alone(0)])
def test_trials_that_were_added_by_hand_are_judged_by_their_looks(sampler: TPESampler) -> None:
    """Copies without marks or times, in a study whose sampler did not draw them."""

    def copied(study: optuna.Study) -> Sampling:
        copy = optuna.create_study(sampler=sampler)
        for trial in study.trials:
            copy.add_trial(
                create_trial(
                    params=trial.params, distributions=trial.distributions, value=trial.value
                )
            )
        return sampling_of(copy)

    assert copied(_run(_tpe_alone(0), 120)).kind == "adaptive"
    assert copied(_run(RandomSampler(seed=0), 120)).kind == "independent"
    assert copied(_run(RandomSampler(seed=0), 50)).kind == "unknown"


def test_a_pruner_makes_no_random_draws_adaptive() -> None:
    def objective(trial: optuna.Trial) -> float:
        value = _objective(trial)
        for step in range(3):
            trial.report(value + 1.0 / (step + 1), step)
            if trial.should_prune():
                raise optuna.TrialPruned
        return value

    for seed in range(3):
        study = optuna.create_study(
            sampler=RandomSampler(seed=seed), pruner=optuna.pruners.MedianPruner()
        )
        study.optimize(objective, n_trials=120)
        assert sampling_of(_study_of(study.trials)).kind == "independent"


def test_a_table_sorted_by_its_values_has_no_order_in_time() -> None:
    frame = _run(RandomSampler(seed=0), 150).trials_dataframe().sort_values("value")
    assert sampling_of(TrialTable.from_frame(frame, value="value")).kind == "independent"
    bare = frame.drop(columns="number").reset_index(drop=True)
    assert sampling_of(TrialTable.from_frame(bare, value="value")).kind == "unknown"


def test_the_answer_is_kept_with_the_table() -> None:
    table = TrialTable.of(_run(RandomSampler(seed=0), 30))
    assert sampling_of(table) is sampling_of(table)
    assert sampling_of(table) is not sampling_of(table, RandomSampler())


def test_a_study_without_trials() -> None:
    sampling = sampling_of(optuna.create_study())
    assert (sampling.kind, sampling.reasons) == ("unknown", ())
    assert sampling.independent.shape == sampling.is_new.shape == (0,)


def test_a_sequence_is_none_of_the_sampler_that_came_after_it() -> None:
    study = optuna.create_study(sampler=optuna.samplers.QMCSampler(seed=0))
    study.optimize(lambda t: sum(t.suggest_float(f"x{k}", -1, 1) for k in range(4)), n_trials=128)
    study.sampler = optuna.samplers.RandomSampler()
    sampling = sampling_of(study)
    assert sampling.kind == "even"
    assert "RandomSampler" not in sampling.basis


def test_a_sampler_that_comes_back_to_its_favourites_repeats_nothing() -> None:
    def objective(trial: optuna.Trial) -> float:
        return sum(abs(trial.suggest_int(f"k{j}", 1, 20) - 7) for j in range(3))

    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=0, multivariate=False))
    study.optimize(objective, n_trials=120)
    sampling = sampling_of(study)
    rows = {tuple(trial.params.values()) for trial in study.trials}
    assert len(rows) < 110, "it did come back"
    assert not sampling.repeated.any()
    assert sampling.independent.sum() <= 10


def test_of_no_trials_nothing_is_certain() -> None:
    sampling = sampling_of(optuna.create_study())
    assert (sampling.kind, sampling.is_certain) == ("unknown", False)
    assert sampling.basis == "There are no trials."


def test_a_sampler_whose_trials_have_nothing_in_common_leaves_no_mark() -> None:
    """TPE then chooses each parameter by itself: what bears no mark is its choice all the same."""

    def objective(trial: optuna.Trial) -> float:
        if trial.number == 2:
            raise optuna.TrialPruned
        return trial.suggest_float("x", -1, 1) ** 2 + trial.suggest_float("y", -1, 1) ** 2

    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=0))
    study.optimize(objective, n_trials=40)
    assert not any("tpe" in key for trial in study.trials for key in trial.system_attrs)
    sampling = sampling_of(study)
    assert sampling.kind == "mixed"
    assert sampling.independent.sum() == 10
