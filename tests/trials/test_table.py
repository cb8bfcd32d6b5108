"""TrialTable: every kind of trial and parameter, and a cache that is never wrong."""

from __future__ import annotations

import gc
import os
import signal
import threading
import time
import weakref
from pathlib import Path

import numpy as np
import optuna
import pandas as pd
import pytest
from optuna.distributions import (
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.trial import TrialState

from optuna_hpx import TrialTable
from optuna_hpx.trials.domain import n_possible_values
from optuna_hpx.trials.frames.guess import guess_distributions


def assert_same(a: TrialTable, b: TrialTable) -> None:
    for name in ("numbers", "states", "losses", "violation", "durations"):
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name))
    assert list(a.columns) == list(b.columns)
    for name, column in a.columns.items():
        other = b.columns[name]
        assert column.distributions == other.distributions
        np.testing.assert_array_equal(column.regime, other.regime)
        np.testing.assert_array_equal(column.values, other.values)


def read_afresh(study: optuna.Study) -> TrialTable:
    """Through another Study object, which has no table yet."""
    return TrialTable.from_study(
        optuna.load_study(study_name=study.study_name, storage=study._storage)
    )


def everything(trial: optuna.Trial) -> float:
    x = trial.suggest_float("x", -1, 1)
    lr = trial.suggest_float("lr", 1e-4, 1.0, log=True)
    k = trial.suggest_int("k", 1, 9, step=2)
    w = trial.suggest_int("w", 1, 64, log=True)
    c = trial.suggest_categorical("c", [None, True, 1.5, "1.5"])
    if c is None:
        x += trial.suggest_float("only_none", 0, 1)
    x += trial.suggest_float("moving", 0, 1 + trial.number)
    trial.suggest_float("single", 3, 3)
    trial.set_constraint("c0", -1.0)
    trial.set_constraint("c1", x)
    if trial.number % 7 == 3:
        raise optuna.TrialPruned
    if trial.number % 7 == 4:
        raise RuntimeError
    if trial.number % 7 == 5:
        return float("inf")
    return x + lr + k + w


@pytest.mark.parametrize("direction", ["minimize", "maximize"])
def test_all_kinds_of_trials(storage: optuna.storages.BaseStorage, direction: str) -> None:
    sampler = optuna.samplers.RandomSampler(seed=0)
    study = optuna.create_study(storage=storage, direction=direction, sampler=sampler)
    study.optimize(everything, n_trials=14, catch=RuntimeError)
    study.enqueue_trial({"x": 0.0})  # WAITING
    study.ask()  # RUNNING
    table = TrialTable.from_study(study)
    finished = [t for t in study.trials if t.state.is_finished()]
    assert table.n_trials == len(table) == len(finished) == 14
    for row, trial in enumerate(finished):
        assert table.numbers[row] == trial.number
        assert table.states[row] == trial.state
        assert table.feasible[row] == all(v <= 0 for v in trial.constraints.values())
        assert table.durations[row] == trial.duration.total_seconds()  # type: ignore[union-attr]
        if trial.state == TrialState.COMPLETE:
            assert table.values[row, 0] == trial.value
            sign = -1 if direction == "maximize" else 1
            assert table.losses[row, 0] == sign * trial.value  # type: ignore[operator]
        else:
            assert np.isnan(table.losses[row, 0])
        for name, column in table.columns.items():
            dist = trial.distributions.get(name)
            if dist is None:
                assert column.regime[row] == -1
                assert np.isnan(column.values[row])
            else:
                assert column.distributions[column.regime[row]] == dist
                expected = trial.params[name]
                found = column.external()[row]
                assert (found, type(found)) == (expected, type(expected))
    assert table.complete.sum() == sum(
        t.state == TrialState.COMPLETE and np.isfinite(t.value) for t in finished
    )


