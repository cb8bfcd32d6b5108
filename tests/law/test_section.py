"""What the page says of how good it can get, and of which trials."""

from __future__ import annotations

import math
from typing import Any

import optuna
import pandas as pd
import pytest

from optuna_hpx import HsicSampler, InterleavedSampler, TrialTable
from optuna_hpx.canvas.material import Material
from optuna_hpx.law import section as law_section
from optuna_hpx.law.section import (
    describe_law,
    describe_outlook,
    find_law,
    sections,
)
from tests import made_by_hand as hand
from tests.law.by_hand import UniformLaw


def _outlook(**others: Any) -> str:
    return describe_outlook(UniformLaw(**others)).replace("\xa0", " ")


def _basis(**others: Any) -> str:
    return describe_law(UniformLaw(**others)).replace("\xa0", " ")


def test_the_best_possible_and_what_more_trials_bring() -> None:
    assert _outlook(best=0.009, best_of_all=0.009) == (
        "The best possible score is -0.01 to 0.01 (95 % interval). The best so far, 0.009, falls "
        "short of it by at most 0.014, with 90 % confidence. 50 more random trials improve the "
        "best with probability 36 %, and by more than 0.005 with probability 18 %."
    )
    assert "by more than" not in _outlook(failing=0.6)
    assert "300 more random trials" in _outlook(n_trials=3000)


def test_an_infinitely_good_score_does_not_cost_the_page() -> None:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    study.optimize(
        lambda t: t.suggest_float("x", 0, 1) if t.number != 5 else float("-inf"), n_trials=12
    )
    (section,) = sections(Material.of(study))
    assert section.basis.startswith("Trial 5 has an infinitely good score")


def test_scores_with_ties_have_at_most_that_probability() -> None:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    study.optimize(lambda t: float(t.suggest_int("k", 0, 3)), n_trials=30)
    (section,) = sections(Material.of(study))
    answer = section.answer.replace("\xa0", " ")
    assert "improve the best with probability at most 6" in answer
    assert answer.count("with probability at most") == 2
    assert "at most 0" not in answer


@pytest.mark.parametrize(("direction", "sign"), [("minimize", 1.0), ("maximize", -1.0)])
def test_a_best_that_noise_lifts_beyond_the_best_possible(direction: str, sign: float) -> None:
    interval = tuple(sorted((sign * 0.05, sign * 0.07)))
    said = _outlook(
        direction=direction,
        best=sign * 0.02,
        best_of_all=sign * 0.02,
        best_possible=sign * 0.06,
        intervals={"best_possible": interval, "noise_std": (0.01, 0.02)},
    )
    assert f"which the best so far, {sign * 0.02}, beats: by noise, if the law is right." in said


def test_scores_that_are_taken_not_to_vary() -> None:
    intervals = {"best_possible": (0.05, 0.07), "noise_std": (0.0, 0.0)}
    assert "Scores of one configuration are taken not to vary." in _basis(intervals=intervals)
    assert "0.02, is better: the law is wrong here." in _outlook(intervals=intervals)


def test_a_best_that_is_as_good_as_can_be() -> None:
    for best_possible in (0.03, 0.0249):
        said = _outlook(best_possible=best_possible, intervals={"best_possible": (0.019, 0.05)})
        assert "The best so far, 0.02, has likely reached it." in said


def test_among_other_trials_the_best_of_all_is_to_be_beaten() -> None:
    said = _outlook(best_of_all=0.004, n_left_out=300)
    assert "The best so far, 0.004" in said
    assert "50 more random trials improve the best with probability at most 18 %" in said
    assert "by more than 0.005 with probability at most under 1 %" in said


def test_what_the_law_found() -> None:
    assert _basis() == (
        "How many hyperparameters matter near the best cannot be told from these trials (as the "
        "law has it, 1: 20 %, 2: 70 %, 3: 10 %). Scores of one configuration vary with a standard "
        "deviation of 0.001 to 0.002 (95 % interval). This is judged mostly from the best 30 % of "
        "100 random trials, which do not contradict it (goodness of fit p = 0.43)."
    )


def test_a_number_of_hyperparameters_is_named_where_many_trials_agree_on_it() -> None:
    weights = {1: 0.1, 2: 0.9}
    assert "as if 2 hyperparameters mattered, as far as can be told (1: 10" in _basis(
        n_trials=300, dimension_weights=weights
    )
    assert "cannot be told" in _basis(n_trials=299, dimension_weights=weights)
    assert "cannot be told" in _basis(n_trials=300, dimension_weights={1: 0.4, 2: 0.35, 3: 0.25})


