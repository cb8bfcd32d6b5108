"""Sections that fail alone."""

from __future__ import annotations

import logging

import pytest
from optuna.exceptions import StorageInternalError

from optuna_hpx.canvas.attempt import attempt
from optuna_hpx.canvas.section import Section


def test_what_is_made_is_as_it_is() -> None:
    section = Section("A", answer="Yes.")
    assert attempt("B", lambda: iter([section])) == [section]


def test_what_fails_says_so_in_its_place(caplog: pytest.LogCaptureFixture) -> None:
    def make() -> list[Section]:
        raise ValueError("shapes do\nnot match")

    with caplog.at_level(logging.ERROR):
        (section,) = attempt("B", make)
    assert section.title == "B"
    assert section.fault == "ValueError: shapes do not match"
    assert section.has_content
    assert "(ValueError: shapes do not match)" in section.warnings[0]
    assert [record.getMessage() for record in caplog.records] == [
        "The section 'B' could not be made: ValueError: shapes do not match"
    ]
    assert not any(record.exc_info for record in caplog.records)


@pytest.mark.parametrize(
    "error", [ImportError, MemoryError, KeyboardInterrupt, StorageInternalError]
)
def test_what_is_no_fault_of_a_section(error: type[BaseException]) -> None:
    def make() -> list[Section]:
        raise error

    with pytest.raises(error):
        attempt("B", make)
