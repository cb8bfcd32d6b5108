"""A run from its first segment to its schedule."""

from __future__ import annotations

import json
import math
import threading
import time
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import pytest
from optuna.artifacts import FileSystemArtifactStore
from optuna.samplers import GPSampler, QMCSampler, RandomSampler, TPESampler
from optuna.trial import TrialState
from scipy.stats.qmc import Sobol

from optuna_hpx import HsicSampler
from optuna_hpx.population import (
    Checkpoint,
    CheckpointError,
    GPBTScheduler,
    ReplayError,
    Schedule,
)
from optuna_hpx.population._ledger import Ledger
from optuna_hpx.population._segment import Segment
from optuna_hpx.population._worker import as_number
from optuna_hpx.population.maths import plan as plans
from optuna_hpx.trials import storage as _storage
from tests.population.models import check_run, choose, descend

N, T = 8, 4


@pytest.fixture(autouse=True)
def _quiet() -> Any:
    level = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    yield
    optuna.logging.set_verbosity(level)


def scheduler(study: optuna.Study | None = None, **kwargs: Any) -> GPBTScheduler:
    settings = {"population_size": N, "n_generations": T, "seed": 0, **kwargs}
    return GPBTScheduler(study or optuna.create_study(), **settings)


def table(study: optuna.Study) -> list[tuple[Any, ...]]:
    """By slot: all that a run is."""
    ledger = Ledger(study)
    ledger.update()
    numbers = {number: segment.slot for number, segment in ledger.by_number.items()}
    return [
        (slot, s.kind, s.seed, s.trial.params, s.trial.values, s.sha256, numbers.get(s.parent))
        for slot, s in sorted(ledger.published.items())
    ]


@pytest.mark.parametrize("segment", [descend, choose])
@pytest.mark.parametrize("direction", ["minimize", "maximize"])
def test_a_run(segment: Any, direction: str) -> None:
    study = optuna.create_study(direction=direction)
    run = scheduler(study)
    assert not run.is_complete
    run.optimize(segment)
    assert run.is_complete
    check_run(study, N, T)
    assert len(study.trials) == N * T
    schedule = run.best_schedule()
    assert schedule.steps[-1].value == study.best_value
    assert run.replay(segment, schedule) == study.best_value


def test_it_finds_that_the_rate_must_fall() -> None:
    found = []
    for seed in range(3):
        run = scheduler(population_size=15, n_generations=6, seed=seed)
        run.optimize(descend)
        rates = [step.params["rate"] for step in run.best_schedule().steps]
        found.append(rates[-1] < 0.5 * max(rates))
    assert all(found)


def test_the_same_trials_again_with_one_seed() -> None:
    tables = []
    for seed in (0, 0, 1):
        run = scheduler(seed=seed)
        run.optimize(descend)
        tables.append(table(run._study))
    assert tables[0] == tables[1] != tables[2]


@pytest.mark.parametrize("segment", [descend, choose])
def test_the_default_does_not_depend_on_the_number_of_workers(segment: Any) -> None:
    alone, together = scheduler(), scheduler()
    alone.optimize(segment)
    together.optimize(segment, n_jobs=4)
    check_run(together._study, N, T)
    assert table(alone._study) == table(together._study)


def test_without_a_seed_runs_differ_and_two_workers_agree() -> None:
    first, second = scheduler(seed=None), scheduler(seed=None)
    first.optimize(descend)
    second.optimize(descend)
    assert table(first._study) != table(second._study)
    other = GPBTScheduler(first._study, population_size=N, n_generations=T)
    assert other.best_schedule() == first.best_schedule()
    assert other._run.settings == first._run.settings


@pytest.mark.parametrize(
    "sampler",
    [
        TPESampler,
        lambda seed: TPESampler(multivariate=True, group=True, seed=seed),
        RandomSampler,
        HsicSampler,
    ],
)
@pytest.mark.parametrize("history", ["shared", "lineage", "siblings"])
def test_samplers_inside(sampler: Any, history: Any) -> None:
    tables = []
    for _ in range(2):
        run = scheduler(sampler=sampler, history=history)
        run.optimize(choose)
        check_run(run._study, N, T)
        tables.append(table(run._study))
    assert tables[0] == tables[1]


@pytest.mark.parametrize("sampler", [GPSampler(seed=0), QMCSampler(seed=0), TPESampler(seed=0)])
def test_a_sampler_as_an_object(sampler: Any) -> None:
    run = scheduler(sampler=sampler)
    run.optimize(descend)
    check_run(run._study, N, T)


