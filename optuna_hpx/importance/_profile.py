"""Importance as the target set shrinks from all trials to the best few."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from optuna_hpx import _checks
from optuna_hpx.canvas.result import Result, shortened
from optuna_hpx.canvas.words import count
from optuna_hpx.importance import _warnings
from optuna_hpx.importance._assessed_trials import AssessedTrials
from optuna_hpx.importance._evaluator import Assessment
from optuna_hpx.importance._ped_anova import PedAnovaImportanceEvaluator
from optuna_hpx.importance._report import unit_of
from optuna_hpx.importance._spread import disagree
from optuna_hpx.importance._subspace import Subspace, Target
from optuna_hpx.importance.maths.ped_anova import Fit

if TYPE_CHECKING:
    from optuna.study import Study

    from optuna_hpx.trials.table import TrialTable

QUANTILES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9)
_MIN_TARGETS = 5


@dataclass(frozen=True, eq=False, repr=False)
class ImportanceProfile(Result):
    """Importances S of each parameter for several target quantiles.

    Attributes:
        names: (d,) parameter names, by the largest S over all quantiles, the largest first.
        quantiles: (Q,) target quantiles, ascending.
        importances: (Q, d) S, in [0, 1].
        ci_low, ci_high: (Q, d) ends of a confidence interval for each S; NaN where none is known
            to hold.
        n_target: (Q,) trials in the target set; of the space "uniform" points.
        n_trials: Trials, or points, in the region.
        confidence: The level of the intervals; for each S by itself.
        space: As in :class:`ImportanceReport`.
        sampling: As in :class:`ImportanceReport`.
        warnings: What a reader must know before acting on the numbers.
        n_taught: As in :class:`ImportanceReport`.

    Example:
        >>> import optuna
        >>> from optuna_hpx import ImportanceProfile, importance_profile
        >>> study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
        >>> study.optimize(lambda trial: trial.suggest_float("x", 0, 1) ** 2, n_trials=100)
        >>> profile = importance_profile(study, [0.1, 0.5])
        >>> isinstance(profile, ImportanceProfile), profile.importances.shape
        (True, (2, 1))
        >>> profile.n_target.tolist()
        [10, 50]
    """

    names: tuple[str, ...]
    quantiles: np.ndarray
    importances: np.ndarray
    ci_low: np.ndarray
    ci_high: np.ndarray
    n_target: np.ndarray
    n_trials: int
    confidence: float
    space: str
    sampling: str
    warnings: tuple[str, ...]
    n_taught: int | None = None

    def __repr__(self) -> str:
        width = max([len(name) for name in self.names], default=0)
        curves = [
            f"  {name:{width}}  S = {', '.join(f'{s:.3f}' for s in self.importances[:, k])}"
            for k, name in enumerate(self.names)
            if len(self.quantiles)
        ]
        warnings = [f"  Warning: {warning}" for warning in self.warnings]
        return "\n".join([self._heading(), *shortened(curves, "parameter"), *warnings])

    def _heading(self) -> str:
        quantiles = ", ".join(f"{100 * quantile:.3g} %" for quantile in self.quantiles)
        best = f"the best {quantiles}" if quantiles else "no target"
        if self.n_taught is None:
            return f"ImportanceProfile: {best} of {count(self.n_trials, 'trial')}"
        return (
            f"ImportanceProfile: {best} of {count(self.n_trials, 'point')}, at which a surrogate "
            f"of {count(self.n_taught, 'trial')} speaks"
        )

    def _columns(self) -> dict[str, Sequence[Any] | np.ndarray]:
        q, d = self.importances.shape
        return {
            "parameter": [name for name in self.names for _ in range(q)],
            "quantile": np.tile(self.quantiles, d),
            "importance": self.importances.T.ravel(),
            "ci_low": self.ci_low.T.ravel(),
            "ci_high": self.ci_high.T.ravel(),
            "n_target" if self.space == "trials" else "n_target_points": np.tile(self.n_target, d),
        }

    @property
    def unit(self) -> str:
        """What ``n_trials`` and ``n_target`` count: ``"trial"``, or ``"point"`` of a surrogate."""
        return unit_of(self.space)

    @property
    def has_intervals(self) -> bool:
        """Whether intervals hold: trials were not chosen, or a surrogate speaks for the space."""
        return bool(np.isfinite(self.ci_low).any())


def importance_profile(
    study: Study | TrialTable,
    quantiles: Sequence[float] = QUANTILES,
    evaluator: PedAnovaImportanceEvaluator | None = None,
    *,
    params: list[str] | None = None,
    target: Target | None = None,
) -> ImportanceProfile:
    """Measure importances S for several target quantiles.

    What gets a trial among the best half may not be what gets it among the best tenth. The trials
    are sorted once for all quantiles. Quantiles with fewer than 5 trials in the target set, or
    with all trials of the region, are left out, and ``warnings`` says so.

    Args:
        study: The study, or a table of its trials.
        quantiles: Shares of the trials to be called good, each in (0, 1) and below the evaluator's
            ``region_quantile``.
        evaluator: Whose region, space, direction of the target and confidence to use; the default
            one if None. Its own target quantile plays no part.
        params: As for :meth:`PedAnovaImportanceEvaluator.evaluate`.
        target: A callable, as for :meth:`PedAnovaImportanceEvaluator.evaluate`.

    Returns:
        The profile. It costs as much as one evaluation and the intervals for each quantile.

    Raises:
        ValueError: If a quantile is out of range, or what is assessed has no quantile.
        TypeError: If an argument has the wrong type.

    Example:
        >>> import optuna
        >>> from optuna_hpx import importance_profile
        >>> study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
        >>> def objective(trial):  # z decides first, then x
        ...     x, z = trial.suggest_float("x", 0, 1), trial.suggest_float("z", 0, 1)
        ...     return x if z < 0.5 else 2 + x
        >>> study.optimize(objective, n_trials=300)
        >>> profile = importance_profile(study, [0.1, 0.5])
        >>> profile.names
        ('z', 'x')
        >>> leaders = profile.importances.argmax(axis=1)
        >>> [profile.names[k] for k in leaders]
        ['x', 'z']
    """
    if evaluator is None:
        evaluator = PedAnovaImportanceEvaluator()
    ascending = _check(quantiles, evaluator, target)
    subspaces = [replace(evaluator._subspace, target_quantile=q) for q in ascending]
    prepared = evaluator._prepare(study, params, target, subspaces[-1])
    trials, steps = _steps(evaluator, prepared, subspaces)
    is_open = [disagree(step.surfaces) for step in steps]
    is_kept = [_MIN_TARGETS <= step.split.n_target < step.split.n_trials for step in steps]
    left_out = [q for q, keep in zip(ascending, is_kept, strict=True) if not keep]
    unsettled = [q for q, keep, o in zip(ascending, is_kept, is_open, strict=True) if keep and o]
    is_kept = [keep and not o for keep, o in zip(is_kept, is_open, strict=True)]
    kept = [step for step, keep in zip(steps, is_kept, strict=True) if keep]
    names = list(trials.columns)
    importances, low, high = _curves(evaluator, kept, names)
    by_importance = np.argsort(-importances.max(axis=0, initial=0.0), kind="stable")
    return ImportanceProfile(
        names=tuple(names[place] for place in by_importance),
        quantiles=np.array([q for q, keep in zip(ascending, is_kept, strict=True) if keep]),
        importances=importances[:, by_importance],
        ci_low=low[:, by_importance],
        ci_high=high[:, by_importance],
        n_target=np.array([step.split.n_target for step in kept], dtype=int),
        n_trials=steps[-1].split.n_trials,
        confidence=evaluator._confidence,
        space=trials.space,
        sampling=trials.basis.sampling,
        n_taught=trials.n_taught,
        warnings=(
            *trials.ranking.selection.warnings,
            *trials.basis.notes(target),
            *_on_left_out(left_out),
            *_on_unsettled(unsettled),
            *_warnings.on_sampling(trials, importances),
        ),
    )


def _check(
    quantiles: Sequence[float], evaluator: PedAnovaImportanceEvaluator, target: Target | None
) -> list[float]:
    """Check the arguments of :func:`importance_profile`; return the quantiles in order."""
    if not isinstance(evaluator, PedAnovaImportanceEvaluator):
        raise TypeError(
            f"`evaluator` must be a PedAnovaImportanceEvaluator or None, got {evaluator!r}."
        )
    if isinstance(quantiles, str) or not isinstance(quantiles, Iterable):
        raise TypeError(f"`quantiles` must be several numbers, got {quantiles!r}.")
    for quantile in quantiles:
        _checks.quantile("quantiles", quantile)
    if isinstance(target, str):
        raise ValueError(f"`target` must be a callable or None: {target!r} has no quantile.")
    ascending = sorted(set(quantiles))
    if not ascending:
        raise ValueError("`quantiles` must hold at least one number, got none.")
    if evaluator._subspace.target_value is not None:
        raise ValueError("`evaluator` must not have a `target_value`: it has no quantile.")
    return ascending


def _steps(
    evaluator: PedAnovaImportanceEvaluator, trials: AssessedTrials, subspaces: Sequence[Subspace]
) -> tuple[AssessedTrials, list[Assessment[Fit]]]:
    """Assess the trials by each quantile; the real ones, if a surrogate settles none of these."""
    steps = [evaluator._assess(trials, subspace) for subspace in subspaces]
    if trials.real is None or not all(disagree(step.surfaces) for step in steps):
        return trials, steps
    assert trials.skill is not None
    real = trials.real.without_surrogate(trials.skill, _warnings.on_disagreement(trials))
    return real, [evaluator._assess(real, subspace) for subspace in subspaces]


def _curves(
    evaluator: PedAnovaImportanceEvaluator, steps: Sequence[Assessment[Fit]], names: list[str]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return S and the ends of its interval, (Q, d) each, in the order of ``names``."""
    importances, low, high = np.full((3, len(steps), len(names)), np.nan)
    for row, step in enumerate(steps):
        place = [step.names.index(name) for name in names]
        importances[row] = step.importances[place]
        if step.trials.real is not None or step.trials.basis.holds:
            ends = evaluator._intervals(step)
            low[row], high[row] = ends[0][place], ends[1][place]
    return importances, low, high


def _on_left_out(quantiles: list[float]) -> list[str]:
    if not quantiles:
        return []
    listed = ", ".join(f"{quantile:.4g}" for quantile in quantiles)
    return [
        f"Left out, for fewer than {_MIN_TARGETS} trials in the target set or none outside: "
        f"quantiles {listed}."
    ]


def _on_unsettled(quantiles: list[float]) -> list[str]:
    if not quantiles:
        return []
    listed = ", ".join(f"{quantile:.4g}" for quantile in quantiles)
    return [
        "Left out, because surrogates that the trials leave plausible disagree on what matters "
        f"there: quantiles {listed}."
    ]
