"""Cells: what the text in a column says, as numbers, truths, choices or nothing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["EXACT", "NUMERALS", "Typed", "read_cells", "short"]

NUMERALS = 10
"""Text of so many distinct numerals may be choices; more are numbers that were read as text."""
_RARE = 0.05
"""Words in at most this share of a column of numbers are faults of it and no choices."""
EXACT = 2**53
"""Below this every whole number is a float."""
_NOTHING = frozenset(["", "nan", "na", "n/a", "#n/a", "#na", "<na>", "nat", "-", "--", "\u2014"])
_NONE = frozenset(["none", "null"])
_TRUTHS = {"true": True, "false": False}
_HEX = re.compile(r"[0-9a-f]{7,64}")
_ZEROS = re.compile(r"0\d+")
_UNIT = re.compile(
    r"(?P<sign>[$\u20ac\u00a3]?)\s*"
    r"(?P<number>[-+]?[\d.,'\u00a0\u202f ]*\d(?:[eE][-+]?\d+)?)\s*"
    r"(?P<unit>%|[A-Za-z\u00b5]{1,6}(?:/[A-Za-z]{1,3})?)?"
)
_GROUPED = {
    ".": re.compile(r"[-+]?[1-9]\d{0,2}([,'\u00a0\u202f ])\d{3}(\1\d{3})*(\.\d+)?"),
    ",": re.compile(r"[-+]?[1-9]\d{0,2}([.'\u00a0\u202f ])\d{3}(\1\d{3})*(,\d+)?"),
}
_PLAIN = {
    ".": re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?"),
    ",": re.compile(r"[-+]?(\d+,?\d*|,\d+)([eE][-+]?\d+)?"),
}


@dataclass(frozen=True)
class Typed:
    """A column whose cells have types.

    Attributes:
        values: Numbers, truths, or choices; NaN for nothing, None for the choice None.
        has_none: Whether None is one of the choices.
        odd: Words that stood among numbers and cost their rows, with how many there were.
        unit: What stood behind all numbers, as "%".
        is_mixed: Whether so many words stood among the numbers that they may mean something.
    """

    values: pd.Series[Any]
    has_none: bool = False
    odd: Mapping[str, int] = field(default_factory=dict)
    unit: str = ""
    is_mixed: bool = False


def read_cells(column: pd.Series[Any], decimals: str = ".,") -> Typed:
    """Read text as what it says.

    Words in at most 5 % of a column of numbers, and any number of them where there are more than
    ten different numbers, cost their cells; else numbers and words are choices. ``None`` and
    ``null`` are the choice None among choices, and nothing among numbers.

    Args:
        column: Text, or text and numbers mixed.
        decimals: Decimal signs, the likely one first: for each column that is taken by which most
            of its cells are numbers.
    """
    import pandas as pd

    if decimals[0] == "." and (x := _plain_numbers(column)) is not None:
        return Typed(pd.Series(_whole_if_possible(x), index=column.index, name=column.name))
    counts = Counter(column.tolist()) if column.dtype.kind not in "iufb" else Counter()
    if not counts:
        return _drop_infinite(column)
    words: dict[Any, str] = _without_brackets({cell: _word(cell) for cell in counts})
    content = {cell: word for cell, word in words.items() if word.lower() not in _NOTHING | _NONE}
    has_none = any(word.lower() in _NONE for word in words.values())
    if content and all(word.lower() in _TRUTHS for word in content.values()):
        truths = {cell: _TRUTHS[word.lower()] for cell, word in content.items()}
        return _choices(column, words, truths, has_none)
    numbers, unit = _numbers(content, decimals)
    odd = {cell: n for cell, n in counts.items() if cell in content and cell not in numbers}
    n_said = sum(counts[cell] for cell in content)
    n_different = len(set(numbers.values()))
    is_rare = sum(odd.values()) <= _RARE * n_said
    are_few = n_different <= NUMERALS and (has_none or not is_rare)
    if not numbers or are_few or 2 * sum(odd.values()) > n_said:
        choices: dict[Any, Any] = content | {cell: short(x) for cell, x in numbers.items()}
        # As Python writes them: a truth among other choices, and not the word "true" of others.
        truths = {"True": True, "False": False}
        choices |= {cell: truths[word] for cell, word in content.items() if word in truths}
        return _choices(column, words, choices, has_none)
    nothing = {words[cell]: n for cell, n in counts.items() if words[cell].lower() in _NONE}
    lost = Counter(nothing)
    for cell, n in odd.items():
        lost[words[cell]] += n
    x = np.array([numbers.get(cell, np.nan) for cell in column.tolist()], dtype=float)
    values = pd.Series(_whole_if_possible(x), index=column.index, name=column.name)
    return Typed(values, False, dict(lost), unit, not is_rare)


def _plain_numbers(column: pd.Series[Any]) -> np.ndarray | None:
    """Return (n,) the numbers of a column that is full of nothing else, at once; else None."""
    import pandas as pd

    if column.empty or pd.api.types.infer_dtype(column, skipna=False) != "string":
        return None
    x = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    if not np.isfinite(x).all() or column.str.match(r"\s*0\d").any():
        return None
    return np.array(x)


def _word(cell: Any) -> str:
    if cell is None or (isinstance(cell, float) and np.isnan(cell)):
        return ""
    return "" if str(cell) == "<NA>" else str(cell).strip()


def _without_brackets(words: dict[Any, str]) -> dict[Any, str]:
    """Take off those of lists of one, as Hyperopt writes values, if all cells are such."""
    inner = {cell: word[1:-1].strip() for cell, word in words.items() if word}
    if any(not re.fullmatch(r"\[[^,\[\]]*\]", words[cell]) for cell in inner):
        return words
    return words | {cell: word.strip("'\"") for cell, word in inner.items()}


def short(number: float) -> float | int:
    """Return a whole number as an int."""
    return int(number) if number == int(number) else number


def _whole_if_possible(x: np.ndarray) -> np.ndarray:
    is_whole = bool((np.isfinite(x) & (x == np.round(x)) & (np.abs(x) < EXACT)).all())
    return x.astype(np.int64) if is_whole else x


def _drop_infinite(column: pd.Series[Any]) -> Typed:
    if column.dtype.kind != "f" or not np.isinf(column.to_numpy(dtype=float)).any():
        return Typed(column)
    lost = Counter(f"{x:g}" for x in column[np.isinf(column)].tolist())
    return Typed(column.where(np.isfinite(column)), odd=dict(lost))


def _choices(
    column: pd.Series[Any], words: Mapping[Any, str], content: Mapping[Any, Any], has_none: bool
) -> Typed:
    """Write the choices for the cells, in a column of objects: others turn None into NaN."""
    import pandas as pd

    choice_of = {
        cell: content[cell] if cell in content else None if word.lower() in _NONE else np.nan
        for cell, word in words.items()
    }
    cells = np.empty(len(column), dtype=object)
    cells[:] = [choice_of.get(cell, np.nan) for cell in column.tolist()]
    return Typed(pd.Series(cells, index=column.index, name=column.name, dtype=object), has_none)


def _numbers(words: Mapping[Any, str], decimals: str) -> tuple[dict[Any, float], str]:
    """Find the finite numbers among words, and the unit behind all of them."""
    texts = list(words.values())
    if _are_hashes(texts) or _are_padded(texts):
        return {}, ""
    best: tuple[dict[Any, float], str] = {}, ""
    for sign in decimals:
        plain = {cell: x for cell, word in words.items() if (x := _plain(word, sign)) is not None}
        unified = (plain, "") if len(plain) == len(words) else _with_units(words, sign)
        for candidate in ((plain, ""), unified):
            if len(candidate[0]) > len(best[0]):
                best = candidate
    return best


def _are_hashes(texts: Sequence[str]) -> bool:
    """Tell whether texts are hashes, of which 12345e7 might be a number, but others are not."""
    if not texts or len(set(map(len, texts))) > 1 or not all(map(_HEX.fullmatch, texts)):
        return False
    return any(_plain(text, ".") is None for text in texts)


def _are_padded(texts: Sequence[str]) -> bool:
    """Tell whether digits are names, as 00017: of one length, and some begin with 0."""
    if len(texts) < 2 or len(texts[0]) < 4 or len(set(map(len, texts))) > 1:
        return False
    return all(map(str.isdigit, texts)) and any(map(_ZEROS.fullmatch, texts))


def _plain(word: str, decimal: str) -> float | None:
    if not _PLAIN[decimal].fullmatch(word):
        return None
    number = float(word.replace(",", "."))
    return number if np.isfinite(number) else None


def _with_units(words: Mapping[Any, str], decimal: str) -> tuple[dict[Any, float], str]:
    """Read numbers in groups of three digits, or with the same unit behind each."""
    numbers: dict[Any, float] = {}
    units: Counter[str] = Counter()
    for cell, word in words.items():
        match = _UNIT.fullmatch(word)
        if match is None:
            continue
        text = match["number"]
        if _GROUPED[decimal].fullmatch(text):
            text = re.sub(r"[^-+\d" + decimal + "]", "", text)
        number = _plain(text, decimal)
        if number is not None:
            numbers[cell] = number
            units[match["sign"] or match["unit"] or ""] += 1
    named = [unit for unit in units if unit]
    if len(named) > 1:
        return {}, ""  # 64 KB and 2 MB: not one scale
    if named and units[""] > ("0" in words.values()):
        return {}, ""  # some have the unit, some have not
    return numbers, named[0] if named else ""
