"""Who the trials are: independent random draws, points of a grid, or the choices of a sampler.

Whatever is said of a study with a p-value or an interval rests on independent draws, so this is
found out in one place and asked there by all. What speaks, the strongest first:

- marks that samplers leave on trials (:mod:`optuna_hpx.trials.marks`), in a storage or in the
  columns ``system_attrs_*`` of Optuna's own data frame;
- the study's sampler, as far as trials without a mark can be its (:class:`Drawer`);
- the trials themselves: their order, their combinations, values that occur again, and whether
  they lie evenly in their domains. Random draws are called a choice in at most 2 % of studies.

A mark is certain. The others are judged together: trials that contradict the sampler are not
taken for its draws. Of trials of which nothing is known and too few to tell, nothing is claimed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
from optuna.samplers import BaseSampler
from optuna.trial import TrialState

from optuna_hpx.trials import marks, storage
from optuna_hpx.trials.drawer import Drawer, drawer_of
from optuna_hpx.trials.evidence import judge
from optuna_hpx.trials.frames.special import ORIGIN, ORIGINS
from optuna_hpx.trials.repeats import repeated_rows
from optuna_hpx.trials.table import INACTIVE, TrialTable

if TYPE_CHECKING:
    from optuna.study import Study

__all__ = ["Kind", "Sampling", "sampling_of"]

Kind: TypeAlias = Literal["independent", "even", "mixed", "adaptive", "unknown"]

ENQUEUED = "enqueued"
"""The reason against a trial that somebody, and no sampler, chose."""

AFTER_STARTUP = "after the start-up trials of"
"""How the reason begins where only the place of a trial in the study speaks against it."""

_CHOSEN = "chosen by an adaptive sampler or by evolution"
_BRED = "bred from an earlier one in a population"
_NOT_RANDOM = "in an order, at places or in combinations that random draws do not have"
_OF_OTHER = "of {}, which is not known to draw independent trials"
_GRID = "on a grid"
_SEQUENCE = "of a quasi-random sequence or a grid"
_BY_HAND = "of no duration, as if added by hand"
_UNKNOWN = "of a sampler that is not known"
_REPEATED = "with all values of an earlier trial, as of workers with one seed"
_RETRIED = "lost, and tried again in another trial"

_DRAWN = ""
_REASONS = dict(
    zip(ORIGINS, (_DRAWN, _SEQUENCE, _CHOSEN, _UNKNOWN, _REPEATED, _RETRIED), strict=True)
)
_EVEN = (_GRID, _SEQUENCE)
_OPEN = (_UNKNOWN, _BY_HAND)


@dataclass(frozen=True, eq=False)
class Sampling:
    """Who the trials of a table are.

    Attributes:
        kind: Of the COMPLETE trials that are neither repeated nor retried: ``"independent"``
            random draws; ``"even"``: at least some are points of a grid or of a quasi-random
            sequence, and none was chosen; ``"mixed"``: draws among trials that were chosen;
            ``"adaptive"``: all were chosen; ``"unknown"``: nothing speaks against independent
            draws, but they are too few, or of too few values, to tell.
        basis: How that is known, in a sentence.
        reasons: (N,) why each trial is no independent random draw; "" if it is one.
        is_certain: Whether marks, or the user, say who the trials are, and no look at them.
    """

    kind: Kind
    basis: str
    reasons: tuple[str, ...]
    is_certain: bool

    @property
    def independent(self) -> np.ndarray:
        """(N,) which trials are independent random draws."""
        return np.array([not reason for reason in self.reasons], dtype=bool)

    @property
    def origins(self) -> list[str]:
        """(N,) the same in one word each: as in :meth:`TrialTable.to_frame`."""
        return [_word(reason) for reason in self.reasons]

    @property
    def repeated(self) -> np.ndarray:
        """(N,) which trials have the values of an earlier one, though their domain is large."""
        return self._is(_REPEATED)

    @property
    def retried(self) -> np.ndarray:
        """(N,) which trials were lost with their machine and tried again in another trial."""
        return self._is(_RETRIED)

    @property
    def is_new(self) -> np.ndarray:
        """(N,) which trials are evidence of their own: neither repeated nor retried."""
        return ~(self.repeated | self.retried)

    @property
    def unknown(self) -> np.ndarray:
        """(N,) which trials bear no mark, and may be random draws or a sampler's choice."""
        return self._is(_UNKNOWN)

    def _is(self, reason: str) -> np.ndarray:
        return np.array([other == reason for other in self.reasons], dtype=bool)


def sampling_of(study: Study | TrialTable, sampler: BaseSampler | None = None) -> Sampling:
    """Find out who the trials of a study are.

    Args:
        study: The study, or its table.
        sampler: What drew the trials that bear no mark, if the user is certain of it: its word
            is taken. None: the study's own, as far as the trials do not contradict it.

    Returns:
        The result; of a table it is kept, so that asking again costs nothing. O(N d), and a
        tenth of a second or two for looking.
    """
    table = TrialTable.of(study)
    drawer = table.drawer if sampler is None else drawer_of(sampler, len(table.directions))
    key = ("sampling", drawer, sampler is not None)
    if key not in table.memo:
        table.memo[key] = _find(table, drawer, is_told=sampler is not None)
    result: Sampling = table.memo[key]
    return result


