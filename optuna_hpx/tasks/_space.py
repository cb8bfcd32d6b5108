"""How many configurations a search space holds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from optuna.distributions import BaseDistribution, FloatDistribution

from optuna_hpx.tasks._error import NoCertificateError
from optuna_hpx.tasks.maths.counting import log_configurations, log_floats
from optuna_hpx.trials.domain import contains, ends, n_possible_values

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

__all__ = ["continuous_names", "log_n_configs"]


def log_n_configs(trials: Sequence[FrozenTrial]) -> float:
    """Return ln M of the space that ``trials`` were drawn from: no less than it has.

    Integers, floats with a step and categories are counted; a float without a step has as many
    values as its range has floating point numbers. A parameter that some trials do not have may
    also be absent; one that was drawn from several ranges may have any value of any of them.
    Values that were enqueued and that no range holds are counted, too.

    Raises:
        NoCertificateError: If the values of a distribution cannot be counted.
    """
    spaces: dict[str, list[BaseDistribution]] = {}
    present: dict[str, int] = {}
    for trial in trials:
        for name, distribution in trial.distributions.items():
            ranges = spaces.setdefault(name, [])
            if distribution not in ranges:
                ranges.append(distribution)
            present[name] = present.get(name, 0) + 1
    log_n_values = [
        [_log_n_values(d) for d in ranges] + [0.0] * (present[name] < len(trials))
        for name, ranges in spaces.items()
    ]
    n_outside = sum(not _is_inside(trial) for trial in trials)
    return log_configurations(log_n_values, n_outside)


def _is_inside(trial: FrozenTrial) -> bool:
    return all(contains(trial.distributions[name], value) for name, value in trial.params.items())


def continuous_names(trials: Sequence[FrozenTrial]) -> list[str]:
    """List the parameters that are floats without a step."""
    return sorted(
        {
            name
            for trial in trials
            for name, d in trial.distributions.items()
            if isinstance(d, FloatDistribution) and d.step is None and not d.single()
        }
    )


def _log_n_values(distribution: BaseDistribution) -> float:
    try:
        n_values = n_possible_values(distribution)
    except TypeError:
        raise NoCertificateError(
            f"The values of {distribution!r} cannot be counted.", "Pass `n_configs`."
        ) from None
    if math.isinf(n_values):  # a float without a step
        return log_floats(*ends(distribution))
    return math.log(n_values)
