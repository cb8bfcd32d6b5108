"""TrialTable: the one bridge from a study, or a data frame, to columns.

Everything in this package that reads a study reads it through a :class:`TrialTable`. Directions
are flipped here, once: inside, a loss is something to minimise.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState

from optuna_hpx.trials.cache import cached_by_study
from optuna_hpx.trials.columns import INACTIVE, Column, join, read_columns
from optuna_hpx.trials.domain import choices_of, narrow
from optuna_hpx.trials.drawer import Drawer, drawer_of
from optuna_hpx.trials.target_set import non_dominated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    import pandas as pd
    from optuna.distributions import BaseDistribution
    from optuna.study import Study

    from optuna_hpx.trials.frames.plan import FramePlan

__all__ = [
    "INACTIVE",
    "Column",
    "TrialTable",
    "loss_sign",
    "total_violation",
]


@dataclass(frozen=True, eq=False, repr=False)
class TrialTable:
    """The finished trials of a study as columns, ordered by trial number. Immutable.

    Shapes: n trials, m objectives.

    Attributes:
        numbers: (n,) trial numbers, ascending.
        states: (n,) values of :class:`optuna.trial.TrialState` (COMPLETE, PRUNED or FAIL).
        losses: (n, m) objectives, negated where they are maximised; NaN unless COMPLETE.
        violation: (n,) sum of the positive constraint values; infinite where one is NaN.
        durations: (n,) seconds, NaN where unknown.
        directions: (m,) "minimize" or "maximize".
        metric_names: (m,) what the study, or the data frame, calls its objectives; () if nothing.
        columns: One :class:`Column` per parameter, in the order of first appearance.
        trials: The trials as the storage holds them (do not modify); empty for a data frame.
        attributes: What samplers noted of each trial; empty for a data frame without such notes.
        drawer: What the study's sampler does; None if it is not known.
        memo: What was worked out of the table, to be kept with it; ``replace`` starts anew.
        kept: What was worked out of some of its trials, by their numbers, and holds as well when
            others have joined them.

    Example:
        >>> import optuna
        >>> from optuna_hpx import TrialTable
        >>> study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
        >>> study.optimize(lambda trial: trial.suggest_float("x", 0, 1) ** 2, n_trials=3)
        >>> TrialTable.of(study)
        <TrialTable of 3 finished trials, 1 parameters (x), minimize>
    """

    numbers: np.ndarray
    states: np.ndarray
    losses: np.ndarray
    violation: np.ndarray
    durations: np.ndarray
    directions: tuple[str, ...]
    columns: dict[str, Column]
    trials: tuple[FrozenTrial, ...]
    attributes: tuple[Mapping[str, Any], ...] = ()
    drawer: Drawer | None = None
    metric_names: tuple[str, ...] = ()
    kept: dict[Any, Any] = field(default_factory=dict, repr=False)
    memo: dict[Any, Any] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        for array in (self.numbers, self.states, self.losses, self.violation, self.durations):
            array.setflags(write=False)

    @classmethod
    def of(cls, study: Study | TrialTable) -> TrialTable:
        """Return the table of a study, or the table itself.

        Everything that only reads a study takes a table in its place, and gets it here. What runs
        one, as a scheduler or a callback, does not.

        Args:
            study: The study, or a table.

        Raises:
            TypeError: If it is neither.

        Example:
            >>> import optuna
            >>> study = optuna.create_study()
            >>> table = TrialTable.of(study)
            >>> TrialTable.of(table) is table
            True
        """
        return study if isinstance(study, cls) else cls.from_study(cast("Study", study))

    @classmethod
    def from_study(cls, study: Study) -> TrialTable:
        """Read the finished trials of ``study``.

        The first call costs O(trials x parameters). Later ones read the new trials only: the
        table is kept for as long as ``study`` lives, and built anew if its trials are no longer
        those that were read. Safe to call from several threads.

        Args:
            study: The study.

        Raises:
            TypeError: If ``study`` is none.

        Example:
            >>> import optuna
            >>> study = optuna.create_study(direction="maximize")
            >>> study.optimize(lambda trial: trial.suggest_int("k", 2, 2), n_trials=3)
            >>> table = TrialTable.from_study(study)
            >>> table.losses[:, 0]
            array([-2., -2., -2.])
            >>> table.columns["k"].values
            array([2., 2., 2.])
        """
        if not hasattr(study, "get_trials"):
            raise TypeError(
                "`study` must be a Study, or a TrialTable, which TrialTable.from_frame makes of a "
                f"data frame; got a {type(study).__name__}."
            )
        directions = tuple(
            "maximize" if d == StudyDirection.MAXIMIZE else "minimize" for d in study.directions
        )
        drawer = drawer_of(getattr(study, "sampler", None), len(directions))
        metrics = tuple(getattr(study, "metric_names", None) or ())
        table = cached_by_study(
            study,
            build=lambda trials: _read_trials(trials, directions, drawer, metrics),
            extend=lambda table, trials: _concatenate(
                table, _read_trials(trials, directions, drawer, metrics)
            ),
        )
        if (table.drawer, table.metric_names) == (drawer, metrics):
            return table
        # The study has another sampler, or other names, than when its trials were read.
        key = "of a study with", drawer, metrics
        if key not in table.memo:
            table.memo[key] = replace(table, drawer=drawer, metric_names=metrics)
        again: TrialTable = table.memo[key]
        return again

    @classmethod
    def from_frame(
        cls,
        df: pd.DataFrame,
        *,
        params: Sequence[str] | None = None,
        value: str | Sequence[str],
        direction: str | Sequence[str] = "minimize",
        distributions: Mapping[str, BaseDistribution] | None = None,
        ignore: Sequence[str] = (),
    ) -> TrialTable:
        """Read one trial per row of ``df``.

        The tables of Optuna, its dashboard, scikit-learn, MLflow, Ray Tune and W&B are known by
        their columns. A row without a value is a failed trial, unless a column of states says
        what it is, in Optuna's words or other common ones; rows that run or wait are left out. An
        empty cell is a parameter that the trial did not have, unless None is a choice: where a
        distribution has it, or None and NaN are both there, or a search wrote the table and
        nothing decides where the cells are empty. A column ``feasible`` of booleans, as
        :meth:`to_frame` writes it, or the constraints of Optuna's frame say which trials are
        feasible; else all are. A column ``number`` of different whole numbers is the order of the
        trials; else it is that of the rows. Columns ``system_attrs_*``, as Optuna's
        ``study.trials_dataframe()`` has them, or ``origin``, say how trials were drawn.

        Args:
            df: The trials, one in each row: a data frame of pandas, or of a library that can
                convert its own to one, as polars and Arrow.
            params: Columns that hold parameters, with or without the prefix of their tool. By
                default those with the prefix that the tool gives to parameters, which is left
                out of their names; or, where there is none, what varies and is no date, name,
                seed, duration or result by its name or its place, goes not up and down with the
                objective, and does not follow from the parameters. Columns of 0 and 1 that are
                one choice become one parameter. A warning says what was guessed.
            value: The column of the objective, or one column for each of several.
            direction: "minimize" or "maximize", for each objective.
            distributions: What a parameter was drawn from; guessed from its column if missing.
            ignore: Columns that are no parameters.

        Raises:
            ValueError: If a column is missing or not numeric where it must be, a direction or a
                state is unknown, or a value lies outside its distribution.
            TypeError: If ``params``, ``value``, ``ignore`` or ``distributions`` is of the wrong
                type, or ``df`` is no table.

        Example:
            >>> import pandas as pd
            >>> frame = pd.DataFrame({"lr": [0.1, 0.3, 0.2], "error": [3.0, 1.0, 2.0]})
            >>> TrialTable.from_frame(frame, value="error").columns["lr"].distributions
            (FloatDistribution(high=0.3, log=False, low=0.1, step=None),)
        """
        from optuna_hpx.trials.frames.interchange import to_pandas
        from optuna_hpx.trials.frames.plan import plan_frame
        from optuna_hpx.trials.frames.words import check_arguments, warn_of

        names = check_arguments(value, params, ignore, distributions)
        df = to_pandas(df)
        named = [name for name in distributions or () if name in df.columns]
        plan = plan_frame(df, names, params=params, ignore=ignore, named=named)
        warn_of(plan)
        return cls.from_plan(plan, direction, distributions)

    @classmethod
    def from_plan(
        cls,
        plan: FramePlan,
        direction: str | Sequence[str],
        distributions: Mapping[str, BaseDistribution] | None = None,
    ) -> TrialTable:
        """Read the rows of a table whose columns have their roles; see :meth:`from_frame`."""
        from optuna_hpx.trials.frames.names import metrics_of
        from optuna_hpx.trials.frames.reading import read_frame

        parts = read_frame(plan, direction, distributions or {})
        return cls(
            numbers=plan.numbers,
            attributes=parts.attributes,
            violation=parts.violation,
            durations=parts.durations,
            trials=(),
            columns={
                name: Column(name, (narrow(dist),), *arrays)
                for name, dist, *arrays in parts.columns
            },
            states=parts.states,
            losses=parts.losses,
            directions=parts.directions,
            metric_names=metrics_of(plan.values),
        )

    def __len__(self) -> int:
        return len(self.numbers)

    def __repr__(self) -> str:
        return (
            f"<TrialTable of {len(self)} finished trials, {len(self.columns)} parameters "
            f"({', '.join(self.columns)}), {' and '.join(self.directions)}>"
        )

    @property
    def n_trials(self) -> int:
        """Number of finished trials."""
        return len(self.numbers)

    @property
    def objective_names(self) -> tuple[str, ...]:
        """(m,) what to call each objective: its metric, or else "value", or "objective 0"."""
        m = len(self.directions)
        plain = ("value",) if m == 1 else tuple(f"objective {k}" for k in range(m))
        if len(self.metric_names) != m:
            return plain
        names = self.metric_names
        if len(set(names)) < m:
            names = tuple(f"{name} ({other})" for name, other in zip(names, plain, strict=True))
        return names

    @property
    def feasible(self) -> np.ndarray:
        """(n,) whether no constraint is violated; True for a trial without constraints."""
        return self.violation == 0.0

    @property
    def complete(self) -> np.ndarray:
        """(n,) whether the trial is COMPLETE and all its objectives are finite."""
        return (self.states == TrialState.COMPLETE) & np.isfinite(self.losses).all(axis=1)

    @property
    def best(self) -> np.ndarray:
        """Rows of the best feasible trial, or of those that no other dominates; may be none."""
        rows = np.flatnonzero(self.complete & self.feasible)
        if len(self.directions) > 1:
            return rows[non_dominated(self.losses[rows])]
        return rows[self.losses[rows, 0].argsort(kind="stable")[:1]]

    @property
    def ended(self) -> np.ndarray:
        """(n,) when each trial ended, in seconds since 1970; 0 where it is not known."""
        return _timestamps([trial.datetime_complete for trial in self.trials], len(self))

    @property
    def started(self) -> np.ndarray:
        """(n,) when each trial started, as :attr:`ended`."""
        return _timestamps([trial.datetime_start for trial in self.trials], len(self))

    @property
    def values(self) -> np.ndarray:
        """(n, m) objectives in the user's own sign."""
        return self.losses * self._signs

    @property
    def _signs(self) -> np.ndarray:
        return np.array([loss_sign(direction) for direction in self.directions])

    def map(self, function: Callable[[FrozenTrial], Any], rows: np.ndarray) -> list[Any]:
        """Call ``function`` with each of the trials in ``rows``.

        Raises:
            ValueError: If the table was made from a data frame, which has no trials.
        """
        if len(self) and not self.trials:
            raise ValueError(
                "A callable on trials needs a study, but this table was made from a data frame."
            )
        return [function(self.trials[row]) for row in rows]

    def take(self, rows: np.ndarray) -> TrialTable:
        """Restrict the table to ``rows`` (indices), in their order."""
        columns = {name: column.take(rows) for name, column in self.columns.items()}
        columns = {name: column for name, column in columns.items() if column.distributions}
        first = {name: int(np.argmax(c.regime != INACTIVE)) for name, c in columns.items()}
        return TrialTable(
            numbers=self.numbers[rows],
            states=self.states[rows],
            losses=self.losses[rows],
            violation=self.violation[rows],
            durations=self.durations[rows],
            directions=self.directions,
            columns={name: columns[name] for name in sorted(columns, key=first.__getitem__)},
            trials=tuple(self.trials[row] for row in rows) if self.trials else (),
            attributes=tuple(self.attributes[row] for row in rows) if self.attributes else (),
            drawer=self.drawer,
            metric_names=self.metric_names,
        )

    def to_frame(self) -> pd.DataFrame:
        """Return a row per trial: number, state, values, feasible, duration, origin, ``params_*``.

        The origin says how a trial was drawn, as far as that is known: ``independent``, ``even``
        (of a grid or a sequence), ``chosen``, ``unknown``; or that it is no evidence of its own:
        ``repeated`` or ``retried``. A parameter that a trial did not have is NaN where None is
        one of its choices. :meth:`from_frame` reads it.
        """
        from optuna_hpx._imports import require
        from optuna_hpx.trials.sampling import sampling_of

        names = (
            ["value"]
            if len(self.directions) == 1
            else [f"values_{k}" for k in range(len(self.directions))]
        )
        data: dict[str, Any] = {
            "number": self.numbers,
            "state": [TrialState(state).name for state in self.states.tolist()],
            **{name: self.values[:, k] for k, name in enumerate(names)},
            "feasible": self.feasible,
            "duration": self.durations,
            "origin": sampling_of(self).origins,
            **{f"params_{name}": _cells(column) for name, column in self.columns.items()},
        }
        frame: pd.DataFrame = require("pandas", extra="report").DataFrame(data)
        return frame


