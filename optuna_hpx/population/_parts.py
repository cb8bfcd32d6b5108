"""How the state of each kind of part is taken, and put back.

A segment builds its optimiser with its own hyperparameters, then loads its parent's state: that
state holds the parent's hyperparameters, too, and must not bring them back.
"""

from __future__ import annotations

import hashlib
import importlib
import inspect
import io
import json
import zipfile
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator

from optuna_hpx._imports import require
from optuna_hpx.population._archive import CheckpointError, Reader, Writer

__all__ = ["after_loading", "holds_state", "is_plain", "put", "set_hyperparameters", "take"]

# Methods that take and put the state of a random generator: of the module random, or one of its
# generators; of numpy.random, or a torch.Generator; of the module torch, or torch.cuda.
_RANDOM = (
    ("getstate", "setstate"),
    ("get_state", "set_state"),
    ("get_rng_state", "set_rng_state"),
)


_KIND = "hpx:kind"  # of an optimiser, beside its state
_SHAPES = (
    "A child goes on with its parent's model: sizes of layers, and the kinds of optimisers and "
    "estimators, cannot be searched."
)


def holds_state(part: Any) -> bool:
    """Whether a plain value has arrays or tensors in it, as a ``state_dict()`` has."""
    if isinstance(part, dict):
        return any(map(holds_state, part.values()))
    if isinstance(part, (list, tuple)):
        return any(map(holds_state, part))
    return isinstance(part, np.ndarray) or hasattr(part, "untyped_storage")


def is_plain(part: Any) -> bool:
    """Whether ``part`` is a value, which cannot be changed in place."""
    plain = (bool, int, float, str, list, tuple, dict, np.generic)
    return part is None or isinstance(part, plain)


def take(writer: Writer, name: str, part: Any) -> None:
    """Write the state of ``part``."""
    if hasattr(part, "state_dict"):
        state = part.state_dict()
        is_optimizer = hasattr(part, "param_groups")
        writer.add(name, {**state, _KIND: type(part).__name__} if is_optimizer else state)
    elif isinstance(part, BaseEstimator):
        content = _skops().dumps(part)
        writer.add_blob(name, content, _meaning(content))
    elif isinstance(part, np.random.Generator):
        writer.add(name, dict(part.bit_generator.state))
    elif is_plain(part) or isinstance(part, np.ndarray):
        writer.add(name, part)
    elif methods := _random_methods(part):
        writer.add(name, getattr(part, methods[0])())
    else:
        raise TypeError(
            f"`{name}` must have state_dict() and load_state_dict(), or be a scikit-learn "
            "estimator, a NumPy array, a random generator, or plain JSON; got a "
            f"{type(part).__name__}."
        )


def put(reader: Reader, name: str, part: Any) -> Any:
    """Restore the state of ``part`` in place; what a plain value was is returned."""
    if reader.is_blob(name):
        _put_estimator(reader, name, part)
        return None
    state = reader.tree(name)
    if hasattr(part, "load_state_dict"):
        if hasattr(part, "param_groups"):
            if state.pop(_KIND) != type(part).__name__:
                raise ValueError(f"`{name}` was another kind of optimiser than this. {_SHAPES}")
            state = _with_own_hyperparameters(part, state)
        elif hasattr(part, "last_epoch"):
            state = _with_own_settings(part, state)
        try:
            part.load_state_dict(state)
        except (RuntimeError, KeyError) as error:
            message = f"`{name}` does not fit what the parent saved: {error}. {_SHAPES}"
            raise ValueError(message) from error
    elif isinstance(part, np.random.Generator):
        part.bit_generator.state = state
    elif isinstance(part, np.ndarray):
        if not isinstance(state, np.ndarray):
            raise ValueError(f"`{name}` was saved as {state!r}, got an array.")
        if part.shape != state.shape or part.dtype != state.dtype:
            raise ValueError(
                f"`{name}` must have shape {state.shape} and type {state.dtype} as it was saved, "
                f"got {part.shape} and {part.dtype}."
            )
        part[...] = state
    elif is_plain(part):
        return state
    elif methods := _random_methods(part):
        getattr(part, methods[1])(state)
    else:
        raise TypeError(f"`{name}` cannot be restored into a {type(part).__name__}.")
    return None


