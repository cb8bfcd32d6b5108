"""AsymptoticLaw: how good random search can get, from its scores."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np

from optuna_hpx import _checks
from optuna_hpx.law._draws import draws
from optuna_hpx.law._error import NoLawError
from optuna_hpx.law.maths import forecast
from optuna_hpx.law.maths import regime as law_regime
from optuna_hpx.law.maths.fit import in_cells
from optuna_hpx.law.maths.quadratic import NoisyQuadratic
from optuna_hpx.trials.table import TrialTable, loss_sign

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler
    from optuna.study import Study
    from optuna.trial import FrozenTrial

__all__ = ["AsymptoticLaw", "Forecast"]

_MIN_TRIALS = 20
_MANY_TIES = 3
# One-sided quantiles of alpha are too high where the regime is not quite quadratic: of bowls near
# the edge of their box a nominal 90 % held in 60 to 75 %, and 97.5 % in about 90 %.
_TAIL_OF_REGRET = 0.25
_INTERVALS = ("best_possible", "effective_dimension", "noise_std", "regime_mass")


@dataclass(frozen=True)
class Forecast:
    """Where the best score will be.

    Attributes:
        low: End of the interval with the smaller scores.
        median: As likely to be exceeded as not.
        high: The other end.
    """

    low: float
    median: float
    high: float


class AsymptoticLaw:
    """The law that the best scores of a random search follow, with what is uncertain about it.

    Near its optimum an objective looks like a quadratic bowl with noise, and the scores of
    independent random draws then follow a law of four parameters: the best possible expected
    score, a scale, the number of hyperparameters that matter near the optimum, and the noise. It
    is fitted to the best trials, the *regime*; how many these are is found by a goodness-of-fit
    test. Made by :meth:`fit` or :meth:`fit_study`; all scores are in the user's own sign.

    Estimates are medians of a posterior, and intervals and forecasts come from it; what they
    cover is measured in ``benchmarks/``.

    Attributes:
        direction: "minimize" or "maximize".
        n_trials: Independent trials that were used, the censored among them.
        n_left_out: Trials of the study that are no independent draws.
        n_regime: Draws in the regime.
        best: The best score among the draws.
        best_of_all: The best score of the study, the trials left out among them.
        best_possible: The best expected score that any configuration has.
        noise_std: Standard deviation of one configuration's score.
        effective_dimension: Number of hyperparameters that matter near the optimum: the median of
            ``dimension_weights``, which must be shown with it.
        dimension_weights: Probability of each number.
        threshold: The score where the regime ends; infinite if it has all trials.
        regime_mass: Share of trials in the regime.
        goodness_of_fit: p-value of the test that the law describes the regime. With an automatic
            threshold the regime was chosen among three for a p-value above 0.1, if there is one.
        describes: Whether it is at least 0.05.
        warnings: What must be known before the numbers are used.

    Source: Lourie et al., https://arxiv.org/abs/2510.02721 (the law); the posterior is ours.
    """

    def __init__(
        self,
        losses: np.ndarray,
        n_censored: int,
        *,
        direction: str,
        threshold: float | Literal["auto"],
        max_dimension: int,
        warnings: Sequence[str] = (),
        n_left_out: int = 0,
        best_of_all: float | None = None,
    ) -> None:
        self.direction = direction
        self.n_trials = len(losses) + n_censored
        self.n_left_out = n_left_out
        self._sign = loss_sign(direction)
        self._best, self._best_of_all = float(losses[0]), best_of_all
        # Inside, the best loss is 0 and the better half of the losses ends at 1.
        finite = losses[np.isfinite(losses)]
        spreads = (finite[: len(finite) // 2 + 1][-1] - finite[0], finite[-1] - finite[0])
        self._unit = float(next(spread for spread in spreads if spread > 0.0))
        self._losses = in_cells((losses - self._best) / self._unit)
        gammas = np.arange(1.0, max_dimension + 1.0)
        self._given_threshold = None if threshold == "auto" else float(threshold)
        if threshold == "auto":
            regime = law_regime.choose_regime(self._losses, n_censored, gammas)
        else:
            n_inside = int(np.count_nonzero(losses <= self._sign * threshold))
            regime = law_regime.fit_regime(self._losses, n_inside, n_censored, gammas)
        self._regime = regime
        self._posterior = regime.posterior
        self.warnings = [*warnings]
        if not self.describes:
            self.warnings.append(
                "The law does not describe these trials "
                f"(goodness of fit p {_in_words(self.goodness_of_fit)})."
            )
        n_best = int(np.count_nonzero(losses == losses[0]))
        if n_best >= _MANY_TIES:
            self.warnings.append(
                f"{n_best} trials share the best score. If no better one is possible, as of an "
                "accuracy of 1, the law does not know, and its forecasts go beyond."
            )

    def _inside(self, score: np.ndarray) -> np.ndarray:
        """Scores in the units of the fit."""
        return (self._sign * score - self._best) / self._unit

    def _outside(self, loss: np.ndarray) -> np.ndarray:
        return self._sign * (loss * self._unit + self._best)

    @classmethod
    def fit(
        cls,
        values: Sequence[float] | np.ndarray,
        *,
        direction: str = "minimize",
        n_censored: int = 0,
        threshold: float | Literal["auto"] = "auto",
        max_dimension: int = 10,
    ) -> AsymptoticLaw:
        """The law of the scores of independent random draws.

        Args:
            values: (n,) scores, at least 20 of them finite and not all equal. An infinitely bad
                one is a trial of which only that is known. Equal scores are taken as rounded.
            direction: "minimize" or "maximize".
            n_censored: Further trials that were bad: failed, diverged, pruned.
            threshold: The score at which the regime ends, or "auto".
            max_dimension: The largest number of hyperparameters that may matter, e.g. how many
                there are. The law is tried for 1 to this many.

        Raises:
            NoLawError: If there are too few values. It is a ValueError, with the reason.
            ValueError: If a value is NaN or infinitely good, or an argument is out of its range.

        Cost: about a second at most, nearly independent of n.
        """
        _checks.one_of("direction", direction, ("minimize", "maximize"))
        _checks.count("n_censored", n_censored, at_least=0)
        _checks.count("max_dimension", max_dimension)
        if isinstance(values, str) or hasattr(values, "get_trials") or hasattr(values, "columns"):
            raise TypeError(
                "`values` must be a sequence of numbers; for a study use `fit_study`, of a data "
                f"frame pass the column of scores. Got a {type(values).__name__}."
            )
        losses = np.array(values, dtype=float) * loss_sign(direction)
        if losses.ndim != 1:
            raise ValueError(f"`values` must be one-dimensional, got shape {losses.shape}.")
        if np.isnan(losses).any():
            raise ValueError(
                f"`values` must not be NaN, got {np.count_nonzero(np.isnan(losses))} of them; "
                "count trials that failed in `n_censored`."
            )
        if np.isneginf(losses).any():
            raise ValueError("`values` must not be infinitely good.")
        inside = losses[np.isfinite(losses)]
        if threshold != "auto":
            _checks.finite("threshold", threshold)
            inside = inside[inside <= threshold * loss_sign(direction)]
        if len(inside) < _MIN_TRIALS or len(np.unique(inside)) < 3:
            raise NoLawError(
                f"The law needs at least {_MIN_TRIALS} scores"
                + (" within `threshold`" if threshold != "auto" else "")
                + f", 3 of them different; got {len(inside)}, "
                f"{len(np.unique(inside))} different."
            )
        return cls(
            np.sort(losses),
            n_censored,
            direction=direction,
            threshold=threshold,
            max_dimension=max_dimension,
        )

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
        n_draws: int | None = None,
    ) -> AsymptoticLaw:
        """The law of those trials of a study that are independent random draws.

        These are the trials of a ``RandomSampler``, the random start-up trials of TPE and of the
        Gaussian process sampler, and those that an :class:`InterleavedSampler` drew; never
        enqueued ones, nor those of a grid or a quasi-random sequence (unless ``sampler`` says that
        they are random: they bear no mark). Failed, pruned and infeasible trials count as bad
        ones: they are draws that brought nothing.

        Args:
            study: The study, or its table. For a table made from a data frame all rows are
                taken as independent draws.
            sampler: What drew the trials, if it is not ``study.sampler``: a storage does not know.
            target: What to assess instead of the objective; needed for several objectives, of
                which the law of one is then shown.
            target_direction: Whether small or large values of ``target`` are good.
            threshold: As for :meth:`fit`.
            max_dimension: As for :meth:`fit`; None: as many as parameters vary, at most 10.
            n_draws: Use so many draws that finished first; None: all.

        Raises:
            NoLawError: If there are too few independent draws, or a score is infinitely good. It
                is a ValueError, with the reason.
            ValueError: If an argument is out of its range.
        """
        found = draws(study, sampler, target, target_direction, n_draws)
        if max_dimension is None:
            max_dimension = min(max(found.n_parameters, 1), 10)
        _checks.count("max_dimension", max_dimension)
        if len(found.losses) < _MIN_TRIALS or len(np.unique(found.losses)) < 3:
            raise NoLawError(
                f"The law needs at least {_MIN_TRIALS} complete independent random draws, 3 of "
                f"them different; got {len(found.losses)}, {len(np.unique(found.losses))} "
                f"different, and {found.n_censored} that failed, were pruned or are infeasible.",
                found.in_words,
            )
        if threshold != "auto":
            _checks.finite("threshold", threshold)
            n_inside = np.count_nonzero(found.losses <= loss_sign(found.direction) * threshold)
            if n_inside < _MIN_TRIALS:
                raise NoLawError(
                    f"The law needs at least {_MIN_TRIALS} scores within `threshold`, "
                    f"got {n_inside}."
                )
        return cls(
            np.sort(found.losses),
            found.n_censored,
            direction=found.direction,
            threshold=threshold,
            max_dimension=max_dimension,
            warnings=found.warnings,
            n_left_out=sum(found.left_out.values()),
            best_of_all=found.best_of_all,
        )

    def __repr__(self) -> str:
        low, high = self.interval("best_possible")
        doubt = "" if self.describes else "; the law does not describe them"
        return (
            f"<AsymptoticLaw of {self.n_trials} trials: best possible {self.best_possible:.6g} "
            f"(95 % interval {low:.6g} to {high:.6g}), best so far {self.best:.6g}{doubt}>"
        )

    @property
    def best(self) -> float:
        return self._sign * self._best

    @property
    def best_of_all(self) -> float:
        return self.best if self._best_of_all is None else self._sign * self._best_of_all

    @property
    def n_regime(self) -> int:
        return len(self._regime.inside)

    @property
    def regime_mass(self) -> float:
        return self._regime.share

    @property
    def threshold(self) -> float:
        if self._given_threshold is not None:
            return self._given_threshold
        return float(self._outside(np.asarray(self._regime.threshold)))

    @property
    def goodness_of_fit(self) -> float:
        return self._regime.p_value

    @property
    def describes(self) -> bool:
        return self.goodness_of_fit >= 0.05

    @property
    def best_possible(self) -> float:
        return float(self._outside(np.asarray(self._posterior.quantile("alpha", 0.5))))

    @property
    def noise_std(self) -> float:
        return self._unit * self._posterior.quantile("sigma", 0.5)

    @property
    def effective_dimension(self) -> int:
        return int(self._posterior.quantile("gamma", 0.5))

    @property
    def dimension_weights(self) -> dict[int, float]:
        return self._posterior.dimension_weights

    @property
    def maximum_spacing(self) -> NoisyQuadratic:
        """The single best law by maximum spacing, of losses: negated scores if maximised."""
        law = self._regime.fits.law(self._regime.fits.best)
        alpha, beta = (end * self._unit + self._best for end in (law.alpha, law.beta))
        return NoisyQuadratic(alpha, beta, law.gamma, law.sigma * self._unit)

    def interval(self, name: str, *, confidence: float = 0.95) -> tuple[float, float]:
        """An interval that holds the true value with probability ``confidence``.

        Args:
            name: "best_possible", "noise_std", "regime_mass" or "effective_dimension".
            confidence: In (0, 1).

        Returns:
            The smaller end and the larger one. That of the noise begins at 0 unless the trials
            show that there is some.
        """
        _checks.one_of("name", name, _INTERVALS)
        _checks.quantile("confidence", confidence)
        if name == "regime_mass":
            return law_regime.mass_interval(
                self._regime, confidence, has_end=self._given_threshold is not None
            )
        if name == "noise_std":
            low, high = self._posterior.noise_interval(confidence)
            return self._unit * low, self._unit * high
        if name == "effective_dimension":
            return self._posterior.interval("gamma", confidence)
        ends = self._outside(np.array(self._posterior.interval("alpha", confidence)))
        return float(ends.min()), float(ends.max())

    @cached_property
    def _predictive(self) -> forecast.Predictive:
        return forecast.predictive(
            self._posterior, self._regime, self._losses, self.n_trials, best=0.0
        )

    def cdf(self, y: np.ndarray | float) -> np.ndarray:
        """P(a trial's score <= y), the law's within the regime, elsewhere that of the trials."""
        below = self._predictive.cdf_at(self._inside(np.asarray(y, dtype=float)))
        return below if self._sign > 0 else 1.0 - below

    def pdf(self, y: np.ndarray | float) -> np.ndarray:
        """Density of the law at scores ``y``; NaN beyond the threshold, where it says nothing."""
        loss = self._inside(np.asarray(y, dtype=float))
        density = self._posterior.pdf(loss) / self._unit
        return np.where(loss <= self._regime.threshold, density, np.nan)

    def ppf(self, q: np.ndarray | float) -> np.ndarray:
        """The score that a trial's is at most with probability ``q``."""
        q = np.asarray(q, dtype=float)
        return self._outside(self._predictive.quantile(1.0, q if self._sign > 0 else 1.0 - q))

    def tuning_curve(
        self, n_trials: np.ndarray | float, *, quantile: np.ndarray | float = 0.5
    ) -> np.ndarray:
        """Quantile of the best score of a new random search of ``n_trials`` trials.

        What is not known about the law is in it: 80 % of searches end between the quantiles 0.1
        and 0.9. In the regime by the law, above it by the trials found there.

        Args:
            n_trials: At least 1, of any shape.
            quantile: In (0, 1), of a shape that broadcasts with it; of the scores as they are: for
                a maximised one the quantile 0.9 is the better end.
        """
        k, q = np.broadcast_arrays(
            np.asarray(n_trials, dtype=float), np.asarray(quantile, dtype=float)
        )
        if not np.all(k >= 1.0):
            raise ValueError(f"`n_trials` must be at least 1, got {n_trials!r}.")
        if not np.all((q > 0.0) & (q < 1.0)):
            raise ValueError(f"`quantile` must be in (0, 1), got {quantile!r}.")
        q = q if self._sign > 0 else 1.0 - q
        found = [
            float(self._predictive.quantile(of, at))
            for of, at in zip(k.ravel().tolist(), q.ravel().tolist(), strict=True)
        ]
        return self._outside(np.array(found).reshape(k.shape))

    def probability_of_improvement(self, n_more: int, *, by: float = 0.0) -> float:
        """Probability that ``n_more`` random trials beat the best draw by more than ``by``.

        For ``by`` 0 it is n_more / (n + n_more), which holds exactly for independent draws
        without ties. Where the best score is shared by several trials, as rounded scores are, it
        is an upper bound.
        """
        _checks.count("n_more", n_more)
        _checks.finite("by", by)
        if by < 0.0:
            raise ValueError(f"`by` must not be negative, got {by!r}.")
        return float(self._predictive.improvement(n_more, by / self._unit))

    def best_after(self, n_more: int, *, confidence: float = 0.8) -> Forecast:
        """The best score of all random draws when ``n_more`` have been added.

        The interval reaches to the present best where that may well stay the best.
        """
        _checks.count("n_more", n_more)
        _checks.quantile("confidence", confidence)
        return Forecast(
            *np.sort(
                self._outside(np.array(self._predictive.forecast(n_more, confidence)))
            ).tolist()
        )

    def best_after_quantile(
        self, n_more: int, *, quantile: np.ndarray | float = 0.5
    ) -> np.ndarray:
        """Quantiles of what :meth:`best_after` forecasts, of the shape of ``quantile``."""
        _checks.count("n_more", n_more)
        q = np.asarray(quantile, dtype=float)
        if not np.all((q > 0.0) & (q < 1.0)):
            raise ValueError(f"`quantile` must be in (0, 1), got {quantile!r}.")
        q = q if self._sign > 0 else 1.0 - q
        return self._outside(self._predictive.best_after(n_more, q))

    def gain_bound(self, n_more: int, *, confidence: float = 0.9) -> float:
        """``n_more`` random trials improve the best by more than this with 1 - ``confidence``."""
        _checks.count("n_more", n_more)
        _checks.quantile("confidence", confidence)
        return self._unit * self._predictive.gain_bound(n_more, confidence)

    def regret_bound(self, best: float | None = None, *, confidence: float = 0.9) -> float:
        """How far ``best`` is from the best possible score, at most, with ``confidence``.

        Args:
            best: A score, e.g. the best of a cleverer sampler on the same objective; None: the
                best of the random draws. With noise a score may be better than the best expected
                one; the bound is then 0.
            confidence: One-sided, in (0, 1). It is made wider than the posterior has it, by what
                was measured where the objective is not quite a bowl.

        0 means that the best cannot be told from the best possible score, not that it is reached.
        """
        _checks.quantile("confidence", confidence)
        best = self.best if best is None else best
        _checks.finite("best", best)
        loss = float(self._inside(np.asarray(best)))
        tail = (1.0 - confidence) * _TAIL_OF_REGRET
        return self._unit * max(0.0, loss - self._posterior.quantile("alpha", tail))

    def n_more_for(self, gain: float) -> float:
        """Random trials after which the median best is better by ``gain``; or infinity."""
        _checks.finite("gain", gain)
        if gain <= 0.0:
            raise ValueError(f"`gain` must be positive, got {gain!r}.")
        n = 1
        while n < 10**7:
            if self.best_after(n).median * self._sign <= self.best * self._sign - gain:
                return float(n)
            n = math.ceil(n * 1.1)
        return math.inf


def _in_words(p: float) -> str:
    return f"= {p:.2g}" if p >= 0.001 else "< 0.001"
