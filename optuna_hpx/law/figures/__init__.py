"""Figures of how good a study can get, drawn with plotly (extra: plot)."""

from optuna_hpx.law.figures._curve_comparison import plot_tuning_curve_comparison
from optuna_hpx.law.figures._front_history import plot_front_history
from optuna_hpx.law.figures._hypervolume import plot_hypervolume_outlook
from optuna_hpx.law.figures._tuning_curve import plot_tuning_curve

__all__ = [
    "plot_front_history",
    "plot_hypervolume_outlook",
    "plot_tuning_curve",
    "plot_tuning_curve_comparison",
]
