"""How good it can get, and whether it is worth going on.

- :class:`AsymptoticLaw`: the law of a random search's scores: best possible score, forecasts
- :class:`Forecast`: where the best score will be
- :class:`AsymptoticLawCallback`: the same of a running study, and a stopping rule
- :func:`tuning_curve_band`, :class:`TuningCurveBand`: the same without a law, between bounds
- :func:`compare_tuning_curves`, :class:`TuningCurveComparison`: which of two is better, and when
- :func:`hypervolume_outlook`, :class:`HypervolumeOutlook`: the front of several objectives
- :class:`NoLawError`: why some trials have no law
"""

from optuna_hpx.law._band import TuningCurveBand
from optuna_hpx.law._callback import AsymptoticLawCallback
from optuna_hpx.law._curve_comparison import TuningCurveComparison, compare_tuning_curves
from optuna_hpx.law._error import NoLawError
from optuna_hpx.law._hypervolume import HypervolumeOutlook, hypervolume_outlook
from optuna_hpx.law._law import AsymptoticLaw
from optuna_hpx.law._make_band import tuning_curve_band
from optuna_hpx.law._outlook import Forecast

__all__ = [
    "AsymptoticLaw",
    "AsymptoticLawCallback",
    "Forecast",
    "HypervolumeOutlook",
    "NoLawError",
    "TuningCurveBand",
    "TuningCurveComparison",
    "compare_tuning_curves",
    "hypervolume_outlook",
    "tuning_curve_band",
]
