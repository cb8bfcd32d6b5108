"""Torch schedulers of learning rates: how far they have come is the parent's, the rest their own.

A scheduler keeps how it was made in its state, and its optimiser's rate in a copy.
"""

from __future__ import annotations

import inspect
from typing import Any

from optuna_hpx.population.codecs.state_dict import StateDictCodec

__all__ = ["SchedulerCodec"]

_PROGRESS = {
    *("last_epoch", "_step_count", "best", "num_bad_epochs", "cooldown_counter", "T_cur"),
    "_get_lr_called_within_step",
}
"""How far torch's schedulers have come; all else in their state is how they were made."""


class SchedulerCodec(StateDictCodec):
    """An object with a state that counts epochs."""

    def matches(self, part: Any) -> bool:
        """Return whether ``part`` is a scheduler."""
        # ChainedScheduler alone counts no epochs: those in it do.
        counts = hasattr(part, "last_epoch") or hasattr(part, "_schedulers")
        return super().matches(part) and counts

    def merge(self, part: Any, state: Any) -> dict[str, Any]:
        """Return the state that ``part`` has now, as far advanced as the saved ``state``."""
        own = part.state_dict()
        if "last_epoch" in own and "last_epoch" not in state:
            raise ValueError("it was no scheduler")
        if not type(part).__module__.startswith("torch."):
            return {**state, **_settings(part, own)}
        merged = {**own, **{key: value for key, value in state.items() if key in _PROGRESS}}
        if "T_i" in own:  # the present period grows from the first by a factor
            merged["T_i"] = own["T_0"] * state["T_i"] // state["T_0"]
        inner = getattr(part, "_schedulers", ())
        if inner:
            merged["_schedulers"] = [
                self.merge(scheduler, saved)
                for scheduler, saved in zip(inner, state["_schedulers"], strict=True)
            ]
        return merged

    def finish(self, part: Any) -> None:
        """Copy the rates of its optimiser, which is loaded by now."""
        if not (hasattr(part, "_last_lr") and hasattr(part, "optimizer")):
            return
        if getattr(part, "cycle_momentum", False):
            part._get_lr_called_within_step = True  # else it warns
            part.get_lr()  # also sets the momentum; those inside others do when they step
            part._get_lr_called_within_step = False
        part._last_lr = [group["lr"] for group in part.optimizer.param_groups]


def _settings(scheduler: Any, state: dict[str, Any]) -> dict[str, Any]:
    """Return what of its state a scheduler of the user's own was made with."""
    made = {*inspect.signature(type(scheduler)).parameters, "base_lrs"} - {"last_epoch"}
    return {key: value for key, value in state.items() if key in made}
