"""StopQuestion: what a callback asks of a law, or of a band, to decide whether to go on."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from optuna_hpx import _checks
from optuna_hpx.law._progress import band_alone, described
from optuna_hpx.law._settings import check_reference_point
from optuna_hpx.law._without_law import chance_in_words
from optuna_hpx.law.maths.looks import look_confidence

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

    from optuna_hpx.law._band import TuningCurveBand
    from optuna_hpx.law._hypervolume import HypervolumeOutlook
    from optuna_hpx.law._law import AsymptoticLaw

__all__ = ["StopQuestion", "StopVerdict", "ask"]


class StopVerdict(NamedTuple):
    """What a look brought.

    Attributes:
        reason: What is to be gained, in a sentence.
        is_stop: Whether it is so little that the study is to be stopped.
    """

    reason: str
    is_stop: bool


@dataclass(frozen=True)
class StopQuestion:
    """Whether the next trials improve the best score by more than ``stop``.

    It is stored with its verdict, which holds for all callbacks whose question is equal.

    Attributes:
        stop: The smallest gain that is worth going on for; None: never stop.
        horizon: Random trials over which the gain is forecast.
        confidence: That no gain is lost.
        target: Name and direction of what is assessed; None for the objective, or for all of
            several, whose hypervolume is then the score.
        reference_point: From which that is measured; None: as the first draws have it.
    """

    stop: float | None
    horizon: int
    confidence: float
    target: tuple[str, str] | None
    reference_point: tuple[float, ...] | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as JSON has them when they are read again.

        Without a reference point they are those that were stored before there was one.
        """
        target = None if self.target is None else list(self.target)
        fields = {**asdict(self), "target": target}
        point = fields.pop("reference_point")
        return fields if point is None else {**fields, "reference_point": list(point)}

    def judge(self, outlook: AsymptoticLaw | TuningCurveBand, *, is_random: bool) -> StopVerdict:
        """Say what is to be gained, and whether to stop.

        Args:
            outlook: Of the study's draws: their law, or their band where they have none.
            is_random: Whether the trials to come are random draws. If not, a cleverer sampler
                may find what they would not, up to the best possible score. Nothing is stopped
                without a law that describes the draws.
        """
        law = described(outlook)
        if is_random:
            best = outlook.best
            bound = outlook.gain_bound(self.horizon, confidence=self.confidence)
            # Another trial, an enqueued one, may be ahead of all random ones.
            kind = "score" if best == outlook.best_of_all else "random score"
            claim = f"{self.horizon} more random trials improve the best {kind} {best:.6g}"
        elif law is not None:
            best = law.best_of_all
            bound = law.regret_bound(best, confidence=look_confidence(self.confidence))
            claim = f"The best possible score is better than the best one, {best:.6g},"
        else:
            return StopVerdict(self._of_draws_alone(band_alone(outlook)), is_stop=False)
        if math.isinf(bound):
            chance = chance_in_words(band_alone(outlook), self.horizon)
            return StopVerdict(f"{claim} {chance}; by how much cannot be told.", is_stop=False)
        reason = f"{claim} {self._at_most(bound)}"
        # Nothing else stops: stops at 8 to 16 draws, and where the law does not describe them, are
        # few, and often wrong (in benchmarks/law/law_stopping.py "band, 8 to 16", "misfits").
        is_stop = self.stop is not None and law is not None and bound <= self.stop
        return StopVerdict(reason, is_stop=is_stop)

    def judge_front(self, outlook: HypervolumeOutlook, *, is_random: bool) -> StopVerdict:
        """Say what is to be gained with several objectives, and whether to stop.

        Args:
            outlook: Of the study's draws.
            is_random: Whether the trials to come are random draws. If not, a cleverer sampler may
                find what they would not, and no best possible front is known: nothing is stopped.
        """
        bound = outlook.gain_bound(self.horizon, confidence=look_confidence(self.confidence))
        owner = "" if is_random else "of the random ones "
        reason = (
            f"{self.horizon} more random trials increase the hypervolume {owner}"
            f"{outlook.best:.6g} {self._at_most(bound)}"
        )
        if not is_random:
            reason += " How good the sampler can get cannot be told."
        is_stop = is_random and self.stop is not None and bound <= self.stop
        return StopVerdict(reason, is_stop=is_stop)

    def _at_most(self, bound: float) -> str:
        percent = f"{100 * self.confidence:.3g} % confidence"
        return f"by at most {max(bound, 0.0):.3g}, with {percent}."

    def _of_draws_alone(self, band: TuningCurveBand) -> str:
        return (
            f"{self.horizon} more random trials beat the best random one, {band.best:.6g}, "
            f"{chance_in_words(band, self.horizon)}. How good the sampler can get cannot be told."
        )


def ask(
    stop: float | None,
    horizon: int,
    confidence: float,
    target: Callable[[FrozenTrial], float] | None,
    target_direction: str,
    reference_point: Sequence[float] | None = None,
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
        reference_point=_checked_point(reference_point, target),
    )


def _checked_point(point: Sequence[float] | None, target: object) -> tuple[float, ...] | None:
    if point is None:
        return None
    if target is not None:
        raise ValueError(
            f"`reference_point` is for several objectives, got {point!r} beside `target`, which "
            "chooses one: leave one of them out."
        )
    return tuple(check_reference_point(point).tolist())


def _name_of(target: Callable[[FrozenTrial], float]) -> str:
    """Name a function as every process does that runs the same code."""
    return getattr(target, "__qualname__", repr(target))
