"""HypervolumeOutlook: what more random trials add to the front of several objectives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from optuna_hpx import _checks
from optuna_hpx.canvas.result import Result
from optuna_hpx.canvas.words import count
from optuna_hpx.law._error import NoLawError
from optuna_hpx.law._front_draws import FrontDraws, front_draws, front_draws_of_scores
from optuna_hpx.law._outlook import Outlook
from optuna_hpx.law._settings import N_FIRST, check_reference_point
from optuna_hpx.law.maths.attainment import attainment_of
from optuna_hpx.law.maths.front_growth import FrontGrowth
from optuna_hpx.law.maths.fronts import front_of
from optuna_hpx.law.maths.gains import Gains
from optuna_hpx.law.maths.reference_point import default_reference_point
from optuna_hpx.trials.hypervolume import hypervolume, hypervolume_history
from optuna_hpx.trials.table import TrialTable

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler
    from optuna.study import Study

__all__ = ["HypervolumeOutlook", "hypervolume_outlook", "outlook_of"]

_LEAST = 8  # draws with scores, below which no forecast was tried
_LEAST_INSIDE = 4  # draws better than the reference point: three shells of volume between them
_AHEAD = 3  # times as many trials as there are, in a frame
_N_ROWS = 20
_MOST_DIGITS = 250.0  # of a hypervolume and its inverse: numbers go to 308


@dataclass(frozen=True, eq=False, repr=False)
class HypervolumeOutlook(Outlook, Result):
    """What more random trials add to the hypervolume of the front, whatever the scores follow.

    The hypervolume is the volume of the space of objectives that is better than the reference
    point and that some trial dominates: one number for how good a front is. What is said rests on
    nothing but that the trials are independent random draws: each could as well have been drawn
    later. No best possible front is estimated: a forecast may go beyond what can be. Where nearly
    all scores are alike and bad, and no draw has found the few good ones, gains are far larger
    than forecast (``benchmarks/law/hypervolume_forecasts.py``). Made by
    :func:`hypervolume_outlook`.

    Of its methods, :meth:`best_after` forecasts the hypervolume, and :meth:`gain_bound`,
    :meth:`probability_of_improvement` and :meth:`n_more_for` take gains in its units: the product
    of those of all objectives. They are about the front of the random draws. Where there are other
    trials, the front of all gains no more than that.

    Attributes:
        directions: "minimize" or "maximize" for each objective.
        reference_point: From which volume is measured, in the user's own sign.
        n_trials: Independent draws, the failed among them.
        n_left_out: Trials of the study that are no independent draws.
        n_front: Draws that are better than the reference point and that no other dominates.
        has_ties: Whether an objective has equal scores, as rounded ones and counts are: more
            trials then extend the front less probably than is said.
        has_copies: Whether draws are alike in all objectives: how probable gains of some size are
            is then told less well.
        best: The hypervolume of the draws.
        best_of_all: That of all trials of the study, those left out among them.
        warnings: What must be known before the numbers are used.
        direction: "maximize": a larger hypervolume is better.

    Example:
        >>> import numpy as np
        >>> from optuna_hpx import hypervolume_outlook
        >>> x = np.random.default_rng(0).random((100, 2))
        >>> scores = np.column_stack([x[:, 0], (1 - x[:, 0]) ** 2 + x[:, 1]])
        >>> outlook = hypervolume_outlook(scores, reference_point=(1.0, 2.0))
        >>> outlook.probability_of_improvement(1) < outlook.probability_of_improvement(50)
        True
        >>> outlook.best < outlook.best_after(50).median < outlook.best_after(200).median
        True

    References:
        Fonseca et al. (2011), for attainment surfaces; Deng and Zhang (2019), IEEE Trans. Evol.
        Comput. 23, for volumes along rays; the forecast is ours.
    """

    directions: tuple[str, ...]
    reference_point: tuple[float, ...]
    n_trials: int
    n_left_out: int
    n_front: int
    has_ties: bool
    has_copies: bool
    best: float
    best_of_all: float
    warnings: tuple[str, ...]
    direction: str = field(default="maximize", init=False)
    _growth: FrontGrowth = field(repr=False)
    _history: tuple[np.ndarray, np.ndarray] = field(repr=False)

    def _gains(self, n_more: int) -> Gains:
        return self._growth.gains(n_more)

    def probability_of_improvement(self, n_more: int, *, by: float = 0.0) -> float:
        """Compute how probably more random trials add more than ``by`` to the hypervolume.

        For ``by`` 0 it is the probability that one of them joins the front. For one more trial
        that is about the share of the draws that are on the front now: exactly, on average, the
        share that will be on it then, whatever the scores follow. Where scores have ties it is
        less (:attr:`has_ties`).

        Args:
            n_more: Further random trials, at least 1.
            by: In units of the hypervolume, not negative.

        Returns:
            A probability.

        Raises:
            ValueError: If an argument is out of its range.
        """
        return super().probability_of_improvement(n_more, by=by)

    def history(self) -> tuple[np.ndarray, np.ndarray]:
        """Return how the hypervolume of the draws grew.

        Returns:
            Numbers of draws (k,) at which it grew, ascending, and its values (k,) from each of
            them on.
        """
        rows, values = self._history
        return rows + 1, values.copy()

    def _columns(self) -> dict[str, Sequence[Any] | np.ndarray]:
        """Return forecasts for numbers of further trials on a logarithmic axis."""
        n_more = np.unique(np.geomspace(1, _AHEAD * self.n_trials, _N_ROWS).round().astype(int))
        after = [self.best_after(k) for k in n_more.tolist()]
        return {
            "n_more": n_more,
            "probability": [self.probability_of_improvement(k) for k in n_more.tolist()],
            "low": [forecast.low for forecast in after],
            "median": [forecast.median for forecast in after],
            "high": [forecast.high for forecast in after],
        }

    def __repr__(self) -> str:
        after = self.best_after(self.n_trials)
        return (
            f"<HypervolumeOutlook of {count(self.n_trials, 'trial')} to "
            f"{' and '.join(self.directions)}: front of {self.n_front}, hypervolume "
            f"{self.best:.6g}; after as many more {after.median:.6g} "
            f"(80 % interval {after.low:.6g} to {after.high:.6g})>"
        )


def hypervolume_outlook(
    values: Sequence[Sequence[float]] | np.ndarray | Study | TrialTable,
    *,
    reference_point: Sequence[float] | None = None,
    directions: Sequence[str] | None = None,
    n_censored: int = 0,
    sampler: BaseSampler | None = None,
    n_draws: int | None = None,
) -> HypervolumeOutlook:
    """Forecast what more random trials add to the hypervolume of the front.

    Args:
        values: (n, m) scores of independent random draws; or a study with m objectives or its
            table, of which the draws are taken as :meth:`AsymptoticLaw.fit_study` does. Failed,
            pruned and infeasible draws count as such that brought nothing.
        reference_point: (m,) scores that are just not good enough, from which volume is measured.
            Draws that are not better in all objectives add nothing. Hypervolumes compare only for
            the same point. None: a tenth of the range beyond the worst scores of the first 30
            draws, or of the first 8 that have scores, if that are more; a score that lies further
            from the quartiles than three times their distance does not count. Where there are 30
            draws, more of them do not move it.
        directions: Of scores: "minimize" or "maximize" for each; None: minimize. A study has its
            own.
        n_censored: Of scores: further draws that failed.
        sampler: Of a study: what drew the trials without a mark, if that is certain.
        n_draws: Of a study: use so many draws that finished first; None: all.

    Returns:
        The outlook. It takes some hundredths of a second for two objectives, and some tenths for
        more; each forecast of another number of trials about as much.

    Raises:
        NoLawError: If fewer than 8 draws have scores, or fewer than 4 are better than the
            reference point, or all that are best are alike, or a score is infinitely good, or an
            objective that is to set the reference point is constant, or volumes are too large or
            too small for numbers. It is a ValueError, with the reason.
        TypeError: If an argument has the wrong type.
        ValueError: If an argument is out of its range, or the study has one objective.

    Example:
        >>> import optuna
        >>> from optuna_hpx import hypervolume_outlook
        >>> def objective(trial):
        ...     x, y = trial.suggest_float("x", 0, 1), trial.suggest_float("y", 0, 1)
        ...     return x, (1 - x) ** 2 + y
        >>> sampler = optuna.samplers.RandomSampler(seed=0)
        >>> study = optuna.create_study(directions=["minimize", "minimize"], sampler=sampler)
        >>> study.optimize(objective, n_trials=60)
        >>> outlook = hypervolume_outlook(study, reference_point=(1.0, 2.0))
        >>> forecast = outlook.best_after(50)
        >>> outlook.best <= forecast.low < forecast.median < forecast.high
        True
        >>> outlook.gain_bound(50) < outlook.gain_bound(200)
        True

    References:
        Good (1953), Biometrika 40, for what one more draw brings; the volume that one draw alone
        dominates stands for the species that were seen once.
    """
    _checks.count("n_censored", n_censored, at_least=0)
    if isinstance(values, TrialTable) or hasattr(values, "get_trials"):
        study = cast("Study | TrialTable", values)
        if directions is not None:
            raise ValueError(
                f"`directions` must be left out of a study, which has its own: got {directions!r}."
            )
        sample = front_draws(study, sampler, n_draws)
    else:
        sample = front_draws_of_scores(values, directions, n_censored)
    return outlook_of(sample, reference_point)


def outlook_of(
    sample: FrontDraws, reference_point: Sequence[float] | None = None, n_first: int = N_FIRST
) -> HypervolumeOutlook:
    """Forecast the hypervolume of draws.

    Args:
        sample: The draws.
        reference_point: As for :func:`hypervolume_outlook`.
        n_first: Draws that set it if it is None.
    """
    scored = sample.losses[np.isfinite(sample.losses).all(axis=1)]
    if len(scored) < _LEAST:
        n_bad = len(sample.losses) - len(scored)
        more = f", and {n_bad} that brought nothing" if n_bad else ""
        raise NoLawError(
            f"The outlook needs at least {_LEAST} independent random draws with scores; there are "
            f"{len(scored)}{more}.",
            sample.in_words,
            needs_draws=True,
        )
    if reference_point is None:
        n_set = np.count_nonzero(np.isfinite(sample.losses[:n_first]).all(axis=1))
        reference = default_reference_point(scored[: max(n_set, _LEAST)])
        _check_widths(scored[: max(n_set, _LEAST)], reference)
    else:
        reference = sample.signs * check_reference_point(reference_point, len(sample.directions))
    _check_volume(scored, reference)
    attainment = attainment_of(scored, reference)
    if attainment.n_inside < _LEAST_INSIDE:
        raise NoLawError(
            f"At least {_LEAST_INSIDE} independent random draws must be better than the reference "
            f"point in all objectives; {attainment.n_inside} of {len(scored)} are.",
            "Choose a worse `reference_point`.",
            needs_draws=True,
        )
    if not attainment.shells.any():
        raise NoLawError(
            f"{int(front_of(scored).copies[0])} draws are alike and better than all others: by "
            "how much more trials may be better cannot be told.",
            "Look at an objective with more different scores.",
        )
    history = hypervolume_history(sample.losses, reference)
    best = float(history[1][-1])
    every = np.vstack([scored, sample.others])
    front = front_of(scored[(scored < reference).all(axis=1)])
    growth = FrontGrowth(attainment, front, len(sample.losses))
    return HypervolumeOutlook(
        directions=sample.directions,
        reference_point=tuple((sample.signs * reference).tolist()),
        n_trials=len(sample.losses),
        n_left_out=len(sample.others),
        n_front=int(front.copies.sum()),
        has_ties=any(len(np.unique(column)) < len(scored) for column in scored.T),
        has_copies=bool(front.times.max() > 1),
        best=best,
        best_of_all=hypervolume(every, reference) if len(sample.others) else best,
        warnings=sample.warnings,
        _growth=growth,
        _history=history,
    )


def _check_widths(losses: np.ndarray, reference_point: np.ndarray) -> None:
    """Refuse a reference point that no draw is better than, as one objective is constant.

    Args:
        losses: (n, m) of the draws that set it.
        reference_point: (m,)
    """
    is_flat = losses.min(axis=0) >= reference_point
    if is_flat.any():
        raise NoLawError(
            f"The first {len(losses)} draws have one score of objective {int(is_flat.argmax())}, "
            "so that there is no volume to measure.",
            "Choose a `reference_point` that is worse, or leave that objective out.",
        )


def _check_volume(losses: np.ndarray, reference_point: np.ndarray) -> None:
    """Refuse scores of which the hypervolume is no number that a computer has."""
    inside = losses[(losses < reference_point).all(axis=1)]
    if not len(inside):
        return
    with np.errstate(over="ignore"):
        size = np.log10(reference_point - inside.min(axis=0)).sum()
    if not abs(size) < _MOST_DIGITS:
        raise NoLawError(
            f"The hypervolume of these scores would be about 1e{size:+.0f}, which is too "
            f"{'large' if size > 0.0 else 'small'} to be computed.",
            "Measure the objectives in other units.",
        )
