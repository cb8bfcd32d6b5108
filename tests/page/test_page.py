"""The page of a study."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable

import optuna
import pytest
from optuna.trial import TrialState
from plotly.offline import get_plotlyjs

from optuna_hpx.page import build_page
from optuna_hpx.trials.table import TrialTable
from tests import made_by_hand as hand
from tests.page.html import Page
from tests.page.studies import EVIL, evil_study, many_parameters, mixed_study


def _page_of(study: optuna.Study) -> Page:
    return Page(build_page(study))


def test_the_page_tells_the_study() -> None:
    page = _page_of(mixed_study())
    text = page.all_text()
    best = mixed_study().best_trial
    assert "mixed" in text
    for words in (
        "complete",
        "pruned",
        "failed",
        "maximize",
        f"{best.value:.6g} in trial {best.number}",
        "per trial (median)",
        "Sampled",
        "matters most",
        "Taken one by one",
        "Where the good values lie",
        "the best 10 %",
    ):
        assert words.lower() in text.lower(), words
    for name, value in best.params.items():
        assert name in text
        assert (f"{value:.6g}" if isinstance(value, float) else str(value)) in text


def test_a_figure_for_each_answer_and_for_each_parameter() -> None:
    page = _page_of(mixed_study())
    names = set().union(*(trial.params for trial in mixed_study().trials))
    figures = page.figures()
    general = ("history", "law", "importances", "interactions", "profile", "path")
    assert len(figures) == len(general) + len(names) + 4, "and the effects of the first four"
    assert all(figure["data"] for figure in figures)
    charts = [attrs for _, attrs in page.elements if attrs.get("class") == "chart"]
    assert len(charts) == len(figures)
    assert all(attrs["role"] == "img" and attrs["aria-label"] for attrs in charts)


def test_the_questions_are_in_order() -> None:
    page = build_page(mixed_study())
    assert re.findall("<h2>(.*)</h2>", page) == [
        "What to do next",
        "The best trial",
        "How the study went",
        "What failed or was pruned",
        "How good it can get",
        "What matters",
        "What acts together",
        "What matters at which target",
        "Where the good values lie",
        "From the median trial to the best",
    ]


def test_a_table_has_the_page_of_its_study_but_for_what_only_a_study_says() -> None:
    study = mixed_study()
    without_code = re.sub("<br><code>.*?</code>", "", build_page(study))
    assert build_page(TrialTable.from_study(study), title="mixed") == without_code
    assert "<h1>Trials</h1>" in build_page(TrialTable.from_study(study))


def test_unfinished_trials_are_counted() -> None:
    study = hand.study([[float(k)] for k in range(5)])
    study.ask()
    study.enqueue_trial({"x": 0.5})
    assert "2 waiting or running" in _page_of(study).all_text()


def test_a_sampler_that_is_certain_is_believed() -> None:
    sampler = optuna.samplers.RandomSampler()
    assert "are independent random draws" in build_page(mixed_study(), sampler=sampler)
    looks = "These trials look like independent random draws, and the law takes them as such"
    assert looks in build_page(mixed_study())
    assert looks not in build_page(mixed_study(), sampler=sampler)


def test_what_counts_as_good() -> None:
    assert "the best 20" in build_page(mixed_study(), target_quantile=0.2)
    assert "trials with value &gt;= 1" in build_page(mixed_study(), target_value=1.0)
    with pytest.raises(ValueError, match="target_quantile"):
        build_page(mixed_study(), target_quantile=2.0)


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
    rest = _outside_plotly(build_page(make()))
    page = Page(rest)
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
    parts = [str(attrs.get("id")) for attrs in folded if attrs.get("class") == "part"]
    assert {f"parameter-{k}" for k in range(21, 26)} <= set(parts)
    assert "parameter-1" not in parts, "what is shown to matter is open"
    assert sum(attrs.get("class") == "table" for attrs in folded) == 2
    assert sum(attrs.get("class") == "detail" for attrs in folded) == 5
    assert len(page.figures()) == 35


def test_the_links_of_the_table_lead_somewhere() -> None:
    page = _page_of(many_parameters(25))
    targets = {"#" + str(attrs["id"]) for _, attrs in page.elements if attrs.get("id")}
    links = [str(attrs["href"]) for tag, attrs in page.elements if tag == "a"]
    assert sum(link.startswith("#parameter-") for link in links) >= 25
    assert set(links) <= targets


def test_the_page_opens_with_a_verdict_and_what_to_do() -> None:
    text = _page_of(mixed_study()).all_text()
    assert text.index("matter beyond chance") < text.index("What to do next")
    assert text.index("What to do next") < text.index("How the study went")
    page = build_page(mixed_study())
    steps = re.search("<ol>(.*?)</ol>", page, re.DOTALL)
    assert steps is not None
    assert 1 <= steps[1].count("<li>") <= 5


def test_details_come_last_and_are_listed_among_the_contents() -> None:
    page = build_page(mixed_study())
    titles = re.findall("<summary><h2>(.*)</h2></summary>", page)
    assert titles[0] == "What acts together"
    assert page.index("<h2>What matters</h2>") < page.index("<summary><h2>")
    contents = re.search("<nav.*?</nav>", page, re.DOTALL)
    assert contents is not None
    assert all(f">{title}</a>" in contents[0] for title in ("What matters", *titles))


def test_constraints_have_a_box_only_where_there_are_any() -> None:
    values = [[float(i)] for i in range(12)]
    assert "<dt>Feasible</dt>" not in build_page(hand.study(values))
    assert "<dt>Feasible</dt>" in build_page(hand.study(values, infeasible=[3]))


def test_objectives_go_by_their_names() -> None:
    study = hand.study([[float(i), -float(i)] for i in range(30)], ["minimize", "maximize"])
    study.set_metric_names(["loss", "accuracy"])
    page = _page_of(study)
    assert "loss: minimize, accuracy: maximize" in page.all_text()
    assert "objective 0" not in page.all_text()
    assert "accuracy (maximize)" in str(page.figures())


def test_several_objectives() -> None:
    values = [[float(i), float(i)] for i in range(30)]
    page = _page_of(hand.study(values, ["minimize", "maximize"]))
    text = page.all_text()
    assert "30 trials that no other dominates" in text
    assert "10 of 30" in text
    assert "objective 0: minimize, objective 1: maximize" in text
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
    assert build_page(mixed_study()) == build_page(mixed_study())


def test_a_table_has_no_study_to_write_code_for() -> None:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    study.optimize(lambda trial: abs(trial.suggest_float("x", 0, 1) - 0.5), n_trials=100)
    assert "<code>" in build_page(study)
    assert "<code>" not in build_page(TrialTable.of(study))
