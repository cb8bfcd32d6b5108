"""Region and target set: who is in them, in which words, and what is said where it is odd."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from optuna.trial import TrialState

from optuna_hpx import TrialTable
from optuna_hpx.importance._split import Ranking, Split, rank, split
from optuna_hpx.importance._subspace import Target, select
from tests import made_by_hand as hand
from tests.importance.subspaces import subspace

INF = float("inf")


def table_of(values: Any, *directions: str, infeasible: Any = ()) -> TrialTable:
    rows = [list(np.atleast_1d(value)) for value in values]
    return TrialTable.from_study(
        hand.study(rows, directions or ["minimize"], infeasible=infeasible)
    )


def ranking_of(
    table: TrialTable, target: Target | None = None, *, in_full: bool = False, **options: Any
) -> Ranking:
    asked = subspace(**options)
    return rank(select(table, asked, target), asked, in_full=in_full)


def split_of(table: TrialTable, target: Target | None = None, **options: Any) -> Split:
    return split(ranking_of(table, target, **options), subspace(**options))


def rows(mask: np.ndarray) -> list[int]:
    return np.flatnonzero(mask).tolist()


class TestRank:
    def test_by_the_objective_with_ties_in_the_order_of_the_trials(self) -> None:
        assert ranking_of(table_of([3, 1, 2, 1])).order.tolist() == [1, 3, 2, 0]
        assert ranking_of(table_of([3, 1, 2, 1], "maximize")).order.tolist() == [0, 2, 1, 3]

    def test_places_are_those_among_the_selected(self) -> None:
        ranking = ranking_of(table_of([INF, 3, 1]))
        assert ranking.selection.rows.tolist() == [1, 2]
        assert ranking.order.tolist() == [1, 0]

    def test_infeasible_trials_come_last(self) -> None:
        ranking = ranking_of(table_of([3, 1, 2, 0], infeasible=[1, 3]))
        assert ranking.order[:2].tolist() == [2, 0]
        assert ranking.keys[1] == ranking.keys[3] > ranking.keys[0] > ranking.keys[2]

    def test_feasibility_is_the_violation(self) -> None:
        ranking = ranking_of(table_of([3, 1, 2], infeasible=[1]), "feasible")
        assert ranking.keys.tolist() == [0.0, 1.0, 0.0]

    def test_front_by_front_for_several_objectives(self) -> None:
        """Fronts {0, 1}, {2}, {3}; (1, 3) and (3, 1) are of one front."""
        values = [(1, 3), (3, 1), (3, 3), (4, 4)]
        table = table_of(values, "minimize", "minimize")
        keys = ranking_of(table, in_full=True).keys
        assert max(keys[0], keys[1]) < keys[2] < keys[3]
        few = ranking_of(table, target_quantile=0.3).keys
        assert max(few[0], few[1]) < few[2] == few[3], "no more fronts than are asked for"
        alone = ranking_of(table, region_quantile=0.75).keys
        np.testing.assert_array_equal(alone, keys)

    def test_a_dominating_infeasible_trial_leaves_the_fronts_of_the_feasible(self) -> None:
        """(0, 2) dominates (1, 3), but not (3, 1): these two are of one front all the same."""
        values = [(0, 2), (1, 3), (3, 1), (3, 3)]
        table = table_of(values, "minimize", "minimize", infeasible=[0])
        keys = ranking_of(table, in_full=True).keys
        assert keys[1] < keys[2] < keys[3] < keys[0]

    def test_a_value_of_several_objectives(self) -> None:
        table = table_of([(1, 3)], "minimize", "minimize")
        with pytest.raises(ValueError, match="`target_value` needs one objective: pass `target=`"):
            ranking_of(table, target_value=1.0)
        by_target = ranking_of(table, lambda trial: trial.values[0], target_value=1.0)
        assert by_target.keys.tolist() == [1.0]


class TestSplit:
    def test_the_best_tenth_of_all(self) -> None:
        values = np.random.default_rng(0).permutation(100).astype(float)
        cut = split_of(table_of(values))
        assert cut.region.all()
        assert sorted(values[cut.top]) == list(range(10))
        assert (cut.n_trials, cut.n_target, cut.n_infeasible, cut.n_candidates) == (
            100,
            10,
            0,
            100,
        )
        assert cut.target_in_words == "the best 10 % (value <= 9)"
        assert cut.warnings == ()
        assert cut.near is not None
        assert values[cut.near].tolist() == list(range(5, 15)), "five on each side of the cut-off"
        assert len(cut.far) == 0, "a region of all has no cut-off"

    def test_the_best_of_the_good_half(self) -> None:
        values = np.random.default_rng(1).permutation(200).astype(float)
        cut = split_of(table_of(values), region_quantile=0.5)
        assert sorted(values[cut.region]) == list(range(100))
        assert sorted(values[cut.top]) == list(range(20))
        assert values[cut.far].tolist() == list(range(95, 100)), "the worst twentieth of it"
        assert cut.n_candidates == 200

    def test_rows_are_those_of_the_table(self) -> None:
        cut = split_of(table_of([INF, 5, 4, 3, 2, 1, INF]), target_quantile=0.4)
        assert rows(cut.region) == [1, 2, 3, 4, 5]
        assert rows(cut.top) == [4, 5]
        assert cut.near is not None
        assert cut.near.tolist() == [5, 4, 3, 2, 1]

    @pytest.mark.parametrize(
        ("values", "quantile", "top"),
        [
            ([0, 0, 0, 1, 2, 3, 4, 5, 6, 7], 0.1, [0, 1, 2]),  # never empty
            ([0, 1, 1, 1, 2, 3, 4, 5, 6, 7], 0.2, [0]),  # one is nearer to two than four are
            ([0, 1, 1, 2, 2, 3, 4, 5, 6, 7], 0.2, [0, 1, 2]),  # as near: in
            ([0, 1, 1, 1, 1, 1, 1, 1, 1, 1], 0.9, [0]),  # never everything
        ],
    )
    def test_ties_at_the_cut_off(self, values: Any, quantile: float, top: list[int]) -> None:
        assert rows(split_of(table_of(values), target_quantile=quantile).top) == top

    def test_infeasible_trials_are_in_the_region_and_never_in_the_target_set(self) -> None:
        table = table_of(range(10), infeasible=range(7))
        assert split_of(table, target_quantile=0.5).near is not None, "7 are tied, and out"
        violation = np.where(table.feasible, 0.0, 1.0 + np.arange(10))
        table = replace(table, violation=violation)
        cut = split_of(table, target_quantile=0.5)
        assert rows(cut.top) == [7, 8, 9]
        assert cut.near is None, "it is not the count that ends it"
        assert (cut.n_trials, cut.n_infeasible) == (10, 7)
        assert split_of(table, target_quantile=0.2).near is not None
        assert split_of(table, region_quantile=0.3).n_infeasible == 0

    @pytest.mark.parametrize(
        ("direction", "value", "top", "words"),
        [
            ("minimize", 2.0, [0, 1, 2], "value <= 2"),
            ("maximize", 7.0, [7, 8, 9], "value >= 7"),
            ("minimize", 0.12345, [0], "value <= 0.1235"),
        ],
    )
    def test_a_target_value(
        self, direction: str, value: float, top: list[int], words: str
    ) -> None:
        cut = split_of(table_of(range(10), direction), target_value=value)
        assert rows(cut.top) == top
        assert cut.target_in_words == words
        assert cut.near is None

    def test_a_target_value_within_the_region(self) -> None:
        cut = split_of(table_of(range(10)), target_value=6.0, region_quantile=0.5)
        assert rows(cut.region) == rows(cut.top) == [0, 1, 2, 3, 4]

    def test_a_target_of_either_direction(self) -> None:
        table = table_of(range(10))
        up = {"target_direction": "maximize", "target_quantile": 0.2}
        cut = split_of(table, lambda trial: 10.0 - trial.number, **up)
        assert rows(cut.top) == [0, 1]
        assert cut.target_in_words == "the best 20 % (target >= 9)"
        cut = split_of(table, lambda trial: 10.0 - trial.number, target_value=2.0)
        assert rows(cut.top) == [8, 9]
        assert cut.target_in_words == "target <= 2"

    def test_feasibility(self) -> None:
        cut = split_of(table_of([INF, *range(9)], infeasible=[1, 5]), "feasible")
        assert cut.region.all()
        assert rows(~cut.top) == [1, 5]
        assert cut.target_in_words == "the feasible trials"
        assert cut.near is None

    def test_completion(self) -> None:
        """Of finished trials those are good that are complete, infeasible or infinite ones too."""
        values: list[Any] = [[1.0], TrialState.PRUNED, [INF], TrialState.FAIL, [2.0]]
        table = TrialTable.from_study(hand.study(values * 3, infeasible=[4]))
        cut = split_of(table, "complete")
        assert cut.region.all()
        assert rows(cut.top) == [0, 2, 4, 5, 7, 9, 10, 12, 14]
        assert cut.target_in_words == "the complete trials"
        assert cut.near is None
        assert cut.warnings == ()

    @pytest.mark.parametrize(
        ("n_tied", "n_trials", "region_quantile", "words"),
        [
            (72, 100, 1.0, "the best 72 % (value <= 0)"),
            (60, 200, 0.5, "the best 30 % (value <= 0)"),  # of all, as what is asked for
            (11, 100, 1.0, "the best 10 % (value <= 0)"),
            (12, 100, 1.0, "the best 12 % (value <= 0)"),
        ],
    )
    def test_ties_make_another_share(
        self, n_tied: int, n_trials: int, region_quantile: float, words: str
    ) -> None:
        values = [0.0] * n_tied + list(range(1, 1 + n_trials - n_tied))
        cut = split_of(table_of(values), region_quantile=region_quantile)
        assert cut.n_target == n_tied
        assert cut.target_in_words == words

    def test_words_of_several_objectives(self) -> None:
        table = table_of([(k, 20 - k) for k in range(20)], "minimize", "maximize")
        assert split_of(table).target_in_words == "the best 10 % by non-domination"


class TestWarnings:
    @pytest.mark.parametrize("values", [[], [1.0], [INF, 1.0]])
    def test_too_few_to_compare(self, values: list[float]) -> None:
        n = sum(value < INF for value in values)
        (message,) = split_of(table_of(values)).warnings
        assert message.startswith("Importances need at least 2 completed trials")
        assert f"got {n}: all importances are 0" in message

    def test_nothing_is_good(self) -> None:
        table = table_of(range(20), infeasible=range(20))
        for target in (None, "feasible"):
            (message,) = split_of(table, target).warnings  # type: ignore[arg-type]
            assert message.startswith("No feasible trial of the region is in the target")
        cut = split_of(table)
        assert cut.target_in_words == "the best 10 %", "there is no worst of them"
        lost = TrialTable.from_study(hand.study([TrialState.PRUNED, TrialState.FAIL] * 6))
        (message,) = split_of(lost, "complete").warnings
        assert message == "None of the 12 trials of the region is complete: all importances are 0."
        (message,) = split_of(table_of(range(20)), target_value=-1.0).warnings
        assert message.startswith("No feasible trial")

    def test_all_are_good(self) -> None:
        (message,) = split_of(table_of([5.0] * 12)).warnings
        assert message.startswith("All 12 trials have the same value: nothing sets any apart")
        (message,) = split_of(table_of(range(12)), target_value=20.0).warnings
        assert message.startswith("All 12 trials of the region are in the target set, so nothing")
        assert message.endswith("Ask for a stricter target.")
        (message,) = split_of(table_of(range(12)), "complete").warnings
        assert message == "All 12 trials are complete: all importances are 0."
        (message,) = split_of(table_of(range(12)), "feasible").warnings
        assert message == "All 12 trials are feasible: all importances are 0."

    @pytest.mark.parametrize(("n", "is_warned"), [(9, True), (10, True), (11, False)])
    def test_too_few_to_correct_for_chance(self, n: int, is_warned: bool) -> None:
        """Ten trials are enough, but not one that is good: the best tenth of eleven are two."""
        warnings = split_of(table_of(range(n))).warnings
        assert len(warnings) == is_warned
        if is_warned:
            assert warnings[0].startswith(f"With 1 of {n} trials in the target set, too few")

    def test_those_of_the_selection_come_first(self) -> None:
        cut = split_of(table_of([1.0, 1.0], "maximize"), lambda trial: trial.value or 0.0)
        assert [message[:8] for message in cut.warnings] == ["`target`", "All 2 tr"]


def test_ranks_differ_whoever_is_in_the_target_set() -> None:
    asked = subspace(target_value=9.0)
    cut = split(ranking_of(table_of([1, 2, 3])), asked, by_rank=True)
    assert cut.is_ranked
    assert cut.is_compared
    assert cut.has_too_few
    (warning,) = cut.warnings
    assert warning.startswith("3 trials are too few to tell")
    equal = split(ranking_of(table_of([1, 1, 1])), asked, by_rank=True)
    assert not equal.is_ranked
    assert not equal.is_compared