@pytest.mark.parametrize("sampler", [QMCSampler, QMCSampler(scramble=True, seed=3)])
@pytest.mark.parametrize("n_jobs", [1, 3])
def test_each_segment_has_its_own_point_of_a_sequence(sampler: Any, n_jobs: int) -> None:
    run = scheduler(sampler=sampler)
    run.optimize(descend, n_jobs=n_jobs)
    ledger = Ledger(run._study)
    ledger.update()
    points = Sobol(2, scramble=not isinstance(sampler, type), seed=3).random(N * T)
    random = list(ledger.published)[:n_jobs]  # they began before any other had suggested
    checked = [
        segment
        for slot, segment in ledger.published.items()
        if segment.kind in ("root", "propose") and slot not in random
    ]
    assert len(checked) > N
    for segment in checked:
        u = points[segment.slot[0] * N + segment.slot[1]]
        expected = [10.0 ** (3.0 * u[0] - 3.0), 0.9 * u[1]]
        assert list(segment.trial.params.values()) == pytest.approx(expected)


@pytest.mark.parametrize("history", ["shared", "lineage", "siblings"])
def test_a_sampler_sees_what_a_private_study_of_the_relatives_has(history: Any) -> None:
    """Each proposal must be that of a study made by hand from the related trials."""
    run = scheduler(sampler=TPESampler, history=history, population_size=6, n_generations=3)
    run.optimize(descend)
    ledger = Ledger(run._study)
    ledger.update()
    n_checked = 0
    for segment in ledger.published.values():
        if segment.kind not in ("propose", "root"):
            continue
        alone = optuna.create_study(sampler=TPESampler(seed=segment.seed))
        for other in run._study.trials:
            if other.number < segment.number and _is_relative(ledger, other, segment, history):
                alone.add_trial(
                    optuna.trial.create_trial(
                        params=other.params, distributions=other.distributions, value=other.value
                    )
                )
        trial = alone.ask()
        rate = trial.suggest_float("rate", 1e-3, 1.0, log=True)
        momentum = trial.suggest_float("momentum", 0.0, 0.9)
        assert segment.trial.params == {"rate": rate, "momentum": momentum}
        n_checked += 1
    assert n_checked >= 10


def _is_relative(ledger: Ledger, other: Any, of: Segment, history: str) -> bool:
    """By walking from parent to parent."""
    segment = ledger.by_number[other.number]
    if history == "shared":
        return True
    if segment.parent == of.parent:
        return True
    if history == "siblings":
        return False
    ancestors, number = [], of.parent
    while number is not None:
        ancestors.append(number)
        number = ledger.by_number[number].parent
    return segment.parent is None or segment.parent in ancestors or segment.number in ancestors


def test_the_plan_of_the_paper() -> None:
    study = optuna.create_study()
    GPBTScheduler.paper(study, population_size=12, n_generations=3, seed=0).optimize(descend)
    check_run(study, 12, 3, plan=plans.paper(12, 3))
    ledger = Ledger(study)
    ledger.update()
    kinds = [s.kind for s in ledger.generation(1)]
    assert kinds == (["continue"] + ["propose"] * 3) * 3


def test_asynchronous_children_begin_before_their_generation() -> None:
    """One slow segment must not hold the others up, not even those of the last generation."""
    last_began = threading.Event()

    def segment(trial: optuna.Trial, checkpoint: Checkpoint) -> float:
        if checkpoint.generation == T - 1:
            last_began.set()
        elif trial.number == 0:
            assert last_began.wait(60.0)
        return descend(trial, checkpoint)

    study = optuna.create_study()
    run = scheduler(study, synchronous=False)
    run.optimize(segment, n_jobs=2)
    assert study.trials[0].state == TrialState.COMPLETE
    published = Ledger(study)
    published.update()
    assert len(published.published) == N * T
    for segment_ in published.published.values():
        if segment_.parent is not None:
            parent = published.by_number[segment_.parent]
            assert parent.generation == segment_.generation - 1
            assert parent.trial.datetime_complete <= segment_.trial.datetime_start
    assert run.replay(descend, run.best_schedule()) == study.best_value


def test_asynchronous_workers_take_the_earliest_generation_first() -> None:
    """Children that begin early know few parents to choose from."""
    study = optuna.create_study()
    begun = [0, 0, 0]

    def segment(trial: optuna.Trial, checkpoint: Checkpoint) -> float:
        generation = checkpoint.generation
        begun[generation] += 1
        if generation > 0:
            # Two at work: all but two of the generation before, or of its parents, are done.
            assert begun[generation - 1] >= 20 - 4
        time.sleep(0.01)
        return descend(trial, checkpoint)

    run = GPBTScheduler(study, population_size=20, n_generations=3, seed=0, synchronous=False)
    run.optimize(segment, n_jobs=2)


