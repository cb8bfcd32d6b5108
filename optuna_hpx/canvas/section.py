"""A section of the page: what a wing has to say of a study, in one type for all of them.

A wing makes its sections, the page orders and draws them, and neither knows the other's inside.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from optuna_hpx.canvas.claims import Claim

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["Action", "Chart", "Section", "TextTable", "Urgency"]


class Urgency(IntEnum):
    """What an action is for: the page lists the smaller first."""

    MEND = 1
    """What is broken makes all else doubtful."""
    DECIDE = 2
    """Whether to go on."""
    CHANGE = 3
    """What to change in the next search."""
    SETTLE = 4
    """What would tell that which is still open."""


@dataclass(frozen=True)
class Action:
    """One thing that a reader may do next, offered by the section that shows why.

    Attributes:
        deed: What to do, as an imperative; with "may" or "if" where the evidence is weak.
        reason: Why, in a sentence.
        confidence: How sure the reason is, in a sentence.
        urgency: What it is for.
        code: The line of Python that does it; empty if there is none.
        anchor: Of the part that shows it; empty for the section itself.
        claims: What ``benchmarks/page/claims.py`` judges it by; none for a plain fact.
    """

    deed: str
    reason: str
    confidence: str
    urgency: Urgency
    code: str = ""
    anchor: str = ""
    claims: tuple[Claim, ...] = ()


@dataclass(frozen=True)
class Chart:
    """A figure, and what it shows in words for a reader who does not see it.

    Attributes:
        figure: The figure, with its height in its layout.
        label: One line, as "Bar chart: the importance of 5 parameters".
    """

    figure: go.Figure
    label: str


@dataclass(frozen=True)
class TextTable:
    """A table of text whose rows are headed by their first cell.

    Attributes:
        caption: What the table shows.
        head: A head for each column.
        rows: Cells, as many in each row as there are heads.
        numeric: Columns that hold numbers, to be set flush right.
        anchors: For each row the anchor of the section that its head leads to; empty for none.
        has_long_heads: Whether rows are headed by names of any length, that may be broken.
    """

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: frozenset[int] = frozenset()
    anchors: tuple[str, ...] = ()
    has_long_heads: bool = False


@dataclass(frozen=True)
class Section:
    """What the page says to one question.

    It is drawn in the order of these attributes.

    Attributes:
        title: The question, or what is shown; "" for a part that needs no heading of its own.
        note: Beside the title, in small print: a number, an interval.
        warnings: What a reader must know first.
        answer: One paragraph that a person can act on; empty where the charts are all there is.
        basis: What the answer rests on, in one paragraph.
        charts: Drawn below the words.
        tables: Below the charts.
        parts: Sections within this one.
        anchor: Where links lead; empty if none does.
        is_folded: Whether a reader must open it.
        key: What programs find ``data`` by, one word that stays as titles change.
        data: The numbers of the section as JSON has them, unrounded: of a result its
            :meth:`~optuna_hpx.canvas.result.Result.to_dict`. They are in no page, but in the file
            that ``--json`` writes.
        verdict: What the opening of the page says of it, in a sentence or two; empty for nothing.
        actions: What a reader may do next for what is shown here.
        how_to_read: What the charts and the tables show, for a reader who sees such for the first
            time; it is folded.
        is_detail: Whether the page folds it below all that a reader should see at once.
        fault: Why it could not be made, if a fault of this package is why; the warnings say it.
    """

    title: str
    note: str = ""
    warnings: tuple[str, ...] = ()
    answer: str = ""
    basis: str = ""
    charts: tuple[Chart, ...] = ()
    tables: tuple[TextTable, ...] = ()
    parts: tuple[Section, ...] = ()
    anchor: str = ""
    is_folded: bool = False
    key: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    verdict: str = ""
    actions: tuple[Action, ...] = ()
    how_to_read: str = ""
    is_detail: bool = False
    fault: str = ""

    @property
    def has_content(self) -> bool:
        """Whether there is anything to say or to show."""
        return bool(
            self.warnings
            or self.answer
            or self.basis
            or self.charts
            or self.tables
            or any(part.has_content for part in self.parts)
        )
