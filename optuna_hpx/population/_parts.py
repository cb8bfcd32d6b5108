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
from collections.abc import Callable
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
    "A child goes on with its parent's model: sizes of layers, the kinds of optimisers and "
    "estimators, and whether they keep averages (amsgrad, centered, average), cannot be searched."
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
        content = _dumped(name, part)
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
    if is_plain(part):
        return state
    if isinstance(part, np.ndarray):
        _fill(name, part, state)
        return None
    restore = _restorer(part)
    if restore is None:
        raise TypeError(f"`{name}` cannot be restored into a {type(part).__name__}.")
    try:
        restore(state)
    except (AttributeError, IndexError, KeyError, RuntimeError, TypeError, ValueError) as error:
        raise ValueError(
            f"`{name}` does not fit what the parent saved: {error}. {_SHAPES}"
        ) from error
    return None


def _fill(name: str, part: np.ndarray, state: Any) -> None:
    if not isinstance(state, np.ndarray):
        raise ValueError(f"`{name}` was saved as {state!r}, got an array.")
    if part.shape != state.shape or part.dtype != state.dtype:
        raise ValueError(
            f"`{name}` must have shape {state.shape} and type {state.dtype} as it was saved, "
            f"got {part.shape} and {part.dtype}."
        )
    part[...] = state


def _restorer(part: Any) -> Callable[[Any], Any] | None:
    """What puts a state into ``part``."""
    if hasattr(part, "load_state_dict"):
        return lambda state: part.load_state_dict(_with_own(part, state))
    if isinstance(part, np.random.Generator):
        return lambda state: setattr(part.bit_generator, "state", state)
    methods = _random_methods(part)
    return None if methods is None else getattr(part, methods[1])


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
        inner = [value for value in target.get_params().values() if _is_estimator(value)]
        for estimator in (target, *inner):
            _tell_optimizer(estimator)
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


def _with_own(part: Any, state: Any) -> Any:
    """The saved ``state`` with the hyperparameters that ``part`` has now."""
    if hasattr(part, "param_groups"):
        return _with_own_hyperparameters(part, state)
    # ChainedScheduler alone counts no epochs: those in it do.
    is_scheduler = hasattr(part, "last_epoch") or hasattr(part, "_schedulers")
    return _with_own_settings(part, state) if is_scheduler else state


def _with_own_hyperparameters(optimizer: Any, state: Any) -> dict[str, Any]:
    """The saved ``state`` with all that the groups of ``optimizer`` have now."""
    kind = state.pop(_KIND, None) if isinstance(state, dict) else None
    if kind != type(optimizer).__name__:
        raise ValueError("it was another kind of optimiser, or none")
    groups = [dict(group) for group in state["param_groups"]]
    for group, own in zip(groups, optimizer.param_groups, strict=False):
        _check_features(group, own)
        _set_in_group(group, {key: value for key, value in own.items() if key != "params"})
    return {**state, "param_groups": groups}


def _check_features(group: dict[str, Any], own: dict[str, Any]) -> None:
    """Torch makes the state of these with that of the rest, and fails where it is missing."""
    features = ["amsgrad", "centered"]
    if "centered" in own:  # of RMSprop; SGD makes the buffer of its momentum at any time
        features.append("momentum")
    for feature in features:
        if own.get(feature) and not group.get(feature):
            raise ValueError(
                f"the parent had {feature}={group.get(feature)} and no state for "
                f"{feature}={own[feature]}"
            )


# How far torch's schedulers of learning rates have come; all else in their state is how they were
# made, which is this segment's own.
_PROGRESS = {
    *("last_epoch", "_step_count", "best", "num_bad_epochs", "cooldown_counter", "T_cur"),
    "_get_lr_called_within_step",
}


