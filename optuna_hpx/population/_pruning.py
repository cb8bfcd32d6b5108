"""Pruning inside a segment, by comparison with its own generation only."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from optuna.pruners import (
    BasePruner,
    HyperbandPruner,
    NopPruner,
    PatientPruner,
    SuccessiveHalvingPruner,
)

from optuna_hpx.population._private import private_study
from optuna_hpx.trials import storage
from optuna_hpx.trials.options import wrapped_pruner

if TYPE_CHECKING:
    from optuna.study import Study
    from optuna.trial import FrozenTrial

    from optuna_hpx.population._ledger import Ledger

__all__ = ["GenerationPruner"]


class GenerationPruner(BasePruner):
    """``pruner`` in a study that has the trials of one generation.

    Models of a later generation have trained for longer: against earlier ones none would be
    pruned, and against later ones all.

    Args:
        pruner: The user's.
        ledger: Segments of the run.
        update: Reads what is new in it.

    Raises:
        ValueError: If ``pruner`` compares trials over their whole training.
    """

    def __init__(self, pruner: BasePruner, ledger: Ledger, update: Callable[[], None]) -> None:
        inner = pruner
        while isinstance(inner, PatientPruner) and (wrapped := wrapped_pruner(inner)) is not None:
            inner = wrapped
        if isinstance(inner, (HyperbandPruner, SuccessiveHalvingPruner)):
            raise ValueError(
                f"The study's pruner must not be a {type(inner).__name__}, which promotes trials "
                "over their whole training; segments can use MedianPruner, PercentilePruner, "
                "ThresholdPruner, PatientPruner, WilcoxonPruner or NopPruner."
            )
        self._pruner, self._ledger, self._update = pruner, ledger, update

    def prune(self, study: Study, trial: FrozenTrial) -> bool:
        """Return whether a segment is to end, by comparison with those of its generation."""
        if isinstance(self._pruner, NopPruner):
            return False
        generation = storage.read(trial.system_attrs, storage.SEGMENT)["generation"]
        self._update()
        peers = self._ledger.generation(generation)
        private = private_study(study.direction, [segment.trial for segment in peers])
        return self._pruner.prune(private, trial)
