"""What a child learns from, and what proposes its hyperparameters from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from optuna.samplers import BaseSampler

from optuna_hpx.population._proposals import PrivateStudy, RankedProposals
from optuna_hpx.population.maths import genealogy

if TYPE_CHECKING:
    from optuna_hpx.population._run import Run
    from optuna_hpx.population._segment import Segment, Task

__all__ = ["proposals_for"]

_LONGEST = 200  # segments that our own proposals learn from, in whole generations


def proposals_for(
    run: Run, task: Task, trial_id: int, rng: np.random.Generator
) -> PrivateStudy | RankedProposals | None:
    """Return what proposes hyperparameters: the run's sampler, or our own; None without history.

    Args:
        run: The run.
        task: What is to be trained.
        trial_id: Of the trial that trains it, from which nothing is to be learnt.
        rng: Source of randomness of our own proposals.
    """
    if run.sampler is None:
        return _own_proposals(run, task, rng)
    sampler = run.sampler
    if not isinstance(sampler, BaseSampler):
        sampler = sampler(seed=task.seed)
    claims = [claims[0] for claims in run.ledger.claimed.values()]
    running = [segment for segment in claims if segment.trial_id != trial_id]
    generation, place = task.slot
    published = _published(run, 0, generation)
    relatives = [*_related(run, published, task.parent), *_related(run, running, task.parent)]
    trials = sorted((segment.trial for segment in relatives), key=lambda trial: trial.number)
    # A point of its own for each slot, whoever trains it and however often.
    index = generation * run.settings.population_size + place
    return PrivateStudy(sampler, run.study.direction, trials, index)


def _own_proposals(run: Run, task: Task, rng: np.random.Generator) -> RankedProposals | None:
    """Learn from the last generations.

    If the history is shared, from earlier ones than the child's only: proposals then do not
    depend on how many workers there are, or which is faster.
    """
    generation = task.slot[0]
    first = max(0, generation - max(1, _LONGEST // run.settings.population_size))
    last = generation - 1 if run.settings.history == "shared" else generation
    relatives = _related(run, _published(run, first, last), task.parent)
    return RankedProposals(relatives, generation, rng) if relatives else None


def _published(run: Run, first: int, last: int) -> list[Segment]:
    """Return the published segments of generations ``first`` to ``last``, by slot."""
    return [s for generation in range(first, last + 1) for s in run.ledger.generation(generation)]


def _related(run: Run, segments: list[Segment], parent: Segment | None) -> list[Segment]:
    """Return those of ``segments`` that a child of ``parent`` learns from."""
    if run.settings.history == "shared" or not segments:
        return segments
    line = [] if parent is None else run.ledger.lineage(parent)
    parents = [-1 if segment.parent is None else segment.parent for segment in segments]
    is_relative = genealogy.relatives(
        np.array(parents, dtype=int),
        np.array([ancestor.number for ancestor in line], dtype=int),
        run.settings.history,
    )
    return [s for s, related in zip(segments, is_relative.tolist(), strict=True) if related]
