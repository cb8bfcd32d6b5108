"""What a child gets from its parent: the state, and never the hyperparameters."""

from __future__ import annotations

import contextlib
import io
import random
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.cluster import Birch
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import SGDClassifier, SGDRegressor
from sklearn.naive_bayes import GaussianNB
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from optuna_hpx.population import Checkpoint, CheckpointError

torch = pytest.importorskip("torch")


def child_of(parent: Checkpoint) -> Checkpoint:
    assert parent.saved is not None
    file, sha256 = parent.saved
    content = file.read()

    @contextlib.contextmanager
    def opener() -> Any:
        yield io.BytesIO(content)

    return Checkpoint(parent.generation + 1, 1, parent=opener, sha256=sha256, name="trial 0")


def passed_on(**parts: Any) -> Checkpoint:
    root = Checkpoint(0, 0)
    root.save(**parts)
    return child_of(root)


def net(seed: int = 0) -> Any:
    torch.manual_seed(seed)
    return torch.nn.Sequential(
        torch.nn.Linear(4, 5), torch.nn.BatchNorm1d(5), torch.nn.Linear(5, 1)
    )


def steps(model: Any, optimizer: Any, n: int, scheduler: Any = None) -> None:
    generator = torch.Generator().manual_seed(n)
    for _ in range(n):
        optimizer.zero_grad()
        x = torch.randn(8, 4, generator=generator)
        (model(x) ** 2).mean().backward()
        optimizer.step()
        if scheduler is not None:
            scheduler.step()


def state(model: Any) -> list[np.ndarray]:
    return [tensor.numpy().copy() for tensor in model.state_dict().values()]


OPTIMIZERS: dict[str, Callable[..., Any]] = {
    "sgd": lambda p, lr: torch.optim.SGD(p, lr=lr, momentum=0.9, weight_decay=0.01),
    "adam": lambda p, lr: torch.optim.Adam(p, lr=lr, betas=(0.8, 0.95)),
    "adamw": lambda p, lr: torch.optim.AdamW(p, lr=lr, amsgrad=True),
    "rmsprop": lambda p, lr: torch.optim.RMSprop(p, lr=lr, momentum=0.5),
    "adagrad": lambda p, lr: torch.optim.Adagrad(p, lr=lr),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_training_goes_on_as_if_nothing_had_happened(name: str) -> None:
    model = net()
    optimizer = OPTIMIZERS[name](model.parameters(), 0.05)
    steps(model, optimizer, 5)
    child = passed_on(model=model, optimizer=optimizer)
    steps(model, optimizer, 4)
    other = net(seed=1)
    its = OPTIMIZERS[name](other.parameters(), 0.05)
    assert child.load(model=other, optimizer=its) == {}
    steps(other, its, 4)
    assert all(map(np.array_equal, state(model), state(other)))


def test_the_rate_of_the_segment_wins() -> None:
    """Ray #62173: the restored optimiser must step with the child's rate."""
    model = torch.nn.Linear(2, 1, bias=False)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5, momentum=0.9, weight_decay=0.1)
    steps_of = torch.ones(1, 2)
    model(steps_of).sum().backward()
    optimizer.step()
    child = passed_on(model=model, optimizer=optimizer)
    other = torch.nn.Linear(2, 1, bias=False)
    its = torch.optim.SGD(other.parameters(), lr=0.01, momentum=0.3, weight_decay=0.0)
    child.load(optimizer=its, model=other)
    group = its.param_groups[0]
    assert (group["lr"], group["momentum"], group["weight_decay"]) == (0.01, 0.3, 0.0)
    buffer = its.state[other.weight]["momentum_buffer"].clone()
    before = other.weight.detach().clone()
    other(steps_of).sum().backward()
    its.step()
    by_hand = before - 0.01 * (0.3 * buffer + steps_of)
    assert torch.allclose(other.weight, by_hand, rtol=0, atol=1e-7)


def test_betas_of_the_segment_win_and_the_moments_are_kept() -> None:
    model = net()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1, betas=(0.9, 0.99))
    steps(model, optimizer, 3)
    child = passed_on(o=optimizer)
    its = torch.optim.Adam(model.parameters(), lr=0.2, betas=(0.5, 0.7))
    child.load(o=its)
    assert its.param_groups[0]["betas"] == (0.5, 0.7)
    for ours, theirs in zip(its.state.values(), optimizer.state.values(), strict=True):
        assert torch.equal(ours["exp_avg"], theirs["exp_avg"])
        assert ours["step"] == 3


