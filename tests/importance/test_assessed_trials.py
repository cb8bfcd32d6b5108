"""Virtual trials in place of the real ones: which teach, which are taken, and what is said."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from optuna.distributions import BaseDistribution, FloatDistribution
from optuna.trial import TrialState

from optuna_hpx import TrialTable
from optuna_hpx.importance import _virtual_trials
from optuna_hpx.importance._assessed_trials import (
    AssessedTrials,
    surrogate_subject,
    virtual_space,
)
from optuna_hpx.importance._basis import basis_of
from optuna_hpx.importance._split import rank
from optuna_hpx.importance._subspace import Subspace, Target, columns_of, select
from optuna_hpx.importance._virtual_trials import MIN_SKILL, Virtual
from optuna_hpx.trials.table import INACTIVE
from tests import made_by_hand as hand

DISTRIBUTIONS: dict[str, BaseDistribution] = dict.fromkeys("xyz", FloatDistribution(0.0, 1.0))


def subspace(**options: Any) -> Subspace:
    asked = {"target_quantile": 0.25, "region_quantile": 1.0, "target_value": None}
    return Subspace(**{**asked, "region": None, "target_direction": "minimize", **options})  # type: ignore[arg-type]


def table_of(*infeasible: int) -> TrialTable:
    """Values 0 to 5 at x = 0, 0.1, ..., 0.5; one PRUNED; z only where a trial diverged."""
    values: list[Any] = [*[[float(k)] for k in range(6)], TrialState.PRUNED, [float("inf")]]
    params = [{"x": k / 10, "y": 0.5} for k in range(7)]
    study = hand.study(
        values,
        params=[*params, {"x": 0.9, "z": 0.5}],
        distributions=DISTRIBUTIONS,
        infeasible=infeasible,
    )
    return TrialTable.from_study(study)


def real_trials(
    table: TrialTable, asked: Subspace, target: Target | None = None, params: Any = None
) -> AssessedTrials:
    basis = basis_of(table, "independent")
    ranking = rank(select(table, asked, target), asked)
    return AssessedTrials(ranking, columns_of(table, params), basis)


class Surrogate:
    """Stands for ``virtual_trials``: points at x = 0, 1/4, ..., 1 with the losses 4, 3, ..., 0."""

    def __init__(self, skill: float, without_rule: tuple[str, ...] = ()) -> None:
        self.skill, self.without_rule = skill, without_rule

    def __call__(
        self, table: TrialTable, rows: np.ndarray, losses: np.ndarray, rng: Any
    ) -> Virtual:
        self.rows, self.losses = rows, losses
        params = [{"y": 0.5, "x": k / 4} for k in range(5)]
        study = hand.study(
            [[4.0 - k] for k in range(5)], params=params, distributions=DISTRIBUTIONS
        )
        points = TrialTable.from_study(study)
        points = replace(points, trials=())
        return Virtual(points, self.skill, self.without_rule)


def virtual(
    monkeypatch: pytest.MonkeyPatch, surrogate: Surrogate, real: AssessedTrials, asked: Subspace
) -> AssessedTrials:
    monkeypatch.setattr(_virtual_trials, "virtual_trials", surrogate)
    return virtual_space(real, asked, 0)


def test_real_trials() -> None:
    def target(trial: Any) -> float:
        return float(trial.number)

    trials = real_trials(table_of(), subspace(), target)
    assert trials.target is target
    assert (trials.space, trials.basis.sampling, trials.skill) == ("trials", "independent", None)
    assert trials.table is trials.basis.table


def test_a_surrogate_learns_from_all_trials_though_only_draws_are_assessed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    table = table_of()
    basis = replace(basis_of(table, "independent"), table=table.take(np.arange(4)))
    ranking = rank(select(basis.table, subspace(), None), subspace())
    real = AssessedTrials(ranking, columns_of(basis.table, ["x", "y"]), basis)
    surrogate = Surrogate(0.75)
    trials = virtual(monkeypatch, surrogate, real, subspace())
    assert real.ranking.order.tolist() == [0, 1, 2, 3]
    assert surrogate.rows.tolist() == [0, 1, 2, 3, 4, 5]
    assert trials.basis is basis
    assert list(trials.columns) == ["x", "y"]


def test_a_surrogate_that_is_not_used_leaves_the_trials() -> None:
    asked = subspace()
    trials = real_trials(table_of(), asked)
    trials = replace(
        trials,
        ranking=replace(
            trials.ranking, selection=replace(trials.ranking.selection, warnings=("first",))
        ),
    )
    without = trials.without_surrogate(0.25, "second", "third")
    assert without.skill == 0.25
    assert without.space == "trials"
    assert without.ranking.selection.warnings == ("first", "second", "third")
    assert without.ranking.order is trials.ranking.order
    assert without.columns is trials.columns
    assert trials.skill is None, "the trials themselves stay as they are"


@pytest.mark.parametrize(
    ("target", "subject"),
    [(None, "the objective"), ("feasible", "feasibility"), (lambda t: 0.0, "the target")],
)
def test_what_a_surrogate_predicts(target: Target | None, subject: str) -> None:
    assert surrogate_subject(target) == subject


class TestVirtualSpace:
    def test_points_are_ranked_in_place_of_the_trials(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real, surrogate = real_trials(table_of(), subspace()), Surrogate(0.75)
        trials = virtual(monkeypatch, surrogate, real, subspace())
        assert surrogate.rows.tolist() == [0, 1, 2, 3, 4, 5]
        assert surrogate.losses.tolist() == [[0.0], [1.0], [2.0], [3.0], [4.0], [5.0]]
        assert trials.real is real
        assert (trials.space, trials.skill) == ("uniform", 0.75)
        assert trials.table is real.table
        assert trials.ranking.order.tolist() == [4, 3, 2, 1, 0]
        assert trials.ranking.selection.losses.tolist() == [[4.0], [3.0], [2.0], [1.0], [0.0]]
        assert trials.ranking.selection.warnings == ()

    def test_parameters_are_those_of_the_trials_in_their_order(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Of z, which only a divergent trial has, nothing is known: it is inactive."""
        real = real_trials(table_of(), subspace())
        trials = virtual(monkeypatch, Surrogate(0.75), real, subspace())
        assert list(trials.columns) == list(real.columns) == ["x", "y", "z"]
        assert trials.columns["x"].values.tolist() == [0.0, 0.25, 0.5, 0.75, 1.0]
        assert (trials.columns["z"].regime == INACTIVE).all()
        assert trials.columns["z"].distributions == (DISTRIBUTIONS["z"],)
        assert np.isnan(trials.columns["z"].values).all()

    def test_a_box_is_cut_from_the_points_and_not_from_those_that_teach(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked = subspace(region={"x": (0.2, 0.6)})
        real, surrogate = real_trials(table_of(), asked), Surrogate(0.75)
        trials = virtual(monkeypatch, surrogate, real, asked)
        assert surrogate.rows.tolist() == [0, 1, 2, 3, 4, 5]
        assert trials.ranking.selection.rows.tolist() == [1, 2]
        assert trials.ranking.selection.losses.tolist() == [[3.0], [2.0]]

    def test_a_skill_that_is_too_low(self, monkeypatch: pytest.MonkeyPatch) -> None:
        real = real_trials(table_of(), subspace())
        trials = virtual(monkeypatch, Surrogate(MIN_SKILL - 0.01), real, subspace())
        (message,) = trials.ranking.selection.warnings
        assert "6 trials do not predict the objective well enough" in message
        assert "skill 0.59, 0.6 is needed" in message
        assert (trials.space, trials.skill, trials.real) == ("trials", MIN_SKILL - 0.01, None)
        assert trials.ranking.order is real.ranking.order
        again = real_trials(table_of(), subspace())
        enough = virtual(monkeypatch, Surrogate(MIN_SKILL), again, subspace())
        assert enough.space == "uniform"

    def test_feasibility_is_taught_by_its_sign(self, monkeypatch: pytest.MonkeyPatch) -> None:
        real, surrogate = real_trials(table_of(1, 2), subspace(), "feasible"), Surrogate(0.75)
        trials = virtual(monkeypatch, surrogate, real, subspace())
        assert surrogate.rows.tolist() == [0, 1, 2, 3, 4, 5, 7], "a divergent trial tells, too"
        assert surrogate.losses[:, 0].tolist() == [-1, 1, 1, -1, -1, -1, -1]
        assert trials.target == "feasible"

    @pytest.mark.parametrize("infeasible", [(), tuple(range(8))])
    def test_where_all_are_feasible_or_none_there_is_nothing_to_predict(
        self, infeasible: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real, surrogate = real_trials(table_of(*infeasible), subspace(), "feasible"), Surrogate(1)
        trials = virtual(monkeypatch, surrogate, real, subspace())
        assert not hasattr(surrogate, "rows"), "it was not asked"
        assert (trials.space, trials.skill) == ("trials", 0.0)
        assert trials.ranking.selection.warnings == ()

    def test_parameters_without_a_rule_are_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        real = real_trials(table_of(), subspace())
        trials = virtual(monkeypatch, Surrogate(0.75, ("x", "y")), real, subspace())
        (message,) = trials.ranking.selection.warnings
        assert message.startswith(
            "When x, y is active, or with which bounds, the trials do not tell"
        )

    def test_a_warning_of_the_selection_stays(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def target(trial: Any) -> float:
            return float(trial.value)

        table = TrialTable.from_study(hand.study([[0.0], [1.0]], ["maximize"]))
        real = real_trials(table, subspace(), target)
        trials = virtual(monkeypatch, Surrogate(0.75), real, subspace())
        (message,) = trials.ranking.selection.warnings
        assert message.startswith("`target` is objective 0")

    def test_a_surrogate_is_fitted_once_a_table_and_seed(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class Counting(Surrogate):
            n = 0

            def __call__(self, *args: Any) -> Virtual:
                self.n += 1
                return super().__call__(*args)

        surrogate, real = Counting(0.75), real_trials(table_of(), subspace())
        monkeypatch.setattr(_virtual_trials, "virtual_trials", surrogate)
        for seed in (0, 0, 7, 7, 0):
            virtual_space(real, subspace(), seed)
        assert surrogate.n == 2
        virtual_space(real, subspace(target_quantile=0.5, region={"x": (0.2, 0.6)}), 0)
        assert surrogate.n == 2, "it is the same wherever the target set is cut"


class TestLearntLabels:
    """Of 80 trials at even places, who is in the region, or completed, is learnt, too."""

    @staticmethod
    def table(completes: Any = lambda x: True) -> TrialTable:
        x = (np.arange(80) * 37 % 80 + 0.5) / 80
        values: list[Any] = [[v] if completes(v) else TrialState.PRUNED for v in x.tolist()]
        study = hand.study(
            values,
            params=[{"x": v, "y": (k % 9) / 9} for k, v in enumerate(x.tolist())],
            distributions=DISTRIBUTIONS,
        )
        return TrialTable.from_study(study)

    def test_a_callable_region(self) -> None:
        asked = subspace(region=lambda trial: trial.params["x"] > 0.5 and trial.value >= 0.0)
        table = self.table(lambda x: x < 0.9)
        trials = virtual_space(real_trials(table, asked), asked, 0)
        assert trials.space == "uniform"
        inside = trials.ranking.selection.rows
        x = trials.ranking.selection.table.columns["x"].values
        assert np.mean((x > 0.5) == np.isin(np.arange(len(x)), inside)) > 0.97
        assert trials.ranking.selection.losses.shape == (len(inside), 1)
        assert len(trials.surfaces) > 10
        assert trials.surfaces[0].ranking.selection.table.directions == ("minimize",)

    def test_a_region_of_all_trials_or_of_none_is_not_learnt(self) -> None:
        asked = subspace(region=lambda trial: True)
        trials = virtual_space(real_trials(self.table(), asked), asked, 0)
        assert len(trials.ranking.selection.rows) == 4096
        asked = subspace(region=lambda trial: False)
        trials = virtual_space(real_trials(self.table(), asked), asked, 0)
        assert trials.space == "trials"
        assert (
            "do not predict the objective or the region" in trials.ranking.selection.warnings[-1]
        )

    def test_completion(self) -> None:
        table = self.table(lambda x: x < 0.4)
        trials = virtual_space(real_trials(table, subspace(), "complete"), subspace(), 0)
        assert trials.space == "uniform"
        x = trials.ranking.selection.table.columns["x"].values
        assert np.mean(trials.ranking.selection.is_good == (x < 0.4)) > 0.97
        shares = [one.ranking.selection.is_good.mean() for one in trials.surfaces]
        assert np.median(shares) == pytest.approx(0.4, abs=0.03)
