from __future__ import annotations

from dataclasses import replace

import numpy as np
import optuna

from optuna_hpx.canvas.material import Material
from optuna_hpx.importance.section.kinds import AnswerKind
from optuna_hpx.importance.section.path import (
    describe_path,
    path_section,
    path_sections,
    path_sentences,
)
from tests.importance.figures.test_ablation import path_of


def _study(n: int, *, is_noise: bool = False, n_objectives: int = 1) -> optuna.Study:
    rng = np.random.default_rng(0)
    study = optuna.create_study(
        directions=["minimize"] * n_objectives, sampler=optuna.samplers.RandomSampler(seed=0)
    )

    def objective(trial: optuna.Trial) -> list[float]:
        x = trial.suggest_float("x", 0, 1)
        return [rng.random() if is_noise else x] * n_objectives

    study.optimize(objective, n_trials=n)
    return study


def test_a_study_with_one_objective_has_the_section() -> None:
    (section,) = path_sections(Material.of(_study(30)))
    assert section.title == "From the median trial to the best"
    assert "the predicted objective improves by 0.5" in section.answer
    assert path_sections(Material.of(_study(19))) == [], "too few to say anything"
    assert path_sections(Material.of(_study(30, n_objectives=2))) == []
    assert path_sections(Material.of(_study(0))) == []


def test_what_cannot_be_predicted_is_said() -> None:
    (section,) = path_sections(Material.of(_study(40, is_noise=True)))
    assert section.answer.startswith("Which change was worth what is not known.")
    assert "cannot be predicted" in section.answer
    assert not section.charts


def test_what_is_sure_is_said_with_its_interval() -> None:
    sentence = describe_path(path_of())
    assert sentence.replace("\xa0", " ") == (
        "From the median trial to the best trial the predicted objective improves by 1.1 (95 % "
        "interval 0.5 to 1.7). On average over all orders of the changes this helps: "
        "lr 0.1 → 0.01 by 2.2 (1.7 to 2.7)."
    )


def test_nothing_is_said_of_what_is_not_sure() -> None:
    unsure = path_of((0.1, 0.05))
    assert describe_path(unsure).replace("\xa0", " ") == (
        "From the median trial to the best trial it is not sure whether the objective improves: "
        "by 0.15 as far as it can be predicted (95 % interval −0.45 to 0.75). Of no single change "
        "is enough seen to say that it helps."
    )


def test_a_way_that_gets_worse() -> None:
    sentence = describe_path(path_of((-2.0, -1.0))).replace("\xa0", " ")
    assert "gets worse by 3 (95 % interval 2.4 to 3.6)." in sentence


def test_at_most_three_changes_are_named() -> None:
    sentence = describe_path(path_of((5.0, 4.0, 3.0, 2.0, 1.0)))
    assert sentence.count(" by ") == 4, "of them one is the whole"
    assert sentence.endswith(", and 2 more changes.")


def test_the_table_has_a_row_for_each_change() -> None:
    path = replace(path_of(), observed=np.array([5.0, 3.2, np.nan, np.nan]))
    (table,) = path_section(path).tables
    assert len(table.head) == 6
    assert table.rows[0] == ("lr 0.1 → 0.01", "2", "1.5 to 2.5", "2.2", "1.7 to 2.7", "1.8")
    assert table.rows[2] == ("width 0.1 → 0.01", "−1", "−1.5 to −0.5", "−1.1", "−1.6 to −0.6", "–")


def test_what_the_sentences_claim() -> None:
    total, helpful = path_sentences(path_of((5.0, 4.0, 3.0, 2.0, -1.0)))
    assert [claim.kind for claim in total.claims] == [AnswerKind.TOTAL]
    kinds = [claim.kind for claim in helpful.claims]
    assert kinds.count(AnswerKind.HELPS) == 4
    assert kinds.count(AnswerKind.CHANGE) == 3, "those that are named have an interval"
