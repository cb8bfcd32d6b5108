"""Options of Optuna's samplers, pruners and stores for which they have no public reader."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from optuna.samplers import BaseSampler, PartialFixedSampler

if TYPE_CHECKING:
    from optuna.artifacts import FileSystemArtifactStore
    from optuna.pruners import BasePruner, PatientPruner
    from optuna.samplers import GPSampler, TPESampler

__all__ = [
    "artifact_folder",
    "independent_sampler",
    "is_liar",
    "is_multivariate",
    "n_startup_trials",
    "wrapped_pruner",
    "wrapped_sampler",
]


def n_startup_trials(sampler: TPESampler | GPSampler) -> int:
    """Return the number of trials that a sampler draws before it learns from them."""
    return sampler._n_startup_trials


def independent_sampler(sampler: GPSampler) -> BaseSampler:
    """Return the sampler of the start-up trials and of parameters chosen one by one."""
    return sampler._independent_sampler


def is_multivariate(sampler: TPESampler, n_objectives: int) -> bool:
    """Return whether TPE chooses parameters together.

    Unless it was told, it does so in groups, and for a single objective.
    """
    if sampler._multivariate is None:
        return sampler._group or n_objectives == 1
    return sampler._multivariate


def is_liar(sampler: TPESampler) -> bool:
    """Return whether TPE takes running trials for bad ones, for which it notes its choices."""
    return sampler._constant_liar


def wrapped_sampler(sampler: BaseSampler | None) -> BaseSampler | None:
    """Return the sampler inside another one, by its attribute ``sampler``; None if there is none.

    Optuna's PartialFixedSampler has it elsewhere.
    """
    if isinstance(sampler, PartialFixedSampler):
        return sampler._base_sampler
    inner = getattr(sampler, "sampler", None)
    return inner if isinstance(inner, BaseSampler) else None


def wrapped_pruner(pruner: PatientPruner) -> BasePruner | None:
    """Return the pruner that is asked when patience ends; None if patience alone decides."""
    return pruner._wrapped_pruner


def artifact_folder(store: FileSystemArtifactStore) -> Path | None:
    """Return the folder in which a store keeps its artifacts, which need not exist.

    None if that cannot be read: the folder is only looked at to warn early.
    """
    folder = getattr(store, "_base_path", None)
    return None if folder is None else Path(folder)
