"""What an HsicSampler believed as a study went, read back from the study."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from optuna_hpx import _attributes
from optuna_hpx.table import TrialTable

if TYPE_CHECKING:
    from optuna.study import Study


@dataclass(frozen=True)
class SamplerBeliefs:
    """Beliefs of :class:`HsicSampler`, one row for each time that it worked them out.

    Attributes:
        names: (d,) parameters, the one of the largest last activity first.
        numbers: (b,) the trials that were chosen by these beliefs, ascending.
        n_trials: (b,) finished trials that they rest on.
        activity: (b, d) how much each parameter counts in the choice, in [0, 1]; NaN where that
            was not said.
        cost: (b, d) standard deviation of what the parameter adds to the logarithm of cost among
            the trials; NaN where that was not said.
    """

    names: tuple[str, ...]
    numbers: np.ndarray
    n_trials: np.ndarray
    activity: np.ndarray
    cost: np.ndarray


def sampler_beliefs(study: Study | TrialTable) -> SamplerBeliefs:
    """What :class:`HsicSampler` believed in a study; of several workers all.

    Args:
        study: The study, or a table of its finished trials.

    Returns:
        The beliefs; without any if the study had another sampler, or too few trials.
    """
    table = study if isinstance(study, TrialTable) else TrialTable.from_study(study)
    said: list[tuple[int, dict[str, Any]]] = []
    for trial in table.trials:
        belief = _attributes.read(trial.system_attrs, _attributes.BELIEF)
        if belief is not None:
            said.append((trial.number, belief))
    names = list(dict.fromkeys(name for _, each in said for name in each["activity"]))
    activity, cost = (
        np.array([[each[kind].get(name, np.nan) for name in names] for _, each in said]).reshape(
            len(said), len(names)
        )
        for kind in ("activity", "cost")
    )
    order = np.argsort(-activity[-1], kind="stable") if said else np.zeros(0, dtype=int)
    return SamplerBeliefs(
        names=tuple(names[k] for k in order),
        numbers=np.array([number for number, _ in said], dtype=int),
        n_trials=np.array([each["n"] for _, each in said], dtype=int),
        activity=activity[:, order],
        cost=cost[:, order],
    )
