"""A page as data."""

from __future__ import annotations

import json
import math

import numpy as np

from optuna_hpx import __version__
from optuna_hpx.canvas.material import Material
from optuna_hpx.canvas.section import Section, TextTable
from optuna_hpx.page._content import SCHEMA_VERSION, Content
from optuna_hpx.page._page import content_of
from tests.page.studies import mixed_study


def _content(*sections: Section) -> Content:
    return Content("report", "t", (("Trials", "7"),), {"n": np.int64(7)}, sections)


def test_all_that_a_section_has_is_there() -> None:
    part = Section("Part", answer="In it.", key="part", data={"x": np.array([1.0, np.nan])})
    table = TextTable("Rows", ("a", "b"), (("1", "2"),))
    section = Section("Whole", warnings=("Beware.",), tables=(table,), parts=(part,), key="whole")
    found = json.loads(_content(section, Section("Empty")).to_json())
    assert found["schema_version"] == SCHEMA_VERSION
    assert found["kind"] == "report"
    assert found["made_by"]["optuna_hpx"] == __version__
    assert found["facts"] == [{"term": "Trials", "description": "7"}]
    assert found["summary"] == {"n": 7}
    assert found["data"] == {"whole": {}, "part": {"x": [1.0, None]}}
    (whole,) = found["sections"]
    assert whole["warnings"] == ["Beware."]
    assert whole["tables"] == [{"caption": "Rows", "head": ["a", "b"], "rows": [["1", "2"]]}]
    assert whole["parts"][0]["answer"] == "In it."


def test_infinite_numbers_are_none_as_json_has_no_word_for_them() -> None:
    text = _content(Section("s", answer=".", key="s", data={"x": math.inf})).to_json()
    assert json.loads(text)["data"]["s"] == {"x": None}


def test_the_numbers_of_a_study() -> None:
    content = content_of(Material.of(mixed_study()), "mixed")
    found = json.loads(content.to_json())
    assert found["title"] == "mixed"
    assert found["summary"]["n_complete"] == sum(
        trial.state.name == "COMPLETE" for trial in mixed_study().trials
    )
    data = found["data"]
    best = mixed_study().best_trial
    (trial,) = data["best"]["trials"]
    assert (trial["number"], trial["values"]) == (best.number, [best.value])
    assert trial["params"] == best.params
    assert len(data["history"]["values"]) == len(mixed_study().trials)
    names = data["importances"]["names"]
    assert set(names) == set().union(*(trial.params for trial in mixed_study().trials))
    assert set(data["effects"]) <= set(names)
    assert data["importance_profile"]["quantiles"]
    assert data["ablation_path"]["shapley"]
    keys = [section["key"] for section in found["sections"] if section["key"]]
    assert len(keys) == len(set(keys))
