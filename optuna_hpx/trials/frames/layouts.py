"""Which tool wrote a table, by the names of its columns, and what these names mean there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from optuna_hpx.trials.frames.names import words_of

__all__ = ["STATE_NAMES", "Layout", "layout_of"]


@dataclass(frozen=True)
class Layout:
    """The columns of one tool.

    Attributes:
        tool: What wrote the table; "" if that is not known.
        prefix: Before the names of parameters; "" if they have none.
        signs: Columns of which enough are there if the tool wrote the table.
        n_signs: How many are enough.
        is_search: Whether the prefix marks what a search varied, and not all that was configured.
        own: Columns that are none of the user's.
        state: The column of states.
        number: The column of trial numbers.
        duration: The column of durations, in seconds or as text.
    """

    tool: str
    prefix: str = ""
    signs: frozenset[str] = frozenset()
    n_signs: int = 1
    is_search: bool = False
    own: frozenset[str] = frozenset()
    state: str = ""
    number: str = ""
    duration: str = ""

    def short(self, name: str) -> str:
        """Return the name of a parameter without the tool's prefix."""
        if not self.prefix or name == self.prefix:
            return name
        return name.removeprefix(self.prefix)


def _set(names: str) -> frozenset[str]:
    return frozenset(name.strip() for name in names.split(","))


_WANDB_OWN = _set(
    "Name, State, Notes, User, Tags, Created, Updated, Runtime, Sweep, Group, Job Type, ID, Host, "
    "Hostname, GPU Type, GPU Count, CPU Count, OS, Python Version, Commit, GitHub, Agent, "
    "End Time, Start Time, Relative Time (Process), Relative Time (Wall), Wall Time, Logs, "
    "Description, Command, Git Repository, Directory, Report, Run Queue"
)
_RAY_OWN = _set(
    "trial_id, date, timestamp, time_this_iter_s, time_total_s, pid, hostname, node_ip, done, "
    "training_iteration, time_since_restore, timesteps_since_restore, iterations_since_restore, "
    "timesteps_total, episodes_total, experiment_id, experiment_tag, logdir, checkpoint_dir_name, "
    "should_checkpoint, warmup_time, trial_name"
)
_MLFLOW_OWN = _set(
    "Start Time, Duration, Run ID, Name, Source Type, Source Name, User, Status, Version"
)
_LAYOUTS = (
    Layout(
        "Optuna",
        "params_",
        _set("number, state, value, values_0, datetime_start, duration, origin"),
        is_search=True,
        state="state",
        number="number",
        duration="duration",
    ),
    Layout(
        "Optuna Dashboard",
        "Param ",
        _set("Number, State"),
        n_signs=2,
        is_search=True,
        state="State",
        number="Number",
    ),
    Layout(
        "scikit-learn",
        "param_",
        _set("params, mean_fit_time, mean_test_score, rank_test_score, mean_score_time"),
        n_signs=2,
        is_search=True,
    ),
    Layout(
        "MLflow",
        "params.",
        _set("run_id, experiment_id, status, artifact_uri, start_time"),
        n_signs=2,
        state="status",
    ),
    Layout(
        "Ray Tune",
        "config/",
        _set("trial_id, training_iteration, done, time_total_s, logdir"),
        own=_RAY_OWN,
        duration="time_total_s",
    ),
    Layout(
        "Weights & Biases",
        "config.",
        _set("Name, State, Created, Runtime, User, Notes, name, state"),
        n_signs=2,
        own=_WANDB_OWN,
        state="State",
        duration="Runtime",
    ),
    Layout(
        "Weights & Biases",
        "",
        _set("Name, State, Created, Runtime, User, Notes, Sweep"),
        n_signs=4,
        own=_WANDB_OWN,
        state="State",
        duration="Runtime",
    ),
    Layout(
        "Ax",
        "",
        _set("trial_index, arm_name, trial_status, generation_method, generation_node"),
        n_signs=3,
        own=_set("arm_name, generation_method, generation_node"),
        state="trial_status",
        number="trial_index",
    ),
    Layout(
        "SMAC",
        "",
        _set("config_id, instance, seed, budget, cost, time, status, starttime, endtime, origin"),
        n_signs=5,
        own=_set("config_id, instance, status, origin, additional_info, config_origin"),
        state="status",
    ),
    Layout(
        "mlr3",
        "",
        _set("batch_nr, uhash, runtime_learners, x_domain, timestamp, warnings, errors"),
        n_signs=4,
        own=_set("batch_nr, uhash, runtime_learners, x_domain, warnings, errors, resample_result"),
    ),
    Layout(
        "MLflow",
        "",
        _set("Start Time, Run ID, Source Type, Source Name, Status"),
        n_signs=4,
        own=_MLFLOW_OWN,
        state="Status",
    ),
)
_PREFIX = re.compile(
    r"(?P<sure>([\w-]+[./:])*(hyper[-_ ]?param(eter)?s?|h_?params?|param(eter)?s?|config|cfg|args"
    r"|assignments|misc\.vals)[./: ]+)"
    r"|(?P<likely>(hyper_?parameters?|hparams?|params?|parameters?|config|hp)_+)",
    re.IGNORECASE,
)
_NO_PARAMETER = _set("count, total, num, million, millions, m, id, path, file, dir, name")
STATE_NAMES = ("state", "status", "trial_status", "trial_state", "run_status", "run_state")
_STATE_ENDS = ("state", "status")
_NUMBER_NAMES = ("number", "trial_number", "trial_index", "trial", "trial_id")


