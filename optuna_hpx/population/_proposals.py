"""Where a child's hyperparameters come from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.samplers import BaseSampler, RandomSampler

from optuna_hpx.population._private import private_study
from optuna_hpx.population.maths import ranked_parzen
from optuna_hpx.population.maths.plan import Kind
from optuna_hpx.trials import domain, storage
from optuna_hpx.trials.marks import advance_sequence

if TYPE_CHECKING:
    from optuna.study import Study, StudyDirection
    from optuna.trial import FrozenTrial, Trial

    from optuna_hpx.population._segment import Segment

__all__ = ["PrivateStudy", "RankedProposals", "SegmentSampler", "from_unit", "to_unit"]


class Proposals(Protocol):
    """What proposes hyperparameters that do not come from the parent."""

    def suggest(self, name: str, dist: BaseDistribution) -> Any:
        """Return a value; None if there is none for this parameter."""

    @property
    def fallback(self) -> Any:
        """What the sampler stored of not having chosen as it should; None if it did."""


class SegmentSampler(BaseSampler):
    """Samples for one segment at a time, which :meth:`use` names."""

    def __init__(self) -> None:
        self.use(Kind.ROOT, {}, None, np.random.default_rng(0))

    def use(
        self,
        kind: Kind,
        inherited: dict[str, Any],
        proposals: Proposals | None,
        rng: np.random.Generator,
    ) -> None:
        """Sample for another segment from now on.

        Args:
            kind: Where its hyperparameters come from.
            inherited: Those of its parent.
            proposals: Of other values; None for random ones.
            rng: Source of randomness.
        """
        self._kind, self._inherited, self._proposals, self._rng = kind, inherited, proposals, rng

    def infer_relative_search_space(
        self, study: Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        """Return nothing: parameters are sampled one by one."""
        return {}

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """Return nothing: parameters are sampled one by one."""
        return {}

    def sample_independent(
        self,
        study: Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:
        """Return the parent's value, one near it, a proposed one, or else a random one."""
        x = self._inherit(param_name, param_distribution)
        if x is not None and self._kind == Kind.CONTINUE:
            value = self._inherited[param_name]
            is_possible = domain.contains(param_distribution, value)
            return value if is_possible else from_unit(param_distribution, x)
        if x is not None and self._kind == Kind.VARY:
            n_choices = n_categories(param_distribution)
            return from_unit(param_distribution, ranked_parzen.vary(x, n_choices, self._rng))
        if self._proposals is not None:
            value = self._proposals.suggest(param_name, param_distribution)
            _store_fallback(study, trial, self._proposals.fallback)
            if value is not None:
                return value
        sampler = RandomSampler(seed=int(self._rng.integers(2**31)))
        return sampler.sample_independent(study, trial, param_name, param_distribution)

    def _inherit(self, name: str, dist: BaseDistribution) -> float | None:
        """Return the position of the parent's value, if it has one that is possible here."""
        if name not in self._inherited:
            return None
        return to_unit(dist, self._inherited[name])


def _store_fallback(study: Study, trial: FrozenTrial, fallback: Any) -> None:
    """Store with a trial what its sampler stored with the one in a study of its own."""
    if fallback is not None and storage.read(trial.system_attrs, storage.FALLBACK) is None:
        storage.write(study, trial, storage.FALLBACK, fallback)


