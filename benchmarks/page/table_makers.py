"""Tables of trials as many tools and people write them, and which of their columns are parameters.

Made without a look at how this package reads them: names are those of the tools' own documentation
and of what people log beside. Tables of `seen` were looked at while the reader was written, those
of `held` first when it was done, and it was mended by what they showed; those of `late` were made
last, and changed nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd


@dataclass
class Table:
    """A table that is being made: columns in order, and the parameters among them."""

    rng: np.random.Generator
    n: int = 120
    columns: dict[str, Any] = field(default_factory=dict)
    params: list[str] = field(default_factory=list)
    kinds: dict[str, str] = field(default_factory=dict)
    others: dict[str, str] = field(default_factory=dict)
    loss: np.ndarray = field(default_factory=lambda: np.zeros(0))
    value: str = ""
    effects: list[np.ndarray] = field(default_factory=list)
    either: list[str] = field(default_factory=list)  # parameters or not: both can be argued

    def p(self, **specs: Any) -> Table:
        """Add parameters: ("log", a, b), ("unif", a, b), ("int", a, b), or a list of choices."""
        return self.ps(specs)

    def ps(self, specs: dict[str, Any]) -> Table:
        for name, spec in specs.items():
            if isinstance(spec, list):
                code = self.rng.integers(len(spec), size=self.n)
                x, z = np.array(spec, dtype=object)[code], code / max(len(spec) - 1, 1)
                is_grid = all(type(choice) in (int, float) for choice in spec)
                self.kinds[name] = "grid" if is_grid else "choice"
                if self.kinds[name] == "grid":
                    x = x.astype(float if any(isinstance(c, float) for c in spec) else int)
            else:
                kind, low, high = spec
                self.kinds[name] = kind
                z = self.rng.random(self.n)
                if kind == "log":
                    x = low * (high / low) ** z
                elif kind == "int":
                    x = self.rng.integers(low, high + 1, self.n)
                    z = (x - low) / max(high - low, 1)
                else:
                    x = low + (high - low) * z
            self.columns[name], self.params = x, [*self.params, name]
            self.effects.append((z - self.rng.uniform(0.2, 0.8)) ** 2 / (1 + len(self.effects)))
        self.loss = 0.2 + sum(self.effects) + 0.03 * self.rng.normal(size=self.n)
        return self

    def objective(self, name: str, sign: float = 1.0) -> Table:
        self.value = name
        self.columns[name] = self.loss if sign > 0 else 1 - self.loss
        return self

    def alike(self, *names: str, noise: float = 0.05) -> Table:
        """Add results that go along with the objective, more or less."""
        for name in names:
            sign = self.rng.choice([-1, 1])
            self.columns[name] = 1 + sign * self.loss + noise * self.rng.normal(size=self.n)
            self.others[name] = "result"
        return self

    def cost(self, *names: str, scale: float = 1e3) -> Table:
        """Add results that follow from the parameters, but not as the objective does."""
        for name in names:
            self.columns[name] = scale * (1 + self.effects[-1] + 0.05 * self.rng.random(self.n))
            self.others[name] = "result"
        return self

    def noise(self, *names: str) -> Table:
        for name in names:
            self.columns[name] = self.rng.gamma(2, 30, self.n)
            self.others[name] = "result"
        return self

    def c(self, **columns: Any) -> Table:
        return self.cs(columns)

    def cs(self, columns: dict[str, Any]) -> Table:
        for name, cells in columns.items():
            if isinstance(cells, list):
                cells = self.rng.choice(np.array(cells, dtype=object), self.n)
            elif not isinstance(cells, (np.ndarray, pd.Index, pd.Series)):
                cells = np.full(self.n, cells, dtype=object)
            self.columns[name] = cells
        return self

    def dates(self, *names: str, form: str = "%Y-%m-%d %H:%M:%S") -> Table:
        days = pd.date_range("2026-02-03 10:00", periods=self.n, freq="17min")
        self.others |= dict.fromkeys(names, "date")
        return self.cs({name: days.strftime(form).to_numpy() for name in names})

    def ids(self, *names: str, length: int = 8) -> Table:
        self.others |= dict.fromkeys(names, "id")
        letters = np.array(list("0123456789abcdef"))
        return self.cs(
            {
                n: np.array(["".join(self.rng.choice(letters, length)) for _ in range(self.n)])
                for n in names
            }
        )

    def names(self, name: str, stem: str = "run") -> Table:
        self.others[name] = "id"
        return self.cs({name: np.array([f"{stem}-{k}" for k in range(self.n)])})

    @property
    def frame(self) -> pd.DataFrame:
        return pd.DataFrame(self.columns)

    def text(self, **options: Any) -> str:
        return str(self.frame.to_csv(index=False, **options))


@dataclass(frozen=True)
class Case:
    """A file, its objective, and what is right.

    Attributes:
        name: Of its maker.
        text: The file.
        value: The column of the objective.
        right: The parameters, without a prefix.
        either: Columns of which both can be argued.
        kinds: "log", "unif", "int", "grid" (of numbers) or "choice", by parameter.
        others: "result", "date" or "id", by column, where the maker says so.
    """

    name: str
    text: bytes
    value: list[str]
    right: frozenset[str]
    either: frozenset[str]
    kinds: dict[str, str]
    others: dict[str, str]


LR = "log", 1e-5, 1e-1
MAKERS: dict[str, tuple[str, Callable[[Table], Any]]] = {}


def maker(group: str) -> Callable[[Callable[[Table], Any]], Callable[[Table], Any]]:
    def add(make: Callable[[Table], Any]) -> Callable[[Table], Any]:
        MAKERS[make.__name__] = group, make
        return make

    return add


seen, held, late = maker("seen"), maker("held back"), maker("last")


def case_of(name: str, seed: int) -> Case:
    """Make one table."""
    table = Table(np.random.default_rng([seed, *name.encode()]))
    made = MAKERS[name][1](table)
    text, prefix = made if isinstance(made, tuple) else (made, "")
    if text is None or isinstance(text, Table):
        text = table.text()
    content = text if isinstance(text, bytes) else text.encode()
    short = {p.removeprefix(prefix) for p in table.params}
    kinds = {p.removeprefix(prefix): kind for p, kind in table.kinds.items()}
    return Case(
        name,
        content,
        [table.value],
        frozenset(short),
        frozenset(table.either),
        kinds,
        table.others,
    )


# --- the five tools, and variants of them


def _prefixed(t: Table, prefix: str) -> Table:
    return t.ps(
        {
            f"{prefix}lr": LR,
            f"{prefix}batch_size": [16, 32, 64, 128],
            f"{prefix}optimizer": ["adam", "sgd", "adamw"],
            f"{prefix}dropout": ("unif", 0, 0.6),
            f"{prefix}n_layers": ("int", 1, 6),
        }
    )


@seen
def optuna_frame(t: Table) -> Any:
    t.c(number=np.arange(t.n))
    _prefixed(t, "params_").objective("value").dates("datetime_start", "datetime_complete")
    t.c(duration=np.array([f"0 days 00:00:{k % 60:02d}.123" for k in range(t.n)]))
    t.alike("user_attrs_train_loss").c(
        state=["COMPLETE", "COMPLETE", "COMPLETE", "PRUNED", "FAIL"]
    )
    return t.text(), "params_"


@seen
def dashboard(t: Table) -> Any:
    t.c(Number=np.arange(t.n), State=["Complete", "Complete", "Pruned", "Running"])
    _prefixed(t, "Param ").objective("Value").alike("UserAttribute test_acc")
    return t.text(), "Param "


@seen
def wandb_config(t: Table) -> Any:
    t.names("Name").c(
        State=["finished", "finished", "crashed", "running"], Notes="-", User="me", Tags=""
    )
    t.dates("Created", form="%Y-%m-%dT%H:%M:%S.000Z").noise("Runtime").c(
        **{"config.seed": [1, 2, 3]}
    )
    _prefixed(t, "config.").objective("val_loss").alike("train_loss").c(epoch=20)
    return t.text(), "config."


@seen
def wandb_bare(t: Table) -> Any:
    t.names("Name").c(
        State=["finished", "finished", "failed"],
        Notes="",
        User="me",
        Tags="baseline",
        Sweep="abc123",
    )
    t.dates("Created").noise("Runtime").c(seed=[0, 1, 2, 3, 4])
    _prefixed(t, "").objective("val/loss").alike("train/loss", "val/acc").noise("_runtime")
    return t.c(_step=t.rng.integers(100, 900, t.n), _timestamp=1.7e9 + 60.0 * np.arange(t.n))


@seen
def wandb_api_nested(t: Table) -> Any:
    _prefixed(t, "").objective("loss")
    config = t.frame[t.params].to_dict("records")
    summary = [{"loss": x, "_runtime": 3.0 * k, "acc": 1 - x} for k, x in enumerate(t.loss)]
    frame = pd.DataFrame(
        {"summary": summary, "config": config, "name": [f"r{k}" for k in range(t.n)]}
    )
    t.value = "summary.loss"
    return frame.to_csv(), ""


@seen
def mlflow(t: Table) -> Any:
    t.ids("run_id", length=32).c(
        experiment_id=1, status=["FINISHED", "FINISHED", "FAILED"], artifact_uri="s3://x/y"
    )
    t.dates("start_time", "end_time")
    _prefixed(t, "params.").objective("metrics.val_loss").alike("metrics.train_loss")
    t.cs({"params.max_depth": t.rng.choice(np.array(["None", "5", "10"]), t.n)})
    t.params.append("params.max_depth")
    return t.cs({"tags.mlflow.user": "me", "params.seed": "1"}).text(), "params."


@seen
def mlflow_ui(t: Table) -> Any:
    t.dates("Start Time").c(Duration=np.array([f"{k % 50 + 1}.2min" for k in range(t.n)]))
    t.ids("Run ID", length=32).names("Name").cs(
        {"Source Type": "LOCAL", "Source Name": "train.py", "User": "me", "Status": "FINISHED"}
    )
    return _prefixed(t, "").objective("rmse").alike("mae", "r2")


@seen
def ray(t: Table) -> Any:
    t.objective("val_loss").ids("trial_id").c(
        training_iteration=t.rng.integers(1, 20, t.n), done=True
    )
    t.noise("time_total_s", "time_this_iter_s").c(
        pid=t.rng.integers(1000, 9000, t.n), node_ip="10.0.0.2"
    )
    _prefixed(t, "config/").objective("val_loss")
    return t.names("logdir", "/tmp/ray/x").text(), "config/"


@seen
def sklearn_cv(t: Table) -> Any:
    t.noise("mean_fit_time", "std_fit_time", "mean_score_time", "std_score_time")
    t.ps({"param_clf__C": ("log", 1e-3, 1e3), "param_clf__kernel": ["rbf", "poly", "linear"]})
    gamma = t.rng.choice(np.array(["scale", "auto"], dtype=object), t.n)
    t.cs({"param_clf__gamma": np.where(t.columns["param_clf__kernel"] == "linear", "", gamma)})
    t.params.append("param_clf__gamma")
    t.c(params="{}").alike("split0_test_score", "split1_test_score").objective(
        "mean_test_score", -1
    )
    return t.noise("std_test_score").c(
        rank_test_score=t.loss.argsort().argsort() + 1
    ).text(), "param_"


@seen
def semicolons_and_commas(t: Table) -> Any:
    _prefixed(t, "").objective("val_loss").alike("val_acc", "train_loss")
    return b"\xef\xbb\xbf" + t.text(sep=";", decimal=",").encode()


@seen
def excel_sep_line(t: Table) -> Any:
    t.c(Nr=np.arange(1, t.n + 1)).dates("Date", form="%d.%m.%Y")
    _prefixed(t, "").objective("Error")
    return ("sep=;\r\n" + t.text(sep=";", decimal=",", lineterminator="\r\n")).encode("cp1252")


@seen
def percent_and_thousands(t: Table) -> Any:
    t.p(lr=LR, dropout=("unif", 0, 60), hidden=("int", 1000, 9000), optimizer=["adam", "sgd"])
    t.objective("accuracy", -1).alike("top5_accuracy")
    frame = t.frame
    frame["dropout"] = frame["dropout"].map("{:.1f}%".format)
    frame["hidden"] = frame["hidden"].map("{:,}".format)
    frame["accuracy"] = frame["accuracy"].map(lambda x: f"{100 * x:.2f}%")
    return frame.to_csv(index=False)


@seen
def bare_script(t: Table) -> Any:
    """A log of one's own: hyperparameters and metrics side by side, with a seed and a git hash."""
    t.dates("timestamp").ids("git_hash", length=40).p(
        lr=LR,
        wd=("log", 1e-6, 1e-2),
        width=[64, 128, 256, 512],
        activation=["relu", "gelu"],
        use_bn=[True, False],
    )
    t.c(seed=t.rng.integers(0, 10000, t.n)).alike("train_loss", "train_acc").objective("val_loss")
    return (
        t.alike("val_acc", "test_acc").noise("epoch_time").c(best_epoch=t.rng.integers(3, 40, t.n))
    )


