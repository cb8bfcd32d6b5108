"""The evaluator: what a user may rely on."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import optuna
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.importance import get_param_importances

from optuna_hpx import PedAnovaImportanceEvaluator, TrialTable


def study_of(
    values: dict[str, tuple[np.ndarray, BaseDistribution]],
    losses: np.ndarray,
    *,
    direction: str = "minimize",
    constraints: np.ndarray | None = None,
) -> optuna.Study:
    """A study from columns; NaN in a column: inactive. Categorical columns hold indices."""
    study = optuna.create_study(direction=direction)
    for row, loss in enumerate(np.atleast_1d(losses).tolist()):
        active = {name: dist for name, (x, dist) in values.items() if x[row] == x[row]}
        study.add_trial(
            optuna.create_trial(
                params={
                    name: dist.to_external_repr(float(values[name][0][row]))
                    for name, dist in active.items()
                },
                distributions=active,
                value=loss,
                constraints={} if constraints is None else {"c": float(constraints[row])},
            )
        )
    return study


def uniform(n: int, d: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random((d, n))


UNIT = FloatDistribution(0.0, 1.0)


@pytest.mark.parametrize(
    "kwargs",
    [
        {"target_quantile": 0.0},
        {"target_quantile": 1.0},
        {"target_quantile": float("nan")},
        {"region_quantile": 1.5},
        {"target_quantile": 0.5, "region_quantile": 0.5},
        {"target_value": math.inf},
        {"target_direction": "max"},
    ],
)
def test_values_out_of_range(kwargs: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"`target_|`region_"):
        PedAnovaImportanceEvaluator(**kwargs)


@pytest.mark.parametrize(
    "kwargs", [{"target_quantile": "0.1"}, {"region": [1]}, {"target_value": True}]
)
def test_wrong_types(kwargs: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match=r"must be a"):
        PedAnovaImportanceEvaluator(**kwargs)


@pytest.mark.parametrize("k", [2, 3, 5, 10])
def test_decisive_categorical(k: int) -> None:
    """f = 1[c != 0] + x, best 5 %: S_c = 0.05 (K - 1) / 0.95, S_x = (1 / K - 0.05) / 0.95."""
    shares = []
    for seed in range(10):
        u, v = uniform(1000, 2, seed)
        c = np.floor(u * k)
        columns = {"c": (c, CategoricalDistribution(list(range(k)))), "x": (v, UNIT)}
        importances = get_param_importances(
            study_of(columns, (c != 0) + v),
            evaluator=PedAnovaImportanceEvaluator(target_quantile=0.05),
        )
        shares.append(importances["c"])
    s_c, s_x = 0.05 * (k - 1) / 0.95, (1 / k - 0.05) / 0.95
    assert np.mean(shares) == pytest.approx(s_c / (s_c + s_x), abs=0.05)


@pytest.mark.parametrize("k", [2, 5, 20])
@pytest.mark.parametrize("n", [40, 300])
def test_few_values_are_the_same_as_int_and_as_categorical(k: int, n: int) -> None:
    u, v = uniform(n, 2)
    c = np.floor(u * k)
    found = [
        PedAnovaImportanceEvaluator().evaluate(
            study_of({"c": (c, dist), "x": (v, UNIT)}, np.abs(c - k // 2) + v)
        )
        for dist in (
            CategoricalDistribution(list(range(k))),
            IntDistribution(0, k - 1),
            FloatDistribution(0, k - 1, step=1),
        )
    ]
    assert found[0] == found[1] == found[2]
    assert n < 300 or found[0]["c"] > 0


def test_unnormalised_is_a_share_of_variance() -> None:
    """x alone decides: S_x = 1, S_y = 0, nothing unexplained; XOR: mains explain nothing."""
    u, v = uniform(1000, 2)
    columns = {"x": (u, UNIT), "y": (v, UNIT)}
    report = PedAnovaImportanceEvaluator().report(study_of(columns, u))
    assert report.names == ("x", "y")
    np.testing.assert_allclose(report.importances, [1, 0], atol=0.03)
    assert report.unexplained < 0.03
    xor = (u < 0.5) ^ (v < 0.5)
    report = PedAnovaImportanceEvaluator(target_quantile=0.5).report(study_of(columns, -1.0 * xor))
    assert report.unexplained > 0.98


@pytest.mark.parametrize(("quantile", "c", "x", "y"), [(0.1, 1 / 9, 8 / 9, 0), (0.5, 1, 0, 0)])
def test_conditional(quantile: float, c: float, x: float, y: float) -> None:
    """c < .5: x ~ U(-5, -2) is the loss; else y ~ U(2, 5)."""
    gate, u = uniform(2000, 2)
    low = gate < 0.5
    columns = {
        "c": (gate, UNIT),
        "x": (np.where(low, -5 + 3 * u, np.nan), FloatDistribution(-5, -2)),
        "y": (np.where(low, np.nan, 2 + 3 * u), FloatDistribution(2, 5)),
    }
    study = study_of(columns, np.where(low, -5, 2) + 3 * u)
    s = PedAnovaImportanceEvaluator(target_quantile=quantile).evaluate(study)
    assert [s["c"], s["x"], s["y"]] == pytest.approx([c, x, y], abs=0.06)


def test_bounds_that_move_from_trial_to_trial() -> None:
    """y ~ U(0, x), f = y / x: the position within the trial's own bounds decides."""
    u, v = uniform(1000, 2)
    x = 0.1 + 0.9 * u
    study = optuna.create_study()
    for a, b in zip(x.tolist(), (x * v).tolist(), strict=True):
        dists = {"x": FloatDistribution(0.1, 1.0), "y": FloatDistribution(0.0, a)}
        study.add_trial(
            optuna.create_trial(params={"x": a, "y": b}, distributions=dists, value=b / a)
        )
    report = PedAnovaImportanceEvaluator().report(study)
    s = dict(zip(report.names, report.importances, strict=True))
    assert s["y"] > 0.85
    assert s["x"] < 0.02
    assert report.regimes["y"][0].label.startswith("moving bounds")


