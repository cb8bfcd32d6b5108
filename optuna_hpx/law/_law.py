"""AsymptoticLaw: how good random search can get, from its scores."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np

from optuna_hpx import _checks
from optuna_hpx.law._band import TuningCurveBand, band_of
from optuna_hpx.law._draws import Draws, draws, draws_of_scores
from optuna_hpx.law._estimates import LawEstimates
from optuna_hpx.law._fit import describe_doubts, fit_draws
from optuna_hpx.law._outlook import Outlook
from optuna_hpx.law._settings import MOST_DIMENSIONS, Bounds, LawSettings
from optuna_hpx.law.maths.gains import Gains, mixed
from optuna_hpx.law.maths.pivot import gains_of_more
from optuna_hpx.trials.table import TrialTable, loss_sign

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler
    from optuna.study import Study
    from optuna.trial import FrozenTrial

__all__ = ["AsymptoticLaw"]

# Of the law in forecasts, beside those without it. The law is the better one where there is noise,
# and the worse one, by up to three times, where it is wrong
# (benchmarks/law/law_forecasts.py --design).
_WEIGHT_OF_LAW = 0.4


@dataclass(frozen=True, repr=False, eq=False)
class AsymptoticLaw(LawEstimates, Outlook):
    """The law that the best scores of a random search follow, with what is uncertain about it.

    Near its optimum an objective looks like a quadratic bowl with noise, and the scores of
    independent random draws then follow a law of four parameters: the best possible expected
    score, a scale, the number of hyperparameters that matter near the optimum, and the noise. It
    is fitted to the best trials, the *regime*. How many these are is not known: the posterior is
    an average over three regimes, and over laws with noise and without, as the trials speak for
    them. Made by :meth:`fit` or :meth:`fit_study`; all scores are in the user's own sign.

    Estimates are medians of a posterior, and intervals and forecasts come from it; what they
    cover is measured in ``benchmarks/law/law_coverage.py``. The interval of the best possible
    score is wider than the posterior's, and always reaches to the best score or beyond it: a
    score can only be better than the best possible *expected* one if it was lucky, and no
    interval is worse than the best score unless the trials show that there is noise.

    Attributes:
        direction: "minimize" or "maximize".
        n_trials: Independent trials that were used, the censored among them.
        n_left_out: Trials of the study that are no independent draws.
        n_regime: Draws in the likeliest regime, or in the one that was given.
        best: The best score among the draws.
        best_of_all: The best score of the study, the trials left out among them.
        best_possible: The best expected score that any configuration has.
        noise_std: Standard deviation of one configuration's score; 0.0 if there is rather none.
        effective_dimension: Number of hyperparameters that matter near the optimum: the median of
            ``dimension_weights``, which must be shown with it. One whose best value is at an end
            of its range counts as two.
        dimension_weights: Probability of each number.
        threshold: The score where that regime ends; infinite if it has all trials.
        regime_mass: Share of trials in that regime.
        goodness_of_fit: p-value of the test that the law describes that regime; the smaller of
            two where it is the smallest regime, in which nearly any scores look like the law.
        describes: Whether it is at least 0.05.
        is_best_at_bound: Whether the best score is the best possible one, as ``bounds`` has it.
        warnings: What must be known before the numbers are used.

    Example:
        >>> import optuna
        >>> from optuna_hpx import AsymptoticLaw
        >>> def objective(trial):
        ...     x, y = (trial.suggest_float(name, -1, 1) for name in "xy")
        ...     return x**2 + y**2
        >>> study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=2))
        >>> study.optimize(objective, n_trials=100)
        >>> law = AsymptoticLaw.fit_study(study)
        >>> low, high = law.interval("best_possible")
        >>> law.describes, low < 0.0 < high
        (True, True)
        >>> law.best_after(10).high == law.best  # ten more trials may well improve nothing
        True
        >>> round(law.probability_of_improvement(100), 3)
        0.5

    References:
        Lourie et al. (2025), https://arxiv.org/abs/2510.02721, for the law; the posterior is ours.
    """

    _draws: Draws = field(kw_only=True, repr=False)

    @classmethod
    def fit(
        cls,
        values: Sequence[float] | np.ndarray,
        *,
        direction: str = "minimize",
        n_censored: int = 0,
        threshold: float | Literal["auto"] = "auto",
        max_dimension: int = MOST_DIMENSIONS,
        noise_std: float | Literal["auto"] = "auto",
        bounds: Bounds | Literal["auto"] = "auto",
    ) -> AsymptoticLaw:
        """Fit the law of the scores of independent random draws.

        Args:
            values: (n,) scores, at least 20 of them finite and not all equal. An infinitely bad
                one is a trial of which only that is known. Equal scores are taken as rounded.
            direction: "minimize" or "maximize".
            n_censored: Further trials that were bad: failed, diverged, pruned.
            threshold: The score at which the largest regime ends, or "auto": at the best quarter
                of the scores. In any case smaller regimes count, too, as the trials speak for
                them.
            max_dimension: The largest number of hyperparameters that may matter. The law is tried
                for 1 to this many. One whose best value is at an end of its range counts as two.
            noise_std: Standard deviation of one configuration's score, to about 10 %; 0.0 if the
                same configuration always has the same score: the best possible score is then
                never worse than the best one; "auto": as the trials have it. One that is too
                small to change the order of the best scores counts as 0.0.
            bounds: The smallest and the largest possible score, None for a side without one, e.g.
                ``(0.0, None)`` of a loss that is never negative. Nothing that is said of scores
                goes beyond. "auto": 0 and 1 if all scores are shares of one number of examples.

        Returns:
            The law. It takes about a second at most, nearly independent of n.

        Raises:
            NoLawError: If there are too few values. It is a ValueError, with the reason.
            TypeError: If ``values`` is a study or a data frame.
            ValueError: If a value is NaN or infinitely good, or an argument is out of its range.
        """
        _checks.one_of("direction", direction, ("minimize", "maximize"))
        _checks.count("n_censored", n_censored, at_least=0)
        _checks.count("max_dimension", max_dimension)
        settings = LawSettings(threshold, max_dimension, noise_std, bounds)
        return cls.of_draws(draws_of_scores(values, direction, n_censored), settings)

    @classmethod
    def fit_study(
        cls,
        study: Study | TrialTable,
        *,
        sampler: BaseSampler | None = None,
        target: Callable[[FrozenTrial], float] | None = None,
        target_direction: str = "minimize",
        threshold: float | Literal["auto"] = "auto",
        max_dimension: int | None = None,
        noise_std: float | Literal["auto"] = "auto",
        bounds: Bounds | Literal["auto"] = "auto",
        n_draws: int | None = None,
    ) -> AsymptoticLaw:
        """Fit the law of those trials of a study that are independent random draws.

        These are the trials of a ``RandomSampler``, the random start-up trials of TPE and of the
        Gaussian process sampler, those that an :class:`InterleavedSampler` drew, and those of
        which nothing is known but that they look like random draws; if they are fewer than 100,
        or of few values, so that nothing shows whether they are, they are taken as draws with a
        warning. Enqueued trials never are, nor those of a grid or a quasi-random sequence, nor
        repeated ones, nor trials that contradict the sampler they are said to be of (see
        :func:`optuna_hpx.trials.sampling.sampling_of`). Failed, pruned and infeasible trials count
        as bad ones: they are draws that brought nothing; but a failed one that was tried again
        does not count.

        Args:
            study: The study, or its table.
            sampler: What drew the trials without a mark, if you are certain: neither a storage
                nor a table knows.
            target: What to assess instead of the objective; needed for several objectives, of
                which the law of one is then shown.
            target_direction: Whether small or large values of ``target`` are good.
            threshold: As for :meth:`fit`.
            max_dimension: As for :meth:`fit`; None: twice the number of parameters that vary, at
                most 10.
            noise_std: As for :meth:`fit`; "auto": also as trials have it that repeat a
                configuration, random ones or not, e.g. enqueued. If such trials always have equal
                scores, there is no noise.
            bounds: As for :meth:`fit`.
            n_draws: Use so many draws that finished first; None: all.

        Returns:
            The law. It takes about a second at most, nearly independent of the number of trials.

        Raises:
            NoLawError: If there are too few independent draws, or a score is infinitely good. It
                is a ValueError, with the reason.
            TypeError: If ``sampler`` is no sampler.
            ValueError: If an argument is out of its range.
        """
        settings = LawSettings(threshold, max_dimension, noise_std, bounds)
        sample = draws(study, sampler, target, target_direction, n_draws)
        return cls.of_draws(sample, settings)

    @classmethod
    def of_draws(cls, sample: Draws, settings: LawSettings) -> AsymptoticLaw:
        """Fit the law of draws that are at hand; see :meth:`fit_study`.

        Args:
            sample: The draws.
            settings: What else is known.

        Raises:
            NoLawError: If there are too few.
            ValueError: If a score is out of its bounds.
        """
        law = fit_draws(sample, settings)
        is_chosen = settings.threshold == "auto"
        end = law.units.to_score(law.regime.threshold) if is_chosen else settings.threshold
        sign = loss_sign(sample.direction)
        result = cls(
            direction=sample.direction,
            n_trials=len(sample),
            n_left_out=sum(sample.left_out.values()),
            best=sign * float(sample.losses.min()),
            best_of_all=sign * sample.best_of_all,
            threshold=float(end),
            warnings=[*sample.warnings],
            _law=law,
            _draws=sample,
        )
        result.warnings.extend(
            describe_doubts(
                sample.losses,
                result.goodness_of_fit,
                describes=result.describes,
                is_best_at_bound=result.is_best_at_bound,
            )
        )
        return result

    def __repr__(self) -> str:
        low, high = self.interval("best_possible")
        doubt = "" if self.describes else "; the law does not describe them"
        if self._draws.is_assumed:
            doubt += "; holds only if they are independent random draws"
        return (
            f"<AsymptoticLaw of {self.n_trials} trials: best possible {self.best_possible:.6g} "
            f"(95 % interval {low:.6g} to {high:.6g}), best so far {self.best:.6g}{doubt}>"
        )

    def tuning_curve(
        self, n_trials: np.ndarray | float, *, quantile: np.ndarray | float = 0.5
    ) -> np.ndarray:
        """Compute quantiles of the best score of a new random search of ``n_trials`` trials.

        What is not known about the law is in them: 80 % of searches end between the quantiles 0.1
        and 0.9. They are the law's in the regime, and above it those of the trials.

        Args:
            n_trials: At least 1, of any shape.
            quantile: In (0, 1), of a shape that broadcasts with it; of the scores as they are: for
                a maximised one the quantile 0.9 is the better end.

        Returns:
            Scores, of the common shape; infinitely bad where most trials fail.

        Raises:
            ValueError: If an argument is out of its range.
        """
        k, q = np.broadcast_arrays(
            np.asarray(n_trials, dtype=float), _checks.levels("quantile", quantile)
        )
        if not np.all(k >= 1.0):
            raise ValueError(f"`n_trials` must be at least 1, got {n_trials!r}.")
        units = self._law.units
        return units.to_score(self._law.predictive.tuning_curve(k, units.to_level(q)))

    @cached_property
    def band(self) -> TuningCurveBand:
        """What the same draws tell without a law."""
        return band_of(self._draws)

    @cached_property
    def _sorted_losses(self) -> np.ndarray:
        """The losses as they were observed: a search for a number of trials asks 100 times."""
        return np.sort(self._draws.losses)

    def _gains(self, n_more: int) -> Gains:
        views = self._views(n_more)
        return mixed(views, [1.0 - _WEIGHT_OF_LAW, _WEIGHT_OF_LAW][: len(views)])

    def _views(self, n_more: int) -> tuple[Gains, ...]:
        views = [gains_of_more(self._sorted_losses, self.n_trials, n_more)]
        units = self._law.units
        if self.describes:
            by_law = self._law.predictive.gains(n_more)
            views.append(Gains(by_law.size * units.width, by_law.chance))
        room = units.width * (float(units.to_loss(self.best)) - units.floor)
        return tuple(Gains(np.minimum(view.size, room), view.chance) for view in views)

    def regret_bound(self, best: float | None = None, *, confidence: float = 0.9) -> float:
        """Bound how far a score is from the best possible one.

        Args:
            best: A score, e.g. the best of a cleverer sampler on the same objective; None: the
                best of the random draws. With noise a score may be better than the best expected
                one; the bound is then 0.
            confidence: One-sided, in (0, 1). The bound is made wider than the posterior has it, by
                what was measured where the objective is not quite a bowl.

        Returns:
            The distance at most, in units of the score. 0 means that the best cannot be told from
            the best possible score, not that it is reached.

        Raises:
            ValueError: If an argument is out of its range.
        """
        _checks.quantile("confidence", confidence)
        best = self.best if best is None else best
        _checks.finite("best", best)
        loss = float(self._law.units.to_loss(best))
        return self._law.units.width * self._law.regret_bound(loss, confidence)
