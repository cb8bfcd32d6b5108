"""Sentences and their claims."""

from __future__ import annotations

from enum import Enum

from optuna_hpx.canvas.claims import Claim, Sentence, prose


class Kind(Enum):
    MATTERS = "it does"


def test_a_paragraph_is_made_of_sentences() -> None:
    assert prose([]) == ""
    assert (
        prose([Sentence("One."), Sentence("Two.", (Claim(Kind.MATTERS, ("x",)),))]) == "One. Two."
    )


def test_a_claim_has_no_subjects_or_figures_unless_given() -> None:
    claim = Claim(Kind.MATTERS)
    assert (claim.kind, claim.subjects, claim.figures) == (Kind.MATTERS, (), ())
    assert claim == Claim(Kind.MATTERS, ())
    assert Sentence("One.").claims == ()
