"""What HsicSampler believes of the parameters, kept for as long as it holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from optuna_hpx.samplers.maths.cost_model import CostModel
from optuna_hpx.trials import storage

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

    from optuna_hpx.samplers._fallbacks import Reason
    from optuna_hpx.samplers._tpe import Choice

_DIGITS = 4  # of what is stored for a reader; the choice itself uses all


class HyperparameterMemory:
    """The last hyperparameters of a Gaussian process, by the trials and the space they are of."""

    def __init__(self) -> None:
        self._key: Any = None
        self._thetas: list[np.ndarray] = []

    def recall(self, key: Any) -> list[np.ndarray] | None:
        """Return what was kept under ``key``, if that was the last."""
        return self._thetas if key == self._key else None

    def keep(self, key: Any, thetas: list[np.ndarray]) -> None:
        """Keep hyperparameters in place of the last ones."""
        self._key, self._thetas = key, thetas


@dataclass(frozen=True)
class Belief:
    """What the finished trials say of the parameters of one choice.

    Attributes:
        activity: (d,) how much each parameter counts, in the order of the space.
        is_screened: Whether activities come from the trials; else all are 1.
        cost: What a trial will cost, if it is to be minded and enough is known.
        fallback: Why the choice is that of plain TPE, if it is so for another reason than that
            there are too few trials yet.
    """

    activity: np.ndarray
    is_screened: bool
    cost: CostModel | None
    fallback: Reason | None = None


class StudyMemory:
    """The beliefs about one study after the last fit."""

    def __init__(self) -> None:
        self._n = -1
        self._beliefs: dict[str, Belief] = {}  # by the space's text, as choices may be lists
        self._published: tuple[int, dict[str, Any]] = -1, {}
        self._n_odd_costs = 0
        self.hyperparameters = HyperparameterMemory()

    def recall(self, n: int, space: dict[str, BaseDistribution]) -> Belief | None:
        """Return the belief about a space after ``n`` trials; forget those of another number."""
        if n != self._n:
            self._n = n
            self._beliefs.clear()
        return self._beliefs.get(repr(space))

    def keep(self, choice: Choice, belief: Belief) -> None:
        """Keep a belief until the next fit, and publish it with the trial that it is for."""
        self._beliefs[repr(choice.space)] = belief
        if belief.is_screened or belief.cost is not None:
            self._publish(choice, belief)

    def has_more_odd_costs(self, n_odd: int) -> bool:
        """Note the number of costs that are no positive numbers; return whether it has grown."""
        has_grown = n_odd > self._n_odd_costs
        self._n_odd_costs = max(n_odd, self._n_odd_costs)
        return has_grown

    def _publish(self, choice: Choice, belief: Belief) -> None:
        """Store the belief in the trial, with those about other parameters of the same trial."""
        number, record = self._published
        if number != choice.trial.number:
            record = {"n": self._n, "activity": {}, "cost": {}}
        if belief.is_screened:
            record["activity"].update(_by_name(choice, belief.activity))
        if belief.cost is not None:
            record["cost"].update(_by_name(choice, belief.cost.spread))
        self._published = choice.trial.number, record
        storage.write(choice.study, choice.trial, storage.BELIEF, record)


def _by_name(choice: Choice, values: np.ndarray) -> dict[str, float]:
    return {
        name: round(float(value), _DIGITS)
        for name, value in zip(choice.space, values, strict=True)
    }
