"""The skeleton of the evaluators: what it asks for, in which order, and what it makes of it."""

from __future__ import annotations

import warnings
from dataclasses import fields, replace
from typing import Any

import numpy as np
import optuna
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution
from optuna.trial import TrialState

from optuna_hpx import TrialTable
from optuna_hpx.importance._assessed_trials import AssessedTrials
from optuna_hpx.importance._evaluator import Assessment, ImportanceEvaluator, Parameter
from optuna_hpx.importance._interactions import InteractionMatrix
from optuna_hpx.importance._regimes import regimes_of
from optuna_hpx.importance._split import Split
from optuna_hpx.importance._subspace import Subspace
from optuna_hpx.importance._uncertainty import Uncertainty
from tests import made_by_hand as hand

STUDY = hand.study(
    [*[[float(k)] for k in range(20)], TrialState.PRUNED, TrialState.FAIL],
    params=[{"x": k / 20, "y": 0.5, "k": "ab"[k % 2]} for k in range(20)] + [{"z": 0.5}, {}],
    distributions={
        "x": FloatDistribution(0.0, 1.0),
        "y": FloatDistribution(0.0, 1.0),
        "z": FloatDistribution(0.0, 1.0),
        "k": CategoricalDistribution(["a", "b"]),
    },
)


class Fixed(ImportanceEvaluator[str]):
    """Importances are given; what it is asked for is noted."""

    def __init__(
        self,
        importances: dict[str, float],
        *,
        measure: str = "S",
        lone: tuple[str, ...] = (),
        sizes: np.ndarray | None = None,
        sampling: str = "independent",
        seed: int | None = 0,
    ) -> None:
        self._space = "trials"
        self._subspace = Subspace(0.25, 1.0, None, None, "minimize")
        self._confidence, self._seed, self._sampling = 0.9, seed, sampling
        self._measure_name = measure  # type: ignore[misc]
        self.given, self.lone, self.sizes = importances, lone, sizes
        self.asked: list[str] = []

    def _measure(
        self, trials: AssessedTrials, cut: Split
    ) -> tuple[list[Parameter[str]], list[str]]:
        self.asked.append("measure")
        parameters = []
        for name, column in trials.columns.items():
            regimes = regimes_of(column, cut.region)[0]
            parts = np.full(len(regimes), self.given[name] / max(len(regimes), 1))
            evidence = [f"{name}{k}" for k in range(len(regimes))]
            parameters.append(Parameter(column, regimes, evidence, parts, self.given[name]))
        return parameters, list(self.lone)

    def _uncertainty(self, assessment: Assessment[str], rng: np.random.Generator) -> Uncertainty:
        self.asked.append("uncertainty")
        self.assessment, self.draw = assessment, rng.random()
        names = [field.name for field in fields(Uncertainty)]
        d = len(assessment.names)
        return Uncertainty(**{name: np.full(d, float(k)) for k, name in enumerate(names)})

    def _intervals_of_trials(self, assessment: Assessment[str]) -> tuple[np.ndarray, np.ndarray]:
        return assessment.importances - 0.1, assessment.importances + 0.1

    def _interactions(
        self, assessment: Assessment[str], rng: np.random.Generator
    ) -> InteractionMatrix:
        self.asked.append("interactions")
        d = len(assessment.names)
        return InteractionMatrix(np.full((d, d), 0.5), np.full((d, d), 0.25), ("of pairs",))

    def _notes(self, assessment: Assessment[str], sizes: np.ndarray | None) -> list[str]:
        self.asked.append("notes")
        assert sizes is self.sizes
        return ["a note"]

    def _effective_sizes(self, assessment: Assessment[str]) -> np.ndarray | None:
        return self.sizes


GIVEN = {"x": 0.1, "y": 0.3, "k": 0.3}


