"""The result of an importance evaluation: what it is, before anyone draws it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from optuna_hpx.canvas.result import Result
from optuna_hpx.canvas.words import count
from optuna_hpx.statistics.p_values import holm


def has_valid_tests(sampling: str) -> bool:
    """Tell whether p-values and intervals hold for trials that came about like this.

    Args:
        sampling: As in :class:`ImportanceReport`.

    Returns:
        Whether none of the assessed trials was a sampler's choice, or a person's.
    """
    return sampling != "adaptive"


def unit_of(space: str) -> str:
    """Name what is counted in a space: trials, or points at which a surrogate speaks."""
    return "trial" if space == "trials" else "point"


@dataclass(frozen=True)
class Middle:
    """Where the middle of the target trials lies: all but a tenth at each end.

    Attributes:
        low, high: Of these trials the smallest and the largest value, or position if bounds moved.
        n_target: Target trials from low to high; of a surrogate's report points, here and below.
        n_region: Trials of the region from low to high.
    """

    low: float
    high: float
    n_target: int
    n_region: int


@dataclass(frozen=True)
class Regime:
    """One parameter in one of its regimes: where it was sampled, and where the good trials are.

    A regime is a set of trials in which the parameter had the same distribution (or, where its
    bounds move smoothly, similar ones; then positions are relative to each trial's own bounds).

    Attributes:
        label: What sets the regime apart, for a person: ``"-5 to -2"``, ``"3 choices"``.
        kind: ``"discrete"``: ``x`` holds the values, the densities are probabilities that sum
            to 1. ``"continuous"``: ``x`` holds positions in the parameter's own units and the
            densities are relative to a uniform draw from the regime's own bounds (on the log
            scale if ``log``), so 1 means "as often as a uniform draw would".
        is_relative: Whether ``x`` holds positions in [0, 1] between each trial's own bounds, since
            these moved from trial to trial, and not the parameter's own units.
        log: Whether the parameter lives on a log scale.
        x: (K,) values or positions, ascending; labels of the choices of a categorical parameter.
        p_region: (K,) density among the trials of the region.
        p_target: (K,) density among the trials of the target set.
        n_region: Trials of the region in this regime.
        n_target: Trials of the target set in this regime.
        importance: What this regime adds to the parameter's importance S.
        middle: Where the middle of the target trials lies, if it is continuous and has any.
    """

    label: str
    kind: str
    is_relative: bool
    log: bool
    x: tuple[str, ...] | tuple[float, ...]
    p_region: np.ndarray
    p_target: np.ndarray
    n_region: int
    n_target: int
    importance: float
    middle: Middle | None = None

    @property
    def has_one_value(self) -> bool:
        """Whether the parameter has the same value throughout, so that nothing tells of it."""
        return self.kind == "discrete" and len(self.x) == 1


@dataclass(frozen=True, eq=False, repr=False)
class ImportanceReport(Result):
    """Importances of parameters for reaching the target set, most important first.

    What is not known is NaN, and None in :meth:`to_dict`: intervals, p-values and
    ``first_probability`` where none is known to hold, or where nothing is compared: no trial is in
    the target set or outside, or none tells of the parameter. S itself is 0 then.

    Attributes:
        names: (d,) parameter names.
        importances: (d,) S of each, in [0, 1]: the share of the variance of "this trial is in
            the target set" that the parameter alone explains. See :attr:`normalized` for shares
            that sum to 1, as :func:`optuna.importance.get_param_importances` returns them. With
            few trials what the ranks of all trials imply of the target set has a part in it
            (:mod:`optuna_hpx.importance.maths.ped_anova`), which vanishes with more of them.
        ci_low, ci_high: (d,) ends of a confidence interval for each S, within [0, 1].
        normalized_ci_low, normalized_ci_high: (d,) the same for :attr:`normalized`.
        confidence: Their level, e.g. 0.95; for each parameter by itself.
        p_values: (d,) chance of as strong an association with the score if the parameter had none;
            1 where it had but one value. Of PED-ANOVA the stronger of two associations counts,
            with being in the target set and with the rank of a trial, both by the same
            permutations; below 1 / (their number + 1) p is extrapolated from the largest of them.
            Of trials that were chosen see ``sampling``.
        p_values_familywise: (d,) the same for the strongest association among all parameters:
            that one of these is below 0.05 has a chance of 5 % if no parameter matters.
        null_level: (d,) an importance that chance alone exceeds with probability 1 - confidence
            at most, where the parameter does not matter; of fewer than 50 trials with up to twice
            that.
        first_probability: (d,) share of bootstrap replicates, or of a surrogate's surfaces, in
            which the parameter is the most important one; sums to 1 where it is known.
        interactions: (d, d), symmetric: S_ij, what the parameters i and j explain together beyond
            what each explains by itself; 0 on the diagonal. None if not asked for.
        interaction_p_values: (d, d), symmetric: chance of so large an S_ij without interaction; 1
            on the diagonal. None if not asked for.
        joint_p_values: (d, d), symmetric: chance of so strong an interaction in the objective
            itself, if it is a monotone function of effects that add up; 1 on the diagonal, and
            where the interaction is weak. None if not asked for, of chosen trials, and where not
            one objective is assessed.
        unexplained: 1 - sum of the importances of the assessed parameters, at least 0: what only
            interactions, noise in the objective, or parameters not assessed explain.
        regimes: For each name, the regimes in which the parameter was active.
        n_trials: Trials in the region; of the space "uniform" points, as the next two.
        n_target: Trials in the target set.
        n_infeasible: Trials of the region that violate a constraint; never in the target set.
        target: The target set in words, e.g. ``"the best 10 % (value <= 0.31)"``.
        space: ``"trials"``: importances in the space as the trials sampled it; ``"uniform"``: in
            the search space, from uniform virtual points at which a surrogate stands for the
            objective. Then intervals and ``first_probability`` come from the surfaces that the
            trials leave plausible: of nominal 95 % intervals 96 % held S in studies of functions
            that they were not fitted to (of S; for R2 that was not measured). p-values and null
            level are those of the real trials.
        sampling: ``"independent"`` random draws; ``"even"``, the points of a grid or of a
            quasi-random sequence; ``"mixed"``, draws among trials that were chosen, of which only
            the draws were assessed; ``"unknown"``, where nothing speaks against draws, but little
            could; or ``"adaptive"``, where a sampler or a person chose the trials. Of these
            the p-values weigh models of the objective without and with the parameter, which need
            not know how trials were chosen
            (:mod:`optuna_hpx.importance.maths.model_evidence`): whether it matters given all
            others, not whether S is beyond chance. They are NaN for several objectives, a target
            in words, fewer than 40 trials, values of which most are tied, a ``region_quantile``
            below 1 or a callable ``region``. p-values of pairs and null level are NaN; and in the
            space as the trials sampled it intervals and ``first_probability``, too.
        skill: The surrogate's cross-validated skill (1 is perfect, 0 is no better than a
            constant); None if no surrogate was asked for. One that is not good enough is not used:
            then ``space`` is ``"trials"``, and ``warnings`` says so.
        warnings: What a reader must know before acting on the numbers.
        measure: ``"S"``, as described above (:class:`PedAnovaImportanceEvaluator`); or ``"R2"``:
            importances and interactions are R2_HSIC beyond chance, in [0, 1] but no shares, and
            ``unexplained`` is NaN (:class:`HsicImportanceEvaluator`).
        n_effective: (d,) how many evenly drawn trials would tell as much about each parameter;
            None if not known.
        n_taught: Real trials that a surrogate learnt from; None if none is used.
        n_taught_as_good: Those of them, in the region, that are as good as the target set; None if
            no surrogate is used, and of several objectives.
        score: What of a trial is compared: ``"indicator"``, whether it is in the target set; or
            ``"rank"`` or ``"log_rank"``, its place among all. Then the target set is only what
            the densities show.

    Example:
        >>> import optuna
        >>> from optuna_hpx import PedAnovaImportanceEvaluator, ImportanceReport
        >>> study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
        >>> def objective(trial):
        ...     x, y = trial.suggest_float("x", 0, 1), trial.suggest_float("y", 0, 1)
        ...     return (x - 0.3) ** 2 + 0.01 * y
        >>> study.optimize(objective, n_trials=100)
        >>> report = PedAnovaImportanceEvaluator(seed=0).report(study)
        >>> isinstance(report, ImportanceReport), report.names
        (True, ('x', 'y'))
        >>> bool(report.ci_low[0] <= report.importances[0] <= report.ci_high[0])
        True
        >>> bool(report.p_values_familywise[0] < 0.05)
        True
    """

    names: tuple[str, ...]
    importances: np.ndarray
    ci_low: np.ndarray
    ci_high: np.ndarray
    normalized_ci_low: np.ndarray
    normalized_ci_high: np.ndarray
    confidence: float
    p_values: np.ndarray
    p_values_familywise: np.ndarray
    null_level: np.ndarray
    first_probability: np.ndarray
    interactions: np.ndarray | None
    interaction_p_values: np.ndarray | None
    unexplained: float
    regimes: dict[str, tuple[Regime, ...]]
    n_trials: int
    n_target: int
    n_infeasible: int
    target: str
    space: str
    sampling: str
    skill: float | None
    warnings: tuple[str, ...]
    measure: str = "S"
    n_effective: np.ndarray | None = None
    joint_p_values: np.ndarray | None = None
    n_taught: int | None = None
    n_taught_as_good: int | None = None
    score: str = "indicator"

    def __repr__(self) -> str:
        symbol = "S" if self.measure == "S" else "R2"
        width = max([len(name) for name in self.names], default=0)
        lines = [self._heading()]
        for name, s, low, high, p in zip(
            self.names, self.importances, self.ci_low, self.ci_high, self.p_values, strict=True
        ):
            if not self.regimes[name]:
                lines.append(f"  {name:{width}}  {symbol} is not known")
                continue
            ends = f" ({low:.3f} to {high:.3f})" if np.isfinite(low) else ""
            lines.append(f"  {name:{width}}  {symbol} = {s:.3f}{ends}{self._tested(float(p))}")
        return "\n".join([*lines, *(f"  Warning: {warning}" for warning in self.warnings)])

    def _tested(self, p: float) -> str:
        """Write a p-value; a large one of a model is no sign that a parameter is idle."""
        if not np.isfinite(p):
            return ""
        if not self.is_tested_by_model:
            return f", p = {p:.2g}"
        shown = f"p = {p:.2g}" if p < 1.0 - self.confidence else "not shown to matter"
        return f", {shown} by a model of the trials"

    def _heading(self) -> str:
        compared = count(self.n_trials, self.unit)
        if self.score != "indicator":
            return f"ImportanceReport: the {self.score.replace('_', ' ')} of each of {compared}"
        sets = f"ImportanceReport: {self.target}, {self.n_target:,} of {compared}"
        if self.n_taught is None:
            return sets
        text = f"{sets}, at which a surrogate of {count(self.n_taught, 'trial')} speaks"
        if self.n_taught_as_good is None:
            return text
        return f"{text}; {self.n_taught_as_good:,} of the trials reach the target, too"

    @property
    def unit(self) -> str:
        """What ``n_trials`` and the like count: ``"trial"``, or ``"point"`` of a surrogate."""
        return unit_of(self.space)

    @property
    def has_p_values(self) -> bool:
        """Whether all tests hold: the trials were not chosen."""
        return has_valid_tests(self.sampling)

    @property
    def is_tested_by_model(self) -> bool:
        """Whether trials were chosen, and parameters, but no pairs, tested by a model of them."""
        return not self.has_p_values and bool(np.isfinite(self.p_values).any())

    @property
    def has_intervals(self) -> bool:
        """Whether intervals hold: trials were not chosen, or a surrogate speaks for the space."""
        return bool(np.isfinite(self.ci_low).any())

    @property
    def normalized(self) -> np.ndarray:
        """(d,) importances divided by their sum; equal shares where all of them are zero."""
        total = self.importances.sum()
        if total == 0.0:
            return np.full(len(self.names), 1.0 / max(len(self.names), 1))
        return np.asarray(self.importances / total)

    def significant_pairs(self) -> list[tuple[str, str, float, float]]:
        """List the pairs that act together, the largest S_ij first: names, S_ij and p.

        The p-values are adjusted for the number of pairs (Holm): that any pair without interaction
        is listed has a chance of at most 1 - confidence. The list is empty, too, where nothing was
        tested: then ``interaction_p_values`` are NaN but on the diagonal, as of chosen trials.

        Raises:
            ValueError: If the report was made without interactions.
        """
        if self.interactions is None or self.interaction_p_values is None:
            raise ValueError(
                "`report` must have interactions, as evaluator.report(study, interactions=True) "
                "gives; this one was made without."
            )
        pairs = self._pairs_below(self.interaction_p_values, self.interactions)
        return sorted((pair for pair in pairs if pair[2] > 0.0), key=lambda pair: -pair[2])

    def joint_pairs(self) -> list[tuple[str, str, float, float]]:
        """List the pairs that interact in the objective itself, the surest first.

        No monotone rescaling of the objective makes their effects add up, so that they are to be
        tuned jointly. In additive functions, too, pairs act together on who is in the target set:
        see :meth:`significant_pairs`. The p-values are adjusted in the same way. The list is
        empty, too, where nothing was tested: then ``joint_p_values`` is None.

        Returns:
            Names, S_ij and p of each pair.
        """
        if self.joint_p_values is None or self.interactions is None:
            return []
        return self._pairs_below(self.joint_p_values, self.interactions)

    def _pairs_below(
        self, p_values: np.ndarray, values: np.ndarray
    ) -> list[tuple[str, str, float, float]]:
        """List pairs whose p, adjusted by Holm, is below 1 - confidence, the least p first."""
        i, j = np.triu_indices(len(self.names), k=1)
        p, adjusted = p_values[i, j], holm(p_values[i, j])
        return [
            (self.names[i[k]], self.names[j[k]], float(values[i[k], j[k]]), float(adjusted[k]))
            for k in np.argsort(p, kind="stable")
            if adjusted[k] < 1.0 - self.confidence
        ]

    def _count(self, attribute: str) -> list[int]:
        """Count the trials of each parameter, over its regimes."""
        return [sum(getattr(r, attribute) for r in self.regimes[name]) for name in self.names]

    def _columns(self) -> dict[str, Sequence[Any] | np.ndarray]:
        return {
            "parameter": self.names,
            "importance": self.importances,
            "ci_low": self.ci_low,
            "ci_high": self.ci_high,
            "p_value": self.p_values,
            "p_familywise": self.p_values_familywise,
            "normalized": self.normalized,
            "n_regimes": [len(self.regimes[name]) for name in self.names],
            f"n_{self.unit}s": self._count("n_region"),
            "n_target" if self.space == "trials" else "n_target_points": self._count("n_target"),
        }
