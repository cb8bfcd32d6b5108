from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import optuna
import pandas as pd
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution

from optuna_hpx import PedAnovaImportanceEvaluator, TrialTable, compare_importances
from optuna_hpx.visualization import plot_importance_comparison
from tests.importance.test_ped_anova import study_of

UNIT = FloatDistribution(0.0, 1.0)


def _table(seed: int, weights: list[float], n: int = 200) -> TrialTable:
    """Random draws from the unit cube; a weighted sum."""
    x = np.random.default_rng(seed).random((n, len(weights)))
    values = {f"x{k}": (column, UNIT) for k, column in enumerate(x.T)}
    return TrialTable.from_study(study_of(values, x @ np.array(weights)))


def _two_objectives(seed: int, *, sampler: Any = None, n: int = 120) -> optuna.Study:
    """The first objective is maximised and hangs on x, the second on y."""
    study = optuna.create_study(
        directions=["maximize", "minimize"],
        sampler=sampler or optuna.samplers.RandomSampler(seed=seed),
    )

    def objective(trial: optuna.Trial) -> tuple[float, float]:
        x, y = trial.suggest_float("x", 0, 1), trial.suggest_float("y", 0, 1)
        trial.suggest_categorical("z", ["a", "b"])
        return x, y

    study.optimize(objective, n_trials=n)
    return study


def test_two_studies_that_hang_on_different_parameters() -> None:
    comparison = compare_importances(_table(0, [1, 0, 0]), _table(1, [0, 1, 0]), seed=0)
    assert set(comparison.differing) == {"x0", "x1"}
    assert comparison.names[-1] == "x2", "the largest difference first"
    by_name = dict(zip(comparison.names, comparison.difference, strict=True))
    assert by_name["x0"] > 0.5 > -0.5 > by_name["x1"]
    assert (comparison.ci_low <= comparison.difference).all()
    assert (comparison.difference <= comparison.ci_high).all()
    assert not comparison.is_paired


def test_the_importances_are_those_of_the_reports() -> None:
    a, b = _table(0, [1, 0.5]), _table(1, [0.5, 1])
    evaluator = PedAnovaImportanceEvaluator(target_quantile=0.2, seed=0)
    comparison = compare_importances(a, b, evaluator=evaluator, seed=0)
    for side, table in enumerate((a, b)):
        report = evaluator.report(table)
        s = dict(zip(report.names, report.importances, strict=True))
        np.testing.assert_array_equal(
            comparison.importances[side], [s[n] for n in comparison.names]
        )
    np.testing.assert_array_equal(
        comparison.difference, comparison.importances[0] - comparison.importances[1]
    )


def test_the_sides_are_exchangeable() -> None:
    a, b = _table(0, [1, 0.5, 0]), _table(1, [0.5, 1, 0])
    one, other = (
        compare_importances(*sides, n_permutations=4000, seed=0) for sides in ((a, b), (b, a))
    )
    assert one.names == other.names
    np.testing.assert_allclose(one.difference, -other.difference)
    np.testing.assert_allclose(one.ci_low, -other.ci_high)
    np.testing.assert_allclose(one.p_values, other.p_values, atol=0.04)


def test_two_halves_of_one_study_with_one_objective_do_not_differ() -> None:
    table = _table(3, [1, 0.5, 0], n=300)
    halves = [table.take(np.arange(k, 300, 2)) for k in (0, 1)]
    comparison = compare_importances(*halves, seed=0)
    assert comparison.differing == ()
    assert comparison.has_p_values


def test_parts_that_overlap_are_refused() -> None:
    table = _table(3, [1, 0.5], n=60)
    with pytest.raises(ValueError, match="share 20"):
        compare_importances(table.take(np.arange(40)), table.take(np.arange(20, 60)))


def test_studies_whose_samplers_had_one_seed_are_paired() -> None:
    """They have the same points: what they are not is independent."""
    comparison = compare_importances(_table(5, [1, 0]), _table(5, [0, 1]), seed=0)
    assert comparison.is_paired
    assert set(comparison.differing) == {"x0", "x1"}
    assert "as of samplers with one seed" in comparison.warnings[-1]


def test_the_same_trials_twice_are_refused() -> None:
    with pytest.raises(ValueError, match="the same values and the same objectives"):
        compare_importances(_table(5, [1, 0]), _table(5, [1, 0]))


def test_studies_that_share_a_start_get_no_p_value() -> None:
    """Their samplers had one seed, and one study has more trials than the other."""
    first, second = _table(5, [1, 0], n=60), _table(5, [0, 1], n=100)
    comparison = compare_importances(first, second)
    assert not comparison.has_p_values
    assert "60 trials of the first side have all values of one of the second" in "".join(
        comparison.warnings
    )