def test_more_trials_tell_more_of_bounds_that_move() -> None:
    """y in [x, 40000] of whole numbers: where y is between its own bounds decides, so S(y) is 1.

    The domains in a group of trials grow alike with their number, and S comes nearer to 1.
    """

    def objective(trial: optuna.Trial) -> float:
        x = trial.suggest_int("x", 1, 30_000)
        y = trial.suggest_int("y", x, 40_000)
        return abs((y - x) / (40_000 - x) - 0.3)

    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    s = []
    for n in (400, 1600):
        study.optimize(objective, n_trials=n)
        s.append(PedAnovaImportanceEvaluator().evaluate(study))
    assert 0.8 < s[0]["y"] < s[1]["y"]
    assert s[1]["y"] >= 0.9
    assert max(s[0]["x"], s[1]["x"]) < 0.001


def test_a_range_that_changed_once_makes_two_regimes() -> None:
    """x ~ U(0, 1), then U(10, 11); within each the position decides."""
    u = uniform(400, 1)[0]
    x = np.where(np.arange(400) < 200, u, 10 + u)
    study = optuna.create_study()
    for value, loss in zip(x.tolist(), u.tolist(), strict=True):
        low = 0.0 if value < 5 else 10.0
        dists = {"x": FloatDistribution(low, low + 1)}
        study.add_trial(optuna.create_trial(params={"x": value}, distributions=dists, value=loss))
    report = PedAnovaImportanceEvaluator().report(study)
    assert report.importances[0] > 0.9
    assert [regime.n_region for regime in report.regimes["x"]] == [200, 200]


def test_maximise_is_minimise_of_the_negative() -> None:
    u, v = uniform(300, 2)
    columns = {"x": (u, UNIT), "y": (v, UNIT)}
    losses = u + 0.5 * v
    up = study_of(columns, -losses, direction="maximize")
    down = study_of(columns, losses)
    evaluator = PedAnovaImportanceEvaluator()
    assert evaluator.evaluate(up) == evaluator.evaluate(down)
    at_most = PedAnovaImportanceEvaluator(target_value=0.3).report(down)
    at_least = PedAnovaImportanceEvaluator(target_value=-0.3).report(up)
    np.testing.assert_array_equal(at_most.importances, at_least.importances)
    assert at_most.target == "value <= 0.3"
    assert at_least.target == "value >= -0.3"


