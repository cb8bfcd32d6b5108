"""How far the work is."""

from __future__ import annotations

import io
import sys
import time

import pytest

from optuna_hpx.canvas.material import Material
from optuna_hpx.page import _progress
from optuna_hpx.page._page import sections_of
from optuna_hpx.page._progress import N_STEPS, no_step, progress
from optuna_hpx.trials.table import TrialTable
from tests import made_by_hand as hand


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def _terminal(monkeypatch: pytest.MonkeyPatch) -> _Terminal:
    """Stand in for standard error; in a fixture pytest would put its own there again."""
    terminal = _Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    return terminal


def test_nothing_where_nobody_looks(capsys: pytest.CaptureFixture[str]) -> None:
    with progress(3) as step:
        assert step is no_step
        step("one")
    assert capsys.readouterr() == ("", "")


def test_nothing_of_what_is_soon_over(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = _terminal(monkeypatch)
    with progress(3) as step:
        step("one")
        step("two")
    assert "one" not in terminal.getvalue()
    assert "two" not in terminal.getvalue()


def test_what_takes_long_is_told_while_it_does(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = _terminal(monkeypatch)
    monkeypatch.setattr(_progress, "_DELAY", 0.05)
    monkeypatch.setattr(_progress, "_PERIOD", 0.05)
    with progress(3) as step:
        step("one")
        step("two")
        deadline = time.monotonic() + 20
        while "two" not in terminal.getvalue() and time.monotonic() < deadline:
            time.sleep(0.01)
    text = terminal.getvalue()
    assert "two" in text
    assert "1 of 3" in text
    assert text.endswith("\r"), "the bar goes"


def test_the_number_of_steps_is_that_of_a_page() -> None:
    names: list[str] = []
    sections_of(Material.of(TrialTable.of(hand.study([[1.0]]))), names.append)
    assert len(names) == N_STEPS - 2, "and reading, and writing"
