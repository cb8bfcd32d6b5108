from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import optuna
import pytest
from optuna.trial import TrialState
from plotly.offline import get_plotlyjs

from optuna_hpx.importance import ImportanceProfile, ImportanceReport, PedAnovaImportanceEvaluator
from optuna_hpx.page import build_page
from optuna_hpx.trials.table import TrialTable
from tests import made_by_hand as hand
from tests.law.by_hand import UniformLaw
from tests.page.studies import EVIL, evil_study, many_parameters, mixed_study


class _Page(HTMLParser):
    """What a browser would see: elements with their attributes, and the text of some."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.scripts: list[str] = []
        self.styles: list[str] = []
        self._open = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._open = tag
        if tag == "script":
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        self._open = ""

    def handle_data(self, data: str) -> None:
        if self._open == "script":
            self.scripts[-1] += data
        elif self._open == "style":
            self.styles.append(data)
        else:
            self.text.append(data)

    def figures(self) -> list[dict[str, object]]:
        return [json.loads(text) for text in self.scripts if text.startswith("{")]

    def all_text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.text))


def _page_of(study: optuna.Study, *, n_unfinished: int = 0) -> _Page:
    table = TrialTable.from_study(study)
    report = PedAnovaImportanceEvaluator().report(table)
    page = build_page(table, report, title=study.study_name, n_unfinished=n_unfinished)
    return _Page(page)


def test_the_page_tells_the_study() -> None:
    page = _page_of(mixed_study(), n_unfinished=2)
    text = page.all_text()
    best = mixed_study().best_trial
    assert "mixed" in text
    for words in (
        "complete",
        "pruned",
        "failed",
        "2 waiting or running",
        "maximize",
        f"{best.value:.6g} in trial {best.number}",
        "feasible",
        "per trial (median)",
        "Sampled",
        "matters most",
        "left to interactions or noise",
        "Where the good values lie",
        "the best 10 %",
    ):
        assert words.lower() in text.lower(), words
    for name, value in best.params.items():
        assert name in text
        assert (f"{value:.6g}" if isinstance(value, float) else str(value)) in text


def test_one_figure_for_the_history_one_for_the_importances_one_per_parameter() -> None:
    page = _page_of(mixed_study())
    names = set().union(*(trial.params for trial in mixed_study().trials))
    figures = page.figures()
    assert len(figures) == 2 + len(names), "no interactions, no profile"
    assert all(figure["data"] for figure in figures)
    charts = [attrs for _, attrs in page.elements if attrs.get("class") == "chart"]
    assert len(charts) == len(figures)
    assert all(attrs["role"] == "img" and attrs["aria-label"] for attrs in charts)


def _full_page(report: ImportanceReport, profile: ImportanceProfile | None = None) -> _Page:
    table = TrialTable.from_study(hand.study([[1.0], [2.0], [3.0]]))
    return _Page(build_page(table, report, title="t", profile=profile))


def _two(**others: Any) -> ImportanceReport:
    regimes = {"lr": [hand.continuous(importance=0.41)], "opt": [hand.discrete()]}
    return hand.report(regimes, **others)


def test_interactions_and_a_profile_have_sections_of_their_own() -> None:
    report = _two(pairs={("lr", "opt"): (0.16, 0.001)})
    profile = hand.profile({"lr": [0.5, 0.5, 0.5], "opt": [0.1, 0.1, 0.1]})
    page = _full_page(report, profile)
    text = page.all_text()
    assert "What acts together lr and opt act together (S = 0.16): tune them jointly" in text
    assert "What matters at which target lr matters most at every target" in text
    assert len(page.figures()) == 6
    labels = [a["aria-label"] for _, a in page.elements if a.get("class") == "chart"]
    assert labels[2] == "Map: how 2 parameters act together in pairs"
    assert labels[3] == "Chart: the importance of 2 parameters at 3 targets"


def test_a_law_has_a_section_with_a_figure() -> None:
    table = TrialTable.from_study(hand.study([[0.4], [0.02], [0.3]]))
    law = UniformLaw(warnings=["Mind the pruner."])
    page = _Page(build_page(table, _two(), title="t", law=law, law_note="Holds for <these>."))
    text = page.all_text().replace("\xa0", " ")
    assert "How good it can get Mind the pruner. The best possible score is -0.01 to 0.01" in text
    assert "(goodness of fit p = 0.43). Holds for <these>. What matters" in text
    labels = [a["aria-label"] for _, a in page.elements if a.get("class") == "chart"]
    assert labels[1] == (
        "Chart: the best so far, its forecast and the best possible of 100 random trials"
    )


def test_why_there_is_no_law() -> None:
    table = TrialTable.from_study(hand.study([[0.4], [0.02], [0.3]]))
    page = _Page(build_page(table, _two(), title="t", law_note="Too few trials."))
    assert "How good it can get Too few trials. What matters" in page.all_text()
    assert len(page.figures()) == 4, "none of the law"
    assert "How good it can get" not in _full_page(_two()).all_text()


def test_sections_without_content_are_left_out() -> None:
    one = hand.report({"lr": [hand.continuous()]}, pairs={})
    for report, profile in (
        (_two(), None),
        (one, hand.profile({"lr": [0.5]}, (0.1,))),
        (_two(pairs={}, n_target=0), hand.profile({"lr": [0.5, 0.5, 0.5]})),
    ):
        text = _full_page(report, profile).all_text()
        assert "What acts together" not in text
        assert "What matters at which target" not in text


def test_the_table_tells_intervals_and_p_values() -> None:
    page = _full_page(_two(p=[0.0001, 0.2], p_familywise=[0.01, 0.3]))
    text = page.all_text()
    assert "parameter S 95 % interval p p among all share regimes" in text.replace("\xa0", " ")
    assert "lr 0.410 0.31 to 0.51 < 0.001 0.010 67.2 % 1" in text
    assert "opt 0.200 0.10 to 0.30 0.200 0.300 32.8 % 1" in text


def test_the_space_is_told() -> None:
    assert "the space as these trials sampled it" in _full_page(_two()).all_text()
    text = _full_page(_two(space="uniform", skill=0.9)).all_text()
    assert "of 100 points drawn evenly from the search space, at which a surrogate" in text
    assert "sampled it" not in text
    assert "lr 0.410 – 0.001" in text


def test_warnings_are_visible() -> None:
    table = TrialTable.from_study(hand.study([[1.0], [2.0], [3.0]]))
    report = hand.report({"x": [hand.continuous()]}, warnings=["Mind the <gap>."])
    page = _Page(build_page(table, report, title="t"))
    assert "Mind the <gap>." in page.all_text()
    assert any(attrs.get("class") == "warning" for _, attrs in page.elements)


def test_headings_are_in_order() -> None:
    page = _page_of(mixed_study())
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in itertools.pairwise(levels))


def _outside_plotly(page: str) -> str:
    source = get_plotlyjs()
    assert page.count(source) == 1, "plotly.js is inlined exactly once"
    return page.replace(source, "")


@pytest.mark.parametrize("make", [mixed_study, evil_study])
def test_nothing_is_loaded_from_anywhere(make: Callable[[], optuna.Study]) -> None:
    table = TrialTable.from_study(make())
    raw = build_page(table, PedAnovaImportanceEvaluator().report(table), title=make().study_name)
    rest = _outside_plotly(raw)
    page = _Page(rest)
    for tag, attrs in page.elements:
        assert "src" not in attrs, tag
        assert tag not in ("iframe", "img", "object", "embed", "base")
        if tag != "a":
            assert (attrs.get("href") or "data:").startswith("data:")
        else:
            assert (attrs["href"] or "").startswith("#")
    css = " ".join(page.styles)
    assert "@import" not in css
    assert "url(" not in css
    assert not re.search(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}", rest, re.IGNORECASE)
    policy = next(a for t, a in page.elements if t == "meta" and "http-equiv" in a)
    assert str(policy["content"]).startswith("default-src 'none'")


def test_names_and_choices_cannot_break_the_page() -> None:
    page = _page_of(evil_study())
    tags = [tag for tag, _ in page.elements]
    assert "img" not in tags
    assert "b" not in tags
    assert tags.count("script") == len(page.figures()) + 2
    text = page.all_text()
    for evil in EVIL:
        assert re.sub(r"\s+", " ", evil) in text
    assert tags[-1] == "script"
    assert "setPrinting" in page.scripts[-1], "the last script is whole"
    assert all("<" not in text for text in page.scripts[:-2]), "figures are escaped"


def test_many_parameters_are_folded() -> None:
    page = _page_of(many_parameters(25))
    folded = [attrs for tag, attrs in page.elements if tag == "details"]
    assert sum(attrs.get("class") == "parameter" for attrs in folded) == 5
    assert sum(attrs.get("class") == "table" for attrs in folded) == 2
    assert len(page.figures()) == 27


def test_the_links_of_the_table_lead_somewhere() -> None:
    page = _page_of(many_parameters(25))
    targets = {"#" + str(attrs["id"]) for _, attrs in page.elements if attrs.get("id")}
    links = [attrs["href"] for tag, attrs in page.elements if tag == "a"]
    assert len(links) == 25
    assert set(links) <= targets


def test_several_objectives() -> None:
    values = [[float(i), float(i)] for i in range(30)]
    page = _page_of(hand.study(values, ["minimize", "maximize"]))
    text = page.all_text()
    assert "30 trials that no other dominates" in text
    assert "10 of 30" in text
    assert "0: minimize, 1: maximize" in text
    assert "by non-domination" in text


def test_no_feasible_trial() -> None:
    page = _page_of(hand.study([[float(i)] for i in range(12)], infeasible=range(12)))
    text = page.all_text()
    assert "no feasible trial" in text
    assert "0 of 12 complete trials" in text
    assert "The best trial" not in text


def test_pruned_trials_only_next_to_one_complete() -> None:
    page = _page_of(hand.study([[1.0], TrialState.PRUNED]))
    assert "1 complete, 1 pruned" in page.all_text()
    assert any(attrs.get("class") == "warning" for _, attrs in page.elements)


def test_the_page_of_one_study_is_always_the_same() -> None:
    table = TrialTable.from_study(mixed_study())
    report = PedAnovaImportanceEvaluator().report(table)
    assert build_page(table, report, title="t") == build_page(table, report, title="t")