def _find(table: TrialTable, drawer: Drawer | None, *, is_told: bool) -> Sampling:
    if not len(table):
        return Sampling("unknown", "There are no trials.", (), is_certain=False)
    if drawer is not None and drawer.leaves_marks and not _has_common_parameter(table):
        drawer = replace(drawer, leaves_marks=False)
    reasons = _by_marks(table)
    is_unmarked = reasons == _UNKNOWN
    reasons[_repeated(table, reasons)] = _REPEATED
    rows = np.flatnonzero(reasons == _UNKNOWN)
    answer = _Answer(_UNKNOWN, "Marks that samplers leave say so.", is_certain=True)
    if len(rows):
        unmarked = _Unmarked(table, rows, drawer)
        answer = unmarked.by_word() if is_told else unmarked.by_look()
        reasons[rows] = answer.reasons
        returns = np.flatnonzero(is_unmarked & (reasons == _REPEATED))
        reasons[returns] = replace(unmarked, rows=returns).of_repeats(answer)
    is_certain = is_told or answer.is_certain
    return Sampling(_kind(table, reasons), answer.basis, tuple(reasons.tolist()), is_certain)


def _has_common_parameter(table: TrialTable) -> bool:
    """Tell whether all trials that a sampler learns from have some parameter in common.

    If not, one parameter is chosen after the other, and no sampler leaves a mark. One trial that
    was pruned before it asked for a parameter is enough.
    """
    counted = np.isin(table.states, (TrialState.COMPLETE, TrialState.PRUNED))
    if not counted.any():
        return True
    regimes = (column.regime[counted] for column in table.columns.values())
    return any(bool((codes == codes[0]).all() and codes[0] != INACTIVE) for codes in regimes)


def _repeated(table: TrialTable, reasons: np.ndarray) -> np.ndarray:
    """Return the rows that have all values of an earlier one, beyond chance among draws."""
    rows = np.flatnonzero(np.isin(reasons, (_DRAWN, _UNKNOWN, _GRID)))
    return repeated_rows(table, rows)


def _by_marks(table: TrialTable) -> np.ndarray:
    """Return (N,) what marks say of each trial."""
    reasons = np.full(len(table), _UNKNOWN, dtype=object)
    if table.attributes:
        reasons[:] = [_by_mark(attributes) for attributes in table.attributes]
    is_lost = table.states == TrialState.FAIL
    if is_lost.any():
        lost = {n for attributes in table.attributes for n in marks.retried_numbers(attributes)}
        is_lost &= np.isin(table.numbers, list(lost))
    reasons[is_lost] = _RETRIED
    return reasons


def _by_mark(attributes: Mapping[str, Any]) -> str:
    """Return what the marks of a trial say; that its sampler is not known if it has none."""
    if not attributes:
        return _UNKNOWN
    if (origin := attributes.get(ORIGIN)) is not None:
        return _REASONS[origin]
    if marks.is_enqueued(attributes):
        return ENQUEUED
    if storage.read(attributes, storage.RANDOM):
        return _DRAWN
    if segment := storage.read(attributes, storage.SEGMENT):
        return _DRAWN if segment.get("parent") is None else _BRED
    if marks.is_chosen(attributes):
        return _CHOSEN
    if marks.is_even(attributes):
        return _GRID
    return _DRAWN if marks.is_first_generation(attributes) else _UNKNOWN


@dataclass(frozen=True)
class _Answer:
    """Why trials without a mark are no draws: one reason, or (rows,); and how that is known."""

    reasons: str | np.ndarray
    basis: str
    is_certain: bool = False


