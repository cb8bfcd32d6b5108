"""PED-ANOVA as an Optuna importance evaluator."""

from __future__ import annotations

import numpy as np

from optuna_hpx import _checks
from optuna_hpx.importance import _warnings
from optuna_hpx.importance._assessed_trials import AssessedTrials
from optuna_hpx.importance._evaluator import Assessment, ImportanceEvaluator, Parameter
from optuna_hpx.importance._interactions import InteractionMatrix, interaction_matrix
from optuna_hpx.importance._regimes import regimes_of
from optuna_hpx.importance._split import Ranking, Split
from optuna_hpx.importance._subspace import Region, Subspace
from optuna_hpx.importance._uncertainty import (
    InferenceSettings,
    Uncertainty,
    intervals_of,
    only_tests,
    uncertainty_of,
)
from optuna_hpx.importance.maths.ped_anova import Fit, fits
from optuna_hpx.statistics.ranks import normal_scores


class PedAnovaImportanceEvaluator(ImportanceEvaluator[Fit]):
    """Importance of each parameter for a trial to be among the best, conditional spaces included.

    The importance S of a parameter is the first-order Sobol index of "the trial is in the target
    set" within the region: the share of its variance that the parameter alone explains, between 0
    and 1. :func:`optuna.importance.get_param_importances` divides the S by their sum; ask it for
    ``normalize=False``, or call :meth:`report`, to see S itself.

    Against the evaluator of the same name that Optuna has: categorical parameters by their
    frequencies, several modes of a numeric parameter kept apart, chance subtracted (a parameter
    without influence has S near 0), infeasible trials never in the target set, and ``target`` of
    either direction. Trials that an adaptive sampler chose describe the
    neighbourhood of its favourites; what matters in the whole search space is learnt from them by
    a surrogate, where they tell it (``space``).

    **Which trials.** COMPLETE ones with finite values; of these the ``region``; of these the best
    ``region_quantile`` are the region trials, and the best ``target_quantile`` without the
    infeasible ones (or all feasible ones that reach ``target_value``) are the target set. Trials
    tied at a cut-off are in or out together, whichever is nearer to the quantile. With several
    objectives and no ``target``, trials are ranked by non-domination, and of the front that the
    quantile cuts trials spread evenly along it are taken: no monotone rescaling of an objective
    changes the result.

    **Conditional parameters.** Trials in which a parameter had the same domain are one regime of
    it; the mean variance within its regimes counts (conditional PED-ANOVA). Of a numeric parameter
    whose bounds move from trial to trial, trials with similar bounds are taken together, and the
    position between the trial's own bounds counts.

    **Few trials.** The target set alone says little of 100 trials, of which it has ten. The ranks
    of all trials say more, and imply an S if a parameter moves all trials alike: S is drawn to
    that, the less, the more trials there are. Where a parameter is decisive for the best but not
    for the rest, S of few trials is therefore too small. Of several objectives, and of
    feasibility, S rests on the target set alone, and leans to 0 below about 20 target trials. With
    fewer than 10 trials in the region, or one in the target set, S is not corrected. Under two
    trials, and where the target set is empty or the whole region, all S are 0.

    Source: Watanabe et al., PED-ANOVA, IJCAI 2023 (https://arxiv.org/abs/2304.10255); Baba et
    al., Conditional PED-ANOVA, KDD 2026 (https://arxiv.org/abs/2601.20800), Theorem 4.2. The
    estimator is described in :mod:`optuna_hpx.importance.maths.ped_anova`.

    Args:
        target_quantile: Share of the trials that is called good, in (0, 1); gamma' in the paper.
        region_quantile: Share of the trials that forms the region, in (target_quantile, 1];
            gamma in the paper. Below 1 it asks what sets the best apart from the merely good.
        target_value: Call good what is at least as good as this value, in the objective's own
            sign, instead of a quantile. For one objective or with ``target``.
        region: Restrict the trials: a tuple ``{name: (low, high)}`` for a numeric parameter, both
            ends included, a list ``{name: [choice, ...]}`` for one of any kind, or a callable that
            takes a trial and says whether it counts. A trial without the parameter is outside.
        target_direction: Which end of the values of the ``target`` callable is good:
            "minimize", as Optuna has it, or "maximize".
        space: ``"trials"`` describes the space as the trials sampled it. ``"uniform"`` describes
            the search space, from trials of any sampler, without noise of the objective: a
            surrogate is fitted to them and evaluated at uniform virtual points, and the intervals
            show how far surfaces differ that the trials leave plausible. Where its
            cross-validated skill is too low, or these surfaces disagree on what matters, that is
            said, and the answer is that of ``"trials"``. ``"auto"``: ``"uniform"`` for trials
            that a sampler chose, ``"trials"`` for all others; the report says which.
        n_bootstrap: Replicates for the chance of each parameter to be the most important.
        n_permutations: Replicates for p-values; the smallest that they tell by themselves is
            1 / (this + 1), which must be below 1 - ``confidence``. Smaller ones are extrapolated.
        confidence: Level of the intervals, in (0, 1), and 1 minus the level of ``null_level``.
        sampling: Who the trials are. ``"auto"``: it is found out by the marks that samplers leave,
            the study's sampler, and the trials themselves (see
            :func:`optuna_hpx.trials.sampling.sampling_of`). Of trials that a sampler chose no
            interval is given, and p-values are those of a model, which takes up to 2 s for 200
            trials and 10 parameters; where at least 40 independent draws are among them, these
            alone are assessed. ``"independent"`` or ``"adaptive"``: all are, as you know.
        seed: Of permutations, bootstrap and surrogate; the same seed gives the same report. If
            None permutations and bootstrap differ from call to call; the surrogate does not.

    Raises:
        ValueError: If an argument is outside its range.
        TypeError: If an argument has the wrong type.

    Example:
        >>> import optuna
        >>> from optuna_hpx import PedAnovaImportanceEvaluator
        >>> study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
        >>> def objective(trial):
        ...     x = trial.suggest_float("x", 0, 1)
        ...     trial.suggest_categorical("y", ["a", "b"])
        ...     return (x - 0.3) ** 2
        >>> study.optimize(objective, n_trials=200)
        >>> evaluator = PedAnovaImportanceEvaluator(seed=0)
        >>> {name: round(s, 2) for name, s in evaluator.evaluate(study).items()}
        {'x': 0.87, 'y': 0.0}
        >>> optuna.importance.get_param_importances(study, evaluator=evaluator)
        {'x': 1.0, 'y': 0.0}
    """

    _measure_name = "S"

    def __init__(
        self,
        *,
        target_quantile: float = 0.1,
        region_quantile: float = 1.0,
        target_value: float | None = None,
        region: Region | None = None,
        target_direction: str = "minimize",
        space: str = "auto",
        n_bootstrap: int = 200,
        n_permutations: int = 1000,
        confidence: float = 0.95,
        sampling: str = "auto",
        seed: int | None = None,
    ) -> None:
        self._subspace = Subspace(
            target_quantile, region_quantile, target_value, region, target_direction
        )
        _checks.one_of("space", space, _checks.SPACES)
        _checks.one_of("sampling", sampling, _checks.SAMPLINGS)
        _checks.count("n_bootstrap", n_bootstrap)
        _checks.count("n_permutations", n_permutations)
        _checks.quantile("confidence", confidence)
        if (n_permutations + 1.0) * (1.0 - confidence) < 1.0 + 1e-9:
            raise ValueError(
                "`n_permutations` must be more for this `confidence`: the smallest p-value of "
                f"{n_permutations} replicates, {1.0 / (n_permutations + 1.0):.4g}, must be below "
                f"1 - {confidence}."
            )
        _checks.seed("seed", seed)
        self._space, self._sampling = space, sampling
        self._settings = InferenceSettings(n_bootstrap, n_permutations, confidence)
        self._confidence, self._seed = confidence, seed

    def _measure(
        self, trials: AssessedTrials, cut: Split
    ) -> tuple[list[Parameter[Fit]], list[str]]:
        parameters, lone = [], []
        scores = _scores(trials.ranking, cut.region)
        for name, column in trials.columns.items():
            regimes, n_lone = regimes_of(column, cut.region)
            if n_lone and regimes:
                lone.append(
                    f"{n_lone} of the trials with {name!r} have bounds that no other has, and "
                    "tell nothing of it."
                )
            marginals = [regime.marginal for regime in regimes]
            evidence = fits(cut.top, cut.n_trials, marginals, scores)
            parts = np.array([fit.part for fit in evidence], dtype=float)
            parameters.append(Parameter(column, regimes, evidence, parts, float(parts.sum())))
        unmeasured = [p.name for p in parameters if not p.regimes and cut.is_compared]
        return parameters, [*lone, *_warnings.on_unmeasured(unmeasured)]

    def _uncertainty(self, assessment: Assessment[Fit], rng: np.random.Generator) -> Uncertainty:
        tested = assessment if assessment.real is None else assessment.real
        evidence = [parameter.evidence for parameter in tested.in_order(assessment.names)]
        if assessment.real is not None:
            return only_tests(tested.split, evidence, self._settings, rng)
        cut, importances = assessment.split, assessment.importances
        return uncertainty_of(cut, evidence, importances, self._settings, rng)

    def _intervals_of_trials(self, assessment: Assessment[Fit]) -> tuple[np.ndarray, np.ndarray]:
        return intervals_of(
            assessment.split, assessment.evidence, assessment.importances, self._confidence
        )

    def _interactions(
        self, assessment: Assessment[Fit], rng: np.random.Generator
    ) -> InteractionMatrix:
        """Measure all pairs of the assessed trials; and test them in the real ones."""
        pairs = _interaction_matrix(assessment.parameters, assessment.split)
        if assessment.real is None:
            return pairs
        real = assessment.real.in_order(assessment.names)
        tested = _interaction_matrix(real, assessment.real.split)
        warnings = []
        if assessment.trials.basis.holds:
            warnings = _warnings.on_real_trials(tested.warnings, pairs.warnings)
        return InteractionMatrix(pairs.values, tested.p_values, (*pairs.warnings, *warnings))

    def _notes(self, assessment: Assessment[Fit], sizes: np.ndarray | None) -> list[str]:
        trials, real = assessment.trials, assessment.real
        return [
            *_warnings.on_target_set(assessment.split, trials),
            *_warnings.on_overlap(assessment.importances),
            *_warnings.on_part_of_chosen(
                trials, is_part=assessment.is_compared and self._subspace.region_quantile < 1.0
            ),
            *trials.basis.notes(trials.target),
            *self._on_sampling(assessment),
            *(
                _warnings.on_real_trials(real.warnings, assessment.warnings)
                if real is not None and trials.basis.holds
                else []
            ),
        ]


def _scores(ranking: Ranking, region: np.ndarray) -> np.ndarray | None:
    """Compute normal scores (N,) of the ranks within the region; None if trials are in no order.

    Of several objectives only the first fronts are sorted, and labels leave most trials tied.
    """
    if ranking.selection.losses.shape[1] > 1 or ranking.selection.is_labelled:
        return None
    scores = np.zeros(len(region))
    scores[region] = normal_scores(ranking.keys_of_table[region])
    return scores


def _interaction_matrix(parameters: list[Parameter[Fit]], cut: Split) -> InteractionMatrix:
    columns = [parameter.column for parameter in parameters]
    regimes = [parameter.regimes for parameter in parameters]
    return interaction_matrix(columns, regimes, cut.region, cut.top)
