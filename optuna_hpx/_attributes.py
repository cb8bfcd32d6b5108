"""Every attribute that this package writes to a study's storage: one module knows them all.

Keys begin with ``hpx:``. Values are JSON, cut into pieces that fit a row of a relational storage.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from optuna.study import Study
    from optuna.trial import FrozenTrial

__all__ = ["BELIEF", "LAW", "RANDOM", "read", "read_study", "write", "write_study"]

BELIEF = "hpx:belief"
"""What :class:`HsicSampler` believed when it chose a trial."""

RANDOM = "hpx:random"
"""That :class:`InterleavedSampler` drew a trial at random."""

LAW = "hpx:law"
"""What :class:`AsymptoticLawCallback` found of a study."""

_PIECE = 2000  # characters; a relational storage takes 2048


def write(study: Study, trial: FrozenTrial, key: str, value: Any) -> None:
    """Attach ``value``, anything that JSON can hold, to a trial that is running."""
    text = json.dumps(value)
    for piece, start in enumerate(range(0, len(text), _PIECE)):
        study._storage.set_trial_system_attr(
            trial._trial_id, f"{key}:{piece}", text[start : start + _PIECE]
        )


def read(attributes: Mapping[str, Any], key: str) -> Any:
    """What :func:`write` attached, from a trial's ``system_attrs``; None if nothing whole is."""
    pieces: list[str] = []
    while (piece := attributes.get(f"{key}:{len(pieces)}")) is not None:
        pieces.append(piece)
    try:
        return json.loads("".join(pieces)) if pieces else None
    except json.JSONDecodeError:  # a worker was stopped between two pieces
        return None


def write_study(study: Study, key: str, value: Any) -> None:
    """Attach ``value``, JSON of at most 2000 characters, to a study; the last writer wins."""
    text = json.dumps(value)
    if len(text) > _PIECE:
        raise ValueError(f"`value` must be at most {_PIECE} characters as JSON, got {len(text)}.")
    study._storage.set_study_system_attr(study._study_id, key, text)


def read_study(study: Study, key: str) -> Any:
    """What :func:`write_study` attached, or None."""
    text = study._storage.get_study_system_attrs(study._study_id).get(key)
    return None if text is None else json.loads(text)
