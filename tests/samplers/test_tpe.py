"""The reach into Optuna's TPE: what is read there, and what happens if it cannot be read."""

from __future__ import annotations

from typing import Any

import numpy as np
import optuna
import pytest
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.samplers import TPESampler
from optuna.study import Study
from optuna.trial import FrozenTrial

from optuna_hpx.samplers import _tpe
from optuna_hpx.samplers._tpe import Choice, RankedTPESampler, TPECandidates
from optuna_hpx.trials import tpe_internals

SPACE: dict[str, BaseDistribution] = {
    "x": FloatDistribution(-1, 1),
    "lr": FloatDistribution(1e-5, 1e-1, log=True),
    "s": FloatDistribution(0, 1, step=0.25),
    "n": IntDistribution(1, 20),
    "m": IntDistribution(1, 64, log=True),
    "k": CategoricalDistribution(("a", "b", None)),
}


class _Plain(RankedTPESampler):
    """Ranks as TPE does, and notes what it ranks and what it is told."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"n_startup_trials": 5, "seed": 0, **options})
        self.choices: list[Choice] = []
        self.candidates: list[TPECandidates] = []
        self.reported: list[tuple[int, str]] = []

    def _rank(self, choice: Choice, candidates: TPECandidates) -> np.ndarray:
        self.choices.append(choice)
        self.candidates.append(candidates)
        return candidates.log_ratio()

    def _report_mismatch(self, study: Study, trial: FrozenTrial) -> None:
        self.reported.append((trial.number, self._mismatch))


def _objective(trial: optuna.Trial) -> float:
    values = [
        trial.suggest_float("x", -1, 1),
        trial.suggest_float("lr", 1e-5, 1e-1, log=True),
        trial.suggest_float("s", 0, 1, step=0.25),
        trial.suggest_int("n", 1, 20),
        trial.suggest_int("m", 1, 64, log=True),
    ]
    return sum(values) + (trial.suggest_categorical("k", ["a", "b", None]) == "a")


def _run(sampler: optuna.samplers.BaseSampler, n: int = 15) -> optuna.Study:
    study = optuna.create_study(sampler=sampler)
    study.optimize(_objective, n_trials=n)
    return study


def _params(sampler: optuna.samplers.BaseSampler, n: int = 15) -> list[dict[str, Any]]:
    return [trial.params for trial in _run(sampler, n).trials]


def test_mixtures_are_optunas_own_for_each_kind_of_parameter() -> None:
    """The log density of a mixture of one parameter is that of Optuna's estimator."""
    study = _run(TPESampler(seed=1), 40)
    for name, distribution in SPACE.items():
        sampler = _Plain()
        sampler.sample_independent(study, study.ask()._cached_frozen_trial, name, distribution)
        candidates = sampler.candidates[0]
        assert candidates.error() < 1e-9
        for mixture, estimator in zip(
            candidates.mixtures(), (candidates.better, candidates.others), strict=True
        ):
            assert mixture.log_k.shape == (24, len(mixture.weights), 1)
            assert mixture.log_density(np.ones(1)) == pytest.approx(
                estimator.log_pdf(candidates.values), rel=1e-6, abs=1e-6
            )


def test_it_is_asked_for_each_choice_after_the_random_trials() -> None:
    sampler = _Plain()
    study = _run(sampler)
    assert [choice.trial.number for choice in sampler.choices] == list(range(5, 15))
    assert all(choice.study is study for choice in sampler.choices)
    assert all(set(choice.space) == set(SPACE) for choice in sampler.choices)
    assert sampler.reported == []
    assert _params(_Plain()) == _params(TPESampler(n_startup_trials=5, seed=0))


def test_the_largest_is_taken() -> None:
    class Last(_Plain):
        def _rank(self, choice: Choice, candidates: TPECandidates) -> np.ndarray:
            super()._rank(choice, candidates)
            return np.arange(len(candidates.values["x"]))

    sampler = Last()
    trial = _run(sampler, 6).trials[-1]
    assert trial.params["x"] == sampler.candidates[0].values["x"][-1]


def test_the_private_methods_are_those_we_know() -> None:
    """Fails loudly when Optuna changes them: then trials/tpe_internals.py wants a look."""
    assert tpe_internals.has_expected_methods()
    sampler = _Plain()
    _run(sampler, 40)
    assert sampler._checked == {_tpe._kind(distribution) for distribution in SPACE.values()}
    assert not sampler._is_plain


def test_methods_that_are_gone_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(tpe_internals.EXPECTED, "_compute_acquisition_func", ["self", "samples"])
    sampler = _Plain()
    assert _params(sampler) == _params(TPESampler(n_startup_trials=5, seed=0))
    assert sampler.choices == []
    assert {number for number, _ in sampler.reported} == set(range(5, 15)), "not the random ones"
    assert {words for _, words in sampler.reported} == {"its methods have changed"}


def test_a_kind_that_cannot_be_read_is_noticed_when_it_first_comes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    original = _tpe._log_kernels

    def broken(x: np.ndarray, kernels: Any, distribution: BaseDistribution) -> np.ndarray:
        if isinstance(distribution, CategoricalDistribution):
            raise AttributeError("weights")
        return original(x, kernels, distribution)

    monkeypatch.setattr(_tpe, "_log_kernels", broken)

    def objective(trial: optuna.Trial) -> float:
        x = trial.suggest_float("x", 0, 1)
        return x + (trial.number >= 8 and trial.suggest_categorical("k", ["a", "b"]) == "a")

    sampler = _Plain()
    optuna.create_study(sampler=sampler).optimize(objective, n_trials=12)
    assert [choice.trial.number for choice in sampler.choices] == [5, 6, 7, 8]
    assert sampler.reported[0] == (8, "AttributeError: weights")
    assert sampler._is_plain
