"""One study on one page, and the command ``optuna-hpx`` (extra: report).

- :func:`build_page`: the page as a string of HTML, self-contained
"""

from optuna_hpx.page._page import build_page

__all__ = ["build_page"]
