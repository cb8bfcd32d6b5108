"""Tables as tools write them, of a second round: looked at once the reader had been called done.

What they showed wrong was mended by kinds of faults; `tables_held_back.py` has those made after.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from table_makers import LR, Table, maker

second = maker("second round")


@second
def optuna_two_headers(t: Table) -> Any:
    """As `trials_dataframe(multi_index=True).to_csv()` writes it: names in two rows."""
    t.c(number=np.arange(t.n)).objective("value").dates("datetime_start", "datetime_complete")
    t.p(lr=LR, layers=("int", 1, 6), opt=["adam", "sgd"]).objective("value")
    t.c(state=["COMPLETE", "COMPLETE", "PRUNED"])
    frame = t.frame
    pairs = [("params", name) if name in t.params else (name, "") for name in frame]
    frame.columns = pd.MultiIndex.from_tuples(pairs)
    return frame.to_csv(index=False), ""


@second
def optuna_two_headers_and_index(t: Table) -> Any:
    optuna_two_headers(t)
    frame = t.frame
    pairs = [("params", name) if name in t.params else (name, "") for name in frame]
    frame.columns = pd.MultiIndex.from_tuples(pairs)
    return frame.to_csv(), ""


@second
def optuna_joined_names(t: Table) -> Any:
    """Two levels of names joined by a bar below, as many do: `number_`, `value_`, `params_lr`."""
    t.c(number_=np.arange(t.n)).objective("value_").dates("datetime_start_")
    t.ps({"params_lr": LR, "params_layers": ("int", 1, 6), "params_opt": ["adam", "sgd"]})
    t.objective("value_").c(state_=["COMPLETE", "COMPLETE", "PRUNED"])
    return t.text(), "params_"


@second
def optuna_metric_names(t: Table) -> Any:
    t.c(number=np.arange(t.n)).objective("values_loss").noise("values_latency")
    t.ps({"params_lr": LR, "params_width": [32, 64, 128], "params_pool": ["max", "avg"]})
    t.objective("values_loss").c(state="COMPLETE").cs({"system_attrs_nsga2:generation": 1})
    return t.text(), "params_"


@second
def optuna_params_and_value(t: Table) -> Any:
    """As `pd.DataFrame([{**t.params, "value": t.value} for t in study.trials])`."""
    t.p(max_depth=("int", 2, 12), learning_rate=("log", 0.005, 0.5), subsample=("unif", 0.5, 1))
    return t.p(booster=["gbtree", "dart"], reg_lambda=("log", 1e-3, 10)).objective("value")


@second
def optuna_params_as_dict(t: Table) -> Any:
    t.p(lr=LR, n_units=("int", 8, 256), act=["relu", "tanh"]).objective("value")
    frame = pd.DataFrame({"trial": np.arange(t.n), "value": t.loss})
    frame["params"] = [str(row) for row in t.frame[t.params].astype(object).to_dict("records")]
    return frame.to_csv(index=False), ""


@second
def dashboard_two_objectives(t: Table) -> Any:
    t.c(Number=np.arange(t.n), State=["Complete", "Fail"]).objective("Objective accuracy")
    t.noise("Objective params_m").ps({"Param lr": LR, "Param depth": ("int", 1, 9)})
    t.ps({"Param norm": ["batch", "layer", "none"]}).objective("Objective accuracy", -1)
    return t.text(), "Param "


@second
def wandb_hydra(t: Table) -> Any:
    t.names("Name").c(State=["finished", "failed"], Notes="-", User="ann", Tags="", Sweep="q1")
    t.dates("Created", form="%Y-%m-%dT%H:%M:%S.000Z").noise("Runtime", "_runtime", "_timestamp")
    t.ps(
        {
            "model.hidden": [64, 128, 256],
            "optim.lr": LR,
            "optim.betas": ["[0.9, 0.99]", "[0.9, 0.95]"],
        }
    )
    t.ps({"data.augment": [True, False], "model.dropout": ("unif", 0, 0.5)})
    t.c(**{"trainer.max_epochs": 50, "data.num_workers": 8, "seed": [1, 2, 3]})
    t.objective("val/loss").alike("val/acc", "train/loss_epoch", "train/loss_step")
    return t.c(epoch=49, **{"trainer/global_step": t.rng.integers(10, 999, t.n)}, _step=7)


@second
def wandb_api(t: Table) -> Any:
    """As the snippet of its documentation writes runs: summary, config and name."""
    t.p(lr=LR, batch_size=[16, 32, 64], dropout=("unif", 0, 0.6), arch=["cnn", "mlp"])
    t.objective("val_loss")
    rows = t.frame[t.params].astype(object).to_dict("records")
    config = [{**row, "seed": 1, "epochs": 20, "_wandb": {"cli_version": "0.16"}} for row in rows]
    summary = [
        {
            "val_loss": x,
            "_step": 400,
            "_runtime": 30 + k,
            "train_loss": x - 0.1,
            "best": {"max": x},
        }
        for k, x in enumerate(t.loss.tolist())
    ]
    frame = pd.DataFrame({"summary": summary, "config": config})
    frame["name"] = [f"glad-sun-{k}" for k in range(t.n)]
    t.value = "summary.val_loss"
    return frame.to_csv(), ""


@second
def wandb_config_values(t: Table) -> Any:
    t.names("Name").c(State=["finished", "crashed"], User="x").dates("Created").noise("Runtime")
    for name, spec in (("lr", LR), ("wd", ("log", 1e-6, 1e-1)), ("emb", [64, 128, 256])):
        t.ps({f"config.{name}.value": spec})
    t.c(**{"config.epochs.value": 30, "config._wandb.value": "{}"}).objective("val_loss")
    return t.alike("val_f1").text(), "config."


@second
def mlflow_autolog(t: Table) -> Any:
    t.ids("run_id", length=32).c(experiment_id="0", status="FINISHED", artifact_uri="file:///x")
    t.dates("start_time", "end_time", form="%Y-%m-%d %H:%M:%S.%f+00:00")
    t.ps(
        {"params.n_estimators": ("int", 50, 500), "params.max_features": ["sqrt", "log2", "None"]}
    )
    t.ps({"params.min_samples_leaf": ("int", 1, 20), "params.ccp_alpha": ("log", 1e-5, 1e-1)})
    t.ps({"params.bootstrap": ["True", "False"]})
    t.c(**{"params.random_state": "42", "params.n_jobs": "-1", "params.verbose": "0"})
    t.c(**{"params.criterion": "squared_error", "params.warm_start": "False"})
    t.c(**{"tags.mlflow.user": "me", "tags.estimator_name": "RandomForestRegressor"})
    t.names("tags.mlflow.runName", "wise-ant")
    t.alike("metrics.training_score", "metrics.val_mae")
    return t.objective("metrics.val_rmse").text(), "params."


@second
def ray_nested_config(t: Table) -> Any:
    t.objective("val_loss").c(timestamp=1.7e9 + 50 * np.arange(t.n))
    t.c(checkpoint_dir_name=[None, "checkpoint_000003"], done=True, pid=4211, hostname="gpu01")
    t.c(training_iteration=t.rng.integers(1, 30, t.n), iterations_since_restore=5)
    t.ids("trial_id").dates("date", form="%Y-%m-%d_%H-%M-%S").noise("time_total_s")
    t.ps({"config/optim/lr": LR, "config/optim/momentum": ("unif", 0.1, 0.99)})
    t.ps({"config/model/width": [128, 256, 512], "config/model/act": ["relu", "gelu"]})
    t.c(**{"config/epochs": 30, "config/data_dir": "/data"}).objective("val_loss").alike("val_acc")
    return t.ids("logdir").text(), "config/"


@second
def ray_analysis(t: Table) -> Any:
    t.objective("mean_accuracy", -1).noise("time_this_iter_s", "time_total_s")
    t.c(done=[True, False], training_iteration=t.rng.integers(1, 100, t.n))
    t.names("experiment_tag", "7_lr").ids("trial_id").c(node_ip="127.0.0.1")
    t.ps({"config.lr": LR, "config.batch_size": [32, 64], "config.hidden": ("int", 16, 512)})
    return t.objective("mean_accuracy", -1).text(), "config."


@second
def halving_search(t: Table) -> Any:
    t.c(iter=np.repeat([0, 1, 2], [t.n - 40, 30, 10])).c(n_resources=[20, 60, 180])
    t.noise("mean_fit_time", "std_fit_time", "mean_score_time", "std_score_time")
    t.ps({"param_max_depth": ("int", 2, 14), "param_max_features": [3, 6, 9]})
    t.ps({"param_bootstrap": [True, False]}).c(params="{'a': 1}")
    for name in ("split0_test_score", "split1_test_score", "mean_train_score"):
        t.alike(name)
    t.objective("mean_test_score", -1).noise("std_test_score")
    return t.c(rank_test_score=t.loss.argsort().argsort() + 1).text(), "param_"


@second
def two_metrics_of_a_grid(t: Table) -> Any:
    t.cs({"": np.arange(t.n)}).noise("mean_fit_time")
    t.ps(
        {"param_clf__alpha": ("log", 1e-5, 1e1), "param_tfidf__ngram_range": ["(1, 1)", "(1, 2)"]}
    )
    t.ps({"param_tfidf__use_idf": [True, False], "param_tfidf__max_df": ("unif", 0.5, 1)})
    t.objective("mean_test_f1_macro", -1).alike("mean_test_accuracy", "split0_test_f1_macro")
    return t.c(rank_test_f1_macro=t.loss.argsort().argsort() + 1).text(), "param_"


@second
def keras_tuner_hyperband(t: Table) -> Any:
    t.c(trial_id=np.array([f"{k:04d}" for k in range(t.n)]), status="COMPLETED")
    t.ps({"units": [32, 64, 128], "dropout": ("unif", 0, 0.5), "learning_rate": LR})
    t.c(
        **{
            "tuner/epochs": [2, 5, 10],
            "tuner/initial_epoch": [0, 2, 5],
            "tuner/bracket": [0, 1, 2],
        }
    )
    t.c(**{"tuner/round": [0, 1, 2]}).ids("tuner/trial_id").objective("score")
    t.either += ["tuner/epochs", "tuner/initial_epoch", "tuner/bracket", "tuner/round"]
    return t.c(best_step=t.rng.integers(0, 10, t.n))


@second
def keras_tuner_json(t: Table) -> Any:
    t.names("trial_id", "t").c(status="COMPLETED", best_step=[1, 2, 3], message="")
    stem = "hyperparameters.values."
    t.ps({f"{stem}units": [32, 64, 96], f"{stem}lr": LR, f"{stem}act": ["relu", "tanh"]})
    t.c(**{"hyperparameters.space": "[...]"}).objective("score")
    return t.text(), stem


@second
def smac_runhistory(t: Table) -> Any:
    t.c(config_id=np.arange(1, t.n + 1), instance=None, seed=t.rng.integers(0, 2**31, t.n))
    t.c(budget=None).noise("time", "cpu_time").c(status=[1, 1, 1, 2]).objective("cost")
    t.c(starttime=1.7e9 + 9.5 * np.arange(t.n), endtime=1.7e9 + 9.5 * np.arange(1, t.n + 1))
    t.p(max_depth=("int", 1, 15), criterion=["gini", "entropy"], lr=LR).objective("cost")
    return t.c(additional_info="{}")


@second
def smac_nested(t: Table) -> Any:
    t.p(kernel=["rbf", "poly"], C=("log", 1e-3, 1e3), degree=("int", 1, 5)).objective("cost")
    rows = t.frame[t.params].astype(object).to_dict("records")
    frame = pd.DataFrame({"config_id": np.arange(1, t.n + 1), "config": map(str, rows)})
    frame = frame.assign(
        seed=0, budget=np.nan, cost=t.loss, time=t.rng.random(t.n), status="SUCCESS"
    )
    return frame.to_csv(index=False), ""


@second
def hyperopt_flat(t: Table) -> Any:
    """Trials' documents, flattened; state 2 is done."""
    t.c(tid=np.arange(t.n), state=2, spec="", owner="", version=0, exp_key="")
    t.c(**{"result.status": "ok", "misc.cmd": "('domain_attachment', 'FMinIter_Domain')"})
    t.dates("book_time", "refresh_time").objective("result.loss")
    specs = {"misc.vals.lr": LR, "misc.vals.units": ("int", 8, 99), "misc.vals.p": ("unif", 0, 1)}
    t.ps(specs).objective("result.loss").cs({"misc.tid": np.arange(t.n)})
    frame = t.frame
    for name in specs:
        frame[name] = [f"[{x}]" for x in frame[name]]
    return frame.to_csv(index=False), "misc.vals."


