"""Trials that HsicSampler leaves to TPE against its rule: why, and how it is stored and told."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from optuna_hpx.trials import storage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from optuna.study import Study
    from optuna.trial import FrozenTrial

Reason: TypeAlias = Literal["tpe", "objectives", "alone", "surrogate"]

_MEANING: dict[str, str] = {
    "tpe": "this version of Optuna's TPESampler is not built as HsicSampler expects",
    "objectives": (
        "without a Gaussian process HsicSampler screens no parameters in a study with several "
        "objectives"
    ),
    "alone": "a parameter that is chosen by itself has no other to be screened against",
    "surrogate": "HsicSampler's Gaussian process could not be computed",
}
_REMEDY: dict[str, str] = {
    "tpe": "A version of Optuna that this version of optuna-hpx supports would help.",
    "objectives": (
        "With `surrogate=True` Gaussian processes choose most trials; with `cost=` TPE would "
        "still mind the cost of a trial."
    ),
    "alone": (
        "HsicSampler(group=True) chooses conditional parameters together that occur together; "
        "for a single parameter TPESampler does as well as HsicSampler(surrogate=False)."
    ),
    "surrogate": "HsicSampler(surrogate=False) does without.",
}


@dataclass(frozen=True)
class Fallback:
    """Trials that :class:`HsicSampler` left to TPE, mostly to plain TPE, for one reason.

    Attributes:
        reason: "tpe": the inside of this version of Optuna's TPE is not as expected.
            "objectives": there are several objectives, no Gaussian process, and no cost is known.
            "alone": a parameter was chosen by itself (it is the only one, or the trials do not
            all have it), and no cost is known; the other parameters of the trial may have been
            chosen by HsicSampler.
            "surrogate": the Gaussian process could not be computed, and parameters were chosen as
            with ``surrogate=False``.
        detail: What exactly was not as expected; may be empty.
        numbers: The trials, ascending.
    """

    reason: Reason
    detail: str
    numbers: tuple[int, ...]

    def __repr__(self) -> str:
        n = len(self.numbers)
        return f"<Fallback to {self.chooser} in {n} trials: {self.explanation}>"

    @property
    def chooser(self) -> str:
        """What chose the trials: "plain TPE", or "TPE" with the sampler's own changes."""
        return _chooser(self.reason)

    @property
    def explanation(self) -> str:
        """The reason in words, as the part of a sentence that follows "because"."""
        return _explain(self.reason, self.detail)


class FallbackLog:
    """Stores with a trial that it was left to TPE, and warns once for each reason."""

    def __init__(self) -> None:
        self._warned: set[str] = set()

    def record(self, study: Study, trial: FrozenTrial, reason: Reason, detail: str = "") -> None:
        """Record why a running trial, or a part of it, is chosen by TPE.

        Args:
            study: The study.
            trial: The trial; of several reasons the first is kept.
            reason: As in :class:`Fallback`.
            detail: As in :class:`Fallback`.
        """
        if storage.read(trial.system_attrs, storage.FALLBACK) is None:
            fact = {"reason": reason, "detail": detail}
            storage.write(study, trial, storage.FALLBACK, fact)
        if reason in self._warned:
            return
        self._warned.add(reason)
        # Without the trial's number: of many samplers, as a population has one for each child,
        # Python shows a text that is the same only once; and their trials are no trials of a user.
        warnings.warn(
            f"HsicSampler leaves trials to {_chooser(reason)}, because "
            f"{_explain(reason, detail)}. "
            f"{_REMEDY[reason]}",
            UserWarning,
            stacklevel=2,
        )


def read_fallbacks(trials: Sequence[FrozenTrial]) -> tuple[Fallback, ...]:
    """Read what :meth:`FallbackLog.record` stored, one entry for each reason and detail."""
    numbers: dict[tuple[Reason, str], list[int]] = {}
    for trial in trials:
        fact = storage.read(trial.system_attrs, storage.FALLBACK)
        if fact is not None:
            numbers.setdefault((fact["reason"], fact["detail"]), []).append(trial.number)
    return tuple(
        Fallback(reason, detail, tuple(sorted(group)))
        for (reason, detail), group in numbers.items()
    )


def _chooser(reason: Reason) -> str:
    return "TPE" if reason == "surrogate" else "plain TPE"


def _explain(reason: Reason, detail: str) -> str:
    return _MEANING[reason] + (f" ({detail})" if detail else "")