SCHEDULERS: dict[str, Callable[[Any], Any]] = {
    "step": lambda o: torch.optim.lr_scheduler.StepLR(o, 3, gamma=0.5),
    "multistep": lambda o: torch.optim.lr_scheduler.MultiStepLR(o, [2, 6], gamma=0.1),
    "exponential": lambda o: torch.optim.lr_scheduler.ExponentialLR(o, 0.9),
    "cosine": lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, 20),
    "lambda": lambda o: torch.optim.lr_scheduler.LambdaLR(o, lambda t: 1.0 / (1.0 + t)),
    "sequential": lambda o: torch.optim.lr_scheduler.SequentialLR(
        o,
        [
            torch.optim.lr_scheduler.ConstantLR(o, 0.5, 3),
            torch.optim.lr_scheduler.ExponentialLR(o, 0.9),
        ],
        milestones=[3],
    ),
    "chained": lambda o: torch.optim.lr_scheduler.ChainedScheduler(
        [
            torch.optim.lr_scheduler.ConstantLR(o, 0.5, 3),
            torch.optim.lr_scheduler.ExponentialLR(o, 0.9),
        ],
        o,
    ),
}


@pytest.mark.filterwarnings("ignore:.*lr_scheduler.step.*", "ignore:.*epoch parameter.*")
@pytest.mark.parametrize("name", SCHEDULERS)
@pytest.mark.parametrize("order", ["optimizer first", "scheduler first"])
def test_a_schedule_of_rates_goes_on_from_the_segments_own(name: str, order: str) -> None:
    """As if the whole training had had the child's rate."""

    def begun(lr: float) -> tuple[Any, Any, Any]:
        model = net()
        optimizer = torch.optim.SGD(model.parameters(), lr=lr)
        return model, optimizer, SCHEDULERS[name](optimizer)

    model, optimizer, scheduler = begun(0.5)
    steps(model, optimizer, 5, scheduler)
    child = passed_on(optimizer=optimizer, scheduler=scheduler)
    _, its, its_scheduler = begun(0.02)
    if order == "optimizer first":
        child.load(optimizer=its, scheduler=its_scheduler)
    else:
        child.load(scheduler=its_scheduler, optimizer=its)
    model, whole, whole_scheduler = begun(0.02)
    steps(model, whole, 5, whole_scheduler)
    for _ in range(8):
        assert its.param_groups[0]["lr"] == pytest.approx(whole.param_groups[0]["lr"])
        assert its_scheduler.get_last_lr() == pytest.approx(whole_scheduler.get_last_lr())
        its.step()
        its_scheduler.step()
        whole.step()
        whole_scheduler.step()


def test_hyperparameters_set_afterwards() -> None:
    model = net()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5, momentum=0.9)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.5)
    steps(model, optimizer, 2, scheduler)
    Checkpoint.set_hyperparameters(optimizer, lr=0.1, momentum=0.2)
    group = optimizer.param_groups[0]
    assert group["lr"] == pytest.approx(0.1 * 0.25)
    assert group["momentum"] == 0.2
    with pytest.raises(ValueError, match="no hyperparameter 'lrr'"):
        Checkpoint.set_hyperparameters(optimizer, lrr=0.1)


def data(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.standard_normal((80, 4)), rng.integers(3, size=80)


ESTIMATORS: dict[str, Callable[[], Any]] = {
    "sgd": lambda: SGDClassifier(random_state=0),
    "sgd averaged": lambda: SGDClassifier(random_state=0, average=True, loss="log_loss"),
    "regressor": lambda: SGDRegressor(random_state=0),
    "bayes": GaussianNB,
    "network, adam": lambda: MLPClassifier((6,), random_state=0),
    "network, sgd": lambda: MLPClassifier((6,), solver="sgd", random_state=0),
    "network, regression": lambda: MLPRegressor(hidden_layer_sizes=(6,), random_state=0),
    "scaler": StandardScaler,
}


def train(estimator: Any, seed: int) -> None:
    x, y = data(seed)
    if isinstance(estimator, StandardScaler):
        estimator.partial_fit(x)
    elif hasattr(estimator, "predict_proba") or isinstance(estimator, SGDClassifier):
        estimator.partial_fit(x, y, classes=[0, 1, 2])
    else:
        estimator.partial_fit(x, y.astype(float))


def output(estimator: Any) -> np.ndarray:
    x, _ = data(9)
    return estimator.transform(x) if hasattr(estimator, "transform") else estimator.predict(x)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ESTIMATORS)
