"""The question whether to stop: what it asks of a law, and how its answer reads."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from optuna_hpx.law._stopping import ask


class _Law:
    describes = True
    best, best_of_all = 0.5, 0.25

    def __init__(self, bound: float) -> None:
        self.bound = bound
        self.questions: list[tuple[float, float]] = []

    def gain_bound(self, n_more: int, *, confidence: float) -> float:
        self.questions.append((n_more, confidence))
        return self.bound

    def regret_bound(self, best: float, *, confidence: float) -> float:
        self.questions.append((best, confidence))
        return self.bound


def _judge(law: Any, *, stop: float | None = 0.1, is_random: bool = True) -> str:
    return ask(stop, 70, 0.9, None, "minimize").judge(law, is_random=is_random)


def test_a_gain_that_is_too_small_stops_a_random_search() -> None:
    law = _Law(0.1)
    assert _judge(law) == (
        "70 more random trials improve the best score 0.5 by at most 0.1, with 90 % confidence."
    )
    assert law.questions == [(70, pytest.approx(0.95))]
    assert _judge(_Law(0.1001)) == ""


def test_another_sampler_is_judged_by_the_best_possible_score() -> None:
    law = _Law(-0.5)
    assert _judge(law, is_random=False) == (
        "The best possible score is better than the best one, 0.25, by at most 0, with 90 % "
        "confidence."
    )
    assert law.questions == [(0.25, pytest.approx(0.95))]


def test_nothing_stops_that_is_not_asked_or_not_described() -> None:
    assert _judge(_Law(0.0), stop=None) == ""
    law = _Law(0.0)
    law.describes = False
    assert _judge(law) == ""


def test_a_question_survives_a_storage() -> None:
    def target(trial: object) -> float:
        return 0.0

    question = ask(0.5, 10, 0.8, target, "maximize")
    assert json.loads(json.dumps(question.to_dict())) == question.to_dict()
    name = target.__qualname__
    assert question.to_dict() == {
        "stop": 0.5,
        "horizon": 10,
        "confidence": 0.8,
        "target": [name, "maximize"],
    }
    assert question == ask(0.5, 10, 0.8, target, "maximize")
    assert question != ask(0.5, 10, 0.8, target, "minimize")
    assert question != ask(0.5, 10, 0.8, None, "minimize")


@pytest.mark.parametrize("stop", [0.0, -1.0, math.inf])
def test_a_stop_that_is_no_gain_is_refused(stop: float) -> None:
    with pytest.raises(ValueError, match="`stop`"):
        ask(stop, 10, 0.8, None, "minimize")
