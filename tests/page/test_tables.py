"""Files of many tools, made here: their parameters are found with no option."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import pandas as pd
import pytest
from optuna.trial import TrialState

from optuna_hpx import PedAnovaImportanceEvaluator, TrialTable
from optuna_hpx.page._errors import SourceError
from optuna_hpx.page._tables import from_csv

N = 60
RIGHT = ["lr", "batch_size", "optimizer", "dropout"]


def columns(prefix: str = "") -> dict[str, Any]:
    """Four parameters and two results."""
    rng = np.random.default_rng(0)
    lr = 10 ** rng.uniform(-5, -1.5, N)
    loss = (np.log10(lr) + 3) ** 2 + rng.random(N)
    return {
        f"{prefix}lr": lr,
        f"{prefix}batch_size": rng.choice([16, 32, 64], N),
        f"{prefix}optimizer": rng.choice(["adam", "sgd"], N),
        f"{prefix}dropout": rng.uniform(0, 0.6, N),
        "val_loss": loss,
        "train_loss": 0.9 * loss + 0.1 * rng.random(N),
    }


DAYS = pd.date_range("2026-03-01", periods=N, freq="37min")
IDS = [f"{k:032x}" for k in range(N)]
STATES = ["finished", "crashed", "running", "finished"] * 15
TABLES: dict[str, tuple[dict[str, Any], str]] = {
    "W&B": ({"Name": IDS, "State": STATES, "Notes": "-", "User": "me", "Created": DAYS,
             "Runtime": range(N), "config.seed": [1, 2] * 30, **columns("config.")}, "val_loss"),
    "W&B without prefix": ({"Name": IDS, "State": STATES, "Notes": "-", "User": "me",
                            "Runtime": range(N), "seed": [1, 2] * 30, **columns()}, "val_loss"),
    "MLflow": ({"run_id": IDS, "experiment_id": 1, "status": "FINISHED", "start_time": DAYS,
                **columns("params.")}, "val_loss"),
    "Ray": ({"trial_id": range(N), "done": True, "pid": range(7, 7 + N), "time_total_s": DAYS.hour,
             **columns("config/")}, "val_loss"),
    "scikit-learn": ({"mean_fit_time": DAYS.minute, "params": "{}", "rank_test_score": range(N),
                      **columns("param_")}, "val_loss"),
    "dashboard": ({"Number": range(N), "State": "Complete", **columns("Param ")}, "val_loss"),
    "hparams": ({"step": 7, **columns("hparams/")}, "val_loss"),
    "a script": ({"git": IDS, "when": DAYS, "seed": range(N), **columns()}, "val_loss"),
}  # fmt: skip


def write(folder: Path, cells: dict[str, Any], **options: Any) -> str:
    path = folder / "t.csv"
    pd.DataFrame(cells).to_csv(path, index=False, **options)
    return str(path)


@pytest.mark.parametrize("tool", TABLES)
def test_parameters_with_no_option(tmp_path: Path, tool: str) -> None:
    cells, value = TABLES[tool]
    source = from_csv(write(tmp_path, cells), value=value, direction="minimize")
    assert list(source.table.columns) == RIGHT
    kinds = [type(c.distributions[0]).__name__[:5] for c in source.table.columns.values()]
    assert kinds == ["Float", "IntDi", "Categ", "Float"]
    assert source.table.columns["lr"].distributions[0].log  # type: ignore[union-attr]


def test_a_comma_for_a_point(tmp_path: Path) -> None:
    path = write(tmp_path, columns(), sep=";", decimal=",")
    source = from_csv(path, value="val_loss", direction="minimize")
    np.testing.assert_allclose(source.table.columns["lr"].values, columns()["lr"])
    assert list(source.table.columns) == RIGHT


def test_states_and_running_rows(tmp_path: Path) -> None:
    cells, value = TABLES["W&B"]
    source = from_csv(write(tmp_path, cells), value=value, direction="minimize")
    assert source.n_unfinished == 15
    assert (source.table.states == TrialState.FAIL).sum() == 15
    assert source.table.durations[:2].tolist() == [0.0, 1.0]
    path = write(tmp_path, {**cells, "State": ["finished", "odd"] * 30})
    with pytest.raises(SourceError, match=r"Column 'State' must hold states .* holds 'odd'"):
        from_csv(path, value=value, direction="minimize")


def test_odd_cells_cost_their_row_and_are_said(tmp_path: Path) -> None:
    cells = columns()
    cells["lr"] = ["auto", "inf", *map(str, cells["lr"][2:])]
    source = from_csv(write(tmp_path, cells), value="val_loss", direction="minimize")
    column = source.table.columns["lr"]
    assert (column.regime[:3].tolist(), np.isnan(column.values).sum()) == ([-1, -1, 0], 2)
    said = "Of column 'lr' 2 cells hold no number and count as empty: 'auto' (1), 'inf' (1)."
    assert said in source.notes
    assert source.section is not None
    assert said in source.section.warnings


def test_options_in_both_spellings(tmp_path: Path) -> None:
    path = write(tmp_path, TABLES["MLflow"][0])
    for prefix in ("", "params."):
        source = from_csv(
            path,
            value="val_loss",
            direction="minimize",
            params=[f"{prefix}{name}" for name in ("lr", "batch_size", "dropout")],
            linear=[f"{prefix}lr"],
            categorical=[f"{prefix}batch_size"],
        )
        assert list(source.table.columns) == ["lr", "batch_size", "dropout"]
        assert not source.table.columns["lr"].distributions[0].log  # type: ignore[union-attr]
        assert source.table.columns["batch_size"].n_choices == 3
        ignored = from_csv(path, value="val_loss", direction="minimize", ignore=[f"{prefix}lr"])
        assert list(ignored.table.columns) == RIGHT[1:]
    with pytest.raises(SourceError, match="'lr' is named in both --log and --linear"):
        from_csv(path, value="val_loss", direction="minimize", log=["lr"], linear=["params.lr"])
    with pytest.raises(SourceError, match="no column 'z'"):
        from_csv(path, value="z", direction="minimize")


def test_several_objectives(tmp_path: Path) -> None:
    source = from_csv(
        write(tmp_path, columns()),
        value=["val_loss", "train_loss"],
        direction=["minimize", "maximize"],
    )
    with pytest.raises(SourceError, match="each --value needs its --direction"):
        from_csv(str(tmp_path / "t.csv"), value=["val_loss", "train_loss"], direction="minimize")
    assert source.table.directions == ("minimize", "maximize")
    np.testing.assert_allclose(source.table.losses[:, 1], -columns()["train_loss"])
    assert list(source.table.columns) == RIGHT


@pytest.fixture(scope="module")
def study() -> optuna.Study:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))

    def objective(trial: optuna.Trial) -> float:
        weight = trial.suggest_categorical("class_weight", [None, "balanced"])
        kind = trial.suggest_categorical("kind", ["a", "b"])
        extra = trial.suggest_float("extra", 0, 1) if kind == "b" else 0.0
        trial.set_user_attr("train_loss", extra)
        if extra > 0.9:
            raise optuna.TrialPruned
        return (weight is None) + 0.1 * trial.suggest_float("C", 1e-3, 1e3, log=True) / 1e3

    study.optimize(objective, 120)
    study.ask()
    return study


def test_a_study_and_its_csv_are_alike(tmp_path: Path, study: optuna.Study) -> None:
    path = tmp_path / "t.csv"
    study.trials_dataframe().to_csv(path, index=False)
    source = from_csv(str(path), value="value", direction="minimize")
    right = TrialTable.of(study)
    assert sorted(source.table.columns) == sorted(right.columns)
    np.testing.assert_array_equal(source.table.numbers, right.numbers)
    np.testing.assert_array_equal(source.table.states, right.states)
    np.testing.assert_allclose(source.table.losses, right.losses)
    np.testing.assert_allclose(source.table.durations, right.durations, atol=1e-6)
    assert source.n_unfinished == 1
    for name, column in right.columns.items():
        assert source.table.columns[name].external() == pytest.approx(column.external())
    told = [note for note in source.notes if "the file does not tell None from nothing" in note]
    assert len(told) == 1
    assert "params_class_weight" in told[0]


def test_none_is_as_important_as_in_the_study(tmp_path: Path, study: optuna.Study) -> None:
    path = tmp_path / "t.csv"
    study.trials_dataframe().to_csv(path, index=False)
    table = from_csv(str(path), value="value", direction="minimize").table
    evaluator = PedAnovaImportanceEvaluator(seed=0, n_permutations=20, n_bootstrap=20)
    of_file = evaluator.evaluate(TrialTable.from_frame(table.to_frame(), value="value"))
    assert of_file["class_weight"] == pytest.approx(evaluator.evaluate(table)["class_weight"])
    assert evaluator.evaluate(table)["class_weight"] == pytest.approx(
        evaluator.evaluate(study)["class_weight"], abs=0.02
    )


def test_none_that_is_written(tmp_path: Path) -> None:
    cells = {**columns(), "max_depth": ["None", "3", "", "5"] * 15}
    source = from_csv(write(tmp_path, cells), value="val_loss", direction="minimize")
    column = source.table.columns["max_depth"]
    assert column.distributions[0].choices == (None, 3, 5)  # type: ignore[union-attr]
    assert column.regime[:4].tolist() == [0, 0, -1, 0]


def test_an_empty_cell_is_none_if_that_is_said(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    cells = {**columns(), "bias": rng.choice(["", "a", "b"], N)}
    path = write(tmp_path, cells)
    source = from_csv(path, value="val_loss", direction="minimize")
    assert source.table.columns["bias"].distributions[0].choices == ("a", "b")  # type: ignore
    (doubt,) = [note for note in source.notes if "--none bias" in note]
    assert doubt.startswith("Column 'bias' has empty cells, taken as trials without the parameter")
    source = from_csv(path, value="val_loss", direction="minimize", none=["bias"])
    column = source.table.columns["bias"]
    assert column.distributions[0].choices == (None, "a", "b")  # type: ignore[union-attr]
    assert (column.regime == 0).all()
    assert not [note for note in source.notes if "empty cells" in note]
    numbers = {**columns(), "size": rng.choice(["", "16", "32"], N)}
    source = from_csv(
        write(tmp_path, numbers), value="val_loss", direction="minimize", none=["size"]
    )
    assert source.table.columns["size"].distributions[0].choices == (None, 16, 32)  # type: ignore


def test_choices_of_several_types(tmp_path: Path) -> None:
    cells = {**columns(), "mix": ["True", "3", "a", "None"] * 15, "word": ["true", "maybe"] * 30}
    table = from_csv(write(tmp_path, cells), value="val_loss", direction="minimize").table
    choices = table.columns["mix"].distributions[0].choices  # type: ignore[union-attr]
    assert sorted(map(repr, choices)) == ["'a'", "3", "None", "True"]
    assert table.columns["word"].distributions[0].choices == ("maybe", "true")  # type: ignore


def test_a_frame_in_which_none_and_nothing_differ() -> None:
    cells = pd.Series([None, "a", np.nan, "a"] * 10, dtype=object)
    frame = pd.DataFrame({"k": cells, "y": np.arange(40.0) % 7})
    column = TrialTable.from_frame(frame, value="y").columns["k"]
    assert column.distributions[0].choices == (None, "a")  # type: ignore[union-attr]
    assert column.regime[:4].tolist() == [0, 0, -1, 0]


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    class Input:
        buffer = io.BytesIO(pd.DataFrame(columns()).to_csv(index=False).encode())

    monkeypatch.setattr("sys.stdin", Input())
    source = from_csv("-", value="val_loss", direction="minimize")
    assert source.title == "standard input"
    assert list(source.table.columns) == RIGHT


def test_times_of_several_zones_do_not_cost_the_table(tmp_path: Path) -> None:
    times = ["2026-03-28 01:00+01:00", "2026-03-30 01:00+02:00"] * (N // 2)
    cells = {**columns(), "datetime_start": times, "datetime_complete": times}
    source = from_csv(write(tmp_path, cells), value="val_loss", direction="minimize")
    assert list(source.table.columns) == RIGHT
    assert "Sampled" not in dict(source.facts)
