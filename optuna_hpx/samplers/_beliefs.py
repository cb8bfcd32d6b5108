"""What an HsicSampler believed as a study went, read back from the study."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from optuna_hpx.samplers._fallbacks import Fallback, read_fallbacks
from optuna_hpx.samplers._outlook import SurrogateOutlook, read_outlook
from optuna_hpx.trials import storage
from optuna_hpx.trials.table import TrialTable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from optuna.study import Study
    from optuna.trial import FrozenTrial

_KINDS = ("activity", "cost")


@dataclass(frozen=True)
class SamplerBeliefs:
    """Beliefs of :class:`HsicSampler`, one row for each time that it worked them out.

    Shapes: b rows, d parameters.

    Attributes:
        names: (d,) parameters, the one of the largest last activity first.
        numbers: (b,) the first trial that was chosen by these beliefs.
        n_trials: (b,) finished trials that they rest on, ascending.
        activity: (b, d) what the screening makes of each parameter, in [0, 1], relative to the
            largest; all 1 where no effect was detected. NaN where nothing was screened: with
            several objectives, and for parameters that are only ever chosen one by one.
        cost: (b, d) standard deviation of what the parameter adds to the logarithm of cost among
            the trials; NaN where cost was not minded, or too little known.
        fallbacks: The trials that were left to TPE against the sampler's rule, mostly to plain
            TPE, for each reason; empty if there are none. The first trials, before there are
            enough for a belief, are not among them.
        outlook: What the Gaussian process expects after all finished trials; None without one.
        outlook_absence: Why there is none, as what follows "because"; empty where there is one.

    Example:
        >>> import numpy as np
        >>> from optuna_hpx import SamplerBeliefs
        >>> beliefs = SamplerBeliefs(
        ...     names=("lr", "depth"),
        ...     numbers=np.array([10, 13]),
        ...     n_trials=np.array([10, 13]),
        ...     activity=np.array([[1.0, 0.6], [1.0, np.nan]]),
        ...     cost=np.full((2, 2), np.nan),
        ... )
        >>> beliefs
        <SamplerBeliefs of 2 parameters (lr, depth), worked out 2 times>
        >>> beliefs.last_activity
        array([1. , 0.6])
    """

    names: tuple[str, ...]
    numbers: np.ndarray
    n_trials: np.ndarray
    activity: np.ndarray
    cost: np.ndarray
    fallbacks: tuple[Fallback, ...] = ()
    outlook: SurrogateOutlook | None = None
    outlook_absence: str = ""

    @property
    def last_activity(self) -> np.ndarray:
        """(d,) last activity of each parameter, NaN if it never had one."""
        return last_finite(self.activity)

    @property
    def last_cost(self) -> np.ndarray:
        """(d,) last ``cost`` of each parameter, NaN if it never had one."""
        return last_finite(self.cost)

    def __repr__(self) -> str:
        names = f" ({', '.join(self.names)})" if self.names else ""
        n_left = len({number for fallback in self.fallbacks for number in fallback.numbers})
        choosers = {fallback.chooser for fallback in self.fallbacks}
        chooser = choosers.pop() if len(choosers) == 1 else "TPE"
        left = f", {n_left} trials left to {chooser}" if n_left else ""
        return (
            f"<SamplerBeliefs of {len(self.names)} parameters{names}, "
            f"worked out {len(self.numbers)} times{left}>"
        )


def sampler_beliefs(study: Study | TrialTable) -> SamplerBeliefs:
    """Read what :class:`HsicSampler` believed in a study, and which trials it left to TPE.

    Beliefs are stored with the trials, so that any process can read them, of all workers. What
    the Gaussian process expects after all finished trials is worked out from them. O(trials), and
    up to a second.

    Args:
        study: The study, or a table of its finished trials.

    Returns:
        The beliefs; without any if the study had another sampler, or too few trials.

    Raises:
        TypeError: If ``study`` is neither a study nor a table.

    Example:
        >>> import optuna
        >>> from optuna_hpx import HsicSampler, sampler_beliefs
        >>> def objective(trial):
        ...     trial.suggest_float("idle", 0, 1)
        ...     return (trial.suggest_float("x", 0, 1) - 0.3) ** 2
        >>> study = optuna.create_study(sampler=HsicSampler(seed=0))
        >>> study.optimize(objective, n_trials=40)
        >>> beliefs = sampler_beliefs(study)
        >>> beliefs.names
        ('x', 'idle')
        >>> beliefs.n_trials
        array([10, 13, 17, 22, 28, 35])
        >>> beliefs.fallbacks
        ()
        >>> beliefs.outlook.names
        ('x', 'idle')
        >>> optimum = beliefs.outlook.optimum
        >>> -0.001 < optimum.low < optimum.value < optimum.high < 0.001
        True
        >>> 0.0 < beliefs.outlook.improvement_at_most < 0.01
        True
    """
    table = TrialTable.of(study)
    records = _read_records(table.trials)
    names = list(
        dict.fromkeys(name for record in records for kind in _KINDS for name in record[kind])
    )
    activity, cost = (_stack(records, kind, names) for kind in _KINDS)
    order = np.argsort(-np.nan_to_num(last_finite(activity)), kind="stable")
    outlook = read_outlook(table)
    return SamplerBeliefs(
        names=tuple(names[k] for k in order),
        numbers=np.array([record["number"] for record in records], dtype=int),
        n_trials=np.array([record["n"] for record in records], dtype=int),
        activity=activity[:, order],
        cost=cost[:, order],
        fallbacks=read_fallbacks(table.trials),
        outlook=None if isinstance(outlook, str) else outlook,
        outlook_absence=outlook if isinstance(outlook, str) else "",
    )


def last_finite(values: np.ndarray) -> np.ndarray:
    """Return the last finite value (d,) of each column (b, d); NaN where there is none."""
    last = np.full(values.shape[1], np.nan)
    for row in values:
        last = np.where(np.isfinite(row), row, last)
    return last


def _read_records(trials: Sequence[FrozenTrial]) -> list[dict[str, Any]]:
    """Join the stored beliefs by the number of trials that they rest on, ascending."""
    records: dict[int, dict[str, Any]] = {}
    for trial in trials:
        belief = storage.read(trial.system_attrs, storage.BELIEF)
        if belief is None:
            continue
        record = records.setdefault(
            belief["n"], {"n": belief["n"], "number": trial.number, "activity": {}, "cost": {}}
        )
        for kind in _KINDS:  # that of a conditional parameter comes with its first trial
            record[kind] = {**belief[kind], **record[kind]}
    return [records[n] for n in sorted(records)]


def _stack(records: Sequence[dict[str, Any]], kind: str, names: Sequence[str]) -> np.ndarray:
    """Make an array (b, d) of what each record holds for each name; NaN where it holds none."""
    rows = [[record[kind].get(name, np.nan) for name in names] for record in records]
    return np.array(rows).reshape(len(records), len(names))
