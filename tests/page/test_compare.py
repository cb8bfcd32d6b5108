"""The page of two studies."""

from __future__ import annotations

import itertools
import json
import re

import pytest

from optuna_hpx.page import build_comparison
from optuna_hpx.page._compare import content_of_pair, sections_of_pair
from tests import made_by_hand as hand
from tests.page.html import Page
from tests.page.pairs import chosen, drawn, pair_of
from tests.page.studies import EVIL, evil_study


def test_the_verdict_comes_first() -> None:
    for pair in (drawn(), chosen()):
        titles = [section.title for section in sections_of_pair(pair)]
        assert titles[0] == "Which is better"
        assert titles[1:3] == ["What each run found, and what it took", "What matters in each"]


def test_one_run_of_each_tells_nothing_of_samplers() -> None:
    verdict = sections_of_pair(chosen())[0]
    assert "what one run of each came to" in verdict.answer
    assert "better than" not in verdict.answer
    assert verdict.data["claims"] == []


def test_other_search_spaces_are_said_first() -> None:
    verdict, *_, last = sections_of_pair(chosen())
    assert verdict.warnings[0].startswith("The search spaces differ, in x, ")
    assert last.title == "In what the search spaces differ"
    assert not any("spaces differ" in w for w in sections_of_pair(drawn())[0].warnings)


def test_the_page() -> None:
    page = Page(content_of_pair(drawn()).to_html())
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in itertools.pairwise(levels))
    assert len(page.figures()) == 4, "curves by trials and by time, runs, importances"
    assert "A against B" in page.all_text()


def test_the_numbers() -> None:
    found = json.loads(content_of_pair(drawn()).to_json())
    assert found["kind"] == "compare"
    assert found["summary"]["labels"] == ["A", "B"]
    assert [side["n_complete"] for side in found["summary"]["sides"]] == [120, 90]
    assert set(found["data"]) == {
        "verdict",
        "tuning_curves_trials",
        "tuning_curves_seconds",
        "runs",
        "importance_comparison",
    }
    claim = found["data"]["verdict"]["claims"][0]
    assert (claim["kind"], claim["subjects"]) == ("better", ["A", "B"])
    first, last = claim["figures"]
    assert f"from {first:.0f} trial" in found["sections"][0]["answer"]
    curve = found["data"]["tuning_curves_trials"]
    lows = dict(zip(curve["x"], curve["advantage_low"], strict=True))
    assert lows[first] > 0.0
    assert lows[last] > 0.0


def test_in_python() -> None:
    a, b = (side.study for side in drawn().sides)
    assert a is not None
    assert b is not None
    page = build_comparison(a, b, labels=("one", "two"), target_quantile=0.2)
    assert "<h1>one against two</h1>" in page
    assert "the best 20 %" in page
    with pytest.raises(ValueError, match="target_quantile"):
        build_comparison(a, b, target_quantile=2.0)


def test_several_objectives() -> None:
    values = [[float(k), float(9 - k)] for k in range(10)]
    a = hand.study(values, ["minimize"] * 2)
    b = hand.study([[x + 0.5, y] for x, y in values], ["minimize"] * 2)
    verdict, *others = sections_of_pair(pair_of(a, b))
    assert verdict.answer.startswith("No trial of either side dominates 10 trials: 10 of A and 0")
    assert "What each run found, and what it took" not in [section.title for section in others]


def test_names_cannot_break_the_page() -> None:
    pair = pair_of(evil_study(), drawn().sides[0].study, (EVIL[0], EVIL[1]))  # type: ignore[arg-type]
    page = Page(content_of_pair(pair).to_html())
    tags = [tag for tag, _ in page.elements]
    assert "b" not in tags
    assert tags.count("script") == len(page.figures()) + 2
