"""A certificate in words, to the letter."""

from __future__ import annotations

import math
from typing import Any

import pytest

from optuna_hpx import Improvement
from optuna_hpx.tasks._methods import METHODS
from optuna_hpx.tasks._summary import summarise
from tests.tasks.by_hand import baseline, certificate, mirrored


def lines_of(**others: Any) -> list[str]:
    made = certificate(**others)
    return summarise(made, METHODS[made.method]).splitlines()


def test_a_certificate_from_first_to_last() -> None:
    made = certificate(assumptions=("Tasks are alike.", "Nothing else."))
    assert summarise(made, METHODS["betting"]).splitlines() == [
        "Of {'x': 0.5}, first tried in trial 3.",
        "Mean over tasks like these: at least 0.4 with probability 0.95 (betting, finite-sample).",
        "Observed on 6 tasks: 0.7; chosen among 10 configurations.",
        "Student's t would say 0.6: it ignores the choice, and holds less often than it says.",
        f"To halve the distance of 0.3 between them: about {made.tasks_needed(0.15)} tasks.",
        "Assumed:",
        "- Tasks are alike.",
        "- Nothing else.",
    ]


def test_a_loss_is_at_most() -> None:
    bound = mirrored().summary().splitlines()[1]
    assert bound.startswith("Mean over tasks like these: at most 0.6 with probability 0.95")


def test_how_sure_it_is() -> None:
    bound = lines_of(method="bootstrap", is_finite_sample=False, delta=0.001)[1]
    assert bound.endswith("with probability 0.999 (bootstrap, approximate).")


def test_a_vacuous_bound_says_so() -> None:
    lines = lines_of(bound=0.0)
    assert lines[3].startswith("This bound is vacuous: the bounds of the values say as much.")
    assert not any("vacuous" in line for line in lines_of())


def test_one_task_has_no_t_interval() -> None:
    assert any("Student's t" in line for line in lines_of())
    for none in (-math.inf, math.inf):
        assert not any("Student's t" in line for line in lines_of(naive=none))


def test_a_holdout_ignores_no_choice() -> None:
    lines = lines_of(method="holdout", n_tasks=2)
    assert lines[2] == "Observed on 2 tasks: 0.7; chosen on other tasks."
    assert lines[3] == "Student's t would say 0.6, approximately."
    assert not any("To halve" in line for line in lines)


@pytest.mark.parametrize(
    ("log_n", "count"),
    [
        (0.0, "1"),
        (math.log(999_999), "999999"),
        (math.log(1e6), "2^20"),
        (64 * math.log(2.0), "2^64"),
        (1e5 * math.log(2.0), "2^100000"),
    ],
)
def test_many_configurations_are_a_power_of_two(log_n: float, count: str) -> None:
    assert lines_of(log_n_configs=log_n)[2].endswith(f"chosen among {count} configurations.")


def test_better_than_the_baseline() -> None:
    (line,) = (line for line in lines_of(baseline=baseline(0.05)) if "baseline" in line)
    assert line == (
        "Than the baseline it is better: by 0.2 on all tasks of the study, at least 0.05 with "
        "probability 0.95 (betting, finite-sample), 0.15 (bootstrap, approximate)."
    )


@pytest.mark.parametrize("lower", [0.0, -0.1])
def test_perhaps_no_better_than_the_baseline(lower: float) -> None:
    (line,) = (line for line in lines_of(baseline=baseline(lower)) if "baseline" in line)
    assert line.startswith("Than the baseline it may be no better: by 0.2 on all tasks")
    assert line.endswith(" About 40 tasks would be needed to tell.")


def test_no_number_of_tasks_shows_that_something_worse_is_better() -> None:
    worse = Improvement({"x": 0.1}, -0.2, -0.4, -0.3, None)
    (line,) = (line for line in lines_of(baseline=worse) if "baseline" in line)
    assert "may be no better: by -0.2" in line
    assert "would be needed" not in line


def test_the_baseline_itself_is_the_best() -> None:
    same = Improvement({"x": 0.5}, 0.0, -0.2, -0.1, None)
    lines = lines_of(baseline=same)
    assert "No configuration that was tried is better than the baseline." in lines
    assert not any(line.startswith("Than the baseline") for line in lines)