@seen
def epochs_as_columns(t: Table) -> Any:
    t.p(lr=LR, momentum=("unif", 0.5, 0.99), batch=[32, 64, 128]).objective("final_loss")
    return t.alike(*[f"loss_epoch_{k}" for k in range(1, 6)])


@seen
def one_hot(t: Table) -> Any:
    t.p(lr=LR, depth=("int", 2, 9)).objective("loss")
    opt = t.rng.integers(3, size=t.n)
    t.params.append("opt")
    return t.cs(
        {f"opt_{o}": (opt == k).astype(int) for k, o in enumerate(["adam", "sgd", "lion"])}
    )


# --- held back


@held
def huggingface_wandb(t: Table) -> Any:
    t.names("Name").c(State="finished", Notes="", User="me", Tags="", Sweep="s1")
    t.dates("Created").noise("Runtime")
    t.p(
        learning_rate=("log", 1e-6, 1e-3),
        per_device_train_batch_size=[8, 16, 32],
        warmup_ratio=("unif", 0, 0.2),
        weight_decay=("unif", 0, 0.3),
        num_train_epochs=("int", 2, 8),
        lr_scheduler_type=["linear", "cosine"],
    )
    t.c(model_name_or_path="bert-base", output_dir="/tmp/out", fp16=True, logging_steps=50)
    t.objective("eval/loss").alike("eval/f1", "eval/accuracy", "train/loss", "train_loss")
    t.noise("eval/runtime", "eval/samples_per_second", "train/total_flos", "train_runtime")
    return t.cs({"train/global_step": t.rng.integers(500, 5000, t.n), "train/epoch": 3.0})


