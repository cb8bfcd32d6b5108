"""The independent random draws among the trials of a study, and what they say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from optuna.samplers import BaseSampler, RandomSampler
from optuna.trial import FrozenTrial, TrialState

from optuna_hpx import _checks
from optuna_hpx.law._error import NoLawError
from optuna_hpx.law._repeats import noise_of_repeats
from optuna_hpx.trials.domain import n_possible_values
from optuna_hpx.trials.sampling import AFTER_STARTUP, sampling_of
from optuna_hpx.trials.table import INACTIVE, TrialTable, loss_sign

if TYPE_CHECKING:
    from optuna.study import Study

__all__ = ["_ADVICE", "DrawnRows", "Draws", "check_target", "drawn_of", "draws", "draws_of_scores"]

_ADVICE = (
    "If a RandomSampler drew them, give the study that sampler, or pass "
    "`sampler=RandomSampler()`: neither a storage nor a table knows. Under another sampler draw "
    "every few trials at random, by InterleavedSampler or AsymptoticLawCallback(interleave=4)."
)


_OF_UNKNOWN = (
    "What drew these trials is not known, and they are too few, or of too few values, to show it: "
    "they are taken as independent random draws. If a sampler that learns chose them, none of "
    "this holds. Pass `sampler=` if you know."
)


@dataclass(frozen=True)
class Draws:
    """Independent draws.

    Attributes:
        losses: (n,) finite losses of the complete ones, in the order in which they finished.
        n_censored: Draws that brought nothing: failed, pruned, infeasible or infinitely bad.
        best_of_all: The least loss of the study's feasible trials, drawn or not.
        direction: "minimize" or "maximize".
        n_parameters: Parameters that vary.
        is_of_study: Whether they were found in a study; else their user gave their scores.
        noise: Standard deviation of scores of the same configuration, among all trials of the
            study, and its degrees of freedom; 0 and 0 if none came twice.
        left_out: How many trials are no independent draws, by reason.
        warnings: What must be known before the draws are used.
        is_assumed: Whether nothing shows that they are independent draws, nor that they are not.
        rows: (n,) rows of the draws in the table, the censored among them, in the order in which
            they finished; none of scores that their user gave.
    """

    losses: np.ndarray
    n_censored: int
    best_of_all: float
    direction: str
    n_parameters: int
    is_of_study: bool
    noise: tuple[float, int]
    left_out: dict[str, int]
    warnings: tuple[str, ...]
    is_assumed: bool = False
    rows: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=int))

    def __len__(self) -> int:
        return len(self.losses) + self.n_censored

    @property
    def in_words(self) -> str:
        """What was left out, and what to do about it; "" if nothing."""
        return left_out_in_words(self.left_out)


@dataclass(frozen=True)
class DrawnRows:
    """Which trials are independent draws, whatever is assessed of them.

    Attributes:
        rows: (k,) of all trials in the table, in the order in which they finished.
        is_draw: (k,) whether each is an independent draw.
        left_out: How many are none, by reason.
        warnings: What must be known before the draws are used.
        is_assumed: Whether nothing shows that they are independent draws, nor that they are not.
    """

    rows: np.ndarray
    is_draw: np.ndarray
    left_out: dict[str, int]
    warnings: tuple[str, ...]
    is_assumed: bool


def left_out_in_words(left_out: dict[str, int]) -> str:
    """Say which trials are no independent draws, and what to do about it; "" if all are.

    Args:
        left_out: How many, by reason.
    """
    if not left_out:
        return ""
    reasons = "; ".join(f"{n} {reason}" for reason, n in left_out.items())
    return f"Left out: {reasons}. {_ADVICE}"


def draws_of_scores(
    values: Sequence[float] | np.ndarray, direction: str, n_censored: int
) -> Draws:
    """Take scores as independent draws, as their user says that they are.

    Args:
        values: (n,) scores; an infinitely bad one counts as censored.
        direction: "minimize" or "maximize".
        n_censored: Further draws that brought nothing.

    Raises:
        TypeError: If ``values`` is a study or a data frame.
        ValueError: If a value is NaN or infinitely good, or they are no sequence.
    """
    if isinstance(values, str) or hasattr(values, "get_trials") or hasattr(values, "columns"):
        raise TypeError(
            "`values` must be a sequence of numbers; for a study use `fit_study`, of a data "
            f"frame pass the column of scores. Got a {type(values).__name__}."
        )
    losses = _checks.floats("values", values) * loss_sign(direction)
    if losses.ndim != 1:
        raise ValueError(f"`values` must be one-dimensional, got shape {losses.shape}.")
    if n_missing := np.count_nonzero(np.isnan(losses)):
        raise ValueError(
            f"`values` must not be NaN, got {n_missing} of them; "
            "count trials that failed in `n_censored`."
        )
    if np.isneginf(losses).any():
        raise ValueError("`values` must not be infinitely good.")
    finite = losses[np.isfinite(losses)]
    return Draws(
        losses=finite,
        n_censored=n_censored + len(losses) - len(finite),
        best_of_all=float(losses.min(initial=np.inf)),
        direction=direction,
        n_parameters=0,
        is_of_study=False,
        noise=(0.0, 0),
        left_out={},
        warnings=(),
    )


def draws(
    study: Study | TrialTable,
    sampler: BaseSampler | None = None,
    target: Callable[[FrozenTrial], float] | None = None,
    target_direction: str = "minimize",
    n_draws: int | None = None,
) -> Draws:
    """Find the independent draws among the finished trials.

    Where nothing shows what drew the trials, they are taken as draws, with a warning.

    Args:
        study: The study, or its table.
        sampler: What drew the trials without a mark, if that is certain.
        target: What to assess instead of the objective.
        target_direction: Whether small or large values of ``target`` are good.
        n_draws: Look at the study as it was when so many draws had finished: whoever asks, and
            whenever, gets the same. None: as it is.

    Raises:
        NoLawError: If a score is infinitely good.
        TypeError: If ``sampler`` is no sampler.
        ValueError: If the direction is none, or there are several objectives and no ``target``.
    """
    _checks.one_of("target_direction", target_direction, ("minimize", "maximize"))
    table = TrialTable.of(study)
    check_target(len(table.directions), target)
    drawn = drawn_of(table, sampler, n_draws)
    rows, is_draw = drawn.rows, drawn.is_draw
    direction = table.directions[0] if target is None else target_direction
    losses = _losses(table, rows, target, direction)
    finite = losses[is_draw & np.isfinite(losses)]
    return Draws(
        losses=finite,
        n_censored=int(np.count_nonzero(is_draw)) - len(finite),
        best_of_all=float(losses.min(initial=np.inf)),
        direction=direction,
        n_parameters=_n_parameters(table, rows[is_draw]),
        is_of_study=True,
        noise=noise_of_repeats(table, rows, losses),
        left_out=drawn.left_out,
        warnings=drawn.warnings,
        is_assumed=drawn.is_assumed,
        rows=rows[is_draw],
    )


def drawn_of(table: TrialTable, sampler: BaseSampler | None, n_draws: int | None) -> DrawnRows:
    """Find the trials that are independent draws, as :func:`draws` does.

    Args:
        table: The trials.
        sampler: What drew the trials without a mark, if that is certain.
        n_draws: Up to so many draws that finished first; None: all.

    Raises:
        TypeError: If ``sampler`` is no sampler.
    """
    if not (sampler is None or isinstance(sampler, BaseSampler)):
        raise TypeError(f"`sampler` must be a sampler such as RandomSampler(), got {sampler!r}.")
    if n_draws is not None:
        _checks.count("n_draws", n_draws)
    sampling = sampling_of(table, sampler)
    is_assumed = sampler is None and sampling.kind == "unknown"
    if is_assumed:
        sampling = sampling_of(table, RandomSampler())
    rows = _first_rows(table, sampling.independent, n_draws)
    is_draw = sampling.independent[rows]
    left_out = Counter(sampling.reasons[row] for row in rows[~is_draw])
    warnings = _warnings(table, rows[is_draw], left_out, is_assumed=is_assumed)
    return DrawnRows(rows, is_draw, dict(left_out), warnings, is_assumed)


def check_target(n_objectives: int, target: object) -> None:
    """Refuse several objectives without a word about which one is meant, and no function."""
    if target is not None:
        _checks.function("target", target, "a trial")
    if n_objectives > 1 and target is None:
        raise ValueError(
            f"The study has {n_objectives} objectives: say with `target` which one is meant, "
            "e.g. `target=lambda trial: trial.values[0]`."
        )


def _first_rows(table: TrialTable, is_draw: np.ndarray, n_draws: int | None) -> np.ndarray:
    """Order rows by when they finished, up to the ``n_draws``-th draw."""
    rows = np.lexsort((table.numbers, table.ended))
    if n_draws is None:
        return rows
    return rows[: np.searchsorted(is_draw[rows].cumsum(), n_draws) + 1]


def _losses(
    table: TrialTable,
    rows: np.ndarray,
    target: Callable[[FrozenTrial], float] | None,
    direction: str,
) -> np.ndarray:
    """Read the losses of ``rows``, (n,).

    They are infinite unless complete and feasible, or where the target is not known.

    Raises:
        NoLawError: If one is infinitely good.
    """
    losses = np.full(len(rows), np.inf)
    good = ((table.states == TrialState.COMPLETE) & table.feasible)[rows]
    if target is None:
        losses[good] = table.losses[rows[good], 0]
    else:
        values = _checks.floats("target", table.map(target, rows[good]))
        losses[good] = loss_sign(direction) * values
    losses[np.isnan(losses)] = np.inf
    if np.isneginf(losses).any():
        number = table.numbers[rows[losses.argmin()]]
        raise NoLawError(
            f"Trial {number} has an infinitely good score; the law needs finite ones."
        )
    return losses


def _n_parameters(table: TrialTable, rows: np.ndarray) -> int:
    """Count the parameters that have more than one possible value in one of ``rows``."""
    return sum(
        any(
            n_possible_values(column.distributions[code]) > 1
            for code in np.unique(column.regime[rows]).tolist()
            if code != INACTIVE
        )
        for column in table.columns.values()
    )


def _warnings(
    table: TrialTable, drawn: np.ndarray, left_out: Counter[str], *, is_assumed: bool
) -> tuple[str, ...]:
    warnings = [_OF_UNKNOWN] if is_assumed else []
    n_pruned = int(np.count_nonzero(table.states[drawn] == TrialState.PRUNED))
    if n_pruned:
        warnings.append(
            f"{n_pruned} pruned draws count as bad ones. Where a pruner stops good trials, "
            "the search looks worse than it is."
        )
    # TPE marks what it chooses unless told otherwise: without a mark the sampler may be the
    # default one of a study that was loaded anew.
    n_unmarked = sum(n for reason, n in left_out.items() if reason.startswith(AFTER_STARTUP))
    if n_unmarked:
        warnings.append(
            f"{n_unmarked} trials were left out by their place in the study alone. {_ADVICE}"
        )
    return tuple(warnings)