def test_estimators_go_on_as_if_nothing_had_happened(name: str) -> None:
    estimator, other = ESTIMATORS[name](), ESTIMATORS[name]()
    train(estimator, 0)
    passed_on(model=estimator).load(model=other)
    for seed in (1, 2):
        train(estimator, seed)
        train(other, seed)
    assert np.array_equal(output(estimator), output(other))
    for key, value in vars(estimator).items():
        if isinstance(value, np.ndarray) and value.dtype.kind == "f":
            assert np.array_equal(value, vars(other)[key]), key


def test_parameters_of_the_estimator_of_this_segment_win() -> None:
    estimator = SGDClassifier(alpha=1e-3, learning_rate="constant", eta0=0.1, random_state=0)
    train(estimator, 0)
    other = SGDClassifier(alpha=5e-2, learning_rate="constant", eta0=0.01, random_state=0)
    passed_on(model=estimator).load(model=other)
    assert (other.alpha, other.eta0) == (5e-2, 0.01)
    assert np.array_equal(other.coef_, estimator.coef_)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("solver", ["sgd", "adam"])
def test_the_network_trains_with_the_rate_of_this_segment(solver: str) -> None:
    """Its optimiser holds a copy of the rate that it was made with."""
    estimator = MLPClassifier((6,), solver=solver, learning_rate_init=0.5, random_state=0)
    train(estimator, 0)
    child = passed_on(model=estimator)
    moved = []
    for rate in (1e-6, 0.1):
        other = MLPClassifier(
            (6,), solver=solver, learning_rate_init=rate, momentum=0.0, random_state=0
        )
        child.load(model=other)
        train(other, 1)
        moved.append(np.abs(other.coefs_[0] - estimator.coefs_[0]).max())
    assert moved[0] < 1e-4 < moved[1]


@pytest.mark.filterwarnings("ignore")
def test_the_schedule_of_the_networks_rate_is_that_of_this_segment() -> None:
    def begun(schedule: str) -> Any:
        return MLPClassifier((6,), solver="sgd", learning_rate=schedule, random_state=0)

    estimator, other = begun("invscaling"), begun("constant")
    train(estimator, 0)
    passed_on(model=estimator).load(model=other)
    rate = other._optimizer.learning_rate
    train(other, 1)
    assert other._optimizer.learning_rate == rate


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


def test_sources_of_random_numbers() -> None:
    generators = {
        "numpy": np.random.default_rng(3),
        "old": np.random.RandomState(3),
        "python": random.Random(3),
        "torch": torch.Generator().manual_seed(3),
        "global_python": random,
        "global_numpy": np.random,
        "global_torch": torch,
        "mersenne": np.random.Generator(np.random.MT19937(3)),
    }

    def draw() -> list[float]:
        return [
            float(generators["numpy"].random()),
            float(generators["old"].normal()),
            generators["python"].gauss(0, 1),
            float(torch.rand(1, generator=generators["torch"])),
            random.random(),
            float(np.random.random()),
            float(torch.rand(1)),
            float(generators["mersenne"].random()),
        ]

    draw()
    child = passed_on(**generators)
    after = draw()
    assert after != draw()
    child.load(**generators)
    assert draw() == after


def test_seeding_everything() -> None:
    found = []
    for _ in range(2):
        Checkpoint(0, 4_000_000_000).seed_everything()
        found.append((random.random(), np.random.random(), float(torch.rand(1))))
    assert found[0] == found[1]
    Checkpoint(0, 1).seed_everything()
    assert random.random() != found[0][0]


def test_arrays_are_filled_and_plain_values_returned() -> None:
    array = np.arange(3.0)
    child = passed_on(x=array, step=7, names=["a", None], nested={"k": (1, 2.5)})
    into = np.zeros(3)
    found = child.load(x=into, step=0, names=[], nested={})
    assert into.tolist() == [0.0, 1.0, 2.0]
    assert found == {"step": 7, "names": ["a", None], "nested": {"k": (1, 2.5)}}


def test_at_the_root_plain_values_come_back_and_nothing_changes() -> None:
    x = np.ones(2)
    assert Checkpoint(0, 0).load(x=x, step=3) == {"step": 3}
    assert x.tolist() == [1.0, 1.0]