class TestTarget:
    """Values of a callable: which end is good is said, never guessed in silence."""

    u, v = uniform(400, 2)
    columns = {"x": (u, UNIT), "y": (v, UNIT)}
    # high values where x is high; low ones where y is low (and x is not high)
    values = np.where(u > 0.8, 1 + u, 0.1 * v)
    study = study_of(columns, values, direction="maximize")

    def test_both_ends(self) -> None:
        down = PedAnovaImportanceEvaluator().evaluate
        up = PedAnovaImportanceEvaluator(target_direction="maximize").evaluate
        assert up(self.study, target=lambda t: t.value)["x"] > 0.9
        assert up(self.study, target=lambda t: t.value) == up(self.study)
        with pytest.warns(UserWarning, match="the study is to maximize"):
            assert down(self.study, target=lambda t: t.value)["y"] > 0.5
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            down(self.study, target=lambda t: t.params["x"])
            up(self.study, target=lambda t: t.value)

    def test_in_optunas_own_plot_of_a_maximised_objective(self) -> None:
        study = optuna.create_study(directions=["minimize", "maximize"])
        for x, y, value in zip(self.u, self.v, self.values, strict=True):
            study.add_trial(
                optuna.create_trial(
                    params={"x": x, "y": y},
                    distributions={"x": UNIT, "y": UNIT},
                    values=[0.0, value],
                )
            )
        with pytest.warns(UserWarning, match="objective 1, which the study is to maximize"):
            optuna.visualization.plot_param_importances(
                study, PedAnovaImportanceEvaluator(), target=lambda t: t.values[1]
            )

    def test_of_the_wrong_shape(self) -> None:
        with pytest.raises(ValueError, match="`target` must return one number"):
            PedAnovaImportanceEvaluator().evaluate(self.study, target=lambda t: t.values)  # type: ignore[arg-type,return-value]


def test_constraint_in_closed_form() -> None:
    """Feasible iff z >= .5, f = x, best 10 %: top = {z >= .5, x < .2}; S_z = 1/9, S_x = 4/9."""
    s_x, s_z = [], []
    for seed in range(12):
        x, z = uniform(1000, 2, seed)
        study = study_of({"x": (x, UNIT), "z": (z, UNIT)}, x, constraints=0.5 - z)
        report = PedAnovaImportanceEvaluator().report(study)
        found = dict(zip(report.names, report.importances, strict=True))
        s_x.append(found["x"])
        s_z.append(found["z"])
        assert report.n_infeasible == (z < 0.5).sum()
        assert report.n_target == 100
    assert np.mean(s_x) == pytest.approx(4 / 9, abs=0.04)
    assert np.mean(s_z) == pytest.approx(1 / 9, abs=0.03)


def test_infeasible_trials_are_never_in_the_target_set() -> None:
    x = uniform(100, 1)[0]
    study = study_of({"x": (x, UNIT)}, x, constraints=np.where(x < 0.9, 1.0, 0.0))
    for evaluator in (PedAnovaImportanceEvaluator(), PedAnovaImportanceEvaluator(target_value=2)):
        report = evaluator.report(study)
        assert report.n_target == min((x >= 0.9).sum(), 10 if "best" in report.target else 100)
        assert report.importances[0] > 0.5
    none = study_of({"x": (x, UNIT)}, x, constraints=np.ones(100))
    with pytest.warns(UserWarning, match="No feasible trial"):
        assert PedAnovaImportanceEvaluator().evaluate(none) == {"x": 0.0}


def test_several_objectives_by_non_domination() -> None:
    """f = (x, 1 - x + z): on the front z is low, and x is anything. No rescaling matters."""
    x, y, z = uniform(1000, 3)
    found = []
    for rescale in (lambda f: f, np.exp, lambda f: -1 / (1 + f) ** 9):
        study = optuna.create_study(directions=["minimize", "maximize"])
        for row in range(1000):
            params = {"x": x[row], "y": y[row], "z": z[row]}
            values = [float(rescale(x[row])), x[row] - z[row]]
            study.add_trial(
                optuna.create_trial(
                    params=params, distributions=dict.fromkeys(params, UNIT), values=values
                )
            )
        found.append(PedAnovaImportanceEvaluator().evaluate(study))
    assert found[0] == found[1] == found[2]
    assert found[0]["z"] > 0.5
    assert found[0]["x"] < 0.1
    assert found[0]["y"] < 0.02
    with pytest.raises(ValueError, match="`target_value` needs one objective"):
        PedAnovaImportanceEvaluator(target_value=1.0).evaluate(study)