def test_frame(storage: optuna.storages.BaseStorage) -> None:
    # Seeded: where chance drew no text for c, pandas would make NaN of its choice None.
    study = optuna.create_study(storage=storage, sampler=optuna.samplers.RandomSampler(seed=0))
    study.optimize(everything, n_trials=10, catch=RuntimeError)
    frame = TrialTable.from_study(study).to_frame()
    theirs = study.trials_dataframe()
    assert frame["number"].tolist() == theirs["number"].tolist()
    assert frame["state"].tolist() == theirs["state"].tolist()
    np.testing.assert_array_equal(frame["value"], theirs["value"])
    np.testing.assert_array_equal(frame["params_lr"], theirs["params_lr"])
    assert frame["params_c"].tolist() == [t.params["c"] for t in study.trials]


def test_several_objectives() -> None:
    study = optuna.create_study(directions=["minimize", "maximize"])
    study.optimize(lambda t: (t.suggest_float("x", 0, 1), 2.0), n_trials=3)
    table = TrialTable.from_study(study)
    np.testing.assert_array_equal(table.losses[:, 1], [-2.0] * 3)
    np.testing.assert_array_equal(table.values[:, 1], [2.0] * 3)
    assert list(table.to_frame().columns[2:4]) == ["values_0", "values_1"]


@pytest.mark.parametrize("m", [1, 2, 3])
def test_the_best_agree_with_optuna(m: int) -> None:
    rng = np.random.default_rng(m)
    directions = ["minimize", "maximize", "minimize"][:m]
    study = optuna.create_study(directions=directions)
    assert TrialTable.from_study(study).best.tolist() == []
    for _ in range(60):
        values = rng.integers(0, 6, m).astype(float).tolist()
        constraints = {"c": float(rng.random() - 0.7)}
        study.add_trial(optuna.create_trial(values=values, constraints=constraints))
    expected = [study.best_trial] if m == 1 else study.best_trials
    assert TrialTable.from_study(study).best.tolist() == [t.number for t in expected]


def test_constraint_nan_is_a_violation() -> None:
    study = optuna.create_study()
    old_format = {"constraints": [float("nan"), -1.0]}
    study.add_trial(optuna.create_trial(value=1.0, system_attrs=old_format))
    assert TrialTable.from_study(study).violation.tolist() == [np.inf]


def test_no_trials() -> None:
    table = TrialTable.from_study(optuna.create_study())
    assert len(table) == 0
    assert table.columns == {}
    assert len(table.to_frame()) == 0


def test_grows_and_stays_equal_to_a_fresh_table(storage: optuna.storages.BaseStorage) -> None:
    sampler = optuna.samplers.RandomSampler(seed=1)
    study = optuna.create_study(storage=storage, sampler=sampler)
    before = TrialTable.from_study(study)
    for _ in range(4):
        study.optimize(everything, n_trials=4, catch=RuntimeError)
        table = TrialTable.from_study(study)
        assert table is not before
        assert TrialTable.from_study(study) is table
        assert_same(table, read_afresh(study))
        before = table


def test_trials_that_finish_out_of_order(storage: optuna.storages.BaseStorage) -> None:
    study = optuna.create_study(storage=storage)
    rng = np.random.default_rng(0)
    waiting: list[optuna.Trial] = []
    for step in range(24):
        trial = study.ask()
        if trial.number % 3:
            trial.suggest_categorical("late", ["a", "b"])
        trial.suggest_float("x", 0, 1 + trial.number % 2)
        waiting.append(trial)
        if step > 5:
            study.tell(waiting.pop(rng.integers(len(waiting))), rng.random())
        assert_same(TrialTable.from_study(study), read_afresh(study))


def test_reads_only_the_new_trials(monkeypatch: pytest.MonkeyPatch) -> None:
    from optuna_hpx.trials import table as module

    study = optuna.create_study()
    study.optimize(lambda t: t.suggest_float("x", 0, 1), n_trials=5)
    TrialTable.from_study(study)
    sizes: list[int] = []
    read = module._read_trials
    monkeypatch.setattr(
        module, "_read_trials", lambda trials, *d: (sizes.append(len(trials)), read(trials, *d))[1]
    )
    TrialTable.from_study(study)
    study.optimize(lambda t: t.suggest_float("x", 0, 1), n_trials=2)
    TrialTable.from_study(study)
    assert sizes == [2]


