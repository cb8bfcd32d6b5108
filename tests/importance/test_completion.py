"""What decides whether a trial completes: ``target="complete"`` of both evaluators."""

from __future__ import annotations

from typing import Any

import optuna
import pytest
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution
from optuna.samplers import RandomSampler
from optuna.trial import TrialState

from optuna_hpx import HsicImportanceEvaluator, PedAnovaImportanceEvaluator
from tests import made_by_hand as hand

EVALUATORS = [PedAnovaImportanceEvaluator, HsicImportanceEvaluator]
DISTRIBUTIONS: dict[str, BaseDistribution] = {
    "k": CategoricalDistribution(["a", "b"]),
    "x": FloatDistribution(0.0, 1.0),
    "late": FloatDistribution(0.0, 1.0),
}


def completing(n_a: int, n_b: int) -> optuna.Study:
    """Of 40 trials with each choice so many complete; half of the others fail."""
    values: list[list[float] | TrialState] = []
    for n in (n_a, n_b):
        values += [[1.0]] * n + [
            (TrialState.PRUNED, TrialState.FAIL)[j % 2] for j in range(40 - n)
        ]
    params: list[dict[str, object]] = [{"k": choice} for choice in "ab" for _ in range(40)]
    return hand.study(values, params=params, distributions=DISTRIBUTIONS)


@pytest.mark.parametrize(("n_a", "n_b", "share"), [(30, 10, 1 / 4), (40, 0, 1.0), (20, 20, 0.0)])
def test_the_share_that_a_choice_explains(n_a: int, n_b: int, share: float) -> None:
    """Completion has the variance 1/4, and with each choice the mean n / 40.

    Of 30 and 10 that explains (1/4)^2 of 1/4. HSIC deducts the 1 / (n - 1) that chance explains.
    """
    study = completing(n_a, n_b)
    report = PedAnovaImportanceEvaluator(seed=0).report(study, target="complete")
    assert (report.n_trials, report.n_target, report.target) == (80, 40, "the complete trials")
    assert report.importances[0] == pytest.approx(share, abs=0.02)
    hsic = HsicImportanceEvaluator(seed=0).report(study, target="complete")
    assert (hsic.n_trials, hsic.n_target) == (80, 40)
    assert hsic.importances[0] == pytest.approx(max(share - 1 / 79, 0.0))
    for one in (report, hsic):
        assert (one.p_values[0] < 0.01) == (share > 0.0)


def _pruned_with_a() -> optuna.Study:
    def objective(trial: optuna.Trial) -> float:
        f1 = trial.suggest_categorical("f1", ["A", "B"])
        f2 = trial.suggest_float("f2", 0, 1)
        if f1 == "A":
            trial.suggest_float("f3", 0, 1)
            raise optuna.TrialPruned
        return 1 + 0.1 * f2

    study = optuna.create_study(direction="maximize", sampler=RandomSampler(seed=0))
    study.optimize(objective, n_trials=200)
    return study


@pytest.mark.parametrize("make", EVALUATORS)
def test_a_choice_that_is_always_pruned_decides(make: Any) -> None:
    study, evaluator = _pruned_with_a(), make(seed=0)
    n_pruned = sum(trial.state == TrialState.PRUNED for trial in study.trials)
    of_value = evaluator.report(study)
    assert of_value.names[0] == "f2"
    assert "f3" not in of_value.names
    assert any(
        f"each of the {n_pruned} trials with f1 = A was pruned" in w for w in of_value.warnings
    )
    report = evaluator.report(study, target="complete")
    assert (report.n_trials, report.n_target) == (200, 200 - n_pruned)
    assert set(report.names) == {"f1", "f2", "f3"}, "also what only pruned trials have"
    assert report.names[0] == "f1"
    assert report.importances[0] > 0.95
    assert report.p_values_familywise[0] < 0.01
    assert report.importances[report.names.index("f2")] < 0.05
    only = evaluator.report(study, ["f3"], target="complete")
    assert only.names == ("f3",)
    with pytest.raises(ValueError, match="`params` must name parameters of at least one"):
        evaluator.report(study, ["f3"])


def test_in_a_region() -> None:
    """Trials with x < 0.5 complete if k is a; the others never do."""
    xs = [j / 80 for j in range(80)]
    values: list[list[float] | TrialState] = [
        [1.0] if x < 0.5 and j % 2 == 0 else TrialState.FAIL for j, x in enumerate(xs)
    ]
    params: list[dict[str, object]] = [{"x": x, "k": "ab"[j % 2]} for j, x in enumerate(xs)]
    study = hand.study(values, params=params, distributions=DISTRIBUTIONS)
    report = PedAnovaImportanceEvaluator(seed=0).report(study, target="complete")
    assert report.n_trials == 80
    assert (report.importances < 0.6).all(), "neither decides alone"
    assert (report.importances > 0.1).all()
    report = PedAnovaImportanceEvaluator(seed=0, region={"x": (0.0, 0.49)}).report(
        study, target="complete"
    )
    assert (report.n_trials, report.n_target, report.names[0]) == (40, 20, "k")
    assert report.importances[0] > 0.95
    assert report.importances[1] < 0.05


@pytest.mark.parametrize("options", [{"region_quantile": 0.5}, {"target_value": 1.0}])
def test_what_does_not_go_with_it(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="`target='complete'` goes with neither"):
        PedAnovaImportanceEvaluator(seed=0, **options).evaluate(
            completing(30, 10), target="complete"
        )
