"""What the sections of a page are made of: the trials, and what the reader calls good."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from optuna.trial import TrialState

from optuna_hpx import _checks
from optuna_hpx.trials import storage
from optuna_hpx.trials.table import TrialTable

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler
    from optuna.study import Study

__all__ = ["Material"]

_PUBLISHED = (TrialState.COMPLETE, TrialState.PRUNED)


@dataclass(frozen=True)
class Material:
    """What every wing is given to make its sections from.

    Attributes:
        table: The trials.
        study: The study that they are of: what its tasks are, no table has. None if there is none.
        sampler: What drew the trials, where that is certain: a storage does not know.
        target_quantile: The best share of the trials, which are called good.
        region_quantile: The share that they are compared with.
        target_value: Call good what reaches this value, instead of a share.
        seed: Of all that is random in the answers.

    Raises:
        ValueError: If one of the last four is out of its range.
    """

    table: TrialTable
    study: Study | None = None
    sampler: BaseSampler | None = None
    target_quantile: float = 0.1
    region_quantile: float = 1.0
    target_value: float | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        _checks.target(self.target_quantile, self.region_quantile, self.target_value)
        _checks.seed("seed", self.seed)

    @classmethod
    def of(cls, study: Study | TrialTable, **options: Any) -> Material:
        """Take the trials of a study, or of a table.

        Args:
            study: The study, or a table of its finished trials.
            options: Attributes of the class from ``sampler`` on.
        """
        table = TrialTable.of(study)
        return cls(table, None if study is table else cast("Study", study), **options)

    @cached_property
    def has_segments(self) -> bool:
        """Whether these are segments of a population: each trained on from another's model.

        Their values do not compare as those of independent trials do.
        """
        return len(self.table.directions) == 1 and any(
            trial.state in _PUBLISHED and storage.read(trial.system_attrs, storage.SEGMENT)
            for trial in self.table.trials
        )