@dataclass(frozen=True)
class _Unmarked:
    """Trials without a mark.

    Attributes:
        table: All trials.
        rows: Those without a mark.
        drawer: The study's sampler, or the one that the user names.
    """

    table: TrialTable
    rows: np.ndarray
    drawer: Drawer | None

    def by_word(self) -> _Answer:
        """Take the sampler's word."""
        drawer = self.drawer
        if drawer is None:
            return _Answer(_UNKNOWN, "Nothing is known of the sampler.")
        if drawer.kind == "random":
            return _Answer(_DRAWN, f"They are taken as draws of {drawer.name}.")
        if drawer.kind == "even":
            return _Answer(_SEQUENCE, f"They are taken as points of {drawer.name}.")
        if drawer.kind == "other":
            return _Answer(_OF_OTHER.format(drawer.name), f"{drawer.name} is not known to us.")
        basis = f"They are taken as trials of {drawer.name}, whose first ones are draws."
        return _Answer(self._by_place(drawer), basis)

    def by_look(self) -> _Answer:
        """Take the sampler's word as far as the trials do not contradict it."""
        drawer = self.drawer
        if drawer is not None and drawer.kind == "learning":
            return self._of_learner(drawer)
        is_vouched = drawer is not None and drawer.kind == "random"
        verdict = judge(self.table, self.rows, is_vouched=is_vouched)
        if verdict.kind == "adaptive":
            return _Answer(_NOT_RANDOM, verdict.basis)
        if verdict.kind == "even":
            return _Answer(_SEQUENCE, verdict.basis)
        if drawer is not None and drawer.kind != "other":
            word = self.by_word()
            return replace(word, basis=f"{word.basis} {verdict.basis}")
        if verdict.kind == "independent" and drawer is None:
            return _Answer(_DRAWN, verdict.basis)
        return replace(self.by_word(), basis=verdict.basis)

    def of_repeats(self, answer: _Answer) -> np.ndarray:
        """Return the reasons (rows,) against trials that repeat others, of which this is known.

        A sampler that learns comes back to its favourites: such trials are its choice, and no
        copies. Of the trials that it drew before it learnt they are.
        """
        if isinstance(answer.reasons, str):
            reasons = np.full(len(self.rows), answer.reasons, dtype=object)
            is_choice = ~np.isin(reasons, (_DRAWN, *_EVEN, *_OPEN))
        elif self.drawer is not None and not self.drawer.leaves_marks:
            reasons = self._by_place(self.drawer)
            is_choice = np.array([str(reason).startswith(AFTER_STARTUP) for reason in reasons])
        else:  # they are not this sampler's, but of what drew the others without a mark
            reasons = np.full(len(self.rows), _NOT_RANDOM, dtype=object)
            is_choice = np.full(len(self.rows), _NOT_RANDOM in answer.reasons.tolist())
        return np.where(is_choice, reasons, _REPEATED).astype(object)

    def _of_learner(self, drawer: Drawer) -> _Answer:
        """Judge trials that a sampler may have drawn before it learnt, and others without a mark.

        Those that were added by hand are not its own, nor are those without a mark that came later
        if it marks what it chooses: they are judged as they look.
        """
        reasons = self._by_place(drawer)
        is_first = reasons == _DRAWN
        first = judge(self.table, self.rows[is_first])
        if first.kind == "adaptive":
            return _Answer(_NOT_RANDOM, first.basis)
        is_foreign = ~is_first if drawer.leaves_marks else reasons == _BY_HAND
        if not is_foreign.any():
            return self.by_word()
        is_judged = is_first | is_foreign if drawer.leaves_marks else is_foreign
        verdict = judge(self.table, self.rows[is_judged])
        if verdict.kind in ("independent", "even"):
            reasons[is_judged] = _DRAWN if verdict.kind == "independent" else _SEQUENCE
        elif verdict.kind == "adaptive":
            reasons[is_foreign] = _NOT_RANDOM
        else:
            reasons[is_foreign & (reasons != _BY_HAND)] = _UNKNOWN
        return _Answer(reasons, verdict.basis)

    def _by_place(self, drawer: Drawer) -> np.ndarray:
        """Return the reasons (rows,) against trials that started when the sampler had learnt.

        A trial is mostly drawn soon after it starts: what counts is how many had ended then. One
        that has no duration, as ``create_trial`` makes them, was added by whoever chose its
        values.
        """
        table = self.table
        counted = table.states == TrialState.COMPLETE
        if drawer.counts_pruned:
            counted |= table.states == TrialState.PRUNED
        started, ended = table.started[self.rows], table.ended
        n_before = np.searchsorted(np.sort(ended[counted]), started, side="right")
        is_by_hand = started == ended[self.rows]
        is_late = n_before >= drawer.n_startup
        late = f"{AFTER_STARTUP} {drawer.name}"
        return np.select([is_by_hand, is_late], [_BY_HAND, late], _DRAWN).astype(object)


def _word(reason: str) -> str:
    """Sum a reason up in one of the words of a frame."""
    if reason in _EVEN:
        return "even"
    if reason in _OPEN:
        return "unknown"
    return next((word for word, other in _REASONS.items() if other == reason), "chosen")


def _kind(table: TrialTable, reasons: np.ndarray) -> Kind:
    """Sum up the COMPLETE trials that are evidence of their own."""
    counted = reasons[(table.states == TrialState.COMPLETE)]
    counted = counted[~np.isin(counted, (_REPEATED, _RETRIED))]
    is_drawn, is_even = counted == _DRAWN, np.isin(counted, _EVEN)
    is_open = np.isin(counted, _OPEN)
    if not len(counted):
        return "unknown"
    if (is_drawn | is_even).all():
        return "even" if is_even.any() else "independent"
    if (is_drawn | is_even | is_open).all():
        return "unknown"
    return "mixed" if is_drawn.any() else "adaptive"
