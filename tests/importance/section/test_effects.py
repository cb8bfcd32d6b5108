from __future__ import annotations

import numpy as np
import optuna

from optuna_hpx.canvas.material import Material
from optuna_hpx.canvas.section import Section
from optuna_hpx.importance.section.effects import effects_of, with_effects
from tests.importance.section.test_effect_words import effect_of


def test_a_part_gets_its_effect_and_others_stay() -> None:
    parts = (Section("x", answer="Here."), Section("y", answer="There."))
    sections = [Section("Where the good values lie", parts=parts), Section("Other")]
    first, other = with_effects(sections, {"x": effect_of([0, 1, 2], 0.5)})
    assert first.parts[0].answer == (
        "Here. By a surrogate of the objective: Lower is better on average, to the end of the "
        "range."
    )
    assert len(first.parts[0].charts) == 1
    assert first.parts[1] == parts[1]
    assert other == sections[1]


def test_an_effect_does_not_mind_constraints_and_says_so() -> None:
    sections = [Section("Where the good values lie", parts=(Section("x", answer="Here."),))]
    (one,) = with_effects(sections, {"x": effect_of([0, 1, 2], 0.5)}, has_infeasible=True)
    assert "By a surrogate of the objective, whatever the constraints: " in one.parts[0].answer


def test_nothing_of_a_parameter_with_one_value() -> None:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    study.optimize(
        lambda trial: trial.suggest_float("x", 0, 1) + trial.suggest_int("epochs", 5, 5),
        n_trials=30,
    )
    assert list(effects_of(Material.of(study), ["x", "epochs"])) == ["x"]


def test_effects_of_a_study() -> None:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=30)
    assert list(effects_of(Material.of(study), ["x"])) == ["x"]


def test_nothing_where_nothing_can_be_predicted() -> None:
    rng = np.random.default_rng(0)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    study.optimize(lambda trial: 0 * trial.suggest_float("x", 0, 1) + rng.random(), n_trials=30)
    assert effects_of(Material.of(study), ["x"]) == {}
    both = optuna.create_study(directions=["minimize"] * 2)
    both.optimize(lambda trial: (trial.suggest_float("x", 0, 1),) * 2, n_trials=30)
    assert effects_of(Material.of(both), ["x"]) == {}


def test_that_effects_are_of_the_first_parameters_only_is_said() -> None:
    effects = {"a": effect_of([0, 1, 2], 0.5)}
    limit = "Effects on the objective are predicted for the first 4 parameters only."
    for names, basis in (("abcd", "Here."), ("abcde", f"Here. {limit}"), ("vwxyz", "Here.")):
        parts = tuple(Section(name) for name in names)
        (section,) = with_effects([Section("Values", basis="Here.", parts=parts)], effects)
        assert section.basis == basis
