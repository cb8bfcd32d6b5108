"""The hook in TPE changes nothing by itself, and decides what is compared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import optuna
from optuna.samplers import BaseSampler, TPESampler

from optuna_hpx.trials.tpe_internals import ComparingTPESampler, TPEMixture


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
