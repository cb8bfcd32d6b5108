from __future__ import annotations

from dataclasses import replace

import numpy as np
import optuna

from optuna_hpx.canvas.material import Material
from optuna_hpx.importance.section.comparison import (
    comparison_sections,
    comparison_sentences,
    describe_comparison,
)
from optuna_hpx.importance.section.kinds import AnswerKind
from tests.importance.figures.test_comparison import comparison


def _study(n_objectives: int) -> optuna.Study:
    study = optuna.create_study(
        directions=["minimize"] * n_objectives, sampler=optuna.samplers.RandomSampler(seed=0)
    )

    def objective(trial: optuna.Trial) -> list[float]:
        x = [trial.suggest_float(f"x{k}", 0, 1) for k in range(3)]
        return [x[k % 3] for k in range(n_objectives)]

    study.optimize(objective, n_trials=60)
    return study


def test_each_objective_is_compared_with_the_first() -> None:
    assert comparison_sections(Material.of(_study(1))) == []
    (section,) = comparison_sections(Material.of(_study(2)))
    assert section.title == "What matters for objective 0, and what for objective 1"
    assert "x0 matters more for objective 0" in section.answer
    assert "x1 matters more for objective 1" in section.answer
    assert "x2" not in section.answer
    assert len(comparison_sections(Material.of(_study(6)))) == 3


def test_no_trial() -> None:
    study = optuna.create_study(directions=["minimize"] * 2)
    assert comparison_sections(Material.of(study)) == []


def test_what_is_said_has_its_numbers() -> None:
    assert describe_comparison(comparison()) == (
        "lr matters more for objective 0 (S = 0.60) than for objective 1 (0.10; p = 0.003 among "
        "all parameters)."
    )


def test_nothing_is_said_of_what_is_not_told_from_chance() -> None:
    none = replace(comparison(), p_values_familywise=np.full(3, 0.4))
    assert describe_comparison(none).startswith("Not enough is seen")
    nan = np.full(3, np.nan)
    hint = replace(comparison(), p_values=nan, p_values_familywise=nan)
    assert "cannot be told" in describe_comparison(hint)


def test_many_are_counted() -> None:
    many = comparison(tuple(f"x{k}" for k in range(9)))
    sure = replace(many, p_values_familywise=np.full(9, 0.01))
    sentence = describe_comparison(sure)
    assert sentence.count("matters more") == 5
    assert sentence.endswith("So do 3 more, on one side or the other."), "one does not differ"


def test_parameters_that_are_only_counted_are_claimed_too() -> None:
    many = comparison(tuple(f"x{k}" for k in range(9)))
    sure = replace(many, p_values_familywise=np.full(9, 0.01))
    claims = [claim for sentence in comparison_sentences(sure) for claim in sentence.claims]
    assert len(claims) == len(sure.differing) == 8
    assert {claim.kind for claim in claims} == {AnswerKind.MATTERS_MORE}