class TestEvaluate:
    def test_the_most_important_first_and_ties_in_the_order_of_the_parameters(self) -> None:
        assert list(Fixed(GIVEN).evaluate(STUDY).items()) == [("y", 0.3), ("k", 0.3), ("x", 0.1)]
        assert Fixed(GIVEN).evaluate(TrialTable.from_study(STUDY)) == GIVEN

    def test_it_asks_only_for_the_measure(self) -> None:
        evaluator = Fixed(GIVEN)
        evaluator.evaluate(STUDY)
        assert evaluator.asked == ["measure"]

    def test_only_the_parameters_that_are_named(self) -> None:
        assert list(Fixed(GIVEN).evaluate(STUDY, ["k", "x"])) == ["k", "x"]
        assert list(Fixed({"x": 0.5, "k": 0.5}).evaluate(STUDY, ["k", "x"])) == ["k", "x"]
        assert Fixed(GIVEN).evaluate(STUDY, []) == {}

    def test_warnings_point_to_the_caller(self) -> None:
        with warnings.catch_warnings(record=True) as messages:
            warnings.simplefilter("always")
            Fixed(GIVEN, lone=("of one", "of another")).evaluate(STUDY)
            Fixed({}, lone=("the last",)).evaluate(optuna.create_study())
        assert [str(one.message)[:12] for one in messages] == [
            "of one",
            "of another",
            "Importances ",
            "the last",
        ]
        assert {one.category for one in messages} == {UserWarning}
        assert {one.filename for one in messages} == {__file__}

    def test_optuna_makes_shares_of_it(self) -> None:
        evaluator: Any = Fixed(GIVEN)
        shares = optuna.importance.get_param_importances(STUDY, evaluator=evaluator)
        assert shares == pytest.approx({"y": 3 / 7, "k": 3 / 7, "x": 1 / 7})

    @pytest.mark.parametrize(
        ("study", "params", "error", "message"),
        [
            ("my study", None, TypeError, "`study` must be a Study"),
            (STUDY, "x", TypeError, "`params` must be a list of strings"),
            (STUDY, ["z"], ValueError, r"`params` must name .* got \['z'\]"),
        ],
    )
    def test_errors(self, study: Any, params: Any, error: type[Exception], message: str) -> None:
        for call in (Fixed(GIVEN).evaluate, Fixed(GIVEN).report):
            with pytest.raises(error, match=message):
                call(study, params)

    def test_all_four_must_be_filled_in(self) -> None:
        with pytest.raises(TypeError, match=r"_interactions.*_measure.*_notes.*_uncertainty"):
            ImportanceEvaluator()  # type: ignore[abstract]