def _cells(column: Column) -> Any:
    """Return the values of a parameter for a frame, in which None and nothing are not one."""
    cells = column.external()
    if not any(None in choices_of(dist) for dist in column.distributions):
        return cells
    told_apart = np.empty(len(cells), dtype=object)
    told_apart[:] = np.where(column.regime == INACTIVE, np.nan, np.array(cells, dtype=object))
    return told_apart


def _timestamps(times: Sequence[datetime | None], n: int) -> np.ndarray:
    """Return (n,) seconds since 1970, 0 where a time, or all of them, are not known."""
    if not times:
        return np.zeros(n)
    return np.array([0.0 if time is None else time.timestamp() for time in times])


def total_violation(constraints: Iterable[float]) -> float:
    """Return the sum of the positive constraint values; infinite where one is NaN."""
    return float(sum(max(c, 0.0) if c == c else np.inf for c in constraints))


def loss_sign(direction: str) -> float:
    """Return the factor that makes a score a loss, or a loss a score."""
    return -1.0 if direction == "maximize" else 1.0


def _read_trials(
    trials: Sequence[FrozenTrial],
    directions: tuple[str, ...],
    drawer: Drawer | None,
    metric_names: tuple[str, ...],
) -> TrialTable:
    n, m = len(trials), len(directions)
    losses = np.full((n, m), np.nan)
    states = np.array([int(t.state) for t in trials], dtype=int)
    for row in np.flatnonzero(states == TrialState.COMPLETE).tolist():
        losses[row] = trials[row].values
    losses *= [loss_sign(direction) for direction in directions]
    return TrialTable(
        numbers=np.array([t.number for t in trials], dtype=int),
        states=states,
        losses=losses,
        violation=np.array([_violation(t) for t in trials], dtype=float),
        durations=np.array([_seconds(t) for t in trials], dtype=float),
        directions=directions,
        columns=read_columns(trials),
        trials=tuple(trials),
        attributes=tuple(trial.system_attrs for trial in trials),
        drawer=drawer,
        metric_names=metric_names,
    )


