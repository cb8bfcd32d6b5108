"""What a notebook takes as an argument is an option of the command."""

from __future__ import annotations

import pytest

from optuna_hpx.canvas.section import Action, Section, Urgency
from optuna_hpx.page._spelling import as_options, option_names, with_options


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("space='trials' describes the trials", "--space trials describes the trials"),
        ("or ask for space='auto'.", "or ask for --space auto."),
        ("say sampling='adaptive'.", "say --sampling adaptive."),
        ("a wider one, as target_quantile=0.3, may", "a wider one, as --target-quantile 0.3, may"),
        ("where `region_quantile` is below 1.", "where --region-quantile is below 1."),
        ("x and target_value matter beyond", "x and target_value matter beyond"),
        ("Pass `sampler=` if you know.", "Pass --sampling independent if you know."),
        ("or pass `sampler=RandomSampler()`: no", "or pass --sampling independent: no"),
        ("target='complete' asks", "target='complete' asks"),
        ("AsymptoticLawCallback(interleave=4)", "AsymptoticLawCallback(interleave=4)"),
        ("A parameter search_space='x' of a user", "A parameter search_space='x' of a user"),
        (
            "sampling='independent', and TrialTable.of(study).take(rows)",
            "sampling='independent', and TrialTable.of(study).take(rows)",
        ),
    ],
)
def test_options(text: str, spelled: str) -> None:
    assert as_options(text) == spelled


def test_an_error_names_options() -> None:
    assert option_names("no column 'x'. Change `value`.") == "no column 'x'. Change --value."
    assert option_names("no `column` of that name") == "no `column` of that name"


def test_all_that_a_section_says_and_no_code() -> None:
    advice, option = "space='trials'", "--space trials"
    action = Action(advice, advice, advice, Urgency.DECIDE, code="f(space='trials')")
    part = Section(
        "t", warnings=(advice,), answer=advice, basis=advice, verdict=advice, how_to_read=advice
    )
    whole = Section("T", actions=(action,), parts=(part,))
    (spelled,) = with_options([whole])
    changed = spelled.parts[0]
    assert changed.warnings == (option,)
    assert {changed.answer, changed.basis, changed.verdict, changed.how_to_read} == {option}
    assert spelled.actions[0].deed == spelled.actions[0].reason == option
    assert spelled.actions[0].confidence == option
    assert spelled.actions[0].code == "f(space='trials')"
