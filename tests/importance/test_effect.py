from __future__ import annotations

import json
from typing import Any

import numpy as np
import optuna
import pytest

from optuna_hpx import MarginalEffect, NoSurrogateError, TrialTable, marginal_effect


def _study(direction: str = "minimize", n: int = 70) -> optuna.Study:
    study = optuna.create_study(direction=direction, sampler=optuna.samplers.RandomSampler(seed=0))
    sign = -1.0 if direction == "maximize" else 1.0

    def objective(trial: optuna.Trial) -> float:
        lr = trial.suggest_float("lr", 1e-4, 1, log=True)
        trial.suggest_float("idle", 0, 1)
        worse = trial.suggest_categorical("act", ["relu", "tanh", "none"]) == "none"
        trial.suggest_int("layers", 1, 4)
        return sign * ((np.log10(lr) + 2.0) ** 2 + 2.0 * worse)

    study.optimize(objective, n_trials=n)
    return study


@pytest.fixture(scope="module")
def study() -> optuna.Study:
    return _study()


@pytest.fixture(scope="module")
def effect(study: optuna.Study) -> MarginalEffect:
    return marginal_effect(study, "lr", seed=0)


def test_the_band_holds_the_exact_curve(effect: MarginalEffect) -> None:
    """The objective is additive: the effect is (log10 lr + 2)^2 minus its mean."""
    exact = (np.log10(np.array(effect.values)) + 2.0) ** 2
    exact -= exact.mean()
    assert (effect.ci_low <= exact).all()
    assert (exact <= effect.ci_high).all()
    assert np.abs(effect.effect - exact).max() < 0.7
    assert effect.effect.mean() == pytest.approx(0.0, abs=1e-9)
    assert effect.is_log
    assert effect.may_be_best[int(np.argmin(exact))]
    assert not effect.may_be_best[[0, -1]].any()
    assert effect.in_words.startswith(("The best value on average lies somewhere", "Around"))
    assert effect.gain[1] <= np.ptp(exact) * 1.05


def test_a_maximised_objective_is_the_mirror_image(effect: MarginalEffect) -> None:
    up = marginal_effect(_study("maximize"), "lr", seed=0)
    np.testing.assert_allclose(up.effect, -effect.effect)
    np.testing.assert_allclose(up.ci_low, -effect.ci_high)
    np.testing.assert_array_equal(up.is_better, effect.is_better)
    assert up.gain == pytest.approx(effect.gain)
    assert up.in_words == effect.in_words


def test_choices(study: optuna.Study) -> None:
    act = marginal_effect(study, "act", seed=0)
    assert act.values == ("relu", "tanh", "none")
    assert act.may_be_best.tolist() == [True, True, False]
    assert not act.is_numeric


def test_few_values_are_all_asked_for(study: optuna.Study) -> None:
    assert marginal_effect(study, "layers", seed=0).values == (1, 2, 3, 4)


def test_of_an_idle_parameter_nothing_is_said(study: optuna.Study) -> None:
    idle = marginal_effect(study, "idle", seed=0)
    assert idle.in_words == (
        "Not enough is seen to call any value better on average than another."
    )
    assert (idle.ci_low <= 0.0).all()
    assert (idle.ci_high >= 0.0).all()


def test_a_branch_and_the_parameter_that_decides_it() -> None:
    """Depth exists in the forest only, which is 1 better than the other on average."""
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))

    def objective(trial: optuna.Trial) -> float:
        if trial.suggest_categorical("model", ["svm", "forest"]) == "svm":
            return 1.0 + trial.suggest_float("c", 0, 1)
        return trial.suggest_float("depth", 0, 1)

    study.optimize(objective, n_trials=100)
    model = marginal_effect(study, "model", seed=0)
    assert model.ci_low[0] <= 0.5 <= model.ci_high[0]
    assert model.in_words == "forest is best on average."
    depth = marginal_effect(study, "depth", seed=0)
    exact = np.array(depth.values) - np.mean(depth.values)
    assert (depth.ci_low <= exact).all()
    assert (exact <= depth.ci_high).all()


def test_a_frame_of_the_result(effect: MarginalEffect) -> None:
    frame = effect.to_frame()
    assert list(frame.index) == list(effect.values)
    assert frame["may_be_best"].dtype == bool


def test_the_same_seed_gives_the_same_curve(study: optuna.Study, effect: MarginalEffect) -> None:
    again = marginal_effect(TrialTable.from_study(study), "lr", seed=0)
    np.testing.assert_array_equal(again.ci_low, effect.ci_low)
    assert repr(effect).startswith("MarginalEffect of lr, skill ")


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"name": "depth"}, ValueError, "one of"),
        ({"name": 3}, TypeError, "name"),
        ({"name": "lr", "confidence": 0.0}, ValueError, "confidence"),
        ({"name": "lr", "seed": "x"}, TypeError, "seed"),
    ],
)
def test_bad_arguments(
    arguments: dict[str, Any], error: type[Exception], message: str, study: optuna.Study
) -> None:
    with pytest.raises(error, match=message):
        marginal_effect(study, **arguments)


def test_too_few_trials_are_refused() -> None:
    with pytest.raises(NoSurrogateError, match="too few"):
        marginal_effect(_study(n=8), "lr")


def test_bands_of_huge_values_are_those_of_others() -> None:
    """Squares of such numbers overflow."""
    huge = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    huge.optimize(lambda trial: 9e299 * (trial.suggest_float("x", 0, 1) - 0.5), n_trials=40)
    one = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    one.optimize(lambda trial: trial.suggest_float("x", 0, 1) - 0.5, n_trials=40)
    first, second = marginal_effect(huge, "x"), marginal_effect(one, "x")
    np.testing.assert_allclose(first.ci_low / 9e299, second.ci_low, rtol=1e-6)
    assert first.in_words == second.in_words


def test_without_a_seed_two_calls_agree(study: optuna.Study) -> None:
    first, second = (marginal_effect(TrialTable.from_study(study), "lr") for _ in range(2))
    np.testing.assert_array_equal(first.ci_low, second.ci_low)


def test_the_result_goes_through_json(effect: MarginalEffect, study: optuna.Study) -> None:
    read = json.loads(json.dumps(effect.to_dict(), allow_nan=False))
    assert read["name"] == "lr"
    assert read["effect"] == effect.effect.tolist()
    choices = marginal_effect(study, "act")
    assert json.loads(json.dumps(choices.to_dict()))["values"] == ["relu", "tanh", "none"]
    assert "MarginalEffect of act" in choices._repr_html_()


def test_a_choice_with_which_no_trial_completed_is_left_out() -> None:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))

    def objective(trial: optuna.Trial) -> float:
        x = trial.suggest_float("x", 0, 1)
        if trial.suggest_categorical("batch", [32, 64, 512]) == 512:
            raise MemoryError
        return x

    study.optimize(objective, n_trials=45, catch=MemoryError)
    effect = marginal_effect(study, "batch")
    assert effect.values == (32, 64)
    assert effect.unseen == (512,)


def test_the_range_is_told_where_trials_had_several() -> None:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    for high, n in ((1, 10), (10, 20)):
        study.optimize(lambda trial, high=high: trial.suggest_float("x", 0, high), n_trials=n)
    assert marginal_effect(study, "x").limits == (0.0, 10.0)
