"""The demonstration of a sampler that learns: a convolutional network in torch.

Every fourth trial is drawn at random, so that how good it can get is told, too; the others are
chosen by :class:`HsicSampler`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from sklearn.model_selection import train_test_split

from optuna_hpx.page.demo._digits import images_and_digits
from optuna_hpx.samplers import HsicSampler, InterleavedSampler

if TYPE_CHECKING:
    import optuna

    from optuna_hpx.page.demo._job import Job

__all__ = ["objective", "tune"]

_EPOCHS = 3


def tune(job: Job) -> None:
    """Run a worker's share of the trials."""
    torch.set_num_threads(1)
    seed = (job.seed + job.n_before) % 2**32  # a run taken up again does not repeat its draws
    sampler = InterleavedSampler(HsicSampler(seed=seed), every=4, seed=seed)
    study = job.load(sampler=sampler)
    study.optimize(objective, n_trials=job.n_trials, callbacks=[job.end_early])


def objective(trial: optuna.Trial) -> float:
    """Return the log loss on images that the network has not seen, after three epochs."""
    torch.manual_seed(trial.number)
    channels = trial.suggest_int("channels", 4, 32, log=True)
    rate = trial.suggest_float("learning_rate", 1e-4, 1.0, log=True)
    decay = trial.suggest_float("weight_decay", 1e-6, 1e-1, log=True)
    dropout = trial.suggest_float("dropout", 0.0, 0.7)
    batch = trial.suggest_int("batch_size", 16, 128, log=True)
    network = torch.nn.Sequential(
        torch.nn.Conv2d(1, channels, 3, padding=1),
        torch.nn.ReLU(),
        torch.nn.MaxPool2d(2),
        torch.nn.Flatten(),
        torch.nn.Dropout(dropout),
        torch.nn.Linear(16 * channels, 10),
    )
    optimizer = torch.optim.SGD(
        network.parameters(),
        lr=rate,
        momentum=trial.suggest_float("momentum", 0.0, 0.99),
        weight_decay=decay,
    )
    images, digits = images_and_digits()
    x = torch.tensor(images, dtype=torch.float32).reshape(-1, 1, 8, 8)
    seen, unseen, digits_seen, digits_unseen = train_test_split(
        x, torch.tensor(digits), test_size=0.5, stratify=digits, random_state=0
    )
    for _ in range(_EPOCHS):
        order = torch.randperm(len(seen))
        for rows in torch.split(order, batch):
            optimizer.zero_grad()
            loss = torch.nn.functional.cross_entropy(network(seen[rows]), digits_seen[rows])
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
    with torch.no_grad():
        scores = network.eval()(unseen)
        return float(torch.nn.functional.cross_entropy(scores, digits_unseen))