def test_the_space_is_named_where_the_report_speaks_of_another() -> None:
    study = _two_objectives(0, sampler=optuna.samplers.TPESampler(seed=0), n=60)
    comparison = compare_importances(study, targets=(0, 1))
    assert any("in the trials as they were sampled" in w for w in comparison.warnings)
    fresh = compare_importances(_two_objectives(0), targets=(0, 1))
    assert not any("as they were sampled" in w for w in fresh.warnings)


def test_of_a_surrogate_no_interval_is_claimed() -> None:
    evaluator = PedAnovaImportanceEvaluator(space="uniform", seed=0)
    comparison = compare_importances(_two_objectives(0, n=60), targets=(0, 1), evaluator=evaluator)
    assert not comparison.has_intervals
    assert any("no p-value or interval is given" in w for w in comparison.warnings)


def test_the_result_goes_through_json() -> None:
    chosen = compare_importances(
        _two_objectives(0, sampler=optuna.samplers.TPESampler(seed=0), n=40), targets=(0, 1)
    )
    read = json.loads(json.dumps(chosen.to_dict(), allow_nan=False))
    assert set(read["ci_low"]) == {None}
    assert "ImportanceComparison: objective 0 against objective 1" in chosen._repr_html_()
    assert "Warning: " in chosen._repr_html_()


@pytest.mark.parametrize("targets", [(0, 1), (lambda t: t.values[0], lambda t: -t.values[1])])
def test_two_targets_of_one_study(targets: Any) -> None:
    evaluator = PedAnovaImportanceEvaluator(target_direction="maximize", seed=0)
    comparison = compare_importances(
        _two_objectives(0), targets=targets, evaluator=evaluator, seed=0
    )
    assert comparison.is_paired
    assert set(comparison.differing) == {"x", "y"}
    by_name = dict(zip(comparison.names, comparison.difference, strict=True))
    assert by_name["x"] > 0 > by_name["y"]
    assert comparison.labels == (
        ("objective 0", "objective 1") if targets == (0, 1) else ("target 1", "target 2")
    )


def test_objectives_of_a_frame() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.random((150, 3)), columns=["x", "y", "z"])
    frame["first"], frame["second"] = frame["x"], frame["y"]
    table = TrialTable.from_frame(
        frame, params=["x", "y", "z"], value=["first", "second"], direction=["minimize"] * 2
    )
    comparison = compare_importances(table, targets=(0, 1), seed=0)
    assert set(comparison.differing) == {"x", "y"}


def test_of_chosen_trials_nothing_is_claimed() -> None:
    study = _two_objectives(0, sampler=optuna.samplers.TPESampler(seed=0), n=60)
    comparison = compare_importances(study, targets=(0, 1), seed=0)
    assert np.isnan(comparison.p_values).all()
    assert not comparison.has_intervals
    assert comparison.differing == ()
    assert "a hint" in comparison.warnings[0]
    assert "p =" not in repr(comparison)


def test_other_spaces_get_no_p_value() -> None:
    rng = np.random.default_rng(0)
    sides = []
    for high in (1.0, 3.0):
        x = rng.random((100, 2)) * [high, 1.0]
        values = {"x": (x[:, 0], FloatDistribution(0.0, high)), "y": (x[:, 1], UNIT)}
        sides.append(TrialTable.from_study(study_of(values, x.sum(axis=1))))
    comparison = compare_importances(*sides, seed=0)
    assert not comparison.has_p_values
    assert "they differ in x." in comparison.warnings[0]
    assert comparison.has_intervals, "each is right for its own space"


def test_bounds_that_a_table_guesses_are_no_other_space() -> None:
    rng = np.random.default_rng(1)
    sides = []
    for k in range(2):
        frame = pd.DataFrame(rng.random((120, 2)), columns=["x", "y"])
        frame["value"] = frame["x"] if k else frame["y"]
        sides.append(TrialTable.from_frame(frame, params=["x", "y"], value="value"))
    comparison = compare_importances(*sides, seed=0)
    assert set(comparison.differing) == {"x", "y"}


def test_choices_in_another_order_are_the_same_choices() -> None:
    rng = np.random.default_rng(2)
    sides = []
    for choices in (("a", "b", "c"), ("c", "b", "a")):
        code = rng.integers(3, size=150)
        noise = rng.random(150)
        is_a = np.array(choices)[code] == "a"
        values = {
            "c": (code.astype(float), CategoricalDistribution(choices)),
            "x": (noise, UNIT),
        }
        sides.append(TrialTable.from_study(study_of(values, noise - 2.0 * is_a)))
    comparison = compare_importances(*sides, seed=0)
    assert comparison.has_p_values
    assert comparison.differing == ()


