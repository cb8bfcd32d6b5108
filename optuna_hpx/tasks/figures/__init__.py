"""Figures of a race over tasks and of certificates, drawn with plotly (extra: plot)."""

from optuna_hpx.tasks.figures._certificate import plot_certificate
from optuna_hpx.tasks.figures._dual_curve import plot_dual_curve
from optuna_hpx.tasks.figures._task_racing import draw_race, plot_task_racing

__all__ = ["draw_race", "plot_certificate", "plot_dual_curve", "plot_task_racing"]