@held
def xgboost_cv(t: Table) -> Any:
    t.p(
        eta=("log", 0.005, 0.3),
        max_depth=("int", 2, 10),
        subsample=("unif", 0.5, 1),
        colsample_bytree=("unif", 0.4, 1),
        min_child_weight=("log", 0.5, 20),
        gamma=("unif", 0, 5),
        reg_alpha=("log", 1e-4, 10),
    )
    t.objective("test-logloss-mean").noise("test-logloss-std").alike("train-logloss-mean")
    return t.noise("train-logloss-std").c(best_iteration=t.rng.integers(20, 900, t.n))


@held
def stable_baselines(t: Table) -> Any:
    t.names("run", "PPO").p(
        learning_rate=("log", 1e-5, 1e-2),
        gamma=("unif", 0.9, 0.9999),
        gae_lambda=("unif", 0.8, 1),
        ent_coef=("log", 1e-8, 0.1),
        vf_coef=("unif", 0, 1),
        clip_range=[0.1, 0.2, 0.3],
        n_steps=[256, 512, 1024, 2048],
        net_arch=["small", "medium"],
    )
    t.objective("rollout/ep_rew_mean", -1).alike("eval/mean_reward").cost("rollout/ep_len_mean")
    return t.noise("time/fps", "train/approx_kl").c(**{"time/total_timesteps": 1000000})


