"""What all workers of a run must agree on, and the checks of a user's arguments."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from optuna.samplers import (
    BaseSampler,
    CmaEsSampler,
    GridSampler,
    NSGAIIISampler,
    NSGAIISampler,
    PartialFixedSampler,
    TPESampler,
)

from optuna_hpx import _checks
from optuna_hpx.population.maths import plan as plans

if TYPE_CHECKING:
    from optuna.study import Study

    from optuna_hpx.population.maths.plan import Plan

__all__ = ["PAPER", "SamplerSource", "Settings", "check_lease", "check_study", "checked_sampler"]

SamplerSource = BaseSampler | Callable[..., BaseSampler] | None
"""A sampler, what makes one when called with a seed, or None for our own proposals."""

_HISTORIES = ("shared", "lineage", "siblings")
_PLANS = ("annealed", "paper")
_KEEPS_NOTES = (
    CmaEsSampler,
    GridSampler,
    NSGAIISampler,
    NSGAIIISampler,
    PartialFixedSampler,
)
"""Samplers that go by notes in the trials they chose themselves."""


@dataclass(frozen=True)
class Settings:
    """The settings of a run. The first worker writes them into the study, the others adopt them.

    Attributes:
        population_size: Segments of a generation.
        n_generations: Segments from the first to the last of a model.
        sampler: Name of the sampler; None for our own proposals.
        history: What a proposal learns from.
        plan: Which plan of generations.
        ratio: Of the plan "paper".
        synchronous: Whether a generation begins when the one before is complete.
        max_attempts: How often a segment that raises is tried.
        seed: Of all that is random; None: any.
        run: A name that no other run has; empty before it began.
    """

    population_size: int
    n_generations: int
    sampler: str | None
    history: str
    plan: str
    ratio: float
    synchronous: bool
    max_attempts: int
    seed: int | None
    run: str = ""

    def __post_init__(self) -> None:
        # A plan lists its generations: a number beyond these would not come to an end.
        _checks.count("population_size", self.population_size, at_most=10**6)
        _checks.count("n_generations", self.n_generations, at_most=10**6)
        _checks.one_of("history", self.history, _HISTORIES)
        _checks.seed("seed", self.seed)
        _checks.one_of("plan", self.plan, _PLANS)
        _check_positive("ratio", self.ratio)
        if not isinstance(self.synchronous, bool):
            raise TypeError(f"`synchronous` must be True or False, got {self.synchronous!r}.")
        _checks.count("max_attempts", self.max_attempts)

    @property
    def record(self) -> dict[str, Any]:
        """What is written into the study, as JSON holds it."""
        counts = ("population_size", "n_generations", "max_attempts")
        record = asdict(self) | {name: int(getattr(self, name)) for name in counts}
        seed = None if self.seed is None else int(self.seed)
        return record | {"ratio": float(self.ratio), "seed": seed}

    def begun(self) -> Settings:
        """Return the settings with a name, and with a seed if there is none."""
        seed = self.seed
        if seed is None:
            seed = int(np.random.SeedSequence().entropy % 2**32)  # type: ignore[operator]
        return Settings(**self.record | {"run": uuid.uuid4().hex[:12], "seed": int(seed)})

    def difference(self, written: dict[str, Any]) -> str | None:
        """Return the first setting that is another in a study's record; None if all agree."""
        for name, value in self.record.items():
            is_free = name == "run" or (name == "seed" and value is None)
            if not is_free and value != written[name]:
                return name
        return None

    def make_plan(self) -> Plan:
        """Return the plan of generations."""
        if self.plan == "paper":
            return plans.paper(self.population_size, self.n_generations, self.ratio)
        return plans.annealed(self.population_size, self.n_generations)


def check_study(study: Study) -> None:
    """Raise if ``study`` is none, or has several objectives."""
    _checks.has("study", study, "get_trials", "a Study")
    if len(study.directions) > 1:
        raise ValueError(f"`study` must have one objective, got {len(study.directions)}.")


def check_lease(seconds: float) -> None:
    """Raise if ``lease_seconds`` is no positive number."""
    _check_positive("lease_seconds", seconds)


def _check_positive(name: str, value: float) -> None:
    _checks.finite(name, value)
    if value <= 0.0:
        raise ValueError(f"`{name}` must be positive, got {value!r}.")


def checked_sampler(sampler: SamplerSource) -> tuple[SamplerSource, str | None]:
    """Return the sampler and its name, which other workers must have, too.

    Raises:
        TypeError: If it is neither a sampler nor makes one.
        ValueError: If it is of a kind that cannot choose for children.
    """
    if sampler is None:
        return None, None
    example = _example(sampler)
    if not isinstance(example, BaseSampler):
        raise TypeError(
            f"`sampler` must be a sampler, a function of `seed` that makes one, or None, got "
            f"{sampler!r}."
        )
    if isinstance(example, _KEEPS_NOTES):
        raise ValueError(
            f"`sampler` must not be a {type(example).__name__}: it keeps notes in the trials that "
            "it chose itself, and a child's relatives are chosen by others."
        )
    return sampler, getattr(sampler, "__name__", type(sampler).__name__)


def _example(sampler: Any) -> Any:
    if isinstance(sampler, BaseSampler) or not callable(sampler):
        return sampler
    try:
        return sampler(seed=0)
    except TypeError as error:
        raise TypeError(
            f"`sampler`, if it is no sampler, must make one when called with seed=0: {error}."
        ) from error


def _tpe(seed: int) -> TPESampler:
    # Studies hold the name of this function: another name would be another setting.
    return TPESampler(n_startup_trials=1, seed=seed)


PAPER = {"sampler": _tpe, "history": "lineage", "plan": "paper"}
"""The arguments of :class:`GPBTScheduler` that make it that of the paper."""
