"""Which of two random searches is better, in sentences whose every claim is true."""

from __future__ import annotations

import dataclasses
import re

import numpy as np
import optuna
from optuna.samplers import RandomSampler

from optuna_hpx.canvas.claims import prose
from optuna_hpx.law import compare_tuning_curves
from optuna_hpx.law.pair_section import (
    ComparisonKind,
    Curves,
    find_curves,
    sections,
    verdict_sentences,
)
from tests import made_by_hand as hand
from tests.page.pairs import by_hand, chosen, drawn, pair_of, study_of


def _curves(a: np.ndarray, b: np.ndarray, *, is_conditional: bool = False) -> Curves:
    return Curves(compare_tuning_curves(a, b), None, is_conditional)


def test_the_verdict_of_random_draws() -> None:
    (section,) = sections(drawn())
    assert section.title == "Which is better"
    assert re.match(r"A is better than B from \d trials? on, up to", section.answer)
    assert "95\N{NO-BREAK SPACE}% confidence, for all numbers of trials at once" in section.answer
    assert [part.title for part in section.parts] == ["After as many trials", "After as much time"]
    assert "A trial takes on average 2 s for A" in section.parts[1].basis
    assert len(section.parts[0].charts) == 1


def test_claims_are_those_of_the_comparison() -> None:
    curves = find_curves(drawn())
    assert curves is not None
    assert curves.by_seconds is not None
    claims = [claim for line in verdict_sentences(curves) for claim in line.claims]
    by_trials = [claim for claim in claims if claim.kind is ComparisonKind.BETTER]
    assert [claim.figures for claim in by_trials] == curves.by_trials.better("A")
    assert {claim.subjects for claim in by_trials} == {("A", "B")}
    assert any(claim.kind is not ComparisonKind.BETTER for claim in claims), "and one by time"


def test_neither_is_better() -> None:
    scores = np.random.default_rng(0).random(60)
    (sentence,) = verdict_sentences(_curves(scores, scores.copy()))
    assert sentence.text.startswith("Which of A and B is better cannot be told")
    (claim,) = sentence.claims
    assert claim.kind is ComparisonKind.WITHIN
    n, low, high = claim.figures
    assert low < 0.0 < high
    assert f"After {n:.0f} trials each, A is at most {high:.3g} better" in sentence.text


def test_first_one_is_better_and_then_the_other() -> None:
    rng = np.random.default_rng(1)
    (sentence,) = verdict_sentences(_curves(rng.uniform(0.4, 0.5, 400), rng.random(400)))
    assert re.match(r"B is better than A from \d+ trials on", sentence.text)
    (sentence,) = verdict_sentences(_curves(rng.uniform(0.4, 0.5, 4000), rng.random(4000)))
    assert re.match(
        r"A is better than B after 1 trial, and B is better than A from \d trials on, up to",
        sentence.text,
    )
    assert [claim.subjects for claim in sentence.claims] == [("A", "B"), ("B", "A")]


def test_what_is_not_known_of_the_trials_is_a_condition() -> None:
    rng = np.random.default_rng(2)
    first, second = verdict_sentences(
        _curves(rng.random(30), rng.random(30) + 2.0, is_conditional=True)
    )
    assert "only if they are independent random draws" in first.text
    assert not first.claims
    assert second.claims


def test_few_rows_of_unknown_draws_are_compared_on_that_condition() -> None:
    a, b = (pair.tables for pair in (drawn(), drawn()))
    few = [
        dataclasses.replace(t.take(np.arange(20)), trials=(), attributes=(), drawer=None)
        for t in (a[0], b[1])
    ]
    pair = dataclasses.replace(
        drawn(),
        sides=tuple(
            dataclasses.replace(side, table=table, study=None)
            for side, table in zip(drawn().sides, few, strict=True)
        ),
    )
    assert set(pair.kinds) == {"unknown"}
    (section,) = sections(pair)
    assert section.answer.startswith("What drew the trials is not known")
    assert section.data["is_conditional"] is True


def test_nothing_is_said_of_trials_that_were_chosen() -> None:
    assert sections(chosen()) == []
    mixed = pair_of(drawn().sides[0].study, chosen().sides[1].study)  # type: ignore[arg-type]
    assert sections(mixed) == []


def test_nothing_is_said_of_several_objectives_or_of_failed_trials() -> None:
    two = [hand.study([[1.0, 2.0]] * 3, ["minimize"] * 2) for _ in range(2)]
    assert sections(pair_of(*two)) == []
    failed = hand.study([optuna.trial.TrialState.FAIL] * 3)
    assert sections(pair_of(failed, by_hand([1.0, 2.0]))) == []


def test_seconds_are_not_compared_where_trials_took_next_to_none() -> None:
    quick = [by_hand(values, seconds=0.01) for values in ([1.0, 2.0, 3.0], [4.0, 5.0])]
    curves = find_curves(pair_of(*quick))
    assert curves is not None
    assert curves.by_seconds is None


def test_pruned_draws_are_told_by_side() -> None:
    def objective(trial: optuna.Trial) -> float:
        if trial.suggest_float("x", 0, 1) > 0.8:
            raise optuna.TrialPruned
        return trial.params["x"]

    pruned = study_of(objective, 40, RandomSampler(seed=3))
    (section,) = sections(pair_of(pruned, drawn().sides[1].study))  # type: ignore[arg-type]
    (warning,) = section.warnings
    assert re.match(r"A: \d+ pruned draws count as bad ones", warning)


def test_equal_scores_differ_by_nothing_and_not_by_minus_nothing() -> None:
    text = prose(verdict_sentences(_curves(np.zeros(60), np.zeros(60))))
    assert "A is at most 0 better and at most 0 worse." in text
