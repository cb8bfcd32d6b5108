"""What a page says, as HTML for a person and as JSON for a program."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import optuna

from optuna_hpx import __version__
from optuna_hpx.canvas.result import plain
from optuna_hpx.canvas.section import Section
from optuna_hpx.page._opening import Opening, opening_of, with_anchors
from optuna_hpx.page._render import render

__all__ = ["SCHEMA_VERSION", "Content"]

SCHEMA_VERSION = 1
"""Of the JSON: it grows by one when a key goes or means something else, and not by new keys."""


@dataclass(frozen=True, eq=False)
class Content:
    """What a page says.

    Attributes:
        kind: The command that makes it.
        title: Its heading.
        facts: Pairs of a term and its description.
        summary: The numbers in the facts.
        sections: What follows.
    """

    kind: str
    title: str
    facts: tuple[tuple[str, str], ...]
    summary: Mapping[str, Any]
    sections: tuple[Section, ...]

    def to_html(self, *, reload_seconds: float | None = None) -> str:
        """Write a page that needs no other file and no network.

        Args:
            reload_seconds: After how long it reads itself again; None for never.
        """
        return render(
            self.sections,
            title=self.title,
            facts=self.facts,
            opening=self.opening,
            reload_seconds=reload_seconds,
        )

    @property
    def opening(self) -> Opening:
        """What is said first: the verdict, and what to do next."""
        return opening_of(with_anchors(self.sections))

    @property
    def faults(self) -> list[str]:
        """Why sections could not be made; none if all is as it should be."""
        return list(_faults(self.sections))

    def to_dict(self) -> dict[str, Any]:
        """Return all as plain values, as ``docs/json.md`` describes them."""
        return {
            "schema_version": SCHEMA_VERSION,
            "kind": self.kind,
            "made_by": {"optuna_hpx": __version__, "optuna": optuna.__version__},
            "title": self.title,
            "facts": [{"term": term, "description": text} for term, text in self.facts],
            "summary": plain(self.summary),
            "opening": self.opening.to_dict(),
            "data": {section.key: plain(section.data) for section in _with_data(self.sections)},
            "sections": [_words(section) for section in self.sections if section.has_content],
        }

    def to_json(self) -> str:
        """Write all as JSON; None where a number is unknown or not finite."""
        text = json.dumps(self.to_dict(), indent=1, ensure_ascii=False, allow_nan=False)
        # A half of a pair has no form in UTF-8, but one in JSON.
        return re.sub("[\ud800-\udfff]", lambda half: f"\\u{ord(half[0]):04x}", text) + "\n"


def _with_data(sections: Iterable[Section]) -> Iterator[Section]:
    """List the sections, and their parts, that have data."""
    for section in sections:
        if section.key:
            yield section
        yield from _with_data(section.parts)


def _faults(sections: Iterable[Section]) -> Iterator[str]:
    for section in sections:
        if section.fault:
            yield section.fault
        yield from _faults(section.parts)


def _words(section: Section) -> dict[str, Any]:
    """Return what a section says, with its tables as they are shown."""
    return {
        "key": section.key,
        "title": section.title,
        "note": section.note,
        "warnings": list(section.warnings),
        "answer": section.answer,
        "basis": section.basis,
        "how_to_read": section.how_to_read,
        "charts": [chart.label for chart in section.charts],
        "tables": [
            {
                "caption": table.caption,
                "head": list(table.head),
                "rows": [list(row) for row in table.rows],
            }
            for table in section.tables
        ],
        "parts": [_words(part) for part in section.parts if part.has_content],
    }
