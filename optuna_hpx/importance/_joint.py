"""Which trials show whether two parameters interact in the objective itself."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from optuna_hpx.importance._hsic_groups import features_of
from optuna_hpx.importance._hsic_pairs import MIN_TRIALS, shared_trials
from optuna_hpx.importance._regimes import ParameterRegime
from optuna_hpx.importance.maths.joint import joint_p_values
from optuna_hpx.statistics.thinning import evenly

_N_SMOOTH = 3  # features of a numeric parameter that enter the products: its smoothest
_MAX_TRIALS = 1000  # more are thinned out: an interaction worth a word shows in these


def joint_matrix(
    parameters: Sequence[Sequence[ParameterRegime]], keys: np.ndarray, is_counted: np.ndarray
) -> np.ndarray:
    """Test all pairs of parameters for an interaction in the objective itself.

    Args:
        parameters: The regimes of the d parameters.
        keys: (N,) by trial of the table, a better one has a smaller key.
        is_counted: (N,) bool, trials of which the objective is known and that are feasible.

    Returns:
        (d, d) p-values of :func:`~optuna_hpx.importance.maths.joint.joint_p_values`, each pair in
        the trials that have both parameters; 1 with fewer than 20. O(n d^2).
    """
    d = len(parameters)
    p_values = np.ones((d, d))
    for shared in shared_trials(parameters):
        rows = shared.rows[is_counted[shared.rows]]
        if len(rows) < MIN_TRIALS:
            continue
        rows = rows[evenly(len(rows), _MAX_TRIALS)]
        features = [features_of(parameters[k], rows)[0].phi for k in shared.members]
        factors = [
            phi if parameters[k][0].column.is_categorical else phi[:, :_N_SMOOTH]
            for k, phi in zip(shared.members, features, strict=True)
        ]
        shared.put(joint_p_values(features, factors, keys[rows]), p_values)
    return p_values
