"""Where HsicSampler is plain TPE: a warning, the trial, the beliefs and the figure say so."""

from __future__ import annotations

import json
import pickle
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import pytest
from optuna.samplers import TPESampler

from optuna_hpx import HsicSampler, plot_beliefs, sampler_beliefs
from optuna_hpx.samplers import _proposal, _tpe
from optuna_hpx.samplers.maths.mixture import Mixture
from optuna_hpx.trials import tpe_internals


def _one(trial: optuna.Trial) -> float:
    return trial.suggest_float("x", 0, 1) ** 2 + trial.suggest_int("n", 1, 9)


def _two(trial: optuna.Trial) -> tuple[float, float]:
    x, y = trial.suggest_float("x", 0, 1), trial.suggest_float("y", 0, 1)
    return x + y, (1 - x) ** 2 + y


def _alone(trial: optuna.Trial) -> float:
    return trial.suggest_float("x", 0, 1) ** 2


def _branches(trial: optuna.Trial) -> float:
    x = trial.suggest_float("x", 0, 1) + trial.suggest_float("y", 0, 1)
    return x + trial.suggest_float("a" if trial.number % 2 else "b", 0, 1)


def _run(
    sampler: optuna.samplers.BaseSampler,
    objective: Callable[[optuna.Trial], Any],
    n: int = 30,
    n_objectives: int = 1,
    **options: Any,
) -> tuple[optuna.Study, list[str]]:
    """A study, and what it warned of."""
    study = optuna.create_study(sampler=sampler, directions=["minimize"] * n_objectives, **options)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        study.optimize(objective, n_trials=n)
    assert all(warning.category is UserWarning for warning in caught)
    return study, [str(warning.message) for warning in caught]


