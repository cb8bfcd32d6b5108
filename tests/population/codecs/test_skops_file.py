"""Estimators as bytes: equal ones have equal checksums, and reading them executes nothing."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from typing import Any

import pytest
from sklearn.cluster import Birch
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import SGDClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.tree import DecisionTreeClassifier
from skops import io as skops_io

from optuna_hpx.population import Checkpoint, CheckpointError
from optuna_hpx.population._archive import Reader, Writer
from optuna_hpx.population.codecs import restore, skops_file
from tests.population.codecs.parts import (
    ESTIMATORS,
    data,
    train,
)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ESTIMATORS)
def test_equal_estimators_have_equal_checksums(name: str) -> None:
    checksums = []
    for _ in range(2):
        estimator = ESTIMATORS[name]()
        train(estimator, 0)
        root = Checkpoint(0, 0)
        root.save(model=estimator)
        assert root.saved is not None
        checksums.append(root.saved[1])
    train(estimator, 1)
    root.save(model=estimator)
    assert checksums[0] == checksums[1] != root.saved[1]


@pytest.mark.filterwarnings("ignore")
def test_equal_values_need_not_be_one_object() -> None:
    """As of numbers and names that come from a file instead of the code."""
    one, another = float("0.01"), float("0.01")
    checksums = set()
    for eta0 in (one, another):
        estimator = SGDClassifier(alpha=one, eta0=eta0, random_state=0)
        train(estimator, 0)
        root = Checkpoint(0, 0)
        root.save(model=estimator)
        assert root.saved is not None
        checksums.add(root.saved[1])
    assert len(checksums) == 1


CODE = """
import sys, numpy as np
from sklearn.neural_network import MLPClassifier
from sklearn.linear_model import SGDClassifier
from optuna_hpx.population import Checkpoint
rng = np.random.default_rng(0)
x, y = rng.standard_normal((80, 4)), rng.integers(3, size=80)
models = {"a": MLPClassifier((6,), random_state=0), "b": SGDClassifier(random_state=0)}
for model in models.values():
    model.partial_fit(x, y, classes=[0, 1, 2])
c = Checkpoint(0, 0)
c.save(**models, x=x)
print(c.saved[1])
"""


def test_checksums_are_the_same_in_another_process() -> None:
    found = {
        subprocess.run(
            [sys.executable, "-c", CODE],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed, "PATH": "", "OMP_NUM_THREADS": "1"},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(found) == 1
    assert len(found.pop().strip()) == 64


class OneOfTheirOwn(SGDClassifier):
    pass


@pytest.mark.parametrize(
    ("estimator", "what"),
    [
        (DecisionTreeClassifier(), "holds a sklearn.tree._tree.Tree"),
        (GradientBoostingClassifier(n_estimators=1), "holds a sklearn.tree._tree.Tree"),
        (OneOfTheirOwn(), "holds a tests.population.codecs.test_skops_file.OneOfTheirOwn"),
        (Birch(), "Birch are not supported"),
    ],
)
def test_estimators_that_could_not_be_loaded_are_not_saved(estimator: Any, what: str) -> None:
    with pytest.raises(TypeError, match=f"`model` .*{what}"):
        Checkpoint(0, 0).save(model=estimator.fit(*data()))


@pytest.mark.filterwarnings("ignore")
def test_no_function_that_a_file_names_is_called(tmp_path: Any) -> None:
    """A loss node of skops calls what it names; here, a program."""
    x, y = data()
    content = skops_io.dumps(GradientBoostingClassifier(n_estimators=1).fit(x, y))
    marker = tmp_path / "executed"
    evil = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(evil, "w") as new:
        for member in old.namelist():
            body = old.read(member)
            if member == "schema.json":
                schema = json.loads(body)
                _replace_loss(schema, marker)
                body = json.dumps(schema).encode()
            new.writestr(member, body)
    file = io.BytesIO()
    writer = Writer(file)
    writer.add_blob("model", evil.getvalue(), skops_file.checksum(evil.getvalue()))
    sha256 = writer.close()
    with pytest.raises(Exception, match="check_output"):
        restore(Reader(file, sha256), "model", GradientBoostingClassifier())
    assert not marker.exists()


def _replace_loss(node: Any, marker: Any) -> None:
    """The node of the loss names a function, and its arguments."""
    if isinstance(node, dict):
        if "Loss" in str(node.get("__class__", "")):
            node["__module__"], node["__class__"] = "sklearn.utils._testing", "check_output"
        for value in node.values():
            _replace_loss(value, marker)
    elif isinstance(node, list):
        for value in node:
            _replace_loss(value, marker)


@pytest.mark.filterwarnings("ignore")
def test_an_altered_estimator_is_noticed() -> None:
    x, y = data()
    one, other = (skops_file.dump("", GaussianNB().fit(x * scale, y)) for scale in (1.0, 2.0))
    file = io.BytesIO()
    writer = Writer(file)
    writer.add_blob("model", other, skops_file.checksum(one))
    sha256 = writer.close()
    with pytest.raises(CheckpointError, match="'model' has been altered"):
        restore(Reader(file, sha256), "model", GaussianNB())
