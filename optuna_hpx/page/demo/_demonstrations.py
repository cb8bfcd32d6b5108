"""What each demonstration is: its study, how long it takes, and what it needs."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from optuna_hpx.page.demo._job import Job

__all__ = ["DEMONSTRATIONS", "Demo"]


@dataclass(frozen=True)
class Demo:
    """A demonstration.

    Attributes:
        study_name: The name of its study.
        direction: In which it is optimised.
        metric: What its values are.
        n_trials: How many trials it has, if not told.
        n_workers: How many processes share them, if not told. One where what a trial does depends
            on those that have ended: with several the same seed would give other trials.
        module: Where its ``tune`` is, which one worker calls; imported by workers only.
        is_random: Whether all its trials are independent random draws.
    """

    study_name: str
    direction: Literal["minimize", "maximize"]
    metric: str
    n_trials: int
    n_workers: int
    module: str
    is_random: bool = False

    @property
    def tune(self) -> Callable[[Job], None]:
        """The function that runs a worker's share of the trials."""
        module = importlib.import_module(f"optuna_hpx.page.demo.{self.module}")
        tune: Callable[[Job], None] = module.tune
        return tune


DEMONSTRATIONS = {
    "digits": Demo("digits", "minimize", "log loss", 400, 2, "_digits", is_random=True),
    "population": Demo("digits population", "minimize", "log loss", 240, 1, "_population"),
    "tasks": Demo("digits tasks", "maximize", "accuracy", 40, 1, "_tasks", is_random=True),
    "torch": Demo("digits torch", "minimize", "log loss", 200, 1, "_torch"),
}
