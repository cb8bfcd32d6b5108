"""How good it can get, and whether it is worth going on.

- :class:`AsymptoticLaw`: the law of a random search's scores: best possible score, forecasts
- :class:`Forecast`: where the best score will be
- :class:`AsymptoticLawCallback`: the same of a running study, and a stopping rule
- :class:`NoLawError`: why some trials have no law
"""

from optuna_hpx.law._callback import AsymptoticLawCallback
from optuna_hpx.law._error import NoLawError
from optuna_hpx.law._law import AsymptoticLaw, Forecast

__all__ = ["AsymptoticLaw", "AsymptoticLawCallback", "Forecast", "NoLawError"]
