from __future__ import annotations

import multiprocessing
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import optuna
import pytest
from optuna.trial import TrialState

from optuna_hpx.page._cli import main
from optuna_hpx.page.demo import _workers
from tests import made_by_hand as hand


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _study() -> optuna.Study:
    return optuna.load_study(study_name="digits", storage="sqlite:///optuna-hpx-demo.db")


def test_two_workers_a_page_and_the_command_that_makes_it_again(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["demo", "--n-trials", "12", "--n-workers", "2"]) == 0
    captured = capsys.readouterr()
    trials = _study().trials
    assert len(trials) == 12
    assert all(trial.state.is_finished() for trial in trials)
    assert len({str(trial.params) for trial in trials}) == 12
    assert "12/12" in captured.err
    assert "best log loss" in captured.err
    assert "Warning" not in captured.err
    page = Path("optuna-hpx-demo.html")
    assert "<h1>digits</h1>" in page.read_text(encoding="utf-8")
    first, again = captured.out.strip().splitlines()
    assert "optuna-hpx-demo.html" in first
    page.unlink()
    assert main(shlex.split(again)[1:]) == 0
    assert page.exists()

    assert main(["demo", "--n-trials", "12"]) == 0
    assert "already held 12" in capsys.readouterr().out
    assert len(_study().trials) == 12, "a complete study is only reported on"

    assert main(["demo", "--n-trials", "15", "--n-workers", "1"]) == 0
    assert "already held 12" in capsys.readouterr().out
    assert len(_study().trials) == 15


def test_a_seed_decides_the_study_whoever_runs_it(folder: Path) -> None:
    results = []
    for n_workers, seed in ((1, 5), (2, 5), (1, 6)):
        name = f"{n_workers}-{seed}.db"
        _workers.run("digits", name, n_trials=6, n_workers=n_workers, seed=seed)
        trials = optuna.load_study(study_name="digits", storage=f"sqlite:///{name}").trials
        results.append([(trial.params, trial.value) for trial in trials])
    assert results[0] == results[1]
    assert results[0] != results[2]


def test_trials_are_shared_evenly() -> None:
    assert _workers._shares(7, 3) == [3, 2, 2]
    assert _workers._shares(2, 3) == [1, 1]
    assert _workers._shares(0, 3) == []
    assert _workers._shares(-1, 3) == []


def test_an_interrupt_ends_the_workers_and_keeps_their_trials(folder: Path) -> None:
    demo = subprocess.Popen(
        [sys.executable, "-m", "optuna_hpx.page._cli", "demo", "--n-trials", "500"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # Who runs the tests in the background of a shell has children deaf to interrupts.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and not _n_complete():
            time.sleep(0.2)
        assert demo.poll() is None
        os.killpg(demo.pid, signal.SIGINT)  # as a terminal does: to the workers as well
        # The trials in progress are waited for, and so is a busy machine.
        out, err = demo.communicate(timeout=_workers._PATIENCE_SECONDS + 60)
    finally:
        if demo.poll() is None:
            demo.kill()
    assert demo.returncode == 130
    assert "interrupted" in err
    assert "Traceback" not in err
    assert out == ""
    assert not Path("optuna-hpx-demo.html").exists()
    states = {trial.state for trial in _study().trials}
    assert states <= {TrialState.COMPLETE, TrialState.FAIL}, "those in progress were finished"


def _n_complete() -> int:
    try:
        return len(_study().get_trials(states=(TrialState.COMPLETE,)))
    except Exception:  # the file, or the study in it, is not there yet
        return 0


def test_a_dead_worker_is_noticed(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_workers, "_work", _die)
    assert main(["demo", "--n-trials", "4"]) == 1
    captured = capsys.readouterr()
    assert "a worker died" in captured.err
    assert "3" in captured.err
    assert "page" not in captured.out
    assert not Path("optuna-hpx-demo.html").exists()
    assert multiprocessing.active_children() == []


def _die(*_: object) -> None:
    os._exit(3)


def test_a_file_that_is_no_database(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("optuna-hpx-demo.db").write_text("not a database\n" * 100)
    assert main(["demo"]) == 1
    assert "cannot keep the study in optuna-hpx-demo.db" in capsys.readouterr().err


@pytest.mark.parametrize("direction", ["maximize", "minimize"])
def test_another_study_of_that_name(
    direction: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of the same direction it is no demonstration either, if its metric has no name."""
    url = "sqlite:///optuna-hpx-demo.db"
    study = hand.study([[1.0]], [direction], name="digits", storage=url)
    assert main(["demo"]) == 1
    assert study.metric_names is None
    assert "another study called 'digits': name another --storage-file" in capsys.readouterr().err


def test_arguments(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--n-trials", "0"]) == 2
    assert "at least 1" in capsys.readouterr().err
    assert main(["demo", "--out", "missing/page.html"]) == 2
    assert main(["demo", "--storage-file", "missing/demo.db"]) == 2
    assert "--storage-file: there is no folder missing" in capsys.readouterr().err
    assert main(["demo", "--kind", "forest"]) == 2
    assert main(["demo", "--out", "a.db", "--storage-file", "a.db"]) == 2
    assert "must be two files" in capsys.readouterr().err
    assert list(folder.iterdir()) == [], "nothing is tuned for a page that cannot be written"