def test_several_objectives_with_constraints() -> None:
    """Infeasible trials that dominate leave the ranking of the feasible ones as it is."""
    x, y, z = uniform(1000, 3)
    values = np.column_stack([x, 1 - x + y])
    values[z < 0.5] -= 10.0
    study, alone = (optuna.create_study(directions=["minimize"] * 2) for _ in range(2))
    for row in range(1000):
        trial = optuna.create_trial(
            params={"x": x[row], "y": y[row]},
            distributions={"x": UNIT, "y": UNIT},
            values=values[row].tolist(),
            constraints={"c": float(0.5 - z[row])},
        )
        study.add_trial(trial)
        if z[row] >= 0.5:
            alone.add_trial(trial)
    n = int((z >= 0.5).sum())
    report = PedAnovaImportanceEvaluator(target_quantile=0.1).report(study)
    reference = PedAnovaImportanceEvaluator(target_quantile=100 / n).report(alone)
    assert report.n_target == reference.n_target == 100
    assert report.names[0] == reference.names[0] == "y"
    assert any("Pareto" in message for message in report.warnings)


def test_an_enqueued_value_outside_its_bounds() -> None:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    study.enqueue_trial({"x": -0.5, "k": 99})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # Optuna's own, of the two values
        study.optimize(
            lambda t: t.suggest_float("x", 0, 1) + t.suggest_int("k", 0, 5), n_trials=40
        )
    report = PedAnovaImportanceEvaluator().report(study)
    for name in ("x", "k"):
        assert np.isfinite(report.regimes[name][0].p_region).all()


def test_bounds_at_the_limits_of_floats() -> None:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    for u in uniform(40, 1)[0].tolist():
        dists = {
            "x": FloatDistribution(-1e308, 1e308),
            "lr": FloatDistribution(1e-320, 1, log=True),
        }
        params = {"x": (2 * u - 1) * 1e308, "lr": 10 ** (-300 * u)}
        study.add_trial(optuna.create_trial(params=params, distributions=dists, value=u))
    report = PedAnovaImportanceEvaluator().report(study)
    for name in report.names:
        assert np.isfinite(report.regimes[name][0].x).all()
        assert report.importances[0] > 0.3


