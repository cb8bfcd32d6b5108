"""The hook in TPE changes nothing by itself, and decides what is compared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import optuna
from optuna.samplers import BaseSampler, TPESampler

from optuna_hpx.trials.tpe_internals import (
    ComparingTPESampler,
    TPEMixture,
    intended_params,
    share_params,
)


class _Plain(ComparingTPESampler):
    """Compares as TPE does, and checks the ratio against the two mixtures."""

    def _compare_candidates(
        self, log_ratio: Callable[[], np.ndarray], *args: Any, **kwargs: Any
    ) -> np.ndarray:
        values, better, others = args
        ratio = TPEMixture(better).log_pdf(values) - TPEMixture(others).log_pdf(values)
        assert np.array_equal(log_ratio(), ratio)
        return ratio


def _points(sampler: BaseSampler) -> list[float]:
    study = optuna.create_study(sampler=sampler)
    study.optimize(lambda trial: trial.suggest_float("x", -1, 1) ** 2, n_trials=15)
    return [trial.params["x"] for trial in study.trials]


def test_the_hook_alone_changes_no_trial() -> None:
    options: dict[str, Any] = {"n_startup_trials": 5, "seed": 0}
    assert _points(_Plain(**options)) == _points(TPESampler(**options))


def test_the_hook_hides_nothing_of_tpe_but_what_it_overrides() -> None:
    own = {name for name in vars(ComparingTPESampler) if not name.startswith("__")}
    own.discard("_abc_impl")
    assert own & set(dir(TPESampler)) <= {"_compute_acquisition_func", "_abc_impl"}


def test_seeds_are_drawn_from_the_generator_of_tpe() -> None:
    def seeds(sampler: _Plain) -> list[int]:
        return [sampler._draw_seed() for _ in range(3)]

    assert seeds(_Plain(seed=0)) == seeds(_Plain(seed=0)) != seeds(_Plain(seed=1))
    sampler = _Plain(seed=0)
    sampler.reseed_rng()
    assert seeds(sampler) != seeds(_Plain(seed=0))


def test_what_a_running_trial_tries_is_told_as_tpe_tells_it() -> None:
    """So that TPE counts it, too; and what TPE tells is read."""
    study = optuna.create_study(sampler=TPESampler(seed=0))
    trial = study.ask()
    params = {"x": 0.25, "n": 3, "k": None, "long": "a" * 3000, "odd": object()}
    share_params(study, trial._cached_frozen_trial, params)
    frozen = study.get_trials(deepcopy=False)[0]
    del params["odd"]
    assert intended_params(frozen) == params
    assert TPESampler()._get_params(frozen, study) == params
    trial.suggest_float("x", 0.5, 0.5)
    assert intended_params(study.get_trials(deepcopy=False)[0])["x"] == 0.5
    del frozen.system_attrs["tpe:relative_params:1"]
    assert intended_params(frozen) == frozen.params, "a worker was stopped between two pieces"

    study = optuna.create_study(sampler=TPESampler(n_startup_trials=1, constant_liar=True))
    study.optimize(lambda t: t.suggest_float("x", -1, 1) + t.suggest_float("y", 0, 1), n_trials=3)
    study.ask().suggest_float("x", -1, 1)
    assert set(intended_params(study.get_trials(deepcopy=False)[-1])) == {"x", "y"}
