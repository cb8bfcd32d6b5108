from __future__ import annotations

import pytest

from optuna_hpx.canvas import words as _words


def _plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.0123, "12.3 ms"),
        (7.5, "7.5 s"),
        (125.0, "2 min 5 s"),
        (3600 * 5 + 120, "5 h 2 min"),
        (86400 * 3 + 3600, "3 d 1 h"),
        (float("nan"), "unknown"),
        (59.99, "1 min 0 s"),
    ],
)
def test_durations(seconds: float, words: str) -> None:
    assert _words.duration(seconds) == words


def test_lists_and_shares() -> None:
    assert _words.listing([]) == ""
    assert _words.listing(["a"]) == "a"
    assert _words.listing(["a", "b", "c"]) == "a, b and c"
    assert _words.listing([*"abcdefgh"]) == "a, b, c, d, e and 3 more"
    assert _words.listing(["a", "b", "c"], at_most=1) == "a and 2 more"
    assert _plain(_words.percent(0.001)) == "under 1 %"
    assert _plain(_words.percent(0.999)) == "over 99 %"
    assert _plain(_words.percent(0.0)) == "0 %"


def test_numbers_and_counts() -> None:
    assert _words.number(1234567.891) == "1.23457e+06"
    assert _words.number(3) == "3"
    assert _words.number(None) == "None"
    assert _words.count(1, "trial") == "1 trial"
    assert _words.count(0, "trial") == "0 trials"
    assert _words.count(1234, "trial") == "1,234 trials"


def test_values_that_look_alike_are_written_as_in_python() -> None:
    assert _words.distinct([1, "1", True, 2.0]) == ["1", "'1'", "True", "2.0"]
    assert _words.distinct([0.12, 0.123], lambda x: f"{x:.1f}") == ["0.12", "0.123"]


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.88702, 0.88793, "0.88702 to 0.88793"),
        (0.8870251, 0.8930123, "0.887 to 0.893"),
        (0.00922, 0.0256, "0.0092 to 0.026"),
        (-0.0021, 0.2, "-0.0021 to 0.2"),
        (1234567.8, 1234667.8, "1234570 to 1234670"),
        (1.54e-9, 2.5e-9, "1.54e-09 to 2.5e-09"),
        (0.0, 3.0, "0 to 3"),
        (2.0, 2.0, "2 to 2"),
    ],
)
def test_ends_have_the_digits_that_matter(low: float, high: float, said: str) -> None:
    assert _words.write_range(low, high) == said