@pytest.mark.parametrize("other", [["a", "b", "c"], ["b", "a"]])
def test_choices_that_changed(other: list[str]) -> None:
    """Optuna's in-memory storage allows it; each trial is read with its own choices."""
    study = optuna.create_study()
    for row in range(60):
        choices = other if row % 2 else ["a", "b"]
        value = choices[row // 2 % len(choices)]
        dists = {"c": CategoricalDistribution(choices)}
        loss = float(value != "a") + row / 1000
        study.add_trial(optuna.create_trial(params={"c": value}, distributions=dists, value=loss))
    table = TrialTable.from_study(study)
    assert table.columns["c"].external() == [t.params["c"] for t in study.trials]
    report = PedAnovaImportanceEvaluator().report(study)
    for regime in report.regimes["c"]:
        assert regime.x[int(np.argmax(regime.p_target))] == "a"


@pytest.mark.parametrize("per_domain", [1, 2, 5])
def test_domains_that_change_every_few_trials(per_domain: int) -> None:
    study = optuna.create_study()
    for row, u in enumerate(uniform(60, 1)[0].tolist()):
        low = float(row // per_domain)
        dists = {"x": FloatDistribution(low, low + 1)}
        study.add_trial(optuna.create_trial(params={"x": low + u}, distributions=dists, value=u))
    assert PedAnovaImportanceEvaluator().evaluate(study)["x"] > 0.5


class TestRegion:
    u, v = uniform(1000, 2)
    c = np.floor(uniform(1000, 1, 7)[0] * 3)
    columns = {
        "x": (u, UNIT),
        "y": (v, UNIT),
        "c": (c, CategoricalDistribution(["a", "b", None])),
    }
    # x decides where c is "a", y elsewhere
    study = study_of(columns, np.where(c == 0, u, v))

    def evaluate(self, region: Any) -> dict[str, float]:
        return PedAnovaImportanceEvaluator(region=region).evaluate(self.study)

    def test_choices(self) -> None:
        assert self.evaluate({"c": ["a"]})["x"] > 0.9
        inside = self.evaluate({"c": ["b", None]})
        assert inside["y"] > 0.9
        assert inside["x"] < 0.05

    def test_a_callable_is_the_same_as_the_box(self) -> None:
        box = self.evaluate({"x": (0.2, 0.7), "c": ["a"]})
        assert box == self.evaluate(
            lambda trial: 0.2 <= trial.params["x"] <= 0.7 and trial.params["c"] == "a"
        )

    def test_values_of_a_number(self) -> None:
        picked = self.u[:50].tolist()
        report = PedAnovaImportanceEvaluator(region={"x": picked}).report(self.study)
        assert report.n_trials == 50

    def test_quantile_within_the_best_half(self) -> None:
        report = PedAnovaImportanceEvaluator(region_quantile=0.5).report(self.study)
        assert (report.n_trials, report.n_target) == (500, 100)

    def test_inactive_is_outside(self) -> None:
        x = np.where(self.u < 0.5, self.u, np.nan)
        study = study_of({"x": (x, UNIT), "y": (self.v, UNIT)}, self.v)
        evaluator = PedAnovaImportanceEvaluator(region={"x": (0.0, 1.0)}, space="trials")
        assert evaluator.report(study).n_trials == (self.u < 0.5).sum()

    @pytest.mark.parametrize(
        ("region", "error", "message"),
        [
            ({"w": (0, 1)}, ValueError, r"names 'w', but the parameters are \['c', 'x', 'y'\]"),
            ({"x": (1, 0)}, ValueError, "low <= high"),
            ({"x": 0.5}, TypeError, "a tuple"),
            ({"x": ("a", "b")}, TypeError, "got 'a'"),
            ({"x": (None, 0.5)}, TypeError, "got None"),
            ({"c": ["d"]}, ValueError, r"among \('a', 'b', None\), got 'd'"),
            ({"c": "a"}, TypeError, "a list of choices, got 'a'"),
        ],
    )
    def test_bad(self, region: Any, error: type[Exception], message: str) -> None:
        with pytest.raises(error, match=message):
            self.evaluate(region)


class TestDegenerate:
    """A stated meaning each; never an exception in the middle of an analysis."""

    def zero(self, study: optuna.Study, match: str, **kwargs: Any) -> None:
        evaluator = PedAnovaImportanceEvaluator(**kwargs)
        with pytest.warns(UserWarning, match=match):
            assert set(evaluator.evaluate(study).values()) <= {0.0}
        report = evaluator.report(study)
        assert any(match in message for message in report.warnings)
        assert report.unexplained == 1.0

    def test_no_trials(self) -> None:
        self.zero(optuna.create_study(), "got 0")

    def test_one_trial(self) -> None:
        self.zero(study_of({"x": (np.array([0.5]), UNIT)}, np.array([1.0])), "got 1")

    def test_all_infinite(self) -> None:
        x = uniform(20, 1)[0]
        self.zero(study_of({"x": (x, UNIT)}, np.full(20, np.inf)), "got 0")

    def test_constant_objective(self) -> None:
        x = uniform(20, 1)[0]
        self.zero(study_of({"x": (x, UNIT)}, np.ones(20)), "All 20 trials have the same value")

    def test_nothing_reaches_the_target_value(self) -> None:
        x = uniform(20, 1)[0]
        self.zero(study_of({"x": (x, UNIT)}, x), "No feasible trial", target_value=-1.0)

    def test_empty_region(self) -> None:
        x = uniform(20, 1)[0]
        study = study_of({"x": (x, UNIT)}, x)
        self.zero(study, "got 0", region=lambda trial: False)

    def test_a_parameter_seen_once(self) -> None:
        x = uniform(30, 1)[0]
        once = np.where(np.arange(30) == 3, 0.5, np.nan)
        study = study_of({"x": (x, UNIT), "once": (once, UNIT)}, x)
        with pytest.warns(UserWarning, match="Too few trials have these parameters to tell: once"):
            s = PedAnovaImportanceEvaluator().evaluate(study)
        assert s["once"] == 0.0
        assert s["x"] > 0.3

    def test_binary_objective_with_rare_successes(self) -> None:
        """Optuna takes the tie at the cut-off for the target set, which is then everything."""
        x = uniform(500, 1)[0]
        study = study_of({"x": (x, UNIT)}, np.where(x < 0.04, 0.0, 1.0))
        report = PedAnovaImportanceEvaluator().report(study)
        assert report.n_target == (x < 0.04).sum()
        assert report.importances[0] > 0.6

    def test_few_trials_are_not_corrected(self) -> None:
        x = uniform(5, 1)[0]
        with pytest.warns(UserWarning, match="not corrected for chance"):
            s = PedAnovaImportanceEvaluator().evaluate(study_of({"x": (x, UNIT)}, x))
        assert 0.0 < s["x"] <= 1.0

    def test_pruned_and_failed_trials_do_not_count(self) -> None:
        study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))

        def objective(trial: optuna.Trial) -> float:
            x = trial.suggest_float("x", 0, 1)
            if trial.number % 3 == 0:
                raise optuna.TrialPruned
            if trial.number % 3 == 1:
                raise RuntimeError
            return x

        study.optimize(objective, n_trials=60, catch=RuntimeError)
        assert PedAnovaImportanceEvaluator().report(study).n_trials == 20


