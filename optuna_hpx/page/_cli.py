"""The command ``optuna-hpx``.

What is slow to import comes in where it is used: what is refused is refused at once.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from optuna_hpx.page._arguments import CSV_OPTIONS, build_parser
from optuna_hpx.page._asked import asked_of, check
from optuna_hpx.page._errors import DemoError, SourceError, hide_passwords
from optuna_hpx.page._progress import N_STEPS, Step, no_step, progress
from optuna_hpx.page._terminal import complain, say
from optuna_hpx.page._writing import is_stream, write_text

if TYPE_CHECKING:
    from optuna_hpx.canvas.material import Material
    from optuna_hpx.page._content import Content
    from optuna_hpx.page._sources import Source


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status: 2 for what the user can mend, 1 for the rest."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if not words:
        build_parser().print_help()
        return 2
    try:
        options = build_parser().parse_args(words)
        options.words = words
        check(options)
        run = {"report": _run_report, "compare": _run_compare, "demo": _run_demo}
        return run[options.command](options)
    except (SourceError, ImportError) as error:
        _complain(f"error: {error}", words)
        return 2
    except DemoError as error:
        _complain(f"error: {error}", words)
        return 1
    except Exception as error:
        from optuna_hpx.trials.storage import is_passing

        if not is_passing(error):
            raise
        _complain(f"error: the storage no longer answers: {error}; run this again", words)
        return 2
    except KeyboardInterrupt:
        complain("optuna-hpx: interrupted; what was finished is kept")
        return 130


def _complain(message: str, arguments: Sequence[str]) -> None:
    """Say what is wrong in one line without a password."""
    from optuna_hpx.page._spelling import option_names

    line = option_names(" ".join(message.split()))
    complain(f"optuna-hpx: {hide_passwords(line, arguments)}")


def _run_report(options: argparse.Namespace) -> int:
    def build(sources: Sequence[Source], step: Step) -> Content:
        # slow: brings in all wings and sklearn
        from optuna_hpx.page._page import content_of

        (source,) = sources
        return content_of(
            _material(source, options),
            source.title,
            n_unfinished=source.n_unfinished,
            facts=source.facts,
            reading=source.section,
            step=step,
        )

    return _run(build, options)


def _run_compare(options: argparse.Namespace) -> int:
    def build(sources: Sequence[Source], step: Step) -> Content:
        from optuna_hpx.page._pair_checks import check_pair, labels_of

        check_pair(sources)
        step("comparing")
        first, second = (_material(source, options) for source in sources)

        # slow: brings in all wings and sklearn
        from optuna_hpx.canvas.pair import Pair
        from optuna_hpx.page._compare import content_of_pair

        labels = labels_of(sources)
        content = content_of_pair(Pair(labels, (first, second)))
        readings = [
            replace(source.section, title=f"What was read from {label}", key=f"reading_{side}")
            for side, (label, source) in enumerate(zip(labels, sources, strict=True))
            if source.section is not None
        ]
        return replace(content, sections=(*content.sections, *readings))

    return _run(build, options)


def _run(build: Callable[[Sequence[Source], Step], Content], options: argparse.Namespace) -> int:
    """Read, build and write, once or for as long as trials arrive."""
    from optuna_hpx.page._readers import check_trials, reader_of

    csv_options = {
        name: value for name in CSV_OPTIONS if (value := getattr(options, name)) is not None
    }
    readers = [reader_of(asked, csv_options) for asked in asked_of(options)]

    def read() -> list[Source]:
        sources = [reader.read() for reader in readers]
        for source in sources:
            _check_value(source, options)
            check_trials(source)
        return sources

    if options.watch is not None:
        for reader in readers:  # what no later trial mends is refused now
            _check_value(reader.read(), options)
        return _watch(read, build, options)
    with progress(N_STEPS) as step:
        step("reading the trials")
        sources = read()
        content = build(sources, step)
        step("writing")
        _write(content, options)
    _tell(sources, options)
    return _status(content)


def _watch(
    read: Callable[[], Sequence[Source]],
    build: Callable[[Sequence[Source], Step], Content],
    options: argparse.Namespace,
) -> int:
    from optuna_hpx.page._watch import PageWatch

    def write(content: Content, is_live: bool) -> None:
        _write(content, options, reload_seconds=options.watch if is_live else None)
        options.open = False  # the first page only

    watch = PageWatch(
        read,
        lambda sources: build(sources, no_step),
        write,
        options.watch,
        lambda message: _complain(message, options.words),
    )
    if options.out is not None:
        say(f"Writing {options.out} as trials arrive; Ctrl-C ends it")
    watch.run()
    return 0 if watch.content is None else _status(watch.content)


def _check_value(source: Source, options: argparse.Namespace) -> None:
    if options.target_value is not None and len(source.table.directions) > 1:
        raise SourceError("--target-value needs a study of one objective; leave it out")


def _material(source: Source, options: argparse.Namespace) -> Material:
    from optuna_hpx.canvas.material import Material

    return Material.of(
        source.study or source.table,
        target_quantile=options.target_quantile,
        region_quantile=options.region_quantile,
        target_value=options.target_value,
        evaluator=getattr(options, "evaluator", "ped-anova"),
        space=options.space,
        sampling=getattr(options, "sampling", "auto"),
        seed=options.seed,
    )


def _status(content: Content) -> int:
    """Return the exit status of a page: 1 if a fault of ours keeps a section from it."""
    return 1 if content.faults else 0


def _write(
    content: Content, options: argparse.Namespace, *, reload_seconds: float | None = None
) -> None:
    """Write the page, the numbers, or both; and show the page."""
    from optuna_hpx.page._spelling import with_options

    content = replace(content, sections=with_options(content.sections))
    if options.out is not None:
        write_text(options.out, content.to_html(reload_seconds=reload_seconds))
    if getattr(options, "json", None) is not None:
        write_text(options.json, content.to_json())
    if options.open:
        _show(options.out)


def _show(path: str) -> None:
    import webbrowser

    if not webbrowser.open(Path(path).resolve().as_uri()):
        complain(f"No browser was found: open {path} in one")


def _tell(sources: Sequence[Source], options: argparse.Namespace) -> None:
    """Say what was taken for what, and where the answers are; not in the midst of an answer."""
    tell = complain if any(map(_is_stream, (options.out, options.json))) else say
    for source in sources:
        for line in source.notes:
            tell(line if len(sources) == 1 else f"{source.title}: {line}")
    if options.out is not None:
        tell(f"The page is in {options.out}")
    if options.json is not None:
        tell(f"The numbers are in {options.json}")


def _is_stream(place: str | None) -> bool:
    """Tell whether a place is no file of its own, as standard output and a pipe are not."""
    if place is None:
        return False
    return place.startswith("/dev/") or is_stream(place)


def _run_demo(options: argparse.Namespace) -> int:
    from optuna_hpx.page import demo
    from optuna_hpx.page._sources import from_storage

    kind = demo.DEMONSTRATIONS[options.kind]
    n_before = demo.run(
        options.kind,
        options.storage_file,
        n_trials=options.n_trials or kind.n_trials,
        n_workers=options.n_workers or kind.n_workers,
        seed=options.seed,
    )
    if n_before:
        say(f"{options.storage_file} already held {n_before} of these trials")

    # slow: brings in all wings and sklearn
    from optuna_hpx.canvas.material import Material
    from optuna_hpx.page._page import content_of

    url, sampling = demo.url_of(options.storage_file), "independent" if kind.is_random else "auto"
    source = from_storage(url, kind.study_name)
    material = Material.of(source.study or source.table, sampling=sampling)
    content = content_of(material, source.title)
    _write(content, options)
    again = ["--storage", url, "--study", kind.study_name, "--out", options.out]
    again += ["--sampling", sampling] if kind.is_random else []
    say(f"The page is in {options.out}; to write it again:")
    command = sys.argv[0] if Path(sys.argv[0]).name == "optuna-hpx" else "optuna-hpx"
    say(f"  {shlex.quote(command)} report {shlex.join(again)}")
    return _status(content)


if __name__ == "__main__":
    sys.exit(main())
