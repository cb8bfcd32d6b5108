"""The report: shares, pairs, the frame and what is printed, from numbers made by hand."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from optuna_hpx.importance import ImportanceReport
from tests import made_by_hand as hand


def _report(n: int = 4, **arguments: Any) -> ImportanceReport:
    """Parameters x0, x1, ... of importances 0.4, 0.2, 0.4 / 3, ..."""
    regimes = {f"x{k}": [hand.continuous(importance=0.4 / (k + 1))] for k in range(n)}
    return hand.report(regimes, **arguments)


class TestNormalized:
    def test_shares_of_the_sum(self) -> None:
        np.testing.assert_allclose(_report(2).normalized, [2 / 3, 1 / 3])

    def test_equal_where_all_are_zero(self) -> None:
        regimes = {name: [hand.continuous(importance=0.0)] for name in "abcd"}
        assert hand.report(regimes).normalized.tolist() == [0.25] * 4

    def test_of_no_parameter(self) -> None:
        assert hand.report({}).normalized.tolist() == []


class TestSignificantPairs:
    def test_pairs_are_holm_adjusted_and_sorted_by_strength(self) -> None:
        pairs = {
            ("x0", "x1"): (0.05, 0.001),
            ("x1", "x2"): (0.2, 0.009),
            ("x2", "x3"): (0.3, 0.02),
        }
        significant = _report(pairs=pairs).significant_pairs()
        assert [pair[:3] for pair in significant] == [("x1", "x2", 0.2), ("x0", "x1", 0.05)]
        np.testing.assert_allclose([pair[3] for pair in significant], [5 * 0.009, 6 * 0.001])

    def test_adjusted_p_values_never_fall_behind_those_of_stronger_pairs(self) -> None:
        pairs = {("x0", "x1"): (0.1, 0.0080), ("x1", "x2"): (0.2, 0.0081)}
        significant = _report(pairs=pairs).significant_pairs()
        np.testing.assert_allclose([pair[3] for pair in significant], 6 * 0.008)

    def test_a_pair_without_strength_is_not_significant(self) -> None:
        assert _report(pairs={("x0", "x1"): (0.0, 1e-9)}).significant_pairs() == []

    def test_the_level_is_that_of_the_report(self) -> None:
        pairs = {("x0", "x1"): (0.1, 0.004)}
        assert len(_report(pairs=pairs).significant_pairs()) == 1
        assert _report(pairs=pairs, confidence=0.99).significant_pairs() == []

    def test_a_pair_that_is_not_significant_ends_the_list(self) -> None:
        """Holm: 6 * 0.009 is above 0.05, and so is what comes after."""
        pairs = {("x0", "x1"): (0.1, 0.009), ("x1", "x2"): (0.2, 0.0095)}
        assert _report(pairs=pairs).significant_pairs() == []

    def test_where_nothing_was_tested_there_is_none(self) -> None:
        pairs = {("x0", "x1"): (0.5, np.nan)}
        assert _report(2, pairs=pairs, sampling="adaptive").significant_pairs() == []

    @pytest.mark.parametrize("n", [0, 1])
    def test_no_pair(self, n: int) -> None:
        assert _report(n, pairs={}).significant_pairs() == []

    def test_without_interactions(self) -> None:
        with pytest.raises(
            ValueError, match=r"`report` must have interactions.*interactions=True"
        ):
            _report(pairs=None).significant_pairs()


class TestJointPairs:
    def test_pairs_are_holm_adjusted_and_the_surest_comes_first(self) -> None:
        p = np.ones((4, 4))
        for (i, j), value in {(0, 1): 0.004, (1, 2): 0.001, (2, 3): 0.02}.items():
            p[i, j] = p[j, i] = value
        report = _report(pairs={("x0", "x1"): (0.3, 0.2)}, joint_p_values=p)
        pairs = report.joint_pairs()
        assert [pair[:3] for pair in pairs] == [("x1", "x2", 0.0), ("x0", "x1", 0.3)]
        np.testing.assert_allclose([pair[3] for pair in pairs], [6 * 0.001, 5 * 0.004])
        strict = _report(pairs={}, joint_p_values=p, confidence=0.99)
        assert [pair[:2] for pair in strict.joint_pairs()] == [("x1", "x2")]

    def test_where_nothing_was_tested_there_is_none(self) -> None:
        assert _report(pairs=None).joint_pairs() == []
        assert _report(pairs={}).joint_pairs() == []
        assert _report(2, pairs={}, joint_p_values=np.ones((2, 2))).joint_pairs() == []


@pytest.mark.parametrize(
    ("make", "of_one"),
    [(hand.report, {"a": [hand.continuous()]}), (hand.profile, {"a": [0.1, 0.2, 0.3]})],
)
@pytest.mark.parametrize("sampling", ["independent", "even", "mixed", "unknown", "adaptive"])
def test_what_holds(make: Any, of_one: Any, sampling: str) -> None:
    """Intervals and p-values hold for trials that were not chosen, intervals of a surrogate."""
    was_chosen = sampling == "adaptive"
    assert make(of_one, sampling=sampling).has_intervals is not was_chosen
    assert make(of_one, sampling=sampling, space="uniform").has_intervals is True
    if make is hand.report:
        for space in ("trials", "uniform"):
            assert make({}, sampling=sampling, space=space).has_p_values is not was_chosen


class TestRepr:
    def test_a_line_for_each_parameter_and_each_warning(self) -> None:
        regimes = {"lr": [hand.continuous(importance=0.6)], "batch": [hand.discrete()]}
        report = hand.report(regimes, p=[0.00123, 0.5], warnings=["Beware.", "Twice."])
        assert repr(report).splitlines() == [
            "ImportanceReport: the best 10 % (value <= 0.31), 10 of 100 trials",
            "  lr     S = 0.600 (0.500 to 0.700), p = 0.0012",
            "  batch  S = 0.200 (0.100 to 0.300), p = 0.5",
            "  Warning: Beware.",
            "  Warning: Twice.",
        ]

    def test_a_surrogate_has_intervals(self) -> None:
        line = repr(_report(1, space="uniform")).splitlines()[1]
        assert line == "  x0  S = 0.400 (0.300 to 0.500), p = 0.001"

    def test_of_chosen_trials_there_is_no_p_value_and_an_interval_only_of_a_surrogate(
        self,
    ) -> None:
        for space, ends in (("trials", ""), ("uniform", " (0.300 to 0.500)")):
            report = _report(1, p=[np.nan], sampling="adaptive", space=space)
            assert repr(report).splitlines()[1] == f"  x0  S = 0.400{ends}"

    def test_of_hsic(self) -> None:
        line = repr(_report(1, measure="R2")).splitlines()[1]
        assert line == "  x0  R2 = 0.400 (0.300 to 0.500), p = 0.001"

    def test_points_of_a_surrogate_are_not_called_trials(self) -> None:
        report = _report(1, space="uniform", n_taught=60, n_taught_as_good=12)
        assert repr(report).splitlines()[0] == (
            "ImportanceReport: the best 10 % (value <= 0.31), 10 of 100 points, at which a "
            "surrogate of 60 trials speaks; 12 of the trials reach the target, too"
        )
        assert list(report.to_frame().columns[-2:]) == ["n_points", "n_target_points"]

    def test_by_ranks_there_is_no_best(self) -> None:
        report = _report(1, measure="R2", score="log_rank")
        assert repr(report).startswith("ImportanceReport: the log rank of each of 100 trials\n")

    def test_a_parameter_of_too_few_trials_has_no_number(self) -> None:
        report = hand.report({"x": [hand.continuous()], "rare": []}, p=[0.01, 1.0])
        assert repr(report).splitlines()[2] == "  rare  S is not known"

    def test_of_no_parameter(self) -> None:
        assert len(repr(hand.report({})).splitlines()) == 1


class TestFrame:
    def test_a_row_for_each_parameter(self) -> None:
        regimes = {
            "lr": [
                hand.continuous(importance=0.3, n_target=7),
                hand.continuous(importance=0.3, n_target=3),
            ],
            "opt": [hand.discrete(n_target=4)],
            "rare": [],
        }
        frame = hand.report(regimes, p=[0.01, 0.2, 1.0], p_familywise=[0.02, 0.3, 1.0]).to_frame()
        assert frame.index.tolist() == ["lr", "opt", "rare"]
        assert frame.index.name == "parameter"
        expected = {
            "importance": [0.6, 0.2, 0.0],
            "ci_low": [0.5, 0.1, 0.0],
            "ci_high": [0.7, 0.3, 0.1],
            "p_value": [0.01, 0.2, 1.0],
            "p_familywise": [0.02, 0.3, 1.0],
            "normalized": [0.75, 0.25, 0.0],
            "n_regimes": [2, 1, 0],
            "n_trials": [200, 100, 0],
            "n_target": [10, 4, 0],
        }
        assert list(frame.columns) == list(expected)
        for name, values in expected.items():
            np.testing.assert_allclose(frame[name], values, atol=1e-12)

    def test_of_no_parameter(self) -> None:
        frame = hand.report({}).to_frame()
        assert frame.shape == (0, 9)


def test_chosen_trials_may_be_tested_by_a_model() -> None:
    regimes = {"lr": [hand.continuous(importance=0.6)]}
    tested = hand.report(regimes, p=[0.001], sampling="adaptive")
    assert tested.is_tested_by_model
    assert not tested.has_p_values
    assert "p = 0.001" in repr(tested)
    unsure = hand.report(regimes, p=[0.97], sampling="adaptive")
    assert "p =" not in repr(unsure), "it would read as evidence that it does not matter"
    assert "S = 0.600, not shown to matter by a model of the trials" in repr(unsure)
    assert unsure.to_frame()["p_value"].tolist() == [0.97]
    withheld = hand.report(regimes, p=[np.nan], sampling="adaptive")
    assert not withheld.is_tested_by_model
    assert "p =" not in repr(withheld)
    assert not hand.report(regimes, p=[0.001]).is_tested_by_model


def test_what_is_unknown_is_none_in_json_and_a_dash_in_a_notebook() -> None:
    report = _report(1, p=[np.nan], sampling="adaptive", warnings=["a < b"])
    read = json.loads(json.dumps(report.to_dict(), allow_nan=False))
    assert (read["ci_low"], read["p_values"]) == ([None], [None])
    assert read["regimes"]["x0"][0]["n_region"] == 100
    html = report._repr_html_()
    assert "<td>–</td>" in html
    assert "a &lt; b" in html
