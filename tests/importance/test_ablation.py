from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import optuna
import pytest

from optuna_hpx import AblationPath, NoSurrogateError, TrialTable, ablation_path, marginal_effect
from optuna_hpx.importance._ablation import ends_differ
from optuna_hpx.importance.section.path import describe_path


def _study(direction: str = "minimize", n: int = 70, seed: int = 0) -> optuna.Study:
    """3 x + z + an idle y, in units of a minimised objective; z has two choices."""
    study = optuna.create_study(
        direction=direction, sampler=optuna.samplers.RandomSampler(seed=seed)
    )
    sign = -1.0 if direction == "maximize" else 1.0

    def objective(trial: optuna.Trial) -> float:
        x = trial.suggest_float("x", 0, 1)
        trial.suggest_float("y", 0, 1)
        return sign * (3 * x + (trial.suggest_categorical("z", ["good", "bad"]) == "bad"))

    study.optimize(objective, n_trials=n)
    return study


START = {"x": 0.9, "y": 0.5, "z": "bad"}
END = {"x": 0.1, "y": 0.6, "z": "good"}


@pytest.fixture(scope="module")
def path() -> AblationPath:
    return ablation_path(_study(), START, END, seed=0)


def test_the_changes_and_what_they_are_worth(path: AblationPath) -> None:
    """The objective is additive: on the path and on average each is worth what it adds."""
    exact = {"x": 2.4, "z": 1.0, "y": 0.0}
    assert path.names == ("x", "z", "y"), "the most helpful first"
    for k, name in enumerate(path.names):
        assert path.ci_low[k] <= exact[name] <= path.ci_high[k]
        assert path.shapley_low[k] <= exact[name] <= path.shapley_high[k]
    np.testing.assert_allclose(path.improvements, [2.4, 1.0, 0.0], atol=0.3)
    assert path.ci_low[0] > 0.0
    assert path.total[1] <= 3.4 <= path.total[2]


def test_sums(path: AblationPath) -> None:
    assert path.improvements.sum() == pytest.approx(path.total[0])
    assert path.shapley.sum() == pytest.approx(path.total[0])
    np.testing.assert_allclose(path.values[0] - path.values[1:], np.cumsum(path.improvements))
    assert (path.shapley_error == 0.0).all(), "of so few changes all orders are gone through"


def test_a_maximised_objective_gives_the_same_improvements(path: AblationPath) -> None:
    up = ablation_path(_study("maximize"), START, END, seed=0)
    np.testing.assert_allclose(up.improvements, path.improvements)
    np.testing.assert_allclose(up.values, -path.values)
    assert up.direction == "maximize"


def test_from_the_median_trial_to_the_best() -> None:
    study = _study()
    path = ablation_path(study, seed=0)
    order = sorted(study.trials, key=lambda trial: trial.value)
    assert path.labels == ("the median trial", "the best trial")
    assert path.n_observed[0] >= 1
    assert path.observed[0] == pytest.approx(order[35].value)
    assert path.observed[-1] == pytest.approx(study.best_value)
    by_number = ablation_path(study, order[35].number, order[0].number, seed=0)
    np.testing.assert_array_equal(by_number.improvements, path.improvements)


def test_real_trials_on_the_path_are_shown() -> None:
    study = _study()
    for x, z in ((0.9, "bad"), (0.1, "bad")):
        study.enqueue_trial({"x": x, "y": 0.5, "z": z})

    def objective(trial: optuna.Trial) -> float:
        x = trial.suggest_float("x", 0, 1)
        trial.suggest_float("y", 0, 1)
        return 3 * x + (trial.suggest_categorical("z", ["good", "bad"]) == "bad")

    study.optimize(objective, n_trials=2)
    path = ablation_path(study, START, {"x": 0.1, "y": 0.5, "z": "good"}, seed=0)
    assert path.names[0] == "x"
    assert path.observed_improvements[0] == pytest.approx(2.4)
    assert np.isnan(path.observed_improvements[1])
    assert path.n_observed.tolist()[:2] == [1, 1]


def test_many_changes_are_averaged_over_drawn_orders() -> None:
    rng = np.random.default_rng(0)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))

    def objective(trial: optuna.Trial) -> float:
        x = [trial.suggest_float(f"x{k}", 0, 1) for k in range(14)]
        return x[0] + x[1] * x[2] + 0.01 * rng.random()

    study.optimize(objective, n_trials=80)
    path = ablation_path(study, {f"x{k}": 0.95 for k in range(14)}, seed=0)
    assert len(path.changes) == 14
    assert path.shapley.sum() == pytest.approx(path.total[0])
    assert (path.shapley_error > 0.0).any()
    reach = path.shapley_high - path.shapley_low
    assert (reach >= 4.0 * path.shapley_error).all()


def test_a_path_through_branches() -> None:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))

    def objective(trial: optuna.Trial) -> float:
        if trial.suggest_categorical("model", ["svm", "forest"]) == "svm":
            return 1.0 + trial.suggest_float("c", 0, 1)
        return 0.1 * trial.suggest_int("depth", 1, 9)

    study.optimize(objective, n_trials=80)
    path = ablation_path(study, {"model": "svm", "c": 0.5}, seed=0)
    assert len(path.changes) == 1
    assert (path.changes[0].name, list(path.changes[0].brought)) == ("model", ["depth"])
    assert path.ci_low[0] <= 1.5 - study.best_value <= path.ci_high[0]