def _with_own_settings(scheduler: Any, state: dict[str, Any]) -> dict[str, Any]:
    """The state that ``scheduler`` has now, as far advanced as the saved ``state``."""
    own = scheduler.state_dict()
    if "last_epoch" in own and "last_epoch" not in state:
        raise ValueError("it was no scheduler")
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
            if getattr(part, "cycle_momentum", False):
                part._get_lr_called_within_step = True  # else it warns
                part.get_lr()  # also sets the momentum; those inside others do when they step
                part._get_lr_called_within_step = False
            part._last_lr = [group["lr"] for group in part.optimizer.param_groups]


def _put_estimator(reader: Reader, name: str, part: Any) -> None:
    if not isinstance(part, BaseEstimator):
        raise TypeError(f"`{name}` was a scikit-learn estimator, got a {type(part).__name__}.")
    content, sha256 = reader.blob(name)
    if _meaning(content) != sha256:
        raise CheckpointError(f"part {name!r} has been altered")
    loaded = _skops().loads(content, trusted=_types(content)[0])
    if _structure(loaded) != _structure(part):
        raise ValueError(
            f"`{name}` was a {_structure(loaded)}, got a {_structure(part)}. {_SHAPES}"
        )
    own = _own_parameters(part)
    vars(part).clear()
    vars(part).update(vars(loaded))
    set_hyperparameters(part, **own)


def _dumped(name: str, estimator: BaseEstimator) -> bytes:
    """What can also be loaded again."""
    try:
        content: bytes = _skops().dumps(estimator)
    except TypeError as error:
        raise TypeError(f"`{name}` cannot be saved: {error}") from error
    _, others = _types(content)
    if others:
        raise TypeError(
            f"`{name}` must be made of scikit-learn's estimators and arrays only, which can be "
            f"loaded without trust, but holds a {others[0]}. Trees, forests, boosting, "
            "neighbours and estimators of your own cannot be saved."
        )
    return content


def _types(content: bytes) -> tuple[list[str], list[str]]:
    """Of those that skops does not trust in a file: the harmless ones, and the others."""
    found = _skops().get_untrusted_types(data=content)
    harmless = [name for name in found if _is_harmless(name)]
    return harmless, [name for name in found if name not in harmless]


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


def _structure(estimator: BaseEstimator) -> str:
    """Classes of an estimator and those in it, layers and averages: what a state must fit."""
    found = []
    for name, value in estimator.get_params().items():
        last = name.rpartition("__")[2]
        if _is_estimator(value):
            found.append(f"{name}={type(value).__name__}")
        elif last == "hidden_layer_sizes":
            found.append(f"{name}={np.atleast_1d(value).tolist()}")
        elif last == "average" and value:  # another state than without
            found.append(f"{name}=True")
    return f"{type(estimator).__name__}({', '.join(found)})"


def _own_parameters(estimator: BaseEstimator) -> dict[str, Any]:
    """All that are values; not the estimators inside, which have been fitted."""
    return {
        name: value
        for name, value in estimator.get_params().items()
        if not _holds_estimator(value)
    }


def _holds_estimator(value: Any) -> bool:
    """Also in lists of them, or of tuples (name, estimator, ...): the steps of a pipeline."""
    if isinstance(value, (list, tuple)):
        return any(map(_holds_estimator, value))
    return _is_estimator(value)


def _is_estimator(value: Any) -> bool:
    return isinstance(value, BaseEstimator)


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
    renamed = {"nesterov": "nesterovs_momentum", "lr_schedule": "learning_rate"}
    for name in ("momentum", "beta_1", "beta_2", "epsilon", "power_t", *renamed):
        own = renamed.get(name, name)
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
            # Whether equal strings or numbers are one object is chance.
            if "__id__" in node and node.get("__loader__") != "JsonNode":
                found["__id__"] = seen.setdefault(node["__id__"], len(seen))
            if isinstance(node.get("file"), str):
                found["file"] = hashlib.sha256(files.get(node["file"], b"")).hexdigest()
            return found
        return [plain(item) for item in node] if isinstance(node, list) else node

    return hashlib.sha256(json.dumps(plain(schema), sort_keys=True).encode()).hexdigest()