def test_a_run_goes_on_where_it_stopped() -> None:
    whole = scheduler()
    whole.optimize(descend)
    study = optuna.create_study()
    for _ in range(N * T):
        run = scheduler(study)
        done = [0]

        def after(study: Any, trial: Any, run: Any = run, done: Any = done) -> None:
            done[0] += 1
            if done[0] == 5:
                run.stop()

        run.optimize(descend, callbacks=[after])
        if run.is_complete:
            break
        assert done[0] == 5
    assert table(study) == table(whole._study)


def test_timeout() -> None:
    def slow(trial: optuna.Trial, checkpoint: Checkpoint) -> float:
        time.sleep(0.05)
        return descend(trial, checkpoint)

    run = scheduler()
    begin = time.monotonic()
    run.optimize(slow, timeout=0.3)
    assert time.monotonic() - begin < 1.0
    assert 1 <= len(run._study.trials) <= 7
    assert all(t.state == TrialState.COMPLETE for t in run._study.trials)
    with pytest.raises(ValueError, match="`timeout` must not be negative, got -1"):
        run.optimize(slow, timeout=-1)


def test_callbacks_get_each_trial(capsys: pytest.CaptureFixture[str]) -> None:
    seen: list[int] = []
    run = scheduler()
    run.optimize(
        descend,
        n_jobs=2,
        callbacks=[lambda study, trial: seen.append(trial.number)],
        show_progress_bar=True,
    )
    complete = [t.number for t in run._study.trials if t.state == TrialState.COMPLETE]
    assert sorted(seen) == complete
    assert "32/32" in capsys.readouterr().err


# What goes wrong in a segment


@pytest.mark.parametrize("direction", ["minimize", "maximize"])
def test_a_segment_that_diverges_has_no_children(direction: str) -> None:
    def segment(trial: optuna.Trial, checkpoint: Checkpoint) -> float:
        value = descend(trial, checkpoint)
        return math.nan if trial.params["rate"] > 0.3 else value

    study = optuna.create_study(direction=direction)
    scheduler(study).optimize(segment)
    check_run(study, N, T)
    worst = math.inf if direction == "minimize" else -math.inf
    diverged = [t for t in study.trials if t.params["rate"] > 0.3]
    assert diverged
    assert all(t.value == worst for t in diverged)
    parents = {t.user_attrs["parent"] for t in study.trials}
    assert not parents & {t.number for t in diverged}


@pytest.mark.parametrize("synchronous", [True, False])
@pytest.mark.parametrize("n", [1, N])
def test_after_a_generation_that_diverged_the_one_before_has_children_again(
    n: int, synchronous: bool
) -> None:
    def segment(trial: optuna.Trial, checkpoint: Checkpoint) -> float:
        value = descend(trial, checkpoint)
        return math.inf if checkpoint.generation == 1 else value

    study = optuna.create_study()
    run = scheduler(study, population_size=n, synchronous=synchronous)
    run.optimize(segment, timeout=20.0)
    generation = {t.number: t.user_attrs["generation"] for t in study.trials}
    parents = [generation[t.user_attrs["parent"]] for t in study.trials[2 * n : 3 * n]]
    assert parents == [0] * n
    assert len([t for t in study.trials if t.state == TrialState.COMPLETE]) == n * T
    schedule = run.best_schedule()
    assert [step.generation for step in schedule.steps][:2] == [0, 2]
    assert run.replay(segment, schedule) == study.best_value


def test_if_nothing_ever_converges_the_error_says_so() -> None:
    def segment(trial: optuna.Trial, checkpoint: Checkpoint) -> float:
        descend(trial, checkpoint)
        return math.nan

    run = scheduler()
    with pytest.raises(RuntimeError, match="Generation 1 has no parents: of 8 segments none"):
        run.optimize(segment)
    with pytest.raises(ValueError, match="No segment of the study came to a finite value"):
        run.best_schedule()


def test_an_exception_is_raised_and_the_slot_tried_again() -> None:
    fails = [True]

    def segment(trial: optuna.Trial, checkpoint: Checkpoint) -> float:
        if checkpoint.generation == 1 and fails:
            fails.pop()
            raise ZeroDivisionError("by hand")
        return descend(trial, checkpoint)

    study = optuna.create_study()
    run = scheduler(study)
    with pytest.raises(ZeroDivisionError):
        run.optimize(segment)
    failed = study.trials[-1]
    assert failed.state == TrialState.FAIL
    told = _storage.read(failed.system_attrs, _storage.FAILURE)
    assert told == {"why": "error", "message": "ZeroDivisionError('by hand')"}
    run.optimize(segment)
    whole = scheduler()
    whole.optimize(descend)
    check_run(study, N, T)
    assert [row[:5] for row in table(study)] == [row[:5] for row in table(whole._study)]


