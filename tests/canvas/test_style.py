"""The look: rows, legends, notes, and text that is shown as it is."""

from __future__ import annotations

import pytest

from optuna_hpx.canvas import style


def _luminance(colour: str) -> float:
    """Relative luminance as the WCAG 2 defines it."""
    channels = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(
    "colour",
    [style.TARGET, style.REGION, style.POINT, style.INK, *(colour for colour, _ in style.SERIES)],
)
def test_colours_stand_out_from_white_and_from_near_black(colour: str) -> None:
    own, dark = _luminance(colour), _luminance("#111111")
    assert 1.05 / (own + 0.05) >= 3.0
    assert (own + 0.05) / (dark + 0.05) >= 3.0


def test_lines_differ_in_their_markers_too() -> None:
    assert len({symbol for _, symbol in style.SERIES}) == len(style.SERIES)


def test_rows_are_as_high_as_is_asked() -> None:
    one, two = style.new_figure([100.0]), style.new_figure([100.0, 50.0])
    assert two.layout.height - one.layout.height == pytest.approx(50.0 + 62.0)
    bottom, top = two.layout.yaxis.domain
    plot = two.layout.height - two.layout.margin.t - two.layout.margin.b
    assert (top - bottom) * plot == pytest.approx(100.0)


def test_the_legend_names_each_kind_once_and_has_room() -> None:
    figure = style.new_figure([100.0, 100.0])
    height = figure.layout.height
    for row in (1, 2):
        for name in ("a", "b", "c"):
            figure.add_scatter(x=[0], y=[0], name=name, row=row, col=1)
    figure.add_scatter(x=[0], y=[0], name="hidden", showlegend=False)
    style.finish_legend(figure)
    assert [trace.showlegend for trace in figure.data] == [True] * 3 + [False] * 4
    assert figure.layout.height == height + 20, "three entries take two lines on a phone"
    assert figure.layout.legend.itemclick is False


def test_notes_make_the_figure_higher_by_their_lines() -> None:
    figure = style.new_figure([100.0])
    height = figure.layout.height
    style.add_notes(figure, [])
    assert figure.layout.height == height
    style.add_notes(figure, ["one", "a < b"])
    assert figure.layout.height == height + 36
    assert "a &lt; b" in figure.layout.title.text


def test_rows_share_the_x_axis_of_the_last() -> None:
    figure = style.new_figure([50.0] * 3)
    figure.update_xaxes(title_text="trial")
    style.share_x_axis(figure)
    assert [axis.title.text for axis in figure.select_xaxes()] == [None, None, "trial"]
    assert [axis.matches for axis in figure.select_xaxes()] == [None, "x", "x"]


def test_an_empty_figure_says_why() -> None:
    figure = style.empty_figure("n < 2")
    assert figure.layout.annotations[0].text == "n &lt; 2"
    assert figure.layout.xaxis.visible is False


def test_text_is_shown_as_it_is() -> None:
    assert style.literal("<b>&") == "&lt;b&gt;&amp;"
    assert style.short("abcdefghij", 7) == "abc…hij"
    assert len(style.short("x" * 100, 20)) == 20
    assert style.short("a<b", 24) == "a&lt;b"
    assert style.fill("#3f86c9", 0.5) == "rgba(63, 134, 201, 0.5)"
    assert style.percent(0.0253) == "2.53 %"
