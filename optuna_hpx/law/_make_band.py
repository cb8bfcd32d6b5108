"""tuning_curve_band: the bounds of a study's draws, or of scores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from optuna_hpx import _checks
from optuna_hpx.law._band import TuningCurveBand, band_of
from optuna_hpx.law._draws import draws, draws_of_scores
from optuna_hpx.law._error import NoLawError
from optuna_hpx.law._settings import check_within
from optuna_hpx.law.maths.order_statistics import KINDS
from optuna_hpx.trials.cost import Cost, check_cost, read_costs
from optuna_hpx.trials.table import TrialTable, loss_sign

if TYPE_CHECKING:
    from collections.abc import Callable

    from optuna.samplers import BaseSampler
    from optuna.study import Study
    from optuna.trial import FrozenTrial

__all__ = ["tuning_curve_band"]


def tuning_curve_band(
    values: Sequence[float] | np.ndarray | Study | TrialTable,
    *,
    confidence: float = 0.95,
    kind: str = "order",
    bounds: tuple[float | None, float | None] | None = None,
    direction: str | None = None,
    n_censored: int = 0,
    cost: Cost | Sequence[float] = None,
    sampler: BaseSampler | None = None,
    target: Callable[[FrozenTrial], float] | None = None,
) -> TuningCurveBand:
    """Bound how good the best of so many random trials is, whatever the scores follow.

    Args:
        values: (n,) scores of independent random draws, an infinitely bad one where only that is
            known; or a study or its table, of which the draws are taken as
            :meth:`AsymptoticLaw.fit_study` does.
        confidence: That all bounds hold at once, in (0, 1).
        kind: "order": the levels of each order statistic are equally sure, which is the narrowest
            near the best scores; "ks": those of Kolmogorov and Smirnov; "dkw": those of
            Dvoretzky, Kiefer and Wolfowitz with Massart's constant, a little wider. Ties only make
            them wider than need be.
        bounds: The least and the largest possible score, as (0, 1) of an accuracy; None in it, or
            instead of it: not known.
        direction: "minimize" or "maximize", of scores and of ``target``; None: minimize. A study
            has its own.
        n_censored: Of scores: further draws that failed.
        cost: What a draw costs: "duration" in seconds, or a function of a trial, of a study; (n,)
            costs, of scores.
        sampler: Of a study: what drew the trials without a mark, if that is certain.
        target: Of a study: what to assess instead of the objective.

    Returns:
        The bounds. Cost: .5 s for 1000 draws and 1.5 s for 100,000, once for each number of
        draws.

    Raises:
        NoLawError: If there is no draw with a score. It is a ValueError, with the reason.
        TypeError: If an argument has the wrong type.
        ValueError: If an argument is out of its range, or a score is NaN or beyond ``bounds``.

    Example:
        >>> import optuna
        >>> from optuna_hpx import tuning_curve_band
        >>> study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
        >>> study.optimize(lambda trial: trial.suggest_float("x", 0, 1) ** 2, n_trials=50)
        >>> low, high = tuning_curve_band(study, bounds=(0, None)).interval(10)
        >>> bool(0.0 <= low < high < 0.2)
        True

    References:
        Lourie et al. (2023), https://arxiv.org/abs/2311.09480, for bands of tuning curves.
    """
    _checks.quantile("confidence", confidence)
    _checks.one_of("kind", kind, KINDS)
    if direction is not None:
        _checks.one_of("direction", direction, ("minimize", "maximize"))
    _checks.count("n_censored", n_censored, at_least=0, at_most=10**7)  # each is a row
    ends = _checks.bounds("bounds", bounds)
    if isinstance(values, TrialTable) or hasattr(values, "get_trials"):
        table = TrialTable.of(cast("Study | TrialTable", values))
        if target is None and direction not in (None, *table.directions):
            raise ValueError(
                f"`direction` must be left out of a study, which has its own: got {direction!r} "
                f"of one to {table.directions[0]}."
            )
        sample = draws(table, sampler, target, direction or "minimize")
        costs = _costs_of_trials(table, sample.rows, cost)
    else:
        sample = draws_of_scores(values, direction or "minimize", n_censored)
        costs = _costs_of_scores(cost)
    if not len(sample.losses):
        reason = "There is no independent random draw with a score."
        raise NoLawError(reason, sample.in_words, needs_draws=True)
    check_within(loss_sign(sample.direction) * sample.losses, ends, bounds)
    return band_of(sample, confidence=confidence, kind=kind, ends=ends, costs=costs)


def _costs_of_trials(table: TrialTable, rows: np.ndarray, cost: Any) -> np.ndarray | None:
    """Read what draws cost; of the seconds also what failed ones took."""
    check_cost(cost)
    if cost is None:
        return None
    costs = (table.durations if cost == "duration" else read_costs(table, cost))[rows]
    return _known(costs)


def _costs_of_scores(cost: Any) -> np.ndarray | None:
    if cost is None:
        return None
    if isinstance(cost, str) or callable(cost):
        raise TypeError(f"`cost` of scores must be a sequence of numbers, got {cost!r}.")
    return _known(_checks.floats("cost", cost).ravel())


def _known(costs: np.ndarray) -> np.ndarray:
    finite = costs[(costs > 0.0) & (costs < np.inf)]
    if not len(finite):
        raise ValueError("`cost` must be positive and finite for some draw, got none that is.")
    return finite