@held
def ax_experiment(t: Table) -> Any:
    t.c(trial_index=np.arange(t.n)).names("arm_name", "0_0")
    t.c(trial_status=["COMPLETED", "COMPLETED", "FAILED"], generation_method=["Sobol", "BoTorch"])
    t.objective("hartmann6").p(x1=("unif", 0, 1), x2=("unif", 0, 1), x3=("unif", 0, 1))
    return t.objective("hartmann6").cost("l2norm")


@held
def sagemaker(t: Table) -> Any:
    t.ps({"batch-size": [32, 64, 128], "learning-rate": LR, "hidden-units": ("int", 16, 512)})
    t.names("TrainingJobName", "job").c(TrainingJobStatus=["Completed", "Completed", "Stopped"])
    t.objective("FinalObjectiveValue").dates("TrainingStartTime", "TrainingEndTime")
    return t.noise("TrainingElapsedTimeSeconds")


@held
def keras_tuner(t: Table) -> Any:
    t.c(trial_id=np.array([f"{k:02d}" for k in range(t.n)]), status="COMPLETED")
    t.ps(
        {
            "hp_units": [32, 64, 96, 128],
            "hp_learning_rate": [0.01, 0.001, 0.0001],
            "hp_dropout": ("unif", 0, 0.5),
        }
    )
    t.objective("score").c(best_step=t.rng.integers(0, 20, t.n))
    return t.text(), "hp_"


