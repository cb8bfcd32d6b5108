"""Tables as people write them, in scripts and spreadsheets, of the second round."""

from __future__ import annotations

from typing import Any

import numpy as np
from table_makers import LR, Table, maker

second = maker("second round")


@second
def german_sheet(t: Table) -> Any:
    t.c(Nr=np.arange(1, t.n + 1)).dates("Datum", form="%d.%m.%Y").ps(
        {"Lernrate": LR, "Batchgröße": [16, 32, 64], "Optimierer": ["Adam", "SGD"]}
    )
    t.ps({"Schichten": ("int", 1, 6), "Vortraining": ["ja", "nein"]}).c(Startwert=[1, 2, 3])
    t.alike("Genauigkeit", "Trainingsverlust").objective("Verlust").noise("Dauer [min]")
    return t.c(Bemerkung="", Rechner=["pc1", "pc2"]).text(sep=";", decimal=",").encode("cp1252")


@second
def french_sheet(t: Table) -> Any:
    t.cs({"Essai": np.arange(1, t.n + 1)}).dates("Date", form="%d/%m/%Y %H:%M")
    t.ps({"Taux d'apprentissage": LR, "Taille de lot": [32, 64], "Optimiseur": ["adam", "sgd"]})
    t.ps({"Couches": ("int", 1, 9)}).objective("Perte de validation").alike("Exactitude")
    return t.noise("Durée (s)").c(Graine=[0, 1], Remarque="").text(sep=";", decimal=",")


@second
def spanish_sheet(t: Table) -> Any:
    t.cs({"Ensayo": np.arange(1, t.n + 1), "Fecha": "2026-01-03"}).ps(
        {"Tasa de aprendizaje": LR, "Neuronas": ("int", 16, 256), "Función": ["relu", "tanh"]}
    )
    return t.objective("Error").alike("Precisión").c(Notas="").text(sep=";", decimal=",")


@second
def row_of_units(t: Table) -> Any:
    t.p(temperature=("unif", 20, 90), pressure=("unif", 1, 9), stirring=("int", 200, 999))
    t.p(catalyst=["A", "B"]).objective("yield", -1)
    head, rest = t.text().split("\n", 1)
    return f"{head}\n°C,bar,rpm,,%\n{rest}"


@second
def row_of_units_in_brackets(t: Table) -> Any:
    t.cs({"run": np.arange(t.n)}).ps({"feed": ("unif", 1, 5), "depth": ("log", 0.01, 2)})
    t.p(tool=["T1", "T2", "T3"]).objective("roughness").noise("time")
    head, rest = t.text().split("\n", 1)
    return f"{head}\n[-],[mm/min],[mm],[-],[um],[s]\n{rest}"


@second
def empty_columns_behind(t: Table) -> Any:
    t.p(lr=LR, units=[32, 64, 128], dropout=("unif", 0, 0.5)).objective("val_loss").alike(
        "val_acc"
    )
    return (
        "\n".join(f"{line},,," for line in t.text().strip().split("\n")) + "\n,,,,,,,\n,,,,,,,\n"
    )


@second
def title_above(t: Table) -> Any:
    t.p(lr=LR, depth=("int", 1, 7), loss_fn=["mse", "huber"]).objective("rmse")
    return f"Experiment 7; tuning of the second model\n\n{t.text(sep=';')}"


@second
def comments_above(t: Table) -> Any:
    t.p(alpha=("log", 1e-4, 1e2), l1_ratio=("unif", 0, 1), tol=("log", 1e-6, 1e-2)).objective(
        "mse"
    )
    return f"# elastic net, 5 folds\n# written by tune.py\n{t.text()}"


@second
def mean_row_below(t: Table) -> Any:
    t.names("run").p(lr=LR, width=[64, 128], act=["relu", "gelu"]).objective("error")
    return t.text() + f"mean,,,,{t.loss.mean():.4f}\nbest,,,,{t.loss.min():.4f}\n"


@second
def two_indices(t: Table) -> Any:
    t.cs({"Unnamed: 0": np.arange(t.n), "index": t.rng.permutation(t.n)})
    t.p(lr=LR, gamma=("unif", 0.8, 1), n_steps=[128, 256, 512]).objective("mean_reward", -1)
    return t.frame.to_csv()


@second
def yes_and_no(t: Table) -> Any:
    t.p(bn=["yes", "no"], aug=["on", "off"], pretrained=["Y", "N"], lr=LR).objective("err")
    return t.cs({"converged": t.rng.choice(["yes", "no"], t.n)}).noise("runtime_sec")


@second
def curves_in_cells(t: Table) -> Any:
    t.p(lr=LR, bs=[16, 32, 64], wd=("log", 1e-6, 1e-2)).objective("val_loss")
    curve = [str([round(x + 1 / e, 3) for e in range(1, 9)]) for x in t.loss]
    return t.cs({"val_loss_curve": np.array(curve), "lrs": np.array(curve)[::-1]})


