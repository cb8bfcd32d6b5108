"""Which codec a part has, and what is of no kind."""

from __future__ import annotations

import hashlib
import random
from typing import Any

import numpy as np
import pytest
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline

from optuna_hpx.population import Checkpoint
from optuna_hpx.population._archive import Reader, Writer
from optuna_hpx.population.codecs import registry
from optuna_hpx.population.codecs.array import ArrayCodec
from optuna_hpx.population.codecs.base import Codec
from optuna_hpx.population.codecs.estimator import EstimatorCodec
from optuna_hpx.population.codecs.generators import GeneratorCodec, RandomSourceCodec
from optuna_hpx.population.codecs.optimizer import OptimizerCodec
from optuna_hpx.population.codecs.plain import PlainCodec
from optuna_hpx.population.codecs.scheduler import SchedulerCodec
from optuna_hpx.population.codecs.state_dict import StateDictCodec
from tests.population.codecs.parts import (
    passed_on,
)

torch = pytest.importorskip("torch")

LR = torch.optim.lr_scheduler


def test_what_cannot_be_saved() -> None:
    with pytest.raises(TypeError, match="`x` must have state_dict"):
        Checkpoint(0, 0).save(x=object())
    with pytest.raises(ValueError, match="at least one part"):
        Checkpoint(0, 0).save()


@pytest.mark.parametrize("saved", [3, torch.nn.Linear(2, 3), random.Random(0)])
@pytest.mark.parametrize(
    "part",
    [
        torch.nn.Linear(1, 1),
        torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], lr=0.1),
        LR.ExponentialLR(torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], lr=0.1), 0.9),
        np.random.default_rng(0),
        np.random.RandomState(0),
        torch.Generator(),
    ],
)
def test_parts_of_another_kind(saved: Any, part: Any) -> None:
    with pytest.raises(ValueError, match="`p` does not fit what the parent saved"):
        passed_on(p=saved).load(p=part)


def test_each_kind_of_part_has_its_own_codec() -> None:
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], lr=0.1)
    chained = LR.ChainedScheduler([LR.ExponentialLR(optimizer, 0.9)], optimizer)
    expected: list[tuple[type, list[Any]]] = [
        (OptimizerCodec, [optimizer]),
        (SchedulerCodec, [LR.ExponentialLR(optimizer, 0.9), chained]),
        (StateDictCodec, [torch.nn.Linear(1, 1)]),
        (EstimatorCodec, [GaussianNB(), make_pipeline(GaussianNB())]),
        (GeneratorCodec, [np.random.default_rng(0)]),
        (PlainCodec, [None, True, 1, 0.5, "a", [], (), {}, np.int64(1)]),
        (ArrayCodec, [np.zeros(2)]),
        (
            RandomSourceCodec,
            [random, random.Random(0), np.random, np.random.RandomState(0), torch, torch.cuda],
        ),
    ]
    assert [kind for kind, _ in expected] == [type(codec) for codec in registry.CODECS]
    for kind, parts in expected:
        assert [type(registry.codec_of(part)) for part in parts] == [kind] * len(parts)
    assert registry.codec_of(object()) is None


class Booster:
    """A model of a library that this package does not know."""

    def __init__(self, trees: bytes, rate: float) -> None:
        self.trees, self.rate = trees, rate


class BoosterCodec(Codec):
    blob_kind = "booster"

    def matches(self, part: Any) -> bool:
        return isinstance(part, Booster)

    def save(self, writer: Writer, name: str, part: Booster) -> None:
        writer.add_blob(name, part.trees, hashlib.sha256(part.trees).hexdigest(), self.blob_kind)

    def load(self, reader: Reader, name: str, part: Booster) -> None:
        part.trees, sha256 = reader.blob(name)
        assert sha256 == hashlib.sha256(part.trees).hexdigest()

    def set_hyperparameters(self, part: Booster, values: Any) -> None:
        vars(part).update(values)


def test_another_kind_is_one_more_codec_in_the_list(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TypeError, match="got a Booster"):
        Checkpoint(0, 0).save(model=Booster(b"3", 0.1))
    monkeypatch.setattr(registry, "CODECS", (BoosterCodec(), *registry.CODECS))
    child = passed_on(model=Booster(b"3", 0.1), bayes=GaussianNB(), step=1)
    own = Booster(b"", 0.5)
    assert child.load(model=own, step=0) == {"step": 1}
    assert (own.trees, own.rate) == (b"3", 0.5)
    Checkpoint.set_hyperparameters(own, rate=0.7)
    assert own.rate == 0.7
    with pytest.raises(TypeError, match="`model` was a booster, got a GaussianNB"):
        child.load(model=GaussianNB())
    with pytest.raises(TypeError, match="`bayes` was a scikit-learn estimator, got a Booster"):
        child.load(bayes=own)
    with pytest.raises(TypeError, match="`step` cannot be restored into a Booster"):
        child.load(step=own)


def test_what_has_no_hyperparameters() -> None:
    for target in (3, np.zeros(2), object(), torch.nn.Linear(1, 1)):
        with pytest.raises(TypeError, match="`target` must be a torch optimiser or a scikit-lear"):
            Checkpoint.set_hyperparameters(target, lr=0.1)
