"""What a reader is warned of, and where the warnings begin."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from optuna.distributions import CategoricalDistribution

from optuna_hpx import TrialTable
from optuna_hpx.importance import _warnings
from optuna_hpx.importance._assessed_trials import AssessedTrials
from optuna_hpx.importance._basis import Basis
from optuna_hpx.importance._split import Ranking, Split
from optuna_hpx.importance._subspace import Selection, Target
from optuna_hpx.trials.table import Column
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
    return replace(real, real=real, teachers=selection) if is_virtual else real


@pytest.mark.parametrize(("n", "is_warned"), [(0, False), (2, True), (4, True), (5, False)])
def test_a_target_set_of_few(n: int, is_warned: bool) -> None:
    expected = (
        f"Only {n} of 20 trials are in the target set: the importances are very uncertain. Ask "
        "for a wider target."
    )
    assert _warnings.on_target_set(cut(n), trials("independent")) == [expected] * is_warned


def test_of_a_part_of_chosen_trials_missing_p_values_are_said() -> None:
    chosen = trials("adaptive")
    assert "No p-values" in _warnings.on_part_of_chosen(chosen, is_part=True)[0]
    assert _warnings.on_part_of_chosen(chosen, is_part=False) == []
    assert _warnings.on_part_of_chosen(trials("independent"), is_part=True) == []


def test_of_too_few_to_correct_it_is_said_once() -> None:
    assert _warnings.on_target_set(cut(1), trials("independent")) == []


def test_a_small_target_set_does_not_matter_to_ranks() -> None:
    ranked = replace(cut(3), is_ranked=True)
    assert _warnings.on_target_set(ranked, trials("independent")) == []


def test_points_are_not_called_trials() -> None:
    (message,) = _warnings.on_target_set(cut(3), trials("adaptive", is_virtual=True))
    assert message.startswith("Only 3 of 20 points are")


def test_several_objectives_are_about_the_front_unless_one_is_assessed() -> None:
    (message,) = _warnings.on_target_set(cut(10, 2), trials("independent"))
    assert message.startswith("Good means near the Pareto front")
    assert "`target=`" in message
    for target in ("feasible", lambda trial: 0.0):
        assert _warnings.on_target_set(cut(10, 2), trials("independent", target=target)) == []
    assert len(_warnings.on_target_set(cut(3, 2), trials("independent"))) == 2


@pytest.mark.parametrize(
    ("importances", "total"),
    [([], None), ([0.5, 0.5], None), ([1.05], None), ([0.6, 0.46], "1.06")],
)
def test_overlap(importances: list[float], total: str | None) -> None:
    messages = _warnings.on_overlap(np.array(importances))
    assert len(messages) == (total is not None)
    for message in messages:
        assert message.startswith(f"The importances add up to {total}, ")


SOME, NONE = np.array([0.3, 0.0]), np.zeros(2)


class TestSampling:
    @pytest.mark.parametrize("sampling", ["independent", "even", "mixed", "unknown"])
    def test_trials_that_were_not_chosen(self, sampling: str) -> None:
        """What is left out, or not known, is among the notes of the basis."""
        assert _warnings.on_sampling(trials(sampling), SOME) == []
        assert _warnings.on_sampling(trials(sampling, skill=0.3), SOME) == []

    def test_chosen_ones_are_called_so(self) -> None:
        (message,) = _warnings.on_sampling(trials("adaptive"), SOME)
        assert message.startswith("A sampler or a person chose these trials: importances are a")
        assert "p-value" not in message, "where there is one, it holds"

    def test_nothing_is_said_to_be_set_apart_where_nothing_is(self) -> None:
        (message,) = _warnings.on_sampling(trials("adaptive"), NONE)
        assert "apart" not in message
        assert "may matter and not show here" in message

    def test_a_surrogate_is_advised_only_to_who_has_not_tried_it(self) -> None:
        advice = "space='auto'"
        assert advice in _warnings.on_sampling(trials("adaptive"), SOME)[0]
        assert advice not in _warnings.on_sampling(trials("adaptive", skill=0.3), SOME)[0]

    @pytest.mark.parametrize(
        ("target", "subject"),
        [(None, "the objective"), ("feasible", "feasibility"), (lambda t: 0.0, "the target")],
    )
    def test_virtual_trials(self, target: Target | None, subject: str) -> None:
        for sampling, is_chosen in [
            ("independent", False),
            ("unknown", False),
            ("adaptive", True),
        ]:
            one = trials(sampling, skill=0.876, is_virtual=True, target=target)
            (message,) = _warnings.on_sampling(one, SOME)
            assert f"those of a surrogate of {subject}, for the whole search space" in message
            assert "skill 0.88; 1 is perfect" in message
            assert "learnt from 20 trials" in message
            assert ("a person chose" in message) is is_chosen
            assert ("p-values are those of the trials" in message) is not is_chosen

    @pytest.mark.parametrize(
        ("target", "subject"), [(None, "the objective"), ("complete", "completion")]
    )
    def test_a_surrogate_that_leaves_it_open(self, target: Target | None, subject: str) -> None:
        message = _warnings.on_disagreement(trials("adaptive", skill=0.876, target=target))
        assert f"surrogates of {subject} that the trials leave plausible disagree" in message
        assert "skill is 0.88" in message


def test_warnings_of_the_real_trials_that_are_not_said_already() -> None:
    prefix = "Of the trials themselves, by which p-values are: "
    messages = _warnings.on_real_trials(["one", "two", "three"], ["two"])
    assert messages == [prefix + "one", prefix + "three"]
    assert _warnings.on_real_trials([], ["two"]) == []


def test_adjustment_names_the_parameters_of_few_effective_trials() -> None:
    assert _warnings.on_adjustment({"a": 1.0}, is_adaptive=False) == []
    (message,) = _warnings.on_adjustment({"a": 20.0, "b": 300.0}, is_adaptive=True)
    assert message.endswith("to be sure.")
    (message,) = _warnings.on_adjustment({"a": 19.9, "b": 300.0, "c": 3.4}, is_adaptive=True)
    assert message.endswith("Worth fewer than 20 even draws: a (20) and c (3).")


def test_unmeasured() -> None:
    assert _warnings.on_unmeasured([]) == []
    (message,) = _warnings.on_unmeasured(["a", "b"])
    assert message == "Too few trials have these parameters to tell: a, b."


def test_of_choices_that_no_trial_had_a_surrogate_only_guesses() -> None:
    one = trials("independent", skill=0.9, is_virtual=True)
    assert one.real is not None
    choices = CategoricalDistribution([64, "64", 512])
    column = Column("batch", (choices,), np.zeros(20, dtype=int), np.zeros(20))
    real = replace(one.real, columns={"batch": column})
    _, message = _warnings.on_sampling(replace(one, real=real), SOME)
    assert message.startswith("Of batch = '64' and batch = 512 the surrogate only guesses")
