"""HsicImportanceEvaluator: what it finds, what it says, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import optuna
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution

from optuna_hpx import HsicImportanceEvaluator, TrialTable, plot_importances
from optuna_hpx._checks import SAMPLINGS
from optuna_hpx.importance.section import sections_of

optuna.logging.set_verbosity(optuna.logging.WARNING)


def _study(
    objective: Callable[[optuna.Trial], float],
    n: int = 200,
    sampler: optuna.samplers.BaseSampler | None = None,
    direction: str = "minimize",
) -> optuna.Study:
    sampler = sampler or optuna.samplers.RandomSampler(seed=0)
    study = optuna.create_study(sampler=sampler, direction=direction)
    study.optimize(objective, n_trials=n)
    return study


def _bowl(trial: optuna.Trial) -> float:
    x, y = trial.suggest_float("x", 0, 1), trial.suggest_float("y", 0, 1)
    trial.suggest_float("idle", 1e-4, 1, log=True)
    return (x - 0.3) ** 2 + 0.3 * (y - 0.6) ** 2


def _exclusive_or(trial: optuna.Trial) -> float:
    """The second demonstration of the paper: x1, and x2 with x3 only together."""
    x = [trial.suggest_float(f"x{i}", 0, 2) for i in range(1, 6)]
    both = (x[1] < 1.0) ^ (x[2] < 1.0)
    noise = np.random.default_rng(int(x[0] * 1e9)).random()
    return -float(x[0] < 1.0 and both) + 1e-3 * noise


@pytest.mark.parametrize("score", ["indicator", "rank", "log_rank"])
@pytest.mark.parametrize("kernel", ["sobolev", "laplace", "gaussian"])
def test_finds_what_matters(score: str, kernel: str) -> None:
    evaluator = HsicImportanceEvaluator(score=score, kernel=kernel, n_permutations=199, seed=0)
    report = evaluator.report(_study(_bowl))
    assert report.names[0] == "x"
    assert report.p_values[0] < 1e-4
    assert report.p_values[report.names.index("idle")] > 0.05
    assert (report.ci_low <= report.importances).all()
    assert (report.importances <= report.ci_high).all()
    assert report.first_probability.sum() == pytest.approx(1.0)
    assert report.measure == "R2"
    assert np.isnan(report.unexplained)


def test_evaluate_is_the_report_and_needs_no_seed() -> None:
    study = _study(_bowl)
    report = HsicImportanceEvaluator().report(study)
    found = HsicImportanceEvaluator().evaluate(study)
    assert list(found) == list(report.names)
    assert list(found.values()) == pytest.approx(report.importances)
    shares = optuna.importance.get_param_importances(study, evaluator=HsicImportanceEvaluator())
    assert list(shares.values()) == pytest.approx(report.normalized)


def test_same_seed_same_report() -> None:
    study = _study(_bowl, 60)
    one, two = (HsicImportanceEvaluator(seed=3).report(study, interactions=True) for _ in "ab")
    assert one.p_values.tolist() == two.p_values.tolist()
    assert one.interaction_p_values is not None
    assert two.interaction_p_values is not None
    assert one.interaction_p_values.tolist() == two.interaction_p_values.tolist()
    assert one.ci_high.tolist() == two.ci_high.tolist()


def test_exclusive_or_is_a_pair_and_no_parameter() -> None:
    study = _study(_exclusive_or, 1000)
    report = HsicImportanceEvaluator(target_quantile=0.24, seed=0).report(study, interactions=True)
    p = dict(zip(report.names, report.p_values_familywise, strict=True))
    assert report.names[0] == "x1"
    assert p["x1"] < 0.01
    assert min(p[name] for name in ("x2", "x3", "x4", "x5")) > 0.05
    pairs = [set(pair[:2]) for pair in report.significant_pairs()]
    assert {"x2", "x3"} in pairs
    assert all("x4" not in pair and "x5" not in pair for pair in pairs)


def test_order_of_choices_does_not_matter() -> None:
    rng = np.random.default_rng(0)
    codes, y = rng.integers(0, 4, 120), rng.random(120)
    y[codes == 2] -= 0.4
    reports = []
    for choices in (("a", "b", "c", "d"), ("c", "a", "d", "b")):
        study = optuna.create_study()
        study.add_trials(
            [
                optuna.create_trial(
                    params={"k": "abcd"[code]},
                    distributions={"k": CategoricalDistribution(choices)},
                    value=float(value),
                )
                for code, value in zip(codes, y, strict=True)
            ]
        )
        reports.append(HsicImportanceEvaluator(seed=0).report(study))
    assert reports[0].importances[0] == pytest.approx(reports[1].importances[0], abs=1e-15)
    assert reports[0].p_values[0] == pytest.approx(reports[1].p_values[0])


def test_maximised_objective() -> None:
    study = _study(lambda trial: -_bowl(trial), direction="maximize")
    same = _study(_bowl)
    found, expected = (HsicImportanceEvaluator().evaluate(each) for each in (study, same))
    assert found == pytest.approx(expected)


def test_conditional_parameter_is_judged_in_its_own_branch() -> None:
    """z decides among the trials of a branch none of which is among the best of all."""

    def objective(trial: optuna.Trial) -> float:
        branch = trial.suggest_categorical("branch", ["good", "bad"])
        if branch == "good":
            return trial.suggest_float("x", 0, 1)
        return 10.0 + trial.suggest_float("z", 0, 1)

    report = HsicImportanceEvaluator(seed=0).report(_study(objective), interactions=True)
    p = dict(zip(report.names, report.p_values, strict=True))
    assert p["z"] < 1e-4
    assert report.regimes["z"][0].n_target == 0


def test_moving_bounds_count_by_position() -> None:
    def objective(trial: optuna.Trial) -> float:
        high = 1.0 + trial.number
        return trial.suggest_float("x", 0.0, high) / high

    report = HsicImportanceEvaluator(score="rank", seed=0).report(_study(objective, 120))
    assert report.importances[0] > 0.5


def test_adaptive_trials_are_adjusted_and_said_to_be() -> None:
    study = _study(_bowl, 100, optuna.samplers.TPESampler(seed=0))
    report = HsicImportanceEvaluator(score="rank", seed=0).report(study)
    assert report.sampling == "adaptive"
    assert any("given the other parameters and time" in each for each in report.warnings)
    assert report.n_effective is not None
    assert (report.n_effective < 100).all()
    assert report.names[0] == "x"
    assert report.importances[0] > 0.05
    assert dict(zip(report.names, report.p_values_familywise < 0.05, strict=True)) == {
        "x": True,
        "y": True,
        "idle": False,
    }
    assert np.isnan(report.null_level).all()
    assert np.isnan(report.ci_low).all()
    assert np.isnan(report.ci_high).all()
    assert not report.has_p_values
    assert report.is_tested_by_model


def test_the_user_may_say_who_the_trials_are() -> None:
    study = _study(_bowl, 60)
    told = {word: HsicImportanceEvaluator(sampling=word, seed=0) for word in SAMPLINGS}
    reports = {word: evaluator.report(study) for word, evaluator in told.items()}
    assert [report.sampling for report in reports.values()] == [
        "independent",
        "independent",
        "adaptive",
    ]
    auto, same, chosen = reports.values()
    assert auto.p_values.tolist() == same.p_values.tolist()
    assert auto.importances.tolist() == same.importances.tolist()
    assert np.isnan(chosen.null_level).all()
    assert chosen.is_tested_by_model
    assert chosen.p_values_familywise[chosen.names.index("idle")] > 0.05


def test_feasibility() -> None:
    def objective(trial: optuna.Trial) -> float:
        x, y = trial.suggest_float("x", 0, 1), trial.suggest_float("y", 0, 1)
        trial.set_constraint("c", y - 0.5)
        return x

    study = _study(objective)
    evaluator = HsicImportanceEvaluator(seed=0)
    assert next(iter(evaluator.evaluate(study, target="feasible"))) == "y"
    both = evaluator.report(study)
    assert both.n_infeasible > 50
    assert (both.p_values < 0.01).all()


def test_several_objectives() -> None:
    study = optuna.create_study(directions=["minimize", "maximize"])
    study.sampler = optuna.samplers.RandomSampler(seed=0)
    study.optimize(
        lambda t: (t.suggest_float("x", 0, 1), t.suggest_float("y", 0, 1)), n_trials=150
    )
    evaluator = HsicImportanceEvaluator(target_direction="maximize", seed=0)
    of_second = evaluator.report(study, target=lambda trial: trial.values[1])
    assert of_second.names[0] == "y"
    assert of_second.p_values[1] > 0.05
    assert (HsicImportanceEvaluator(seed=0).report(study).p_values < 0.05).all()


def test_data_frame() -> None:
    pandas = pytest.importorskip("pandas")
    rng = np.random.default_rng(0)
    frame = pandas.DataFrame(rng.random((80, 2)), columns=["a", "b"])
    frame["loss"] = frame.a**2
    table = TrialTable.from_frame(frame, params=["a", "b"], value="loss")
    assert next(iter(HsicImportanceEvaluator().evaluate(table))) == "a"


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("n", [0, 1, 2, 3, 5])
def test_few_trials(n: int) -> None:
    study = _study(_bowl, n) if n else optuna.create_study()
    found = HsicImportanceEvaluator().evaluate(study)
    assert all(0.0 <= value <= 1.0 for value in found.values())
    report = HsicImportanceEvaluator(seed=0).report(study, interactions=True)
    assert np.isnan(report.p_values).all() == (n <= 1)
    assert len(report.warnings) == 1 or n > 1
    assert isinstance(plot_importances(report).to_json(), str)


@pytest.mark.parametrize("score", ["indicator", "rank"])
def test_a_parameter_of_few_trials_is_not_judged(score: str) -> None:
    def objective(trial: optuna.Trial) -> float:
        if trial.number in (5, 6):
            trial.suggest_float("rare", 0, 1)
        return (trial.suggest_float("x", 0, 1) - 0.3) ** 2

    study = _study(objective, 60, optuna.samplers.TPESampler(seed=2))
    evaluator = HsicImportanceEvaluator(score=score, sampling="independent", seed=0)
    report = evaluator.report(study, interactions=True)
    at = report.names.index("rare")
    assert report.importances[at] == 0.0
    for unknown in (report.p_values, report.ci_low, report.ci_high, report.first_probability):
        assert np.isnan(unknown).nonzero()[0].tolist() == [at]
    assert any("Too few trials" in each and "rare" in each for each in report.warnings)
    chosen = HsicImportanceEvaluator(score=score, seed=0).report(study)
    assert chosen.importances[chosen.names.index("rare")] == 0.0
    assert any("Too few trials" in each and "rare" in each for each in chosen.warnings)


def test_single_valued_parameter() -> None:
    def objective(trial: optuna.Trial) -> float:
        trial.suggest_float("one", 2.0, 2.0)
        trial.suggest_categorical("only", [None])
        return trial.suggest_float("x", 0, 1)

    report = HsicImportanceEvaluator(seed=0).report(_study(objective, 50), interactions=True)
    for name in ("one", "only"):
        at = report.names.index(name)
        assert (report.importances[at], report.p_values[at]) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"score": "best"}, ValueError, "`score` must be one of"),
        ({"kernel": "kronecker"}, ValueError, "`kernel` must be one of"),
        ({"target_quantile": 1.0}, ValueError, "`target_quantile` must be in"),
        ({"n_permutations": 0}, ValueError, "`n_permutations` must be at least 1"),
        ({"confidence": "95"}, TypeError, "`confidence` must be a number"),
        ({"sampling": "random"}, ValueError, "`sampling` must be one of"),
        ({"seed": -1}, ValueError, "`seed` must not be negative"),
    ],
)
def test_bad_arguments(arguments: dict[str, object], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        HsicImportanceEvaluator(**arguments)  # type: ignore[arg-type]


def test_unknown_parameter() -> None:
    with pytest.raises(ValueError, match="`params` must name parameters"):
        HsicImportanceEvaluator().evaluate(_study(_bowl, 10), params=["nothing"])


@pytest.mark.slow
@pytest.mark.parametrize("score", ["indicator", "log_rank"])
def test_size_on_trials_of_tpe(score: str) -> None:
    """Idle parameters of 60 studies, 3 in each: standard error about 0.02 of 5 %."""

    def objective(trial: optuna.Trial) -> float:
        x = [trial.suggest_float(f"x{i}", 0, 1) for i in range(3)]
        for i in range(2):
            trial.suggest_float(f"u{i}", 0, 1)
        trial.suggest_categorical("c", list("abc"))
        return (x[0] - 0.3) ** 2 + 0.5 * (x[1] - 0.6) ** 2 + 0.3 * abs(x[2] - 0.5)

    p = []
    for seed in range(60):
        study = _study(objective, 100, optuna.samplers.TPESampler(seed=seed))
        evaluator = HsicImportanceEvaluator(score=score, n_permutations=199, seed=seed)
        trials = evaluator._prepare(study, None, None, evaluator._subspace)
        assert trials.basis.sampling == "adaptive", "a report would withhold the p-values"
        assessment = evaluator._assess(trials, evaluator._subspace)
        adjusted = evaluator._uncertainty(assessment, np.random.default_rng(seed)).p_values
        p += [adjusted[assessment.names.index(name)] for name in ("u0", "u1", "c")]
    assert np.isfinite(p).all()
    assert np.mean(np.array(p) <= 0.05) <= 0.11


def test_distribution_is_not_needed_beyond_the_trials_own() -> None:
    """Enqueued values outside their bounds count as at the nearer one."""
    study = _study(_bowl, 40)
    outside = optuna.create_trial(
        params={"x": 0.5, "y": 0.5, "idle": 0.5},
        distributions={
            "x": FloatDistribution(0, 1),
            "y": FloatDistribution(0, 1),
            "idle": FloatDistribution(1e-4, 1, log=True),
        },
        value=0.0,
    )
    study.add_trial(outside)
    assert HsicImportanceEvaluator().evaluate(study)["x"] > 0.0


@pytest.mark.parametrize("target", [{"target_value": 5.0}, {"target_quantile": 0.02}])
def test_ranks_tell_of_all_trials_whatever_the_target_set(target: dict[str, float]) -> None:
    study = _study(lambda trial: trial.suggest_float("x", 0, 1), n=60)
    report = HsicImportanceEvaluator(score="rank", n_permutations=99, seed=0, **target).report(
        study, interactions=True
    )
    assert report.warnings == ()
    assert report.p_values[0] < 1e-3
    assert report.importances[0] > 0.9
    what_matters = sections_of(report)[0]
    assert what_matters.answer.startswith("Taken one by one, x matters most")
    assert what_matters.charts


def test_of_few_ranks_and_of_equal_ones_nothing_is_told() -> None:
    few = _study(lambda trial: trial.suggest_float("x", 0, 1), n=4)
    evaluator = HsicImportanceEvaluator(score="rank", target_value=5.0, n_permutations=99, seed=0)
    assert "4 trials are too few to tell" in evaluator.report(few).warnings[0]
    equal = _study(lambda trial: 0.0 * trial.suggest_float("x", 0, 1), n=60)
    report = evaluator.report(equal)
    assert "All 60 trials have the same value" in report.warnings[0]
    assert sections_of(report)[0].answer == (
        "No parameter could be compared: nothing can be said of what matters."
    )
