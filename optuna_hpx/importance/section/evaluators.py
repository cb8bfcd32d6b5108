"""The evaluators of a page: as its reader chose them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from optuna_hpx.canvas.material import Material
    from optuna_hpx.importance import HsicImportanceEvaluator, PedAnovaImportanceEvaluator

__all__ = ["chosen_evaluator", "ped_anova"]


def chosen_evaluator(
    material: Material, *, space: str | None = None
) -> PedAnovaImportanceEvaluator | HsicImportanceEvaluator:
    """Make the evaluator whose importances the page shows, ``space`` in place of the reader's."""
    if material.evaluator == "ped-anova":
        return ped_anova(material, space=space)
    # slow: brings in sklearn
    from optuna_hpx.importance import HsicImportanceEvaluator

    return HsicImportanceEvaluator(
        target_quantile=material.target_quantile,
        target_value=material.target_value,
        space=space or material.space or "trials",
        sampling=material.sampling,
        seed=material.seed,
    )


def ped_anova(
    material: Material, *, space: str | None = None, quantile: float | None = None
) -> PedAnovaImportanceEvaluator:
    """Make the evaluator of PED-ANOVA, which all comparisons use.

    Args:
        material: What the reader calls good, and who the trials are.
        space: In place of the reader's.
        quantile: Of the target set, in place of what the reader calls good.
    """
    # slow: brings in sklearn
    from optuna_hpx.importance import PedAnovaImportanceEvaluator

    return PedAnovaImportanceEvaluator(
        target_quantile=material.target_quantile if quantile is None else quantile,
        region_quantile=material.region_quantile,
        target_value=material.target_value if quantile is None else None,
        space=space or material.space or "auto",
        sampling=material.sampling,
        seed=material.seed,
    )