@second
def repeats_with_folds(t: Table) -> Any:
    """Each configuration is run on five folds with two seeds."""
    t.n = 20
    t.p(C=("log", 1e-3, 1e3), gamma=("log", 1e-4, 1e1), kernel=["rbf", "poly"]).objective("f1", -1)
    frame = t.frame.loc[np.repeat(np.arange(t.n), 10)].reset_index(drop=True)
    frame["fold"], frame["seed"] = np.tile(np.arange(5), 40), np.tile(np.repeat([0, 1], 5), 20)
    frame["f1"] += 0.02 * t.rng.normal(size=len(frame))
    frame["precision"] = frame["f1"] + 0.03 * t.rng.normal(size=len(frame))
    return frame.to_csv(index=False)


@second
def cluster_log(t: Table) -> Any:
    t.c(
        slurm_job_id=np.arange(881000, 881000 + t.n),
        node=["gpu-a1", "gpu-b2"],
        gpu=["A100", "V100"],
    )
    t.ids("git_sha", length=40).c(image="docker.io/x:1", cuda="12.1", torch_version="2.3.0")
    t.p(lr=LR, hidden_dim=[256, 512], num_heads=[4, 8], dropout=("unif", 0, 0.4)).objective("bpb")
    return t.noise("gpu_mem_gb", "tokens_per_sec", "wall_time").alike("train_bpb")


@second
def train_val_test(t: Table) -> Any:
    t.p(
        lr=LR,
        weight_decay=("log", 1e-6, 1e-2),
        label_smoothing=[0.0, 0.1, 0.2],
        mixup=("unif", 0, 1),
    )
    t.objective("val").alike("train", "test")
    return t


@second
def unknown_monotone_results(t: Table) -> Any:
    t.p(lr=LR, layers=("int", 1, 5), hidden=[32, 64]).objective("val_loss")
    return t.cs({"quality": -np.log(t.loss), "margin_of_victory": 1 / t.loss, "Q": t.loss**2})


@second
def unknown_unrelated_results(t: Table) -> Any:
    t.p(lr=LR, layers=("int", 1, 5), hidden=[32, 64]).objective("val_loss")
    return t.noise("sparsity", "n_dead_neurons", "lipschitz")


@second
def llm_prompts(t: Table) -> Any:
    t.p(temperature=("unif", 0, 1.5), top_p=("unif", 0.5, 1), model=["small", "large"])
    t.p(n_shots=[0, 1, 3, 5], prompt_template=["v1", "v2", "v3"], max_tokens=[256, 512])
    t.objective("exact_match", -1).noise(
        "cost_usd", "latency_s", "prompt_tokens", "completion_tokens"
    )
    return t.alike("judge_score")


@second
def retrieval(t: Table) -> Any:
    t.p(chunk_size=[256, 512, 1024], chunk_overlap=("int", 0, 200), top_k=("int", 1, 20))
    t.p(embedding_model=["bge", "e5"], reranker=[True, False], bm25_weight=("unif", 0, 1))
    t.objective("faithfulness", -1).alike(
        "answer_relevancy", "context_precision", "context_recall"
    )
    return t.noise("avg_latency")


@second
def trading(t: Table) -> Any:
    t.p(fast=("int", 3, 30), slow=("int", 40, 200), stop_loss=("unif", 0.01, 0.1))
    t.p(take_profit=("unif", 0.02, 0.3)).objective("sharpe", -1).alike("return_pct", "sortino")
    return t.noise("n_trades", "max_drawdown").alike("win_rate", noise=0.3)


@second
def genetic_algorithm(t: Table) -> Any:
    t.c(gen=np.arange(t.n) // 20, ind=np.arange(t.n) % 20).p(
        mutation_rate=("unif", 0, 1), crossover_rate=("unif", 0, 1), pop_size=("int", 10, 200)
    )
    return t.objective("fitness").c(parent_id=t.rng.integers(0, t.n, t.n))


@second
def database_knobs(t: Table) -> Any:
    t.p(shared_buffers=[128, 256, 512, 1024], work_mem=("int", 4, 64), jit=["on", "off"])
    t.p(random_page_cost=("unif", 1, 4)).objective("tps", -1).noise(
        "latency_avg_ms", "cpu_percent"
    )
    frame = t.frame
    frame["shared_buffers"] = frame["shared_buffers"].map("{}MB".format)
    frame["work_mem"] = frame["work_mem"].map("{}MB".format)
    return frame.to_csv(index=False)


@second
def compiler_flags(t: Table) -> Any:
    t.ps({"-O": [1, 2, 3], "-funroll-loops": [0, 1], "-finline-limit": ("int", 10, 900)})
    return t.ps({"-fvectorize": [0, 1]}).objective("runtime").noise("code_size")


@second
def chemistry(t: Table) -> Any:
    t.cs({"Entry": np.arange(1, t.n + 1)}).ps(
        {"T (°C)": ("unif", 20, 120), "t (h)": [1, 2, 4, 8, 24], "Solvent": ["THF", "DMF", "MeOH"]}
    )
    t.ps({"Base (equiv)": ("unif", 1, 3), "Cat. loading (mol%)": ("log", 0.1, 10)})
    return t.objective("Yield (%)", -1).alike("ee (%)", noise=0.4).c(Comments="")


