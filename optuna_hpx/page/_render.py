"""Sections as one self-contained page of HTML."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import optuna

from optuna_hpx import __version__
from optuna_hpx._imports import require
from optuna_hpx.page._opening import Opening, with_anchors
from optuna_hpx.page._shown import shown, shown_in_all

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from optuna_hpx.canvas.section import Section

_N_ROWS_OPEN = 8  # a table of more rows is folded

# In a script element only these end the element, or the line for an old parser.
_ESCAPES = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
)


def render(
    sections: Sequence[Section],
    *,
    title: str,
    facts: Sequence[tuple[str, str]] = (),
    opening: Opening | None = None,
    reload_seconds: float | None = None,
) -> str:
    """Draw sections on a page of HTML that needs no file beside it and no network.

    Args:
        sections: What the page says, in this order, details last; those without content are left
            out.
        title: Its heading.
        facts: Pairs of a term and its description, below the heading.
        opening: The verdict, and what to do next.
        reload_seconds: After how long the page reads itself again, as it is then; None for never.

    Raises:
        ImportError: If jinja2 or plotly is not installed.

    Example:
        >>> from optuna_hpx.canvas.section import Section
        >>> page = render([Section("In short", answer="All is well.")], title="A study")
        >>> '<p class="lead">All is well.</p>' in page
        True
    """
    shown = [section for section in with_anchors(sections) if section.has_content]
    page: str = _template().render(
        title=title,
        facts=facts,
        opening=opening or Opening(),
        sections=[section for section in shown if not section.is_detail],
        details=[section for section in shown if section.is_detail],
        n_rows_open=_N_ROWS_OPEN,
        reload_seconds=reload_seconds,
        css=_markup(_text_of("page.css")),
        scripts=[
            _markup(require("plotly.offline", extra="plot").get_plotlyjs()),
            _markup(_text_of("page.js")),
        ],
        versions=f"optuna_hpx {__version__} and Optuna {optuna.__version__}",
    )
    return page


@lru_cache(maxsize=1)
def _template() -> Any:
    jinja2 = require("jinja2", extra="report")
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("optuna_hpx.page", package_path=""),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        finalize=_finalize,
    )
    environment.filters["script_json"] = _script_json
    environment.filters["csp_source"] = _csp_source
    return environment.get_template("page.html.j2")


def _text_of(file: str) -> str:
    return resources.files("optuna_hpx.page").joinpath(file).read_text(encoding="utf-8")


def _csp_source(script: str) -> Any:
    """Return what a content security policy calls a script: by its hash, so that no other runs."""
    digest = hashlib.sha256(script.encode()).digest()
    return _markup(f"'sha256-{base64.b64encode(digest).decode()}'")


def _finalize(value: Any) -> Any:
    return shown(value) if type(value) is str else value  # markup is ours


def _script_json(figure: go.Figure) -> Any:
    """Write a figure as JSON that no name in it can break out of a script element."""
    to_json = require("plotly.io.json", extra="plot").to_json_plotly
    return _markup(to_json(shown_in_all(figure.to_dict())).translate(_ESCAPES))


def _markup(text: str) -> Any:
    return require("markupsafe", extra="report").Markup(text)
