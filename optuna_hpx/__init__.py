"""Answers about a tuned model that slot into Optuna.

What matters
    :class:`PedAnovaImportanceEvaluator`, :class:`HsicImportanceEvaluator`,
    :class:`ImportanceReport`,
    :func:`importance_profile`, :class:`ImportanceProfile`,
    :func:`compare_importances`, :class:`ImportanceComparison`,
    :func:`ablation_path`, :class:`AblationPath`, :func:`marginal_effect`,
    :class:`MarginalEffect`, :class:`NoSurrogateError`
Where to look next
    :class:`HsicSampler`, :func:`sampler_beliefs`, :class:`SamplerBeliefs`
How hyperparameters should change while a model trains
    :class:`GPBTScheduler`, :class:`Checkpoint`, :class:`Schedule`, :class:`CheckpointError`,
    :class:`ReplayError`
How good it can get, and whether to go on
    :class:`AsymptoticLaw`, :class:`Forecast`, :class:`AsymptoticLawCallback`,
    :func:`tuning_curve_band`, :class:`TuningCurveBand`, :func:`compare_tuning_curves`,
    :class:`TuningCurveComparison`, :func:`hypervolume_outlook`, :class:`HypervolumeOutlook`,
    :class:`InterleavedSampler`, :class:`NoLawError`
Whether the tuned values will hold on the next task
    :class:`MultiTaskObjective`, :class:`TaskRacingPruner`, :func:`task_matrix`, :func:`certify`,
    :class:`Certificate`, :class:`Improvement`, :func:`tasks_needed`, :class:`DualCurve`,
    :func:`noise_tolerance`, :func:`refine_jumps`, :class:`NoCertificateError`
To draw
    :func:`plot_importances`, :func:`plot_interactions`, :func:`plot_importance_profile`,
    :func:`plot_importance_comparison`, :func:`plot_ablation_path`,
    :func:`plot_densities`, :func:`plot_marginal_effect`, :func:`plot_history`,
    :func:`plot_beliefs`, :func:`plot_outlook`, :func:`plot_cost`, :func:`plot_tuning_curve`,
    :func:`plot_tuning_curve_comparison`, :func:`plot_hypervolume_outlook`,
    :func:`plot_genealogy`, :func:`plot_schedule`, :func:`plot_task_racing`,
    :func:`plot_certificate`, :func:`plot_dual_curve`
To read a study, or a data frame, as columns
    :class:`TrialTable`
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from optuna_hpx.importance import (
        AblationPath,
        HsicImportanceEvaluator,
        ImportanceComparison,
        ImportanceProfile,
        ImportanceReport,
        MarginalEffect,
        NoSurrogateError,
        PedAnovaImportanceEvaluator,
        ablation_path,
        compare_importances,
        importance_profile,
        marginal_effect,
    )
    from optuna_hpx.law import (
        AsymptoticLaw,
        AsymptoticLawCallback,
        Forecast,
        HypervolumeOutlook,
        NoLawError,
        TuningCurveBand,
        TuningCurveComparison,
        compare_tuning_curves,
        hypervolume_outlook,
        tuning_curve_band,
    )
    from optuna_hpx.population import (
        Checkpoint,
        CheckpointError,
        GPBTScheduler,
        ReplayError,
        Schedule,
    )
    from optuna_hpx.samplers import (
        HsicSampler,
        InterleavedSampler,
        SamplerBeliefs,
        sampler_beliefs,
    )
    from optuna_hpx.tasks import (
        Certificate,
        DualCurve,
        Improvement,
        MultiTaskObjective,
        NoCertificateError,
        TaskRacingPruner,
        certify,
        noise_tolerance,
        refine_jumps,
        task_matrix,
        tasks_needed,
    )
    from optuna_hpx.trials.table import TrialTable
    from optuna_hpx.visualization import (
        plot_ablation_path,
        plot_beliefs,
        plot_certificate,
        plot_cost,
        plot_densities,
        plot_dual_curve,
        plot_genealogy,
        plot_history,
        plot_hypervolume_outlook,
        plot_importance_comparison,
        plot_importance_profile,
        plot_importances,
        plot_interactions,
        plot_marginal_effect,
        plot_outlook,
        plot_schedule,
        plot_task_racing,
        plot_tuning_curve,
        plot_tuning_curve_comparison,
    )

__all__ = [
    "AblationPath",
    "AsymptoticLaw",
    "AsymptoticLawCallback",
    "Certificate",
    "Checkpoint",
    "CheckpointError",
    "DualCurve",
    "Forecast",
    "GPBTScheduler",
    "HsicImportanceEvaluator",
    "HsicSampler",
    "HypervolumeOutlook",
    "ImportanceComparison",
    "ImportanceProfile",
    "ImportanceReport",
    "Improvement",
    "InterleavedSampler",
    "MarginalEffect",
    "MultiTaskObjective",
    "NoCertificateError",
    "NoLawError",
    "NoSurrogateError",
    "PedAnovaImportanceEvaluator",
    "ReplayError",
    "SamplerBeliefs",
    "Schedule",
    "TaskRacingPruner",
    "TrialTable",
    "TuningCurveBand",
    "TuningCurveComparison",
    "ablation_path",
    "certify",
    "compare_importances",
    "compare_tuning_curves",
    "hypervolume_outlook",
    "importance_profile",
    "marginal_effect",
    "noise_tolerance",
    "plot_ablation_path",
    "plot_beliefs",
    "plot_certificate",
    "plot_cost",
    "plot_densities",
    "plot_dual_curve",
    "plot_genealogy",
    "plot_history",
    "plot_hypervolume_outlook",
    "plot_importance_comparison",
    "plot_importance_profile",
    "plot_importances",
    "plot_interactions",
    "plot_marginal_effect",
    "plot_outlook",
    "plot_schedule",
    "plot_task_racing",
    "plot_tuning_curve",
    "plot_tuning_curve_comparison",
    "refine_jumps",
    "sampler_beliefs",
    "task_matrix",
    "tasks_needed",
    "tuning_curve_band",
]

_HOME = {
    "AblationPath": "importance",
    "AsymptoticLaw": "law",
    "AsymptoticLawCallback": "law",
    "Certificate": "tasks",
    "Checkpoint": "population",
    "CheckpointError": "population",
    "DualCurve": "tasks",
    "Forecast": "law",
    "GPBTScheduler": "population",
    "HsicImportanceEvaluator": "importance",
    "HsicSampler": "samplers",
    "HypervolumeOutlook": "law",
    "ImportanceComparison": "importance",
    "ImportanceProfile": "importance",
    "ImportanceReport": "importance",
    "Improvement": "tasks",
    "InterleavedSampler": "samplers",
    "MarginalEffect": "importance",
    "MultiTaskObjective": "tasks",
    "NoCertificateError": "tasks",
    "NoLawError": "law",
    "NoSurrogateError": "importance",
    "PedAnovaImportanceEvaluator": "importance",
    "ReplayError": "population",
    "SamplerBeliefs": "samplers",
    "Schedule": "population",
    "TaskRacingPruner": "tasks",
    "TrialTable": "trials.table",
    "TuningCurveBand": "law",
    "TuningCurveComparison": "law",
    "ablation_path": "importance",
    "certify": "tasks",
    "compare_importances": "importance",
    "compare_tuning_curves": "law",
    "hypervolume_outlook": "law",
    "importance_profile": "importance",
    "marginal_effect": "importance",
    "noise_tolerance": "tasks",
    "plot_ablation_path": "importance.figures",
    "plot_beliefs": "samplers.figures",
    "plot_certificate": "tasks.figures",
    "plot_cost": "samplers.figures",
    "plot_densities": "importance.figures",
    "plot_dual_curve": "tasks.figures",
    "plot_genealogy": "population.figures",
    "plot_history": "canvas.history",
    "plot_hypervolume_outlook": "law.figures",
    "plot_importance_comparison": "importance.figures",
    "plot_importance_profile": "importance.figures",
    "plot_importances": "importance.figures",
    "plot_interactions": "importance.figures",
    "plot_marginal_effect": "importance.figures",
    "plot_outlook": "samplers.figures",
    "plot_schedule": "population.figures",
    "plot_task_racing": "tasks.figures",
    "plot_tuning_curve": "law.figures",
    "plot_tuning_curve_comparison": "law.figures",
    "refine_jumps": "tasks",
    "sampler_beliefs": "samplers",
    "task_matrix": "tasks",
    "tasks_needed": "tasks",
    "tuning_curve_band": "law",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for: ``import optuna_hpx`` itself is cheap."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"optuna_hpx.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
