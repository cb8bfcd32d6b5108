"""A small network on the digits of scikit-learn, trained by a population of 12 in a minute.

Run it again, or in several terminals at once: it goes on where it stopped.
"""

from pathlib import Path

import optuna
import torch
from optuna.artifacts import FileSystemArtifactStore
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from optuna_hpx import GPBTScheduler, plot_genealogy, plot_schedule

x, y = (torch.tensor(a) for a in load_digits(return_X_y=True))
x = x.float().reshape(-1, 1, 8, 8) / 16
x_train, x_valid, y_train, y_valid = train_test_split(x, y, test_size=0.5, random_state=0)


def segment(trial, checkpoint):
    torch.manual_seed(checkpoint.seed)
    lr = trial.suggest_float("lr", 1e-3, 1, log=True)
    momentum = trial.suggest_float("momentum", 0, 0.99)
    dropout = torch.nn.Dropout(trial.suggest_float("dropout", 0, 0.7))
    conv, pool = torch.nn.Conv2d(1, 16, 3, padding=1), torch.nn.MaxPool2d(2)
    net = torch.nn.Sequential(conv, torch.nn.ReLU(), pool, torch.nn.Flatten(), dropout)
    net.append(torch.nn.Linear(256, 10))
    sgd = torch.optim.SGD(net.parameters(), lr=lr, momentum=momentum)
    checkpoint.load(net=net, sgd=sgd)  # the parent's weights and momentum, not its lr
    for batch in torch.randperm(len(x_train)).split(32):
        sgd.zero_grad()
        torch.nn.functional.cross_entropy(net(x_train[batch]), y_train[batch]).backward()
        sgd.step()
    checkpoint.save(net=net, sgd=sgd)
    with torch.no_grad():
        return torch.nn.functional.cross_entropy(net.eval()(x_valid), y_valid).item()


study = optuna.create_study(storage="sqlite:///gpbt.db", study_name="digits", load_if_exists=True)
Path("checkpoints").mkdir(exist_ok=True)
store = FileSystemArtifactStore("checkpoints")
run = GPBTScheduler(study, population_size=12, n_generations=8, artifact_store=store, seed=0)
run.optimize(segment, show_progress_bar=True)
print(run.best_schedule())
run.best_schedule().to_json("schedule.json")
plot_schedule(run.best_schedule(), study).write_html("schedule.html")
plot_genealogy(study).write_html("genealogy.html")