@second
def hyperopt_vals(t: Table) -> Any:
    """As `pd.DataFrame(trials.vals)` with losses beside."""
    t.p(C=("log", 1e-3, 1e3), gamma=("log", 1e-4, 1e1), kernel=[0, 1, 2]).objective("loss")
    return t.frame.to_csv(), ""


@second
def ax_trials(t: Table) -> Any:
    t.c(trial_index=np.arange(t.n)).names("arm_name", "0_0").c(
        trial_status=["COMPLETED", "FAILED"]
    )
    t.c(generation_node=["Sobol", "MBM"]).objective("loss").p(x1=("unif", 0, 1), x2=LR)
    return t.p(act=["relu", "gelu"]).objective("loss").noise("params_count")


@second
def botorch_loop(t: Table) -> Any:
    t.c(iteration=np.arange(t.n) // 4, batch=np.arange(t.n) % 4)
    t.p(x0=("unif", -5, 10), x1=("unif", 0, 15), x2=("unif", 0, 1)).objective("y")
    return t.c(best_so_far=np.minimum.accumulate(t.loss)).noise("acq_value").alike("gp_mean")


@second
def deepcave(t: Table) -> Any:
    t.c(config_id=np.arange(t.n), budget=[1.0, 3.0, 9.0], seed=0).objective("Error")
    t.c(
        status="SUCCESS",
        start_time=np.cumsum(t.rng.random(t.n)),
        end_time=np.cumsum(t.rng.random(t.n)),
    )
    t.c(origin=["Sobol", "Random Search (sorted)", "Local Search"])
    t.either.append("budget")
    t.ps(
        {
            "classifier:__choice__": ["rf", "svm"],
            "alpha": ("log", 1e-6, 1e-1),
            "n_hidden": ("int", 8, 64),
        }
    )
    return t.objective("Error").noise("Duration")


@second
def nni_flat(t: Table) -> Any:
    t.p(lr=LR, momentum=("unif", 0, 1), batch_size=[1, 4, 32], hidden_size=[128, 512])
    return t.objective("reward", -1).ids("trialJobId").c(sequenceId=np.arange(t.n))


@second
def clearml(t: Table) -> Any:
    t.ids("ID", length=32).names("NAME", "HPO: task").c(STATUS=["Completed", "Aborted"], USER="me")
    t.dates("STARTED", "UPDATED").c(PROJECT="vision", ITERATION=t.rng.integers(100, 900, t.n))
    t.ps({"hyperparam.General/lr": LR, "hyperparam.General/batch_size": [16, 32, 64]})
    t.ps({"hyperparam.Args/dropout": ("unif", 0, 0.5), "hyperparam.Args/opt": ["sgd", "adam"]})
    t.objective("validation/loss (last)").alike("train/loss (last)", "validation/acc (max)")
    return t.text(), "hyperparam."


@second
def comet_export(t: Table) -> Any:
    t.ids("Experiment Key", length=32).names("Name", "obedient_gar").dates("Server End Time")
    t.c(**{"Tags": "", "file_name": "train.py", "Git branch": "main"}).noise("Duration", "GPU Mem")
    t.p(lr=LR, hidden=[64, 128], n_blocks=("int", 2, 8), norm=["bn", "ln"]).objective("loss")
    return t.alike("accuracy", "train_loss", "test_accuracy").c(curr_epoch=30, steps_done=4000)


@second
def neptune_runs(t: Table) -> Any:
    t.cs({"sys/id": np.array([f"NL-{k}" for k in range(t.n)]), "sys/state": "Inactive"})
    t.dates("sys/creation_time", "sys/modification_time").noise("sys/running_time", "sys/size")
    t.cs({"sys/failed": [False, False, True], "sys/hostname": ["a", "b"], "sys/tags": ""})
    t.cs({"source_code/git/head_commit": "ab12", "training/hyperparams/epochs": 20})
    stem = "training/hyperparams/"
    t.ps({f"{stem}lr": LR, f"{stem}dropout": ("unif", 0, 0.6), f"{stem}bs": [32, 64]})
    t.objective("training/val/loss").alike("training/train/loss", "training/val/acc")
    return t.text(), stem


@second
def flaml_log(t: Table) -> Any:
    t.c(record_id=np.arange(t.n), iter_per_learner=t.rng.integers(1, 30, t.n)).noise("trial_time")
    t.c(logged_metric=False, wall_clock_time=np.cumsum(t.rng.random(t.n)), sample_size=10000)
    t.p(n_estimators=("int", 4, 900), num_leaves=("int", 4, 600), learning_rate=LR)
    t.objective("validation_loss")
    rows = t.frame[t.params].astype(object).to_dict("records")
    frame = t.frame.drop(columns=t.params).assign(config=list(map(str, rows)))
    frame["learner"] = t.rng.choice(["lgbm", "xgboost"], t.n)
    return frame.to_csv(index=False), ""


@second
def h2o_grid(t: Table) -> Any:
    t.p(max_depth=("int", 3, 12), learn_rate=("log", 0.01, 0.3), sample_rate=("unif", 0.5, 1))
    t.p(ntrees=[50, 100, 200]).names("model_ids", "grid_model")
    return t.objective("logloss")


@second
def tidymodels(t: Table) -> Any:
    t.p(mtry=("int", 2, 14), min_n=("int", 2, 40), trees=[500, 1000]).cs({".metric": "rmse"})
    t.cs({".estimator": "standard"}).objective("mean").c(n=10).noise("std_err")
    return t.cs({".config": np.array([f"Preprocessor1_Model{k:03d}" for k in range(t.n)])})


@second
def irace(t: Table) -> Any:
    t.cs({".ID.": np.arange(1, t.n + 1), ".PARENT.": t.rng.integers(1, 40, t.n)})
    t.p(
        algorithm=["as", "mmas", "acs"],
        ants=("int", 5, 100),
        rho=("unif", 0, 1),
        alpha=("unif", 0, 5),
    )
    return t.objective("mean_cost")


@second
def syne_tune(t: Table) -> Any:
    t.c(trial_id=np.arange(t.n), st_decision=["CONTINUE", "STOP"], st_status="Completed")
    t.ps({"config_lr": LR, "config_batch_size": ("int", 8, 128), "config_opt": ["sgd", "adam"]})
    t.c(config_epochs=27, epoch=[1, 3, 9, 27], st_worker_iter=t.rng.integers(0, 27, t.n))
    t.objective("validation_error").c(st_tuner_time=np.cumsum(t.rng.random(t.n)))
    return t.noise("elapsed_time", "st_worker_time").text(), "config_"


@second
def skopt_numbers(t: Table) -> Any:
    t.ps({"0": LR, "1": ("int", 2, 9), "2": ["gini", "entropy"]}).objective("y")
    return t


@second
def pymoo_result(t: Table) -> Any:
    t.c(n_gen=np.arange(t.n) // 20 + 1).p(x1=("unif", 0, 1), x2=("unif", 0, 1), x3=("unif", 0, 1))
    return t.objective("F1").alike("F2", noise=0.3).cs({"CV": 0.0, "feas": True})


@second
def guild(t: Table) -> Any:
    t.ids("run").c(operation="train", status=["completed", "error"], label="").dates("started")
    t.cs({"time": np.array([f"0:{k % 50:02d}:11" for k in range(t.n)])})
    t.p(lr=LR, units=[32, 64], dropout=("unif", 0, 0.5)).c(step=[100, 200]).objective("loss")
    return t.alike("acc")


@second
def sacred_runs(t: Table) -> Any:
    t.c(_id=np.arange(t.n), status=["COMPLETED", "FAILED"]).dates(
        "start_time", "stop_time", "heartbeat"
    )
    t.cs(
        {
            "host.hostname": ["n1", "n2"],
            "experiment.name": "cifar",
            "config.seed": t.rng.integers(0, 2**30, t.n),
        }
    )
    t.ps({"config.lr": LR, "config.width": [1, 2, 4], "config.aug": [True, False]})
    return t.objective("result").text(), "config."


@second
def sigopt_runs(t: Table) -> Any:
    t.names("id", "71").dates("Created At").c(State=["completed", "failed"])
    t.ps(
        {"assignments.lr": LR, "assignments.layers": ("int", 1, 8), "assignments.act": ["a", "b"]}
    )
    t.objective("value").noise("value_stddev")
    return t.text(), "assignments."


@second
def polyaxon(t: Table) -> Any:
    t.ids("uuid", length=32).names("name").c(status=["succeeded", "stopped"], project="p")
    t.dates("created_at", "started_at").noise("wait_time", "duration")
    t.ps({"inputs.lr": LR, "inputs.depth": ("int", 1, 9), "inputs.loss_fn": ["mse", "l1"]})
    t.objective("outputs.loss").alike("outputs.r2")
    return t.text(), "inputs."


@second
def vertex_trials(t: Table) -> Any:
    t.cs({"Trial ID": np.arange(1, t.n + 1), "Status": "Succeeded", "Training step": [1000, 2000]})
    t.cs({"Elapsed time": np.array([f"{k % 9 + 1} min {k % 50} sec" for k in range(t.n)])})
    return t.ps({"learning-rate": LR, "num-layers": ("int", 1, 5)}).objective("accuracy", -1)


@second
def autogluon(t: Table) -> Any:
    t.names("model", "NeuralNet_T").objective("score_val", -1).noise("pred_time_val", "fit_time")
    t.c(stack_level=1, can_infer=True, fit_order=np.arange(1, t.n + 1))
    return t.p(
        learning_rate=LR, dropout_prob=("unif", 0, 0.5), activation=["relu", "elu"]
    ).objective("score_val", -1)
