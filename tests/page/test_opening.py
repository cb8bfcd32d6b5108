"""The verdict, and what to do next."""

from __future__ import annotations

from optuna_hpx.canvas.section import Action, Section, Urgency
from optuna_hpx.page._opening import opening_of, with_anchors


def _action(deed: str, urgency: Urgency, anchor: str = "") -> Action:
    return Action(deed, "Because.", "Certain.", urgency, anchor=anchor)


def _section(title: str, *actions: Action, **more: str) -> Section:
    return Section(title, answer="Yes.", actions=actions, **more)  # type: ignore[arg-type]


def test_every_section_with_a_title_has_a_place_of_its_own() -> None:
    sections = with_anchors([_section("What?"), _section("What"), Section(""), _section("X")])
    anchors = [section.anchor for section in sections]
    assert anchors == ["on-what", "on-what-again", "", "on-x"]


def test_the_most_urgent_five_come_first_and_keep_their_order() -> None:
    settle = [_action(f"s{k}", Urgency.SETTLE) for k in range(4)]
    sections = with_anchors(
        [
            _section("A", *settle),
            _section("B", _action("c", Urgency.CHANGE), _action("m", Urgency.MEND)),
        ]
    )
    steps = opening_of(sections).steps
    assert [step.action.deed for step in steps] == ["m", "c", "s0", "s1", "s2"]
    assert [step.title for step in steps] == ["B", "B", "A", "A", "A"]
    assert steps[0].anchor == "on-b"


def test_an_action_leads_to_the_part_that_it_names_of_any_section() -> None:
    part = Section("lr", answer="Low.", anchor="parameter-1")
    whole = Section("Where", parts=(Section("no anchor", answer="."), part))
    offers = _section(
        "What", _action("a", Urgency.CHANGE, "parameter-1"), _action("b", Urgency.CHANGE, "gone")
    )
    first, second = opening_of(with_anchors([offers, whole])).steps
    assert (first.title, first.anchor) == ("lr", "parameter-1")
    assert (second.title, second.anchor) == ("What", "on-what")


def test_the_verdict_is_that_of_sections_that_are_shown() -> None:
    shown = _section("A", verdict="It is so.")
    empty = Section("B", verdict="It is not.")
    opening = opening_of(with_anchors([shown, empty, _section("C")]))
    assert [line.text for line in opening.verdict] == ["It is so."]
    assert opening.to_dict()["verdict"] == [{"text": "It is so.", "section": "A"}]
