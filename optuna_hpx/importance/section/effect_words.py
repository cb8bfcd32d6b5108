"""What is sure of an effect, in a sentence: which values are better on average."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from optuna_hpx.canvas.claims import Claim, Sentence
from optuna_hpx.canvas.words import distinct, listing
from optuna_hpx.importance.section.kinds import AnswerKind

if TYPE_CHECKING:
    from optuna_hpx.importance import MarginalEffect

__all__ = ["describe_effect", "effect_sentence"]

_MAX_LISTED = 6  # choices


def describe_effect(effect: MarginalEffect) -> str:
    """Say which values are better on average, as far as all pairs of values are sure at once."""
    return effect_sentence(effect).text


def effect_sentence(effect: MarginalEffect) -> Sentence:
    """Make the sentence on an effect, and say of which values nothing is known."""
    sentence = _on_values(effect)
    return Sentence(" ".join([sentence.text, *_on_limits(effect)]), sentence.claims)


def _on_limits(effect: MarginalEffect) -> Iterator[str]:
    """Say which values are not looked at."""
    if effect.unseen:
        texts = distinct((*effect.values, *effect.unseen), _write)[len(effect.values) :]
        yield f"No complete trial had {listing(texts)}: nothing is known of that."
    if effect.limits:
        low, high = (_write(end) for end in effect.limits)
        yield f"This is for values from {low} to {high}: some trials had another range."


def _on_values(effect: MarginalEffect) -> Sentence:
    """Make the sentence on the values that were looked at."""
    if len(effect.values) == 1 and effect.unseen:
        return Sentence("Complete trials had only one value.")
    if len(effect.values) == 1:
        return Sentence("It has only one value.")
    if not effect.is_better.any():
        text = "Not enough is seen to call any value better on average than another."
        return Sentence(text, (Claim(AnswerKind.NOT_SEEN, (effect.name,)),))
    if not effect.is_numeric:
        return _claim_best(effect, _describe_choices(effect))
    best = np.flatnonzero(effect.may_be_best)
    n, first, last = len(effect.values), int(best[0]), int(best[-1])
    if first == 0 and last < n - 1 and _goes_one_way(effect, np.arange(last, n)):
        return _lean(effect, AnswerKind.LOWER, last, has_rest=last > 0)
    if last == n - 1 and first > 0 and _goes_one_way(effect, np.arange(first, -1, -1)):
        return _lean(effect, AnswerKind.HIGHER, first, has_rest=first < n - 1)
    if (first, last) == (0, n - 1):
        return _claim_worse(effect)
    return _claim_best(effect, _describe_range(effect, first, last))


def _describe_range(effect: MarginalEffect, first: int, last: int) -> str:
    """Say between which values the best one lies.

    Values of a continuous parameter stand for parts of its range: the best one may be anywhere in
    these, so of the first and of the last up to the end of the range.
    """
    best, is_last = "The best value on average lies somewhere", last == len(effect.values) - 1
    if first == last and (effect.has_all_values or (first > 0 and not is_last)):
        return f"Around {_write(effect.values[first])} is best on average."
    if effect.has_all_values:
        low, high = (_write(effect.values[k]) for k in (first, last))
        return f"{best} between about {low} and {high}; others are worse."
    if first == 0:
        return f"{best} below about {_write(_edge(effect, last))}; higher ones are worse."
    low = _write(_edge(effect, first - 1))
    if is_last:
        return f"{best} above about {low}; lower ones are worse."
    return f"{best} between about {low} and {_write(_edge(effect, last))}; others are worse."


def _edge(effect: MarginalEffect, k: int) -> float:
    """Return where the part of the range that the k-th value stands for ends."""
    one, other = (float(value) for value in effect.values[k : k + 2])
    return float(np.sqrt(one * other)) if effect.is_log else (one + other) / 2


def _claim_best(effect: MarginalEffect, text: str, *more: Claim) -> Sentence:
    """Make a sentence that calls all values worse but those that may be the best."""
    places = tuple(map(float, np.flatnonzero(effect.may_be_best)))
    return Sentence(text, (Claim(AnswerKind.BEST_VALUES, (effect.name,), places), *more))


def _claim_worse(effect: MarginalEffect) -> Sentence:
    """Make the sentence where both ends, but not all between them, may be the best."""
    worse = np.flatnonzero(~effect.may_be_best)
    if effect.is_better[[0, -1]][:, worse].any(axis=0).all():
        text = "Some values in between are worse on average than those at one end or at both."
        places = tuple(map(float, worse))
        return _claim_best(effect, text, Claim(AnswerKind.ENDS_BETTER, (effect.name,), places))
    text = "Some values are worse on average than others; which ones are best is not told."
    return _claim_best(effect, text)


def _lean(effect: MarginalEffect, kind: AnswerKind, k: int, *, has_rest: bool) -> Sentence:
    """Say that one side is better, up to a value beyond which nothing is sure."""
    is_lower = kind is AnswerKind.LOWER
    text = f"{'Lower' if is_lower else 'Higher'} is better on average"
    if has_rest:
        way, beyond = ("down", "below") if is_lower else ("up", "above")
        value = _write(effect.values[k])
        text += f", {way} to about {value}; {beyond} it not enough is seen to tell."
    elif effect.has_all_values:
        text += ", to the end of the range."
    else:
        extreme = "lowest" if is_lower else "highest"
        text += f", to the {extreme} of {len(effect.values)} parts of the range."
    return _claim_best(effect, text, Claim(kind, (effect.name,), (float(k),)))


def _goes_one_way(effect: MarginalEffect, places: np.ndarray) -> bool:
    """Tell whether the values surely get worse from each third of ``places`` to the next."""
    sign = 1.0 if effect.direction == "minimize" else -1.0
    if (np.diff(sign * effect.effect[places]) < 0.0).any():
        return False
    stops = places[np.linspace(0, len(places) - 1, min(len(places), 3)).round().astype(int)]
    return bool(effect.is_better[stops[:-1], stops[1:]].all())


def _describe_choices(effect: MarginalEffect) -> str:
    texts = distinct(effect.values, _write)
    best = [texts[k] for k in np.flatnonzero(effect.may_be_best)]
    if len(best) == 1:
        return f"{best[0]} is best on average."
    worse = [texts[k] for k in np.flatnonzero(~effect.may_be_best)]
    if len(worse) > _MAX_LISTED:
        return f"{len(worse)} of the {len(effect.values)} choices are not the best on average."
    verb = "is" if len(worse) == 1 else "are"
    return f"{listing(worse)} {verb} not the best on average; the others are not told apart."


def _write(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