def test_a_conditional_parameter() -> None:
    sides = []
    for seed in (0, 1):
        rng = np.random.default_rng(seed)
        gate, u = rng.random((2, 300))
        y = np.where(gate < 0.5, u, np.nan)
        values = {"gate": (gate, UNIT), "y": (y, UNIT)}
        losses = np.where(gate < 0.5, u if seed else 0.5 + 0.1 * rng.random(300), 1.0)
        sides.append(TrialTable.from_study(study_of(values, losses)))
    comparison = compare_importances(*sides, seed=0)
    assert "y" in comparison.differing
    assert dict(zip(comparison.names, comparison.difference, strict=True))["y"] < 0


def test_the_same_seed_gives_the_same_result() -> None:
    a, b = _table(0, [1, 0.5]), _table(1, [0.5, 1])
    assert repr(compare_importances(a, b, seed=7)) == repr(compare_importances(a, b, seed=7))


def test_a_frame_of_the_result() -> None:
    comparison = compare_importances(_table(0, [1, 0]), _table(1, [0, 1]), seed=0)
    frame = comparison.to_frame()
    assert list(frame.index) == list(comparison.names)
    np.testing.assert_array_equal(frame["difference"], comparison.difference)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"targets": (0, 5)}, ValueError, "objectives from 0 to 1, got 5"),
        ({"targets": (0, "x")}, TypeError, "targets"),
        ({"targets": 0}, TypeError, "targets"),
        ({"targets": (0, 0)}, ValueError, "two different"),
        ({"targets": (0, 1), "labels": ["a"]}, ValueError, "labels"),
        ({"targets": (0, 1), "evaluator": 3}, TypeError, "evaluator"),
        ({"targets": (0, 1), "n_permutations": 0}, ValueError, "n_permutations"),
        ({"targets": (0, 1), "seed": -1}, ValueError, "seed"),
    ],
)
def test_bad_arguments(arguments: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        compare_importances(_two_objectives(0, n=20), **arguments)


def test_no_common_parameter() -> None:
    x = np.random.default_rng(0).random(30)
    sides = [TrialTable.from_study(study_of({name: (x, UNIT)}, x)) for name in ("a", "b")]
    with pytest.raises(ValueError, match="share parameters"):
        compare_importances(*sides)


def test_a_parameter_of_one_trial_takes_no_interval_from_the_others() -> None:
    def study(seed: int) -> optuna.Study:
        study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=seed))

        def objective(trial: optuna.Trial) -> float:
            if trial.number == 7:
                trial.suggest_float("rare", 0, 1)
            return trial.suggest_float("x", 0, 1)

        study.optimize(objective, n_trials=60)
        return study

    comparison = compare_importances(study(0), study(1))
    assert comparison.has_intervals
    x, rare = (comparison.names.index(name) for name in ("x", "rare"))
    assert np.isfinite(comparison.ci_low[x])
    assert np.isnan(comparison.ci_low[rare])
    assert "nan" not in repr(comparison)
    hover = plot_importance_comparison(comparison).data[-1].customdata
    assert "interval" in hover[x]
    assert "interval" not in hover[rare]


def test_the_print_names_targets_and_ends_with_what_differs() -> None:
    comparison = compare_importances(_table(0, [1, 0]), _table(1, [0, 1]), seed=0)
    lines = repr(comparison).splitlines()
    assert lines[1].startswith("  a: the best 10 % (value <= ")
    assert lines[1].endswith("20 of 200 trials")
    assert lines[-1].strip() == comparison.in_words
    assert "matters more for a" in comparison.in_words
    wide = replace(comparison, ci_low=np.full(2, -1.0), ci_high=np.full(2, 1.0))
    assert "to +1.000" not in repr(wide), "it holds every difference"


def test_few_target_trials_are_named_where_nothing_is_seen() -> None:
    alike = [_table(seed, [1, 0.9], n=60) for seed in (0, 1)]
    comparison = compare_importances(*alike, seed=0)
    assert comparison.differing == ()
    assert comparison.warnings[0].startswith("Only 6 target trials on a side: so few show little")
    assert "Not enough is seen" in repr(comparison)
    wide = PedAnovaImportanceEvaluator(target_quantile=0.3, space="trials", seed=0)
    asked = compare_importances(*alike, evaluator=wide, seed=0)
    assert not any("target trials on a side" in warning for warning in asked.warnings)


def test_what_only_one_side_has_and_other_directions_are_named() -> None:
    first, second = _table(0, [1, 0], n=60), _table(1, [0, 1, 0], n=60)
    comparison = compare_importances(first, replace(second, directions=("maximize",)), seed=0)
    assert "Left out, as only b has trials with them: x2." in comparison.warnings
    assert "The directions differ: minimize of a, maximize of b." in comparison.warnings