def _random_methods(part: Any) -> tuple[str, str] | None:
    for methods in _RANDOM:
        if all(hasattr(part, method) for method in methods):
            return methods
    return None


def set_hyperparameters(target: Any, **values: Any) -> None:
    """Set them in all parameter groups of an optimiser, or in an estimator.

    A learning rate that a scheduler has lowered is scaled: the new one is that of the start.
    """
    if isinstance(target, BaseEstimator):
        target.set_params(**values)
        for estimator in (target, *(step for _, step in getattr(target, "steps", ()))):
            _tell_optimizer(estimator)
            if isinstance(estimator, BaseEstimator):
                _tell_fitted(estimator)
        return
    for group in target.param_groups:
        unknown = sorted(set(values) - set(group))
        if unknown:
            raise ValueError(
                f"The optimiser has no hyperparameter {unknown[0]!r}; it has "
                f"{sorted(set(group) - {'params'})}."
            )
        _set_in_group(group, values)


def _set_in_group(group: dict[str, Any], values: dict[str, Any]) -> None:
    """``group`` holds the state of a parent, ``values`` the segment's own hyperparameters."""
    new = dict(values)
    if "lr" in new and group.get("initial_lr"):
        start = new.get("initial_lr", new["lr"])
        new["lr"] = group["lr"] * (start / group["initial_lr"])
        new["initial_lr"] = start
    group.update(new)


def _with_own_hyperparameters(optimizer: Any, state: dict[str, Any]) -> dict[str, Any]:
    """The saved ``state`` with all that the groups of ``optimizer`` have now."""
    groups = [dict(group) for group in state["param_groups"]]
    for group, own in zip(groups, optimizer.param_groups, strict=False):
        _set_in_group(group, {key: value for key, value in own.items() if key != "params"})
    return {**state, "param_groups": groups}


# How far torch's schedulers of learning rates have come; all else in their state is how they were
# made, which is this segment's own.
_PROGRESS = {
    *("last_epoch", "_step_count", "best", "num_bad_epochs", "cooldown_counter", "T_cur"),
    "_get_lr_called_within_step",
}


def _with_own_settings(scheduler: Any, state: dict[str, Any]) -> dict[str, Any]:
    """The state that ``scheduler`` has now, as far advanced as the saved ``state``."""
    own = scheduler.state_dict()
    if not type(scheduler).__module__.startswith("torch."):
        made = {*inspect.signature(type(scheduler)).parameters, "base_lrs"} - {"last_epoch"}
        return {**state, **{key: value for key, value in own.items() if key in made}}
    merged = {**own, **{key: value for key, value in state.items() if key in _PROGRESS}}
    if "T_i" in own:  # the present period grows from the first by a factor
        merged["T_i"] = own["T_0"] * state["T_i"] // state["T_0"]
    inner = getattr(scheduler, "_schedulers", ())
    if inner:
        merged["_schedulers"] = [
            _with_own_settings(one, saved)
            for one, saved in zip(inner, state["_schedulers"], strict=True)
        ]
    return merged


def after_loading(parts: dict[str, Any]) -> None:
    """Let learning-rate schedulers know the rates, now that their optimisers are loaded, too."""
    for part in parts.values():
        if hasattr(part, "_last_lr") and hasattr(part, "optimizer"):
            part._last_lr = [group["lr"] for group in part.optimizer.param_groups]


def _put_estimator(reader: Reader, name: str, part: Any) -> None:
    if not isinstance(part, BaseEstimator):
        raise TypeError(f"`{name}` was a scikit-learn estimator, got a {type(part).__name__}.")
    content, sha256 = reader.blob(name)
    if _meaning(content) != sha256:
        raise CheckpointError(f"part {name!r} has been altered")
    io_ = _skops()
    trusted = [t for t in io_.get_untrusted_types(data=content) if _is_harmless(t)]
    loaded = io_.loads(content, trusted=trusted)
    if _structure(loaded) != _structure(part):
        raise ValueError(
            f"`{name}` was a {_structure(loaded)}, got a {_structure(part)}. {_SHAPES}"
        )
    own = _own_parameters(part)
    vars(part).clear()
    vars(part).update(vars(loaded))
    set_hyperparameters(part, **own)


