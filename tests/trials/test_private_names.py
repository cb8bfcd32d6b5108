"""Each private name of Optuna that this package needs is there, and stands in trials/ alone."""

from __future__ import annotations

import ast
import importlib
import inspect
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import pytest
from optuna.artifacts import FileSystemArtifactStore
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.pruners import MedianPruner, PatientPruner
from optuna.samplers import GPSampler, PartialFixedSampler, QMCSampler, TPESampler
from optuna.storages import BaseStorage, RDBStorage

from optuna_hpx.trials import marks, tpe_internals

PACKAGE = Path(__file__).parents[2] / "optuna_hpx"
TRIALS = PACKAGE / "trials"


def _estimator() -> Any:
    """One of the estimators by which TPE compares, caught where it does."""

    class Catching(tpe_internals.ComparingTPESampler):
        def _compare_candidates(
            self, log_ratio: Callable[[], np.ndarray], *args: Any, **kwargs: Any
        ) -> np.ndarray:
            estimators.append(args[1])
            return log_ratio()

    estimators: list[Any] = []
    study = optuna.create_study(sampler=Catching(n_startup_trials=2, seed=0))
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=3)
    return estimators[0]


# The private attribute, something of Optuna that must have it, and who needs it in trials/.
ATTRIBUTES: list[tuple[str, Callable[[], Any], str]] = [
    ("_storage", optuna.create_study, "storage.write_by_id and most of storage"),
    ("_study_id", optuna.create_study, "storage.study_attributes, storage.create_trial"),
    ("_trial_id", lambda: optuna.create_study().ask(), "storage.trial_id"),
    ("_trial_id", lambda: optuna.trial.create_trial(value=0.0), "storage.trial_id"),
    (
        "_backend",
        lambda: optuna.create_study(storage="sqlite://")._storage,
        "transactions.writes_at_once, storage.is_current",
    ),
    ("_n_startup_trials", TPESampler, "options.n_startup_trials"),
    ("_multivariate", TPESampler, "options.is_multivariate"),
    ("_group", TPESampler, "options.is_multivariate"),
    ("_constant_liar", TPESampler, "options.is_liar"),
    ("_n_startup_trials", lambda: GPSampler, "options.n_startup_trials"),
    ("_independent_sampler", lambda: GPSampler, "options.independent_sampler"),
    (
        "_base_sampler",
        lambda: PartialFixedSampler({}, TPESampler()),
        "options.wrapped_sampler",
    ),
    ("_wrapped_pruner", lambda: PatientPruner(MedianPruner(), 1), "options.wrapped_pruner"),
    ("_base_path", lambda: FileSystemArtifactStore("."), "options.artifact_folder"),
    ("_search_space", _estimator, "tpe_internals.TPEMixture.space"),
    ("_mixture_distribution", _estimator, "tpe_internals.TPEMixture.kernels"),
    ("_compute_acquisition_func", TPESampler, "tpe_internals.ComparingTPESampler"),
]
NAMES = {name for name, _, _ in ATTRIBUTES}


@pytest.mark.parametrize(
    ("name", "make", "need"), ATTRIBUTES, ids=lambda value: value if type(value) is str else ""
)
def test_optuna_has_the_attribute(name: str, make: Callable[[], Any], need: str) -> None:
    thing = make()
    if inspect.isclass(thing):  # needs an extra to be made: read what it sets
        is_there = f"self.{name} =" in inspect.getsource(thing.__init__)
        owner = thing.__name__
    else:
        is_there, owner = hasattr(thing, name), type(thing).__name__
    assert is_there, f"Optuna moved {owner}.{name}, which optuna_hpx.trials.{need} needs"


# Methods of storages, which Optuna keeps for itself: the first parameters, and who needs them.
METHODS = {
    "create_new_study": (["directions", "study_name"], "study_in_memory"),
    "create_new_trial": (["study_id", "template_trial"], "create_trial"),
    "get_study_system_attrs": (["study_id"], "study_attributes"),
    "get_trial": (["trial_id"], "get_trial"),
    "set_study_system_attr": (["study_id", "key", "value"], "set_study_attribute"),
    "set_trial_state_values": (["trial_id", "state", "values"], "finish"),
    "set_trial_system_attr": (["trial_id", "key", "value"], "write_by_id"),
}


@pytest.mark.parametrize("name", METHODS)
def test_a_storage_has_the_method(name: str) -> None:
    parameters, need = METHODS[name]
    method = getattr(BaseStorage, name, None)
    actual = None if method is None else list(inspect.signature(method).parameters)[1:]
    assert actual == parameters, (
        f"Optuna changed BaseStorage.{name}{tuple(parameters)} to {actual}, which "
        f"optuna_hpx.trials.storage.{need} needs"
    )


def test_a_relational_storage_has_an_engine() -> None:
    assert hasattr(RDBStorage("sqlite://"), "engine"), (
        "Optuna moved RDBStorage.engine, which optuna_hpx.trials.transactions needs"
    )


