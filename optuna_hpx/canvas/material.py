"""What the sections of a page are made of: the trials, and what the reader calls good."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from optuna.samplers import RandomSampler
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
        evaluator: Whose importances are shown, one of :data:`optuna_hpx._checks.EVALUATORS`.
        space: What importances describe, as the evaluators have it; None: as is their default.
        sampling: Who the trials are, as the evaluators have it: ``"independent"`` or
            ``"adaptive"`` if that is certain.

    Raises:
        ValueError: If one of those from ``target_quantile`` on is out of its range.
    """

    table: TrialTable
    study: Study | None = None
    sampler: BaseSampler | None = None
    target_quantile: float = 0.1
    region_quantile: float = 1.0
    target_value: float | None = None
    seed: int = 0
    evaluator: str = "ped-anova"
    space: str | None = None
    sampling: str = "auto"

    def __post_init__(self) -> None:
        _checks.target(self.target_quantile, self.region_quantile, self.target_value)
        _checks.seed("seed", self.seed)
        _checks.one_of("evaluator", self.evaluator, _checks.EVALUATORS)
        if self.space is not None:
            _checks.one_of("space", self.space, _checks.SPACES)
        _checks.one_of("sampling", self.sampling, _checks.SAMPLINGS)
        if self.evaluator == "hsic" and self.region_quantile < 1.0:
            raise ValueError(
                "`region_quantile` must be 1 with the evaluator 'hsic', which compares with all "
                f"trials: got {self.region_quantile}."
            )

    @classmethod
    def of(cls, study: Study | TrialTable, **options: Any) -> Material:
        """Take the trials of a study, or of a table.

        Args:
            study: The study, or a table of its finished trials.
            options: Attributes of the class from ``sampler`` on.
        """
        table = TrialTable.of(study)
        if options.get("sampling") == "independent":
            options.setdefault("sampler", RandomSampler())
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