def test_noise_that_may_not_be_there() -> None:
    said = _basis(intervals={"noise_std": (0.0, 0.0123)})
    assert "may not vary at all; their standard deviation is at most 0.012 (95 %)." in said


def test_a_regime_of_all_trials() -> None:
    assert "from all of 100 random trials" in _basis(threshold=float("inf"), regime_mass=1.0)


def test_a_law_that_does_not_describe_tells_no_best_possible_score() -> None:
    assert _outlook(describes=False) == (
        "The law does not describe these trials, so that the best possible score cannot be told. "
        "50 more random trials improve the best with probability 33 %, by at most 0.031 with 90 % "
        "confidence."
    )
    basis = _basis(describes=False)
    assert basis.startswith(
        "This is judged mostly from the best 30 % of 100 random trials, which contradict the law "
        "(goodness of fit p "
    )


def _table(sampler: optuna.samplers.BaseSampler, n_trials: int = 40) -> TrialTable:
    study = optuna.create_study(sampler=sampler)
    study.optimize(_objective, n_trials=n_trials)
    return TrialTable.from_study(study)


def _objective(trial: optuna.Trial) -> float:
    return (trial.suggest_float("x", -1, 1) - 0.3) ** 2 + trial.suggest_float("y", 0, 1) ** 2


def _random(seed: int = 0) -> optuna.samplers.RandomSampler:
    return optuna.samplers.RandomSampler(seed=seed)


def test_trials_that_look_random() -> None:
    law, note = find_law(_loaded(_table(_random(1), 120)))
    assert law is not None
    assert law.n_trials == 120
    assert "These trials look like independent random draws" in note


def test_trials_too_few_to_tell() -> None:
    law, note = find_law(_loaded(_table(_random(1))))
    assert law is not None
    assert law.n_trials == 40
    assert note.startswith("All this holds only if these trials are independent random draws")


def _loaded(table: TrialTable) -> TrialTable:
    """Return the table of a study of the same trials, whose sampler is not known."""
    study = optuna.create_study()
    study.add_trials(table.trials)
    return TrialTable.from_study(study)


def test_trials_that_are_known_to_be_random() -> None:
    law, note = find_law(_table(_random()), _random())
    assert law is not None
    assert "These trials are independent random draws" in note


def test_a_sampler_that_is_named_is_believed() -> None:
    sampler = optuna.samplers.QMCSampler(seed=0)
    table = _table(_random(1), 120)
    assert find_law(table)[0] is not None
    law, note = find_law(table, sampler)
    assert law is None
    assert "independent random draws" in note


def test_an_enqueued_trial_does_not_make_a_study_adaptive() -> None:
    study = optuna.create_study(sampler=_random(1))
    study.enqueue_trial({"x": 0.3, "y": 0.0})
    study.optimize(_objective, n_trials=40)
    law, _ = find_law(TrialTable.from_study(study))
    assert law is not None
    assert law.n_trials == 39


@pytest.mark.parametrize(
    "sampler",
    [
        optuna.samplers.CmaEsSampler(seed=0),
        optuna.samplers.TPESampler(seed=0, n_startup_trials=10),
        optuna.samplers.NSGAIISampler(seed=0, population_size=10),
        HsicSampler(seed=0),
    ],
    ids=lambda sampler: type(sampler).__name__,
)
def test_adaptive_samplers_have_no_law(sampler: optuna.samplers.BaseSampler) -> None:
    law, note = find_law(_table(sampler))
    assert law is None
    assert note.startswith(("The law needs at least 20", "A sampler that learns"))
    assert "InterleavedSampler makes some" in note


def test_trials_that_lie_unevenly_have_no_law() -> None:
    study = optuna.create_study(sampler=_random())
    dist = optuna.distributions.FloatDistribution(0, 1)
    for k in range(60):
        x = 0.2 * (k / 60)
        study.add_trial(
            optuna.create_trial(params={"x": x}, distributions={"x": dist}, value=x**2)
        )
    law, note = find_law(TrialTable.from_study(study))
    assert law is None
    assert "They do not lie evenly in the domain of x." in note


def test_the_random_trials_among_others() -> None:
    inner = optuna.samplers.TPESampler(seed=0)
    law, note = find_law(_table(InterleavedSampler(inner, every=2, seed=0), 60))
    assert law is not None
    assert law.n_trials == 35, "every other trial, and the others of the start-up"
    assert "that were drawn at random, and of no others" in note


def test_rows_of_a_file() -> None:
    frame = pd.DataFrame({"x": range(40), "y": [k * k % 41 for k in range(40)]})
    law, note = find_law(TrialTable.from_frame(frame, params=["x"], value="y"))
    assert law is not None
    assert note.startswith("All this holds only if these trials are independent random draws")


