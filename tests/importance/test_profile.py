"""Importance as the target quantile moves."""

from __future__ import annotations

import numpy as np
import optuna
import pytest
from optuna.distributions import FloatDistribution

from optuna_hpx import PedAnovaImportanceEvaluator, TrialTable
from optuna_hpx.importance import importance_profile
from tests.importance.test_ped_anova import UNIT, study_of


def disjoint(n: int, seed: int = 0) -> TrialTable:
    """c < .5: x ~ U(-5, -2), f = x; else y ~ U(2, 5), f = y."""
    c, u = np.random.default_rng(seed).random((2, n))
    nan = np.full(n, np.nan)
    x, y = np.where(c < 0.5, -5 + 3 * u, nan), np.where(c < 0.5, nan, 2 + 3 * u)
    values = {
        "c": (c, UNIT),
        "x": (x, FloatDistribution(-5.0, -2.0)),
        "y": (y, FloatDistribution(2.0, 5.0)),
    }
    return TrialTable.from_study(study_of(values, np.where(c < 0.5, x, y)))


def test_exact_curves() -> None:
    """For q <= 1/2, S_c = q / (1 - q) and S_x the rest; mirrored above (brief, section 2)."""
    quantiles = (0.05, 0.1, 0.2, 0.3, 0.7, 0.8, 0.9)
    evaluator = PedAnovaImportanceEvaluator(sampling="independent")
    profile = importance_profile(disjoint(3000), quantiles, evaluator)
    q = np.array(quantiles)
    exact = {
        "c": np.where(q < 0.5, q / (1 - q), (1 - q) / q),
        "x": np.where(q < 0.5, 1 - q / (1 - q), 0.0),
        "y": np.where(q < 0.5, 0.0, 1 - (1 - q) / q),
    }
    for place, name in enumerate(profile.names):
        np.testing.assert_allclose(profile.importances[:, place], exact[name], atol=0.05)
    np.testing.assert_array_equal(profile.n_target, np.ceil(3000 * q - 1e-9))
    assert (profile.ci_low <= profile.importances).all()
    assert (profile.importances <= profile.ci_high).all()


def test_each_quantile_is_what_the_evaluator_says() -> None:
    table = disjoint(300)
    profile = importance_profile(table, (0.4, 0.1))
    np.testing.assert_array_equal(profile.quantiles, [0.1, 0.4])
    for row, quantile in enumerate(profile.quantiles):
        report = PedAnovaImportanceEvaluator(target_quantile=quantile).report(table)
        at = [profile.names.index(name) for name in report.names]
        np.testing.assert_array_equal(profile.importances[row, at], report.importances)
        np.testing.assert_array_equal(profile.ci_low[row, at], report.ci_low)
        np.testing.assert_array_equal(profile.ci_high[row, at], report.ci_high)


def test_of_several_objectives() -> None:
    study = optuna.create_study(
        directions=["minimize", "minimize"], sampler=optuna.samplers.RandomSampler(seed=0)
    )
    study.optimize(
        lambda t: (t.suggest_float("x", 0, 1), t.suggest_float("y", 0, 1)), n_trials=100
    )
    profile = importance_profile(study, (0.1, 0.5))
    for row, quantile in enumerate((0.1, 0.5)):
        found = PedAnovaImportanceEvaluator(target_quantile=quantile).evaluate(study)
        assert dict(zip(profile.names, profile.importances[row], strict=True)) == found


def test_few_trials_are_left_out_and_said() -> None:
    profile = importance_profile(disjoint(60), (0.01, 0.05, 0.2))
    np.testing.assert_array_equal(profile.quantiles, [0.2])
    assert any("0.01, 0.05" in message for message in profile.warnings)
    empty = importance_profile(disjoint(3))
    assert empty.importances.shape == (0, len(empty.names))


def test_bad_arguments() -> None:
    table = disjoint(50)
    with pytest.raises(ValueError, match="`quantiles`"):
        importance_profile(table, (0.1, 1.0))
    with pytest.raises(ValueError, match="`quantiles`"):
        importance_profile(table, ())
    with pytest.raises(ValueError, match="`target_value`"):
        importance_profile(table, evaluator=PedAnovaImportanceEvaluator(target_value=0.0))
    with pytest.raises(ValueError, match="`target`"):
        importance_profile(table, target="feasible")
    with pytest.raises(ValueError, match="`target_quantile` must be less"):
        importance_profile(table, (0.6,), PedAnovaImportanceEvaluator(region_quantile=0.5))


def test_where_no_target_is_large_enough_no_parameter_is_listed() -> None:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=5)
    assert "S =" not in repr(importance_profile(study))
