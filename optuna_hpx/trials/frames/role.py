"""What one column of a table is taken as."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Role"]


@dataclass(frozen=True)
class Role:
    """What one column is taken as.

    Attributes:
        column: Its name in the table.
        kind: "parameter", "left out", or what else is read of it, as "objective" or "state".
        reason: Why it is left out.
        doubt: What speaks against that; empty where nothing does.
    """

    column: str
    kind: str
    reason: str = ""
    doubt: str = ""

    @property
    def is_parameter(self) -> bool:
        """Whether the column is a parameter."""
        return self.kind == "parameter"
