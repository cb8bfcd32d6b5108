"""What matters: importance evaluators for :func:`optuna.importance.get_param_importances`.

- :class:`PedAnovaImportanceEvaluator`: which parameters set the best trials apart
- :class:`HsicImportanceEvaluator`: which parameters the goal depends on
- :class:`ImportanceReport`: its answer in full, as ``evaluator.report(study)`` gives it
- :func:`importance_profile`, :class:`ImportanceProfile`: the same as the target quantile moves
- :func:`ablation_path`, :class:`AblationPath`: what each change from one configuration to another
  is worth; :class:`NoSurrogateError`: why that is not known
- :func:`marginal_effect`, :class:`MarginalEffect`: the effect of one parameter on average
- :func:`compare_importances`, :class:`ImportanceComparison`: what matters differently on two sides
- :class:`Regime`: one parameter in one of its regimes, with its densities
"""

from optuna_hpx.importance._ablation import AblationPath, ablation_path
from optuna_hpx.importance._comparison import ImportanceComparison, compare_importances
from optuna_hpx.importance._effect import MarginalEffect, marginal_effect
from optuna_hpx.importance._error import NoSurrogateError
from optuna_hpx.importance._hsic import HsicImportanceEvaluator
from optuna_hpx.importance._ped_anova import PedAnovaImportanceEvaluator
from optuna_hpx.importance._profile import ImportanceProfile, importance_profile
from optuna_hpx.importance._report import ImportanceReport, Regime

__all__ = [
    "AblationPath",
    "HsicImportanceEvaluator",
    "ImportanceComparison",
    "ImportanceProfile",
    "ImportanceReport",
    "MarginalEffect",
    "NoSurrogateError",
    "PedAnovaImportanceEvaluator",
    "Regime",
    "ablation_path",
    "compare_importances",
    "importance_profile",
    "marginal_effect",
]
