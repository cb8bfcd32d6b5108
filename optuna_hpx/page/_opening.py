"""How a page opens: a verdict in plain words, what to do next, and where it is shown.

The wings say it with their sections; here it is only collected, ordered and linked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from optuna_hpx.canvas.section import Action, Section

__all__ = ["Line", "LinkedAction", "Opening", "opening_of", "with_anchors"]

_MAX_STEPS = 5  # more are a list that nobody works through


@dataclass(frozen=True)
class Line:
    """A part of the verdict.

    Attributes:
        text: What is said.
        title: Of the section that shows it.
        anchor: Where that is.
    """

    text: str
    title: str
    anchor: str


@dataclass(frozen=True)
class LinkedAction:
    """An action, and the section that shows why.

    Attributes:
        action: What to do.
        title: Of the section, or of its part.
        anchor: Where that is.
    """

    action: Action
    title: str
    anchor: str


@dataclass(frozen=True)
class Opening:
    """What a page says first.

    Attributes:
        verdict: In the order of the sections.
        steps: At most five, the most urgent first.
    """

    verdict: tuple[Line, ...] = ()
    steps: tuple[LinkedAction, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return all as plain values."""
        return {
            "verdict": [{"text": line.text, "section": line.title} for line in self.verdict],
            "actions": [
                {
                    "deed": step.action.deed,
                    "reason": step.action.reason,
                    "confidence": step.action.confidence,
                    "urgency": step.action.urgency.name.lower(),
                    "code": step.action.code,
                    "section": step.title,
                }
                for step in self.steps
            ],
        }


def with_anchors(sections: Iterable[Section]) -> list[Section]:
    """Give each section that has a title a place that links lead to."""
    anchors: set[str] = set()
    anchored = []
    for section in sections:
        anchor = section.anchor or _slug(section.title)
        while anchor in anchors:
            anchor += "-again"
        anchors.add(anchor)
        anchored.append(replace(section, anchor=anchor) if section.title else section)
    return anchored


def _slug(title: str) -> str:
    """Make a word of a title; not one that a parameter's anchor could be."""
    return "on-" + re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def opening_of(sections: Sequence[Section]) -> Opening:
    """Collect the verdict and the most urgent actions of sections that have their anchors."""
    shown = [section for section in sections if section.has_content]
    lines = (
        Line(section.verdict, section.title, section.anchor)
        for section in shown
        if section.verdict
    )
    parts = {part.anchor: part.title for section in shown for part in section.parts if part.anchor}
    steps = [step for section in shown for step in _steps_of(section, parts)]
    steps.sort(key=lambda step: step.action.urgency)  # stable: else in the order of the page
    return Opening(tuple(lines), tuple(steps[:_MAX_STEPS]))


def _steps_of(section: Section, parts: Mapping[str, str]) -> list[LinkedAction]:
    """Return the actions of a section, linked to it or to the part that they name."""
    return [
        LinkedAction(action, parts[action.anchor], action.anchor)
        if action.anchor in parts
        else LinkedAction(action, section.title, section.anchor)
        for action in section.actions
    ]
