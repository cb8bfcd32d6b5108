"""What matters on two sides."""

from __future__ import annotations

import numpy as np
import optuna
from optuna.samplers import RandomSampler, TPESampler

from optuna_hpx.canvas.section import Section
from optuna_hpx.importance.section.pair import sections
from tests import made_by_hand as hand
from tests.page.pairs import chosen, pair_of, study_of


def _of(weight: float, seed: int, high: float = 1.0, n: int = 120) -> optuna.Study:
    def objective(trial: optuna.Trial) -> float:
        x, y = trial.suggest_float("x", 0, 1), trial.suggest_float("y", 0, high)
        return weight * x + (1.0 - weight) * y / high

    return study_of(objective, n, RandomSampler(seed=seed))


def _section(a: optuna.Study, b: optuna.Study) -> Section:
    (section,) = sections(pair_of(a, b))
    return section


def test_what_surely_differs_is_named_with_its_sides() -> None:
    section = _section(_of(1.0, 0), _of(0.0, 1))
    assert "x matters more for A" in section.answer
    assert "y matters more for B" in section.answer
    assert section.warnings == ()
    (table,) = section.tables
    assert [row[0] for row in table.rows] in (["x", "y"], ["y", "x"])
    first = next(row for row in table.rows if row[0] == "x")
    assert first[1] > first[3]
    assert " to " in first[2]
    assert first[6] < "0.05" or first[6].startswith("<")
    assert set(section.data["reports"][0]) >= {"importances", "ci_low", "ci_high", "sampling"}


def test_numbers_of_each_side_are_in_the_order_of_the_comparison() -> None:
    data = _section(_of(0.8, 2), _of(0.2, 3)).data
    for side in (0, 1):
        assert data["reports"][side]["names"] == data["names"]
        assert np.allclose(data["reports"][side]["importances"], data["importances"][side])


def test_other_spaces_are_no_ground_for_a_test() -> None:
    section = _section(_of(1.0, 0), _of(0.0, 1, high=3.0))
    assert section.warnings[0].startswith("The search spaces differ, in y")
    assert "cannot be told" in section.answer


def test_of_chosen_trials_nothing_is_tested() -> None:
    (section,) = sections(chosen())
    assert "cannot be told" in section.answer
    assert any("chose the trials" in w or "surrogate expects" in w for w in section.warnings)
    assert not any("space=" in w or "report()" in w for w in section.warnings), "no talk of code"


def test_trials_in_both_are_no_independent_evidence() -> None:
    def objective(trial: optuna.Trial) -> float:
        return trial.suggest_float("x", 0, 1) + trial.suggest_float("y", 0, 1)

    twins = [
        study_of(objective, 40, sampler) for sampler in (TPESampler(seed=0), RandomSampler(0))
    ]
    section = _section(*twins)
    assert section.warnings[-1].startswith("10 trials of A are also in B")
    assert len(section.tables[0].rows) == 2
    assert "cannot be told" in section.answer


def test_no_parameter_in_common() -> None:
    others = hand.study(
        [[1.0], [2.0], [3.0]],
        params=[{"z": 0.1}, {"z": 0.2}, {"z": 0.3}],
        distributions={"z": optuna.distributions.FloatDistribution(0, 1)},
    )
    section = _section(_of(1.0, 0, n=20), others)
    assert "share no parameter" in section.answer
    assert section.charts == ()
