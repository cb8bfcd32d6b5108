"""Numbers, durations and lists as a person reads them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

__all__ = [
    "NBSP",
    "count",
    "distinct",
    "duration",
    "listing",
    "number",
    "percent",
    "rounded",
    "write_range",
]

NBSP = "\N{NO-BREAK SPACE}"


def number(value: Any) -> str:
    """Write a float to six digits, and anything else as it is."""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def distinct(values: Sequence[Any], write: Callable[[Any], str] = str) -> list[str]:
    """Write values, and those that would look alike, such as 1 and "1", as in Python."""
    texts = [write(value) for value in values]
    n_alike = Counter(texts)
    return [
        text if n_alike[text] == 1 else repr(value)
        for text, value in zip(texts, values, strict=True)
    ]


def rounded(value: float, width: float) -> str:
    """Round to two digits of ``width``, or of the value itself if that is smaller."""
    sizes = [abs(size) for size in (value, width) if size]
    decimals = max((1 - math.floor(math.log10(size)) for size in sizes), default=0)
    return f"{round(value, decimals):.12g}"


def write_range(low: float, high: float) -> str:
    """Write two ends with as many digits as tell them apart, and one more."""
    return f"{rounded(low, high - low)} to {rounded(high, high - low)}"


def percent(share: float) -> str:
    """Write a share as a whole percentage, rounding nothing to nothing or to all."""
    if 0.0 < share < 0.005:
        return f"under 1{NBSP}%"
    if 0.995 < share < 1.0:
        return f"over 99{NBSP}%"
    return f"{100 * share:.0f}{NBSP}%"


def count(n: int, singular: str) -> str:
    """Count things: ``1 trial``, ``2 trials``."""
    return f"{n:,} {singular}" if n == 1 else f"{n:,} {singular}s"


def duration(seconds: float) -> str:
    """Write seconds in the two units that fit best."""
    if not math.isfinite(seconds):
        return "unknown"
    if seconds < 1.0:
        return f"{1000 * seconds:.3g} ms"
    if seconds < 59.95:
        return f"{seconds:.3g} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min"
    return f"{hours // 24} d {hours % 24} h"


def listing(names: Sequence[str], at_most: int = 5) -> str:
    """Join names: ``a``, ``a and b``, ``a, b and c``; those beyond ``at_most`` are counted."""
    if len(names) > at_most:
        names = [*names[:at_most], f"{len(names) - at_most} more"]
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
