"""What both evaluators do alike: table, trials, target set, regimes, measure, report."""

from __future__ import annotations

import warnings
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

import numpy as np
from optuna.importance import BaseImportanceEvaluator

from optuna_hpx.importance import _warnings
from optuna_hpx.importance._assessed_trials import AssessedTrials, virtual_space
from optuna_hpx.importance._basis import basis_of
from optuna_hpx.importance._densities import describe_regime
from optuna_hpx.importance._interactions import InteractionMatrix
from optuna_hpx.importance._joint import joint_matrix
from optuna_hpx.importance._model_tests import evidence_of
from optuna_hpx.importance._regimes import ParameterRegime
from optuna_hpx.importance._report import ImportanceReport
from optuna_hpx.importance._split import Split, rank, split
from optuna_hpx.importance._spread import Spread, disagree, on_surfaces
from optuna_hpx.importance._subspace import Subspace, Target, columns_of, select
from optuna_hpx.importance._uncertainty import Uncertainty, withheld, without
from optuna_hpx.trials.table import Column, TrialTable

if TYPE_CHECKING:
    from optuna.study import Study

Evidence = TypeVar("Evidence")
"""What an evaluator works out of one regime, and measures and tests with."""


@dataclass(frozen=True, eq=False)
class Parameter(Generic[Evidence]):
    """A parameter, its regimes, and what each adds to its importance.

    Attributes:
        column: Its values in the trials.
        regimes: Those that are compared.
        evidence: What the evaluator works out of each regime.
        parts: (regimes,) what each adds.
        importance: Their sum.
    """

    column: Column
    regimes: list[ParameterRegime]
    evidence: list[Evidence]
    parts: np.ndarray
    importance: float

    @property
    def name(self) -> str:
        """The parameter's name."""
        return self.column.name


@dataclass(frozen=True, eq=False)
class Assessment(Generic[Evidence]):
    """The two sets of trials, and the parameters, the most important first.

    Attributes:
        trials: The trials that are assessed.
        split: Who of them is in the region and in the target set.
        parameters: The parameters.
        warnings: What keeps the importances from meaning what the user may think.
        surfaces: (surfaces, d) importances by other losses that the trials leave plausible, where
            a surrogate speaks; no rows where none does.
        real: The assessment of the real trials, for a report on virtual ones.
    """

    trials: AssessedTrials
    split: Split
    parameters: list[Parameter[Evidence]]
    warnings: tuple[str, ...]
    surfaces: np.ndarray
    real: Assessment[Evidence] | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """(d,) names of the parameters."""
        return tuple(parameter.name for parameter in self.parameters)

    @property
    def importances(self) -> np.ndarray:
        """(d,) importances."""
        return np.array([parameter.importance for parameter in self.parameters])

    @property
    def evidence(self) -> list[list[Evidence]]:
        """(d,) the evidence of each parameter."""
        return [parameter.evidence for parameter in self.parameters]

    @property
    def is_compared(self) -> bool:
        """Whether trials differ in what is compared."""
        return self.split.is_compared

    @property
    def unknown(self) -> np.ndarray:
        """(d,) of which parameters nothing is known: no trial tells of them."""
        return np.array(
            [not (p.regimes and self.is_compared) for p in self.parameters], dtype=bool
        )

    def in_order(self, names: Sequence[str]) -> list[Parameter[Evidence]]:
        """Return the parameters in the order of ``names``."""
        by_name = {parameter.name: parameter for parameter in self.parameters}
        return [by_name[name] for name in names]


