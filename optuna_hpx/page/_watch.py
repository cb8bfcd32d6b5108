"""A page that is written again as trials arrive."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from optuna_hpx.canvas.words import count
from optuna_hpx.page._errors import SourceError
from optuna_hpx.page._terminal import say
from optuna_hpx.trials.storage import is_passing

if TYPE_CHECKING:
    from optuna_hpx.page._content import Content
    from optuna_hpx.page._sources import Source

__all__ = ["PageWatch"]


def _wait(seconds: float) -> None:
    time.sleep(seconds)


@dataclass
class PageWatch:
    """Writes a page whenever there are other trials than on the last one.

    Attributes:
        read: Reads all sources; an unfinished or unreachable one raises a SourceError.
        build: Makes the content of what was read.
        write: Writes a page, the second argument being whether it is to be live.
        seconds: Between two looks; at least as long as the last page took to make, so that half
            of one processor is enough.
        complain: Says what does not work.
        wait: Waits for so many seconds.
    """

    read: Callable[[], Sequence[Source]]
    build: Callable[[Sequence[Source]], Content]
    write: Callable[[Content, bool], None]
    seconds: float
    complain: Callable[[str], None]
    wait: Callable[[float], None] = field(default_factory=lambda: _wait)
    content: Content | None = field(default=None, init=False)
    _sources: Sequence[Source] = field(default=(), init=False)
    _trouble: str = field(default="", init=False)

    def run(self) -> None:
        """Look until interrupted; then leave a page that no longer asks to be read again."""
        try:
            while True:
                begin = time.monotonic()
                self._look()
                self.wait(max(self.seconds, time.monotonic() - begin))
        except KeyboardInterrupt:
            if self.content is not None:
                self.write(self.content, False)
            self.complain(
                "no longer watching"
                + ("; the last page is whole" if self.content else "; there is no page yet")
            )

    def _look(self) -> None:
        """Read, and write what is new; what does not work now is told once, and tried again."""
        try:
            sources = self.read()
            if not self._is_new(sources):
                self._tell("")
                return
            content = self.build(sources)
            self.write(content, True)
        except Exception as error:
            if isinstance(error, SourceError):
                self._tell(str(error))
            elif is_passing(error):
                self._tell(f"the storage does not answer: {error}")
            else:
                raise
            return
        self._tell("")
        self.content, self._sources = content, sources
        n = count(sum(len(source.table) for source in sources), "trial")
        say(f"{time.strftime('%H:%M:%S')}: the page is of {n}")

    def _is_new(self, sources: Sequence[Source]) -> bool:
        """Tell whether a source has other trials; its table is another then, and else the same."""
        if len(sources) != len(self._sources):
            return True
        return any(
            new.table is not old.table for new, old in zip(sources, self._sources, strict=True)
        )

    def _tell(self, trouble: str) -> None:
        if trouble and trouble != self._trouble:
            kept = "; the page stays as it is" if self.content is not None else ""
            self.complain(f"{trouble}{kept}; looking again every {self.seconds:g} seconds")
        elif self._trouble and not trouble:
            self.complain("all is well again")
        self._trouble = trouble
