"""Certificate: what a tuned configuration is worth on the next task, at least."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from numbers import Integral
from typing import Any

import numpy as np

from optuna_hpx import _checks
from optuna_hpx.tasks.maths import certificate as bounds_of

__all__ = ["Certificate", "Improvement", "tasks_needed"]


_HARDLY = 0.01


@dataclass(frozen=True)
class Improvement:
    """How much better the tuned configuration is than a baseline, on average over tasks.

    In the sense of the study's direction: positive is better.

    Attributes:
        params: Of the baseline.
        observed: Mean difference on the tasks of the study.
        lower_bound: Finite-sample, for any way of tuning, at the certificate's ``delta``.
        approximate_lower_bound: By the multiplier bootstrap; its coverage is approximate.
        n_tasks_needed: Tasks after which ``lower_bound`` would be positive if the observed
            difference and its spread stayed the same; None if the difference is not positive.
    """

    params: dict[str, Any]
    observed: float
    lower_bound: float
    approximate_lower_bound: float
    n_tasks_needed: int | None


@dataclass(frozen=True, eq=False)
class Certificate:
    """A one-sided bound on the mean value of a tuned configuration over tasks like those seen.

    :meth:`summary`, or ``print``, says it in words.

    Attributes:
        params: The configuration.
        trial: Number of the trial that was first to try it.
        direction: "minimize" or "maximize".
        values: (T,) its value on each task.
        observed: Their mean; for "holdout", that of the tasks held out.
        bound: What the mean over the distribution of tasks is no worse than.
        naive: What a one-sided t interval of this configuration alone would say. But for
            "holdout", it ignores that the configuration was chosen for its observed mean, and
            holds less often than said.
        delta: Probability, over the draw of the tasks, that ``bound`` does not hold.
        method: As asked for.
        is_finite_sample: Whether the bound holds for any number of tasks; else it is approximate.
        n_tasks: Tasks on which the bound rests.
        n_tried: Configurations that were evaluated on all tasks.
        log_n_configs: Natural logarithm of :attr:`n_configs`.
        bounds: Between which all values lie.
        baseline: None if no baseline was named.
        assumptions: What the bound rests on.
    """

    params: dict[str, Any]
    trial: int
    direction: str
    values: np.ndarray = field(repr=False)
    observed: float
    bound: float
    naive: float
    delta: float
    method: str
    is_finite_sample: bool
    n_tasks: int
    n_tried: int
    log_n_configs: float
    bounds: tuple[float, float]
    baseline: Improvement | None
    assumptions: tuple[str, ...]

    @property
    def lower_bound(self) -> float | None:
        """None if the study minimises."""
        return self.bound if self.direction == "maximize" else None

    @property
    def upper_bound(self) -> float | None:
        """None if the study maximises."""
        return self.bound if self.direction == "minimize" else None

    @property
    def n_configs(self) -> float:
        """Configurations among which was chosen, declared or counted; may be infinite."""
        if self.log_n_configs > 700.0:
            return math.inf
        n = math.exp(self.log_n_configs)
        return float(round(n)) if n < 2.0**30 else n

    @property
    def width(self) -> float:
        """How far the bound lies from what was observed, in units of the value."""
        return abs(self.observed - self.bound)

    @property
    def is_vacuous(self) -> bool:
        """Whether the bound says hardly more, by 1 % of them, than the bounds of values do."""
        worst = self.bounds[0] if self.direction == "maximize" else self.bounds[1]
        return abs(self.bound - worst) <= _HARDLY * (self.bounds[1] - self.bounds[0])

    def tasks_needed(self, width: float) -> int:
        """Tasks after which a "betting" bound would lie within ``width`` of the observed mean.

        In all, also for "holdout", whatever the method of this certificate.

        As if the values went on as they are, and the configurations stayed as many.

        Raises:
            ValueError: If ``width`` is not positive.
        """
        _checks.finite("width", width)
        if width <= 0.0:
            raise ValueError(f"`width` must be positive, got {width!r}.")
        low, high = self.bounds
        return bounds_of.tasks_for_width(
            (self.values - low) / (high - low)
            if self.direction == "maximize"
            else (high - self.values) / (high - low),
            width / (high - low),
            self.log_n_configs,
            self.delta,
        )

    def summary(self) -> str:
        """A few lines for people."""
        best = "at least" if self.direction == "maximize" else "at most"
        how = "finite-sample" if self.is_finite_sample else "approximate"
        lines = [
            f"Of {self.params}, first tried in trial {self.trial}.",
            f"Mean over tasks like these: {best} {self.bound:.4g} with probability "
            f"{1.0 - self.delta:.4g} ({self.method}, {how}).",
            f"Observed on {self.n_tasks} tasks: {self.observed:.4g}; {self._chosen()}.",
        ]
        if self.is_vacuous:
            lines.append(
                "This bound is vacuous: the bounds of the values say as much. More tasks, fewer "
                "declared configurations or another method would say more."
            )
        if math.isfinite(self.naive):
            lines.append(
                f"Student's t would say {self.naive:.4g}"
                + (
                    ", approximately."
                    if self.method == "holdout"
                    else ": it ignores the choice, and holds less often than it says."
                )
            )
        half = self.width / 2.0
        if self.method == "betting" and half > 0.0:
            lines.append(
                f"To halve the distance of {self.width:.3g} between them: about "
                f"{self.tasks_needed(half)} tasks."
            )
        if self.baseline is not None:
            lines.append(_beside(self.baseline, self.params, self.delta))
        lines.append("Assumed:")
        lines += [f"- {assumption}" for assumption in self.assumptions]
        return "\n".join(lines)

    def _chosen(self) -> str:
        if self.method == "holdout":
            return "chosen on other tasks"
        if self.method == "bootstrap":
            return f"chosen among the {self.n_tried} configurations evaluated on all tasks"
        return f"chosen among {_count(self.log_n_configs)} configurations"

    def __str__(self) -> str:
        return self.summary()


def _beside(baseline: Improvement, params: dict[str, Any], delta: float) -> str:
    if baseline.params == params:
        return "No configuration that was tried is better than the baseline."
    sure = "is better" if baseline.lower_bound > 0.0 else "may be no better"
    text = (
        f"Than the baseline it {sure}: by {baseline.observed:.4g} on all tasks of the study, at "
        f"least {baseline.lower_bound:.4g} with probability {1.0 - delta:.4g} (betting, "
        f"finite-sample), {baseline.approximate_lower_bound:.4g} (bootstrap, approximate)."
    )
    if baseline.lower_bound <= 0.0 and baseline.n_tasks_needed is not None:
        text += f" About {baseline.n_tasks_needed} tasks would be needed to tell."
    return text


def _count(log_n: float) -> str:
    return f"{math.exp(log_n):.0f}" if log_n < math.log(1e6) else f"2^{log_n / math.log(2.0):.0f}"


def tasks_needed(
    epsilon: float,
    *,
    bounds: tuple[float, float] = (0.0, 1.0),
    delta: float = 0.05,
    n_configs: float = 1,
) -> int:
    """Tasks after which a bound lies within ``epsilon`` of the observed mean, whatever it is.

    Hoeffding's inequality, for the best of ``n_configs`` configurations chosen in any way: before
    anything is known of the values. Where they vary little, fewer tasks will do: see
    :meth:`Certificate.tasks_needed`.

    Args:
        epsilon: In units of the value.
        bounds: Between which all values lie.
        delta: Probability that the bound does not hold.
        n_configs: Configurations of the search space; 2**64 for one float without a step.

    Raises:
        TypeError: If an argument is not a number.
        ValueError: If one is not possible.
    """
    _checks.finite("epsilon", epsilon)
    low, high = check_bounds(bounds)
    if epsilon <= 0.0:
        raise ValueError(f"`epsilon` must be positive, got {epsilon!r}.")
    _checks.quantile("delta", delta)
    check_n_configs(n_configs)
    share = epsilon / (high - low)
    if share < 1e-6:
        raise ValueError(
            f"`epsilon` must be at least a millionth of the range of `bounds`, got {epsilon!r}."
        )
    return bounds_of.tasks_needed(share, delta, math.log(n_configs))


def check_bounds(bounds: Any) -> tuple[float, float]:
    """``bounds`` as two floats, the smaller one first."""
    try:
        low, high = bounds
    except (TypeError, ValueError):
        raise TypeError(f"`bounds` must be a pair of numbers, got {bounds!r}.") from None
    for value in (low, high):
        _checks.finite("bounds", value)
    if not (low < high and math.isfinite(float(high) - float(low))):
        raise ValueError(f"`bounds` must be (smaller, larger), got {bounds!r}.")
    return float(low), float(high)


def check_n_configs(n_configs: Any) -> None:
    if not isinstance(n_configs, Integral):  # an int may be larger than any float
        _checks.finite("n_configs", n_configs)
    if isinstance(n_configs, bool) or n_configs < 1:
        raise ValueError(f"`n_configs` must be at least 1, got {n_configs!r}.")
