"""The page as a browser shows it."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import optuna
import pytest

from optuna_hpx.canvas.section import Section
from optuna_hpx.page import build_page, render
from optuna_hpx.page._compare import content_of_pair
from tests import made_by_hand as hand
from tests.page.browser import CHROMIUM, Tab, chromium
from tests.page.pairs import chosen, drawn
from tests.page.studies import (
    evil_study,
    hostile_study,
    many_parameters,
    mixed_study,
    tasks_study,
)

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1300, "height": 900}

_VISIBLE = (
    "[...document.querySelectorAll('.chart')].filter(d => !d.closest('details:not([open])'))"
)
_ALL_DRAWN = f"{_VISIBLE}.every(d => d.querySelector('.main-svg') && d._fullData)"
_STATE = f"""{_VISIBLE}.map(d => ({{
    nTraces: d._fullData.length,
    smallest: Math.min(...d._fullData.map(t => t.x.length)),
    nMarks: d.querySelectorAll(
        '.trace path, .trace .point, .points path, .bars path, .heatmaplayer image'
    ).length,
    svgWidth: d.querySelector('.main-svg').getBoundingClientRect().width,
    width: d.getBoundingClientRect().width,
    ink: d.layout.font.color,
    text: getComputedStyle(d.querySelector('.xtick text')).fill,
}}))"""
_OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def _two_objectives() -> optuna.Study:
    values = [[float(i), float(i * (37 - i))] for i in range(40)]
    return hand.study(values, ["minimize", "maximize"], infeasible=[5, 6])


_STUDIES = {
    "mixed": mixed_study,
    "evil": evil_study,
    "hostile": hostile_study,
    "many": many_parameters,
    "two": _two_objectives,
    "tasks": tasks_study,
}


_PAGES = [*_STUDIES, "drawn", "chosen"]  # the last two compare


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    for name, make in _STUDIES.items():
        page = build_page(make(), sampler=optuna.samplers.RandomSampler())
        (folder / f"{name}.html").write_text(page, encoding="utf-8")
    for name, pair in (("drawn", drawn()), ("chosen", chosen())):
        page = content_of_pair(pair).to_html()
        (folder / f"{name}.html").write_text(page, encoding="utf-8")
    return {name: folder / f"{name}.html" for name in _PAGES}


@pytest.fixture(scope="module")
def debugger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with chromium(tmp_path_factory.mktemp("profile")) as address:
        yield address


@pytest.fixture
def tab(debugger: str) -> Iterator[Tab]:
    opened = Tab(debugger)
    yield opened
    opened.close()


def _charts(tab: Tab) -> list[dict[str, Any]]:
    tab.wait_for(_ALL_DRAWN)
    return tab.run(_STATE)


def _assert_whole(tab: Tab, page: Path) -> None:
    assert tab.complaints == []
    assert {url for url in tab.requests if not url.startswith("data:")} == {page.as_uri()}


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("name", _PAGES)
def test_every_chart_is_drawn_and_fits(
    tab: Tab, pages: dict[str, Path], name: str, size: dict[str, int]
) -> None:
    tab.look(**size)
    tab.open(pages[name])
    charts = _charts(tab)
    assert len(charts) >= (2 if name == "chosen" else 3)
    for chart in charts:
        assert chart["nTraces"] > 0
        assert chart["smallest"] > 0
        assert chart["nMarks"] > 0
        assert 200 < chart["svgWidth"] <= chart["width"] + 1
    assert tab.run(_OVERFLOW) <= 0
    _assert_whole(tab, pages[name])


def test_colours_follow_the_preference(tab: Tab, pages: dict[str, Path]) -> None:
    tab.look(**DESKTOP, scheme="dark")
    tab.open(pages["mixed"])
    dark = {(chart["ink"], chart["text"]) for chart in _charts(tab)}
    tab.look(**DESKTOP, scheme="light")
    tab.wait_for(f"{_VISIBLE}.every(d => d.layout.font.color === '#2b3037')")
    light = {(chart["ink"], chart["text"]) for chart in _charts(tab)}
    assert dark == {("#cfd4da", "rgb(207, 212, 218)")}
    assert light == {("#2b3037", "rgb(43, 48, 55)")}
    _assert_whole(tab, pages["mixed"])


def test_print_is_light_and_fits_the_paper(tab: Tab, pages: dict[str, Path]) -> None:
    tab.look(**DESKTOP, scheme="dark")
    tab.open(pages["mixed"])
    on_screen = _charts(tab)
    tab.look(**DESKTOP, scheme="dark", media="print")
    tab.wait_for(f"{_VISIBLE}.every(d => d.layout.width === 660)")
    on_paper = _charts(tab)
    assert {chart["ink"] for chart in on_paper} == {"#2b3037"}
    assert {round(chart["svgWidth"]) for chart in on_paper} == {660}
    background = tab.run("getComputedStyle(document.body).backgroundColor")
    assert background == "rgb(255, 255, 255)"
    tab.look(**DESKTOP, scheme="dark")
    tab.wait_for(f"{_VISIBLE}.every(d => !d.layout.width || d.layout.width > 660)")
    assert [chart["svgWidth"] for chart in _charts(tab)] == [
        chart["svgWidth"] for chart in on_screen
    ]
    pdf = base64.b64decode(tab.call("Page.printToPDF", printBackground=True)["data"])
    assert pdf.startswith(b"%PDF")
    _assert_whole(tab, pages["mixed"])


def test_folded_charts_are_drawn_when_opened(tab: Tab, pages: dict[str, Path]) -> None:
    tab.look(**PHONE)
    tab.open(pages["many"])
    n_charts = len(_charts(tab))
    assert n_charts < 5, "details are folded"
    detail = "document.querySelector('details.detail .chart').closest('details')"
    assert tab.run(f"{detail}.querySelector('.main-svg') === null")
    tab.run(f"{detail}.open = true")
    tab.wait_for(f"{detail}.querySelector('.main-svg') !== null")
    assert len(_charts(tab)) > n_charts
    assert tab.run(_OVERFLOW) <= 0
    _assert_whole(tab, pages["many"])


def test_a_link_opens_what_it_leads_to(tab: Tab, pages: dict[str, Path]) -> None:
    tab.look(**DESKTOP)
    tab.open(pages["many"])
    last = "document.getElementById('parameter-25')"
    assert tab.run(f"{last}.querySelector('.main-svg') === null")
    tab.run("""document.querySelector('a[href="#parameter-25"]').click()""")
    tab.wait_for(f"{last}.querySelector('.main-svg') !== null")
    assert tab.run(f"{last}.open && !{last}.parentElement.closest('details:not([open])')")
    assert tab.run(_OVERFLOW) <= 0
    _assert_whole(tab, pages["many"])


def test_charts_follow_the_window(tab: Tab, pages: dict[str, Path]) -> None:
    tab.look(**DESKTOP)
    tab.open(pages["two"])
    wide = _charts(tab)[0]["svgWidth"]
    tab.look(width=700, height=900)
    tab.wait_for(f"{_VISIBLE}[0].querySelector('.main-svg').getBoundingClientRect().width < 700")
    assert _charts(tab)[0]["svgWidth"] < wide
    assert tab.run(_OVERFLOW) <= 0


_OUTSIDE = f"""{_VISIBLE}.map(d => {{
    const box = d.getBoundingClientRect();
    return [...d.querySelectorAll('.main-svg text')]
        .map(t => [t.textContent, t.getBoundingClientRect()])
        .filter(([text, r]) => r.width && (r.left < box.left - 1 || r.right > box.right + 1))
        .map(([text]) => text);
}}).flat()"""
_IMPORTANCES = f"{_VISIBLE}.find(d => d.ariaLabel.startsWith('Bar chart'))"
_COLLISIONS = f"""(() => {{
    const d = {_IMPORTANCES};
    const boxes = (selector) =>
        [...d.querySelectorAll(selector)].map(e => e.getBoundingClientRect());
    const labels = boxes('.scatterlayer .textpoint');
    const marks = boxes('.scatterlayer path.point');
    const collide = (a, b) => a.right > b.left + 1 && a.left < b.right - 1
        && a.bottom > b.top + 1 && a.top < b.bottom - 1;
    return [labels.length, marks.length,
        labels.filter(label => marks.some(mark => collide(label, mark))).length];
}})()"""


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_no_text_is_cut_where_there_are_tasks(
    tab: Tab, pages: dict[str, Path], size: dict[str, int]
) -> None:
    tab.look(**size)
    tab.open(pages["tasks"])
    _charts(tab)
    assert tab.run(_OUTSIDE) == []


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_no_text_is_cut_and_no_label_lies_on_a_whisker(
    tab: Tab, pages: dict[str, Path], size: dict[str, int]
) -> None:
    tab.look(**size)
    tab.open(pages["mixed"])
    _charts(tab)
    assert tab.run(_OUTSIDE) == []
    assert tab.run(_COLLISIONS) == [8, 8 * 3, 0], "two caps and a chance level in each row"


def test_hovering_a_row_tells_of_its_parameter(tab: Tab, pages: dict[str, Path]) -> None:
    tab.look(**DESKTOP)
    tab.open(pages["mixed"])
    _charts(tab)
    tab.run(f"Plotly.Fx.hover({_IMPORTANCES}, {{yval: 7, xval: 0.001}})")
    hover = f"[...{_IMPORTANCES}.querySelectorAll('.hovertext')].map(e => e.textContent).join()"
    tab.wait_for(f"{hover}.length > 0")
    assert "chance alone exceeds" in tab.run(hover)


def test_no_script_but_the_two_of_the_page_runs_and_nothing_is_fetched(
    tab: Tab, pages: dict[str, Path]
) -> None:
    tab.look(**DESKTOP)
    tab.open(pages["mixed"])
    _charts(tab)
    _assert_whole(tab, pages["mixed"])
    tab.run(
        """(() => { const evil = document.createElement('script');
        evil.textContent = 'window.evil = 1'; document.body.append(evil); })()"""
    )
    assert tab.run("window.evil === undefined")
    refused = "fetch('https://example.org').then(() => 'came', () => 'refused')"
    assert tab.run(refused) == "refused"
    assert tab.complaints, "the browser says that the policy refused them"
    assert not any("example.org" in url for url in tab.requests)


def test_the_keyboard_reaches_all(tab: Tab, pages: dict[str, Path]) -> None:
    tab.look(**PHONE)
    tab.open(pages["mixed"])
    _charts(tab)
    for kind in ("keyDown", "keyUp"):
        tab.call("Input.dispatchKeyEvent", type=kind, key="Tab", code="Tab")
    assert tab.run("document.activeElement.textContent") == "Skip to the sections"
    assert tab.run("document.activeElement.getBoundingClientRect().left >= 0"), "it is seen"
    assert tab.run(
        """[...document.querySelectorAll('.scroll')].filter(d => d.clientWidth)
        .every(d => (d.scrollWidth > d.clientWidth + 1) === (d.tabIndex === 0))"""
    )
    assert tab.run("document.querySelectorAll('main, nav[aria-label], footer').length") == 3
    assert tab.run("[...document.querySelectorAll('.chart')].every(d => d.ariaLabel)")


def test_a_table_that_does_not_fit_says_so(tab: Tab, pages: dict[str, Path]) -> None:
    hints = "[...document.querySelectorAll('.hint')].filter(p => p.checkVisibility()).length"
    tab.look(**DESKTOP)
    tab.open(pages["mixed"])
    assert tab.run(hints) == 0
    tab.look(**PHONE)
    tab.wait_for(f"{hints} === 1")
    tab.look(**DESKTOP)
    tab.wait_for(f"{hints} === 0")


def test_a_live_page_reads_itself_again_and_stays_as_the_reader_left_it(
    tab: Tab, tmp_path: Path
) -> None:
    section = Section("Title", answer="So it is. " * 400, how_to_read="So.")
    page = tmp_path / "live.html"
    page.write_text(render([section], title="before", reload_seconds=1.0), encoding="utf-8")
    tab.look(**DESKTOP)
    tab.open(page)
    tab.run("document.querySelector('details').open = true; scrollTo(0, 50)")
    page.write_text(render([section], title="after", reload_seconds=1.0), encoding="utf-8")
    tab.wait_for("document.readyState === 'complete' && document.title === 'after'")
    assert tab.run("document.querySelector('details').open && scrollY === 50")
    button = "document.querySelector('.live button')"
    tab.run(f"{button}.click()")
    page.write_text(render([section], title="later", reload_seconds=1.0), encoding="utf-8")
    time.sleep(2.5)
    assert tab.run("document.title") == "after"
    assert tab.run(f"{button}.getAttribute('aria-pressed')") == "true"
    tab.run(f"{button}.click()")
    tab.wait_for("document.readyState === 'complete' && document.title === 'later'")
    assert tab.complaints == []


def test_paper_has_what_is_folded(tab: Tab, pages: dict[str, Path]) -> None:
    closed = "document.querySelectorAll('details:not([open])').length"
    tab.look(**DESKTOP)
    tab.open(pages["mixed"])
    n_closed = tab.run(closed)
    tab.look(**DESKTOP, media="print")
    tab.wait_for(f"{closed} === 0")
    tab.look(**DESKTOP)
    tab.wait_for(f"{closed} === {n_closed}")
