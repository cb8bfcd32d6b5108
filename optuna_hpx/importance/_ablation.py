"""What each change is worth on the way from one configuration to another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from optuna_hpx import _checks
from optuna_hpx.canvas.result import Result, shortened
from optuna_hpx.canvas.words import count, listing
from optuna_hpx.importance._changes import Change, Changes
from optuna_hpx.importance._configurations import configuration_of, trials_at, values_of
from optuna_hpx.importance._landscape import (
    MIN_ACTIVE,
    Landscape,
    objective_table,
    taught_trials,
)
from optuna_hpx.importance.maths.ablation import Shapley, greedy_order, sets_along, shapley
from optuna_hpx.trials.table import TrialTable, loss_sign

if TYPE_CHECKING:
    from optuna.study import Study

End: TypeAlias = Mapping[str, Any] | int | str
"""Values of all parameters, the number of a trial, or ``"median"`` or ``"best"``."""

_MAX_EXACT = 12  # changes, of which all 2^k configurations are asked for
_N_PAIRS = 100  # of orders, where there are more
_MIN_PAIRS = 20  # of orders, however many changes: the error that they leave is in the intervals
_MAX_SETS = 8000  # configurations: of more orders time grows as the square of the changes


@dataclass(frozen=True, eq=False, repr=False)
class AblationPath(Result):
    """The changes from one configuration to another, in the order of the path.

    All is in the units of the objective, and an improvement is positive whichever direction the
    objective has. k changes.

    Attributes:
        changes: The k changes; each is made when it leaves the best predicted objective.
        values: (k + 1,) predicted objective at the start and after each change.
        improvements: (k,) by how much each change improves it on this path.
        ci_low, ci_high: (k,) ends of an interval for each, by itself; NaN for a change with a
            parameter that fewer than 10 trials have.
        shapley: (k,) what each change improves on average over all orders of the changes; they
            sum to the whole improvement.
        shapley_low, shapley_high: (k,) ends of an interval for each.
        shapley_error: (k,) the part of its standard error that comes from drawing orders instead
            of going through all; 0 of up to 12 changes.
        total: The whole improvement, its lower and its upper end; NaN if a change has none.
        observed: (k + 1,) mean objective of the trials that are at (or within a hundredth of each
            domain of) a configuration of the path; NaN where there is none.
        n_observed: (k + 1,) how many trials these are.
        labels: What the two ends are, in words.
        direction: "minimize" or "maximize".
        confidence: Level of the intervals.
        skill: The surrogate's cross-validated skill (1 is perfect).
        n_trials: Trials that the surrogate was taught.
        warnings: What a reader must know before acting on the numbers.

    Example:
        >>> import optuna
        >>> from optuna_hpx import AblationPath, ablation_path
        >>> study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
        >>> def objective(trial):
        ...     lr = trial.suggest_float("lr", 1e-4, 1, log=True)
        ...     return abs(lr - 0.01) + 0.1 * trial.suggest_float("dropout", 0, 1)
        >>> study.optimize(objective, n_trials=40)
        >>> path = ablation_path(study, {"lr": 1.0, "dropout": 0.5}, seed=0)
        >>> isinstance(path, AblationPath), path.changes[0].name, path.changes[0].before
        (True, 'lr', 1.0)
    """

    changes: tuple[Change, ...]
    values: np.ndarray
    improvements: np.ndarray
    ci_low: np.ndarray
    ci_high: np.ndarray
    shapley: np.ndarray
    shapley_low: np.ndarray
    shapley_high: np.ndarray
    shapley_error: np.ndarray
    total: tuple[float, float, float]
    observed: np.ndarray
    n_observed: np.ndarray
    labels: tuple[str, str]
    direction: str
    confidence: float
    skill: float
    n_trials: int
    warnings: tuple[str, ...] = ()

    def __repr__(self) -> str:
        lines = [
            f"  {change}: {_write(self.improvements[k])}"
            f"{_write_interval(self.ci_low[k], self.ci_high[k])}, on average "
            f"{_write(self.shapley[k])}"
            f"{_write_interval(self.shapley_low[k], self.shapley_high[k])}"
            for k, change in enumerate(self.changes)
        ]
        warnings = (f"  Warning: {warning}" for warning in self.warnings)
        return "\n".join([*self._head(), *shortened(lines, "change"), *warnings])

    def _head(self) -> list[str]:
        """Say what the lines below are of, and what all changes make together."""
        total, low, high = self.total
        return [
            self._heading(),
            f"  predicted objective ({self.direction}) from {self.values[0]:.4g} to "
            f"{self.values[-1]:.4g}, in all {_write(total)}{_write_interval(low, high)}",
            "  + is better; on average is over all orders of the changes",
        ]

    def _heading(self) -> str:
        return (
            f"AblationPath: {self.labels[0]} to {self.labels[1]}, "
            f"{count(len(self.changes), 'change')}, skill {self.skill:.2f}"
        )

    @property
    def names(self) -> tuple[str, ...]:
        """(k,) names of the parameters that change."""
        return tuple(change.name for change in self.changes)

    @property
    def observed_improvements(self) -> np.ndarray:
        """(k,) improvements between trials at both ends of a step; NaN where there are none."""
        return np.asarray(-loss_sign(self.direction) * np.diff(self.observed))

    def _columns(self) -> dict[str, Sequence[Any] | np.ndarray]:
        return {
            "parameter": self.names,
            "before": [change.before for change in self.changes],
            "after": [change.after for change in self.changes],
            "value": self.values[1:],
            "improvement": self.improvements,
            "ci_low": self.ci_low,
            "ci_high": self.ci_high,
            "shapley": self.shapley,
            "shapley_low": self.shapley_low,
            "shapley_high": self.shapley_high,
            "observed": self.observed[1:],
            "n_observed": self.n_observed[1:],
        }


def ablation_path(
    study: Study | TrialTable,
    baseline: End = "median",
    to: End = "best",
    *,
    objective: int | None = None,
    confidence: float = 0.95,
    seed: int | None = 0,
) -> AblationPath:
    """Tell which changes from one configuration to another are worth how much.

    Between the two lie configurations that no trial had: there a surrogate of the objective is
    asked. It is refused where it cannot predict trials that it has not seen; its intervals are
    widened until they hold the differences of such trials. Noise in the objective is not told
    from what the surrogate misses, and makes them wider still.

    Args:
        study: The study, or a table of its trials. Of any sampler.
        baseline: Where to start: the values of all parameters, as of your defaults; the number of
            a trial; or ``"median"``, the trial with the median objective.
        to: Where to end: ``"best"``, the best trial; or as ``baseline``.
        objective: Which one, of several.
        confidence: Level of the intervals, each by itself.
        seed: Of all that is random; the same seed gives the same path. None: another one in each
            call.

    Returns:
        The path. The surrogate and its six fits take two seconds of 150 trials, and are kept with
        the study's table if there is a seed; then the path takes less than one.

    Raises:
        NoSurrogateError: If the objective cannot be predicted from the trials, or these do not
            tell with which change a parameter comes.
        TypeError: If an argument has the wrong type.
        ValueError: If an end is unknown or cannot exist, or both are the same.

    Example:
        >>> import optuna
        >>> from optuna_hpx import ablation_path
        >>> study = optuna.create_study(
        ...     direction="maximize", sampler=optuna.samplers.RandomSampler(seed=0)
        ... )
        >>> def objective(trial):
        ...     layers = trial.suggest_int("layers", 1, 4)
        ...     return layers - 4 * (trial.suggest_float("dropout", 0, 1) - 0.3) ** 2
        >>> study.optimize(objective, n_trials=50)
        >>> path = ablation_path(study, {"layers": 1, "dropout": 0.5}, seed=0)
        >>> path.names[0], bool(path.ci_low[0] <= 3.0 <= path.ci_high[0])
        ('layers', True)
        >>> bool(abs(path.shapley.sum() - path.total[0]) < 1e-9)
        True
    """
    _checks.quantile("confidence", confidence)
    _checks.seed("seed", seed)
    table = objective_table(study, objective)
    _check_end("baseline", baseline)
    _check_end("to", to)
    taught = taught_trials(table)
    start, start_label = _read_end("baseline", baseline, table)
    end, end_label = _read_end("to", to, table)
    before = configuration_of("baseline", start, taught)
    after = configuration_of("to", end, taught)
    rng = np.random.default_rng(seed)
    changes = Changes.of(taught.columns, before, after, int(rng.integers(2**31)))
    if not changes.names:
        raise ValueError(
            f"`baseline` and `to` are the same configuration, {start}: there is no change."
        )
    landscape = Landscape.of(table, confidence, seed)
    k = len(changes.names)
    n_pairs = int(np.clip(_MAX_SETS // (2 * (k + 1)), _MIN_PAIRS, _N_PAIRS))
    rule = shapley(k, n_pairs, _MAX_EXACT, rng)
    return _path(landscape, changes, rule, (start_label, end_label))


def ends_differ(table: TrialTable) -> bool:
    """Tell whether the median and the best trial of one objective are two configurations."""
    if not (table.complete & table.feasible).any():
        return False
    return _read_end("baseline", "median", table)[0] != _read_end("to", "best", table)[0]


def _check_end(argument: str, end: Any) -> None:
    is_number = isinstance(end, Integral) and not isinstance(end, bool)
    if not (is_number or isinstance(end, (Mapping, str))):
        raise TypeError(
            f"`{argument}` must be a dict of all parameters, the number of a trial, 'median' or "
            f"'best', got {end!r}."
        )
    if isinstance(end, str):
        _checks.one_of(argument, end, ("median", "best"))


def _read_end(argument: str, end: End, table: TrialTable) -> tuple[dict[str, Any], str]:
    """Return the values of the parameters at one end, and what it is."""
    if isinstance(end, Mapping):
        return dict(end), f"the given {argument}" if argument == "baseline" else "the given end"
    if isinstance(end, str):
        rows = np.flatnonzero(table.complete & table.feasible)
        if not len(rows):
            raise ValueError(f"`{argument}` is {end!r}, but no complete trial is feasible.")
        ranked = rows[np.argsort(table.losses[rows, 0], kind="stable")]
        row = ranked[0] if end == "best" else ranked[len(ranked) // 2]
        return values_of(table, int(row)), f"the {end} trial"
    rows = np.flatnonzero(table.numbers == int(end))
    if not len(rows):
        raise ValueError(f"`{argument}` is {end}, but no finished trial has that number.")
    return values_of(table, int(rows[0])), f"trial {int(end)}"


def _path(
    landscape: Landscape, changes: Changes, rule: Shapley, labels: tuple[str, str]
) -> AblationPath:
    losses = landscape.predict(changes.points(rule.sets))
    order = _order(landscape, changes, rule, losses)
    points = changes.points(sets_along(order))
    along, draws = landscape.predict(points), landscape.draws(points)
    steps = -np.diff(along)
    low, high = landscape.intervals(steps, -np.diff(draws, axis=1))
    averages, error = -rule.values(losses), rule.standard_error(losses)
    drawn = -rule.values(landscape.draws(changes.points(rule.sets)))
    reach = landscape.intervals(averages, drawn) + 2.0 * np.array([[-1.0], [1.0]]) * error
    total = along[[0]] - along[[-1]]
    ends = landscape.intervals(total, draws[:, [0]] - draws[:, [-1]])[:, 0]
    rows = trials_at(landscape.table, points)
    unit, described = landscape.scale, changes.describe(points, order)
    is_open = np.array([_rests_on(change, landscape) < MIN_ACTIVE for change in described])
    if is_open.any():  # of what so few trials bear no interval holds
        low[is_open] = high[is_open] = ends[:] = np.nan
        reach[:, order[is_open]] = np.nan
    return AblationPath(
        changes=described,
        values=landscape.values(along),
        improvements=unit * steps,
        ci_low=unit * low,
        ci_high=unit * high,
        shapley=unit * averages[order],
        shapley_low=unit * reach[0][order],
        shapley_high=unit * reach[1][order],
        shapley_error=unit * error[order],
        total=(unit * float(total[0]), unit * float(ends[0]), unit * float(ends[1])),
        observed=np.array([_mean(landscape.table.values[row, 0]) for row in rows]),
        n_observed=np.array([len(row) for row in rows]),
        labels=labels,
        direction=landscape.table.directions[0],
        confidence=landscape.confidence,
        skill=landscape.skill,
        n_trials=len(landscape.table),
        warnings=tuple(_on_few(described, is_open, landscape)),
    )


def _rests_on(change: Change, landscape: Landscape) -> int:
    """Count the trials with the rarest parameter that takes part in a change."""
    return landscape.n_active([change.name, *change.brought, *change.dropped])


def _on_few(changes: Sequence[Change], is_open: np.ndarray, landscape: Landscape) -> Iterator[str]:
    """Say of which changes too few trials tell anything."""
    if is_open.any():
        names = [change.name for change, rests in zip(changes, is_open, strict=True) if rests]
        n = min(_rests_on(change, landscape) for change in changes)
        verb = "has" if n == 1 else "have"
        yield (
            f"Only {count(n, 'complete trial')} {verb} a parameter that takes part in the "
            f"{'change' if len(names) == 1 else 'changes'} of {listing(names)}: no interval is "
            "given of that, nor of the whole way."
        )


def _order(
    landscape: Landscape, changes: Changes, rule: Shapley, losses: np.ndarray
) -> np.ndarray:
    """Find the greedy order; the losses of all sets are there where the rule is exact."""
    k = len(changes.names)
    if len(rule.sets) == 2**k:
        bits = 1 << np.arange(k)
        place = np.empty(2**k, dtype=int)
        place[rule.sets @ bits] = np.arange(2**k)
        return greedy_order(k, lambda sets: losses[place[sets @ bits]])
    return greedy_order(k, lambda sets: landscape.predict(changes.points(sets)))


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else float("nan")


def _write_interval(low: float, high: float) -> str:
    if np.isnan(low):
        return ""
    doubt = ": not told from no change" if low <= 0.0 <= high else ""
    return f" ({_write(low)} to {_write(high)}{doubt})"


def _write(improvement: float) -> str:
    """Write with a sign, but for nothing at all."""
    return f"{improvement:+.3g}" if improvement else "0"