class ImportanceEvaluator(BaseImportanceEvaluator, Generic[Evidence]):
    """An evaluator that can report all that it works out.

    A subclass says how a parameter is measured, how sure that is, and what a reader must know.
    """

    _measure_name: ClassVar[str]
    _subspace: Subspace
    _confidence: float
    _seed: int | None
    _sampling: str
    _space: str

    def evaluate(
        self,
        study: Study | TrialTable,
        params: list[str] | None = None,
        *,
        target: Target | None = None,
    ) -> dict[str, float]:
        """Return the importance of each parameter, the most important first.

        A study of n trials and d parameters costs O(n d) Python steps once, and O(n d) array
        operations each time; see :meth:`TrialTable.from_study`. Fitting a surrogate, where one is
        asked, costs once a table: half a second of 100 trials of 4 parameters, two seconds of 2000
        of 10, nine of 10,000 of 50. Its Gaussian process learns from 250 trials at most, a tree
        from 1000. The class says what comes on top.

        Args:
            study: The study, or a table of its trials.
            params: Names of the parameters to assess; all that a COMPLETE trial has if None.
            target: What to assess instead of the objective, by trial; or ``"feasible"``: what
                decides whether a trial satisfies the constraints; or ``"complete"``: what decides
                whether a trial completes, and is neither pruned nor fails.

        Returns:
            ``{name: importance}``, each in [0, 1].

        Raises:
            TypeError: If ``params`` is not a list of strings.
            ValueError: If a parameter is in no COMPLETE trial, or if ``target`` is a word
                and the evaluator has a ``region_quantile`` below 1 or a ``target_value``.
        """
        assessment = self._judge(self._prepare(study, params, target, self._subspace))
        trials = assessment.trials
        hints = self._on_sampling(assessment) if trials.real is None else []
        for message in (*trials.basis.silences(target), *assessment.warnings, *hints):
            warnings.warn(message, UserWarning, stacklevel=2)
        return {parameter.name: parameter.importance for parameter in assessment.parameters}

    def report(
        self,
        study: Study | TrialTable,
        params: list[str] | None = None,
        *,
        target: Target | None = None,
        interactions: bool = False,
    ) -> ImportanceReport:
        """Report the importance of each parameter with all that is needed to judge and draw it.

        What :meth:`evaluate` warns of is in the report's ``warnings``. Permutations cost
        O(n_permutations n d) at most, and the pairs O(n d^2), times ``n_permutations`` for HSIC.

        Args:
            study: The study, or a table of its trials.
            params: As for :meth:`evaluate`.
            target: As for :meth:`evaluate`.
            interactions: Whether to look at all pairs of parameters, too.

        Returns:
            The report.

        Raises:
            TypeError: As :meth:`evaluate`.
            ValueError: As :meth:`evaluate`.
        """
        assessment = self._judge(self._prepare(study, params, target, self._subspace))
        return self._report_on(assessment, interactions=interactions)

    def _report_on(
        self, assessment: Assessment[Evidence], *, interactions: bool = False
    ) -> ImportanceReport:
        """Add to what was assessed how sure it is, and the pairs."""
        if assessment.trials.real is not None:  # whose tests speak for the virtual trials
            real = self._assess(assessment.trials.real, self._subspace)
            assessment = replace(assessment, real=real)
        rng = np.random.default_rng(self._seed)
        holds = assessment.trials.basis.holds
        uncertainty = (
            self._uncertainty(assessment, rng) if holds else self._of_chosen_trials(assessment)
        )
        if assessment.trials.real is not None:
            uncertainty = on_surfaces(uncertainty, self._spread(assessment))
        uncertainty = without(uncertainty, assessment.unknown)
        pairs = self._interactions(assessment, rng) if interactions else None
        if pairs is not None and not holds:
            pairs = replace(pairs, p_values=np.full_like(pairs.p_values, np.nan))
        if pairs is not None and holds:
            pairs = replace(pairs, joint_p_values=_joint(assessment))
        return self._report(assessment, uncertainty, pairs)

    def _of_chosen_trials(self, assessment: Assessment[Evidence]) -> Uncertainty:
        """Claim of trials that a sampler chose only what a model of them bears out."""
        nothing = withheld(len(assessment.parameters))
        tests = evidence_of(assessment.trials, self._subspace, assessment.names)
        if tests is None:
            return nothing
        return replace(
            nothing, p_values=tests.p_values, p_values_familywise=tests.p_values_familywise
        )

    def _prepare(
        self,
        study: Study | TrialTable,
        params: list[str] | None,
        target: Target | None,
        subspace: Subspace,
    ) -> AssessedTrials:
        """Prepare all that does not depend on where the target set is cut, up to the quantile."""
        basis = basis_of(TrialTable.of(study), self._sampling)
        columns = columns_of(basis.table, params, target)
        selection = select(basis.table, subspace, target)
        ranking = rank(selection, subspace, in_full=self._ranks_in_full)
        real = AssessedTrials(ranking, columns, basis)
        if self._space == "trials" or (self._space == "auto" and basis.holds):
            return real
        # Importances themselves are the same in each call, also of an evaluator without a seed.
        return virtual_space(real, subspace, self._seed or 0, in_full=self._ranks_in_full)

    def _judge(self, trials: AssessedTrials) -> Assessment[Evidence]:
        """Assess the trials; or the real ones, where a surrogate cannot tell their importances."""
        assessment = self._assess(trials, self._subspace)
        if trials.real is None or not disagree(assessment.surfaces):
            return assessment
        assert trials.skill is not None
        warning = _warnings.on_disagreement(trials)
        return self._assess(trials.real.without_surrogate(trials.skill, warning), self._subspace)

    @property
    def _ranks_in_full(self) -> bool:
        """Whether the order of all trials counts, and not only who is among the best."""
        return False

    def _assess(self, trials: AssessedTrials, subspace: Subspace) -> Assessment[Evidence]:
        cut = split(trials.ranking, subspace, by_rank=self._ranks_in_full)
        parameters, lone = self._measure(trials, cut)
        surfaces = np.array(
            [
                [parameter.importance for parameter in self._measure(surface, one)[0]]
                for surface in trials.surfaces
                for one in [split(surface.ranking, subspace, by_rank=self._ranks_in_full)]
            ]
        ).reshape(len(trials.surfaces), len(parameters))
        order = np.argsort([-parameter.importance for parameter in parameters], kind="stable")
        return Assessment(
            trials=trials,
            split=cut,
            parameters=[parameters[place] for place in order],
            warnings=(*cut.warnings, *lone),
            surfaces=surfaces[:, order],
        )

    @property
    def _score_name(self) -> str:
        """What of a trial the parameters are compared with."""
        return "indicator"

    @abstractmethod
    def _measure(
        self, trials: AssessedTrials, cut: Split
    ) -> tuple[list[Parameter[Evidence]], list[str]]:
        """Measure each parameter; and say which trials tell nothing of one."""

    @abstractmethod
    def _uncertainty(
        self, assessment: Assessment[Evidence], rng: np.random.Generator
    ) -> Uncertainty:
        """Compute intervals and tests."""

    def _intervals(self, assessment: Assessment[Evidence]) -> tuple[np.ndarray, np.ndarray]:
        """Compute the ends (d,) of intervals for the importances."""
        if assessment.trials.real is None:
            return self._intervals_of_trials(assessment)
        return self._spread(assessment).ends

    def _spread(self, assessment: Assessment[Evidence]) -> Spread:
        return Spread(
            assessment.surfaces,
            assessment.importances,
            self._intervals_of_trials(assessment),
            self._confidence,
        )

    @abstractmethod
    def _intervals_of_trials(
        self, assessment: Assessment[Evidence]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Compute the ends (d,) of intervals that hold for trials that are independent draws."""

    @abstractmethod
    def _interactions(
        self, assessment: Assessment[Evidence], rng: np.random.Generator
    ) -> InteractionMatrix:
        """Measure and test all pairs."""

    def _on_sampling(self, assessment: Assessment[Evidence]) -> list[str]:
        """Say what follows from who the trials are, if anything is compared."""
        if not assessment.is_compared:
            return []
        return _warnings.on_sampling(assessment.trials, assessment.importances)

    @abstractmethod
    def _notes(self, assessment: Assessment[Evidence], sizes: np.ndarray | None) -> list[str]:
        """Say what evaluate() need not warn of, but a reader of the report must know."""

    def _effective_sizes(self, assessment: Assessment[Evidence]) -> np.ndarray | None:
        """Count (d,) how many evenly drawn trials would tell as much; None if not known."""
        return None

    def _report(
        self,
        assessment: Assessment[Evidence],
        uncertainty: Uncertainty,
        pairs: InteractionMatrix | None,
    ) -> ImportanceReport:
        cut, importances = assessment.split, assessment.importances
        is_share = self._measure_name == "S"
        is_labelled = assessment.trials.ranking.selection.is_labelled
        sizes = self._effective_sizes(assessment)
        return ImportanceReport(
            names=assessment.names,
            importances=importances,
            confidence=self._confidence,
            interactions=None if pairs is None else pairs.values,
            interaction_p_values=None if pairs is None else pairs.p_values,
            unexplained=max(0.0, 1.0 - float(importances.sum())) if is_share else float("nan"),
            regimes={
                parameter.name: tuple(
                    describe_regime(regime, cut.top, float(part))
                    for regime, part in zip(parameter.regimes, parameter.parts, strict=True)
                )
                for parameter in assessment.parameters
            },
            n_trials=cut.n_trials,
            n_target=cut.n_target,
            n_infeasible=cut.n_infeasible,
            n_taught=assessment.trials.n_taught,
            n_taught_as_good=assessment.trials.n_as_good(cut, self._subspace.region),
            score="indicator" if is_labelled else self._score_name,
            target=cut.target_in_words,
            space=assessment.trials.space,
            sampling=assessment.trials.basis.sampling,
            skill=assessment.trials.skill,
            warnings=(
                *assessment.warnings,
                *self._notes(assessment, sizes),
                *(() if pairs is None else pairs.warnings),
            ),
            joint_p_values=None if pairs is None else pairs.joint_p_values,
            measure=self._measure_name,
            n_effective=sizes,
            **vars(uncertainty),
        )


def _joint(assessment: Assessment[Evidence]) -> np.ndarray | None:
    """Test pairs for interactions in the objective of the real trials, if that is one number."""
    tested = assessment if assessment.real is None else assessment.real
    ranking, cut = tested.trials.ranking, tested.split
    if ranking.selection.is_labelled or ranking.selection.losses.shape[1] > 1:
        return None
    regimes = [parameter.regimes for parameter in tested.in_order(assessment.names)]
    return joint_matrix(regimes, ranking.keys_of_table, cut.region & cut.table.feasible)
