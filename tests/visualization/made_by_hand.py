"""Reports and studies whose every number is known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import optuna
from optuna.distributions import BaseDistribution, FloatDistribution
from optuna.trial import TrialState, create_trial

from optuna_hpx.importance import ImportanceReport, Regime


def continuous(
    label: str = "0 to 1",
    *,
    bounds: tuple[float, float] = (0.0, 1.0),
    log: bool = False,
    n_target: int = 10,
    importance: float = 0.4,
    peak: float = 0.5,
) -> Regime:
    """64 cells; all target trials in the eighth of the range that starts at ``peak``."""
    u = (np.arange(64) + 0.5) / 64
    low, high = np.log(bounds) if log else bounds
    x = low + u * (high - low)
    inside = (u >= peak) & (u < peak + 0.125)
    return Regime(
        label=label,
        kind="continuous",
        is_relative=label.startswith("moving"),
        log=log,
        x=tuple((np.exp(x) if log else x).tolist()),
        p_region=np.ones(64),
        p_target=inside * 64 / inside.sum() if n_target else np.zeros(64),
        n_region=100,
        n_target=n_target,
        importance=importance,
    )


def discrete(
    choices: Sequence[str] = ("a", "b"),
    p_target: Sequence[float] = (0.9, 0.1),
    p_region: Sequence[float] = (0.5, 0.5),
    *,
    n_target: int = 10,
    importance: float = 0.2,
) -> Regime:
    return Regime(
        label=f"{len(choices)} choices",
        kind="discrete",
        is_relative=False,
        log=False,
        x=tuple(choices),
        p_region=np.array(p_region),
        p_target=np.array(p_target),
        n_region=100,
        n_target=n_target,
        importance=importance,
    )


def report(
    regimes: dict[str, Sequence[Regime]], *, warnings: Sequence[str] = ()
) -> ImportanceReport:
    """Importances are the sums over the regimes; names in the order given."""
    importances = np.array([sum(r.importance for r in rs) for rs in regimes.values()])
    return ImportanceReport(
        names=tuple(regimes),
        importances=importances,
        unexplained=max(0.0, 1.0 - float(importances.sum())),
        regimes={name: tuple(rs) for name, rs in regimes.items()},
        n_trials=100,
        n_target=10,
        n_infeasible=0,
        target="the best 10 % (value <= 0.31)",
        space="trials",
        warnings=tuple(warnings),
    )


def study(
    values: Sequence[Sequence[float] | TrialState],
    directions: Sequence[str] = ("minimize",),
    *,
    infeasible: Sequence[int] = (),
    name: str = "by hand",
    params: Sequence[dict[str, object]] | None = None,
    distributions: dict[str, BaseDistribution] | None = None,
    storage: str | optuna.storages.BaseStorage | None = None,
) -> optuna.Study:
    """A trial for each of ``values``: its objectives, or the state of a trial without any."""
    made = optuna.create_study(directions=list(directions), study_name=name, storage=storage)
    distributions = distributions or {"x": FloatDistribution(0.0, 1.0)}
    for number, value in enumerate(values):
        chosen = {"x": number / len(values)} if params is None else params[number]
        has_values = not isinstance(value, TrialState)
        trial = create_trial(
            state=TrialState.COMPLETE if has_values else value,
            values=list(value) if has_values else None,
            params=chosen,
            distributions={key: distributions[key] for key in chosen},
            constraints={"c": 1.0 if number in infeasible else -1.0} if infeasible else None,
        )
        made.add_trial(trial)
    return made
