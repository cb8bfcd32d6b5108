"""The demonstrations, each small: its study, and what its page says."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import optuna
import pytest

from optuna_hpx.page._arguments import DEMOS
from optuna_hpx.page._cli import main
from optuna_hpx.page.demo import DEMONSTRATIONS


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _numbers(kind: str, n_trials: int) -> dict[str, Any]:
    """What the page of a small demonstration says."""
    assert main(["demo", "--kind", kind, "--n-trials", str(n_trials)]) == 0
    assert Path(f"optuna-hpx-demo-{kind}.html").exists()
    report = "report", "--storage", "sqlite:///optuna-hpx-demo.db", "--json", "numbers.json"
    assert main([*report, "--study", DEMONSTRATIONS[kind].study_name]) == 0
    numbers: dict[str, Any] = json.loads(Path("numbers.json").read_text(encoding="utf-8"))
    return numbers


def test_the_command_offers_all() -> None:
    assert tuple(DEMONSTRATIONS) == DEMOS
    assert len({kind.study_name for kind in DEMONSTRATIONS.values()}) == len(DEMONSTRATIONS)


def test_population(folder: Path) -> None:
    numbers = _numbers("population", 40)
    assert {step["generation"] for step in numbers["data"]["schedule"]["steps"]} == {0, 1}
    assert numbers["summary"]["n_complete"] == 40
    assert numbers["summary"]["n_failed"] == 0
    assert (folder / "optuna-hpx-demo-checkpoints").is_dir()


def test_tasks(folder: Path) -> None:
    numbers = _numbers("tasks", 3)
    tasks = numbers["data"]["tasks"]
    assert tasks["n_tasks"] == 200
    assert 0.5 < tasks["best_value"] < 1.0
    assert tasks["certificate"]["delta"] == 0.05


def test_torch(folder: Path) -> None:
    pytest.importorskip("torch")
    numbers = _numbers("torch", 16)
    assert numbers["summary"]["metric_names"] == ["log loss"]
    study = optuna.load_study(study_name="digits torch", storage="sqlite:///optuna-hpx-demo.db")
    assert study.best_value < 1.0


def test_torch_is_missed_before_the_work(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", _all_but_torch)
    assert main(["demo", "--kind", "torch"]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "pip install 'optuna-hpx[torch]'" in error
    assert list(folder.iterdir()) == []


def _all_but_torch(name: str, package: str | None = None) -> object:
    return None if name == "torch" else sys.modules[__name__]
