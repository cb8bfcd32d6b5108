"""What a certificate rests on, in sentences."""

from __future__ import annotations

from typing import Any

from optuna_hpx.tasks._configurations import Configurations
from optuna_hpx.tasks._methods import CertificateMethod
from optuna_hpx.tasks._space import continuous_names
from optuna_hpx.tasks._task_study import TaskStudy

__all__ = ["assumptions_of"]


def assumptions_of(
    method: CertificateMethod,
    tasks: TaskStudy,
    tried: Configurations,
    *,
    n_configs: Any,
    has_baseline: bool,
    is_blind: bool,
) -> tuple[str, ...]:
    """List what the certificate of a study rests on.

    Args:
        method: How the bound was computed.
        tasks: The study.
        tried: Its configurations.
        n_configs: As given to :func:`certify`.
        has_baseline: Whether there is a comparison with a baseline.
        is_blind: Whether configurations were proposed without a look at values.
    """
    lines = [
        "The tasks of the study and those to come are drawn independently from the same source; "
        "seeds, splits and all else that is random in an evaluation belong to the task.",
        "It is about the mean over tasks, not about each one.",
        "The bounds of the values were known before any was seen.",
    ]
    if tasks.aggregate != "mean":
        lines.append(
            f"The configuration was chosen by its {tasks.aggregate} value; the bound is on its "
            "mean."
        )
    if method.counts_space or has_baseline:
        lines += _on_space(n_configs, ", ".join(continuous_names(tried.trials)))
    if has_baseline:
        lines.append("The baseline was named before tuning.")
    lines += method.all_assumptions(is_blind=is_blind)
    if len(tried.trials) < len(tasks.table):
        lines.append(
            "Of a configuration that was tried again, the first value on each task counts; what "
            "failed before, and was tried again, failed for no reason of its own."
        )
    return tuple(lines)


def _on_space(n_configs: Any, names: str) -> list[str]:
    """Say how configurations were counted; ``names`` are floats without a step."""
    if not isinstance(n_configs, str):
        but = f", though {names} could be any floating point number." if names else "."
        return [f"You declared {n_configs} configurations before tuning{but}"]
    lines = [
        "The search space is what the trials' distributions say, and was fixed before; "
        "branches that no trial took are not counted."
    ]
    if names:
        lines.append(
            f"{names}: any floating point number. With `step=`, for a log scale on the "
            "exponent, there would be fewer configurations, and a tighter bound."
        )
    return lines
