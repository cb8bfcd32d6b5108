"""The beliefs about a study are kept until the next fit, and stored with the trial."""

from __future__ import annotations

from typing import Any

import numpy as np
import optuna
from optuna.distributions import BaseDistribution, FloatDistribution

from optuna_hpx.samplers._memory import Belief, StudyMemory
from optuna_hpx.samplers._tpe import Choice
from optuna_hpx.samplers.maths.cost_model import CostModel
from optuna_hpx.trials import storage

UNIT = FloatDistribution(0.0, 1.0)
XY: dict[str, BaseDistribution] = {"x": UNIT, "y": UNIT}


def belief(*activity: float, spread: tuple[float, ...] = (), is_screened: bool = True) -> Belief:
    cost = CostModel((), (), np.array(spread)) if spread else None
    return Belief(np.array(activity), is_screened, cost)


class Fits:
    """A memory of a study, and choices of its trials."""

    def __init__(self) -> None:
        self.memory, self.study = StudyMemory(), optuna.create_study()

    def ask(self) -> optuna.trial.FrozenTrial:
        return self.study.ask()._cached_frozen_trial

    def choice(
        self, trial: optuna.trial.FrozenTrial, space: dict[str, BaseDistribution] = XY
    ) -> Choice:
        return Choice(self.study, trial, space)

    def stored(self) -> list[Any]:
        return [storage.read(t.system_attrs, storage.BELIEF) for t in self.study.trials]


def test_a_belief_is_kept_for_its_space_until_the_next_fit() -> None:
    fits = Fits()
    memory, choice = fits.memory, fits.choice(fits.ask())
    assert memory.recall(10, XY) is None
    one = belief(1.0, 0.5)
    memory.keep(choice, one)
    assert memory.recall(10, dict(XY)) is one
    assert memory.recall(10, {"x": UNIT}) is None
    assert memory.recall(10, {"x": UNIT, "y": FloatDistribution(0.0, 2.0)}) is None
    assert memory.recall(10, {"y": UNIT, "x": UNIT}) is None, "activities are in order"
    assert memory.recall(13, XY) is None
    assert memory.recall(10, XY) is None, "forgotten with the next fit"


def test_activities_and_spreads_are_stored_by_name_with_four_digits() -> None:
    fits = Fits()
    fits.memory.recall(10, XY)
    fits.memory.keep(fits.choice(fits.ask()), belief(1.0, 0.123456, spread=(0.00004, 2.00006)))
    assert fits.stored() == [
        {"n": 10, "activity": {"x": 1.0, "y": 0.1235}, "cost": {"x": 0.0, "y": 2.0001}}
    ]


def test_only_what_comes_from_the_trials_is_stored() -> None:
    fits = Fits()
    fits.memory.recall(10, XY)
    trials = [fits.ask() for _ in range(3)]
    fits.memory.keep(fits.choice(trials[0]), belief(1.0, 1.0, is_screened=False))
    fits.memory.keep(
        fits.choice(trials[1]), belief(1.0, 1.0, is_screened=False, spread=(1.0, 2.0))
    )
    fits.memory.keep(fits.choice(trials[2]), belief(1.0, 0.5))
    assert fits.stored() == [
        None,
        {"n": 10, "activity": {}, "cost": {"x": 1.0, "y": 2.0}},
        {"n": 10, "activity": {"x": 1.0, "y": 0.5}, "cost": {}},
    ]
    assert fits.memory.recall(10, XY) is not None, "what is not stored is kept, too"


def test_beliefs_for_one_trial_are_stored_together() -> None:
    """Parameters that are chosen one by one, and then another trial begins anew."""
    fits = Fits()
    fits.memory.recall(10, XY)
    first, second = fits.ask(), fits.ask()
    fits.memory.keep(fits.choice(first, {"x": UNIT}), belief(0.5))
    fits.memory.keep(fits.choice(first, {"z": UNIT}), belief(0.25, spread=(3.0,)))
    fits.memory.keep(fits.choice(second, {"y": UNIT}), belief(0.75))
    assert fits.stored() == [
        {"n": 10, "activity": {"x": 0.5, "z": 0.25}, "cost": {"z": 3.0}},
        {"n": 10, "activity": {"y": 0.75}, "cost": {}},
    ]


def test_a_belief_bears_the_number_of_trials_that_it_rests_on() -> None:
    fits = Fits()
    for n in (10, 13):
        fits.memory.recall(n, XY)
        fits.memory.keep(fits.choice(fits.ask()), belief(1.0, 0.5))
    assert [record["n"] for record in fits.stored()] == [10, 13]


def test_odd_costs_are_told_of_when_there_are_more() -> None:
    memory = StudyMemory()
    counts = [0, 2, 2, 1, 2, 3]
    assert [memory.has_more_odd_costs(n) for n in counts] == [
        False,
        True,
        False,
        False,
        False,
        True,
    ]