@held
def neptune(t: Table) -> Any:
    t.cs({"sys/id": np.array([f"PRJ-{k}" for k in range(t.n)]), "sys/owner": "me"})
    t.dates("sys/creation_time").noise("sys/running_time")
    _prefixed(t, "parameters/").objective("metrics/val/loss").alike("metrics/train/loss")
    return t.noise("monitoring/gpu").text(), "parameters/"


@held
def dvc(t: Table) -> Any:
    t.names("Experiment", "exp").ids("rev", length=7).c(typ="branch_commit", State="Success")
    t.dates("Created", form="%b %d, %Y").ps(
        {
            "train.lr": LR,
            "train.n_est": ("int", 50, 500),
            "featurize.max_features": ("int", 100, 2000),
            "train.criterion": ["gini", "entropy"],
        }
    )
    return t.objective("avg_prec", -1).alike("roc_auc")


@held
def tensorboard_hparams(t: Table) -> Any:
    t.c(trial_id=np.arange(t.n)).p(
        num_units=[16, 32, 64],
        dropout=("unif", 0.1, 0.4),
        optimizer=["adam", "sgd"],
        l2_reg=("log", 1e-6, 1e-2),
    )
    return t.objective("epoch_accuracy", -1).alike("epoch_loss")


@held
def bayesian_optimization(t: Table) -> Any:
    return t.p(C=("log", 0.001, 100), tol=("log", 1e-6, 1e-2), degree=("int", 2, 5)).objective(
        "target", -1
    )


@held
def lightgbm_study(t: Table) -> Any:
    t.c(number=np.arange(t.n)).ps(
        {
            "params_num_leaves": ("int", 8, 256),
            "params_feature_fraction": ("unif", 0.4, 1),
            "params_lambda_l1": ("log", 1e-8, 10),
            "params_seed": ("int", 0, 5),
        }
    )
    t.objective("value", -1).c(state="COMPLETE").noise("user_attrs_n_trees")
    return t.text(), "params_"


@held
def yolo_tune(t: Table) -> Any:
    t.objective("fitness").p(
        lr0=("log", 1e-5, 1e-1),
        lrf=("unif", 0.01, 1),
        momentum=("unif", 0.6, 0.98),
        weight_decay=("unif", 0, 0.001),
        warmup_epochs=("unif", 0, 5),
        box=("unif", 0.02, 0.2),
        cls=("unif", 0.2, 4),
        dfl=("unif", 0.4, 6),
        hsv_h=("unif", 0, 0.1),
        degrees=("unif", 0, 45),
        mosaic=("unif", 0, 1),
        copy_paste=("unif", 0, 1),
    )
    return t.objective("fitness", -1)


