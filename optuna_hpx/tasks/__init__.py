"""Will the tuned values hold on the next task: tuning over many tasks, with a certificate."""

from optuna_hpx.tasks._certificate import Certificate, Improvement, tasks_needed
from optuna_hpx.tasks._certify import certify
from optuna_hpx.tasks._error import NoCertificateError
from optuna_hpx.tasks._objective import MultiTaskObjective
from optuna_hpx.tasks._pruner import TaskRacingPruner
from optuna_hpx.tasks._rows import task_matrix

__all__ = [
    "Certificate",
    "Improvement",
    "MultiTaskObjective",
    "NoCertificateError",
    "TaskRacingPruner",
    "certify",
    "task_matrix",
    "tasks_needed",
]
