"""The kind of error that says what is lacking, though the arguments are right."""

from __future__ import annotations

__all__ = ["LackingError"]


class LackingError(ValueError):
    """Something cannot be said, for want of what it would rest on.

    Attributes:
        reason: What is lacking, in one sentence for a person who reads no code.
        advice: What to do about it, in terms of code; "" if there is nothing to say.
    """

    def __init__(self, reason: str, advice: str = "") -> None:
        super().__init__(reason, advice)
        self.reason = reason
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.reason} {self.advice}".rstrip()
