"""Marks that samplers leave on trials and studies: keys of system attributes.

Optuna's keys are no part of its interface; this module alone spells them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from optuna_hpx.trials import storage

if TYPE_CHECKING:
    from optuna.study import Study

__all__ = [
    "advance_sequence",
    "constraints_of",
    "enqueued_params",
    "is_chosen",
    "is_enqueued",
    "is_even",
    "is_first_generation",
    "retried_numbers",
]

_CONSTRAINTS = "constraints"  # one key for each, after a colon, or a list
_ENQUEUED = "fixed_params"  # Study.enqueue_trial
_SEQUENCE = "qmc:"  # QMCSampler, on the study: how many points of a sequence are drawn
_CHOSEN = ("tpe:", "gp:", f"{storage.BELIEF}:", f"{storage.SURROGATE}:")  # each one sampler's
_GRID = "grid_id"  # GridSampler
_RETRIED = "retry_history"  # RetryHeartbeatStaleTrialCallback: numbers of the trials retried
_BRED = ":generation"  # the ending is that of all evolution, CMA-ES among it
_GENETIC = ("NSGAIISampler:generation", "NSGAIIISampler:generation")


def is_enqueued(attributes: Mapping[str, Any]) -> bool:
    """Return whether somebody, and no sampler, chose a parameter of a trial.

    Args:
        attributes: The ``system_attrs`` of the trial.
    """
    return _ENQUEUED in attributes


def enqueued_params(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters that somebody, and no sampler, chose."""
    return dict(attributes.get(_ENQUEUED) or {})


def is_chosen(attributes: Mapping[str, Any]) -> bool:
    """Return whether an adaptive sampler or evolution marked a trial as its choice.

    Args:
        attributes: The ``system_attrs`` of the trial.
    """
    if any(key.startswith(_CHOSEN) for key in attributes):
        return True
    is_bred = any(key.endswith(_BRED) for key in attributes)
    return is_bred and not is_first_generation(attributes)


def is_first_generation(attributes: Mapping[str, Any]) -> bool:
    """Return whether a genetic sampler drew a trial at random, as the ancestor of others.

    The first generation of CMA-ES is not drawn at random: it lies around a point.
    """
    return any(key.startswith(_GENETIC) and attributes[key] == 0 for key in attributes)


def is_even(attributes: Mapping[str, Any]) -> bool:
    """Return whether a trial is a point of a grid."""
    return _GRID in attributes


def retried_numbers(attributes: Mapping[str, Any]) -> list[int]:
    """Return the numbers of the trials that a trial is another attempt at, the first one first.

    They were lost with the machine that they ran on.
    """
    numbers = attributes.get(_RETRIED, [])
    return [n for n in numbers if isinstance(n, int)] if isinstance(numbers, list) else []


def constraints_of(attributes: Mapping[str, Any]) -> list[float]:
    """Return the values of the constraints: each has a key, or all have one."""
    values: list[Any] = []
    for name, note in attributes.items():
        if name == _CONSTRAINTS or name.startswith(f"{_CONSTRAINTS}:"):
            values += note if isinstance(note, (list, tuple)) else [note]
    return [float(value) for value in values if value is not None]


def advance_sequence(study: Study, index: int) -> bool:
    """Let a QMCSampler that has drawn in ``study`` draw the point of this index next.

    Args:
        study: A study that no other process draws in.
        index: Of the point in the sequence, at least 1.

    Returns:
        False, and nothing done, if none has drawn.
    """
    keys = [key for key in storage.study_attributes(study) if key.startswith(_SEQUENCE)]
    for key in keys:
        storage.set_study_attribute(study, key, index - 1)
    return bool(keys)