def layout_of(names: Sequence[str]) -> Layout:
    """Find out who wrote a table with columns of these names.

    Example:
        >>> layout_of(["val_loss", "trial_id", "done", "config/lr"]).tool
        'Ray Tune'
    """
    present = set(names)
    layout = next(
        (
            layout
            for layout in _LAYOUTS
            if _has_prefix(names, layout.prefix) and len(layout.signs & present) >= layout.n_signs
        ),
        None,
    )
    if layout is None:
        layout = Layout("", _common_prefix(names))
    return replace(
        layout,
        state=layout.state if layout.state in present else _state_among(layout, names),
        number=layout.number if layout.number in present else _first(names, _NUMBER_NAMES),
        duration=layout.duration if layout.duration in present else _first(names, ("duration",)),
    )


def _has_prefix(names: Sequence[str], prefix: str) -> bool:
    return any(name.startswith(prefix) and name != prefix for name in names)


def _state_among(layout: Layout, names: Sequence[str]) -> str:
    """Return the column of states by its name, or the only one that ends as such, as JobStatus."""
    own = [name for name in names if not layout.prefix or not name.startswith(layout.prefix)]
    ends = [name for name in own if words_of(name)[-1:] and words_of(name)[-1] in _STATE_ENDS]
    return _first(own, STATE_NAMES) or (ends[0] if len(ends) == 1 else "")


def _first(names: Sequence[str], wanted: Sequence[str]) -> str:
    """Return the first of the wanted names, in whatever case, that one column alone has."""
    lower = ["_".join(words_of(name)) for name in names]
    for word in wanted:
        if lower.count(word) == 1:
            return names[lower.index(word)]
    return ""


def _common_prefix(names: Sequence[str]) -> str:
    """Return the prefix that marks parameters by its word, and that most columns have; else ""."""
    counts: dict[str, int] = {}
    weak: set[str] = set()
    for name in names:
        match = _PREFIX.match(name)
        if match is None or match.end() == len(name):
            continue
        if set(words_of(name[match.end() :])) <= _NO_PARAMETER:
            continue
        counts[match.group()] = counts.get(match.group(), 0) + 1
        if match["likely"]:
            weak.add(match.group())
    likely = {prefix: n for prefix, n in counts.items() if n > 1 or prefix not in weak}
    if not likely and set(counts) == {"params_"}:
        return "params_"
    return max(likely, key=lambda prefix: likely[prefix], default="")