OBJECTIVES: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "sum": lambda x, c: x + c,
    "product": lambda x, c: x * (c + 1),
    "noise": lambda x, c: np.sin(1e6 * x),
}


@given(st.integers(0, 2**32 - 1), st.sampled_from(list(OBJECTIVES)), st.integers(10, 80))
@settings(deadline=None, max_examples=25)
def test_what_changes_nothing(seed: int, objective: str, n: int) -> None:
    """The order of trials, names of choices, monotone scales of objective and parameter."""
    rng = np.random.default_rng(seed)
    x, c = rng.random(n), rng.integers(0, 4, n).astype(float)
    losses = OBJECTIVES[objective](x, c)
    evaluate = PedAnovaImportanceEvaluator(space="trials").evaluate
    plain: dict[str, tuple[np.ndarray, BaseDistribution]] = {
        "x": (x, UNIT),
        "c": (c, CategoricalDistribution(["a", "b", "c", "d"])),
    }
    s = evaluate(study_of(plain, losses))
    assert all(0.0 <= value <= 1.0 for value in s.values())
    order, renamed = rng.permutation(n), rng.permutation(4)
    changed = {
        "x": (np.exp(9 * x[order]), FloatDistribution(1.0, np.exp(9.0), log=True)),
        "c": (renamed[c[order].astype(int)], CategoricalDistribution([None, 2, 0.5, "z"])),
    }
    assert evaluate(study_of(changed, np.exp(losses[order]))) == pytest.approx(s, abs=1e-12)  # type: ignore[arg-type]


def test_duplicating_all_trials_leaves_s() -> None:
    """Up to the correction for chance, which halves, and the finer bins that more trials allow."""
    u, v = uniform(1000, 2)
    losses = u + 0.5 * v
    columns = {"x": (u, UNIT), "y": (v, UNIT)}
    twice = {name: (np.tile(x, 2), dist) for name, (x, dist) in columns.items()}
    once = PedAnovaImportanceEvaluator().evaluate(study_of(columns, losses))
    doubled = PedAnovaImportanceEvaluator().evaluate(study_of(twice, np.tile(losses, 2)))
    assert doubled == pytest.approx(once, abs=0.04)


