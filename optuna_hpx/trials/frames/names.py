"""What the name of a column says of it, in the vocabulary of those who tune models.

A name alone is a hint: ``precision`` may be a result or a number format. So these words decide
only where the cells agree, which is for :mod:`optuna_hpx.trials.frames.roles` to see.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

__all__ = ["hint_of", "is_setting", "is_sure_setting", "metrics_of", "words_of"]


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_RESULT = _set(
    "loss losses acc accuracy auc auroc auprc roc f1 fbeta fscore precision recall sensitivity "
    "specificity score scores rmse mse mae mape smape msle rmsle r2 error err metric metrics "
    "perplexity ppl bleu rouge rougel meteor cer wer iou miou dice map ndcg mrr reward rewards "
    "regret objective fitness kappa mcc logloss nll likelihood loglik elbo crossentropy brier "
    "psnr ssim fid kl kld topk hitrate bpb bpc pearson spearman silhouette hypervolume "
    "divergence profit sharpe sortino calmar cagr pnl drawdown rsquared chrf ter hits "
    "success succeeded converged diverged failed faithfulness relevancy "
    "genauigkeit fehler verlust perte erreur exactitude perdida exactitud precisao acuracia erro"
)
_RESULT_ENDS = ("verlust", "fehler", "genauigkeit")
"""Of German words in one, as ``Validierungsfehler``."""
_VETO = _set(
    "weight weights coef coeff coefficient coefs alpha beta gamma lambda lam scale scaling "
    "factor type fn func function name threshold thresh tol tolerance penalty margin smoothing "
    "reduction temperature size frac fraction ratio split splits interval freq frequency every "
    "patience clip eps epsilon init mode method delta mult multiplier weighting steps batch "
    "workers dim kernel warmup decay limit embed embedding budget cap aware discount "
    "use is with has enable stop take trailing fonction funcion gewicht poids peso"
)
"""Next to one of these a word for a result names how it is computed: ``loss_weight``."""
_MEASURED = _set("score scores accuracy acc auc f1 rmse mse mae bleu")
"""Last in a name they are results in spite of most of these words: ``clip_score``."""
_STRONG_VETO = _set("threshold thresh tol tolerance weight weights target cutoff min_delta")
_PARTS = _set(
    "train training trn val valid validation vali test testing tst eval dev holdout oob cv fold "
    "folds split final last mean avg average std best min max median"
)
_SEARCH = _set("acq acquisition acqf incumbent")
"""What a search says of itself."""
_DURATION = _set(
    "duration durations runtime elapsed walltime wallclock latency seconds secs minutes mins hrs "
    "dauer laufzeit rechenzeit zeit duree temps duracion tiempo"
)
_NO_DURATION = _VETO | _set("step out max embed horizon window mask constant series of")
_DATE = _set(
    "date datetime timestamp created updated modified heartbeat submitted finished ended "
    "datum fecha"
)
_DATE_NAMES = _set("start end start_time end_time started completed time_start time_end")
_ID = _set(
    "id ids uuid guid hash sha commit pid host hostname ip user username author email nr idx "
    "index parent rechner"
)
_ID_NAMES = _set(
    "name run_name experiment_name exp_name display_name trial_name arm_name job_name run "
    "experiment exp trial job project entity sweep artifact_uri logdir log_dir url uri link rev "
    "revision branch git_branch machine node node_ip source index idx row unnamed trial_number "
    "trial_index run_number run_index config_id trial_no no nr versuch lauf essai ensayo"
)
_TEXT_NAMES = _set(
    "note notes comment comments description tag tags remark remarks message "
    "bemerkung bemerkungen kommentar notiz remarque remarques commentaire notas observaciones"
)
_SEEDS = _set("seed seeds startwert graine semilla")
_SEED_NAMES = _set("random_state rng_state randomseed random_seed")
_REPEAT_NAMES = _set(
    "fold fold_id cv_fold outer_fold fold_number fold_idx repeat repeat_id repetition replicate "
    "replication rep"
)
_PROGRESS = _set("epoch step iteration iter timestep")
_NO_PROGRESS = _VETO | _set(
    "max num n total per time lr save eval log grad accum accumulation milestone start drop "
    "decay stop early no number"
)
_PROGRESS_NAMES = _set(
    "best_epoch stopped_epoch last_epoch global_step training_iteration total_steps_done "
    "timesteps_total episodes_total iterations_since_restore epochs_run n_iter_ epochs_trained "
    "steps_done gen generation n_gen"
)
_MACHINE = _set(
    "gpu cpu ram vram rss util utilization throughput fps flops macs gflops watts "
    "energy carbon emissions flos rps qps"
)
_RESOURCES = _set("mem memory power disk")
_USE = _set("peak used usage use avg average mean total allocated reserved gb mb mib kb w watt")
"""Next to one of these a resource is measured, and else it may be a limit: ``work_mem``."""
_SPENT = _set("token tokens usd eur dollars")
_SPENT_BESIDE = _set("prompt completion input output total cost price used")
_SIZES = _set("params parameters")
_OF_SIZES = _set("n num total count trainable million millions m")
_TIMES = _set("second seconds sec s minute step token image sample epoch iter iteration")
_SETTING = _set(
    "lr learning rate dropout drop batch bs hidden layer layers unit units width depth channel "
    "channels head heads embed embedding kernel optimizer optim opt momentum decay wd alpha "
    "beta beta1 beta2 betas gamma lambda eta tau rho eps epsilon sigma c l1 l2 reg "
    "regularization leaf leaves estimators trees subsample colsample bins neighbors degree "
    "activation scheduler warmup clip augment mixup filters stride pool pooling temperature num "
    "n max min penalty solver criterion splitter features bootstrap window horizon order dim "
    "lernrate schichten neuronen taux couches neurones tasa capas neuronas "
    "size ratio frac fraction threshold tol patience weight coef factor scale epochs steps "
    "rounds p k noise margin smoothing"
)


_VAGUE = _set(
    "n num max min size p k c noise margin scale order factor ratio frac fraction weight coef "
    "bins features rate"
)
"""Words that results have as well, as one of several: ``n_trades``, ``code_size``."""
_VARIABLE = re.compile(r"x_?\d+")
"""How mathematics names what is searched: ``x1``, ``X_2``."""


def words_of(name: str) -> list[str]:
    """Split a name into lower-case words: ``valLoss/epoch_3`` into val, loss, epoch, 3.

    Example:
        >>> words_of("config.batchSize")
        ['config', 'batch', 'size']
    """
    plain = unicodedata.normalize("NFKD", name.replace("\u00df", "ss"))
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    apart = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", plain)
    apart = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1 \2", apart)
    return [word for word in re.split(r"[\W_]+", apart.lower()) if word]


def is_setting(name: str) -> bool:
    """Return whether a name reads like one of a hyperparameter."""
    return not _SETTING.isdisjoint(words_of(name)) or is_sure_setting(name)


def is_sure_setting(name: str) -> bool:
    """Return whether a name hardly is that of a result: ``n_layers``, and not ``n_trades``.

    Example:
        >>> [is_sure_setting(name) for name in ("max_depth", "max_stress", "x1", "k")]
        [True, False, True, True]
    """
    words = words_of(name)
    if _VARIABLE.fullmatch("_".join(words)):
        return True
    return not (_SETTING if len(words) == 1 else _SETTING - _VAGUE).isdisjoint(words)


def hint_of(name: str) -> str:
    """Return what a column is by its name, as "result" or "seed"; "" where that is open.

    Args:
        name: The column's name, without a prefix that its tool gives to parameters.

    Example:
        >>> [hint_of(name) for name in ("val_loss", "loss_weight", "epochs", "best_epoch", "lr")]
        ['result', '', '', 'progress', '']
    """
    words = words_of(name)
    if not words or words[0] == "unnamed":  # as pandas calls an index that was written
        return "id"
    hints = (
        ("internal", name.startswith("_")),
        ("seed", not _SEEDS.isdisjoint(words) or "_".join(words) in _SEED_NAMES),
        ("repeat", "_".join(words) in _REPEAT_NAMES),
        ("result", _is_result(words)),
        ("date", not _DATE.isdisjoint(words) or "_".join(words) in _DATE_NAMES),
        ("duration", _is_duration(words)),
        ("progress", _is_progress(words)),
        ("machine", _is_of_machine(words)),
        ("text", "_".join(words) in _TEXT_NAMES),
        ("id", words[-1] in _ID or "_".join(words) in _ID_NAMES),
        ("size", not _SIZES.isdisjoint(words) and not _OF_SIZES.isdisjoint(words)),
    )
    return next((hint for hint, holds in hints if holds), "")


def _is_result(words: Sequence[str]) -> bool:
    stems = [word if word in _RESULT else re.sub(r"(\d+|sd)$", "", word) for word in words]
    if "grad" in words and "norm" in words and _VETO.isdisjoint(words) and "max" not in words:
        return True
    if not _SEARCH.isdisjoint(words) or words[:3] == ["best", "so", "far"]:
        return True
    if not any(stem in _RESULT or stem.endswith(_RESULT_ENDS) for stem in stems):
        return False
    # A part of the data beside it leaves no doubt, as in `val_loss`.
    is_clear = words[0] in _PARTS and words[-1] in _RESULT
    is_clear |= words[-1] in _MEASURED and _STRONG_VETO.isdisjoint(words)
    return is_clear or _VETO.isdisjoint(words)


def _is_of_machine(words: Sequence[str]) -> bool:
    if "per" in words[:-1] and words[words.index("per") + 1] in _TIMES:
        return True  # samples per second, seconds per image
    if not _SPENT.isdisjoint(words) and not _SPENT_BESIDE.isdisjoint(words):
        return _VETO.isdisjoint(words) and "max" not in words
    is_use = not _RESOURCES.isdisjoint(words) and (len(words) == 1 or not _USE.isdisjoint(words))
    return (is_use or not _MACHINE.isdisjoint(words)) and _VETO.isdisjoint(words)


def _is_duration(words: Sequence[str]) -> bool:
    if not _NO_DURATION.isdisjoint(words):
        return False
    return not _DURATION.isdisjoint(words) or "time" in words or words[-1] == "ms"


def _is_progress(words: Sequence[str]) -> bool:
    if "_".join(words) in _PROGRESS_NAMES:
        return True
    last = words[-2] if words[-1].isdigit() and len(words) > 1 else words[-1]
    return last in _PROGRESS and _NO_PROGRESS.isdisjoint(words)


def metrics_of(values: Sequence[str]) -> tuple[str, ...]:
    """Return what columns of objectives are called, without Optuna's prefix; () for numbers."""
    names = tuple(value.removeprefix("values_").removeprefix("metrics.") for value in values)
    is_named = all(name and name != "value" and not name.isdigit() for name in names)
    return names if is_named else ()