@pytest.mark.parametrize(("name", "parameters"), tpe_internals.EXPECTED.items())
def test_tpe_compares_what_is_expected(name: str, parameters: list[str]) -> None:
    actual = list(inspect.signature(getattr(TPESampler, name)).parameters)
    assert actual == parameters, (
        f"Optuna changed TPESampler.{name}, which tpe_internals.ComparingTPESampler overrides"
    )
    assert tpe_internals.has_expected_methods()


@pytest.mark.parametrize(
    "distribution",
    [
        FloatDistribution(0, 1),
        FloatDistribution(1e-3, 1, log=True),
        FloatDistribution(0, 1, step=0.25),
        IntDistribution(1, 9),
        IntDistribution(1, 9, log=True),
        CategoricalDistribution(["a", "b", "c"]),
    ],
    ids=str,
)
def test_tpe_has_the_kernels_of_a_parameter(distribution: BaseDistribution) -> None:
    trials = [
        optuna.trial.create_trial(
            params={"x": value}, distributions={"x": distribution}, value=float(k)
        )
        for k, value in enumerate(_values(distribution))
    ]
    mixtures: list[tpe_internals.TPEMixture] = []

    class Catching(tpe_internals.ComparingTPESampler):
        def _compare_candidates(
            self, log_ratio: Callable[[], np.ndarray], *args: Any, **kwargs: Any
        ) -> np.ndarray:
            mixtures.extend(map(tpe_internals.TPEMixture, args[1:]))
            return log_ratio()

    study = optuna.create_study(sampler=Catching(n_startup_trials=1, seed=0))
    study.add_trials(trials)
    study.ask({"x": distribution})
    for mixture in mixtures:
        assert mixture.space == {"x": distribution}
        assert mixture.weights.sum() == pytest.approx(1.0)
        (kernels,) = mixture.kernels
        if isinstance(distribution, CategoricalDistribution):
            assert kernels["probabilities"].shape == (len(mixture.weights), 3)
        else:
            assert kernels["mu"].shape == kernels["sigma"].shape == mixture.weights.shape
            assert kernels["is_log"] == distribution.log
            assert kernels["low"] < kernels["high"]
            assert kernels["step"] == (distribution.step or 0.0)
    assert len(mixtures) == 2


def _values(distribution: BaseDistribution) -> list[Any]:
    if isinstance(distribution, CategoricalDistribution):
        return list(distribution.choices)
    return [distribution.low, distribution.high]


def test_studies_in_memory_are_logged_where_we_listen() -> None:
    importlib.import_module("optuna.storages._in_memory")
    assert "optuna.storages._in_memory" in logging.root.manager.loggerDict, (
        "Optuna moved optuna.storages._in_memory, whose log storage.study_in_memory silences"
    )


def test_a_sequence_leaves_the_key_that_is_advanced() -> None:
    study = optuna.create_study(sampler=QMCSampler(seed=0, warn_independent_sampling=False))
    assert not marks.advance_sequence(study, 7)
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=3)
    assert marks.advance_sequence(study, 7), (
        'Optuna moved the key "qmc:" of QMCSampler, which marks.advance_sequence needs'
    )


def _private_names(path: Path) -> Iterator[tuple[int, str]]:
    """Private attributes of other objects than self, read or by getattr, and private modules."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Attribute) and node.attr.startswith("_"):
            if not (isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")):
                yield node.lineno, node.attr
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value
        elif isinstance(node, ast.FunctionDef):
            yield node.lineno, node.name
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("optuna."):
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)


def test_tpe_draws_from_a_generator() -> None:
    assert 0 <= TPESampler(seed=0)._rng.rng.randint(2**31) < 2**31, (
        "Optuna moved TPESampler._rng, which ComparingTPESampler._draw_seed needs"
    )


def test_the_list_of_attributes_is_complete() -> None:
    """Whatever trials/ reads of Optuna's privates is checked above."""
    used = {name for path in TRIALS.glob("*.py") for _, name in _private_names(path)}
    assert used >= NAMES, "a name that nobody needs any more"
    for module in ("storage", "marks", "options", "transactions", "tpe_internals"):
        tree = ast.parse((TRIALS / f"{module}.py").read_text())
        private = {
            node.attr
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute)
            and node.attr.startswith("_")
            and not node.attr.startswith("__")
        }
        own = {"_compare_candidates", "_rng"}  # of a TPESampler, tested above
        assert private - own <= NAMES, f"{module} needs private names that no test knows"


@pytest.mark.parametrize(
    "path",
    [path for path in sorted(PACKAGE.rglob("*.py")) if path.parent != TRIALS],
    ids=lambda path: str(path.relative_to(PACKAGE)),
)
def test_no_other_module_uses_a_private_name_of_optuna(path: Path) -> None:
    wrong = [
        f"{path.relative_to(PACKAGE)}:{line}: {name} belongs behind a function of trials/"
        for line, name in _private_names(path)
        if name in NAMES or (name.startswith("optuna.") and "._" in name and " " not in name)
    ]
    assert not wrong, "\n".join(wrong)
