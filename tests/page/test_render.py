"""Sections on a page, whatever they say."""

from __future__ import annotations

import itertools
import re

import plotly.graph_objects as go
import pytest

from optuna_hpx.canvas.section import Action, Chart, Section, TextTable, Urgency
from optuna_hpx.page import render
from optuna_hpx.page._opening import opening_of, with_anchors
from tests.page.html import Page
from tests.page.studies import EVIL


def _chart(label: str) -> Chart:
    return Chart(go.Figure(layout={"height": 321}), label)


def _page(*sections: Section) -> Page:
    return Page(render(sections, title="t", facts=[("Trials", "7 complete")]))


def test_a_section_is_drawn_in_order() -> None:
    part = Section("Part", note="S = 1", answer="In it.", charts=(_chart("B"),), anchor="p")
    table = TextTable("Rows", ("name", "n"), (("a", "1"), ("b", "2")), frozenset({1}), ("p", "p"))
    section = Section(
        "Title",
        warnings=("Beware.",),
        answer="So it is.",
        basis="As seen.",
        charts=(_chart("A"),),
        tables=(table,),
        parts=(part, Section("", answer="It goes on.")),
    )
    page = _page(section)
    assert page.all_text().endswith(
        "Title Beware. So it is. As seen. Rows name n a 1 b 2 Part S = 1 In it. It goes on. "
        + page.all_text()[page.all_text().index("Made by") :]
    )
    tags = [tag for tag, _ in page.elements if tag in ("h2", "h3", "table", "section")]
    assert tags == ["section", "h2", "table", "section", "h3"]
    assert [a["class"] for tag, a in page.elements if tag == "p" and a] == [
        "warning",  # without JavaScript
        "warning",
        "lead",
        "hint",  # hidden, until the table is wider than the screen
    ]
    assert [a for tag, a in page.elements if tag in ("th", "td") and "class" in a] == [
        {"scope": "col", "class": "number"},
        {"class": "number"},
        {"class": "number"},
    ]
    assert [a["href"] for tag, a in page.elements if tag == "a"] == ["#sections", "#p", "#p"]
    assert page.labels() == ["A", "B"]
    styles = [a["style"] for _, a in page.elements if a.get("class") == "chart"]
    assert styles == ["min-height: 321px"] * 2


def test_the_title_and_the_facts_come_first() -> None:
    text = _page(Section("Title", answer="So it is.")).all_text()
    assert " t Trials 7 complete The charts on this page need JavaScript" in text


def test_sections_without_content_are_left_out() -> None:
    page = _page(Section("Empty"), Section("Full", answer="Yes.", parts=(Section("Hollow"),)))
    assert [tag for tag, _ in page.elements if re.fullmatch("h[2-6]", tag)] == ["h2"]
    assert "Empty" not in page.all_text()
    assert "Hollow" not in page.all_text()


def test_parts_within_parts_have_lower_headings() -> None:
    section = Section("1", parts=(Section("2", parts=(Section("3", answer="Deep."),)),))
    levels = [int(tag[1]) for tag, _ in _page(section).elements if re.fullmatch("h[1-6]", tag)]
    assert levels == [1, 2, 3, 4]
    assert all(b - a <= 1 for a, b in itertools.pairwise(levels))


def test_a_folded_section_opens_by_its_title() -> None:
    page = _page(Section("1", parts=(Section("More", answer="In it.", is_folded=True),)))
    tags = [tag for tag, _ in page.elements if tag in ("details", "summary", "h3")]
    assert tags == ["details", "summary"]


@pytest.mark.parametrize(("n_rows", "is_folded"), [(8, False), (9, True)])
def test_a_long_table_is_folded(n_rows: int, is_folded: bool) -> None:
    rows = tuple((str(k), "x") for k in range(n_rows))
    page = _page(Section("1", tables=(TextTable("Rows", ("a", "b"), rows, frozenset({1})),)))
    assert any(tag == "details" for tag, _ in page.elements) == is_folded
    assert any(tag == "caption" for tag, _ in page.elements) != is_folded
    assert page.all_text().count("Rows") == 1


def test_two_columns_of_text_are_pairs_of_a_term_and_its_description() -> None:
    rows = (("lr", "0.1"), ("units", "64"))
    page = _page(Section("1", tables=(TextTable("Best", ("name", "value"), rows),)))
    assert any(a.get("class") == "pairs" for tag, a in page.elements if tag == "dl")
    assert not any(tag == "table" for tag, _ in page.elements)
    assert "Best lr 0.1 units 64" in page.all_text()


def test_how_to_read_a_section_is_folded_and_details_are_too() -> None:
    detail = Section("Detail", answer="More.", is_detail=True)
    plain = Section("Plain", answer="So.", how_to_read="Read it so.")
    page = render([detail, plain], title="t")
    assert page.index("<h2>Plain</h2>") < page.index("<summary><h2>Detail</h2></summary>")
    assert "<summary>How to read this</summary><p>Read it so.</p></details>" in page


def test_an_opening_is_linked_and_cannot_break_the_page() -> None:
    evil = "<img src=x>"
    action = Action(evil, evil, evil, Urgency.MEND, code=evil)
    section = Section("Why", answer="So.", verdict=evil, actions=(action,))
    opening = opening_of(with_anchors([section]))
    page = Page(render([section], title="t", opening=opening))
    assert not any(tag == "img" for tag, _ in page.elements)
    assert page.all_text().count(evil) == 5
    links = [a["href"] for tag, a in page.elements if tag == "a"]
    assert links == ["#sections", "#on-why", "#on-why"]


@pytest.mark.parametrize("evil", EVIL)
def test_no_text_can_break_the_page(evil: str) -> None:
    figure = go.Figure(layout={"height": 100, "title": evil})
    table = TextTable(evil, (evil, evil), ((evil, evil),), anchors=(evil,))
    page = _page(
        Section(
            evil,
            note=evil,
            warnings=(evil,),
            answer=evil,
            basis=evil,
            charts=(Chart(figure, evil),),
            tables=(table,),
            anchor=evil,
        )
    )
    tags = [tag for tag, _ in page.elements]
    assert "b" not in tags
    assert tags.count("script") == 3, "one figure, plotly.js and what draws"
    assert page.labels() == [evil]
    assert page.figures()[0]["layout"]["title"]["text"] == evil


def test_a_name_cannot_turn_round_what_follows_it() -> None:
    page = render([Section("One", answer="of \u202eevil\u2066 5 trials")], title="\u202eabc")
    assert not {"\u202e", "\u2066"} & set(page)
    assert "of \ufffdevil\ufffd 5 trials" in page
    assert "\u05d0\u05d1" in render([Section("One", answer="of \u05d0\u05d1")], title="t")
