"""AsymptoticLaw: what it says, in which sign, and what it refuses."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import pytest

from optuna_hpx import AsymptoticLaw, TrialTable

DATA = Path(__file__).parents[3] / "shared" / "data"


def scores(n: int, gamma: float = 2.0, sigma: float = 0.05, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng([seed, n])
    return rng.random(n) ** (2.0 / gamma) + sigma * rng.normal(size=n)


@pytest.fixture(scope="module")
def law() -> AsymptoticLaw:
    return AsymptoticLaw.fit(scores(200))


def test_it_finds_the_law(law: AsymptoticLaw) -> None:
    low, high = law.interval("best_possible")
    assert low < 0.0 < high
    assert low < law.best_possible < high
    quiet, loud = law.interval("noise_std")
    assert quiet <= 0.05 <= loud
    assert law.dimension_weights[2] > 0.2
    assert sum(law.dimension_weights.values()) == pytest.approx(1.0, abs=0.01)
    assert law.effective_dimension in law.dimension_weights
    thin, thick = law.interval("regime_mass")
    assert thin < law.regime_mass < thick
    assert law.describes
    assert law.n_trials == 200
    assert law.n_regime == round(law.regime_mass * 200)
    assert law.warnings == []
    assert "best possible" in repr(law)


def test_maximising_is_the_mirror_image(law: AsymptoticLaw) -> None:
    mirror = AsymptoticLaw.fit(-scores(200), direction="maximize")
    assert mirror.best_possible == pytest.approx(-law.best_possible)
    assert mirror.interval("best_possible") == pytest.approx(
        tuple(-x for x in reversed(law.interval("best_possible")))
    )
    assert mirror.best == pytest.approx(-law.best)
    assert mirror.threshold == pytest.approx(-law.threshold)
    k = np.array([1, 10, 100])
    np.testing.assert_allclose(
        mirror.tuning_curve(k, quantile=0.9), -law.tuning_curve(k, quantile=0.1)
    )
    one, other = mirror.best_after(500), law.best_after(500)
    assert (one.low, one.median, one.high) == pytest.approx(
        (-other.high, -other.median, -other.low)
    )
    assert mirror.cdf(-0.2) == pytest.approx(1.0 - law.cdf(0.2))
    assert mirror.pdf(-0.2) == pytest.approx(law.pdf(0.2))
    assert mirror.ppf(0.9) == pytest.approx(-law.ppf(0.1))
    assert mirror.gain_bound(50) == pytest.approx(law.gain_bound(50))
    assert mirror.regret_bound() == pytest.approx(law.regret_bound())


def test_the_first_improvement_has_its_exact_probability(law: AsymptoticLaw) -> None:
    for more in (1, 50, 200, 1000):
        assert law.probability_of_improvement(more) == pytest.approx(more / (200 + more))
    by = [law.probability_of_improvement(100, by=x) for x in (0.0, 0.01, 0.05, 0.2)]
    assert by == sorted(by, reverse=True)
    assert by[-1] < 0.05


def test_the_forecast_reaches_to_the_present_best(law: AsymptoticLaw) -> None:
    few = law.best_after(20)
    assert few.high == few.median == law.best
    assert few.low <= law.best
    many = law.best_after(5000)
    assert many.low <= many.median <= many.high < law.best
    quantiles = law.best_after_quantile(5000, quantile=np.array([0.1, 0.5, 0.9]))
    assert quantiles[1] == pytest.approx(many.median)


def test_the_distribution_is_one(law: AsymptoticLaw) -> None:
    y = np.linspace(-0.5, 2.0, 60)
    cdf = law.cdf(y)
    assert np.all(np.diff(cdf) >= 0.0)
    assert cdf[0] == pytest.approx(0.0, abs=0.01)
    assert cdf[-1] == pytest.approx(1.0)
    inside = np.linspace(-0.3, law.threshold, 200)
    mass = np.trapezoid(law.pdf(inside), inside)
    assert mass == pytest.approx(law.regime_mass, abs=0.05)
    assert np.isnan(law.pdf(law.threshold + 0.1))
    assert law.cdf(law.ppf(0.3)) == pytest.approx(0.3, abs=0.01)


def test_the_tuning_curve_against_new_searches(law: AsymptoticLaw) -> None:
    """The median of the best of 40: the law's posterior against the true law."""
    best = scores(40 * 2000, seed=9).reshape(2000, 40).min(1)
    low, median, high = law.tuning_curve(40, quantile=np.array([0.1, 0.5, 0.9]))
    assert low < np.median(best) < high
    assert median == pytest.approx(np.median(best), abs=0.03)
    assert 0.65 < np.mean((best >= low) & (best <= high)) < 0.95


