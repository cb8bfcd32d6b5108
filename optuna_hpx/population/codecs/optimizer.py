"""Torch optimisers: moments are the parent's, hyperparameters the segment's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from optuna_hpx.population.codecs.state_dict import StateDictCodec

__all__ = ["OptimizerCodec"]

_KIND = "hpx:kind"  # beside its state: moments of another kind would be loaded without a word


class OptimizerCodec(StateDictCodec):
    """An object with a state and ``param_groups``, which hold its hyperparameters."""

    def matches(self, part: Any) -> bool:
        """Return whether ``part`` is an optimiser."""
        return super().matches(part) and hasattr(part, "param_groups")

    def state_of(self, part: Any) -> dict[str, Any]:
        """Return its state, and of what class it is."""
        return {**part.state_dict(), _KIND: type(part).__name__}

    def merge(self, part: Any, state: Any) -> dict[str, Any]:
        """Return the saved ``state`` with all that the groups of ``part`` have now."""
        kind = state.pop(_KIND, None) if isinstance(state, dict) else None
        if kind != type(part).__name__:
            raise ValueError("it was another kind of optimiser, or none")
        groups = [dict(group) for group in state["param_groups"]]
        for group, own in zip(groups, part.param_groups, strict=False):
            _check_features(group, own)
            _set_in_group(group, {key: value for key, value in own.items() if key != "params"})
        return {**state, "param_groups": groups}

    def set_hyperparameters(self, part: Any, values: Mapping[str, Any]) -> None:
        """Set them in all parameter groups; a rate is that of the start of its schedule."""
        for group in part.param_groups:
            unknown = sorted(set(values) - set(group))
            if unknown:
                raise ValueError(
                    f"The optimiser has no hyperparameter {unknown[0]!r}; it has "
                    f"{sorted(set(group) - {'params'})}."
                )
            _set_in_group(group, values)


def _set_in_group(group: dict[str, Any], values: Mapping[str, Any]) -> None:
    """Put the segment's own ``values`` into a group with the state of a parent.

    A rate that a scheduler of the parent has lowered is lowered by the same factor.
    """
    new = dict(values)
    if "lr" in new and group.get("initial_lr"):
        start = new.get("initial_lr", new["lr"])
        new["lr"] = group["lr"] * (start / group["initial_lr"])
        new["initial_lr"] = start
    group.update(new)


def _check_features(group: dict[str, Any], own: dict[str, Any]) -> None:
    """Refuse what needs a state that the parent did not keep.

    Torch makes the state of these features with that of the rest, and fails where it is missing.
    """
    features = ["amsgrad", "centered"]
    if "centered" in own:  # of RMSprop; SGD makes the buffer of its momentum at any time
        features.append("momentum")
    for feature in features:
        if own.get(feature) and not group.get(feature):
            raise ValueError(
                f"the parent had {feature}={group.get(feature)} and no state for "
                f"{feature}={own[feature]}"
            )