def test_deleted_and_made_again_under_the_same_name(tmp_path: Path) -> None:
    """SQLite hands out the ids of deleted studies and trials again."""
    url = f"sqlite:///{tmp_path}/s.db"
    study = optuna.create_study(study_name="s", storage=url)
    study.optimize(lambda t: t.suggest_float("x", 0, 1), n_trials=3)
    assert TrialTable.from_study(study).n_trials == 3
    optuna.delete_study(study_name="s", storage=study._storage)
    again = optuna.create_study(study_name="s", storage=study._storage)
    again.optimize(lambda t: t.suggest_int("k", 5, 9), n_trials=3)
    for handle in (again, study):
        if handle is study and study._study_id != again._study_id:
            continue
        table = TrialTable.from_study(handle)
        assert list(table.columns) == ["k"]
        assert table.values[:, 0].tolist() == [t.value for t in again.trials]


def test_does_not_outlive_its_study() -> None:
    study = optuna.create_study()
    study.optimize(lambda t: t.suggest_float("x", 0, 1), n_trials=2)
    table, handle = weakref.ref(TrialTable.from_study(study)), weakref.ref(study)
    del study
    gc.collect()
    assert handle() is None
    assert table() is None


def test_threads_that_ask_at_once() -> None:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    study.optimize(everything, n_trials=20, catch=RuntimeError)
    tables: list[TrialTable] = []
    start = threading.Barrier(9)

    def ask() -> None:
        start.wait()
        for _ in range(20):
            tables.append(TrialTable.from_study(study))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    start.wait()
    study.optimize(everything, n_trials=20, catch=RuntimeError)
    for thread in threads:
        thread.join()
    final = TrialTable.from_study(study)
    assert_same(final, read_afresh(study))
    by_length = {len(table): table for table in tables}
    assert all(by_length[len(table)] is table for table in tables)  # built once each
    for table in by_length.values():
        np.testing.assert_array_equal(table.numbers, final.numbers[: len(table)])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_is_not_held_by_a_lock_of_its_parent() -> None:
    from optuna_hpx.trials import cache

    study = optuna.create_study()
    study.optimize(lambda t: t.suggest_float("x", 0, 1), n_trials=3)
    TrialTable.from_study(study)
    with cache._entries_lock, cache._entries[study].lock:
        child = os.fork()
        if child == 0:
            os._exit(TrialTable.from_study(study).n_trials)
        deadline = time.monotonic() + 20
        while (done := os.waitpid(child, os.WNOHANG))[0] == 0:
            if time.monotonic() > deadline:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
                pytest.fail("the child hangs")
            time.sleep(0.02)
    assert os.waitstatus_to_exitcode(done[1]) == 3


def test_a_table_cannot_be_written_to() -> None:
    study = optuna.create_study()
    study.optimize(lambda t: t.suggest_float("x", 0, 1), n_trials=3)
    table = TrialTable.from_study(study)
    for array in (table.losses, table.columns["x"].values):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 9.0


@pytest.mark.parametrize(
    ("dist", "n"),
    [
        (CategoricalDistribution(["a", "b"]), 2),
        (IntDistribution(1, 9, step=2), 5),
        (IntDistribution(1, 64, log=True), 64),
        (FloatDistribution(0, 1, step=0.1), 11),
        (FloatDistribution(0, 1), np.inf),
        (FloatDistribution(2, 2), 1),
    ],
)
def test_n_possible_values(dist: optuna.distributions.BaseDistribution, n: float) -> None:
    assert n_possible_values(dist) == n