def test_failed_trials_make_the_regime_smaller() -> None:
    y = scores(100)
    a, b = AsymptoticLaw.fit(y, threshold=0.4), AsymptoticLaw.fit(y, n_censored=100, threshold=0.4)
    assert b.regime_mass == pytest.approx(a.regime_mass / 2)
    assert b.tuning_curve(20) == pytest.approx(a.tuning_curve(10), abs=0.02)
    worst = AsymptoticLaw.fit(np.append(y, [np.inf] * 100), threshold=0.4)
    assert worst.best_possible == pytest.approx(b.best_possible)


@pytest.mark.parametrize(("factor", "offset"), [(1e-15, 0.0), (1e12, -3e12), (1e-3, 5.0)])
def test_units_do_not_matter(law: AsymptoticLaw, factor: float, offset: float) -> None:
    other = AsymptoticLaw.fit(factor * scores(200) + offset)
    for a, b in zip(law.interval("best_possible"), other.interval("best_possible"), strict=True):
        assert (b - offset) / factor == pytest.approx(a, abs=1e-3)
    assert other.noise_std / factor == pytest.approx(law.noise_std, rel=0.01)
    assert (other.tuning_curve(50) - offset) / factor == pytest.approx(
        law.tuning_curve(50), abs=1e-3
    )
    assert other.gain_bound(50) / factor == pytest.approx(law.gain_bound(50), rel=0.02)
    assert other.goodness_of_fit == pytest.approx(law.goodness_of_fit, abs=1e-3)


def test_one_enormous_loss_changes_little(law: AsymptoticLaw) -> None:
    other = AsymptoticLaw.fit(np.append(scores(200), 1e20))
    assert other.best_possible == pytest.approx(law.best_possible, abs=0.02)


def test_trials_that_the_law_does_not_describe() -> None:
    rng = np.random.default_rng(0)
    law = AsymptoticLaw.fit(rng.standard_cauchy(400))
    assert not law.describes
    assert any("does not describe" in text for text in law.warnings)


def test_rounded_scores() -> None:
    y = np.round(1.0 - 0.1 * scores(300), 3)
    law = AsymptoticLaw.fit(y, direction="maximize")
    low, high = law.interval("best_possible", confidence=0.99)
    assert low < 1.0 < high


@pytest.mark.parametrize(
    ("values", "options", "match"),
    [
        ([1.0] * 50, {}, "at least 3 different scores"),
        (np.arange(5.0), {}, "at least 20"),
        ([*scores(30), np.nan], {}, "NaN"),
        ([*scores(30), -np.inf], {}, "infinitely good"),
        (scores(30).reshape(2, 15), {}, "one-dimensional"),
        (scores(30), {"direction": "up"}, "direction"),
        (scores(30), {"n_censored": -1}, "n_censored"),
        (scores(30), {"max_dimension": 0}, "max_dimension"),
        (scores(30), {"threshold": -5.0}, "within `threshold`"),
        (scores(30), {"threshold": math.nan}, "threshold"),
    ],
)
def test_bad_arguments(values: object, options: dict[str, object], match: str) -> None:
    with pytest.raises(ValueError, match=match):
        AsymptoticLaw.fit(values, **options)  # type: ignore[arg-type]


def test_bad_questions(law: AsymptoticLaw) -> None:
    for ask in (
        lambda: law.interval("alpha"),
        lambda: law.interval("best_possible", confidence=1.0),
        lambda: law.tuning_curve(0),
        lambda: law.tuning_curve(5, quantile=1.0),
        lambda: law.best_after(0),
        lambda: law.probability_of_improvement(10, by=-1.0),
        lambda: law.n_more_for(0.0),
        lambda: law.regret_bound(math.nan),
    ):
        with pytest.raises(ValueError, match="`"):
            ask()


def test_a_study_by_random_search() -> None:
    study = optuna.create_study(
        direction="maximize", sampler=optuna.samplers.RandomSampler(seed=0)
    )

    def objective(trial: optuna.Trial) -> float:
        x, z = (trial.suggest_float(name, -1, 1) for name in "xz")
        return 3.0 - x**2 - 2 * z**2

    study.optimize(objective, n_trials=120)
    law = AsymptoticLaw.fit_study(study)
    low, high = law.interval("best_possible", confidence=0.99)
    assert low < 3.0 < high
    assert law.direction == "maximize"
    assert set(law.dimension_weights) <= {1, 2, 3, 4}  # twice the number of parameters
    assert law.best == law.best_of_all == study.best_value
    table = AsymptoticLaw.fit_study(
        TrialTable.from_study(study), sampler=optuna.samplers.RandomSampler()
    )
    assert table.best_possible == law.best_possible


