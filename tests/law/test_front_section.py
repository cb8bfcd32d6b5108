"""What the page says of several objectives."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import optuna
import pandas as pd
from optuna.samplers import NSGAIISampler, RandomSampler

from optuna_hpx import TrialTable, hypervolume_outlook
from optuna_hpx.canvas.material import Material
from optuna_hpx.canvas.section import Section
from optuna_hpx.law._front_section import (
    describe_front,
    describe_hypervolume,
    front_section,
    with_history,
)
from optuna_hpx.law.section import sections
from optuna_hpx.trials.hypervolume import hypervolume
from tests.law.test_hypervolume import DIRECTIONS, objective, study_of


def test_chance_and_size_of_what_more_trials_add() -> None:
    outlook = hypervolume_outlook(study_of(600), reference_point=(1.2, 0.0))
    said = describe_front(outlook).replace("\xa0", " ")
    chance = outlook.probability_of_improvement(60)
    assert said.startswith("60 more random trials extend the front with probability ")
    assert f"{100 * chance:.0f} %" in said or "over 99 %" in said
    high = outlook.best_after(60, confidence=0.8).high / outlook.best - 1.0
    assert f" to {float(f'{100 * high:.2g}'):g} % (80 % interval)" in said
    assert "front of all" not in said


def test_a_marked_study_is_taken_by_its_draws() -> None:
    study = study_of(60)
    section = front_section(TrialTable.from_study(study), study.sampler)
    assert "60 random trials" in section.basis
    assert section.basis.endswith("that they were drawn independently.")
    (chart,) = section.charts
    assert chart.label == "Chart: the hypervolume of 60 random trials and its forecast"


def test_few_trials_without_a_word_may_be_random() -> None:
    frame = pd.DataFrame(np.random.default_rng(0).random((12, 3)), columns=["x", "a", "b"])
    section = front_section(
        TrialTable.from_frame(frame, params=["x"], value=["a", "b"], direction=["minimize"] * 2)
    )
    assert "holds only if these trials are independent random draws" in section.basis
    assert section.answer


def test_other_trials_gain_no_more() -> None:
    study = optuna.create_study(
        directions=DIRECTIONS, sampler=NSGAIISampler(population_size=20, seed=0)
    )
    study.optimize(objective, n_trials=60)
    section = front_section(TrialTable.from_study(study), study.sampler)
    assert "extend the front of the random trials" in section.answer
    assert "they add no more hypervolume than that. The hypervolume of all" in section.answer
    assert "tells nothing of 40 other trials" in section.basis


def test_why_nothing_is_said() -> None:
    sampler = optuna.samplers.QMCSampler(seed=0, warn_independent_sampling=False)
    study = optuna.create_study(directions=DIRECTIONS, sampler=sampler)
    study.optimize(objective, n_trials=64)
    section = front_section(TrialTable.from_study(study), study.sampler)
    assert section.answer.startswith("The hypervolume of all trials is ")
    assert section.verdict == ""
    (chart,) = section.charts
    assert chart.label == "Chart: the hypervolume of the first so many trials"
    assert "grid" in section.basis
    assert section.how_to_read.startswith("The hypervolume is ")
    few = front_section(TrialTable.from_study(study_of(5)), RandomSampler())
    assert "at least 8 independent random draws with scores; there are 5" in few.basis


def test_scores_with_ties_have_at_most_that_probability() -> None:
    """Of a grid of three by three the front of 8 is extended less often than its draws tell."""
    rng, stated, true = np.random.default_rng(0), [], []
    for _ in range(60):
        scores = rng.integers(0, 3, (8, 2)).astype(float)
        outlook = hypervolume_outlook(scores, reference_point=(3.0, 3.0))
        said = describe_front(outlook)
        assert "extend the front with probability at most" in said
        assert outlook.has_copies != ("by more than" in said)
        more = np.vstack([scores, rng.integers(0, 3, (50, 2))])
        stated.append(outlook.probability_of_improvement(50))
        true.append(hypervolume(more, np.full(2, 3.0)) > outlook.best)
    assert np.mean(true) < np.mean(stated) - 0.2


def test_nothing_is_said_to_be_certain() -> None:
    far = hypervolume_outlook(np.random.default_rng(0).random((40, 2)), reference_point=(1e6, 1e6))
    assert "by more than 1\xa0% with probability under 1" in describe_front(far)
    x = np.random.default_rng(0).random(60)
    all_on_it = hypervolume_outlook(np.column_stack([x, 1.0 - x]))
    assert "extend the front with probability over 99" in describe_front(all_on_it)


def test_the_reference_point_is_named() -> None:
    outlook = hypervolume_outlook(study_of(), reference_point=(1.25, 0.0))
    assert "here 1.25 and 0, " in describe_hypervolume(outlook)


def test_of_trials_that_are_said_to_be_chosen_the_front_is_still_followed() -> None:
    material = replace(Material.of(study_of(60)), sampling="adaptive")
    (section,) = sections(material)
    assert section.answer.startswith("The hypervolume of all trials is ")
    assert len(section.charts) == 1
    assert section.actions


def test_how_the_front_grew_is_not_told_of_rows_that_were_sorted() -> None:
    frame = pd.DataFrame(np.random.default_rng(0).random((60, 3)), columns=["x", "a", "b"])
    sections = [
        with_history(
            Section("Front"),
            TrialTable.from_frame(
                rows, params=["x"], value=["a", "b"], direction=["minimize"] * 2
            ),
        )
        for rows in (frame, frame.sort_values("a", ignore_index=True))
    ]
    assert [len(section.charts) for section in sections] == [1, 0]
    assert [section.answer == "" for section in sections] == [False, True]
