"""What matters: importance evaluators for :func:`optuna.importance.get_param_importances`.

- :class:`PedAnovaImportanceEvaluator`: which parameters set the best trials apart
- :class:`HsicImportanceEvaluator`: which parameters the goal depends on
- :class:`ImportanceReport`: its answer in full, as ``evaluator.report(study)`` gives it
- :func:`importance_profile`, :class:`ImportanceProfile`: the same as the target quantile moves
- :func:`compare_importances`, :class:`ImportanceComparison`: what matters differently on two sides
- :class:`Regime`: one parameter in one of its regimes, with its densities
"""

from optuna_hpx.importance._comparison import ImportanceComparison, compare_importances
from optuna_hpx.importance._hsic import HsicImportanceEvaluator
from optuna_hpx.importance._ped_anova import PedAnovaImportanceEvaluator
from optuna_hpx.importance._profile import ImportanceProfile, importance_profile
from optuna_hpx.importance._report import ImportanceReport, Regime

__all__ = [
    "HsicImportanceEvaluator",
    "ImportanceComparison",
    "ImportanceProfile",
    "ImportanceReport",
    "PedAnovaImportanceEvaluator",
    "Regime",
    "compare_importances",
    "importance_profile",
]
