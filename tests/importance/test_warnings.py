"""What a reader is warned of, and where the warnings begin."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from optuna_hpx import TrialTable
from optuna_hpx.importance import _warnings
from optuna_hpx.importance._assessed_trials import AssessedTrials
from optuna_hpx.importance._basis import Basis
from optuna_hpx.importance._split import Ranking, Split
from optuna_hpx.importance._subspace import Selection, Target
from tests import made_by_hand as hand


def cut(n_target: int, m: int = 1) -> Split:
    table = TrialTable.from_study(hand.study([[1.0] * m] * 20, ["minimize"] * m))
    return Split(
        table=table,
        region=np.ones(20, dtype=bool),
        top=np.arange(20) < n_target,
        near=None,
        far=np.zeros(0, dtype=int),
        n_candidates=20,
        target_in_words="",
        warnings=(),
    )


def trials(
    sampling: str,
    *,
    skill: float | None = None,
    is_virtual: bool = False,
    target: Target | None = None,
) -> AssessedTrials:
    table = cut(0).table
    selection = Selection(table, target, np.arange(20), table.losses)
    ranking = Ranking(selection, np.arange(20), np.arange(20))
    real = AssessedTrials(ranking, {}, Basis(table, table, sampling, ()), skill)
    return replace(real, real=real) if is_virtual else real


@pytest.mark.parametrize(("n", "is_warned"), [(0, False), (1, True), (4, True), (5, False)])
def test_a_target_set_of_few(n: int, is_warned: bool) -> None:
    trials = "1 trial" if n == 1 else f"{n} trials"
    expected = f"With {trials} in the target set, the importances are very uncertain."
    assert _warnings.on_target_set(cut(n), None) == [expected] * is_warned


def test_several_objectives_are_about_the_front_unless_one_is_assessed() -> None:
    (message,) = _warnings.on_target_set(cut(10, 2), None)
    assert message.startswith("Good means near the Pareto front")
    assert "`target=`" in message
    assert _warnings.on_target_set(cut(10, 2), lambda trial: 0.0) == []
    assert _warnings.on_target_set(cut(10, 2), "feasible") == []
    assert len(_warnings.on_target_set(cut(3, 2), None)) == 2


@pytest.mark.parametrize(
    ("importances", "total"),
    [([], None), ([0.5, 0.5], None), ([1.05], None), ([0.6, 0.46], "1.06")],
)
def test_overlap(importances: list[float], total: str | None) -> None:
    messages = _warnings.on_overlap(np.array(importances))
    assert len(messages) == (total is not None)
    for message in messages:
        assert message.startswith(f"The importances add up to {total}: ")


class TestSampling:
    @pytest.mark.parametrize("sampling", ["independent", "even", "mixed", "unknown"])
    def test_trials_that_were_not_chosen(self, sampling: str) -> None:
        """What is left out, or not known, is among the notes of the basis."""
        assert _warnings.on_sampling(trials(sampling)) == []
        assert _warnings.on_sampling(trials(sampling, skill=0.3)) == []

    def test_chosen_ones_are_called_so(self) -> None:
        (message,) = _warnings.on_sampling(trials("adaptive"))
        assert message.startswith("An adaptive sampler, or a person, chose these trials. ")
        assert "are a hint: " in message
        assert (
            "No interval is known to hold; a p-value, where there is one, is that of a model"
            in message
        )

    def test_a_surrogate_is_advised_only_to_who_has_not_tried_it(self) -> None:
        advice = 'space="uniform"'
        assert advice in _warnings.on_sampling(trials("adaptive"))[0]
        assert advice not in _warnings.on_sampling(trials("adaptive", skill=0.3))[0]

    @pytest.mark.parametrize(
        ("target", "subject"),
        [(None, "the objective"), ("feasible", "feasibility"), (lambda t: 0.0, "the target")],
    )
    def test_virtual_trials(self, target: Target | None, subject: str) -> None:
        for sampling, end in [
            ("independent", "The p-values are those of the trials themselves."),
            ("unknown", "The p-values are those of the trials themselves."),
            (
                "adaptive",
                "An adaptive sampler, or a person, chose the trials: a p-value, where there is "
                "one, is that of a model of them, which allows for that.",
            ),
        ]:
            one = trials(sampling, skill=0.876, is_virtual=True, target=target)
            (message,) = _warnings.on_sampling(one)
            assert f"a surrogate of {subject} was learnt from the trials" in message
            assert "skill is 0.88 (1 is perfect)" in message
            assert message.endswith(end)

    @pytest.mark.parametrize(
        ("target", "subject"), [(None, "the objective"), ("complete", "completion")]
    )
    def test_a_surrogate_that_leaves_it_open(self, target: Target | None, subject: str) -> None:
        message = _warnings.on_disagreement(trials("adaptive", skill=0.876, target=target))
        assert f"surrogates of {subject} that the trials leave plausible disagree" in message
        assert "skill is 0.88" in message


def test_warnings_of_the_real_trials_that_are_not_said_already() -> None:
    prefix = "Of the trials themselves, on which p-values and null level rest: "
    messages = _warnings.on_real_trials(["one", "two", "three"], ["two"])
    assert messages == [prefix + "one", prefix + "three"]
    assert _warnings.on_real_trials([], ["two"]) == []


def test_adjustment_names_the_parameters_of_few_effective_trials() -> None:
    assert _warnings.on_adjustment({"a": 1.0}, is_adaptive=False) == []
    (message,) = _warnings.on_adjustment({"a": 20.0, "b": 300.0}, is_adaptive=True)
    assert message.endswith("a p-value, where there is one, is that of a model of the trials.")
    (message,) = _warnings.on_adjustment({"a": 19.9, "b": 300.0, "c": 3.4}, is_adaptive=True)
    assert "that of a model of the trials. For these" in message
    assert message.endswith("fewer than 20 evenly drawn trials: a (20), c (3).")


def test_unmeasured() -> None:
    assert _warnings.on_unmeasured([]) == []
    (message,) = _warnings.on_unmeasured(["a", "b"])
    assert message == "Too few trials have these parameters to tell: a, b."