def test_agrees_with_optuna_where_optuna_is_right() -> None:
    """Smooth, unimodal and numeric: the two differ by their noise only."""
    found = []
    for seed in range(5):
        u, v = uniform(2000, 2, seed)
        study = study_of({"x": (u, UNIT), "y": (v, UNIT)}, u + 0.5 * v)
        theirs = optuna.importance.PedAnovaImportanceEvaluator().evaluate(study)
        ours = PedAnovaImportanceEvaluator().evaluate(study)
        found.append([ours[name] - theirs[name] / 0.09 for name in ("x", "y")])
    np.testing.assert_allclose(np.mean(found, axis=0), 0.0, atol=0.03)


class TestReport:
    u, v = uniform(500, 2)
    c = np.floor(uniform(500, 1, 3)[0] * 3)
    study = study_of(
        {
            "x": (10**-u, FloatDistribution(0.1, 1.0, log=True)),
            "c": (c, CategoricalDistribution(["a", "b", "c"])),
            "k": (np.floor(v * 100), IntDistribution(0, 99)),
        },
        u + 0.2 * c,
    )
    report = PedAnovaImportanceEvaluator().report(study)

    def test_is_what_evaluate_says(self) -> None:
        s = PedAnovaImportanceEvaluator().evaluate(self.study)
        assert s == dict(zip(self.report.names, self.report.importances, strict=True))
        normalised = get_param_importances(
            self.study, evaluator=PedAnovaImportanceEvaluator(), normalize=True
        )
        assert normalised == pytest.approx(
            dict(zip(self.report.names, self.report.normalized, strict=True))
        )

    def test_from_a_frame(self) -> None:
        frame = pd.DataFrame({"x": 10**-self.u, "k": np.floor(self.v * 100), "f": self.u})
        table = TrialTable.from_frame(frame, params=["x", "k"], value="f")
        found = PedAnovaImportanceEvaluator().report(table)
        assert found.names[0] == "x"
        assert found.importances[0] > 0.9
        frame["k"] = 2.0 ** np.floor(self.v * 6)  # not uneven: its bounds are only a guess
        table = TrialTable.from_frame(frame, params=["x", "k"], value="f")
        assert PedAnovaImportanceEvaluator().report(table).warnings == ()

    def test_frame(self) -> None:
        frame = self.report.to_frame()
        assert frame.index.tolist() == list(self.report.names)
        assert frame["normalized"].sum() == pytest.approx(1.0)

    def test_regimes_and_densities(self) -> None:
        for name in self.report.names:
            (regime,) = self.report.regimes[name]
            index = self.report.names.index(name)
            assert regime.importance == pytest.approx(self.report.importances[index])
            assert (regime.n_region, regime.n_target) == (500, self.report.n_target)
            total = 1.0 if regime.kind == "discrete" else len(regime.x)
            assert regime.p_region.sum() == pytest.approx(total)
            assert regime.p_target.sum() == pytest.approx(total)
        kinds = {name: self.report.regimes[name][0].kind for name in self.report.names}
        assert kinds == {"x": "continuous", "c": "discrete", "k": "continuous"}
        assert self.report.regimes["c"][0].x == ("a", "b", "c")
        x = self.report.regimes["x"][0]
        assert x.log
        assert 0.1 < min(x.x) < max(x.x) < 1.0
        assert x.p_target[-1] > 3.0 > x.p_region[-1] > 0.5  # the best x are near 1

    def test_same_study_same_report(self) -> None:
        again = PedAnovaImportanceEvaluator().report(self.study)
        assert again.names == self.report.names
        np.testing.assert_array_equal(again.importances, self.report.importances)


def test_a_report_on_an_adaptive_sampler_says_so() -> None:
    def objective(trial: optuna.Trial) -> float:
        kind = trial.suggest_categorical("kind", ["good", "bad", "worse"])
        for high in (1, 2, 4):  # few values are at a distance of themselves from a uniform draw
            trial.suggest_int(f"int{high}", 0, high)
            trial.suggest_int(f"log{high}", 1, 1 + high, log=True)
        return abs(trial.suggest_float("x", 1e-3, 1, log=True) - 0.1) + 0.1 * (kind != "good")

    for sampler, is_even in (
        (optuna.samplers.RandomSampler(seed=0), True),
        (optuna.samplers.TPESampler(seed=0), False),
    ):
        study = optuna.create_study(sampler=sampler)
        study.optimize(objective, n_trials=120)
        evaluator = PedAnovaImportanceEvaluator(region={"x": (0.05, 1.0)}, space="trials")
        messages = evaluator.report(study).warnings
        assert is_even == (not messages)
        assert is_even or "A sampler or a person chose these trials" in messages[0]


