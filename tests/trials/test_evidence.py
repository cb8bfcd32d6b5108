"""Each look at trials without a mark: what it sees, what it leaves alone, how often it errs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import optuna
import pytest
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution
from optuna.samplers import RandomSampler
from optuna.trial import TrialState, create_trial

from optuna_hpx import TrialTable
from optuna_hpx.trials.evidence import Verdict, judge
from optuna_hpx.trials.sampling import sampling_of

pandas = pytest.importorskip("pandas")

UNIT = FloatDistribution(0.0, 1.0)
ENOUGH = 100  # trials, of which independence is claimed if nothing speaks against it


def uniform(n: int, d: int = 2, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random((n, d))


def frame_of(
    X: np.ndarray, losses: np.ndarray, distributions: dict[str, BaseDistribution] | None = None
) -> TrialTable:
    """A table of a data frame; without ``distributions`` of parameters p0, p1, ..."""
    columns: dict[str, Any] = {f"p{k}": x for k, x in enumerate(X.T)}
    for name, dist in (distributions or {}).items():
        if isinstance(dist, CategoricalDistribution):
            columns[name] = [dist.choices[int(code)] for code in columns[name]]
    frame = pandas.DataFrame({**columns, "loss": losses})
    return TrialTable.from_frame(
        frame, params=list(columns), value="loss", distributions=distributions
    )


def study_of(
    X: np.ndarray,
    losses: np.ndarray | None = None,
    dist: BaseDistribution = UNIT,
    states: Sequence[TrialState] | None = None,
) -> TrialTable:
    study = optuna.create_study()
    for k, row in enumerate(X.tolist()):
        state = TrialState.COMPLETE if states is None else states[k]
        names = [f"p{j}" for j in range(len(row))]
        trial = create_trial(
            params={name: dist.to_external_repr(x) for name, x in zip(names, row, strict=True)},
            distributions=dict.fromkeys(names, dist),
            value=None
            if state != TrialState.COMPLETE
            else float(row[0])
            if losses is None
            else float(losses[k]),
            state=state,
        )
        study.add_trial(trial)
    return TrialTable.of(study)


def verdict(table: TrialTable) -> Verdict:
    return judge(table, np.arange(len(table)))


def in_order(X: np.ndarray) -> np.ndarray:
    """Losses that depend on the first parameter."""
    return (X[:, 0] - 0.3) ** 2


class TestOrder:
    def test_random_draws_come_in_no_order(self) -> None:
        X = uniform(ENOUGH)
        expected = Verdict(
            "independent", "They come in the order and combinations of random draws."
        )
        assert verdict(frame_of(X, in_order(X))) == expected
        assert verdict(study_of(X, in_order(X))) == expected

    def test_values_that_move_with_time(self) -> None:
        X = uniform(ENOUGH)
        X[:, 1] += np.arange(ENOUGH) / ENOUGH
        found = verdict(frame_of(X, in_order(X)))
        assert found.kind == "adaptive"
        assert found.basis.startswith("Their values move with time (p = 0.0")

    def test_losses_that_get_better(self) -> None:
        """The losses fall by a step in the middle; the parameters do not move."""
        X = uniform(ENOUGH)
        losses = uniform(ENOUGH, 1, 1)[:, 0] - (np.arange(ENOUGH) >= ENOUGH // 2)
        assert "move with time" in verdict(frame_of(X, losses)).basis

    def test_rows_that_were_sorted_are_in_no_order_of_time(self) -> None:
        X = uniform(ENOUGH)
        by_loss = np.argsort(in_order(X))
        found = verdict(frame_of(X[by_loss], np.sort(in_order(X))))
        nothing = Verdict("unknown", "Nothing speaks against random draws, but little could.")
        assert found == nothing, "their order is nothing against them, and nothing for them"
        for descending in (1, -1):
            by_value = np.argsort(X[:, 1])[::descending]
            assert verdict(frame_of(X[by_value], in_order(X[by_value]))) == nothing

    def test_sorted_rows_that_contradict_in_another_way(self) -> None:
        """Sorting hides no combinations."""
        X = _lumps(ENOUGH)
        by_loss = np.argsort(in_order(X))
        assert verdict(study_of(X[by_loss], np.sort(in_order(X)))).kind == "adaptive"

    def test_a_constant_is_not_sorted(self) -> None:
        X = uniform(ENOUGH)
        X[:, 1] = 0.5
        assert verdict(frame_of(X, in_order(X))).kind == "independent"

    def test_nothing_is_claimed_of_an_order_that_is_doubtful(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        X = uniform(ENOUGH)
        kinds = {}
        for p in (0.01, 0.011, 0.05, 0.051):
            monkeypatch.setattr("optuna_hpx.trials.evidence.order_test", lambda *_, p=p, **__: p)
            kinds[p] = verdict(frame_of(X, in_order(X))).kind
        assert list(kinds.values()) == ["adaptive", "unknown", "unknown", "independent"]

    @pytest.mark.parametrize(("has_pruned", "kind"), [(True, "independent"), (False, "adaptive")])
    def test_where_trials_are_pruned_scores_may_drift(self, has_pruned: bool, kind: str) -> None:
        """Later in a study a pruner lets only good trials end; the draws are random all along."""
        X = uniform(2 * ENOUGH)
        losses, late = X[:, 0], np.arange(2 * ENOUGH) >= ENOUGH
        states = np.where(late & (losses > 0.5), TrialState.PRUNED, TrialState.COMPLETE)
        table = study_of(X, losses, states=[TrialState(state) for state in states.tolist()])
        if has_pruned:
            assert verdict(table).kind == kind
        else:  # of the COMPLETE ones alone, the losses get better, and the values move
            ended = np.flatnonzero(table.complete)
            assert judge(table, ended).kind == kind


def _lumps(n: int) -> np.ndarray:
    """Values spread as draws are, of which each row has those of one of 12 places."""
    rng = np.random.default_rng(3)
    places = rng.random((12, 2))
    return places[rng.integers(12, size=n)] + 0.01 * rng.random((n, 2))


class TestCombinations:
    def test_combinations_that_recur(self) -> None:
        """The values themselves lie as those of random draws do."""
        X = np.empty((ENOUGH, 2))
        for k, column in enumerate(_lumps(ENOUGH).T):
            X[np.argsort(column), k] = np.sort(uniform(ENOUGH)[:, k])
        found = verdict(study_of(X, uniform(ENOUGH, 1)[:, 0]))
        assert found.kind == "adaptive"
        assert found.basis.startswith("Combinations of values recur (p = ")

    def test_of_a_table_they_may_be_bounds_that_depend_on_each_other(self) -> None:
        X = _lumps(ENOUGH)
        found = verdict(frame_of(X, uniform(ENOUGH, 1)[:, 0]))
        assert found.kind == "unknown"
        assert "or bounds that depend on each other" in found.basis
        X = uniform(2 * ENOUGH)
        X[:, 1] = X[:, 0] + (1.0 - X[:, 0]) * X[:, 1]  # drawn between the other and 1
        assert verdict(frame_of(X, uniform(2 * ENOUGH, 1)[:, 0])) == found

    def test_the_same_values_combined_anew(self) -> None:
        X = _lumps(ENOUGH)
        X[:, 1] = np.random.default_rng(0).permutation(X[:, 1])
        assert verdict(frame_of(X, uniform(ENOUGH, 1)[:, 0])).kind == "independent"

    def test_combinations_further_apart_than_chance_would_have_it(self) -> None:
        side = (np.arange(11) + 0.5) / 11
        X = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
        X = np.random.default_rng(1).permutation(X) + 0.02 * (uniform(len(X)) - 0.5)
        assert verdict(frame_of(X, uniform(len(X), 1)[:, 0])) == Verdict(
            "even", "They are more evenly spread than random draws."
        )


class TestRepeatedValues:
    @pytest.mark.parametrize(
        ("n_repeated", "kind"), [(0, "independent"), (12, "independent"), (13, "adaptive")]
    )
    def test_more_than_a_tenth_of_the_values_occurred_before(
        self, n_repeated: int, kind: str
    ) -> None:
        """Each of a random choice of 120 rows takes over the p1 of another row; some the p0."""
        rows = np.random.default_rng(1).permutation(120)
        X = uniform(120, seed=2)
        X[rows[:n_repeated], 1] = X[rows[20 : 20 + n_repeated], 1]
        X[rows[60:64], 0] = X[rows[80:84], 0]
        found = verdict(frame_of(X, uniform(120, 1, 1)[:, 0]))
        assert found.kind == kind
        assert (found.basis == "Values of p1 occur again in other trials.") == (kind == "adaptive")

    def test_a_ratio_of_integers_is_no_sign_of_a_sampler(self) -> None:
        """As the share of epochs that are spent on warming up, of epochs that were drawn."""
        rng = np.random.default_rng(0)
        X = uniform(400, seed=3)
        epochs = rng.integers(20, 101, 400)
        X[:, 1] = (epochs * rng.random(400) * 0.8).astype(int) / epochs
        assert len(np.unique(X[:, 1])) < 0.8 * len(X)
        assert verdict(frame_of(X, uniform(400, 1, 1)[:, 0])).kind == "independent"

    def test_a_value_that_many_trials_are_stuck_at_is_a_sign(self) -> None:
        X = uniform(200, seed=3)
        X[::7, 1] = 1.0
        assert "occur again" in verdict(frame_of(X, uniform(200, 1, 1)[:, 0])).basis

    @pytest.mark.parametrize(("n", "is_seen"), [(19, False), (20, True)])
    def test_of_fewer_than_20_values_no_share_is_taken(self, n: int, is_seen: bool) -> None:
        X = uniform(n)
        X[n // 2 :, 0] = X[: n - n // 2, 0]
        assert ("occur again" in verdict(frame_of(X, uniform(n, 1, 1)[:, 0])).basis) == is_seen

    def test_rounded_numbers_and_choices_may_occur_again(self) -> None:
        X = uniform(ENOUGH)
        X[:, 1] = np.round(X[:, 1], 2)
        assert verdict(frame_of(X, in_order(X))).kind == "independent"
        X[:, 1] = np.floor(4 * uniform(ENOUGH)[:, 1])
        choices: dict[str, BaseDistribution] = {
            "p0": UNIT,
            "p1": CategoricalDistribution(list("abcd")),
        }
        assert verdict(frame_of(X, in_order(X), choices)).kind == "independent"


class TestPlaces:
    def test_values_that_do_not_lie_evenly_in_their_domain(self) -> None:
        X = uniform(ENOUGH)
        X[:, 1] **= 3
        found = verdict(study_of(X, in_order(X)))
        assert found == Verdict("adaptive", "They do not lie evenly in the domain of p1.")
        assert verdict(frame_of(X, in_order(X))).kind == "independent", "its domain is a guess"

    def test_values_that_lie_too_evenly(self) -> None:
        rng = np.random.default_rng(0)
        X = np.column_stack([rng.permutation(np.arange(40) + rng.random(40)) for _ in "xy"]) / 40
        expected = "They lie more evenly in their domains than random draws."
        assert verdict(study_of(X, in_order(X))) == Verdict("even", expected)
        few = X[rng.permutation(40)[:19]]
        assert verdict(study_of(few, in_order(few))).kind == "unknown"

    @pytest.mark.parametrize(("share", "kind"), [(0.25, "independent"), (0.5, "adaptive")])
    def test_choices_that_are_taken_too_often(self, share: float, kind: str) -> None:
        """Of four choices the first one has ``share``; the float beside it is drawn evenly."""
        rng = np.random.default_rng(0)
        study = optuna.create_study()
        choice = CategoricalDistribution(list("abcd"))
        rest = (1 - share) / 3
        for code in rng.choice(4, size=120, p=[share, rest, rest, rest]).tolist():
            params = {"k": "abcd"[code], "x": float(rng.random())}
            study.add_trial(
                create_trial(
                    params=params, distributions={"k": choice, "x": UNIT}, value=params["x"]
                )
            )
        found = verdict(TrialTable.of(study))
        assert found.kind == kind
        assert ("domain of k" in found.basis) == (kind == "adaptive")

    @pytest.mark.parametrize(
        "dist",
        [
            optuna.distributions.IntDistribution(0, 9),
            optuna.distributions.IntDistribution(0, 999),
            FloatDistribution(0, 1, step=0.25),
            optuna.distributions.IntDistribution(1, 64, log=True),
            FloatDistribution(1e-5, 1, log=True),
            optuna.distributions.IntDistribution(3, 3),
            CategoricalDistribution(["a", "a", "b"]),
            CategoricalDistribution([True, 1, "1", None]),
        ],
        ids=str,
    )
    def test_random_draws_of_every_kind_pass(self, dist: BaseDistribution) -> None:
        for seed in range(1, 6):  # that of 0 is one of the hundred that come in an order
            study = optuna.create_study(sampler=RandomSampler(seed=seed))

            def objective(trial: optuna.Trial) -> float:
                trial._suggest("k", dist)
                return trial.suggest_float("x", 0, 1)

            study.optimize(objective, n_trials=40)
            assert verdict(TrialTable.of(study)).kind == "unknown"


class TestHowMuchIsKnown:
    @pytest.mark.parametrize(("n", "kind"), [(99, "unknown"), (100, "independent")])
    def test_from_100_trials_on_a_sampler_would_have_shown(self, n: int, kind: str) -> None:
        X = uniform(n)
        assert verdict(frame_of(X, in_order(X))).kind == kind

    @pytest.mark.parametrize(("n_values", "kind"), [(19, "unknown"), (20, "independent")])
    def test_of_few_values_nothing_is_claimed(self, n_values: int, kind: str) -> None:
        rng = np.random.default_rng(5)
        X = rng.integers(n_values, size=(300, 2)).astype(float)
        X[:, 1] //= 4
        assert len(np.unique(X[:, 0])) == n_values
        found = verdict(frame_of(X, rng.random(300)))
        assert found.kind == kind
        assert ("so few values" in found.basis) == (kind == "unknown")

    @pytest.mark.parametrize("n", [0, 1, 2, 5])
    def test_a_handful_of_trials(self, n: int) -> None:
        X = uniform(n)
        assert verdict(study_of(X)).kind == "unknown"

    def test_trials_without_parameters(self) -> None:
        study = optuna.create_study()
        study.optimize(lambda trial: 0.0, n_trials=3)
        assert verdict(TrialTable.of(study)) == Verdict("unknown", "They have no parameters.")

    def test_only_the_rows_that_are_asked_for_count(self) -> None:
        X = uniform(2 * ENOUGH)
        X[ENOUGH:, 1] = 0.5 + 0.001 * X[ENOUGH:, 1]
        table = frame_of(X, in_order(X))
        assert verdict(table).kind == "adaptive"
        assert judge(table, np.arange(ENOUGH)).kind == "independent"

    def test_the_same_trials_get_the_same_answer(self) -> None:
        X = uniform(60)
        assert verdict(frame_of(X, in_order(X))) == verdict(frame_of(X, in_order(X)))


@pytest.mark.parametrize("n", [60, 120])
def test_random_draws_are_seldom_called_chosen(n: int) -> None:
    """Of 200 studies, half of them of nothing but noise: at most 2 %, and 3 standard errors."""
    n_studies, n_chosen = 200, 0
    rng = np.random.default_rng(n)
    choices = CategoricalDistribution(list("abc"))
    domains: dict[str, BaseDistribution] = {"p0": UNIT, "p1": UNIT, "p2": choices}
    for k in range(n_studies):
        X = np.column_stack([rng.random((n, 2)), rng.integers(3, size=n)])
        losses = rng.random(n) if k % 2 else ((X - 0.3) ** 2).sum(axis=1)
        n_chosen += verdict(frame_of(X, losses, domains)).kind == "adaptive"
    assert n_chosen / n_studies <= 0.02 + 3 * np.sqrt(0.02 * 0.98 / n_studies)


class TestGrowth:
    """A study that grows by less than a tenth is not looked at anew."""

    @staticmethod
    def looks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
        """Return a list that takes the number of trials of each look."""
        sizes: list[int] = []

        def look(table: TrialTable, rows: np.ndarray, *, is_vouched: bool) -> Verdict:
            sizes.append(len(rows))
            return Verdict("independent", f"{len(rows)} of {len(table)}, {is_vouched}")

        monkeypatch.setattr("optuna_hpx.trials.evidence._judge", look)
        return sizes

    def test_the_first_trials_of_a_rounded_number_are_looked_at(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sizes = self.looks(monkeypatch)
        study = optuna.create_study(sampler=RandomSampler(seed=0))
        for n_more in (99, 1, 1, 8, 1, 1, 889, 9, 1):
            study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=n_more)
            verdict(TrialTable.of(study))
        assert sizes == [99, 100, 110, 1000], "asked of 99, 100, 101, 109, 110, 111, 1000, 1009"
        assert verdict(TrialTable.of(study)).basis == "1000 of 1000, False"

    def test_the_answer_does_not_depend_on_when_it_was_asked(self) -> None:
        X = uniform(129)
        X[:, 1] = (X[:, 1] + np.arange(129) / 129) / 2.0
        grown = study_of(X[:120], in_order(X[:120]))
        early = verdict(grown)
        assert early == verdict(study_of(X, in_order(X)))
        assert early.kind == "adaptive"

    def test_other_trials_of_as_many_are_looked_at_anew(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sizes = self.looks(monkeypatch)
        table = study_of(uniform(40), uniform(40)[:, 0])
        for rows in (np.arange(20), np.arange(20, 40), np.arange(20)):
            judge(table, rows)
        judge(table, np.arange(20), is_vouched=True)
        assert sizes == [20, 20, 20]

    def test_another_sampler_is_heard_at_once(self) -> None:
        """However few trials it added: what the look says is not all that is asked for."""

        class Unknown(optuna.samplers.CmaEsSampler):
            pass

        study = optuna.create_study(sampler=RandomSampler(seed=1))
        study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=100)
        assert sampling_of(study).kind == "independent"
        study.sampler = Unknown(seed=0)
        assert "Unknown, which is not known" in sampling_of(study).reasons[0]
        study.sampler = RandomSampler()
        assert sampling_of(study).kind == "independent"


def hill_climb(n: int, d: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Random rows for a third of the time, and then small steps from the best one."""
    rng = np.random.default_rng(seed)
    X = rng.random((n, d))
    loss = np.zeros(n)
    for k in range(n):
        if k >= n // 3:
            X[k] = np.clip(X[loss[:k].argmin()] + rng.normal(0, 0.1, d), 0, 1)
        loss[k] = np.square(X[k] - 0.4).sum()
    return X, loss


