"""Studies that would break a page, or have nothing to put on it: the page, or one clear line."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import optuna
import pytest
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution
from optuna.trial import FrozenTrial, TrialState, create_trial

from optuna_hpx.canvas.material import Material
from optuna_hpx.page import build_page
from optuna_hpx.page._cli import main
from optuna_hpx.page._page import content_of
from tests import made_by_hand as hand
from tests.page.html import Page
from tests.page.studies import HOSTILE, hostile_study, mixed_study

_UNIT = FloatDistribution(0.0, 1.0)
_RNG = random.Random(0)


def _trial(
    params: dict[str, object],
    values: Sequence[float] | None = None,
    state: TrialState = TrialState.COMPLETE,
    distributions: dict[str, BaseDistribution] | None = None,
    **more: object,
) -> FrozenTrial:
    own = {name: (distributions or {}).get(name, _UNIT) for name in params}
    return create_trial(state=state, values=values, params=params, distributions=own, **more)


def _study(trials: Sequence[FrozenTrial], n_objectives: int = 1, name: str = "s") -> optuna.Study:
    study = optuna.create_study(directions=["minimize"] * n_objectives, study_name=name)
    study.add_trials(trials)
    return study


def _units(names: Sequence[str]) -> dict[str, object]:
    return {name: _RNG.random() for name in names}


def _choices() -> optuna.Study:
    space = {"c": CategoricalDistribution(HOSTILE)}
    params = [{"c": _RNG.choice(HOSTILE), **_units("x")} for _ in range(60)]
    trials = [_trial(own, [_RNG.random()], distributions=space) for own in params]
    return _study(trials, name=HOSTILE[-1])


def _attributes() -> optuna.Study:
    trials = []
    for k in range(60):
        text = HOSTILE[k % len(HOSTILE)]
        attrs = {"error": text, text: text}
        if k % 2:
            trials.append(_trial(_units("x"), [_RNG.random()], user_attrs=attrs))
        else:
            trials.append(_trial(_units("x"), state=TrialState.FAIL, user_attrs=attrs))
    return _study(trials)


def _values_at_the_ends_of_floats() -> optuna.Study:
    space: dict[str, BaseDistribution] = {"x": FloatDistribution(-1e308, 1e308)}
    values = (1e308, -1e308, 5e-324, float("inf"), float("-inf"), 0.0)
    return _study(
        [
            _trial({"x": _RNG.uniform(-1, 1) * 1e308}, [_RNG.choice(values)], distributions=space)
            for _ in range(50)
        ]
    )


@pytest.mark.parametrize("make", [hostile_study, _choices, _attributes])
def test_no_text_breaks_or_floods_the_page(make: Callable[[], optuna.Study]) -> None:
    study = make()
    content = content_of(Material.of(study), study.study_name)
    assert content.faults == []
    html = content.to_html()
    assert len(html.encode()) < 6.5e6, "the page is as large as any other"
    assert not {"\x00", "\x1b", "\u202e", "\ud800"} & set(html)
    page = Page(html)
    tags = [tag for tag, _ in page.elements]
    assert "b" not in tags
    assert tags.count("script") == len(page.figures()) + 2
    numbers = content.to_json()
    assert numbers.encode()
    assert json.loads(numbers)["title"] == study.study_name, "numbers are as they were"


@pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning", "ignore:invalid:RuntimeWarning")
def test_values_that_hardly_fit_a_float() -> None:
    content = content_of(Material.of(_values_at_the_ends_of_floats()), "s")
    assert content.faults == []
    assert "inf" not in json.loads(content.to_json())["data"]["best"]


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_hardly_any_trials(n: int) -> None:
    study = _study([_trial(_units("xy"), [_RNG.random()]) for _ in range(n)])
    content = content_of(Material.of(study), "s")
    assert content.faults == []
    assert "<h1>s</h1>" in content.to_html()


@pytest.mark.parametrize("state", [TrialState.FAIL, TrialState.PRUNED, TrialState.RUNNING])
def test_no_trial_is_complete(state: TrialState) -> None:
    study = _study([_trial(_units("xy"), state=state) for _ in range(20)])
    content = content_of(Material.of(study), "s")
    assert content.faults == []
    assert "No trial is complete" in content.to_html()


def test_500_parameters_of_20_trials() -> None:
    names = [f"p{k}" for k in range(500)]
    study = _study([_trial(_units(names), [_RNG.random()]) for _ in range(20)])
    content = content_of(Material.of(study), "s")
    assert content.faults == []
    assert len(content.to_html()) < 8e6


def test_3_objectives_of_20_trials() -> None:
    values = [[_RNG.random() for _ in range(3)] for _ in range(20)]
    content = content_of(Material.of(_study([_trial(_units("xy"), v) for v in values], 3)), "s")
    assert content.faults == []
    assert "What matters" in content.to_html()


@pytest.mark.parametrize(
    "broken",
    [
        "optuna_hpx.page._summary.best_sections",
        "optuna_hpx.page._summary.history_section",
        "optuna_hpx.page._page.failure_sections",
        "optuna_hpx.samplers.section.sections",
        "optuna_hpx.law.section.sections",
        "optuna_hpx.tasks.section.sections",
        "optuna_hpx.importance.section.sections",
        "optuna_hpx.importance.section.effects_of",
        "optuna_hpx.importance.section.path_sections",
        "optuna_hpx.importance.section.objectives_sections",
        "optuna_hpx.importance.section.profile_sections",
    ],
)
def test_each_section_fails_alone(broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("of a test")

    study = mixed_study()
    monkeypatch.setattr(broken, fail)
    content = content_of(Material.of(study), "s")
    assert content.faults == ["ZeroDivisionError: of a test"]
    page = content.to_html()
    assert page.count("could not be made (ZeroDivisionError: of a test)") == 1
    assert page.count("<h2>") > 5, "the others are there"


def test_a_study_that_grows_while_it_is_read(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/grows.db"
    study = hand.study([[float(k)] for k in range(20)], name="grows", storage=url)
    is_over = threading.Event()

    def grow() -> None:
        writer = optuna.load_study(study_name="grows", storage=url)
        while not is_over.is_set():
            trial = writer.ask({"x": _UNIT})
            if not is_over.is_set():
                writer.tell(trial, trial.params["x"])

    thread = threading.Thread(target=grow)
    thread.start()
    try:
        for k in range(2):
            out = tmp_path / f"{k}.html"
            assert main(["report", "--storage", url, "--out", str(out)]) == 0
            assert Page(out.read_text(encoding="utf-8")).figures()
    finally:
        is_over.set()
        thread.join()
    assert study.get_trials(deepcopy=False)


def test_a_damaged_place_leaves_the_old_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"sqlite:///{tmp_path}/study.db"
    hand.study([[float(k)] for k in range(20)], name="s", storage=url)
    out = tmp_path / "page.html"
    assert main(["report", "--storage", url, "--out", str(out)]) == 0
    before = out.read_bytes()
    capsys.readouterr()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    assert main(["report", "--storage", url, "--out", str(out)]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "No space left on device" in error
    assert out.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["page.html", "study.db"]


def test_escapes_of_a_study_do_not_reach_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"sqlite:///{tmp_path}/study.db"
    hand.study([[1.0]], name="\x1b[31mred", storage=url)
    hand.study([[1.0]], name="\u202eother", storage=url)
    assert main(["report", "--storage", url, "--study", "\x1b[2J", "--out", "p.html"]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert not {"\x1b", "\u202e"} & set(error)


def test_cells_of_a_file_do_not_break_the_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, out = tmp_path / "t.csv", tmp_path / "p.html"
    texts = [text for text in HOSTILE if "\x00" not in text and "\ud800" not in text]

    def quoted(text: str) -> str:
        return '"' + text.replace('"', '""') + '"'

    head = ",".join(map(quoted, [f"{text} {k}" for k, text in enumerate(texts)]))
    rows = [
        f"{','.join(quoted(_RNG.choice(texts[:12])) for _ in texts)},{_RNG.random()}"
        for _ in range(30)
    ]
    file.write_text("\n".join([f"{head},y", *rows]), encoding="utf-8", newline="")
    arguments = ["--csv", str(file), "--value", "y", "--direction", "minimize"]
    assert main(["report", *arguments, "--out", str(out)]) == 0
    page = Page(out.read_text(encoding="utf-8"))
    assert "b" not in [tag for tag, _ in page.elements]
    assert [tag for tag, _ in page.elements].count("script") == len(page.figures()) + 2
    captured = capsys.readouterr()
    assert not {"\x1b", "\u202e", "\u2066"} & set(captured.out + captured.err)


def test_build_page_of_a_study_without_trials() -> None:
    assert "<h1>empty</h1>" in build_page(optuna.create_study(study_name="empty"))
