"""Marks that samplers leave on trials and studies: keys of system attributes.

Optuna's keys are no part of its interface; this module alone spells them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from optuna_hpx.trials import storage

if TYPE_CHECKING:
    from optuna.study import Study

__all__ = ["advance_sequence", "is_chosen", "is_enqueued"]

_ENQUEUED = "fixed_params"  # Study.enqueue_trial
_SEQUENCE = "qmc:"  # QMCSampler, on the study: how many points of a sequence are drawn
_CHOSEN = ("tpe:", "gp:", "grid_id", f"{storage.BELIEF}:")  # the beginning is one sampler's
_BRED = ":generation"  # the ending is that of all evolution, CMA-ES among it


def is_enqueued(attributes: Mapping[str, Any]) -> bool:
    """Return whether somebody, and no sampler, chose a parameter of a trial.

    Args:
        attributes: The ``system_attrs`` of the trial.
    """
    return _ENQUEUED in attributes


def is_chosen(attributes: Mapping[str, Any]) -> bool:
    """Return whether an adaptive sampler, a grid or evolution marked a trial as its choice.

    Args:
        attributes: The ``system_attrs`` of the trial.
    """
    return any(key.startswith(_CHOSEN) or key.endswith(_BRED) for key in attributes)


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
