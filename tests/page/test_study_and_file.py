"""The page from the CSV of a study says what that from the study does, but what a file cannot."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import pytest

from optuna_hpx.canvas.material import Material
from optuna_hpx.page._page import content_of
from optuna_hpx.page._tables import from_csv

N = 60


def mixed(trial: optuna.Trial) -> float:
    lr = trial.suggest_float("lr", 1e-5, 1e-1, log=True)
    layers = trial.suggest_int("layers", 1, 6)
    width = trial.suggest_int("width", 16, 512, log=True)
    drop = trial.suggest_float("drop", 0, 0.5, step=0.1)
    bad = trial.suggest_categorical("opt", ["adam", "sgd"]) == "sgd"
    return float((np.log10(lr) + 3) ** 2 + 0.1 * layers + bad + 0.2 * drop + 0.001 * width)


def conditional(trial: optuna.Trial) -> float:
    if trial.suggest_categorical("model", ["svm", "rf"]) == "rf":
        return 0.5 + 0.1 * abs(trial.suggest_int("depth", 2, 16) - 8)
    return float(np.log10(trial.suggest_float("C", 1e-3, 1e3, log=True)) ** 2)


def interrupted(trial: optuna.Trial) -> float:
    x, y = trial.suggest_float("x", 0, 1), trial.suggest_float("y", 0, 1)
    if x > 0.8:
        raise optuna.TrialPruned
    if y > 0.85:
        raise ValueError("y is too large")
    return (x - 0.3) ** 2 + y


def two(trial: optuna.Trial) -> tuple[float, float]:
    x, y = trial.suggest_float("x", 0, 1), trial.suggest_float("y", 0, 1)
    return x, (1 - x) ** 2 + y


def odd_choices(trial: optuna.Trial) -> float:
    weight = trial.suggest_categorical("weight", [None, "balanced"])
    mix = trial.suggest_categorical("mix", [None, True, 3, "a"])
    flag = trial.suggest_categorical("flag", [True, False])
    x = trial.suggest_float("x", 0, 1)
    return (weight is None) + 0.5 * flag + x + 0.7 * (mix == 3) + 0.2 * (mix is True)


def draw(objective: Callable[..., Any], *directions: str, adaptive: bool = False) -> optuna.Study:
    samplers = optuna.samplers
    sampler = samplers.TPESampler(seed=1) if adaptive else samplers.RandomSampler(seed=1)
    study = optuna.create_study(directions=directions, sampler=sampler)
    study.optimize(objective, N, catch=ValueError)
    study.ask()
    return study


KINDS: dict[str, Callable[[], optuna.Study]] = {
    "mixed": lambda: draw(mixed, "minimize"),
    "maximised": lambda: draw(lambda trial: -mixed(trial), "maximize"),
    "conditional": lambda: draw(conditional, "minimize"),
    "pruned and failed": lambda: draw(interrupted, "minimize"),
    "two objectives": lambda: draw(two, "minimize", "maximize"),
    "choices of several types": lambda: draw(odd_choices, "minimize"),
    "adaptive": lambda: draw(mixed, "minimize", adaptive=True),
}


def pages(study: optuna.Study, folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """What both pages say, as data."""
    study.trials_dataframe().to_csv(folder / "t.csv", index=False)
    directions = [direction.name.lower() for direction in study.directions]
    values = [f"values_{k}" for k in range(len(directions))] if directions[1:] else ["value"]
    source = from_csv(str(folder / "t.csv"), value=values, direction=directions)
    of_file = content_of(
        Material.of(source.table),
        "t",
        n_unfinished=source.n_unfinished,
        facts=source.facts,
        reading=source.section,
    )
    return content_of(Material.of(study), "t").to_dict(), of_file.to_dict()


def assert_close(a: Any, b: Any) -> None:
    """The same keys, words and lengths, and numbers to what a CSV file keeps of them."""
    if isinstance(a, dict):
        assert a.keys() == b.keys()
        for key in a:
            assert_close(a[key], b[key])
    elif isinstance(a, list):
        assert len(a) == len(b)
        for one, other in zip(a, b, strict=True):
            assert_close(one, other)
    elif isinstance(a, float):
        assert b == pytest.approx(a, rel=1e-5, abs=1e-5)
    else:
        assert (type(a), a) == (type(b), b)


@pytest.mark.parametrize("kind", KINDS)
def test_both_pages_say_the_same(tmp_path: Path, kind: str) -> None:
    study, file = pages(KINDS[kind](), tmp_path)
    assert_close(study["summary"], file["summary"])
    assert study["summary"]["n_unfinished"] == 1
    is_adaptive = kind == "adaptive"
    # The first trials of TPE are draws, which only the study tells.
    lost = {"law"} if is_adaptive else set()
    # In the ranges that a file shows, predictions may miss more, or be told to.
    open_ones = {"ablation_path", "effects"} if kind == "conditional" else set()
    assert file["data"].keys() | open_ones == (study["data"].keys() - lost) | {
        "reading",
        *open_ones,
    }
    for key in {"best", "history", "failures"} & study["data"].keys():
        assert_close(study["data"][key], file["data"][key])
    if "law" in study["data"] and not is_adaptive:
        assert_close(study["data"]["law"], file["data"]["law"])
    by_name = [
        dict(zip(page["names"], page["importances"], strict=True))
        for page in (study["data"]["importances"], file["data"]["importances"])
    ]
    assert by_name[0].keys() == by_name[1].keys()
    # By ranks alone, if by no model of the space, of which a file does not know the ends.
    tolerance = 0.1 if is_adaptive else 1e-9
    for name, importance in by_name[0].items():
        assert by_name[1][name] == pytest.approx(importance, abs=tolerance)


def test_the_page_says_what_a_file_cannot(tmp_path: Path) -> None:
    _, file = pages(draw(mixed, "minimize"), tmp_path)
    section = next(section for section in file["sections"] if section["key"] == "reading")
    assert "does not say what they were drawn from, nor by which sampler" in section["basis"]
    reading = file["data"]["reading"]
    assert reading["tool"] == "Optuna"
    assert [p["name"] for p in reading["parameters"]] == ["drop", "layers", "lr", "opt", "width"]
    kinds = [p["distribution"]["kind"] for p in reading["parameters"]]
    assert kinds == ["float", "int", "float", "categorical", "int"]
    logs = [p["distribution"].get("log", False) for p in reading["parameters"]]
    assert logs == [False, False, True, False, True]
    kind_of = {other["column"]: other["kind"] for other in reading["others"]}
    assert kind_of["value"] == "objective"
    assert kind_of["datetime_start"] == "left out"