def _break(kind: str, patch: pytest.MonkeyPatch) -> None:
    original = _tpe.read_mixture

    def wrong(estimator: Any, values: dict[str, np.ndarray]) -> Mixture:
        mixture = original(estimator, values)
        return Mixture(mixture.log_k + 0.1, mixture.weights)

    def missing(estimator: Any, values: dict[str, np.ndarray]) -> Mixture:
        raise AttributeError("_mixture_distribution")

    def not_a_number(estimator: Any, values: dict[str, np.ndarray]) -> Mixture:
        mixture = original(estimator, values)
        return Mixture(np.full_like(mixture.log_k, np.nan), mixture.weights)

    if kind == "signature":
        patch.setitem(tpe_internals.EXPECTED, "_compute_acquisition_func", ["self"])
    else:
        broken = {"wrong": wrong, "missing": missing, "nan": not_a_number}[kind]
        patch.setattr(_tpe, "read_mixture", broken)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("wrong", "its densities differ by"),
        ("missing", "AttributeError: _mixture_distribution"),
        ("nan", "its densities differ by nan"),
        ("signature", "its methods have changed"),
    ],
)
def test_what_optuna_changes_is_noticed(
    kind: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It warns once, is plain TPE, and each such trial says so."""
    _break(kind, monkeypatch)
    study, messages = _run(HsicSampler(seed=1, surrogate=False), _one)
    expected, _ = _run(TPESampler(seed=1), _one)
    assert [t.params for t in study.trials] == [t.params for t in expected.trials]
    assert len(messages) == 1
    assert "to plain TPE, because this version of Optuna's TPESampler is not built" in messages[0]
    assert words in messages[0]
    (fallback,) = sampler_beliefs(study).fallbacks
    assert fallback.reason == "tpe"
    assert words in fallback.detail
    assert words in fallback.explanation
    assert fallback.numbers == tuple(range(10, 30))


def test_several_objectives_with_gaussian_processes_are_no_fallback() -> None:
    study, messages = _run(HsicSampler(seed=1), _two, n_objectives=2)
    assert messages == []
    assert sampler_beliefs(study).fallbacks == ()


def test_several_objectives_without_a_gaussian_process() -> None:
    study, messages = _run(HsicSampler(seed=1, surrogate=False), _two, n_objectives=2)
    assert len(messages) == 1
    assert "screens no parameters in a study with several objectives" in messages[0]
    assert "`cost=`" in messages[0]
    beliefs = sampler_beliefs(study)
    (fallback,) = beliefs.fallbacks
    assert (fallback.reason, fallback.detail) == ("objectives", "")
    assert fallback.numbers == tuple(range(10, 30))
    assert len(beliefs.numbers) == 0
    assert repr(beliefs).endswith("20 trials left to plain TPE>")
    text = plot_beliefs(beliefs).layout.annotations[0].text
    assert "HsicSampler screens no parameters in a study with several objectives" in text


def test_several_objectives_with_a_known_cost_are_no_plain_tpe() -> None:
    sampler = HsicSampler(cost=_cost, seed=1, surrogate=False)
    study, messages = _run(sampler, _two, n_objectives=2)
    plain, _ = _run(TPESampler(seed=1), _two, n_objectives=2)
    assert messages == []
    assert sampler_beliefs(study).fallbacks == ()
    assert [t.params for t in study.trials] != [t.params for t in plain.trials]


@pytest.mark.parametrize("options", [{"cost_weight": 0.0, "cost": lambda t: 1 + t.number}, {}])
def test_a_cost_that_does_not_count_or_is_not_known(options: dict[str, Any]) -> None:
    options = options or {"cost": lambda trial: None}
    sampler = HsicSampler(seed=1, surrogate=False, **options)
    study, messages = _run(sampler, _two, n_objectives=2)
    assert len(messages) == 1
    assert len(sampler_beliefs(study).fallbacks[0].numbers) == 20


def test_a_parameter_alone() -> None:
    study, messages = _run(HsicSampler(seed=1, surrogate=False), _alone)
    assert len(messages) == 1
    assert "chosen by itself has no other to be screened against" in messages[0]
    assert [f.numbers for f in sampler_beliefs(study).fallbacks] == [tuple(range(10, 30))]


def test_what_the_gaussian_process_chooses_is_no_fallback() -> None:
    """One trial in four is left to TPE, and plain where TPE's inside has changed."""
    study, messages = _run(HsicSampler(seed=1), _alone)
    (fallback,) = sampler_beliefs(study).fallbacks
    assert fallback.numbers == (12, 16, 20, 24, 28)
    assert len(messages) == 1
    with pytest.MonkeyPatch.context() as patch:
        _break("signature", patch)
        study, _ = _run(HsicSampler(seed=1), _one)
    (fallback,) = sampler_beliefs(study).fallbacks
    assert (fallback.reason, fallback.numbers) == ("tpe", (12, 16, 20, 24, 28))


@pytest.mark.parametrize(
    "error", [np.linalg.LinAlgError("singular"), ValueError("bad"), FloatingPointError("nan")]
)
def test_where_the_gaussian_process_fails_tpe_takes_over(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The study goes on, and says so."""

    def fail(*_: Any, **__: Any) -> Any:
        raise error

    monkeypatch.setattr(_proposal, "fit_hyperparameters", fail)
    for objective in (_one, _branches):
        study, messages = _run(HsicSampler(seed=1), objective)
        assert len(study.trials) == 30
        (fallback,) = [f for f in sampler_beliefs(study).fallbacks if f.reason == "surrogate"]
        assert fallback.numbers == tuple(n for n in range(10, 30) if n % 4)
        assert fallback.detail == f"{type(error).__name__}: {error}"
        assert any(
            "leaves trials to TPE, because HsicSampler's Gaussian process could not" in text
            for text in messages
        )
        assert "surrogate=False" in "".join(messages)


def test_conditional_parameters_are_alone_unless_they_are_grouped() -> None:
    """Recorded once ten trials have the parameter: before, nobody could screen it."""
    study, messages = _run(HsicSampler(seed=1, surrogate=False), _branches, 40)
    beliefs = sampler_beliefs(study)
    (fallback,) = beliefs.fallbacks
    assert fallback.reason == "alone"
    assert len(messages) == 1
    assert "group=True" in messages[0]
    assert fallback.numbers[0] >= 20
    assert len(beliefs.numbers) > 0


def test_the_first_trials_are_no_fallback() -> None:
    study, messages = _run(HsicSampler(seed=1, n_startup_trials=0), _one, 12)
    assert messages == []
    assert sampler_beliefs(study).fallbacks == ()


def test_a_screened_study_warns_of_nothing() -> None:
    study, messages = _run(HsicSampler(seed=1), _one)
    assert messages == []
    assert sampler_beliefs(study).fallbacks == ()
    assert "hpx:fallback" not in json.dumps([t.system_attrs for t in study.trials])


def test_another_process_reads_it_and_a_copy_does_not_warn_again(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/study.db"
    sampler = HsicSampler(seed=1, surrogate=False)
    _, messages = _run(sampler, _two, 14, 2, study_name="s", storage=url)
    assert len(messages) == 1
    study = optuna.load_study(study_name="s", storage=url)
    assert sampler_beliefs(study).fallbacks[0].numbers == (10, 11, 12, 13)
    study.sampler = pickle.loads(pickle.dumps(sampler))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        study.optimize(_two, n_trials=2)
    assert sampler_beliefs(study).fallbacks[0].numbers == (10, 11, 12, 13, 14, 15)


def _cost(trial: optuna.trial.FrozenTrial) -> float:
    return float(np.exp(3.0 * trial.params["x"]))


def test_repr_says_how_many_and_why() -> None:
    study, _ = _run(HsicSampler(seed=1, surrogate=False), _two, 12, 2)
    assert repr(sampler_beliefs(study).fallbacks[0]) == (
        "<Fallback to plain TPE in 2 trials: without a Gaussian process HsicSampler screens no "
        "parameters in a study with several objectives>"
    )