def test_some_of_the_parts() -> None:
    x = np.zeros(2)
    passed_on(x=np.ones(2), y=np.ones(3)).load(x=x)
    assert x.tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    ("parts", "error", "match"),
    [
        ({"z": np.zeros(2)}, ValueError, r"no part 'z'; it has \['x'\]"),
        ({"x": np.zeros(3)}, ValueError, r"`x` must have shape \(2,\)"),
        ({"x": np.zeros(2, dtype=int)}, ValueError, "float64"),
        ({"x": object()}, TypeError, "`x` cannot be restored into a object"),
    ],
)
def test_parts_that_do_not_fit(parts: dict[str, Any], error: type, match: str) -> None:
    with pytest.raises(error, match=match):
        passed_on(x=np.ones(2)).load(**parts)


def test_what_cannot_be_saved() -> None:
    with pytest.raises(TypeError, match="`x` must have state_dict"):
        Checkpoint(0, 0).save(x=object())
    with pytest.raises(ValueError, match="at least one part"):
        Checkpoint(0, 0).save()


class OneOfTheirOwn(SGDClassifier):
    pass


@pytest.mark.parametrize(
    ("estimator", "what"),
    [
        (DecisionTreeClassifier(), "holds a sklearn.tree._tree.Tree"),
        (GradientBoostingClassifier(n_estimators=1), "holds a sklearn.tree._tree.Tree"),
        (OneOfTheirOwn(), "holds a tests.population.test_parts.OneOfTheirOwn"),
        (Birch(), "Birch are not supported"),
    ],
)
def test_estimators_that_could_not_be_loaded_are_not_saved(estimator: Any, what: str) -> None:
    with pytest.raises(TypeError, match=f"`model` .*{what}"):
        Checkpoint(0, 0).save(model=estimator.fit(*data()))


@pytest.mark.filterwarnings("ignore")
def test_another_class_of_estimator() -> None:
    estimator = GaussianNB()
    train(estimator, 0)
    child = passed_on(model=estimator)
    with pytest.raises(ValueError, match=r"was a GaussianNB\(\), got a SGDClassifier\(\)"):
        child.load(model=SGDClassifier())
    with pytest.raises(TypeError, match="was a scikit-learn estimator"):
        child.load(model=np.zeros(1))


def test_the_last_save_counts() -> None:
    root = Checkpoint(0, 0)
    root.save(step=1)
    root.save(step=2)
    assert child_of(root).load(step=0) == {"step": 2}


def test_a_damaged_checkpoint_names_its_trial() -> None:
    child = passed_on(x=np.ones(2))
    child._parent_sha256 = "0" * 64
    with pytest.raises(CheckpointError, match="checkpoint of trial 0 cannot be loaded"):
        child.load(x=np.zeros(2))


LR = torch.optim.lr_scheduler
SETTINGS: dict[str, Any] = {
    "exponential": (lambda o, a: LR.ExponentialLR(o, a), (0.9, 0.5)),
    "step": (lambda o, a: LR.StepLR(o, *a), ((9, 0.9), (5, 0.5))),
    "cosine": (lambda o, a: LR.CosineAnnealingLR(o, *a), ((90, 0.009), (50, 0.005))),
    "cyclic": (lambda o, a: LR.CyclicLR(o, 0.01, a), (0.9, 0.5)),
    "one cycle": (lambda o, a: LR.OneCycleLR(o, a, total_steps=40), (0.9, 0.5)),
    "restarts": (lambda o, a: LR.CosineAnnealingWarmRestarts(o, a), (9, 6)),
    "polynomial": (lambda o, a: LR.PolynomialLR(o, 30, a), (0.9, 0.5)),
    "multistep": (lambda o, a: LR.MultiStepLR(o, a), ([2, 8], [3, 7])),
    "lambda": (lambda o, a: LR.LambdaLR(o, lambda t: a**t), (0.9, 0.5)),
    "chained": (lambda o, a: LR.ChainedScheduler([LR.ExponentialLR(o, a)], o), (0.9, 0.5)),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", SETTINGS)
def test_settings_of_a_scheduler_are_those_of_the_segment(name: str) -> None:
    """After loading, the rates are those of a scheduler that had the child's settings always."""
    make, (parents, own) = SETTINGS[name]

    def begun(lr: float, setting: Any) -> tuple[Any, Any]:
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], lr=lr, momentum=0.9)
        return optimizer, make(optimizer, setting)

    optimizer, scheduler = begun(0.4, parents)
    for _ in range(4):
        optimizer.step()
        scheduler.step()
    its, its_scheduler = begun(0.02, own)
    made = getattr(its_scheduler, "_schedulers", [its_scheduler])[0]
    before = {k: v for k, v in vars(made).items() if isinstance(v, (int, float))}
    passed_on(o=optimizer, s=scheduler).load(o=its, s=its_scheduler)
    for key in ("gamma", "step_size", "T_max", "eta_min", "T_0", "power", "total_steps"):
        assert vars(made).get(key) == before.get(key)
    if name in ("cosine", "exponential", "step", "multistep", "polynomial", "chained"):
        return  # from the rate the parent's came to: they go on by a factor
    whole, whole_scheduler = begun(0.02, own)
    for _ in range(4):
        whole.step()
        whole_scheduler.step()
    assert its.param_groups[0]["momentum"] == whole.param_groups[0]["momentum"]
    for _ in range(3):
        for one, schedule in ((its, its_scheduler), (whole, whole_scheduler)):
            one.step()
            schedule.step()
        assert its.param_groups[0]["lr"] == pytest.approx(whole.param_groups[0]["lr"])


