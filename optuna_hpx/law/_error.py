"""NoLawError: why some trials have no law."""

from __future__ import annotations

from optuna_hpx._errors import LackingError

__all__ = ["NoLawError"]


class NoLawError(LackingError):
    """There is no law of these trials, though the arguments are right.

    Attributes:
        reason: What the trials lack, in one sentence for a person who reads no code.
        advice: What to do about it, in terms of code; "" if there is nothing to say.
        needs_draws: Whether more independent random draws would mend it.

    Example:
        >>> from optuna_hpx import AsymptoticLaw, NoLawError
        >>> try:
        ...     law = AsymptoticLaw.fit([0.3, 0.2, 0.4])
        ... except NoLawError as error:
        ...     print(error.reason)
        The law needs at least 20 finite scores; there are 3.
    """

    def __init__(self, reason: str, advice: str = "", *, needs_draws: bool = False) -> None:
        super().__init__(reason, advice)
        self.needs_draws = needs_draws