@second
def coffee(t: Table) -> Any:
    t.n = 35
    t.dates("Date", form="%d %b %Y").ps({"Dose (g)": ("unif", 14, 20), "Grind": ("int", 1, 12)})
    t.ps({"Water temp": ("unif", 85, 96), "Beans": ["Kenya", "Brazil"]}).noise("Brew time (s)")
    return t.objective("Rating", -1).c(Notes="nice")


@second
def choices_as_lists(t: Table) -> Any:
    t.p(hidden_layer_sizes=["(64,)", "(64, 64)", "(128, 64)"], alpha=("log", 1e-6, 1e-1))
    t.p(betas=["[0.9, 0.999]", "[0.8, 0.99]"], lr=["1e-3", "3e-4", "1e-4"])
    t.kinds["lr"] = "grid"
    return t.objective("loss")


@second
def one_hot_dummies(t: Table) -> Any:
    """As `pandas.get_dummies` writes choices."""
    t.p(lr=LR, depth=("int", 2, 9)).objective("loss")
    k = t.rng.integers(4, size=t.n)
    names = [f"optimizer_{name}" for name in ("adam", "sgd", "rmsprop", "lion")]
    t.cs({name: k == i for i, name in enumerate(names)})
    t.params.append("optimizer")
    return t


@second
def thousands_in_german(t: Table) -> Any:
    t.p(Preis=("unif", 1000, 9000), Menge=("int", 1000, 20000), Region=["Nord", "Süd"])
    t.objective("Kosten")
    frame = t.frame
    frame["Preis"] = frame["Preis"].map(lambda x: f"{x:,.2f}".translate({44: ".", 46: ","}))
    frame["Menge"] = frame["Menge"].map(lambda x: f"{x:,}".replace(",", "."))
    return frame.to_csv(index=False, sep=";", decimal=",")


@second
def plus_minus(t: Table) -> Any:
    t.p(lr=LR, depth=("int", 1, 6), reg=("log", 1e-6, 1)).alike("train acc").objective("rmse")
    frame = t.frame
    frame["test acc"] = [f"{1 - x:.3f} ± 0.012" for x in t.loss]
    return frame.to_csv(index=False)


@second
def conditional_script(t: Table) -> Any:
    t.p(model=["svm", "rf"], C=("log", 1e-3, 1e3), n_estimators=("int", 10, 300)).objective(
        "auc", -1
    )
    is_svm = t.columns["model"] == "svm"
    t.columns["C"] = np.where(is_svm, t.columns["C"], np.nan)
    t.columns["n_estimators"] = np.where(is_svm, np.nan, t.columns["n_estimators"])
    return t.noise("fit_seconds")


@second
def failed_rows(t: Table) -> Any:
    t.p(lr=LR, batch=[32, 64, 128], act=["relu", "selu"]).objective("loss")
    t.columns["loss"] = np.where(t.columns["lr"] > 0.03, np.nan, t.columns["loss"])
    return t.cs({"error": np.where(t.columns["lr"] > 0.03, "RuntimeError: nan", "")})


@second
def odd_cells(t: Table) -> Any:
    t.p(max_features=("unif", 0.1, 1), max_depth=("int", 2, 30), lr=LR).objective("mae")
    frame = t.frame.astype(object)
    frame.loc[[3, 9], "max_features"] = "auto"
    frame.loc[[5], "max_depth"] = "None"
    return frame.to_csv(index=False)


@second
def reinforcement(t: Table) -> Any:
    t.c(env="CartPole-v1", algo="ppo").p(
        learning_rate=LR, gamma=("unif", 0.9, 1), n_epochs=("int", 1, 20)
    )
    t.p(clip_range=("unif", 0.1, 0.4), ent_coef=("log", 1e-8, 0.1)).objective("return_mean", -1)
    return t.noise("return_std").alike("ep_len", noise=0.3).c(timesteps=100000, seed=[0, 1, 2])


@second
def constant_and_derived(t: Table) -> Any:
    t.p(lr=LR, batch_size=[32, 64, 128], n_layers=("int", 1, 8)).c(dataset="mnist", epochs=20)
    t.cs({"steps_per_epoch": 60000 // t.columns["batch_size"].astype(int)})
    t.cs({"log10_lr": np.log10(t.columns["lr"]), "n_weights": t.columns["n_layers"] * 3000 + 10})
    return t.objective("val_error")


@second
def three_objectives(t: Table) -> Any:
    t.p(width=("unif", 1, 5), height=("unif", 1, 5), material=["steel", "alu"]).cost(
        "mass", "stress"
    )
    return t.objective("deflection")


@second
def pipes(t: Table) -> Any:
    t.p(k=("int", 1, 30), metric=["l1", "l2", "cosine"], leaf_size=[10, 30]).objective("error")
    return t.text(sep="|")