def test_what_cannot_be_predicted_is_refused() -> None:
    rng = np.random.default_rng(0)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1) * 0 + rng.normal(), n_trials=60)
    with pytest.raises(NoSurrogateError, match="cannot be predicted"):
        ablation_path(study, seed=0)


def test_the_same_seed_gives_the_same_path(path: AblationPath) -> None:
    again = ablation_path(TrialTable.from_study(_study()), START, END, seed=0)
    assert repr(again) == repr(path)
    assert "x 0.9 → 0.1" in repr(path)


def test_a_frame_of_the_result(path: AblationPath) -> None:
    frame = path.to_frame()
    assert list(frame.index) == ["x", "z", "y"]
    assert frame.loc["z", "after"] == "good"


def test_ends_that_differ() -> None:
    table = TrialTable.from_study(_study(n=5))
    assert ends_differ(table)
    assert not ends_differ(table.take(np.array([0])))
    assert not ends_differ(replace(table, violation=np.ones(5)))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"baseline": 3.5}, TypeError, "baseline"),
        ({"baseline": "default"}, ValueError, "baseline"),
        ({"to": 10_000}, ValueError, "no finished trial has that number"),
        ({"baseline": {"x": 0.5}}, ValueError, "must give a value of"),
        ({"baseline": "best"}, ValueError, "the same configuration"),
        ({"confidence": 1.5}, ValueError, "confidence"),
        ({"seed": -1}, ValueError, "seed"),
        ({"objective": 1}, ValueError, "objective"),
    ],
)
def test_bad_arguments(
    arguments: dict[str, Any], error: type[Exception], message: str, small: optuna.Study
) -> None:
    with pytest.raises(error, match=message):
        ablation_path(small, **{"seed": 0} | arguments)


@pytest.fixture(scope="module")
def small() -> optuna.Study:
    return _study(n=40)


def test_without_a_seed_two_calls_agree() -> None:
    first, second = (ablation_path(_study(n=40), START, END) for _ in range(2))
    assert repr(first) == repr(second)


def test_one_change_is_one_change(small: optuna.Study) -> None:
    path = ablation_path(small, START, START | {"x": 0.1})
    assert repr(path).startswith("AblationPath: the given baseline to the given end, 1 change, ")


def test_the_print_says_what_is_better_and_what_is_not_sure(path: AblationPath) -> None:
    lines = repr(path).splitlines()
    assert f"(minimize) from {path.values[0]:.4g} to {path.values[-1]:.4g}, in all +" in lines[1]
    assert lines[2] == "  + is better; on average is over all orders of the changes"
    nothing = replace(path, ci_low=np.full(3, -1.0), ci_high=np.full(3, 1.0))
    assert "(-1 to +1: not told from no change), on average" in repr(nothing).splitlines()[3]
    surely = replace(nothing, ci_low=np.full(3, 0.1))
    assert "(+0.1 to +1), on average" in repr(surely).splitlines()[3]


def test_the_result_goes_through_json(path: AblationPath) -> None:
    read = json.loads(json.dumps(path.to_dict(), allow_nan=False))
    assert read["changes"][0]["name"] == "x"
    assert read["observed"][1] is None, "JSON has no NaN"
    html = path._repr_html_()
    assert html.startswith("<p>AblationPath: the given baseline to the given end, 3 changes")
    assert html.count("<tr>") == 4


def test_a_baseline_that_cannot_exist_is_refused() -> None:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))

    def objective(trial: optuna.Trial) -> float:
        if trial.suggest_categorical("m", ["sgd", "adam"]) == "sgd":
            return trial.suggest_float("lr", 0, 1)
        return trial.suggest_float("beta", 0, 1)

    study.optimize(objective, n_trials=60)
    for baseline in ({"m": "sgd", "lr": 0.1, "beta": 0.5}, {"m": "sgd"}):
        with pytest.raises(ValueError, match="cannot exist, as far as the trials tell"):
            ablation_path(study, baseline)


def test_what_few_trials_bear_has_no_interval() -> None:
    """The branch has 4 of 60 trials."""
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))

    def objective(trial: optuna.Trial) -> float:
        x = trial.suggest_float("x", 0, 1)
        if trial.suggest_categorical("m", ["plain", "rare"]) == "plain":
            return x + 0.5
        return x + trial.suggest_float("y", 0, 1)

    for k in range(60):
        study.enqueue_trial({"m": "plain" if k % 15 else "rare"})
    study.optimize(objective, n_trials=60)
    path = ablation_path(study, {"x": 0.9, "m": "plain"}, {"x": 0.1, "m": "rare", "y": 0.1})
    m, x = path.names.index("m"), path.names.index("x")
    assert np.isnan([path.ci_low[m], path.shapley_high[m], path.total[1]]).all()
    assert path.ci_low[x] <= 0.8 <= path.ci_high[x]
    assert path.warnings == (
        "Only 4 complete trials have a parameter that takes part in the change of m: no interval "
        "is given of that, nor of the whole way.",
    )
    assert "nan" not in repr(path)
    assert "nan" not in describe_path(path)
    with pytest.raises(NoSurrogateError, match="Of y, which 4 complete trials had, too little"):
        marginal_effect(study, "y")
