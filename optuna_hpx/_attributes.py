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

__all__ = ["BELIEF", "read", "write"]

BELIEF = "hpx:belief"
"""What :class:`HsicSampler` believed when it chose a trial."""

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