def test_what_a_user_put_into_a_group_is_the_segments() -> None:
    def begun(scale: float) -> Any:
        p = torch.nn.Parameter(torch.ones(1))
        return torch.optim.SGD([{"params": [p], "lr_scale": scale}], lr=0.1)

    its = begun(0.7)
    passed_on(o=begun(0.3)).load(o=its)
    assert its.param_groups[0]["lr_scale"] == 0.7


def test_a_plateau_begins_anew_with_the_segments_rate() -> None:
    def begun(lr: float, factor: float) -> tuple[Any, Any]:
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], lr=lr)
        return optimizer, LR.ReduceLROnPlateau(optimizer, factor=factor, patience=0)

    optimizer, scheduler = begun(0.5, 0.9)
    for _ in range(3):
        scheduler.step(1.0)
    its, its_scheduler = begun(0.01, 0.5)
    passed_on(o=optimizer, s=scheduler).load(o=its, s=its_scheduler)
    assert its.param_groups[0]["lr"] == 0.01
    assert its_scheduler.factor == 0.5
    assert its_scheduler.best == 1.0


@pytest.mark.filterwarnings("ignore")
def test_a_pipeline_keeps_its_fitted_steps() -> None:
    def begun(alpha: float) -> Any:
        return make_pipeline(StandardScaler(), SGDClassifier(alpha=alpha, random_state=0))

    x, y = data()
    parent = begun(1e-3).fit(x, y)
    child = begun(0.5)
    passed_on(model=parent).load(model=child)
    assert np.array_equal(parent.predict(x), child.predict(x))
    assert child[-1].alpha == 0.5
    with pytest.raises(ValueError, match="cannot be searched"):
        passed_on(model=parent).load(model=make_pipeline(SGDClassifier()))


@pytest.mark.filterwarnings("ignore")
def test_pipelines_and_unions_inside_a_pipeline_keep_their_fitted_steps() -> None:
    def begun(rate: float, kind: type = PCA) -> Any:
        union = make_union(StandardScaler(), make_pipeline(StandardScaler(), kind(2)))
        network = MLPClassifier((6,), learning_rate_init=rate, random_state=0)
        return make_pipeline(union, make_pipeline(network))

    x, y = data()
    parent, child = begun(0.1).fit(x, y), begun(0.01)
    passed_on(model=parent).load(model=child)
    assert np.array_equal(parent.predict(x), child.predict(x))
    network = child[-1][-1]
    assert network.learning_rate_init == network._optimizer.learning_rate_init == 0.01
    with pytest.raises(ValueError, match=r"pca=PCA.* got .*truncatedsvd=TruncatedSVD"):
        passed_on(model=parent).load(model=begun(0.1, TruncatedSVD))


@pytest.mark.filterwarnings("ignore")
def test_one_estimator_per_class() -> None:
    from sklearn.multiclass import OneVsRestClassifier

    x, y = data()
    parent = OneVsRestClassifier(SGDClassifier(alpha=1e-3, random_state=0)).fit(x, y)
    child = OneVsRestClassifier(SGDClassifier(alpha=0.5, random_state=0))
    passed_on(model=parent).load(model=child)
    assert {inner.alpha for inner in child.estimators_} == {0.5}
    assert np.array_equal(parent.predict(x), child.predict(x))