class TestFromFrame:
    frame = pd.DataFrame(
        {
            "trial": [0, 1, 2, 3, 4, 5],
            "lr": [1e-5, 1e-4, 1e-3, 1e-2, 1e-1, None],
            "depth": [1, 2, 3, 4, 5, 6],
            "width": [8, 16, 8, 32, 32, 8],
            "opt": ["adam", "sgd", "adam", None, "sgd", "adam"],
            "amsgrad": [True, False, True, None, None, True],
            "loss": [0.5, 0.4, 0.3, 0.2, 0.1, None],
        }
    )

    def test_guesses(self) -> None:
        table = TrialTable.from_frame(self.frame, value="loss", direction="maximize")
        assert {name: c.distributions[0] for name, c in table.columns.items()} == {
            "lr": FloatDistribution(1e-5, 1e-1, log=True),
            "width": IntDistribution(8, 32),
            "opt": CategoricalDistribution(["adam", "sgd"]),
            "amsgrad": CategoricalDistribution([False, True]),
        }
        assert table.losses[:, 0].tolist()[:5] == [-0.5, -0.4, -0.3, -0.2, -0.1]
        assert table.states.tolist() == [TrialState.COMPLETE] * 5 + [TrialState.FAIL]
        assert table.columns["opt"].external() == ["adam", "sgd", "adam", None, "sgd", "adam"]
        assert table.columns["lr"].regime.tolist() == [0, 0, 0, 0, 0, -1]

    def test_reads_optunas_own_frame(self) -> None:
        study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
        study.optimize(everything, n_trials=14, catch=RuntimeError)
        table = TrialTable.from_study(study)
        for frame in (study.trials_dataframe(), table.to_frame()):
            back = TrialTable.from_frame(frame, value="value")
            assert set(back.columns) == set(table.columns)
            np.testing.assert_array_equal(back.states, table.states)
            np.testing.assert_array_equal(back.losses, table.losses)

    def test_named_columns_are_taken_even_if_they_count_the_rows(self) -> None:
        table = TrialTable.from_frame(self.frame, params=["depth"], value="loss")
        assert table.columns["depth"].distributions == (IntDistribution(1, 6),)

    def test_overrides(self) -> None:
        dists = guess_distributions(
            self.frame, ["lr", "width"], linear=["lr"], categorical=["width"]
        )
        assert dists == {
            "lr": FloatDistribution(1e-5, 1e-1),
            "width": CategoricalDistribution([8, 16, 32]),
        }
        table = TrialTable.from_frame(self.frame, value="loss", distributions=dists)
        assert table.columns["width"].values.tolist() == [0, 1, 0, 2, 2, 0]

    @pytest.mark.parametrize(
        ("kwargs", "message"),
        [
            ({"value": "missing"}, r"no column 'missing'.*'lr'"),
            ({"value": "opt"}, "'opt' must hold numbers"),
            ({"value": "loss", "params": ["nope"]}, "no column 'nope'"),
            ({"value": "loss", "direction": "up"}, "'minimize' or 'maximize', got 'up'"),
            ({"value": ["loss", "lr"]}, "one direction per objective: expected 2"),
            ({"value": "loss", "params": ["loss"]}, "as a parameter and as an objective"),
            (
                {"value": "loss", "distributions": {"depth": IntDistribution(1, 3)}},
                r"'depth' must lie in \[1, 3\], but holds 4",
            ),
            (
                {"value": "loss", "distributions": {"opt": CategoricalDistribution(["adam"])}},
                "'opt' must hold one of .* but holds 'sgd'",
            ),
        ],
    )
    def test_bad_input(self, kwargs: dict, message: str) -> None:  # type: ignore[type-arg]
        with pytest.raises(ValueError, match=message):
            TrialTable.from_frame(self.frame, **kwargs)

    def test_a_callable_needs_trials(self) -> None:
        table = TrialTable.from_frame(self.frame, value="loss")
        with pytest.raises(ValueError, match="needs a study"):
            table.map(lambda trial: trial.value, np.array([0]))

    def test_agrees_with_the_study_it_was_written_from(self) -> None:
        study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
        study.optimize(everything, n_trials=12, catch=RuntimeError)
        table = TrialTable.from_study(study)
        names = ["lr", "k", "w"]
        back = TrialTable.from_frame(
            table.to_frame().rename(columns=lambda c: c.removeprefix("params_")),
            params=names,
            value="value",
            distributions={name: table.columns[name].distributions[0] for name in names},
        )
        for name in names:
            np.testing.assert_array_equal(back.columns[name].values, table.columns[name].values)
