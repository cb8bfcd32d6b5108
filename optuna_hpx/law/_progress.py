"""How far a search has come, as a law tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from optuna_hpx.law.maths.progress import percent_step

if TYPE_CHECKING:
    from optuna_hpx.law import AsymptoticLaw

__all__ = ["lead", "next_percent"]


def next_percent(law: AsymptoticLaw) -> float | None:
    """Return 1 % of the way from the median trial to the best one; None if there is no way."""
    return percent_step(float(law.tuning_curve(1)), law.best_of_all)


def lead(law: AsymptoticLaw) -> float:
    """Return by how much the best of all trials is ahead of the best of the random ones."""
    return abs(law.best_of_all - law.best) if law.n_left_out else 0.0
