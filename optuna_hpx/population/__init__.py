"""How hyperparameters should change while a model trains."""

from optuna_hpx.population._archive import CheckpointError
from optuna_hpx.population._checkpoint import Checkpoint
from optuna_hpx.population._replay import ReplayError
from optuna_hpx.population._schedule import Schedule, Step
from optuna_hpx.population._scheduler import GPBTScheduler

__all__ = ["Checkpoint", "CheckpointError", "GPBTScheduler", "ReplayError", "Schedule", "Step"]
