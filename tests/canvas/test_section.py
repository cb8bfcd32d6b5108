"""The one type of all sections."""

from __future__ import annotations

import plotly.graph_objects as go
import pytest

from optuna_hpx.canvas.section import Chart, Section, TextTable


def test_a_title_alone_is_no_content() -> None:
    assert not Section("What matters", note="S", anchor="a").has_content
    assert not Section("What matters", parts=(Section("a part"),)).has_content


@pytest.mark.parametrize(
    "section",
    [
        Section("t", answer="Yes."),
        Section("t", basis="All trials."),
        Section("t", warnings=("Mind the gap.",)),
        Section("t", charts=(Chart(go.Figure(), "Chart"),)),
        Section("t", tables=(TextTable("Table", ("a",), ()),)),
        Section("t", parts=(Section("a part", parts=(Section("in it", answer="Yes."),)),)),
    ],
)
def test_anything_to_read_or_see_is_content(section: Section) -> None:
    assert section.has_content
