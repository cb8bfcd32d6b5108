"""What is wrong with a data frame, or passed in place of a study, is said and not guessed at."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import optuna
import pandas as pd
import pytest
from optuna.distributions import FloatDistribution
from optuna.trial import TrialState

from optuna_hpx import (
    HsicImportanceEvaluator,
    PedAnovaImportanceEvaluator,
    TrialTable,
    importance_profile,
)
from optuna_hpx.trials.sampling import sampling_of

rng = np.random.default_rng(0)
FRAME = pd.DataFrame({"lr": 10 ** rng.uniform(-4, 0, 60), "k": rng.integers(1, 5, 60)})
FRAME["loss"] = np.log10(FRAME.lr) ** 2


def test_feasibility_survives_the_way_through_a_frame() -> None:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))

    def objective(trial: optuna.Trial) -> float:
        x = trial.suggest_float("x", 0, 1)
        trial.set_constraint("c", x - 0.5)
        return x

    study.optimize(objective, n_trials=50)
    table = TrialTable.from_study(study)
    again = TrialTable.from_frame(table.to_frame(), value="value")
    assert again.feasible.tolist() == table.feasible.tolist()
    assert not again.feasible.all()


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"params": "lr"}, TypeError, "`params` must be a list of column names, got 'lr'"),
        (
            {"distributions": {"LR": FloatDistribution(1e-5, 1, log=True)}},
            ValueError,
            "`distributions` names 'LR', but the parameters are",
        ),
        ({"distributions": {"lr": (0, 1)}}, TypeError, "must be one of optuna.distributions"),
    ],
)
def test_wrong_options(options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        TrialTable.from_frame(FRAME, value="loss", **options)


@pytest.mark.parametrize("evaluator", [PedAnovaImportanceEvaluator(), HsicImportanceEvaluator()])
@pytest.mark.parametrize("wrong", ["my study", FRAME])
def test_not_a_study(evaluator: Any, wrong: Any) -> None:
    with pytest.raises(TypeError, match="`study` must be a Study, or a TrialTable"):
        evaluator.report(wrong)


def test_profile_of_something_else() -> None:
    table = TrialTable.from_frame(FRAME, value="loss")
    with pytest.raises(TypeError, match="`evaluator` must be a PedAnovaImportanceEvaluator"):
        importance_profile(table, evaluator=HsicImportanceEvaluator())  # type: ignore[arg-type]
    for wrong in (0.1, "all", PedAnovaImportanceEvaluator()):
        with pytest.raises(TypeError, match="`quantiles` must be several numbers"):
            importance_profile(table, wrong)  # type: ignore[arg-type]


def test_print_is_short() -> None:
    table = TrialTable.from_frame(FRAME, value="loss")
    assert repr(table) == "<TrialTable of 60 finished trials, 2 parameters (lr, k), minimize>"
    said = repr(PedAnovaImportanceEvaluator(seed=0).report(table))
    assert len(said) < 1500
    assert "lr  S = 0." in said
    assert "R2 = 0." in repr(HsicImportanceEvaluator(seed=0).report(table))


@pytest.mark.parametrize("sampler", ["nsga", "random"])
def test_inherited_values_are_not_independent_draws(sampler: str) -> None:
    study = optuna.create_study(
        sampler=optuna.samplers.NSGAIISampler(seed=0, population_size=20)
        if sampler == "nsga"
        else optuna.samplers.RandomSampler(seed=0)
    )
    study.optimize(lambda t: t.suggest_float("x", 0, 1) + t.suggest_float("y", 0, 1), n_trials=120)
    report = PedAnovaImportanceEvaluator(seed=0).report(study)
    assert report.sampling == ("adaptive" if sampler == "nsga" else "independent")


class TestStates:
    def test_words_of_other_tools(self) -> None:
        states = ["complete", "Finished", "failed", "PRUNED", None]
        frame = pd.DataFrame({"x": [0.1, 0.2, 0.3, 0.4, 0.5], "state": states, "loss": 1.0})
        table = TrialTable.from_frame(frame, value="loss")
        names = [TrialState(state).name for state in table.states]
        assert names == ["COMPLETE", "COMPLETE", "FAIL", "PRUNED", "COMPLETE"]
        assert list(table.columns) == ["x"]

    def test_names_of_columns_in_the_case_of_other_tools(self) -> None:
        """A crashed row with a value is no complete trial, however its tool writes the column."""
        frame = pd.DataFrame(
            {
                "Number": [4, 1, 3, 2],
                "State": ["finished", "crashed", "running", "preempted"],
                "x": [0.1, 0.2, 0.3, 0.5],
                "loss": 1.0,
            }
        )
        table = TrialTable.from_frame(frame, value="loss")
        assert list(table.columns) == ["x"]
        assert table.numbers.tolist() == [1, 2, 4]
        assert [TrialState(state).name for state in table.states] == ["FAIL", "FAIL", "COMPLETE"]

    def test_a_name_in_another_case_that_says_something_else(self) -> None:
        frame = pd.DataFrame({"State": ["ca", "ny", "ca"], "loss": [1.0, 2.0, 3.0]})
        assert list(TrialTable.from_frame(frame, value="loss").columns) == ["State"]
        frame["Number"] = [1, 1, 2]
        table = TrialTable.from_frame(frame, value="loss", params=["Number", "State"])
        assert list(table.columns) == ["Number", "State"]

    def test_what_runs_or_waits_is_no_trial_yet(self) -> None:
        states = ["COMPLETE", "RUNNING", "FAIL", "WAITING"]
        frame = pd.DataFrame({"x": [0.1, 0.2, 0.3, 0.4], "state": states, "loss": 1.0})
        table = TrialTable.from_frame(frame, value="loss")
        assert table.columns["x"].values.tolist() == [0.1, 0.3]

    def test_a_column_of_other_words_is_a_parameter_and_a_mixed_one_an_error(self) -> None:
        frame = pd.DataFrame({"state": ["ca", "ny", "ca"], "loss": [1.0, 2.0, 3.0]})
        assert list(TrialTable.from_frame(frame, value="loss").columns) == ["state"]
        frame["state"] = ["COMPLETE", "lost", "FAIL"]
        with pytest.raises(ValueError, match="'lost' in the row of index 1: replace it"):
            TrialTable.from_frame(frame, value="loss")


class TestFeasibility:
    def test_an_odd_cell_is_an_error_that_names_it_and_its_row(self) -> None:
        frame = pd.DataFrame({"x": [0.1, 0.2, 0.3], "loss": [1.0, 2.0, 3.0]})
        frame["feasible"] = ["true", "false", "maybe"]
        with pytest.raises(ValueError, match=r"'feasible'.*'maybe' in the row of index 2: rename"):
            TrialTable.from_frame(frame, value="loss")

    @pytest.mark.parametrize("words", [[1, 0, 1], ["yes", "no", "yes"], [True, False, None]])
    def test_words_for_true_and_false(self, words: list[Any]) -> None:
        frame = pd.DataFrame({"x": [0.1, 0.2, 0.3], "feasible": words, "loss": 1.0})
        assert TrialTable.from_frame(frame, value="loss").feasible.tolist() == [True, False, True]

    def test_other_words(self) -> None:
        frame = pd.DataFrame({"x": [0.1, 0.2], "feasible": ["yes", "perhaps"], "loss": 1.0})
        with pytest.raises(ValueError, match="'feasible' must say whether"):
            TrialTable.from_frame(frame, value="loss")

    def test_constraints_of_a_frame_are_those_of_the_study(self) -> None:
        def objective(trial: optuna.Trial) -> float:
            x = trial.suggest_float("x", 0, 1)
            trial.set_constraint("c", x - 0.5)
            return -x

        study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
        study.optimize(objective, n_trials=20)
        table = TrialTable.from_frame(study.trials_dataframe(), value="value")
        assert 0 < table.feasible.sum() < 20
        np.testing.assert_allclose(table.violation, TrialTable.of(study).violation)


def test_the_table_does_not_change_with_the_frame() -> None:
    frame = pd.DataFrame({"x": [0.1, 0.2], "loss": [1.0, 2.0]})
    table = TrialTable.from_frame(frame, value="loss")
    frame.loc[0, "x"], frame.loc[0, "loss"] = 9.0, 9.0
    assert table.columns["x"].values.tolist() == [0.1, 0.2]
    assert table.losses[:, 0].tolist() == [1.0, 2.0]


def test_names_of_several_levels() -> None:
    study = optuna.create_study()
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=2)
    frames = [study.trials_dataframe(), study.trials_dataframe(multi_index=True)]
    plain, levels = (TrialTable.from_frame(frame, value="value") for frame in frames)
    assert list(levels.columns) == ["x"]
    assert levels.losses.tolist() == plain.losses.tolist()


def test_a_value_that_is_no_name() -> None:
    with pytest.raises(TypeError, match="`value` must be the name of a column"):
        TrialTable.from_frame(pd.DataFrame({1: [0.1], 2: [1.0]}), value=2)  # type: ignore


def test_a_retry_is_known_after_a_csv_file() -> None:
    frame = pd.DataFrame(
        {
            "params_x": [0.1, 0.2, 0.2],
            "value": [1.0, np.nan, 2.0],
            "state": ["COMPLETE", "FAIL", "COMPLETE"],
            "system_attrs_retry_history": [None, None, "[1]"],
        }
    )
    assert sampling_of(TrialTable.from_frame(frame, value="value")).retried.tolist() == [
        False,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("name", "is_told"), [("width", True), ("Unnamed: 0", False), ("id", False)]
)
def test_a_column_that_counts_rows_is_left_out_and_its_user_told(name: str, is_told: bool) -> None:
    frame = pd.DataFrame({name: range(1, 41), "x": np.linspace(0, 1, 40) ** 2, "value": 0.5})
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert list(TrialTable.from_frame(frame, value="value").columns) == ["x"]
    told = f"Column {name!r} is taken as no parameter (goes up by 1 from row to row)"
    assert [told in str(one.message) for one in caught] == [True] * is_told
    swept = TrialTable.from_frame(frame, value="value", params=[name, "x"])
    assert list(swept.columns) == [name, "x"]


def test_true_is_not_1() -> None:
    frame = pd.DataFrame({"k": pd.Series([1, "a", None, True] * 3, dtype=object), "value": 0.5})
    column = TrialTable.from_frame(frame, value="value").columns["k"]
    assert column.distributions[0].choices == (1, "a", True)  # type: ignore[union-attr]
    assert column.values[:4].tolist()[:2] == [0.0, 1.0]
    assert (column.regime[2], column.values[3]) == (-1, 2.0)
