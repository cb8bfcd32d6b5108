"""One study on one page, and the command ``optuna-hpx`` (extra: report).

- :func:`build_page`: the page of a study, as a string of HTML that needs nothing else
- :func:`render`: the same of any sections
"""

from optuna_hpx.page._page import build_page
from optuna_hpx.page._render import render

__all__ = ["build_page", "render"]
