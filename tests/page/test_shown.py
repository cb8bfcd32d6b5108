"""Text of users, as it is shown."""

from __future__ import annotations

import numpy as np
import pytest

from optuna_hpx.page._shown import cut, shown, shown_in_all


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("of \u202eevil\u2066 5", "of \ufffdevil\ufffd 5"),
        ("a\x00b\x1b[31m\x7f\x9b", "a\ufffdb\ufffd[31m\ufffd\ufffd"),
        ("half \ud800 of a pair", "half \ufffd of a pair"),
        ("a\tb\nc", "a\tb\nc"),
        ("\u05d0\u05d1 \u0627 é 学习率 🎯 <b>&amp;", "\u05d0\u05d1 \u0627 é 学习率 🎯 <b>&amp;"),
    ],
)
def test_what_turns_or_breaks_is_marked(text: str, expected: str) -> None:
    assert shown(text) == expected
    assert shown(text).encode()


def test_what_floods_is_cut_in_its_middle() -> None:
    text = shown("start" + "x" * 1_000_000 + "end")
    assert len(text) == 161
    assert text.startswith("startx")
    assert text.endswith("xend")
    assert len(shown("word " * 1_000_000)) == 4001
    sentence = "In words of a length that people write, nothing is cut. " * 60
    assert shown(sentence) == sentence
    assert cut("short", 5) == "short"


def test_all_texts_of_a_figure_and_nothing_else() -> None:
    array = np.arange(3)
    figure = {"x": array, "text": ["a\x00", None, 1.5], "bdata": "A" * 500, "y": ("b\x00",)}
    assert shown_in_all(figure) == {
        "x": array,
        "text": ["a\ufffd", None, 1.5],
        "bdata": "A" * 500,
        "y": ["b\ufffd"],
    }