def test_a_slot_that_always_fails_is_given_up() -> None:
    def segment(trial: optuna.Trial, checkpoint: Checkpoint) -> float:
        value = descend(trial, checkpoint)
        if trial.params["rate"] > 0.3:
            raise ValueError("too large")
        return value

    study = optuna.create_study()
    run = scheduler(study, max_attempts=2)
    run.optimize(segment, catch=ValueError)
    assert run.is_complete
    ledger = Ledger(study)
    ledger.update()
    given_up = [slot for slot, count in ledger.failures.items() if count]
    assert given_up
    assert all(ledger.failures[slot] == 2 for slot in given_up)
    assert len(ledger.published) == N * T - len(given_up)
    with pytest.raises(ValueError, match="a run with `max_attempts` 2"):
        scheduler(study, max_attempts=3).optimize(segment)


def test_a_generation_that_only_raises_ends_with_what_to_do() -> None:
    def segment(trial: optuna.Trial, checkpoint: Checkpoint) -> float:
        raise OSError("no data")

    with pytest.raises(RuntimeError, match="failed trials of the study say"):
        scheduler().optimize(segment, catch=OSError)


@pytest.mark.parametrize(
    ("segment", "error", "match"),
    [
        (lambda trial, checkpoint: "0.5", TypeError, "must return a number, got '0.5'"),
        (lambda trial, checkpoint: 1.0, ValueError, "must call checkpoint.save"),
        (lambda trial, checkpoint: None, TypeError, "got None"),
    ],
)
def test_segments_that_are_none(segment: Any, error: type, match: str) -> None:
    run = scheduler()
    with pytest.raises(error, match=match):
        run.optimize(segment)
    assert run._study.trials[-1].state == TrialState.FAIL


def test_what_a_segment_returns() -> None:
    torch = pytest.importorskip("torch")
    assert as_number(torch.ones(1)) == as_number(np.ones((1, 1))) == as_number(1) == 1.0
    with pytest.raises(TypeError, match="must return a number, got tensor"):
        as_number(torch.zeros(2))


def test_the_last_generation_need_not_save() -> None:
    def segment(trial: optuna.Trial, checkpoint: Checkpoint) -> float:
        return trial.suggest_float("x", 0, 1)

    run = scheduler(n_generations=1)
    run.optimize(segment)
    assert run.best_schedule().steps[0].sha256 is None
    assert run.replay(segment, run.best_schedule()) == run._study.best_value


def test_interrupted_from_the_keyboard() -> None:
    def segment(trial: optuna.Trial, checkpoint: Checkpoint) -> float:
        if trial.number == 3:
            raise KeyboardInterrupt
        return descend(trial, checkpoint)

    run = scheduler()
    with pytest.raises(KeyboardInterrupt):
        run.optimize(segment)
    assert run._study.trials[-1].state == TrialState.FAIL
    run.optimize(descend)
    check_run(run._study, N, T)


@pytest.mark.parametrize("later", [-100.0, 100.0])
def test_pruning_compares_with_the_same_generation_only(later: float) -> None:
    """Beside other generations, all or none of the later ones would be pruned."""
    pruned_at: list[int] = []

    def segment(trial: optuna.Trial, checkpoint: Checkpoint) -> float:
        value = descend(trial, checkpoint)
        trial.report(later * checkpoint.generation + value, 1)
        if trial.should_prune():
            pruned_at.append(checkpoint.generation)
            raise optuna.TrialPruned
        return value

    study = optuna.create_study(pruner=optuna.pruners.MedianPruner(n_startup_trials=3))
    scheduler(study).optimize(segment)
    check_run(study, N, T)
    assert set(pruned_at) - {0}
    assert len(pruned_at) < N * T / 2
    pruned = [t for t in study.trials if t.state == TrialState.PRUNED]
    assert len(pruned) == len(pruned_at)
    assert not {t.number for t in pruned} & {t.user_attrs["parent"] for t in study.trials}


@pytest.mark.parametrize(
    "pruner", [optuna.pruners.HyperbandPruner(), optuna.pruners.SuccessiveHalvingPruner()]
)
def test_pruners_that_make_no_sense_here(pruner: Any) -> None:
    with pytest.raises(ValueError, match="pruner must not be a"):
        scheduler(optuna.create_study(pruner=pruner))


