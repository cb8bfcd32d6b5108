"""ScoreLook: one look at the draws of a running study, worked out as far as it is needed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from optuna.logging import get_logger

from optuna_hpx.law._band import TuningCurveBand, band_of
from optuna_hpx.law._error import NoLawError
from optuna_hpx.law._fit import check_enough, score_bounds
from optuna_hpx.law._law import AsymptoticLaw
from optuna_hpx.law._settings import LAW_DRAWS
from optuna_hpx.trials.table import loss_sign

if TYPE_CHECKING:
    from optuna_hpx.law._draws import Draws
    from optuna_hpx.law._settings import LawSettings
    from optuna_hpx.law._stopping import StopQuestion, StopVerdict

__all__ = ["ScoreLook"]

_logger = get_logger("optuna.hpx")


@dataclass(eq=False)
class ScoreLook:
    """The first so many draws of a study, and what they tell when somebody asks.

    Draws cost a callback little, a law up to a second. Most looks need none: nobody reads it, and
    that a study goes on is settled by what the draws tell without one.

    Attributes:
        sample: The draws.
        settings: What else is known.
        question: What is asked of them.
        is_random: Whether the trials to come are random draws.
        has_law: Whether there are so many that a law is wanted.
    """

    sample: Draws
    settings: LawSettings
    question: StopQuestion
    is_random: bool
    has_law: bool

    @cached_property
    def band(self) -> TuningCurveBand | None:
        """What the draws tell without a law; None if none has a score."""
        if not len(self.sample.losses):
            return None
        scores = loss_sign(self.sample.direction) * self.sample.losses
        return band_of(self.sample, ends=score_bounds(scores, self.settings))

    def check(self) -> None:
        """Look for what is wrong with the draws, before anything is fitted.

        Raises:
            NoLawError: If a law is wanted, and no draw has a score.
            ValueError: If a score is out of its bounds.
        """
        band = self.band
        if not self.has_law:
            return
        try:
            check_enough(self.sample)
        except NoLawError as error:
            if band is None:
                raise
            if len(self.sample) >= LAW_DRAWS:
                _logger.warning(f"No law: {error}")

    @property
    def law(self) -> AsymptoticLaw | None:
        """The law, if there is one."""
        return self._fitted[0]

    @property
    def lacking(self) -> str:
        """Why there is no law, though one is wanted; else ""."""
        return self._fitted[1]

    @cached_property
    def _fitted(self) -> tuple[AsymptoticLaw | None, str]:
        if not self.has_law:
            return None, ""
        try:
            return AsymptoticLaw.of_draws(self.sample, self.settings), ""
        except NoLawError as error:
            return None, f"No law: {error}"
        except Exception as error:  # whatever it is, it must not cost the user the optimization
            reason = f"No law of {len(self.sample)} draws: {error}"
            _logger.warning(reason, exc_info=not isinstance(error, ValueError))
            return None, reason

    @property
    def outlook(self) -> AsymptoticLaw | TuningCurveBand | None:
        """The law, or else the band."""
        return self.law or self.band

    @cached_property
    def verdict(self) -> StopVerdict | None:
        """What is to be gained, and whether to stop; None if no draw has a score."""
        if (outlook := self.outlook) is None:
            return None
        return self.question.judge(outlook, is_random=self.is_random)

    @property
    def reason(self) -> str:
        """What is to be gained, and why there is no law if one is wanted."""
        verdict = self.verdict
        return " ".join(filter(None, [self.lacking, verdict.reason if verdict else ""]))

    @property
    def is_stop(self) -> bool:
        """Whether to stop."""
        if self.question.stop is None or not self.has_law or self._goes_on_anyway:
            return False
        return self.verdict is not None and self.verdict.is_stop

    @property
    def _goes_on_anyway(self) -> bool:
        """Whether no law would stop a random search: the bound is at least the band's."""
        stop = self.question.stop
        if not self.is_random or stop is None or self.band is None:
            return False
        horizon, confidence = self.question.horizon, self.question.confidence
        return self.band.gain_bound(horizon, confidence=confidence) > stop
