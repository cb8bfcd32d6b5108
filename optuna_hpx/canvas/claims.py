"""Sentences, and what they claim: so that it can be counted how often a page is wrong.

A section is put together from sentences. Each lists its claims: of which kind, of whom, with which
figures. ``benchmarks/page/claims.py`` judges them where the truth is known.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

__all__ = ["Claim", "Sentence", "prose"]


@dataclass(frozen=True)
class Claim:
    """One thing that a sentence says.

    Attributes:
        kind: Its kind; the value of the enumeration says when such a claim is true.
        subjects: The names of those of whom it is said.
        figures: The numbers that it rests on or gives, in the order that its kind has them.
    """

    kind: Enum
    subjects: tuple[str, ...] = ()
    figures: tuple[float, ...] = ()


@dataclass(frozen=True)
class Sentence:
    """A sentence, or a few that belong together.

    Attributes:
        text: As it stands on the page.
        claims: What it claims; none if it only explains or tells what to do.
    """

    text: str
    claims: tuple[Claim, ...] = ()


def prose(sentences: Iterable[Sentence]) -> str:
    """Join sentences to a paragraph."""
    return " ".join(sentence.text for sentence in sentences)
