"""Scikit-learn estimators: what was fitted is the parent's, parameters are the segment's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import BaseEstimator

from optuna_hpx.population._archive import ESTIMATOR, CheckpointError
from optuna_hpx.population.codecs import skops_file
from optuna_hpx.population.codecs.base import SHAPES, Codec

if TYPE_CHECKING:
    from optuna_hpx.population._archive import Reader, Writer

__all__ = ["EstimatorCodec"]

_OF_OPTIMIZER = {
    **{name: name for name in ("momentum", "beta_1", "beta_2", "epsilon", "power_t")},
    "nesterov": "nesterovs_momentum",
    "lr_schedule": "learning_rate",
}
"""Attributes of the optimiser of an MLP, and the parameters of the MLP that they come from."""


class EstimatorCodec(Codec):
    """An estimator, alone or in a pipeline or union, that is made of arrays."""

    blob_kind = ESTIMATOR

    def matches(self, part: Any) -> bool:
        """Return whether ``part`` is an estimator."""
        return isinstance(part, BaseEstimator)

    def save(self, writer: Writer, name: str, part: BaseEstimator) -> None:
        """Write the whole estimator, if it can be read again without trust."""
        content = skops_file.dump(name, part)
        writer.add_blob(name, content, skops_file.checksum(content))

    def load(self, reader: Reader, name: str, part: BaseEstimator) -> None:
        """Take over all attributes of the saved one but its parameters."""
        content, sha256 = reader.blob(name)
        if skops_file.checksum(content) != sha256:
            raise CheckpointError(f"part {name!r} has been altered")
        saved = skops_file.load(content)
        if _structure(saved) != _structure(part):
            raise ValueError(
                f"`{name}` was a {_structure(saved)}, got a {_structure(part)}. {SHAPES}"
            )
        own = _own_parameters(part)
        vars(part).clear()
        vars(part).update(vars(saved))
        self.set_hyperparameters(part, own)

    def set_hyperparameters(self, part: BaseEstimator, values: Mapping[str, Any]) -> None:
        """Set parameters, and all that was derived from them when it was fitted."""
        part.set_params(**values)
        inner = [value for value in part.get_params().values() if _is_estimator(value)]
        for estimator in (part, *inner):
            _refresh_optimizer(estimator)
            self._refresh_copies(estimator)

    def _refresh_copies(self, estimator: BaseEstimator) -> None:
        """Give those that were fitted as copies of ``estimator.estimator`` its parameters."""
        template = getattr(estimator, "estimator", None)
        if not isinstance(template, BaseEstimator):
            return
        for value in vars(estimator).get("estimators_", ()):
            if type(value) is type(template):
                self.set_hyperparameters(value, _own_parameters(template))


def _refresh_optimizer(estimator: Any) -> None:
    """Set the hyperparameters that a network also keeps in its optimiser."""
    optimizer = getattr(estimator, "_optimizer", None)
    if optimizer is None:
        return
    if not type(optimizer).__name__.lower().startswith(estimator.solver):
        del estimator._optimizer  # of another solver; scikit-learn makes one when it fits on
        return
    rate = getattr(estimator, "learning_rate_init", None)
    if rate is not None and getattr(optimizer, "learning_rate_init", None):
        # A schedule may have lowered the current rate: its ratio to the initial one is kept.
        optimizer.learning_rate *= rate / optimizer.learning_rate_init
        optimizer.learning_rate_init = rate
    for name, own in _OF_OPTIMIZER.items():
        if hasattr(optimizer, name) and hasattr(estimator, own):
            setattr(optimizer, name, getattr(estimator, own))


def _structure(estimator: BaseEstimator) -> str:
    """Return what a state must fit: classes of an estimator and those in it, layers, averages."""
    features = []
    for name, value in estimator.get_params().items():
        last = name.rpartition("__")[2]
        if _is_estimator(value):
            features.append(f"{name}={type(value).__name__}")
        elif last == "hidden_layer_sizes":
            features.append(f"{name}={np.atleast_1d(value).tolist()}")
        elif last == "average" and value:  # averages are arrays of the state
            features.append(f"{name}=True")
    return f"{type(estimator).__name__}({', '.join(features)})"


def _own_parameters(estimator: BaseEstimator) -> dict[str, Any]:
    """Return all parameters that are values; not the estimators inside, which were fitted."""
    return {
        name: value
        for name, value in estimator.get_params().items()
        if not _holds_estimator(value)
    }


def _holds_estimator(value: Any) -> bool:
    """Look also into lists, and tuples (name, estimator, ...): the steps of a pipeline."""
    if isinstance(value, (list, tuple)):
        return any(map(_holds_estimator, value))
    return _is_estimator(value)


def _is_estimator(value: Any) -> bool:
    return isinstance(value, BaseEstimator)
