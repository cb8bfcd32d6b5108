"""What failed or was pruned: how much of it, with which messages, and at which values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

import numpy as np
from optuna.trial import TrialState

from optuna_hpx.canvas.claims import Claim, Sentence, prose
from optuna_hpx.canvas.section import Action, Section, TextTable, Urgency
from optuna_hpx.canvas.words import count, listing, percent
from optuna_hpx.statistics.contrast import Contrast, contrast
from optuna_hpx.trials.in_vain import failure_message, in_vain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from optuna.trial import FrozenTrial

    from optuna_hpx.trials.columns import Column
    from optuna_hpx.trials.table import TrialTable

__all__ = ["FailureKind", "failure_sections", "failure_sentences"]

_A_FEW = 5  # trials: of fewer no pattern can be told
_MANY = 0.05  # share of failed trials from which on to look into them is advised
_LEVEL = 0.01  # strict: marks and values that both drift within a block leave some chance
_MAX_MESSAGES = 5
_MAX_LENGTH = 160  # characters of a message
_MOST_TRIALS = 5000  # of more every k-th is looked at: permutations of all take long
_WORDS = ("error", "exception", "traceback", "fail_reason", "failure", "reason", "message")
_STATES = ((TrialState.FAIL, "failed"), (TrialState.PRUNED, "pruned"))


class FailureKind(Enum):
    """A kind of claim on trials that came to no value. Its value says what makes it true."""

    DIFFERS = "whether a trial fails, or is pruned, has to do with the parameter"
    NO_DIFFERENCE = "always: nothing is claimed"


@dataclass(frozen=True, eq=False)
class _Kind:
    """Trials of one state beside the others."""

    word: str
    n: int
    n_all: int
    names: tuple[str, ...]
    differences: Contrast

    @property
    def differing(self) -> list[int]:
        return [k for k, p in enumerate(self.differences.p_values) if p < _LEVEL]


def failure_sections(table: TrialTable, seed: int = 0) -> list[Section]:
    """Make the section on trials that failed or were pruned; none where these were a few."""
    table = _begun(table)
    kinds = list(_kinds(table, seed))
    if not kinds:
        return []
    messages = _messages(table)
    sentences = [sentence for kind in kinds for sentence in _sentences(table, kind)]
    failed = [kind for kind in kinds if kind.word == "failed"]
    return [
        Section(
            f"What {' or was '.join(kind.word for kind in kinds)}"
            if failed
            else "What was pruned",
            answer=prose(sentences),
            tables=(_table_of(messages),) if messages else (),
            verdict=prose(_sentences(table, failed[0])) if failed else "",
            actions=_actions(failed[0], messages) if failed else (),
            how_to_read=(
                f"Values{_of_which(table)} are compared within blocks of ten in a row, by "
                f"permutation, at a level of {percent(_LEVEL)} for all parameters together. "
                "A parameter that is named may be the cause, or go along with it."
            ),
            key="failures",
            data={
                "messages": [{"text": text, "n": n} for text, n in messages],
                **{kind.word: _data(kind) for kind in kinds},
            },
        )
    ]


def failure_sentences(table: TrialTable, seed: int = 0) -> list[Sentence]:
    """Make the sentences on trials that failed or were pruned."""
    table = _begun(table)
    return [s for kind in _kinds(table, seed) for s in _sentences(table, kind)]


def _begun(table: TrialTable) -> TrialTable:
    """Leave out what was begun in vain: that is no failure."""
    is_idle = in_vain(table)
    return table.take(np.flatnonzero(~is_idle)) if is_idle.any() else table


def _kinds(table: TrialTable, seed: int) -> Iterator[_Kind]:
    """Compare failed trials with all others, and pruned ones with those that were not."""
    for state, word in _STATES:
        among = np.ones(len(table), dtype=bool)
        if state == TrialState.PRUNED:
            among = table.states != TrialState.FAIL
        rows = np.flatnonzero(among)
        is_marked = np.asarray(table.states[rows] == state)
        if not _A_FEW <= is_marked.sum() < len(rows):
            continue
        n, n_all = int(is_marked.sum()), len(rows)
        step = -(-len(rows) // _MOST_TRIALS)
        columns = [column for column in table.columns.values() if column.has_one_domain]
        differences = contrast(
            [column.values[rows[::step]] for column in columns],
            [column.is_categorical for column in columns],
            is_marked[::step],
            seed=seed,
        )
        yield _Kind(word, n, n_all, tuple(column.name for column in columns), differences)


def _sentences(table: TrialTable, kind: _Kind) -> Iterator[Sentence]:
    """Say how many there are, and in which parameters they differ from the others."""
    of_which = "that did not fail " if kind.word == "pruned" and _has_failed(table) else ""
    verb = "was" if kind.n == 1 else "were"
    did = "failed" if kind.word == "failed" else f"{verb} pruned"
    share = percent(kind.n / kind.n_all)
    yield Sentence(f"Of {count(kind.n_all, 'trial')} {of_which}{kind.n:,} {did} ({share}).")
    if not kind.names:
        return
    if not kind.differing:
        scope = "" if len(kind.names) == len(table.columns) else " that all trials have"
        text = f"No parameter{scope} is shown to have to do with which trials {did}."
        yield Sentence(text, (Claim(FailureKind.NO_DIFFERENCE),))
        return
    parts = [
        _difference(table.columns[kind.names[k]], kind.differences, k) for k in kind.differing
    ]
    claims = tuple(Claim(FailureKind.DIFFERS, (kind.names[k],)) for k in kind.differing)
    text = f"More often than by chance these had {listing(parts)} ({percent(1.0 - _LEVEL)} sure)."
    yield Sentence(text, claims)


def _of_which(table: TrialTable) -> str:
    """Say which trials are compared, if not all."""
    step = -(-len(table) // _MOST_TRIALS)
    return "" if step == 1 else f" of about one trial in {step}"


def _has_failed(table: TrialTable) -> bool:
    return bool((table.states == TrialState.FAIL).any())


def _difference(column: Column, differences: Contrast, k: int) -> str:
    """Say which values of a parameter the trials had more often."""
    is_more = differences.sign[k] > 0
    if not column.is_categorical:
        return f"{'larger' if is_more else 'smaller'} values of {column.name}"
    value = column.distributions[0].to_external_repr(float(differences.place[k]))
    return f"{column.name} {'=' if is_more else 'other than'} {value}"


def _messages(table: TrialTable) -> list[tuple[str, int]]:
    """Count the messages of failed trials, the most frequent first; none of a bare table."""
    if not table.trials:
        return []
    rows = np.flatnonzero(table.states == TrialState.FAIL)
    texts = Counter(text for text in table.map(_message, rows) if text)
    return texts.most_common()


def _message(trial: FrozenTrial) -> str:
    """Read the first line of a message that the user, or Optuna, left with a trial."""
    if message := failure_message(trial):
        return message.splitlines()[0][:_MAX_LENGTH]
    for attributes in (trial.user_attrs, trial.system_attrs):
        for word in _WORDS:
            for name, value in attributes.items():
                if word in name.lower() and isinstance(value, str) and value.strip():
                    lines = value.strip().splitlines()
                    line = lines[-1] if lines[0].startswith("Traceback") else lines[0]
                    return line[:_MAX_LENGTH]
    return ""


def _table_of(messages: Sequence[tuple[str, int]]) -> TextTable:
    shown = messages[:_MAX_MESSAGES]
    more = f" ({len(shown)} of {len(messages):,})" if len(messages) > len(shown) else ""
    return TextTable(
        f"Messages of failed trials{more}, and how many had them",
        head=("message", "trials"),
        rows=tuple((text, f"{n:,}") for text, n in shown),
        numeric=frozenset({1}),
        has_long_heads=True,
    )


def _actions(kind: _Kind, messages: Sequence[tuple[str, int]]) -> tuple[Action, ...]:
    """Offer to look into failures where there are many."""
    if kind.n < _MANY * kind.n_all:
        return ()
    reason = f"{count(kind.n, 'trial')} of {kind.n_all:,} came to no value."
    if messages:
        text, n = messages[0]
        reason += f" The message of {n:,} is “{text}”."
    if kind.differing:
        names = [kind.names[k] for k in kind.differing]
        reason += f" It may have to do with {listing(names)}."
    return (
        Action(
            "Look into the failures first.",
            reason,
            "The count is certain.",
            Urgency.MEND,
            code="[t.number for t in study.trials if t.state.name == 'FAIL']",
        ),
    )


def _data(kind: _Kind) -> dict[str, Any]:
    return {
        "n": kind.n,
        "n_all": kind.n_all,
        "names": list(kind.names),
        "p_values_familywise": kind.differences.p_values.tolist(),
    }