def test_params_come_back_in_the_order_of_importance() -> None:
    u, v = uniform(300, 2)
    study = study_of({"y": (v, UNIT), "x": (u, UNIT)}, u + 0.3 * v)
    evaluator = PedAnovaImportanceEvaluator()
    assert list(evaluator.evaluate(study)) == ["x", "y"]
    assert list(evaluator.evaluate(study, params=["y"])) == ["y"]
    with pytest.raises(ValueError, match=r"\['z'\]; there are \['x', 'y'\]"):
        evaluator.evaluate(study, params=["z"])
    with pytest.raises(TypeError, match="must be a list of strings"):
        evaluator.evaluate(study, params="x")  # type: ignore[arg-type]


def test_every_storage_says_the_same(storage: optuna.storages.BaseStorage) -> None:
    study = optuna.create_study(storage=storage, sampler=optuna.samplers.RandomSampler(seed=0))
    study.optimize(lambda t: t.suggest_float("x", 0, 1) + t.suggest_int("k", 0, 3), n_trials=40)
    reference = optuna.create_study()
    reference.add_trials(study.trials)
    evaluator = PedAnovaImportanceEvaluator()
    assert evaluator.evaluate(study) == evaluator.evaluate(reference)


_TRAINING: dict[str, BaseDistribution] = {
    "lr": FloatDistribution(1e-5, 0.03, log=True),
    "batch": CategoricalDistribution([16, 32, 64, 128]),
    "optimizer": CategoricalDistribution(["adam", "sgd", "adamw"]),
    "dropout": FloatDistribution(0.0, 0.6),
    "layers": IntDistribution(1, 5),
    "norm": CategoricalDistribution([False, True]),
}


def _drawn(dist: BaseDistribution, u: np.ndarray) -> np.ndarray:
    """Make values, or places of choices, of uniform ``u``."""
    if isinstance(dist, CategoricalDistribution):
        return np.floor(u * len(dist.choices))
    if isinstance(dist, IntDistribution):
        return dist.low + np.floor(u * (dist.high - dist.low + 1))
    assert isinstance(dist, FloatDistribution)
    if dist.log:
        return np.asarray(dist.low * (dist.high / dist.low) ** u)
    return dist.low + u * (dist.high - dist.low)


def _training(seed: int, n: int = 100) -> optuna.Study:
    """A learning rate that makes the loss, two faint parameters and three that hardly matter."""
    rng = np.random.default_rng(seed)
    u = rng.random((len(_TRAINING), n))
    values = {
        name: (_drawn(dist, x), dist) for (name, dist), x in zip(_TRAINING.items(), u, strict=True)
    }
    best = np.where(values["optimizer"][0] == 1, -1.5, -3.0)
    losses = 0.3 + 0.075 * (np.log10(values["lr"][0]) - best) ** 2
    losses += 0.05 * np.abs(values["dropout"][0] - 0.2) + 0.02 * np.abs(values["layers"][0] - 3)
    return study_of(values, losses + 0.02 * rng.normal(size=n))


@pytest.mark.parametrize(
    ("n_studies", "least"), [(20, 18), pytest.param(300, 282, marks=pytest.mark.slow)]
)
def test_the_decisive_parameter_is_first_and_significant(n_studies: int, least: int) -> None:
    """The learning rate of 100 random trials: S is 0.12, the next one's 0.06."""
    evaluator = PedAnovaImportanceEvaluator(seed=0, sampling="independent", n_permutations=199)
    reports = [evaluator.report(_training(seed)) for seed in range(n_studies)]
    is_first = [report.names[0] == "lr" for report in reports]
    p = [report.p_values_familywise[report.names.index("lr")] for report in reports]
    assert np.count_nonzero(is_first) >= least
    assert np.count_nonzero(np.array(p) < 0.05) >= least
    idle = [report.p_values[report.names.index("norm")] < 0.05 for report in reports]
    assert np.mean(idle) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / n_studies)
