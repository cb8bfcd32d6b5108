"""The question whether to stop: what it asks of a law, and how its answer reads."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest

from optuna_hpx import tuning_curve_band
from optuna_hpx.law._stopping import StopVerdict, ask


class _Law:
    describes = True
    best, best_of_all = 0.5, 0.25
    band = tuning_curve_band(0.5 + np.arange(10.0))

    def __init__(self, bound: float) -> None:
        self.bound = bound
        self.questions: list[tuple[float, float]] = []

    def gain_bound(self, n_more: int, *, confidence: float) -> float:
        self.questions.append((n_more, confidence))
        return self.bound

    def regret_bound(self, best: float, *, confidence: float) -> float:
        self.questions.append((best, confidence))
        return self.bound


def _judge(law: Any, *, stop: float | None = 0.1, is_random: bool = True) -> StopVerdict:
    return ask(stop, 70, 0.9, None, "minimize").judge(law, is_random=is_random)


def test_a_gain_that_is_too_small_stops_a_random_search() -> None:
    law = _Law(0.1)
    assert _judge(law) == StopVerdict(
        "70 more random trials improve the best random score 0.5 by at most 0.1, with 90 % "
        "confidence.",
        is_stop=True,
    )
    assert law.questions == [(70, 0.9)]
    assert not _judge(_Law(0.1001)).is_stop


def test_the_best_random_score_is_the_best_one_unless_another_trial_is_ahead() -> None:
    law = _Law(0.1)
    law.best_of_all = 0.5
    assert _judge(law).reason.startswith("70 more random trials improve the best score 0.5 by")


def test_another_sampler_is_judged_by_the_best_possible_score() -> None:
    law = _Law(-0.5)
    assert _judge(law, is_random=False) == StopVerdict(
        "The best possible score is better than the best one, 0.25, by at most 0, with 90 % "
        "confidence.",
        is_stop=True,
    )
    assert law.questions == [(0.25, pytest.approx(0.95))]


def test_nothing_stops_that_is_not_asked() -> None:
    verdict = _judge(_Law(0.0), stop=None)
    assert not verdict.is_stop
    assert verdict.reason.endswith("by at most 0, with 90 % confidence.")


def test_a_law_that_does_not_describe_stops_nothing() -> None:
    law = _Law(0.0)
    law.describes = False
    verdict = _judge(law)
    assert not verdict.is_stop
    assert verdict.reason.endswith("by at most 0, with 90 % confidence.")
    verdict = _judge(law, is_random=False)
    assert not verdict.is_stop
    assert verdict.reason == (
        "70 more random trials beat the best random one, 0.5, with probability 87\xa0%. How good "
        "the sampler can get cannot be told."
    )


def test_draws_without_a_law_stop_nothing() -> None:
    band = tuning_curve_band(0.5 + np.arange(10.0))
    for is_random in (True, False):
        verdict = _judge(band, stop=1e9, is_random=is_random)
        assert not verdict.is_stop
        assert verdict.reason.startswith("70 more random trials")


@pytest.mark.parametrize(("scores", "chance"), [([0.5, np.inf], "97"), ([0.5] * 10, "at most 88")])
def test_scores_that_tell_of_no_scale(scores: list[float], chance: str) -> None:
    verdict = _judge(tuning_curve_band(scores), stop=1e9)
    assert not verdict.is_stop
    assert verdict.reason == (
        f"70 more random trials improve the best score 0.5 with probability {chance}\xa0%; by how "
        "much cannot be told."
    )


class _Outlook:
    best = 2.0

    def __init__(self, bound: float) -> None:
        self.bound = bound

    def gain_bound(self, n_more: int, *, confidence: float) -> float:
        assert (n_more, confidence) == (70, pytest.approx(0.95))
        return self.bound


def test_a_gain_of_hypervolume_that_is_too_small_stops_a_random_search() -> None:
    question = ask(0.1, 70, 0.9, None, "minimize")
    small: Any = _Outlook(0.1)
    assert question.judge_front(small, is_random=True) == (
        "70 more random trials increase the hypervolume 2 by at most 0.1, with 90 % confidence.",
        True,
    )
    large: Any = _Outlook(0.1001)
    assert not question.judge_front(large, is_random=True).is_stop
    assert not ask(None, 70, 0.9, None, "minimize").judge_front(small, is_random=True).is_stop
    assert question.judge_front(small, is_random=False) == (
        "70 more random trials increase the hypervolume of the random ones 2 by at most 0.1, with "
        "90 % confidence. How good the sampler can get cannot be told.",
        False,
    )


def test_a_reference_point_is_part_of_the_question() -> None:
    question = ask(0.1, 70, 0.9, None, "minimize", (1, 2.5))
    assert question.to_dict()["reference_point"] == [1.0, 2.5]
    assert json.loads(json.dumps(question.to_dict())) == question.to_dict()
    assert "reference_point" not in ask(0.1, 70, 0.9, None, "minimize").to_dict()


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