class TestColumnsThatTellLittle:
    """A parameter that few rows have, or of few values, hides no sampler from the looks."""

    @pytest.mark.parametrize("n_active", [1, 2, 3])
    def test_of_a_parameter_that_few_rows_have(self, n_active: int) -> None:
        X, loss = hill_climb(150, 4, seed=1)
        rare = np.full(150, np.nan)
        rare[[30, 70, 110][:n_active]] = np.sort(uniform(n_active, 1)[:, 0])
        frame = frame_of(np.column_stack([X, rare]), loss, {"p4": UNIT})
        assert verdict(frame).kind == "adaptive"
        rows = uniform(150, 4)
        random = frame_of(np.column_stack([rows, rare]), in_order(rows), {"p4": UNIT})
        assert verdict(random).kind == "independent"

    def test_of_one_that_changes_once(self) -> None:
        X, loss = hill_climb(150, 4, seed=1)
        stage = np.repeat([0.0, 1.0], 75)
        choices: dict[str, BaseDistribution] = {"p4": CategoricalDistribution(["rough", "fine"])}
        assert verdict(frame_of(np.column_stack([X, stage]), loss, choices)).kind == "adaptive"

    def test_random_rows_that_were_sorted_by_a_choice(self) -> None:
        """The scores then move with the choice, and not with time."""
        X = uniform(150, 3, seed=5)
        choice = np.repeat([0.0, 1.0, 2.0], 50)
        loss = X[:, 0] + 3 * choice
        choices: dict[str, BaseDistribution] = {"p3": CategoricalDistribution(list("abc"))}
        table = frame_of(np.column_stack([X, choice]), loss, choices)
        assert verdict(table).kind == "independent"

    @pytest.mark.parametrize("how", ["rounded", "one appended", "within choices"])
    def test_random_rows_that_were_sorted_more_or_less(self, how: str) -> None:
        X = uniform(120, 3, seed=4)
        loss = X[:, 0] + X[:, 1] ** 2
        order = np.argsort(np.round(loss, 1) if how == "rounded" else loss, kind="stable")
        choice = np.zeros(120)
        if how == "one appended":
            order = np.append(order[1:], order[0])
        if how == "within choices":
            choice = np.arange(120) % 2.0
            order = np.lexsort([loss, choice])
        choices: dict[str, BaseDistribution] = {"p3": CategoricalDistribution(list("ab"))}
        rows = np.column_stack([X, choice])[order]
        assert verdict(frame_of(rows, loss[order], choices)).kind == "unknown"