class TestReport:
    def test_every_field(self) -> None:
        sizes = np.array([7.0, 8.0, 9.0])
        report = Fixed(GIVEN, lone=("of one",), sizes=sizes).report(STUDY)
        assert report.names == ("y", "k", "x")
        assert report.importances.tolist() == [0.3, 0.3, 0.1]
        assert report.confidence == 0.9
        assert report.unexplained == pytest.approx(0.3)
        assert (report.n_trials, report.n_target, report.n_infeasible) == (20, 5, 0)
        assert report.target == "the best 25 % (value <= 4)"
        assert (report.space, report.skill, report.measure) == ("trials", None, "S")
        assert report.sampling == "independent", "as it is told"
        assert report.warnings == ("of one", "a note")
        assert report.n_effective is sizes
        assert (report.interactions, report.interaction_p_values) == (None, None)
        for k, field in enumerate(fields(Uncertainty)):
            assert getattr(report, field.name).tolist() == [k, k, k]

    def test_regimes(self) -> None:
        report = Fixed(GIVEN).report(STUDY)
        assert {name: len(regimes) for name, regimes in report.regimes.items()} == {
            "y": 1,
            "k": 1,
            "x": 1,
        }
        (k,) = report.regimes["k"]
        assert (k.x, k.n_region, k.n_target, k.importance) == (("a", "b"), 20, 5, 0.3)
        assert k.p_target.tolist() == [3 / 5, 2 / 5]

    def test_what_is_measured_with_another_unit_leaves_nothing_unexplained(self) -> None:
        assert np.isnan(Fixed(GIVEN, measure="R2").report(STUDY).unexplained)
        assert Fixed({"x": 0.9, "y": 0.9, "k": 0.0}).report(STUDY).unexplained == 0.0

    def test_interactions_only_if_asked_for(self) -> None:
        evaluator = Fixed(GIVEN)
        evaluator.report(STUDY)
        assert evaluator.asked == ["measure", "uncertainty", "notes"]
        report = evaluator.report(STUDY, interactions=True)
        assert evaluator.asked[3:] == ["measure", "uncertainty", "interactions", "notes"]
        assert report.interactions is not None
        assert report.interaction_p_values is not None
        assert report.interactions.tolist() == np.full((3, 3), 0.5).tolist()
        assert report.interaction_p_values.tolist() == np.full((3, 3), 0.25).tolist()
        assert report.warnings == ("a note", "of pairs")

    def test_of_chosen_trials_nothing_is_tested(self) -> None:
        evaluator = Fixed(GIVEN, sampling="adaptive")
        report = evaluator.report(STUDY, interactions=True)
        assert evaluator.asked == ["measure", "interactions", "notes"]
        assert report.sampling == "adaptive"
        assert not report.has_p_values
        assert not report.has_intervals
        assert report.importances.tolist() == [0.3, 0.3, 0.1]
        for unknown in (
            *(report.ci_low, report.ci_high, report.normalized_ci_low, report.normalized_ci_high),
            *(report.first_probability, report.null_level),
            *(report.p_values, report.p_values_familywise),
        ):
            assert unknown.shape == (3,)
            assert np.isnan(unknown).all()
        assert report.to_dict()["ci_low"] == [None] * 3
        assert report.interactions is not None
        assert report.interactions.tolist() == np.full((3, 3), 0.5).tolist()
        assert report.interaction_p_values is not None
        assert report.interaction_p_values.shape == (3, 3)
        assert np.isnan(report.interaction_p_values).all()
        assert report.significant_pairs() == []

    def test_what_drew_the_trials_is_found_out_unless_it_is_told(self) -> None:
        auto = Fixed(GIVEN, sampling="auto").report(STUDY)
        assert auto.sampling == "adaptive", "y has one value in all trials"
        assert Fixed(GIVEN).report(STUDY).has_p_values

    def test_the_seed_decides_what_is_drawn(self) -> None:
        evaluators = [Fixed(GIVEN, seed=seed) for seed in (0, 0, 1, None, None)]
        for evaluator in evaluators:
            evaluator.report(STUDY)
        draws = [evaluator.draw for evaluator in evaluators]
        assert draws[0] == draws[1]
        assert len(set(draws)) == 4

    def test_no_warning_is_raised(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            report = Fixed({}).report(optuna.create_study())
        assert report.names == ()
        assert report.warnings[0].startswith("Importances need at least 2")

    def test_a_report_on_virtual_trials_has_the_real_ones_beside(self) -> None:
        class Virtual(Fixed):
            """The first ten trials stand for virtual ones."""

            def _prepare(self, *args: Any) -> AssessedTrials:
                real = super()._prepare(*args)
                few = super()._prepare(real.table.take(np.arange(10)), *args[1:])
                return replace(few, real=real, skill=0.75, surfaces=(few, few))

        evaluator = Virtual(GIVEN)
        report = evaluator.report(STUDY)
        assert evaluator.asked.count("measure") == 4, "two sets of trials, and two surfaces"
        np.testing.assert_allclose(report.ci_low, report.importances - 0.1)
        assert report.first_probability.tolist() == [0.5, 0.5, 0.0]
        assert (report.space, report.skill, report.n_trials) == ("uniform", 0.75, 10)
        real = evaluator.assessment.real
        assert real is not None
        assert (evaluator.assessment.split.n_trials, real.split.n_trials) == (10, 20)
        assert evaluator.evaluate(STUDY) == GIVEN
        assert evaluator.asked.count("measure") == 7, "who only wants S needs no real ones"


class TestAssessment:
    def test_what_it_tells_of_its_parameters(self) -> None:
        evaluator = Fixed(GIVEN)
        evaluator.report(STUDY)
        assessment = evaluator.assessment
        assert assessment.names == ("y", "k", "x")
        assert assessment.importances.tolist() == [0.3, 0.3, 0.1]
        assert assessment.evidence == [["y0"], ["k0"], ["x0"]]
        assert [one.name for one in assessment.in_order(["x", "y", "k"])] == ["x", "y", "k"]
        assert [one.name for one in assessment.in_order(["k"])] == ["k"]
        with pytest.raises(KeyError, match="w"):
            assessment.in_order(["w"])