@held
def mlr3(t: Table) -> Any:
    t.p(cost=("log", 1e-3, 1e3), kernel=["radial", "polynomial"], degree=("int", 1, 5))
    t.objective("classif.ce").noise("runtime_learners").dates("timestamp").c(warnings=0, errors=0)
    return t.c(batch_nr=np.arange(t.n) // 4 + 1).ids("uhash", length=32)


@held
def caret(t: Table) -> Any:
    t.p(mtry=("int", 2, 12), min_node_size=("int", 1, 20), splitrule=["variance", "extratrees"])
    return t.objective("RMSE").alike("Rsquared", "MAE").noise("RMSESD", "RsquaredSD", "MAESD")


@held
def laboratory(t: Table) -> Any:
    t.cs({"Experiment No.": np.arange(1, t.n + 1)}).dates("Date", form="%d/%m/%Y")
    t.c(Operator=["Kim", "Lee", "Ada"])
    t.either.append("Operator")
    t.ps(
        {
            "Temperature [C]": ("unif", 20, 90),
            "Pressure (bar)": ("unif", 1, 12),
            "Catalyst": ["A", "B", "C"],
            "Stirring rate (rpm)": ("int", 200, 1200),
        }
    )
    return t.objective("Yield (%)", -1).alike("Purity (%)").c(Remarks="")


@held
def hyperopt(t: Table) -> Any:
    t.c(tid=np.arange(t.n), status="ok").p(n_hidden=("int", 8, 256), lr=LR, act=["relu", "tanh"])
    return t.objective("loss").noise("eval_time").dates("book_time", "refresh_time")


@held
def nni(t: Table) -> Any:
    t.ids("trialJobId").c(intermediate="").p(
        lr=LR, hidden_size=[128, 256, 512], momentum=("unif", 0, 1)
    )
    return t.objective("reward", -1).c(sequence=np.arange(t.n))


@held
def lightning_hydra(t: Table) -> Any:
    t.names("job").ps(
        {
            "optimizer.lr": LR,
            "model.net.hidden_dim": [64, 128, 256],
            "data.batch_size": [32, 64],
            "model.dropout": ("unif", 0, 0.5),
            "optimizer._target_": ["torch.optim.Adam", "torch.optim.SGD"],
        }
    )
    t.cs({"trainer.max_epochs": 10, "paths.output_dir": "/out", "seed": [1, 2, 3]})
    t.objective("test/acc", -1).alike("val/acc_best", "train/acc", "val/loss")
    return t.cs({"model/params/total": t.columns["model.net.hidden_dim"] * 1250 + 10})


@held
def comet(t: Table) -> Any:
    t.ids("experiment_key", length=32).names("Name").c(duration=t.rng.integers(50, 500, t.n))
    t.p(lr=LR, alpha=("unif", 0, 1), n_heads=[2, 4, 8]).objective("val_bleu", -1)
    return t.alike("val_chrf").cost("sys.gpu.0.memory_used", "peak_ram_mb").c(curr_step=500)


@held
def determined(t: Table) -> Any:
    t.c(id=t.rng.permutation(5000)[: t.n], state=["COMPLETED", "ERROR"])
    t.ps(
        {
            "hyperparameters.global_batch_size": [64, 128],
            "hyperparameters.learning_rate": LR,
            "hyperparameters.n_filters1": ("int", 8, 64),
        }
    )
    t.objective("validation_loss").noise("wallClockTime")
    return t.text(), "hyperparameters."


@held
def fastai_notes(t: Table) -> Any:
    t.p(
        learning_rate=LR,
        wd=[0.0, 0.01, 0.1],
        mixup=[0.0, 0.2, 0.4],
        epochs=("int", 3, 12),
        arch=["resnet18", "resnet34", "resnet50"],
        img_size=[128, 160, 224],
    )
    t.objective("error_rate").alike("train_loss", "valid_loss").c(
        notes="ok", gpu_mem=[3.1, 4.2, 5.0]
    )
    return t.c(time=np.array([f"{k % 9:02d}:{k % 60:02d}" for k in range(t.n)]))


@held
def gnn_results(t: Table) -> Any:
    t.p(
        dataset_split=[0, 1, 2],
        hid=[16, 32, 64],
        heads=[1, 4, 8],
        feat_drop=("unif", 0, 0.6),
        attn_drop=("unif", 0, 0.6),
        negative_slope=("unif", 0.01, 0.3),
        residual=["true", "false"],
    )
    t.alike("micro_f1", "hits@10").objective("mrr", -1).c(n_params=t.columns["hid"] * 977)
    return t.c(host=["node1", "node2"], pid=t.rng.integers(1000, 90000, t.n))


@held
def diffusion(t: Table) -> Any:
    t.p(
        cfg_scale=("unif", 1, 15),
        num_steps=("int", 10, 100),
        eta=("unif", 0, 1),
        sampler=["ddim", "euler"],
        lora_rank=[4, 8, 16, 32],
        noise_offset=("unif", 0, 0.2),
    )
    t.objective("FID").alike("clip_score", "IS").cost("sec_per_image").ids("commit", length=7)
    return t.names("checkpoint_path", "/ckpt/m")


@held
def tab_and_units(t: Table) -> Any:
    t.p(cache=("int", 16, 512), threads=("int", 1, 32), policy=["lru", "lfu"]).objective(
        "latency_ms"
    )
    t.alike("p99_ms").noise("throughput_rps")
    frame = t.frame
    frame["cache"] = frame["cache"].map("{} MB".format)
    return frame.to_csv(index=False, sep="\t")


@held
def robotics(t: Table) -> Any:
    t.cs({"trial": np.arange(t.n)}).p(
        kp=("log", 0.1, 100), ki=("log", 0.001, 1), kd=("log", 0.001, 1), filter=["none", "butter"]
    )
    return (
        t.objective("ise").alike("overshoot", noise=0.3).noise("settling_time").c(success=[0, 1])
    )


# --- made last


@late
def recommender(t: Table) -> Any:
    t.p(embedding_dim=[16, 32, 64], reg=("log", 1e-6, 1e-1), n_negatives=("int", 1, 20))
    t.p(model=["als", "bpr"], learning_rate=LR).objective("ndcg@10", -1)
    return t.alike("recall@20", "coverage", noise=0.2).noise("train_seconds").ids("model_uuid")


@late
def speech(t: Table) -> Any:
    t.c(exp_id=np.arange(1000, 1000 + 3 * t.n, 3)).p(lr=LR, specaug_freq=("int", 0, 40))
    t.p(encoder_layers=("int", 4, 18), ctc_weight=("unif", 0, 0.5), beam=[1, 5, 10])
    return t.objective("dev_wer").alike("test_wer", "dev_cer").noise("rtf").c(user="a", note="")


@late
def forecasting(t: Table) -> Any:
    t.p(changepoint_prior_scale=("log", 0.001, 0.5), seasonality_mode=["additive", "mult"])
    t.p(seasonality_prior_scale=("log", 0.01, 10)).objective("mape").alike("rmse", "mdape")
    return t.alike("coverage", noise=0.4).c(horizon="30 days").dates("cutoff")


@late
def smac(t: Table) -> Any:
    t.c(config_id=np.arange(1, t.n + 1), instance="", seed=t.rng.integers(0, 9, t.n), budget=0.0)
    t.objective("cost").noise("time").c(status=["SUCCESS", "SUCCESS", "TIMEOUT", "CRASHED"])
    t.dates("starttime", "endtime").p(C=("log", 0.01, 100), kernel=["rbf", "poly"])
    return t.p(coef0=("unif", 0, 1), shrinking=["True", "False"]).objective("cost")


@late
def simulation(t: Table) -> Any:
    t.cs({"Run": np.arange(1, t.n + 1)}).ps({"Inlet velocity (m/s)": ("unif", 1, 9)})
    t.ps({"Angle of attack": ("unif", -5, 15), "Mesh": ["coarse", "fine"]})
    t.objective("Drag").alike("Lift", noise=0.1).cost("Pressure loss (Pa)")
    return t.noise("CPU hours").text(sep=";", decimal=",")


@late
def vision_sweep(t: Table) -> Any:
    t.names("name").c(state=["finished", "finished", "crashed", "killed"]).noise("_runtime")
    t.ps({"optim/lr": LR, "optim/wd": ("log", 1e-5, 1e-1), "aug/mixup_alpha": ("unif", 0, 1)})
    t.ps({"model/patch_size": [8, 16, 32], "aug/erase_prob": ("unif", 0, 0.5)})
    t.cs({"data/root": "/data", "model/n_params": t.columns["model/patch_size"] * 131})
    t.objective("val/top1", -1).alike("val/top5", "val/loss", "train/loss", "best/val_top1")
    return t.cs({"_step": t.rng.integers(100, 999, t.n), "epoch": t.rng.integers(5, 99, t.n)})


@late
def catboost_grid(t: Table) -> Any:
    t.p(depth=("int", 3, 10), l2_leaf_reg=("log", 1, 30), bagging_temperature=("unif", 0, 1))
    t.p(random_strength=("log", 0.1, 10), border_count=[32, 64, 128, 254])
    t.objective("test-RMSE-mean").noise("test-RMSE-std").alike("train-RMSE-mean")
    return t.c(iterations=1000, best_iter=t.rng.integers(50, 999, t.n))


@late
def multi_agent_rl(t: Table) -> Any:
    t.ids("run_hash").ps({"config/gamma": ("unif", 0.9, 0.999), "config/lambda": ("unif", 0.8, 1)})
    t.ps({"config/entropy_coeff": ("log", 1e-5, 1e-1), "config/train_batch_size": [1000, 4000]})
    t.objective("episode_reward_mean").c(done=True, training_iteration=100, trial_id="x")
    return t.objective("episode_reward_mean", -1).cost("episode_len_mean").text(), "config/"
