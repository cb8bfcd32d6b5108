"""Checks of arguments: each error names the argument, what was expected and what came."""

from __future__ import annotations

import math
from collections.abc import Collection
from numbers import Integral, Real
from typing import Any

import numpy as np

SPACES = ("auto", "trials", "uniform")
"""What importances may describe: the trials, the search space, or what the trials allow."""
SAMPLINGS = ("auto", "independent", "adaptive")
"""Who a user may say that the trials are."""
EVALUATORS = ("ped-anova", "hsic")
"""Whose importances a page shows."""


def finite(name: str, value: Any) -> None:
    """Refuse what is no finite number; a bool is none."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"`{name}` must be a number, got {value!r}.")
    try:
        is_finite = math.isfinite(value)
    except OverflowError:  # an int, as 10**400
        raise ValueError(
            f"`{name}` must be a number that a float holds, got {_shown(value)}."
        ) from None
    if not is_finite:
        raise ValueError(f"`{name}` must be finite, got {value!r}.")


def quantile(name: str, value: Any, *, allow_one: bool = False) -> None:
    """Refuse what is no number in (0, 1), or in (0, 1] if ``allow_one``."""
    finite(name, value)
    if not (0.0 < value < 1.0 or (allow_one and value == 1.0)):
        raise ValueError(f"`{name}` must be in (0, 1{']' if allow_one else ')'}, got {value!r}.")


def target(target_quantile: Any, region_quantile: Any, target_value: Any) -> None:
    """Refuse a target set that is none, or is no part of its region."""
    quantile("target_quantile", target_quantile)
    quantile("region_quantile", region_quantile, allow_one=True)
    if target_value is not None:
        finite("target_value", target_value)
    elif target_quantile >= region_quantile:
        raise ValueError(
            "`target_quantile` must be less than `region_quantile`: "
            f"got {target_quantile} and {region_quantile}."
        )


def count(name: str, value: Any, *, at_least: int = 1, at_most: int | None = 2**63 - 1) -> None:
    """Refuse what is no int, of Python or NumPy, or is not in [``at_least``, ``at_most``].

    ``at_most`` None: however many there are.
    """
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(f"`{name}` must be an int, got {value!r}.")
    if value < at_least:
        raise ValueError(f"`{name}` must be at least {at_least}, got {value!r}.")
    if at_most is not None and int(value) > at_most:
        raise ValueError(f"`{name}` must be at most {at_most}, got {_shown(value)}.")


def _shown(value: Any) -> str:
    """Return a number as an error shows it: of one of 400 digits only how long it is."""
    if not isinstance(value, Integral) or int(value).bit_length() <= 64:
        return repr(value)
    return f"an int of {int(value).bit_length()} bits"


def seed(name: str, value: Any) -> None:
    """Refuse what is neither None nor an int of at least 0."""
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(f"`{name}` must be an int or None, got {value!r}.")
    if value < 0:
        raise ValueError(f"`{name}` must not be negative, got {value!r}.")


def one_of(name: str, value: Any, allowed: Collection[str]) -> None:
    """Refuse what is not among ``allowed``."""
    # An array compares to an array, and of that there is no truth.
    if not isinstance(value, str) or value not in allowed:
        raise ValueError(f"`{name}` must be one of {sorted(allowed)}, got {value!r}.")


def returned_number(function: str, value: Any, place: str = "") -> float:
    """Read what a user's function returned: a number, or an array or tensor of one.

    Args:
        function: Its name, as the error names it.
        value: What it returned.
        place: Ends the error: on what the function was called.
    """
    try:
        number = value.item() if hasattr(value, "item") else value
        if isinstance(number, (str, bytes)):  # float() would read them
            raise TypeError
        return float(number)
    except (TypeError, ValueError, RuntimeError):  # RuntimeError: torch, of several elements
        raise TypeError(f"{function} must return a number, got {value!r}{place}.") from None


def has(name: str, value: Any, attribute: str, expected: str) -> None:
    """Refuse a result without ``attribute``: a result is recognised by what it holds."""
    if not hasattr(value, attribute):
        raise TypeError(f"`{name}` must be {expected}; got a {type(value).__name__}.")


def switch(name: str, value: Any) -> None:
    """Refuse what is neither True nor False, of Python or NumPy."""
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"`{name}` must be True or False, got {value!r}.")


def floats(name: str, value: Any) -> np.ndarray:
    """Copy numbers as an array of floats, of any shape."""
    try:
        return np.array(value, dtype=float)
    except (TypeError, ValueError, OverflowError) as error:
        raise TypeError(f"`{name}` must be numbers that a float holds: {error}.") from None


def function(name: str, value: Any, argument: str) -> None:
    """Refuse what cannot be called; ``argument`` is what it would be called with."""
    if not callable(value):
        raise TypeError(f"`{name}` must be a function of {argument}, got {value!r}.")


def list_of_names(name: str, value: Any) -> None:
    """Refuse what is no list or tuple of strings."""
    if not isinstance(value, (list, tuple)):
        raise TypeError(f"`{name}` must be a list of strings, got {value!r}.")
    for item in value:
        if not isinstance(item, str):
            raise TypeError(f"`{name}` must be a list of strings, but holds {item!r}.")


def levels(name: str, value: Any) -> np.ndarray:
    """Read levels of quantiles, of any shape, each in (0, 1)."""
    q = np.asarray(value, dtype=float)
    if not np.all((q > 0.0) & (q < 1.0)):
        raise ValueError(f"`{name}` must be in (0, 1), got {value!r}.")
    return q


def bounds(name: str, value: Any) -> tuple[float, float]:
    """Read what is known beforehand of a score: its least and its largest value.

    Args:
        name: Of the argument.
        value: None, or a pair of numbers; None in it stands for what is not known.

    Returns:
        Both, infinite where not known.
    """
    if value is None:
        return -math.inf, math.inf
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        raise TypeError(f"`{name}` must be a pair (low, high) or None, got {value!r}.")
    for end in value:
        if end is not None:
            finite(name, end)
    low = -math.inf if value[0] is None else float(value[0])
    high = math.inf if value[1] is None else float(value[1])
    if not low < high:
        raise ValueError(f"`{name}` must be (low, high) with low < high, got {value!r}.")
    return low, high