class PrivateStudy:
    """What another sampler suggests in a study of its own.

    The sampler is used as Optuna uses it: with its own search space, relative sampling and all.

    Args:
        sampler: The sampler.
        direction: Of the objective.
        trials: From which it learns.
        index: Of the point that a sampler takes which walks along a sequence.
    """

    def __init__(
        self,
        sampler: BaseSampler,
        direction: StudyDirection,
        trials: Sequence[FrozenTrial],
        index: int,
    ) -> None:
        self._sampler, self._direction, self._trials = sampler, direction, trials
        self._index = index
        self._trial: Trial | None = None

    def suggest(self, name: str, dist: BaseDistribution) -> Any:
        """Return a value of the sampler's own trial, which begins with the first."""
        if self._trial is None:
            study = private_study(self._direction, self._trials, self._sampler)
            self._trial = study.ask()
            # Drawn where it is read; in a new study, from the beginning of the sequence.
            if self._trial.relative_params and advance_sequence(study, self._index):
                self._trial = study.ask()
        if isinstance(dist, FloatDistribution):
            return self._trial.suggest_float(
                name, dist.low, dist.high, step=dist.step, log=dist.log
            )
        if isinstance(dist, IntDistribution):
            return self._trial.suggest_int(name, dist.low, dist.high, step=dist.step, log=dist.log)
        assert isinstance(dist, CategoricalDistribution)
        return self._trial.suggest_categorical(name, dist.choices)

    @property
    def fallback(self) -> Any:
        """What the sampler stored with its own trial; None if nothing."""
        if self._trial is None:
            return None
        own = storage.get_trial(self._trial.study, storage.trial_id(self._trial))
        return storage.read(own.system_attrs, storage.FALLBACK)


class RankedProposals:
    """By :mod:`optuna_hpx.population.maths.ranked_parzen`, from segments of earlier generations.

    Parameters that were always active together are proposed together.

    Args:
        segments: From which to learn.
        generation: Of the child.
        rng: Source of randomness.
    """

    def __init__(
        self, segments: Sequence[Segment], generation: int, rng: np.random.Generator
    ) -> None:
        self._segments, self._rng = segments, rng
        generations = np.array([segment.generation for segment in segments], dtype=int)
        losses = np.array([segment.loss for segment in segments])
        self._scores = ranked_parzen.scores(losses, generations)
        self._weights = ranked_parzen.weights(generations, generation)
        self._proposed: dict[str, float] = {}

    @property
    def fallback(self) -> None:
        """None: there is nothing to fall back on."""
        return None

    def suggest(self, name: str, dist: BaseDistribution) -> Any:
        """Return a value; None if no segment had this parameter."""
        if name not in self._proposed:
            self._propose(name, dist)
        u = self._proposed.get(name)
        return None if u is None else from_unit(dist, u)

    def _propose(self, name: str, dist: BaseDistribution) -> None:
        """Propose a parameter and those that were active in the same segments."""
        active = self._activity(name)
        rows = [row for row, is_active in zip(self._segments, active, strict=True) if is_active]
        if not rows:
            return
        last = rows[-1].trial
        together = [
            other
            for other in sorted(last.params)  # a storage may give them in any order
            if other not in self._proposed and self._activity(other) == active
        ]
        space = {other: dist if other == name else last.distributions[other] for other in together}
        positions = [
            [to_unit(d, row.trial.params[other]) for other, d in space.items()] for row in rows
        ]
        x = np.array(positions, dtype=float)  # NaN where a value is no longer possible
        use = np.isfinite(x).all(1)
        if not use.any():
            return
        history = ranked_parzen.History(
            x[use],
            np.array([n_categories(d) for d in space.values()]),
            self._scores[active][use],
            self._weights[active][use],
        )
        u = ranked_parzen.propose(history, self._rng)
        self._proposed.update(zip(space, u.tolist(), strict=True))

    def _activity(self, name: str) -> list[bool]:
        return [name in segment.trial.params for segment in self._segments]


def n_categories(dist: BaseDistribution) -> int:
    """Return the number of choices, 0 for a number."""
    return len(domain.choices_of(dist))


def to_unit(dist: BaseDistribution, value: Any) -> float | None:
    """Return the position of a number, or the index of a choice; None if ``dist`` has neither."""
    x = domain.internal_value(dist, value)
    if x is None or n_categories(dist):
        return x
    return float(domain.position(dist, np.array(x)))


def from_unit(dist: BaseDistribution, u: float) -> Any:
    """Invert :func:`to_unit`; of a grid the value in whose cell ``u`` lies."""
    x = round(u) if n_categories(dist) else float(domain.value_at(dist, np.array(u)))
    return dist.to_external_repr(x)