def test_too_few_trials() -> None:
    law, note = find_law(_table(_random(), 5))
    assert law is None
    assert note.startswith("The law needs at least")
    assert "there are 5" in note
    assert note.endswith(".")
    assert "`" not in note, "no advice in code"


def test_no_parameters() -> None:
    study = optuna.create_study()
    for _ in range(30):
        study.tell(study.ask(), 1.0)
    law, note = find_law(TrialTable.from_study(study))
    assert law is None
    assert "no parameters" in note


def test_several_objectives() -> None:
    study = optuna.create_study(directions=["minimize"] * 2, sampler=_random())
    study.optimize(lambda trial: (trial.suggest_float("x", 0, 1), 1.0), n_trials=5)
    (section,) = sections(Material.of(study))
    assert section.title == "How much better the front can get"
    assert section.answer == ""


def test_a_law_has_a_section_with_a_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    law = UniformLaw(warnings=["Mind the pruner."])
    monkeypatch.setattr(law_section, "find_law", lambda *_: (law, "Holds for <these>."))
    (section,) = sections(Material.of(hand.study([[0.4], [0.02], [0.3]])))
    assert section.title == "How good it can get"
    assert section.warnings == ("Mind the pruner.",)
    assert section.answer.startswith("The best possible score is -0.01 to 0.01")
    assert section.basis == "Holds for <these>."
    assert "(goodness of fit p = 0.43)." in section.how_to_read
    assert [chart.label for chart in section.charts] == [
        "Chart: the best so far, its forecast and the best possible of 100 random trials"
    ]


def test_a_best_at_its_bound_is_the_best_possible() -> None:
    assert _outlook(direction="maximize", best_of_all=1.0, is_best_at_bound=True) == (
        "The best so far, 1, is the best possible score, if scores are shares of a number of "
        "examples, as they look."
    )


def test_a_study_whose_best_is_at_its_bound_says_no_more() -> None:
    study = optuna.create_study(direction="maximize", sampler=_random())
    study.optimize(lambda t: min(1.0, round(73 * t.suggest_float("x", 0, 1.1)) / 73), n_trials=40)
    (section,) = sections(Material.of(study))
    assert section.answer.startswith("The best so far, 1, is the best possible score")
    assert section.warnings == (), "that its forecasts go beyond would be false"


@pytest.mark.parametrize(
    ("sampler", "n_trials", "n_draws"),
    [
        (optuna.samplers.TPESampler(seed=0), 40, 10),
        (InterleavedSampler(optuna.samplers.TPESampler(seed=0), every=4, seed=0), 30, 15),
        (_random(), 12, 12),
    ],
    ids=["start-up", "interleaved", "random"],
)
def test_few_draws_say_what_can_be_said(
    sampler: optuna.samplers.BaseSampler, n_trials: int, n_draws: int
) -> None:
    study = optuna.create_study(sampler=sampler)
    study.optimize(_objective, n_trials=n_trials)
    (section,) = sections(Material.of(study))
    assert section.answer.startswith("The best possible score cannot be told yet. 50 more random")
    assert section.basis.startswith(
        "The law needs at least 20 complete independent random draws; there are " + str(n_draws)
    )
    assert "independent random draws; those that failed count as bad." in section.basis
    assert [chart.label for chart in section.charts] == [
        f"Chart: the best so far and its forecast by {n_draws} random trials"
    ]
    assert "`" not in section.answer + section.basis + " ".join(section.warnings)


def test_of_few_trials_that_may_be_draws_it_holds_only_if_they_are() -> None:
    frame = pd.DataFrame({"x": [k * k % 13 for k in range(13)], "y": range(13)})
    table = TrialTable.from_frame(frame, params=["x"], value="y")
    (section,) = sections(Material.of(table))
    assert "50 more random trials improve the best" in section.answer
    assert "All this holds only if these trials are independent random draws" in section.basis


def test_why_there_is_no_law() -> None:
    (section,) = sections(Material.of(hand.study([[0.4], [0.02], [0.3]])))
    assert section.title == "How good it can get"
    assert section.basis.startswith("The law needs at least 20")
    assert not section.charts
    assert not section.answer


@pytest.mark.parametrize("values", [[1.0] * 40, [-math.inf] + [float(i) for i in range(40)]])
def test_where_more_draws_do_not_help_none_are_advised(values: list[float]) -> None:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    given = iter(values)

    def objective(trial: optuna.Trial) -> float:
        trial.suggest_float("x", 0, 1)
        return next(given)

    study.optimize(objective, n_trials=len(values))
    (section,) = sections(Material.of(study))
    assert "InterleavedSampler" not in section.basis
    assert section.actions == ()
