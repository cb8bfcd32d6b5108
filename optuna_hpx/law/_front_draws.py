"""The independent random draws of a search with several objectives, and what they scored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from optuna.trial import TrialState

from optuna_hpx import _checks
from optuna_hpx.law._draws import drawn_of, left_out_in_words
from optuna_hpx.law._error import NoLawError
from optuna_hpx.trials.table import TrialTable, loss_sign

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler
    from optuna.study import Study

__all__ = ["FrontDraws", "front_draws", "front_draws_of_scores", "losses_of_trials"]


@dataclass(frozen=True)
class FrontDraws:
    """Independent draws of several objectives.

    Attributes:
        losses: (n, m) in the order in which the draws finished; infinite where one brought
            nothing: failed, pruned, infeasible or infinitely bad.
        directions: (m,) "minimize" or "maximize".
        others: (k, m) losses of the other trials, likewise.
        left_out: How many trials are no independent draws, by reason.
        warnings: What must be known before the draws are used.
    """

    losses: np.ndarray
    directions: tuple[str, ...]
    others: np.ndarray
    left_out: dict[str, int] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.losses)

    @property
    def signs(self) -> np.ndarray:
        """(m,) factors that make losses of scores, and scores of losses."""
        return np.array([loss_sign(direction) for direction in self.directions])

    @property
    def in_words(self) -> str:
        """What was left out, and what to do about it; "" if nothing."""
        return left_out_in_words(self.left_out)


def front_draws_of_scores(
    values: Any, directions: Sequence[str] | None, n_censored: int
) -> FrontDraws:
    """Take scores as independent draws, as their user says that they are.

    Args:
        values: (n, m) scores; infinitely bad where a draw brought nothing.
        directions: (m,) "minimize" or "maximize"; None: minimize.
        n_censored: Further draws that brought nothing.

    Raises:
        TypeError: If ``values`` is a data frame.
        ValueError: If a value is NaN or infinitely good, or shapes do not fit.
    """
    if hasattr(values, "columns"):
        raise TypeError(
            "`values` must be a study, a TrialTable, as TrialTable.from_frame makes it of a data "
            f"frame, or an array of scores; got a {type(values).__name__}."
        )
    scores = _checks.floats("values", values)
    if scores.ndim != 2 or scores.shape[1] < 2:
        raise ValueError(
            "`values` must have a row for each draw and a column for each of two objectives or "
            f"more, got shape {scores.shape}."
        )
    directions = ["minimize"] * scores.shape[1] if directions is None else directions
    is_several = isinstance(directions, (list, tuple))
    if not is_several or len(directions) != scores.shape[1]:
        raise ValueError(
            f"`directions` must have one of {scores.shape[1]} objectives each, got {directions!r}."
        )
    for direction in directions:
        _checks.one_of("directions", direction, ("minimize", "maximize"))
    if n_missing := np.count_nonzero(np.isnan(scores)):
        raise ValueError(
            f"`values` must not be NaN, got {n_missing} of them; "
            "count trials that failed in `n_censored`."
        )
    m = scores.shape[1]
    losses = scores * [loss_sign(direction) for direction in directions]
    if np.isneginf(losses).any():
        raise ValueError("`values` must not be infinitely good.")
    losses[np.isinf(losses).any(axis=1)] = np.inf
    return FrontDraws(
        losses=np.vstack([losses, np.full((n_censored, m), np.inf)]),
        directions=tuple(directions),
        others=np.zeros((0, m)),
    )


def front_draws(
    study: Study | TrialTable, sampler: BaseSampler | None = None, n_draws: int | None = None
) -> FrontDraws:
    """Find the independent draws among the finished trials of a study with several objectives.

    Args:
        study: The study, or its table.
        sampler: What drew the trials without a mark, if that is certain.
        n_draws: Look at the study as it was when so many draws had finished; None: as it is.

    Raises:
        NoLawError: If a score is infinitely good.
        TypeError: If ``sampler`` is no sampler.
        ValueError: If the study has one objective.
    """
    table = TrialTable.of(study)
    if len(table.directions) < 2:
        raise ValueError(
            "The study must have several objectives, got one: use `AsymptoticLaw.fit_study` or "
            "`tuning_curve_band`."
        )
    drawn = drawn_of(table, sampler, n_draws)
    losses = losses_of_trials(table)[drawn.rows]
    return FrontDraws(
        losses=losses[drawn.is_draw],
        directions=table.directions,
        others=losses[~drawn.is_draw],
        left_out=drawn.left_out,
        warnings=drawn.warnings,
    )


def losses_of_trials(table: TrialTable) -> np.ndarray:
    """Read losses (n, m), infinite unless complete, feasible and finite in all objectives.

    Raises:
        NoLawError: If one is infinitely good.
    """
    is_good = (table.states == TrialState.COMPLETE) & table.feasible
    losses = np.where(is_good[:, None], table.losses, np.inf)
    is_infinite = np.isneginf(losses).any(axis=1)
    if is_infinite.any():
        number = table.numbers[int(is_infinite.argmax())]
        raise NoLawError(
            f"Trial {number} has an infinitely good score; the hypervolume needs finite ones."
        )
    losses[~np.isfinite(losses).all(axis=1)] = np.inf
    return losses
