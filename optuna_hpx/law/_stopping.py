"""StopQuestion: what a callback asks of a law to decide whether a study goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from optuna_hpx import _checks
from optuna_hpx.law.maths.looks import look_confidence

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

    from optuna_hpx.law._law import AsymptoticLaw

__all__ = ["StopQuestion", "ask"]


@dataclass(frozen=True)
class StopQuestion:
    """Whether the next trials improve the best score by more than ``stop``.

    It is stored with its verdict, which holds for all callbacks whose question is equal.

    Attributes:
        stop: The smallest gain that is worth going on for; None: never stop.
        horizon: Random trials over which the gain is forecast.
        confidence: That no gain is lost.
        target: Name and direction of what is assessed; None for the objective.
    """

    stop: float | None
    horizon: int
    confidence: float
    target: tuple[str, str] | None

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as JSON has them when they are read again."""
        target = None if self.target is None else list(self.target)
        return {**asdict(self), "target": target}

    def judge(self, law: AsymptoticLaw, *, is_random: bool) -> str:
        """Say why to stop; "" to go on.

        Args:
            law: Of the study's draws; one that does not describe them stops nothing.
            is_random: Whether the trials to come are random draws. If not, a cleverer sampler
                may find what they would not, up to the best possible score.
        """
        if self.stop is None or not law.describes:
            return ""
        confidence = look_confidence(self.confidence)
        if is_random:
            best, bound = law.best, law.gain_bound(self.horizon, confidence=confidence)
            claim = f"{self.horizon} more random trials improve the best score {best:.6g} by"
        else:
            best = law.best_of_all
            bound = law.regret_bound(best, confidence=confidence)
            claim = f"The best possible score is better than the best one, {best:.6g}, by"
        if bound > self.stop:
            return ""
        percent = f"{100 * self.confidence:.3g} % confidence"
        return f"{claim} at most {max(bound, 0.0):.3g}, with {percent}."


def ask(
    stop: float | None,
    horizon: int,
    confidence: float,
    target: Callable[[FrozenTrial], float] | None,
    target_direction: str,
) -> StopQuestion:
    """Check the arguments of a question, and make numbers of any kind those that JSON has.

    Raises:
        TypeError: If an argument has the wrong type.
        ValueError: If an argument is out of its range.
    """
    if stop is not None:
        _checks.finite("stop", stop)
        if stop <= 0.0:
            raise ValueError(f"`stop` must be positive or None, got {stop!r}.")
    if target is not None and not callable(target):
        raise TypeError(f"`target` must be callable or None, got {target!r}.")
    _checks.one_of("target_direction", target_direction, ("minimize", "maximize"))
    _checks.count("horizon", horizon)
    _checks.quantile("confidence", confidence)
    return StopQuestion(
        stop=None if stop is None else float(stop),
        horizon=int(horizon),
        confidence=float(confidence),
        target=None if target is None else (_name_of(target), target_direction),
    )


def _name_of(target: Callable[[FrozenTrial], float]) -> str:
    """Name a function as every process does that runs the same code."""
    return getattr(target, "__qualname__", repr(target))
