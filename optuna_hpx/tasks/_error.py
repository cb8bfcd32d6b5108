"""NoCertificateError: why the best configuration of a study has no certificate."""

from __future__ import annotations

__all__ = ["NoCertificateError"]


class NoCertificateError(ValueError):
    """There is no certificate for this study, though the arguments are right.

    Attributes:
        reason: What the study lacks, in one sentence.
        advice: What to do about it, in terms of code; "" if there is nothing to say.
    """

    def __init__(self, reason: str, advice: str = "") -> None:
        super().__init__(reason, advice)
        self.reason = reason
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.reason} {self.advice}".rstrip()
