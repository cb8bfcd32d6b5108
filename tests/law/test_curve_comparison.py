"""Which of two searches is better: never surely where they are alike, soon where they are not."""

from __future__ import annotations

import numpy as np
import optuna
import pytest

from optuna_hpx import compare_tuning_curves
from tests.law.test_band import study_of

RNG = np.random.default_rng(0)
SMALL, LARGE = RNG.uniform(0.4, 0.5, 300), RNG.uniform(0.0, 1.0, 300)


def test_alike_searches_are_seldom_told_apart() -> None:
    """Of 200 pairs of equal searches at most 5 % say anywhere that one is better."""
    rng = np.random.default_rng(1)
    wrong = 0
    for _ in range(200):
        comparison = compare_tuning_curves(rng.random(30), rng.random(50))
        wrong += bool(comparison.better("A") or comparison.better("B"))
    assert wrong <= 10


def test_true_difference_is_within_the_bounds() -> None:
    """Medians of the best of k of U(0, 1) and of 0.2 + U(0, 1) differ by 0.2."""
    rng = np.random.default_rng(2)
    held = []
    for _ in range(100):
        comparison = compare_tuning_curves(rng.random(40), rng.random(40) + 0.2, confidence=0.9)
        held.append(np.all((comparison.advantage_low <= 0.2) & (comparison.advantage_high >= 0.2)))
    assert np.mean(held) > 0.9 - 3 * np.sqrt(0.09 / 100)


def test_where_the_larger_space_pays() -> None:
    comparison = compare_tuning_curves(SMALL, LARGE, labels=("small", "large"))
    assert comparison.better("small") == []
    ((first, last),) = comparison.better("large")
    assert first < 5 < 15 < last
    assert comparison.in_words.startswith(
        "By the median best score of random trials (lower is better), large is better than small "
        f"from {first:.0f} trials on, up to {last:.0f} trials as far as they reach (at "
    )


def test_direction_turns_it_over() -> None:
    comparison = compare_tuning_curves(SMALL, LARGE)
    turned = compare_tuning_curves(-SMALL, -LARGE, direction="maximize")
    assert turned.better("B") == comparison.better("B")
    assert np.array_equal(turned.advantage_low, comparison.advantage_low)
    assert np.array_equal(turned.a, -comparison.a[::-1])


def test_a_direction_that_is_not_that_of_the_study() -> None:
    with pytest.raises(ValueError, match="must be left out of a study"):
        compare_tuning_curves(study_of(SMALL[:20]), study_of(LARGE[:20]), direction="maximize")


def test_seconds_are_called_so() -> None:
    by_time = compare_tuning_curves(
        study_of(SMALL[:60]), study_of(LARGE[:60]), cost="duration", bounds=(0, 1)
    )
    assert by_time.unit == "seconds"
    assert by_time.to_frame().index.name == "seconds"


def test_sides_can_be_exchanged() -> None:
    one, other = compare_tuning_curves(SMALL, LARGE), compare_tuning_curves(LARGE, SMALL)
    assert np.array_equal(one.advantage_low, -other.advantage_high)
    assert one.better("B") == other.better("A")


def test_cost_decides_between_equal_scores() -> None:
    """The same scores at a tenth of the price are better at every budget that tells them apart."""
    rng = np.random.default_rng(3)
    scores = rng.random(400), rng.random(400)
    costs = rng.gamma(9.0, 1.0, 400), 10.0 * rng.gamma(9.0, 1.0, 400)
    by_cost = compare_tuning_curves(*scores, cost=costs, bounds=(0, 1))
    assert by_cost.unit == "cost"
    assert by_cost.better("A")
    assert not by_cost.better("B")
    assert "from a cost of" in by_cost.in_words
    by_trials = compare_tuning_curves(*scores)
    assert not by_trials.better("A")
    assert "cannot tell" in by_trials.in_words


def test_studies_and_frames() -> None:
    comparison = compare_tuning_curves(study_of(SMALL[:80]), study_of(LARGE[:90]))
    assert comparison.n_trials == (80, 90)
    frame = comparison.to_frame()
    assert frame.index[0] == 1
    assert np.array_equal(frame["b_low"], comparison.b[0])
    assert "cannot tell" in repr(comparison) or "better" in repr(comparison)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"labels": ("A", "A")}, ValueError, "differ"),
        ({"labels": ("A",)}, TypeError, "two strings"),
        ({"quantile": 0.0}, ValueError, "quantile"),
        ({"confidence": 2.0}, ValueError, "confidence"),
    ],
)
def test_bad_arguments(arguments: dict[str, object], error: type, message: str) -> None:
    with pytest.raises(error, match=message):
        compare_tuning_curves(SMALL, LARGE, **arguments)  # type: ignore[arg-type]


def test_searches_that_cannot_be_compared() -> None:
    study = study_of(SMALL[:20])
    with pytest.raises(ValueError, match="same object"):
        compare_tuning_curves(study, study)
    with pytest.raises(ValueError, match="one direction"):
        compare_tuning_curves(study, study_of(SMALL[:20], "maximize"))
    with pytest.raises(ValueError, match="label"):
        compare_tuning_curves(SMALL, LARGE).better("C")


@pytest.mark.parametrize("costs", [[1.0, 1000.0], [1e-300, 1e-300], [5.0]])
def test_few_costs_still_make_an_ascending_axis(costs: list[float]) -> None:
    """Student's interval of two costs reaches far beyond what all trials cost."""
    comparison = compare_tuning_curves([1.0, 2.0], [1.0, 3.0], cost=(costs, [2.0, 2.5]))
    assert np.all(np.diff(comparison.x) > 0.0)


def test_study_without_draws() -> None:
    study = optuna.create_study()
    with pytest.raises(ValueError, match="no independent random draw"):
        compare_tuning_curves(study, SMALL)
