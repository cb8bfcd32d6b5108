"""How far a search has come, as a law tells it, or the trials alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from optuna_hpx.law.maths.progress import percent_step

if TYPE_CHECKING:
    from optuna_hpx.law import AsymptoticLaw, TuningCurveBand

__all__ = ["band_alone", "described", "lead", "next_percent"]


def described(outlook: AsymptoticLaw | TuningCurveBand) -> AsymptoticLaw | None:
    """Return the law, if there is one and it describes its trials."""
    return cast("AsymptoticLaw", outlook) if getattr(outlook, "describes", False) else None


def band_alone(outlook: AsymptoticLaw | TuningCurveBand) -> TuningCurveBand:
    """Return what the draws tell without a law."""
    return cast("TuningCurveBand", getattr(outlook, "band", outlook))


def next_percent(outlook: AsymptoticLaw | TuningCurveBand) -> float | None:
    """Return 1 % of the way from the median trial to the best one; None if there is no way."""
    curve = outlook.tuning_curve if hasattr(outlook, "tuning_curve") else outlook.curve
    return percent_step(float(curve(1)), outlook.best_of_all)


def lead(outlook: AsymptoticLaw | TuningCurveBand) -> float:
    """Return by how much the best of all trials is ahead of the best of the random ones."""
    return abs(outlook.best_of_all - outlook.best) if outlook.n_left_out else 0.0