class TestLists:
    @pytest.mark.parametrize(
        "values", [np.logspace(-3, 3, 10), 1000 + np.arange(100) / 100], ids=["short", "even"]
    )
    def test_draws_from_a_list_of_numbers_are_no_inheritance(self, values: np.ndarray) -> None:
        rng = np.random.default_rng(0)
        X = np.column_stack([rng.choice(values, 120), rng.random(120)])
        assert verdict(frame_of(X, in_order(X))).kind == "independent"

    @pytest.mark.parametrize("seed", range(3))
    def test_a_grid_is_even_in_any_order(self, seed: int) -> None:
        grid = np.array(np.meshgrid([1e-3, 1e-2, 1e-1], [16, 64], [0.0, 0.2, 0.5])).reshape(3, -1)
        X = np.repeat(grid.T, 3, axis=0)
        if seed:
            X = np.random.default_rng(seed).permutation(X)
        expected = Verdict("even", "They are all combinations of a grid.")
        assert verdict(frame_of(X, uniform(len(X), 1, 1)[:, 0])) == expected
        assert verdict(frame_of(X[1:], uniform(len(X) - 1, 1, 1)[:, 0])) != expected


@pytest.mark.parametrize("change", ["faults mended", "worse at first", "a new parameter"])
def test_what_a_person_changed_is_no_sampler(change: str) -> None:
    """RandomSampler vouches for the draws: only their own places could contradict it."""

    def objective(trial: optuna.Trial) -> float:
        x, y = trial.suggest_float("x", 0, 1), trial.suggest_float("y", 0, 1)
        if change == "faults mended" and trial.number < 20:
            raise ValueError
        if change == "a new parameter" and trial.number >= 50:
            trial.suggest_float("z", 0, 1)
        return (x - 0.3) ** 2 + y + (change == "worse at first" and trial.number < 30)

    study = optuna.create_study(sampler=RandomSampler(seed=3))
    study.optimize(objective, n_trials=100, catch=ValueError)
    assert sampling_of(study).kind == "independent"


def test_log_integers_have_places_too() -> None:
    """Half of all draws of 1..64 on the log scale are below 8.5, and not below 32."""
    width = optuna.distributions.IntDistribution(1, 64, log=True)

    def study(values: np.ndarray) -> TrialTable:
        study = optuna.create_study()
        for k in values.tolist():
            study.add_trial(create_trial(params={"k": k}, distributions={"k": width}, value=0.0))
        return TrialTable.of(study)

    rng = np.random.default_rng(0)
    assert "domain of k" in verdict(study(rng.integers(1, 65, 120))).basis
    even = np.exp(rng.uniform(np.log(0.5), np.log(64.5), 120)).round().astype(int)
    assert "domain of k" not in verdict(study(even)).basis