@pytest.mark.skipif(not DATA.exists(), reason="the real tables are not here")
def test_the_published_figures_of_real_random_searches() -> None:
    """opda on all rows finds .582 and 2 parameters for AlexNet, .887 and 1 for DeBERTa."""
    pd = pytest.importorskip("pandas")
    alexnet = pd.read_csv(DATA / "alexnet_imagenet_random_search.csv").best_top_1
    law = AsymptoticLaw.fit(
        alexnet.dropna(), direction="maximize", n_censored=int(alexnet.isna().sum())
    )
    low, high = law.interval("best_possible")
    assert low < 0.582 < high
    assert law.effective_dimension == 2
    deberta = pd.read_csv(DATA / "deberta_base_mnli_random_search.csv").best_matched_accuracy
    law = AsymptoticLaw.fit(deberta.dropna(), direction="maximize")
    low, high = law.interval("best_possible")
    assert low < 0.888 < law.best < high < 0.897
    assert law.describes
    for values, censored in ((alexnet, int(alexnet.isna().sum())), (deberta, 0)):
        options = {"direction": "maximize", "n_censored": censored}
        auto = AsymptoticLaw.fit(values.dropna(), **options)
        half = AsymptoticLaw.fit(values.dropna(), threshold=values.median(), **options)
        (low, high), (below, above) = (x.interval("best_possible") for x in (auto, half))
        assert low < above
        assert below < high


def readme_law(seed: int, noise: float = 0.0, **options: Any) -> AsymptoticLaw:
    """README's example: a bowl without noise, whose best possible score is 0."""

    def objective(trial: optuna.Trial) -> float:
        lr = trial.suggest_float("lr", 1e-4, 1.0, log=True)
        dropout = trial.suggest_float("dropout", 0.0, 1.0)
        error = noise * np.random.default_rng(trial.number).normal()
        return 0.1 * (math.log10(lr) + 2.0) ** 2 + (dropout - 0.5) ** 2 + error

    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=seed))
    study.optimize(objective, n_trials=100)
    return AsymptoticLaw.fit_study(study, **options)


@pytest.mark.parametrize(
    "n_seeds", [8, pytest.param(200, marks=pytest.mark.slow)], ids=["some seeds", "many seeds"]
)
def test_the_example_of_readme_works(n_seeds: int) -> None:
    """No interval is worse than the best score, and 95 % of them hold the best possible one."""
    held = 0
    for seed in range(n_seeds):
        law = readme_law(seed)
        low, high = law.interval("best_possible")
        assert low <= law.best
        held += low <= 0.0 <= high
    assert held >= 0.93 * n_seeds - 1


def test_without_noise_no_interval_is_worse_than_the_best_score() -> None:
    law = readme_law(0, noise_std=0.0)
    low, high = law.interval("best_possible")
    assert low < high == law.best
    assert law.best_possible < law.best
    assert law.noise_std == 0.0
    assert law.interval("noise_std") == (0.0, 0.0)


def test_a_noise_that_is_known() -> None:
    law = readme_law(0, noise=0.05, noise_std=0.05)
    low, high = law.interval("noise_std")
    assert 0.04 < low < 0.05 < high < 0.06


def test_nothing_goes_beyond_the_bounds() -> None:
    law = AsymptoticLaw.fit(1.0 - 0.05 * scores(60, sigma=0.0), direction="maximize")
    share = AsymptoticLaw.fit(
        1.0 - 0.05 * scores(60, sigma=0.0), direction="maximize", bounds=(0.0, 1.0)
    )
    assert law.interval("best_possible")[1] > 1.0 >= share.interval("best_possible")[1]
    assert share.best_possible <= 1.0
    assert share.best_after(10_000).high <= 1.0
    assert share.tuning_curve(1e6, quantile=0.99) <= 1.0
    assert share.probability_of_improvement(1000, by=1.0 - share.best) == 0.0
    assert share.probability_of_improvement(100) == pytest.approx(100 / 160, rel=1e-9)
    assert share.gain_bound(10**6) <= 1.0 - share.best
    assert share.regret_bound(confidence=0.99) <= 1.0 - share.best + 1e-12
    assert share.n_more_for(1.1 - share.best) == math.inf
    assert share.cdf(1.01) == 1.0
    assert share.pdf(1.01) == 0.0


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_shares_that_differ_by_rounding_errors_have_a_law(seed: int) -> None:
    """Of accuracies on 686 examples, computed in two ways: the information was singular."""
    rng = np.random.default_rng(seed)
    examples = np.concatenate([rng.integers(600, 668, 40), rng.integers(90, 600, 24)])
    shares = examples / 686.0
    shares += np.spacing(shares) * rng.integers(-4, 5, 64)
    low, high = AsymptoticLaw.fit(shares, direction="maximize").interval("best_possible")
    assert 0.0 <= low <= high <= 1.0


@pytest.mark.parametrize("noise_std", [1e-12, 1e-6])
def test_noise_that_changes_no_order_counts_as_none(noise_std: float) -> None:
    scores = (np.random.default_rng(1).random((200, 2)) ** 2).sum(1)
    law, quiet = (AsymptoticLaw.fit(scores, noise_std=s) for s in (noise_std, 0.0))
    assert law.interval("noise_std") == (0.0, 0.0)
    assert law.dimension_weights == quiet.dimension_weights