@pytest.mark.filterwarnings("ignore")
def test_a_network_with_another_solver_or_other_layers() -> None:
    parent = MLPClassifier((6,), solver="sgd", random_state=0)
    train(parent, 0)
    child = MLPClassifier((6,), solver="adam", random_state=0)
    passed_on(model=parent).load(model=child)
    train(child, 1)
    assert type(child._optimizer).__name__ == "AdamOptimizer"
    with pytest.raises(ValueError, match=r"hidden_layer_sizes=\[6\]"):
        passed_on(model=parent).load(model=MLPClassifier((9,)))


@pytest.mark.filterwarnings("ignore")
def test_no_function_that_a_file_names_is_called(tmp_path: Any) -> None:
    """A loss node of skops calls what it names; here, a program."""
    import json
    import zipfile

    from skops import io as skops_io

    from optuna_hpx.population._archive import Reader, Writer
    from optuna_hpx.population._parts import _meaning, put

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
    writer.add_blob("model", evil.getvalue(), _meaning(evil.getvalue()))
    sha256 = writer.close()
    with pytest.raises(Exception, match="check_output"):
        put(Reader(file, sha256), "model", GradientBoostingClassifier())
    assert not marker.exists()


@pytest.mark.filterwarnings("ignore")
def test_an_altered_estimator_is_noticed() -> None:
    from optuna_hpx.population._archive import Reader, Writer
    from optuna_hpx.population._parts import _dumped, _meaning, put

    x, y = data()
    one, other = (_dumped("", GaussianNB().fit(x * scale, y)) for scale in (1.0, 2.0))
    file = io.BytesIO()
    writer = Writer(file)
    writer.add_blob("model", other, _meaning(one))
    sha256 = writer.close()
    with pytest.raises(CheckpointError, match="'model' has been altered"):
        put(Reader(file, sha256), "model", GaussianNB())


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


def test_what_numpy_holds_of_one_value_is_plain() -> None:
    assert Checkpoint(0, 0).load(step=np.int64(3)) == {"step": 3}
    assert passed_on(step=np.int64(7)).load(step=np.int64(0)) == {"step": 7}


def test_parts_of_other_shapes() -> None:
    with pytest.raises(ValueError, match="`n` does not fit what the parent saved"):
        passed_on(n=torch.nn.Linear(2, 3)).load(n=torch.nn.Linear(3, 3))
    with pytest.raises(ValueError, match="`n` was saved as 3, got an array"):
        passed_on(n=3).load(n=np.zeros(1))


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


def test_a_conjugate_tensor() -> None:
    tensor = torch.tensor([1 + 2j]).conj()
    found = passed_on(x={"t": tensor}).load(x={})["x"]["t"]
    assert torch.equal(found, torch.tensor([1 - 2j]))


def test_the_kind_of_an_optimiser_cannot_change() -> None:
    model = net()
    child = passed_on(o=torch.optim.SGD(model.parameters(), lr=0.1))
    with pytest.raises(ValueError, match="another kind of optimiser"):
        child.load(o=torch.optim.Adam(model.parameters(), lr=0.1))


@pytest.mark.parametrize(
    ("make", "feature"),
    [
        (torch.optim.Adam, {"amsgrad": True}),
        (torch.optim.RMSprop, {"centered": True}),
        (torch.optim.RMSprop, {"momentum": 0.5}),
    ],
)
def test_averages_that_the_parents_optimiser_did_not_keep(make: Any, feature: Any) -> None:
    model = net()
    parent = make(model.parameters(), lr=0.1)
    steps(model, parent, 2)
    with pytest.raises(ValueError, match=r"no state for .* cannot be searched"):
        passed_on(o=parent).load(o=make(model.parameters(), lr=0.1, **feature))
    richer = make(model.parameters(), lr=0.1, **feature)
    steps(model, richer, 2)
    passed_on(o=richer).load(o=parent)
    steps(model, parent, 1)


def test_averages_that_the_parents_estimator_did_not_keep() -> None:
    parent = SGDClassifier(random_state=0)
    train(parent, 0)
    with pytest.raises(ValueError, match=r"got a SGDClassifier\(average=True\)"):
        passed_on(m=parent).load(m=SGDClassifier(average=True))
