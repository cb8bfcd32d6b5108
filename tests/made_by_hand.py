"""Reports and studies whose every number is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import optuna
from optuna.distributions import BaseDistribution, FloatDistribution
from optuna.trial import TrialState, create_trial

from optuna_hpx.importance import ImportanceProfile, ImportanceReport, Regime
from optuna_hpx.importance._report import Middle


def continuous(
    label: str = "0 to 1",
    *,
    bounds: tuple[float, float] = (0.0, 1.0),
    log: bool = False,
    n_target: int = 10,
    importance: float = 0.4,
    peak: float = 0.5,
) -> Regime:
    """64 cells; all target trials in the eighth of the range that starts at ``peak``.

    They are spread evenly there, and the 100 trials of the region over the whole range.
    """
    u = (np.arange(64) + 0.5) / 64
    low, high = np.log(bounds) if log else bounds
    x = low + u * (high - low)
    inside = (u >= peak) & (u < peak + 0.125)
    ends = peak + np.array([0.1, 0.9]) * (min(peak + 0.125, 1.0) - peak)
    ends = np.exp(low + ends * (high - low)) if log else low + ends * (high - low)
    middle = Middle(*ends.tolist(), n_target=n_target - 2 * (n_target // 10), n_region=10)
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
        middle=middle if n_target else None,
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
    regimes: dict[str, Sequence[Regime]],
    *,
    p: Sequence[float] | None = None,
    p_familywise: Sequence[float] | None = None,
    pairs: dict[tuple[str, str], tuple[float, float]] | None = None,
    warnings: Sequence[str] = (),
    **others: Any,
) -> ImportanceReport:
    """Importances are the sums over the regimes; names in the order given.

    Intervals reach 0.1 to either side, and the null level is 0.05. P-values are 0.001 for an S of
    0.05 or more, else 0.5, if ``p`` does not say otherwise; family-wise ones are the same by
    default. ``pairs`` holds S and p of the interactions that are not 0; None for no interactions.
    ``others`` are fields of the report.
    """
    importances = np.array([sum(r.importance for r in rs) for rs in regimes.values()])
    total = max(float(importances.sum()), 1e-9)
    low, high = np.maximum(importances - 0.1, 0.0), np.minimum(importances + 0.1, 1.0)
    p_values = np.where(importances >= 0.05, 0.001, 0.5) if p is None else np.array(p)
    s_ij, p_ij = _matrices(list(regimes), pairs)
    made = ImportanceReport(
        names=tuple(regimes),
        importances=importances,
        ci_low=low,
        ci_high=high,
        normalized_ci_low=low / total,
        normalized_ci_high=np.minimum(high / total, 1.0),
        confidence=0.95,
        p_values=p_values,
        p_values_familywise=p_values if p_familywise is None else np.array(p_familywise),
        null_level=np.full(len(importances), 0.05),
        first_probability=np.eye(1, len(importances))[0],
        interactions=s_ij,
        interaction_p_values=p_ij,
        unexplained=max(0.0, 1.0 - float(importances.sum())),
        regimes={name: tuple(rs) for name, rs in regimes.items()},
        n_trials=100,
        n_target=10,
        n_infeasible=0,
        target="the best 10 % (value <= 0.31)",
        space="trials",
        sampling="independent",
        skill=None,
        warnings=tuple(warnings),
    )
    return replace(made, **_unknown(len(importances), others), **others)


def _unknown(shape: int | tuple[int, int], others: dict[str, Any]) -> dict[str, Any]:
    """Intervals of which nothing is known: of chosen trials, where no surrogate speaks."""
    if others.get("sampling") != "adaptive" or others.get("space", "trials") == "uniform":
        return {}
    ends = {"ci_low", "ci_high"}.difference(others)
    return dict.fromkeys(ends, np.full(shape, np.nan))


def _matrices(
    names: list[str], pairs: dict[tuple[str, str], tuple[float, float]] | None
) -> tuple[np.ndarray | None, np.ndarray | None]:
    """(d, d) of S_ij and of p."""
    if pairs is None:
        return None, None
    s, p = np.zeros((len(names), len(names))), np.ones((len(names), len(names)))
    for (first, second), (s_ij, p_ij) in pairs.items():
        i, j = names.index(first), names.index(second)
        s[i, j] = s[j, i] = s_ij
        p[i, j] = p[j, i] = p_ij
    return s, p


def profile(
    importances: dict[str, Sequence[float]],
    quantiles: Sequence[float] = (0.02, 0.1, 0.5),
    *,
    width: float = 0.1,
    **others: Any,
) -> ImportanceProfile:
    """S of each parameter by quantile; intervals reach ``width`` to either side."""
    s = np.array(list(importances.values())).T.reshape(len(quantiles), len(importances))
    made = ImportanceProfile(
        names=tuple(importances),
        quantiles=np.array(quantiles),
        importances=s,
        ci_low=np.maximum(s - width, 0.0),
        ci_high=np.minimum(s + width, 1.0),
        n_target=np.array([round(500 * quantile) for quantile in quantiles], dtype=int),
        n_trials=500,
        confidence=0.95,
        space="trials",
        sampling="independent",
        warnings=(),
    )
    return replace(made, **_unknown(s.shape, others), **others)


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
