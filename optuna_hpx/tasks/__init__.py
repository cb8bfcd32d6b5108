"""Will the tuned values hold on the next task: tuning over many tasks, with a certificate.

- :class:`MultiTaskObjective`: an objective that is worth how well it does over many tasks
- :class:`TaskRacingPruner`: drops the trials that are surely worse than the best, task by task
- :func:`task_matrix`: the value of each trial on each task
- :func:`certify`: a bound on the mean of the best configuration over all such tasks
- :class:`Certificate`, :class:`Improvement`: what it returns
- :class:`NoCertificateError`: why a study has none
- :func:`tasks_needed`: how many tasks to plan for
- :class:`DualCurve`, :func:`noise_tolerance`, :func:`refine_jumps`: how the utility of a task
  depends on one hyperparameter
"""

from optuna_hpx.tasks._certificate import Certificate
from optuna_hpx.tasks._certify import certify
from optuna_hpx.tasks._error import NoCertificateError
from optuna_hpx.tasks._improvement import Improvement
from optuna_hpx.tasks._matrix import task_matrix
from optuna_hpx.tasks._objective import MultiTaskObjective
from optuna_hpx.tasks._planning import tasks_needed
from optuna_hpx.tasks._pruner import TaskRacingPruner
from optuna_hpx.tasks.maths.dual_curve import DualCurve, noise_tolerance
from optuna_hpx.tasks.maths.jumps import refine_jumps

__all__ = [
    "Certificate",
    "DualCurve",
    "Improvement",
    "MultiTaskObjective",
    "NoCertificateError",
    "TaskRacingPruner",
    "certify",
    "noise_tolerance",
    "refine_jumps",
    "task_matrix",
    "tasks_needed",
]
