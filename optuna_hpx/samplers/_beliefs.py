"""What an HsicSampler believed as a study went, read back from the study."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optuna_hpx.trials import storage
from optuna_hpx.trials.table import TrialTable

if TYPE_CHECKING:
    from optuna.study import Study


@dataclass(frozen=True)
class SamplerBeliefs:
    """Beliefs of :class:`HsicSampler`, one row for each time that it worked them out.

    Attributes:
        names: (d,) parameters, the one of the largest last activity first.
        numbers: (b,) the first trial that was chosen by these beliefs.
        n_trials: (b,) finished trials that they rest on, ascending.
        activity: (b, d) how much each parameter counts in the choice, in [0, 1], relative to the
            largest; all 1 where nothing was found. NaN where nothing was screened: with several
            objectives, and for parameters that are chosen one by one.
        cost: (b, d) standard deviation of what the parameter adds to the logarithm of cost among
            the trials; NaN where that was not said.
    """

    names: tuple[str, ...]
    numbers: np.ndarray
    n_trials: np.ndarray
    activity: np.ndarray
    cost: np.ndarray

    @property
    def last_activity(self) -> np.ndarray:
        """(d,) the last that is known of each parameter, NaN if nothing is."""
        return last_known(self.activity)

    @property
    def last_cost(self) -> np.ndarray:
        """(d,) the same of cost."""
        return last_known(self.cost)


def sampler_beliefs(study: Study | TrialTable) -> SamplerBeliefs:
    """What :class:`HsicSampler` believed in a study; of several workers all.

    Args:
        study: The study, or a table of its finished trials.

    Returns:
        The beliefs; without any if the study had another sampler, or too few trials.
    """
    table = study if isinstance(study, TrialTable) else TrialTable.from_study(study)
    said: dict[int, tuple[int, dict[str, dict[str, float]]]] = {}
    for trial in table.trials:
        belief = storage.read(trial.system_attrs, storage.BELIEF)
        if belief is None:
            continue
        _, known = said.setdefault(belief["n"], (trial.number, {"activity": {}, "cost": {}}))
        for kind in known:  # a conditional parameter's comes with the first trial that has it
            known[kind] = {**belief[kind], **known[kind]}
    rows = sorted(said.items())
    names = list(
        dict.fromkeys(name for _, (_, each) in rows for kind in each for name in each[kind])
    )
    activity, cost = (
        np.array(
            [[each[kind].get(name, np.nan) for name in names] for _, (_, each) in rows]
        ).reshape(len(rows), len(names))
        for kind in ("activity", "cost")
    )
    order = np.argsort(-np.nan_to_num(last_known(activity)), kind="stable")
    return SamplerBeliefs(
        names=tuple(names[k] for k in order),
        numbers=np.array([number for _, (number, _) in rows], dtype=int),
        n_trials=np.array([n for n, _ in rows], dtype=int),
        activity=activity[:, order],
        cost=cost[:, order],
    )


def last_known(values: np.ndarray) -> np.ndarray:
    """(d,) the last finite value of each column (b, d); NaN where there is none."""
    last = np.full(values.shape[1], np.nan)
    for row in values:
        last = np.where(np.isfinite(row), row, last)
    return last