# Checkpoints


def artifacts(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_checkpoints_kept_are_those_of_parents_and_the_current_generation(tmp_path: Path) -> None:
    study = optuna.create_study(storage=f"sqlite:///{tmp_path}/s.db")
    folder = tmp_path / "checkpoints"
    folder.mkdir()
    run = scheduler(study, artifact_store=FileSystemArtifactStore(folder))
    most = []
    run.optimize(descend, callbacks=[lambda s, t: most.append(len(artifacts(folder)))])
    n_parents = plans.annealed(N, T).parents[0]
    assert max(most) <= N + n_parents + 1  # and the best of all
    ledger = Ledger(study)
    ledger.update()
    last = {run._run.artifact(s.number) for s in ledger.generation(T - 1)}
    assert artifacts(folder) == last | {run._run.artifact(ledger.best().number)}  # type: ignore[union-attr]


def test_the_best_model_can_be_loaded() -> None:
    run = scheduler()
    run.optimize(descend)
    x = np.zeros(6)
    assert run.best_checkpoint().load(x=x, steps=0)["steps"] == 5 * len(run.best_schedule())
    assert np.logspace(-1, 0, 6) @ x**2 / 2.0 == run._study.best_value


@pytest.mark.parametrize("damage", ["missing", "truncated", "altered"])
def test_a_damaged_checkpoint_is_never_loaded(damage: str, tmp_path: Path) -> None:
    study = optuna.create_study(storage=f"sqlite:///{tmp_path}/s.db")
    folder = tmp_path / "checkpoints"
    folder.mkdir()
    run = scheduler(study, artifact_store=FileSystemArtifactStore(folder))

    def stop(study: Any, trial: Any) -> None:
        if trial.number == N - 1:
            run.stop()

    run.optimize(descend, callbacks=[stop])
    saved = {path: path.read_bytes() for path in folder.iterdir()}
    for path, content in saved.items():
        if damage == "missing":
            path.unlink()
        elif damage == "truncated":
            path.write_bytes(content[: len(content) // 2])
        else:
            path.write_bytes(content.replace(b'"steps": 5', b'"steps": 6'))
    for _ in range(N * 3 if damage == "missing" else 1):
        with pytest.raises(CheckpointError, match=r"checkpoint of trial \d cannot be loaded"):
            run.optimize(descend)
    for path, content in saved.items():
        path.write_bytes(content)
    run.optimize(descend)  # as if nothing had happened: the failures were not the segment's
    check_run(study, N, T)
    ledger = Ledger(study)
    ledger.update()
    assert ledger.accidents.total() == ledger.failures.total() == 0
    told = [_storage.read(trial.system_attrs, _storage.FAILURE) for trial in study.trials]
    assert {failure["why"] for failure in told if failure} == {"parent"}


def test_a_full_disk_fails_the_segment_and_keeps_the_parents(tmp_path: Path) -> None:
    class Full(FileSystemArtifactStore):
        is_full = False

        def write(self, artifact_id: str, content_body: Any) -> None:
            if self.is_full:
                (tmp_path / artifact_id).write_bytes(b"half of it")
                raise OSError(28, "No space left on device")
            super().write(artifact_id, content_body)

    store = Full(tmp_path)
    study = optuna.create_study(storage=f"sqlite:///{tmp_path}/s.db")
    run = scheduler(study, artifact_store=store)

    def fill(study: Any, trial: Any) -> None:
        store.is_full = trial.number == N + 1

    with pytest.raises(OSError, match="No space"):
        run.optimize(descend, callbacks=[fill])
    failed = study.trials[-1]
    assert failed.state == TrialState.FAIL
    assert run._run.artifact(failed.number) not in artifacts(tmp_path)
    store.is_full = False
    run.optimize(descend)
    check_run(study, N, T)


# Leases


def test_a_dead_workers_segment_is_trained_by_another() -> None:
    study = optuna.create_study()
    run = scheduler(study, lease_seconds=0.3)
    _claim_and_die(study, run, slot=2)
    run.optimize(descend)
    check_run(study, N, T)
    assert study.trials[0].state == TrialState.FAIL
    assert _storage.read(study.trials[0].system_attrs, _storage.FAILURE)["why"] == "lost"
    whole = scheduler()
    whole.optimize(descend)
    assert [row[:5] for row in table(study)] == [row[:5] for row in table(whole._study)]


def _claim_and_die(study: optuna.Study, run: GPBTScheduler, slot: int, lease: float = 0.3) -> int:
    """A trial that is running and will never renew its lease."""
    told = {"generation": 0, "slot": slot, "parent": None, "kind": "root", "seed": 1}
    attributes = _storage.as_attributes(_storage.SEGMENT, told)
    attributes |= _storage.as_attributes(_storage.LEASE, [0, lease])
    attributes |= _storage.as_attributes(_storage.RUN, run._run.settings)
    template = optuna.trial.create_trial(state=TrialState.RUNNING, system_attrs=attributes)
    return _storage.create_trial(study, template)


def test_of_two_workers_without_a_seed_the_first_ones_holds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Another one's first trial comes between this one's look and its own first trial."""
    study = optuna.create_study()
    first, second = (scheduler(study, seed=None, lease_seconds=0.3) for _ in range(2))
    create_trial = _storage.create_trial

    def create(*args: Any) -> int:
        monkeypatch.undo()
        _claim_and_die(study, first, slot=2)
        return create_trial(*args)

    monkeypatch.setattr(_storage, "create_trial", create)
    second.optimize(descend)
    ledger = Ledger(study)
    ledger.update()
    assert ledger.run == first._run.settings
    for slot, segment in ledger.published.items():
        assert segment.seed == first._run.seed_of(slot)


def test_a_long_segment_keeps_its_lease() -> None:
    def segment(trial: optuna.Trial, checkpoint: Checkpoint) -> float:
        if trial.number == 0:
            time.sleep(1.2)
        return descend(trial, checkpoint)

    study = optuna.create_study()
    scheduler(study, lease_seconds=0.3).optimize(segment, n_jobs=2)
    assert [t.state for t in study.trials if t.number == 0] == [TrialState.COMPLETE]
    check_run(study, N, T)


def test_a_worker_that_lost_its_lease_drops_what_it_trained() -> None:
    """As if it had been stopped for a while: another declares its trial dead meanwhile."""
    study = optuna.create_study()

    def segment(trial: optuna.Trial, checkpoint: Checkpoint) -> float:
        value = descend(trial, checkpoint)
        if trial.number == 5:
            study.tell(5, state=TrialState.FAIL)
        return value

    run = scheduler(study)
    run.optimize(segment)
    check_run(study, N, T)
    assert study.trials[5].state == TrialState.FAIL
    assert run._run.artifact(5) not in run._run.store._store._artifacts  # type: ignore[attr-defined]


def test_a_segment_that_reports_after_it_was_fenced(said: pytest.LogCaptureFixture) -> None:
    study = optuna.create_study()

    def segment(trial: optuna.Trial, checkpoint: Checkpoint) -> float:
        value = descend(trial, checkpoint)
        if trial.number == 5:
            study.tell(5, state=TrialState.FAIL)
        trial.report(value, 1)
        return value

    scheduler(study).optimize(segment)
    check_run(study, N, T)
    lost = [record for record in said.records if "lost its lease" in record.getMessage()]
    assert [record.exc_info[0].__name__ for record in lost] == ["UpdateFinishedTrialError"]  # type: ignore[index, union-attr]


def test_no_thread_is_left_behind() -> None:
    scheduler().optimize(descend, n_jobs=2)
    deadline = time.monotonic() + 5.0
    while time.monotonic() < deadline and any(
        thread.name == "optuna-hpx leases" for thread in threading.enumerate()
    ):
        time.sleep(0.05)
    assert not [t for t in threading.enumerate() if t.name == "optuna-hpx leases"]


# Schedules


def test_a_schedule_and_its_file(tmp_path: Path) -> None:
    run = scheduler()
    run.optimize(choose)
    schedule = run.best_schedule()
    schedule.to_json(tmp_path / "s.json")
    again = Schedule.from_json(tmp_path / "s.json")
    assert again == schedule
    assert run.replay(choose, again) == run._study.best_value
    plain = json.loads((tmp_path / "s.json").read_text())
    assert [step["params"] for step in plain["steps"]] == [s.params for s in schedule.steps]
    assert f"Schedule of {len(schedule)} segments" in repr(schedule)


@pytest.mark.parametrize("content", ["{}", "[]", "no json", '{"format": "another"}'])
def test_what_is_no_schedule(content: str, tmp_path: Path) -> None:
    path = tmp_path / "s.json"
    path.write_text(content)
    with pytest.raises(ValueError, match=r"`path` must be a schedule.s file"):
        Schedule.from_json(path)


def changed(schedule: Schedule, at: int, **values: Any) -> Schedule:
    import dataclasses

    steps = list(schedule.steps)
    steps[at] = dataclasses.replace(steps[at], **values)
    return dataclasses.replace(schedule, steps=tuple(steps))


def test_a_replay_notices_the_last_bit() -> None:
    run = scheduler()
    run.optimize(descend)
    schedule = run.best_schedule()
    step = schedule.steps[1]
    for values in (
        {"params": {**step.params, "rate": float(np.nextafter(step.params["rate"], 0.0))}},
        {"seed": step.seed + 1},
        {"value": step.value + 1e-12},
        {"sha256": "0" * 64},
    ):
        wrong = changed(schedule, 1, **values)
        with pytest.raises(ReplayError, match=r"generation 1 (came to|left a checkpoint)"):
            run.replay(descend, wrong)
        assert math.isfinite(run.replay(descend, wrong, verify=False))


def test_a_replay_of_a_segment_that_asks_its_trial() -> None:
    seen: list[dict[str, Any]] = []

    def segment(trial: optuna.Trial, checkpoint: Checkpoint) -> float:
        seen.append(trial.user_attrs)
        return descend(trial, checkpoint)

    run = scheduler()
    run.optimize(segment)
    schedule = run.best_schedule()
    trained = [seen[step.number] for step in schedule.steps]
    seen.clear()
    run.replay(segment, schedule)
    assert seen == trained


def test_a_replay_holds_one_checkpoint_at_a_time() -> None:
    def segment(trial: optuna.Trial, checkpoint: Checkpoint) -> float:
        x = np.zeros(100_000)
        checkpoint.load(x=x)
        checkpoint.save(x=x)
        return trial.suggest_float("y", 0, 1) - checkpoint.generation

    run = scheduler(population_size=1, n_generations=12)
    run.optimize(segment)
    schedule = run.best_schedule()
    tracemalloc.start()
    run.replay(segment, schedule)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(schedule) == 12
    assert peak < 8 * 800_000


def test_a_replay_on_another_build_says_so() -> None:
    import dataclasses

    run = scheduler()
    run.optimize(descend)
    wrong = changed(run.best_schedule(), 0, sha256="0" * 64)
    wrong = dataclasses.replace(wrong, environment={**wrong.environment, "numpy": "0.1"})
    with pytest.raises(ReplayError, match=r"made elsewhere \(numpy 0.1 then and"):
        run.replay(descend, wrong)


def test_a_generation_as_a_study() -> None:
    run = scheduler()
    run.optimize(descend)
    alone = run.generation(2)
    assert len(alone.trials) == N
    expected = [t.values for t in run._study.trials if t.user_attrs["generation"] == 2]
    assert [t.values for t in alone.trials] == expected
    assert optuna.importance.get_param_importances(alone)


# Arguments


@pytest.mark.parametrize(
    ("kwargs", "error", "match"),
    [
        ({"population_size": 0}, ValueError, "`population_size` must be at least 1"),
        ({"n_generations": 2.0}, TypeError, "`n_generations` must be an int"),
        ({"history": "all"}, ValueError, "`history` must be one of"),
        ({"lease_seconds": 0}, ValueError, "`lease_seconds` must be positive"),
        ({"seed": -1}, ValueError, "`seed` must not be negative"),
        ({"plan": "best"}, ValueError, "`plan` must be one of"),
        ({"sampler": 3}, TypeError, "`sampler` must be a sampler"),
        ({"sampler": optuna.samplers.CmaEsSampler()}, ValueError, "must not be a CmaEsSampler"),
        ({"artifact_store": "folder"}, TypeError, "`artifact_store` must be"),
        ({"max_attempts": 0}, ValueError, "`max_attempts`"),
        ({"synchronous": "no"}, TypeError, "`synchronous` must be True or False, got 'no'"),
    ],
)
def test_bad_arguments(kwargs: dict[str, Any], error: type, match: str) -> None:
    with pytest.raises(error, match=match):
        scheduler(**kwargs)


def test_bad_studies(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="`study` must be a Study"):
        GPBTScheduler("study")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="one objective, got 2"):
        GPBTScheduler(optuna.create_study(directions=["minimize", "maximize"]))
    with pytest.raises(ValueError, match="`artifact_store` must be given"):
        GPBTScheduler(optuna.create_study(storage=f"sqlite:///{tmp_path}/s.db"))


@pytest.mark.parametrize(
    ("kwargs", "name"),
    [
        ({"population_size": 9}, "population_size"),
        ({"seed": 1}, "seed"),
        ({"history": "lineage"}, "history"),
    ],
)
def test_a_run_with_other_settings_is_refused_and_kept(kwargs: dict[str, Any], name: str) -> None:
    run = scheduler()
    run.optimize(descend)
    before = table(run._study)
    with pytest.raises(ValueError, match=f"holds a run with `{name}`"):
        scheduler(run._study, **kwargs).optimize(descend)
    other = scheduler(run._study, **kwargs)
    for look in (lambda: other.is_complete, lambda: other.generation(0), other.best_schedule):
        with pytest.raises(ValueError, match=f"holds a run with `{name}`"):
            look()
    assert table(run._study) == before
    assert len(run._study.trials) == N * T


def test_other_trials_of_the_study_are_left_alone() -> None:
    study = optuna.create_study()
    study.optimize(lambda trial: trial.suggest_float("y", 0, 1), n_trials=3)
    study.enqueue_trial({"y": 0.5})
    scheduler(study).optimize(descend)
    check_run(study, N, T)
    assert [set(t.params) for t in study.trials[:3]] == [{"y"}] * 3
    assert study.trials[3].state == TrialState.WAITING


def test_the_users_study_keeps_its_sampler() -> None:
    sampler = TPESampler()
    study = optuna.create_study(sampler=sampler)
    scheduler(study).optimize(descend)
    assert study.sampler is sampler


# What a user is told


def test_a_folder_that_does_not_exist(tmp_path: Path) -> None:
    store = FileSystemArtifactStore(tmp_path / "nope")
    with pytest.raises(ValueError, match=r"nope' does not exist"):
        scheduler(artifact_store=store)


def test_a_state_dict_is_no_part() -> None:
    with pytest.raises(TypeError, match="pass the module or optimiser itself"):
        Checkpoint(0, 0).load(net={"weight": np.zeros(2)})


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    optuna.logging.set_verbosity(optuna.logging.INFO)
    optuna.logging.enable_propagation()
    yield caplog
    optuna.logging.disable_propagation()


def test_parts_that_are_not_loaded(said: pytest.LogCaptureFixture) -> None:
    def segment(trial: optuna.Trial, checkpoint: Checkpoint) -> float:
        x, v = np.zeros(1), np.zeros(1)
        checkpoint.load(x=x)
        checkpoint.save(x=x, v=v)
        return trial.suggest_float("y", 0, 1)

    scheduler().optimize(segment)
    assert said.text.count("saved ['v'], which the segment does not load") == 1


def test_parts_that_are_loaded_twice(said: pytest.LogCaptureFixture) -> None:
    def segment(trial: optuna.Trial, checkpoint: Checkpoint) -> float:
        x, v = np.zeros(1), np.zeros(1)
        checkpoint.load(x=x, v=v)
        checkpoint.load(x=x)
        checkpoint.save(x=x, v=v)
        return trial.suggest_float("y", 0, 1)

    scheduler().optimize(segment)
    assert "does not load" not in said.text


def test_a_segment_that_never_loads(said: pytest.LogCaptureFixture) -> None:
    def segment(trial: optuna.Trial, checkpoint: Checkpoint) -> float:
        checkpoint.save(step=1)
        return trial.suggest_float("y", 0, 1)

    scheduler().optimize(segment)
    assert said.text.count("does not call checkpoint.load") == 1


def test_each_segment_and_what_stays_empty(said: pytest.LogCaptureFixture) -> None:
    def segment(trial: optuna.Trial, checkpoint: Checkpoint) -> float:
        value = descend(trial, checkpoint)
        if trial.number == 0:
            raise ValueError("by hand")
        return value

    scheduler(max_attempts=1).optimize(segment, catch=ValueError)
    assert said.text.count("of generation 0 ended with value") == N - 1
    assert "1 of 32 segments stay empty, the first of them in generation 0" in said.text


def test_waiting_for_a_worker_that_is_gone(said: pytest.LogCaptureFixture) -> None:
    study = optuna.create_study()
    run = scheduler(study, population_size=2, n_generations=1, lease_seconds=5.0)
    _claim_and_die(study, run, slot=1, lease=5.0)
    run.optimize(descend)
    assert "Waiting for other workers, which train trial 0." in said.text


def test_a_replay_with_another_segment() -> None:
    run = scheduler(n_generations=2)
    run.optimize(descend)

    def changed_segment(trial: optuna.Trial, checkpoint: Checkpoint) -> float:
        trial.suggest_float("decay", 0, 1)
        return descend(trial, checkpoint)

    with pytest.raises(ReplayError, match=r"it has \['momentum', 'rate'\]"):
        run.replay(changed_segment, run.best_schedule())
