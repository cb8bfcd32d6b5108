from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from optuna_hpx import MarginalEffect
from optuna_hpx.importance.section.effect_words import describe_effect, effect_sentence
from optuna_hpx.importance.section.kinds import AnswerKind


def effect_of(
    curve: Sequence[float],
    reach: float,
    *,
    values: Sequence[Any] | None = None,
    direction: str = "minimize",
) -> MarginalEffect:
    """An effect of which differences above ``reach`` are sure."""
    effect = np.array(curve) - np.mean(curve)
    loss = effect if direction == "minimize" else -effect
    x = tuple(np.arange(len(curve)) / 10 if values is None else values)
    return MarginalEffect(
        name="x",
        values=x,
        effect=effect,
        ci_low=effect - reach / 2,
        ci_high=effect + reach / 2,
        average=1.0,
        is_better=loss[:, None] - loss + reach < 0.0,
        gain=(float(np.ptp(effect)), 0.0, 9.0),
        is_log=False,
        is_numeric=values is None,
        direction=direction,
        confidence=0.95,
        skill=0.9,
        n_trials=100,
    )


@pytest.mark.parametrize(
    ("curve", "reach", "sentence"),
    [
        (
            [0, 0.1, 0.2, 0.3],
            0.5,
            "Not enough is seen to call any value better on average than another.",
        ),
        ([0, 1, 2, 3], 0.5, "Lower is better on average, to the end of the range."),
        ([3, 2, 1, 0], 0.5, "Higher is better on average, to the end of the range."),
        (
            [0, 0.1, 0.2, 2, 3, 4],
            0.5,
            "Lower is better on average, down to about 0.2; below it not enough is seen to tell.",
        ),
        (
            [4, 3, 2, 0.2, 0.1, 0],
            0.5,
            "Higher is better on average, up to about 0.3; above it not enough is seen to tell.",
        ),
        (
            [3, 0.1, 0, 0.2, 3],
            0.5,
            "The best value on average lies somewhere between about 0.1 and 0.3; others are "
            "worse.",
        ),
        ([3, 1, 0, 1, 3], 0.5, "Around 0.2 is best on average."),
        (
            [0, 3, 0.1],
            0.5,
            "Some values in between are worse on average than those at one end or at both.",
        ),
    ],
)
def test_numbers(curve: list[float], reach: float, sentence: str) -> None:
    assert describe_effect(effect_of(curve, reach)) == sentence
    mirrored = effect_of([-value for value in curve], reach, direction="maximize")
    assert describe_effect(mirrored) == sentence


def test_ends_of_which_nothing_is_known_are_not_called_better() -> None:
    """The middle is surely better than what is beside it; of the ends nothing is sure."""
    effect = effect_of([2, 1, 0, 1, 2], 0.5)
    is_better = effect.is_better.copy()
    is_better[:, [0, -1]] = is_better[[0, -1], :] = False
    sentence = describe_effect(replace(effect, is_better=is_better))
    assert sentence == (
        "Some values are worse on average than others; which ones are best is not told."
    )


@pytest.mark.parametrize(
    ("curve", "sentence"),
    [
        ([3, 0.1, 0, 0.2, 3], "between about 0.05 and 0.35; others are worse."),
        ([0, 0.1, 3, 2, 4], "below about 0.15; higher ones are worse."),
        ([4, 2, 3, 0.1, 0], "above about 0.25; lower ones are worse."),
        ([0, 3, 3.1, 3.2, 3.3], "below about 0.05; higher ones are worse."),
    ],
)
def test_values_that_stand_for_parts_of_a_range(curve: list[float], sentence: str) -> None:
    """The best value may be between two that were asked for, and beyond the first or the last."""
    effect = replace(effect_of(curve, 0.5), has_all_values=False)
    assert describe_effect(effect) == f"The best value on average lies somewhere {sentence}"


def test_the_end_of_a_range_is_not_told_from_the_part_beside_it() -> None:
    lower = replace(effect_of([0, 1, 2, 3], 0.5), has_all_values=False)
    assert (
        describe_effect(lower)
        == "Lower is better on average, to the lowest of 4 parts of the range."
    )
    higher = replace(effect_of([3, 2, 1, 0], 0.5), has_all_values=False)
    assert describe_effect(higher).endswith("to the highest of 4 parts of the range.")


def test_parts_on_a_log_scale() -> None:
    effect = replace(effect_of([3, 0, 0.1, 3], 0.5), has_all_values=False, is_log=True)
    sentence = describe_effect(replace(effect, values=(0.1, 1.0, 10.0, 100.0)))
    assert "between about 0.316 and 31.6" in sentence


def test_one_value_cannot_be_compared() -> None:
    assert describe_effect(effect_of([0], 0.5)) == "It has only one value."


def test_lower_is_better_only_where_the_curve_goes_one_way() -> None:
    back = describe_effect(effect_of([0, 0.1, 3, 2, 4], 0.5))
    assert (
        back
        == "The best value on average lies somewhere between about 0 and 0.1; others are worse."
    )
    plateau = describe_effect(effect_of([0, 3, 3.1, 3.2, 3.3], 0.5))
    assert plateau.startswith("Around 0 is best"), "nothing is sure of the values above"


@pytest.mark.parametrize(
    ("curve", "sentence"),
    [
        ([0, 2, 3], "a is best on average."),
        ([0, 0.1, 3], "c is not the best on average; the others are not told apart."),
        ([0, 0.1, 3, 4], "c and d are not the best on average; the others are not told apart."),
        ([0, 0.1, *[3] * 8], "8 of the 10 choices are not the best on average."),
        ([0, 0.1, 0.2], "Not enough is seen to call any value better on average than another."),
    ],
)
def test_choices(curve: list[float], sentence: str) -> None:
    effect = effect_of(curve, 0.5, values="abcdefghij"[: len(curve)])
    assert describe_effect(effect) == sentence


def test_what_a_sentence_claims() -> None:
    """The judge of the benchmark reads this, and no text."""
    lean = effect_sentence(effect_of([0, 0.1, 0.2, 2, 3, 4], 0.5))
    assert [(claim.kind, claim.figures) for claim in lean.claims] == [
        (AnswerKind.BEST_VALUES, (0.0, 1.0, 2.0)),
        (AnswerKind.LOWER, (2.0,)),
    ]
    ends = effect_sentence(effect_of([0, 3, 0.1], 0.5))
    assert [claim.kind for claim in ends.claims] == [
        AnswerKind.BEST_VALUES,
        AnswerKind.ENDS_BETTER,
    ]
    unseen = effect_sentence(effect_of([0, 0.1], 0.5))
    assert [claim.kind for claim in unseen.claims] == [AnswerKind.NOT_SEEN]


def test_what_is_not_known_and_where_the_range_differs_is_said() -> None:
    choices = effect_of([0, 1, 2], 0.5, values=["1", 1, "b"])
    assert describe_effect(replace(choices, unseen=(512,))) == (
        "'1' is best on average. No complete trial had 512: nothing is known of that."
    )
    one = effect_of([0], 0.5, values=["a"])
    assert describe_effect(replace(one, unseen=("b",))).startswith("Complete trials had only one")
    assert describe_effect(replace(effect_of([0, 1, 2], 0.5), limits=(0.0, 10.0))).endswith(
        "range. This is for values from 0 to 10: some trials had another range."
    )
