"""What a report says of its uncertainty, and importance for feasibility."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np
import optuna
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from optuna_hpx import ImportanceReport, PedAnovaImportanceEvaluator, TrialTable
from optuna_hpx.importance import _evaluator, _virtual_trials
from tests.importance.test_ped_anova import UNIT, study_of, uniform


def table_of(n: int = 200, seed: int = 0) -> TrialTable:
    """f = |log10 lr + 3| + [act != "b"] + depth / 20; null does nothing."""
    rng = np.random.default_rng(seed)
    lr, act, depth = 10.0 ** (-5 * rng.random(n)), rng.integers(3, size=n), rng.integers(9, size=n)
    losses = np.abs(np.log10(lr) + 3) + (act != 1) + depth / 20 + 0.1 * rng.random(n)
    values = {
        "lr": (lr, FloatDistribution(1e-5, 1.0, log=True)),
        "act": (act.astype(float), CategoricalDistribution(("a", "b", None))),
        "depth": (depth.astype(float), IntDistribution(0, 8)),
        "null": (rng.random(n), UNIT),
    }
    return TrialTable.from_study(study_of(values, losses))


def evaluator(**kwargs: Any) -> PedAnovaImportanceEvaluator:
    return PedAnovaImportanceEvaluator(**{"seed": 0, "n_permutations": 199, **kwargs})


def same(one: ImportanceReport, other: ImportanceReport) -> bool:
    return all(
        np.array_equal(getattr(one, field.name), getattr(other, field.name))
        for field in fields(one)
        if field.name not in ("regimes",)
    )


@pytest.mark.parametrize(
    "kwargs",
    [
        {"space": "both"},
        {"sampling": "random"},
        {"n_bootstrap": 0},
        {"n_permutations": -1},
        {"confidence": 1.0},
        {"seed": -1},
    ],
)
def test_values_out_of_range(kwargs: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=f"`{next(iter(kwargs))}`"):
        PedAnovaImportanceEvaluator(**kwargs)


@pytest.mark.parametrize(
    ("n_permutations", "confidence"), [(19, 0.95), (1000, 0.9995), (1, 0.5), (99, 0.99)]
)
def test_too_few_permutations_for_the_confidence(n_permutations: int, confidence: float) -> None:
    """The smallest p is 1 / (n + 1): nothing would ever stand out from chance."""
    with pytest.raises(ValueError, match=r"`n_permutations`.*`confidence`"):
        PedAnovaImportanceEvaluator(n_permutations=n_permutations, confidence=confidence)
    PedAnovaImportanceEvaluator(n_permutations=2 * n_permutations, confidence=confidence)


@pytest.mark.parametrize(
    "kwargs", [{"n_bootstrap": 1.5}, {"n_permutations": "many"}, {"seed": 0.5}, {"seed": True}]
)
def test_wrong_types(kwargs: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match=f"`{next(iter(kwargs))}`"):
        PedAnovaImportanceEvaluator(**kwargs)


class TestReport:
    def test_what_matters_is_told_from_what_does_not(self) -> None:
        report = evaluator().report(table_of())
        known = dict(zip(report.names, report.p_values_familywise, strict=True))
        assert max(known["lr"], known["act"]) <= 2 / 200
        assert known["null"] > 0.05
        low = dict(zip(report.names, report.ci_low, strict=True))
        assert low["lr"] > 0
        assert low["act"] > 0
        assert low["null"] == 0
        assert report.first_probability.sum() == pytest.approx(1.0)
        assert (report.null_level < 0.06).all()
        assert report.sampling == "independent"

    def test_intervals_hold_the_estimates(self) -> None:
        for seed in range(20):
            report = evaluator(sampling="independent").report(table_of(60, seed))
            assert (report.ci_low <= report.importances).all()
            assert (report.ci_high >= report.importances).all()
            assert (report.normalized_ci_low <= report.normalized + 1e-12).all()
            assert (report.normalized_ci_high >= report.normalized - 1e-12).all()
            for ends in (report.ci_low, report.ci_high, report.p_values, report.null_level):
                assert ((ends >= 0) & (ends <= 1)).all()

    @pytest.mark.parametrize(("n", "quantile"), [(8, 0.25), (9, 0.3), (50, 0.02), (60, 0.1)])
    def test_chance_seldom_exceeds_the_null_level(self, n: int, quantile: float) -> None:
        """300 draws of losses that depend on nothing; three standard errors."""
        rng = np.random.default_rng(n)
        table = table_of(n)
        exceeded = []
        for _ in range(300):
            noise = replace(table, losses=rng.random((n, 1)))
            asked = {"target_quantile": quantile, "n_bootstrap": 1, "sampling": "independent"}
            report = evaluator(**asked).report(noise)
            exceeded.append(report.importances > report.null_level + 1e-9)
        share = np.mean(exceeded, axis=0)  # by rank: of the largest S, of the second, ...
        assert share.mean() <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 300)

    def test_same_seed_same_report(self) -> None:
        assert same(evaluator().report(table_of()), evaluator().report(table_of()))
        other = evaluator(seed=1).report(table_of())
        assert not same(evaluator().report(table_of()), other)
        assert np.array_equal(evaluator().report(table_of()).ci_low, other.ci_low)

    @pytest.mark.parametrize("n", [0, 1, 2, 5, 9])
    def test_few_trials_say_nothing_for_sure(self, n: int) -> None:
        table = table_of(20).take(np.arange(n))
        report = evaluator().report(table)
        assert np.isfinite(report.importances).all()
        if len(report.names) and report.n_target:
            assert np.isnan(report.ci_low).all()
            assert np.isnan(report.first_probability).all()

    def test_a_branch_without_targets_may_hide_something(self) -> None:
        """Half of 100 trials have z, and none of them is among the best 10: Clopper-Pearson."""
        x, z = uniform(100, 2)
        z[50:] = np.nan
        study = study_of({"x": (x, UNIT), "z": (z, UNIT)}, np.isfinite(z) + x)
        report = evaluator(sampling="independent").report(study)
        p = 1 - 0.025 ** (1 / 50)
        at = report.names.index("z")
        assert report.importances[at] == report.ci_low[at] == 0.0
        assert report.ci_high[at] == pytest.approx(0.5 * p * (1 - p) / 0.09)

    def test_interactions_only_if_asked_for(self) -> None:
        assert evaluator().report(table_of()).interactions is None
        report = evaluator().report(table_of(), interactions=True)
        assert report.interactions is not None
        assert report.interactions.shape == (4, 4)
        pair = report.names.index("lr"), report.names.index("act")
        assert report.interactions[pair] == report.interactions.max() > 0.05

    def test_adaptive_trials_are_labelled(self) -> None:
        study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=0))
        study.optimize(lambda t: t.suggest_float("x", 0, 1) ** 2, n_trials=80)
        report = evaluator(space="trials").report(study)
        assert report.sampling == "adaptive"
        assert any("importances are a hint" in message for message in report.warnings)
        assert report.is_tested_by_model
        assert report.p_values[0] < 1e-6
        assert report.p_values_familywise[0] == report.p_values[0]
        assert np.isnan(report.null_level).all()
        assert np.isnan(report.ci_low).all()
        assert np.isnan(report.ci_high).all()
        assert not report.has_intervals
        told = evaluator(sampling="independent").report(study)
        assert told.sampling == "independent"
        assert told.importances.tolist() == report.importances.tolist()
        assert told.p_values[0] < 0.05
        assert not any("sampler" in message for message in told.warnings)

    def test_frame(self) -> None:
        frame = evaluator().report(table_of()).to_frame()
        assert {"ci_low", "ci_high", "p_value", "p_familywise"} <= set(frame.columns)


@given(seed=st.integers(0, 2**16), n=st.integers(20, 80))
@settings(max_examples=15, deadline=None)
def test_what_changes_nothing(seed: int, n: int) -> None:
    """Monotone transforms of the objective, other names of choices, and the scale of a float."""
    rng = np.random.default_rng(seed)
    x, c = rng.random(n), rng.integers(3, size=n).astype(float)
    losses = x + (c == 1) + rng.random(n)
    plain = study_of({"x": (x, UNIT), "c": (c, CategoricalDistribution("abc"))}, losses)
    other = study_of(
        {
            "x": (np.exp(x), FloatDistribution(1.0, np.e, log=True)),
            "c": ((c + 1) % 3, CategoricalDistribution((1, None, "z"))),
        },
        np.exp(5 * losses),
    )
    one, two = (evaluator(sampling="independent").report(study) for study in (plain, other))
    assert one.names == two.names
    for name in ("importances", "ci_low", "ci_high", "normalized_ci_low", "normalized_ci_high"):
        np.testing.assert_allclose(getattr(one, name), getattr(two, name), atol=1e-9)


@given(seed=st.integers(0, 2**16), n=st.integers(20, 80))
@settings(max_examples=15, deadline=None)
def test_the_order_of_trials_changes_nothing(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    table = table_of(n, seed)
    table = replace(table, losses=rng.permutation(n)[:, None] + 0.0)  # without ties
    one = evaluator(sampling="independent").report(table)
    two = evaluator(sampling="independent").report(table.take(rng.permutation(n)))
    pairs = sorted(zip(one.names, one.importances, one.ci_low, one.ci_high, strict=True))
    other = sorted(zip(two.names, two.importances, two.ci_low, two.ci_high, strict=True))
    for a, b in zip(pairs, other, strict=True):
        assert a[0] == b[0]
        np.testing.assert_allclose(a[1:], b[1:], atol=1e-9)


class TestFeasibility:
    @staticmethod
    def study(n: int = 400) -> optuna.Study:
        """Feasible where z >= 0.5 or w < 0.2; f = x."""
        x, z, w = uniform(n, 3)
        return study_of(
            {"x": (x, UNIT), "z": (z, UNIT), "w": (w, UNIT)},
            x,
            constraints=np.where((z >= 0.5) | (w < 0.2), -1.0, 1.0),
        )

    def test_in_closed_form(self) -> None:
        """P = 0.6; P(. | z) is 0.2 or 1, P(. | w) is 1 or 0.5: S = 2/3 and 1/6."""
        report = evaluator().report(self.study(2000), target="feasible")
        found = dict(zip(report.names, report.importances, strict=True))
        assert found["z"] == pytest.approx(2 / 3, abs=0.05)
        assert found["w"] == pytest.approx(1 / 6, abs=0.05)
        assert found["x"] < 0.01
        assert report.target == "the feasible trials"
        assert report.n_infeasible == report.n_trials - report.n_target
        exact = {"z": 2 / 3, "w": 1 / 6, "x": 0.0}
        for name, low, high in zip(report.names, report.ci_low, report.ci_high, strict=True):
            assert low <= exact[name] <= high

    def test_all_feasible(self) -> None:
        with pytest.warns(UserWarning, match="feasible"):
            found = evaluator().evaluate(table_of(30), target="feasible")
        assert set(found.values()) == {0.0}

    @pytest.mark.parametrize("kwargs", [{"region_quantile": 0.5}, {"target_value": 0.3}])
    def test_takes_no_other_cut(self, kwargs: dict[str, float]) -> None:
        with pytest.raises(ValueError, match="`target='feasible'`.*`" + next(iter(kwargs))):
            evaluator(**kwargs).report(self.study(50), target="feasible")

    def test_all_feasible_needs_no_surrogate(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(_virtual_trials, "virtual_trials", None)
        asked = evaluator(space="uniform", sampling="independent")
        report = asked.report(table_of(30), target="feasible")
        assert report.warnings == ("All 30 trials are feasible: all importances are 0.",)
        assert report.skill == 0.0

    def test_what_cannot_be_predicted_is_feasibility(self) -> None:
        table = replace(table_of(60), violation=np.arange(60) % 2.0)
        report = evaluator(space="uniform").report(table, target="feasible")
        assert any(
            "do not predict feasibility well enough" in message for message in report.warnings
        )

    def test_another_word(self) -> None:
        with pytest.raises(TypeError, match="`target`"):
            evaluator().evaluate(table_of(30), target="feasable")  # type: ignore[arg-type]


def test_several_objectives_one_at_a_time() -> None:
    """Each objective its own parameter, one of them maximised."""
    x, y = uniform(500, 2)
    study = optuna.create_study(directions=["minimize", "maximize"])
    for a, b in zip(x.tolist(), y.tolist(), strict=True):
        study.add_trial(
            optuna.create_trial(
                params={"x": a, "y": b}, distributions={"x": UNIT, "y": UNIT}, values=[a, b]
            )
        )
    first = evaluator().report(study, target=lambda t: t.values[0])
    second = evaluator(target_direction="maximize").report(study, target=lambda t: t.values[1])
    assert first.names[0] == "x"
    assert second.names[0] == "y"
    assert first.ci_low[0] > 0.8
    assert second.ci_low[0] > 0.8
    assert second.regimes["y"][0].p_target[-4:].mean() > 5  # the good ones are at the upper end


class TestUniformSpace:
    """TPE trials of a weighted sphere; exact shares .770, .219, .011 (convolution)."""

    @pytest.fixture(scope="class")
    def study(self) -> optuna.Study:
        study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=1))
        study.optimize(
            lambda t: sum(5.0**-k * t.suggest_float(f"x{k}", -5, 5) ** 2 for k in range(3)),
            n_trials=120,
        )
        return study

    def test_describes_the_whole_space(self, study: optuna.Study) -> None:
        exact = {"x0": 0.770, "x1": 0.219, "x2": 0.011}
        report = evaluator(space="uniform").report(study, interactions=True)
        assert report.space == "uniform"
        assert report.skill is not None
        assert report.skill > 0.9
        errors = [abs(exact[n] - h) for n, h in zip(report.names, report.normalized, strict=True)]
        assert sum(errors) < 0.2
        plain = evaluator(space="trials").report(study)
        errors = [abs(exact[n] - h) for n, h in zip(plain.names, plain.normalized, strict=True)]
        assert sum(errors) > 0.3  # what the sampler chose to look at is another question
        for name, share in exact.items():
            k = report.names.index(name)
            assert report.normalized_ci_low[k] <= share <= report.normalized_ci_high[k]
        assert (report.ci_low <= report.importances).all()
        assert (report.importances <= report.ci_high).all()
        assert (report.ci_high - report.ci_low < 0.5).all()
        assert report.first_probability[0] > 0.9
        assert report.interactions is not None
        for chosen in (report, plain):
            assert chosen.sampling == "adaptive"
            assert np.isnan(chosen.null_level).all()
            assert chosen.is_tested_by_model
            assert (chosen.p_values < 0.001).all()

    def test_p_values_are_those_of_the_trials(self, study: optuna.Study) -> None:
        report = evaluator(space="uniform", sampling="independent").report(study)
        plain = evaluator(sampling="independent").report(study)
        p = dict(zip(plain.names, plain.p_values, strict=True))
        assert p == pytest.approx(dict(zip(report.names, report.p_values, strict=True)))
        assert max(p.values()) <= 1.0

    def test_evaluate_says_the_same(self, study: optuna.Study) -> None:
        report = evaluator(space="uniform").report(study)
        found = evaluator(space="uniform").evaluate(study)
        assert found == dict(zip(report.names, report.importances, strict=True))

    def test_refuses_what_cannot_be_predicted(self) -> None:
        rng = np.random.default_rng(99)
        table = table_of(80)
        table = replace(table, losses=rng.random((80, 1)))
        with pytest.warns(UserWarning, match="skill"):
            found = evaluator(space="uniform").evaluate(table)
        assert found == evaluator().evaluate(table)
        report = evaluator(space="uniform").report(table)
        assert report.space == "trials"
        assert report.skill is not None
        assert report.skill < 0.6
        assert any("skill" in message for message in report.warnings)

    def test_in_a_box(self) -> None:
        box = evaluator(space="uniform", region={"lr": (1e-3, 1e-2)})
        report = box.report(table_of(120))
        assert report.space == "uniform"
        assert 0.15 * 4096 < report.n_trials < 0.25 * 4096  # a fifth of the log range
        same = evaluator(space="uniform", region=lambda t: 1e-3 <= t.params["lr"] <= 1e-2)
        learnt = same.report(table_of(120))
        assert learnt.space == "uniform"
        assert learnt.n_trials == pytest.approx(report.n_trials, rel=0.2)

    def test_of_feasibility(self) -> None:
        report = evaluator(space="uniform").report(TestFeasibility.study(150), target="feasible")
        assert report.names[0] == "z"
        assert report.importances[0] == pytest.approx(2 / 3, abs=0.15)

    def test_p_values_of_pairs_are_those_of_the_trials(self, study: optuna.Study) -> None:
        told = {"sampling": "independent"}
        report = evaluator(space="uniform", **told).report(study, interactions=True)
        plain = evaluator(**told).report(study, interactions=True)
        assert report.interaction_p_values is not None
        assert plain.interaction_p_values is not None
        at = [plain.names.index(name) for name in report.names]
        expected = plain.interaction_p_values[np.ix_(at, at)]
        np.testing.assert_allclose(report.interaction_p_values, expected, rtol=1e-6)
        assert np.isfinite(expected).all()
        virtual = report.interactions
        assert virtual is not None
        assert (virtual != plain.interactions[np.ix_(at, at)]).any()  # type: ignore[index]

    def test_warns_of_what_p_values_rest_on(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The trials of x and y are correlated, and one is in the target set; no virtual is so.

        Of so small a target set surfaces disagree, and real trials would be assessed.
        """
        monkeypatch.setattr(_evaluator, "disagree", lambda surfaces: False)
        x, z = uniform(150, 2)
        y = 0.7 * x + 0.3 * z
        study = study_of({"x": (x, UNIT), "y": (y, UNIT)}, x)
        value = float(x.min()) + 1e-9
        least = evaluator(space="uniform", target_value=value, sampling="independent")
        said = [
            message
            for message in least.report(study, interactions=True).warnings
            if message.startswith("Of the trials themselves, by which p-values")
        ]
        assert any("Some parameters went together: x and y" in message for message in said)
        assert any("too few to tell" in message for message in said)

    @pytest.mark.parametrize("region", [None, {"z": (0.0, 0.5)}])
    def test_a_parameter_of_divergent_trials_only(self, region: Any) -> None:
        x, z = uniform(60, 2)
        z[z > 0.3] = np.nan
        study = study_of({"x": (x, UNIT), "z": (z, UNIT)}, np.where(np.isnan(z), x, np.inf))
        report = evaluator(space="uniform", region=region).report(study)
        found = dict(zip(report.names, report.importances, strict=True))
        assert found["z"] == 0.0
        assert (found["x"] > 0.5) == (region is None)