def _is_harmless(type_name: str) -> bool:
    """Whether it is an estimator of scikit-learn, or an optimiser of its networks.

    skops calls what a file names: functions, and classes from elsewhere, might do anything.
    """
    module, _, name = type_name.rpartition(".")
    if not module.startswith("sklearn."):
        return False
    found = getattr(importlib.import_module(module), name, None)
    if not isinstance(found, type):
        return False
    networks = "sklearn.neural_network._stochastic_optimizers"
    return issubclass(found, BaseEstimator) or found.__module__ == networks


def _structure(estimator: Any) -> str:
    """Classes of an estimator and those in it, and layers: what a saved state must fit."""
    inner = [
        f"{name}={_structure(value)}"
        for name, value in sorted(estimator.get_params(deep=False).items())
        if isinstance(value, BaseEstimator)
    ]
    steps = [f"{name}={_structure(step)}" for name, step, *_ in getattr(estimator, "steps", ())]
    layers = getattr(estimator, "hidden_layer_sizes", None)
    sizes = [f"hidden_layer_sizes={np.atleast_1d(layers).tolist()}"] if layers is not None else []
    return f"{type(estimator).__name__}({', '.join([*inner, *steps, *sizes])})"


def _own_parameters(estimator: BaseEstimator) -> dict[str, Any]:
    """All that are values; not the estimators inside, which have been fitted."""
    return {
        name: value
        for name, value in estimator.get_params(deep=True).items()
        if not isinstance(value, BaseEstimator) and name not in ("steps", "transformers")
    }


def _tell_fitted(estimator: BaseEstimator) -> None:
    """Those that were fitted as copies of ``estimator.estimator`` have its parameters."""
    template = getattr(estimator, "estimator", None)
    if not isinstance(template, BaseEstimator):
        return
    for value in vars(estimator).get("estimators_", ()):
        if type(value) is type(template):
            set_hyperparameters(value, **_own_parameters(template))


def _tell_optimizer(estimator: Any) -> None:
    """scikit-learn's networks keep the hyperparameters of their optimiser in it, too."""
    optimizer = getattr(estimator, "_optimizer", None)
    if optimizer is None:
        return
    if not type(optimizer).__name__.lower().startswith(estimator.solver):
        del estimator._optimizer  # it makes another one
        return
    rate = getattr(estimator, "learning_rate_init", None)
    if rate is not None and getattr(optimizer, "learning_rate_init", None):
        optimizer.learning_rate *= rate / optimizer.learning_rate_init
        optimizer.learning_rate_init = rate
    for name in ("momentum", "nesterov", "beta_1", "beta_2", "epsilon", "power_t"):
        own = {"nesterov": "nesterovs_momentum"}.get(name, name)
        if hasattr(optimizer, name) and hasattr(estimator, own):
            setattr(optimizer, name, getattr(estimator, own))


def _skops() -> Any:
    return require("skops.io", extra="population")


def _meaning(content: bytes) -> str:
    """sha256 of what skops wrote, whatever the addresses and times that it also holds."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            files = {name: archive.read(name) for name in archive.namelist()}
        schema = json.loads(files["schema.json"])
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        raise CheckpointError(f"an estimator in it is damaged: {error}") from error
    seen: dict[int, int] = {}

    def plain(node: Any) -> Any:
        if isinstance(node, dict):
            about = ("__id__", "_skops_version", "protocol")
            found = {key: plain(value) for key, value in node.items() if key not in about}
            if "__id__" in node:
                found["__id__"] = seen.setdefault(node["__id__"], len(seen))
            if isinstance(node.get("file"), str):
                found["file"] = hashlib.sha256(files.get(node["file"], b"")).hexdigest()
            return found
        return [plain(item) for item in node] if isinstance(node, list) else node

    return hashlib.sha256(json.dumps(plain(schema), sort_keys=True).encode()).hexdigest()
