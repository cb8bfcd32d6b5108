"""Tables of a third round, made when all mending was done: they changed nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from table_makers import LR, Table, maker

third = maker("third round")


@third
def italian_sheet(t: Table) -> Any:
    t.cs({"Prova": np.arange(1, t.n + 1)}).dates("Data", form="%d/%m/%Y").ps(
        {"Tasso di apprendimento": LR, "Strati": ("int", 1, 8), "Ottimizzatore": ["adam", "sgd"]}
    )
    t.objective("Perdita").alike("Accuratezza").noise("Durata (s)").c(Seme=[1, 2, 3])
    return t.text(sep=";", decimal=",")


@third
def dutch_sheet(t: Table) -> Any:
    t.ps({"leersnelheid": LR, "lagen": ("int", 1, 5), "batchgrootte": [16, 32, 64]})
    return t.objective("fout").alike("nauwkeurigheid").noise("tijd").c(opmerking="")


@third
def polish_sheet(t: Table) -> Any:
    t.ps({"współczynnik uczenia": LR, "warstwy": ("int", 1, 6), "optymalizator": ["adam", "sgd"]})
    return t.objective("błąd").alike("dokładność").text(sep=";", decimal=",")


@third
def japanese_sheet(t: Table) -> Any:
    t.ps(
        {
            "学習率": LR,
            "バッチサイズ": [32, 64, 128],
            "最適化": ["adam", "sgd"],
            "層数": ("int", 1, 6),
        }
    )
    return t.objective("損失").alike("精度").dates("日時")


@third
def chinese_sheet(t: Table) -> Any:
    t.cs({"序号": np.arange(1, t.n + 1)}).ps({"温度": ("unif", 20, 90), "压力": ("unif", 1, 9)})
    return t.ps({"催化剂": ["A", "B", "C"]}).objective("产率", -1).c(备注="")


@third
def portuguese_sheet(t: Table) -> Any:
    t.ps({"taxa_aprendizado": LR, "camadas": ("int", 1, 6), "ativação": ["relu", "tanh"]})
    return t.objective("perda").alike("acurácia").noise("tempo_s").c(semente=[0, 1])


@third
def wandb_alphabetical(t: Table) -> Any:
    """All columns sorted by name: settings and results mixed."""
    t.p(lr=LR, batch_size=[16, 32], dropout=("unif", 0, 0.5), hidden=("int", 16, 256))
    t.objective("val_loss").alike("val_iou", "train_loss").noise("epoch_time", "grad_norm")
    t.c(epochs=20, seed=[1, 2, 3], project="x")
    frame = t.frame
    return frame[sorted(frame.columns.tolist())].to_csv(index=False)


@third
def results_first(t: Table) -> Any:
    t.p(eta=LR, max_depth=("int", 2, 10), subsample=("unif", 0.5, 1)).objective("logloss")
    t.alike("brier").noise("n_rules", "tree_count")
    order = ["logloss", "brier", "n_rules", "tree_count", "eta", "max_depth", "subsample"]
    return t.frame[order].to_csv(index=False)


@third
def results_between(t: Table) -> Any:
    """A parameter that came in later was put last."""
    t.p(lr=LR, width=[64, 128, 256]).alike("train_err").objective("test_err")
    return t.p(clip=("unif", 0.1, 5)).objective("test_err")


@third
def appended_by_pandas(t: Table) -> Any:
    """Conditional parameters that the first trial had not stand behind the value."""
    t.p(kind=["a", "b"], x=("unif", 0, 1)).objective("value").p(strength=("log", 0.01, 10))
    t.columns["strength"] = np.where(t.columns["kind"] == "b", t.columns["strength"], np.nan)
    return t.objective("value")


@third
def accelerator_physics(t: Table) -> Any:
    t.ps({"quad1_k": ("unif", -2, 2), "quad2_k": ("unif", -2, 2), "rf_phase": ("unif", -30, 30)})
    t.ps({"solenoid_A": ("unif", 100, 300)}).objective("emittance_um")
    return t.alike("beam_loss_pct", noise=0.3).noise("beam_size_mm", "energy_spread")


@third
def antenna(t: Table) -> Any:
    t.cs({"#": np.arange(1, t.n + 1)}).ps({"L [mm]": ("unif", 10, 40), "W [mm]": ("unif", 10, 40)})
    t.ps({"substrate": ["FR4", "Rogers"], "h [mm]": [0.8, 1.6]}).objective("S11 [dB]")
    return t.alike("Gain [dBi]", noise=0.3).noise("BW [MHz]")


@third
def bioreactor(t: Table) -> Any:
    t.n = 48
    t.names("Batch", "B").ps(
        {"pH": ("unif", 6, 8), "DO (%)": ("unif", 20, 60), "Temp": [30, 34, 37]}
    )
    t.ps({"Feed rate (mL/h)": ("log", 0.5, 20), "Inducer": ["IPTG", "lactose"]})
    return t.objective("Titer (g/L)", -1).alike("OD600", noise=0.2).c(Operator="KM")


@third
def baking(t: Table) -> Any:
    t.n = 25
    t.ps({"flour_g": ("int", 400, 600), "water_pct": ("unif", 55, 80), "oven_C": [220, 240, 250]})
    return (
        t.ps({"proof_h": ("unif", 1, 24)})
        .objective("taste", -1)
        .c(comment=["ok", "dense", "nice"])
    )


@third
def ad_campaign(t: Table) -> Any:
    t.dates("day", form="%Y-%m-%d").p(bid=("log", 0.1, 10), budget=("int", 50, 500))
    t.p(headline=["A", "B", "C"], audience=["18-25", "26-40"]).objective("CPA")
    return t.noise("impressions", "clicks", "conversions", "spend")


@third
def gromacs(t: Table) -> Any:
    t.p(ntomp=[1, 2, 4, 8], nstlist=("int", 10, 200), pme=["cpu", "gpu"], rlist=("unif", 0.9, 1.5))
    return t.objective("ns/day", -1).noise("Wall t (s)", "Core t (s)")


@third
def kubernetes(t: Table) -> Any:
    t.ps(
        {
            "replicas": ("int", 1, 20),
            "cpu_limit": [500, 1000, 2000],
            "mem_limit_mb": [256, 512, 1024],
        }
    )
    t.ps({"gc": ["G1", "ZGC"], "heap_pct": ("unif", 30, 80)}).objective("p95_ms")
    return t.noise("rps", "cpu_usage", "error_rate")


@third
def kafka_with_units(t: Table) -> Any:
    t.ps({"batch.size": [16384, 32768, 65536], "linger.ms": ("int", 0, 100)})
    t.ps({"compression.type": ["none", "lz4", "zstd"], "acks": ["all", "1"]})
    t.kinds["acks"] = "choice"
    return t.objective("throughput", -1).noise("avg latency")


@third
def llm_finetune(t: Table) -> Any:
    t.names("run_name").p(
        learning_rate=("log", 1e-6, 1e-3), lora_r=[4, 8, 16], lora_alpha=[8, 16, 32]
    )
    t.p(lora_dropout=("unif", 0, 0.2), warmup_ratio=("unif", 0, 0.1), packing=["True", "False"])
    t.c(base_model="llama", bf16="True").noise("train_tokens_per_second", "train_samples_seen")
    return t.objective("eval_loss").alike("eval_mmlu", "eval_gsm8k", noise=0.1)


@third
def segmentation(t: Table) -> Any:
    t.p(encoder=["resnet", "unet"], lr=LR, crop=[256, 512], dice_weight=("unif", 0, 1))
    t.objective("mDice", -1).alike("HD95", "ASSD", noise=0.1)
    return t.noise("inference_s", "params(M)").c(split="val")


@third
def word_vectors(t: Table) -> Any:
    t.p(vector_size=[50, 100, 300], window=("int", 2, 15), min_count=("int", 1, 20), sg=[0, 1])
    return (
        t.p(alpha=("log", 0.005, 0.1)).objective("analogy_acc", -1).alike("wordsim353", noise=0.2)
    )


@third
def clustering(t: Table) -> Any:
    t.p(n_clusters=("int", 2, 30), linkage=["ward", "average"], n_neighbors=("int", 5, 50))
    return t.objective("silhouette", -1).alike("davies_bouldin", "calinski_harabasz", noise=0.2)


@third
def anomaly(t: Table) -> Any:
    t.p(contamination=("unif", 0.01, 0.2), n_trees=("int", 50, 500), psi=[64, 128, 256])
    return t.objective("AP", -1).alike("ROC").noise("fp", "fn", "tp")


@third
def survival(t: Table) -> Any:
    t.p(penalizer=("log", 1e-4, 10), l1_ratio=("unif", 0, 1), baseline=["breslow", "spline"])
    return t.objective("c_index", -1).alike("ibs").noise("n_nonzero")


@third
def mip_solver(t: Table) -> Any:
    t.names("instance", "air").p(cuts=["off", "on", "aggressive"], heur_freq=("int", 0, 50))
    t.p(branching=["pseudo", "strong"], presolve=[0, 1, 2]).objective("solve_time")
    return t.noise("nodes", "gap", "lp_iterations")


@third
def symbolic(t: Table) -> Any:
    t.p(parsimony=("log", 1e-5, 1e-1), population=[33, 66, 100], maxsize=("int", 10, 40))
    return t.objective("mse_holdout").alike("mse_train").noise("complexity")


@third
def federated(t: Table) -> Any:
    t.p(clients_per_round=("int", 2, 50), local_epochs=("int", 1, 10), client_lr=LR, server_lr=LR)
    return t.objective("global_acc", -1).noise("rounds_to_target", "bytes_up").c(partition="iid")


@third
def quantisation(t: Table) -> Any:
    t.p(
        bits=[2, 3, 4, 8],
        group_size=[32, 64, 128],
        symmetric=[True, False],
        damp=("log", 1e-3, 1e-1),
    )
    return t.objective("wikitext_ppl").alike("c4_ppl").noise("size_gb", "tok/s")


@third
def control_loop(t: Table) -> Any:
    t.n = 40
    t.ps({"Kp": ("log", 0.1, 50), "Ti": ("log", 0.1, 20), "Td": ("unif", 0, 2)}).objective("IAE")
    return t.alike("overshoot_pct", noise=0.2).noise("rise_time")


@third
def nas_cells(t: Table) -> Any:
    t.ids("arch_hash").ps({f"edge_{k}": ["conv3", "conv1", "skip", "none"] for k in range(6)})
    return t.objective("valid_acc", -1).alike("test_acc").noise("flops", "params", "latency")


@third
def design_of_experiments(t: Table) -> Any:
    """Two levels of each factor, in coded units."""
    t.n = 64
    t.cs({"StdOrder": np.arange(1, 65), "RunOrder": t.rng.permutation(64) + 1})
    t.ps({"A": [-1, 1], "B": [-1, 1], "C": [-1, 0, 1], "D": [-1, 1]})
    t.cs({"Blocks": 1, "CenterPt": 1})
    return t.objective("Response")


@third
def matlab_bayesopt(t: Table) -> Any:
    t.cs({"Iter": np.arange(1, t.n + 1), "EvalResult": ["Best", "Accept", "Accept"]})
    t.p(BoxConstraint=("log", 1e-3, 1e3), KernelScale=("log", 1e-3, 1e3)).objective("Objective")
    t.c(ObjectiveRuntime=t.rng.random(t.n)).alike("EstimatedObjective")
    return t.cs({"BestSoFar_observed_": np.minimum.accumulate(t.loss)})


@third
def weka(t: Table) -> Any:
    t.cs({"Key_Run": [1, 2, 3], "Key_Fold": [1, 2, 3, 4, 5], "Key_Scheme": "SMO"})
    t.p(C=("log", 0.01, 100), exponent=("unif", 0.5, 3)).objective("Percent_correct", -1)
    return t.alike("Kappa_statistic").noise("Elapsed_Time_training")


@third
def caret_with_sd(t: Table) -> Any:
    t.p(nrounds=[50, 100, 150], max_depth=("int", 1, 8), eta=("unif", 0.01, 0.4), gamma=[0, 1])
    return t.objective("ROC", -1).alike("Sens", "Spec", noise=0.2).noise("ROCSD", "SensSD")


@third
def optuna_user_attrs(t: Table) -> Any:
    t.c(number=np.arange(t.n)).objective("value").dates("datetime_start", "datetime_complete")
    t.cs({"duration": np.array([f"0 days 00:0{k % 9}:11" for k in range(t.n)])})
    t.ps({"params_user_attrs_x": ("unif", 0, 1), "params_lr": LR, "params_norm": ["bn", "ln"]})
    t.objective("value").alike("user_attrs_params_acc").c(user_attrs_note="a", state="COMPLETE")
    return t.text(), "params_"


@third
def mlflow_nested(t: Table) -> Any:
    t.ids("run_id", length=32).c(status=["FINISHED", "RUNNING"], experiment_id="3")
    t.ps(
        {
            "params.model/lr": LR,
            "params.model/depth": ("int", 1, 9),
            "params.sched": ["cos", "lin"],
        }
    )
    t.c(**{"params.git": "a1b2c3d", "params.host": "n1"}).objective("metrics.loss")
    t.alike("metrics.acc").c(**{"tags.mlflow.parentRunId": "ff01"})
    return t.text(), "params."


@third
def ray_grid_without_prefix(t: Table) -> Any:
    t.names("Trial name", "train_ab").c(status=["TERMINATED", "ERROR"], loc="127.0.0.1:88")
    t.p(lr=LR, hidden=[64, 128], drop=("unif", 0, 0.5)).noise("total time (s)")
    return t.c(iter=t.rng.integers(1, 50, t.n)).objective("loss").alike("acc")


@third
def json_lines_flat(t: Table) -> Any:
    t.ps({"hp.lr": LR, "hp.layers": ("int", 1, 5), "hp.act": ["relu", "elu"]})
    t.objective("res.val").alike("res.train").noise("res.secs").c(**{"meta.host": ["a", "b"]})
    return t.text(), "hp."


@third
def seeds_as_columns(t: Table) -> Any:
    t.p(lr=LR, tau=("log", 1e-3, 1e-1), update_every=("int", 1, 20)).alike(
        "seed0", "seed1", "seed2"
    )
    return t.objective("mean", -1).noise("std")


@third
def per_class_results(t: Table) -> Any:
    t.p(lr=LR, loss=["ce", "focal"], sampler=["random", "balanced"], gamma=("unif", 0, 5))
    t.objective("macro", -1)
    return t.alike("cat", "dog", "bird", "fish", noise=0.15)


@third
def cost_sensitive(t: Table) -> Any:
    t.p(threshold=("unif", 0, 1), w_pos=("log", 1, 100), model=["lr", "gbm"]).objective(
        "total_cost"
    )
    return t.noise("fp_cost", "fn_cost", "alerts_per_day")


@third
def excel_percent_german(t: Table) -> Any:
    t.ps({"Anteil": ("unif", 0, 1), "Stufe": ("int", 1, 9), "Verfahren": ["A", "B"]})
    t.objective("Ausschuss")
    frame = t.frame
    for name in ("Anteil", "Ausschuss"):
        frame[name] = frame[name].map(lambda x: f"{100 * x:.2f} %".replace(".", ","))
    return pd.DataFrame(frame).to_csv(index=False, sep=";")