def _violation(trial: FrozenTrial) -> float:
    if not trial.system_attrs:  # constraints live there: spare the look-up for most trials
        return 0.0
    return total_violation(trial.constraints.values())


def _seconds(trial: FrozenTrial) -> float:
    if trial.datetime_start is None or trial.datetime_complete is None:
        return float("nan")
    return (trial.datetime_complete - trial.datetime_start).total_seconds()


def _concatenate(old: TrialTable, new: TrialTable) -> TrialTable:
    """Join both tables' trials in the order of their numbers."""
    names = dict.fromkeys([*old.columns, *new.columns])
    table = TrialTable(
        numbers=np.concatenate([old.numbers, new.numbers]),
        states=np.concatenate([old.states, new.states]),
        losses=np.concatenate([old.losses, new.losses]),
        violation=np.concatenate([old.violation, new.violation]),
        durations=np.concatenate([old.durations, new.durations]),
        directions=old.directions,
        columns={
            name: join(old.columns.get(name), len(old), new.columns.get(name), len(new))
            for name in names
        },
        trials=old.trials + new.trials,
        attributes=old.attributes + new.attributes,
        drawer=new.drawer,
        metric_names=new.metric_names,
        kept=old.kept,
    )
    if len(old) and len(new) and new.numbers[0] < old.numbers[-1]:
        return table.take(np.argsort(table.numbers))
    return table
