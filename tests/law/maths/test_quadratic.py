"""The law against closed forms, integrals worked out elsewhere, and simulation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats

from optuna_hpx.law.maths.quadratic import NoisyQuadratic, partials

# (gamma, s) -> at y = -s, 0.3 and 1 the distribution function and the density for alpha 0 and D 1,
# by mpmath with 30 digits (adaptive quadrature over r).
EXACT = {
    (1.0, 0.001): (
        (-0.001, 0.003293628406505, 5.686466275996),
        (0.3, 0.5477217967715, 0.9128747328966),
        (1.0, 0.9998004663099, 0.250099829445),
    ),
    (1.0, 0.01): (
        (-0.01, 0.01041536753079, 1.798218526988),
        (0.3, 0.5476464054532, 0.9132522208218),
        (1.0, 0.9979989881354, 0.2510068574614),
    ),
    (1.0, 0.05): (
        (-0.05, 0.02328946980948, 0.8041877729491),
        (0.3, 0.5457670509099, 0.9230388629419),
        (1.0, 0.9898635633595, 0.2552381566664),
    ),
    (1.0, 0.3): (
        (-0.3, 0.05704709154118, 0.3283047186972),
        (0.3, 0.4928033552065, 0.9154762771382),
        (1.0, 0.9321631350352, 0.2964617156218),
    ),
    (1.0, 2.0): (
        (-2.0, 0.1242495004574, 0.1014574774087),
        (0.3, 0.4935628220692, 0.1972575131508),
        (1.0, 0.6292935553317, 0.1867847589326),
    ),
    (1.5, 0.001): (
        (-0.001, 0.0005139773356276, 0.9343487075283),
        (0.3, 0.4053596241888, 1.013401875516),
        (1.0, 0.9997007463835, 0.3750748603416),
    ),
    (1.5, 0.01): (
        (-0.01, 0.002890306960346, 0.5254228903814),
        (0.3, 0.4053177883642, 1.013576412485),
        (1.0, 0.9970032138954, 0.3757539473683),
    ),
    (1.5, 0.05): (
        (-0.05, 0.009664323790687, 0.3513714639552),
        (0.3, 0.4042823022153, 1.018049703356),
        (1.0, 0.9849183595133, 0.3788960711291),
    ),
    (1.5, 0.3): (
        (-0.3, 0.03704937461726, 0.2245009476139),
        (0.3, 0.3952123353613, 0.8811844636228),
        (1.0, 0.9046836203353, 0.40640439741),
    ),
    (1.5, 2.0): (
        (-2.0, 0.1148737284209, 0.09594888619474),
        (0.3, 0.4747086669009, 0.1968799730397),
        (1.0, 0.6112943738986, 0.1895316069897),
    ),
    (2.0, 0.001): (
        (-0.001, 8.331547058769e-05, 0.1586552539315),
        (0.3, 0.3, 1),
        (1.0, 0.9996010577196, 0.5),
    ),
    (2.0, 0.01): (
        (-0.01, 0.0008331547058769, 0.1586552539315),
        (0.3, 0.3, 1),
        (1.0, 0.996010577196, 0.5),
    ),
    (2.0, 0.05): (
        (-0.05, 0.004165773529384, 0.1586552539315),
        (0.3, 0.3000000000078, 0.9999999990134),
        (1.0, 0.9800528859799, 0.5),
    ),
    (2.0, 0.3): (
        (-0.3, 0.02499417636858, 0.1586479105076),
        (0.3, 0.3239988044882, 0.8315294174399),
        (1.0, 0.8803509392453, 0.4995709396668),
    ),
    (2.0, 2.0): (
        (-2.0, 0.1080173536502, 0.0918480526626),
        (0.3, 0.46058181987, 0.1964483435459),
        (1.0, 0.5977085539997, 0.191462461274),
    ),
    (3.0, 0.001): (
        (-0.001, 2.392837869491e-06, 0.004940442609757),
        (0.3, 0.1643174519062, 0.8215826951572),
        (1.0, 0.9994017741293, 0.7497006994648),
    ),
    (3.0, 0.01): (
        (-0.01, 7.566817739098e-05, 0.01562305129618),
        (0.3, 0.164385246858, 0.8214696081798),
        (1.0, 0.9940346660171, 0.7469984822031),
    ),
    (3.0, 0.05): (
        (-0.05, 0.0008459959418987, 0.03493420471422),
        (0.3, 0.1660377124303, 0.8186505763649),
        (1.0, 0.9705545447311, 0.7347953450393),
    ),
    (3.0, 0.3): (
        (-0.3, 0.01243283241267, 0.08555962217602),
        (0.3, 0.2292380348163, 0.7244820398668),
        (1.0, 0.8391620053208, 0.6482447025529),
    ),
    (3.0, 2.0): (
        (-2.0, 0.09871732119478, 0.08616344878275),
        (0.3, 0.440836749567, 0.1955902098673),
        (1.0, 0.5785480302595, 0.1939403329976),
    ),
    (5.0, 0.001): (
        (-0.001, 2.547604740266e-09, 5.982094673728e-06),
        (0.3, 0.04929605715455, 0.4107936297654),
        (1.0, 0.9990035815496, 1.248504435323),
    ),
    (5.0, 0.01): (
        (-0.01, 8.056233557081e-07, 0.0001891704434774),
        (0.3, 0.04939772101823, 0.4109631171451),
        (1.0, 0.9901199430613, 1.235086665043),
    ),
    (5.0, 0.05): (
        (-0.05, 4.503571469062e-05, 0.002114989854747),
        (0.3, 0.05185794017001, 0.4150942810758),
        (1.0, 0.9524444190736, 1.176386361828),
    ),
    (5.0, 0.3): (
        (-0.3, 0.003970051464312, 0.03106372247207),
        (0.3, 0.1329789573449, 0.5485567654692),
        (1.0, 0.7778213444301, 0.8479050133019),
    ),
    (5.0, 2.0): (
        (-2.0, 0.08860556521621, 0.07977529981481),
        (0.3, 0.4183497146823, 0.1941685018566),
        (1.0, 0.5564248014471, 0.1963700756487),
    ),
    (10.0, 0.001): (
        (-0.001, 2.304364391267e-16, 6.736409609986e-13),
        (0.3, 0.0024302700045, 0.040502700015),
        (1.0, 0.9980102806266, 2.492036138442),
    ),
    (10.0, 0.01): (
        (-0.01, 2.304364391267e-11, 6.736409609986e-09),
        (0.3, 0.002457045, 0.04077015),
        (1.0, 0.9805449818152, 2.421695661228),
    ),
    (10.0, 0.05): (
        (-0.05, 7.201138722709e-08, 4.210256006241e-06),
        (0.3, 0.003133125, 0.04734375),
        (1.0, 0.9118129518429, 2.136609883197),
    ),
    (10.0, 0.3): (
        (-0.3, 0.0005569577712683, 0.005408567145787),
        (0.3, 0.05632254109654, 0.3239038772282),
        (1.0, 0.6891524039852, 1.086237216179),
    ),
    (10.0, 2.0): (
        (-2.0, 0.07881321538969, 0.07330093063465),
        (0.3, 0.3950917814071, 0.1920518321723),
        (1.0, 0.5330979992062, 0.1982960410019),
    ),
}


@pytest.mark.parametrize(("gamma", "s"), list(EXACT))
def test_the_distribution_to_eight_places(gamma: float, s: float) -> None:
    law = NoisyQuadratic(0.0, 1.0, gamma, s)
    for y, cdf, pdf in EXACT[gamma, s]:
        assert abs(law.cdf(y) - cdf) < 1e-10
        assert abs(law.pdf(y) - pdf) < 1e-8 * max(1.0, 1.0 / s)


@pytest.mark.parametrize("gamma", [1.0, 2.0, 2.7, 5.0])
def test_the_distribution_is_a_convolution(gamma: float) -> None:
    """By scipy's adaptive quadrature of the noise around the noiseless law."""
    quiet, noisy = NoisyQuadratic(-1.0, 2.0, gamma), NoisyQuadratic(-1.0, 2.0, gamma, 0.3)
    for y in (-1.5, -0.9, 0.4, 2.2):
        found, _ = integrate.quad(
            lambda e, y=y: float(quiet.cdf(y - e)) * stats.norm.pdf(e, 0.0, 0.3),
            -3.0,
            3.0,
            points=sorted(p for p in (y + 1.0, y - 2.0) if -3 < p < 3) or None,
            limit=200,
        )
        assert noisy.cdf(y) == pytest.approx(found, abs=1e-7)


def test_closed_forms_without_noise() -> None:
    law = NoisyQuadratic(0.2, 1.2, 3.0)
    np.testing.assert_allclose(law.cdf([0.3, 0.7]), [0.0316227766, 0.3535533906], atol=1e-10)
    np.testing.assert_allclose(law.pdf([0.3, 0.7]), [0.4743416490, 1.0606601718], atol=1e-9)
    np.testing.assert_allclose(
        law.ppf([0.1, 0.5, 0.9]), [0.4154434690, 0.8299605249, 1.1321697518], atol=1e-9
    )
    k = np.array([1, 2, 10, 100])
    np.testing.assert_allclose(
        law.tuning_curve(k), [0.8299605249, 0.6410348192, 0.3649075727, 0.2362699915], atol=1e-9
    )
    np.testing.assert_allclose(
        law.mean_tuning_curve(k), [0.8, 0.65, 0.3843600387, 0.2416704788], atol=1e-9
    )


def test_little_noise_is_close_to_none() -> None:
    y = np.linspace(0.01, 0.99, 9)
    for gamma in (1.0, 2.0, 4.0):
        noisy, quiet = NoisyQuadratic(0, 1, gamma, 1e-5), NoisyQuadratic(0, 1, gamma)
        np.testing.assert_allclose(noisy.cdf(y), quiet.cdf(y), atol=1e-7)


@pytest.mark.parametrize("gamma", [1.0, 2.0, 3.3, 10.0])
@pytest.mark.parametrize("s", [0.003, 0.1, 1.0])
def test_ppf_inverts_the_distribution(gamma: float, s: float) -> None:
    law = NoisyQuadratic(3.0, 3.5, gamma, s * 0.5)
    q = np.array([1e-9, 1e-3, 0.2, 0.5, 0.99, 1 - 1e-9])
    np.testing.assert_allclose(law.cdf(law.ppf(q)), q, rtol=1e-6, atol=1e-13)
    assert law.ppf(0.0) == -np.inf
    assert law.ppf(1.0) == np.inf
    assert np.isnan(law.ppf(1.5))


def test_the_gradient_by_differences() -> None:
    y, h = np.linspace(-0.2, 1.1, 7), 1e-6
    for gamma, scale, sigma in ((1.0, 0.9, 0.05), (3.0, 1.3, 0.4)):

        def cdf(
            alpha: float, log_scale: float, log_noise: float, gamma: float = gamma
        ) -> np.ndarray:
            return partials(y, alpha, np.exp(log_scale), gamma, np.exp(log_noise)).cdf

        at = partials(y, 0.1, scale, gamma, sigma)
        base = (0.1, np.log(scale), np.log(sigma))
        for place, analytic in enumerate((-at.pdf, at.d_scale, at.d_noise)):
            step = np.eye(3)[place] * h
            numeric = (cdf(*(base + step)) - cdf(*(base - step))) / (2 * h)
            np.testing.assert_allclose(analytic, numeric, atol=1e-7)


def test_the_best_of_many_against_simulation() -> None:
    rng = np.random.default_rng(0)
    law = NoisyQuadratic(0.0, 1.0, 2.0, 0.1)
    y = rng.random((20000, 20)) + 0.1 * rng.normal(size=(20000, 20))
    best = y.min(1)
    error = best.std() / np.sqrt(len(best))
    assert abs(law.mean_tuning_curve(20) - best.mean()) < 4 * error
    for q in (0.1, 0.5, 0.9):
        share = np.mean(best <= law.tuning_curve(20, q))
        assert abs(share - q) < 4 * np.sqrt(q * (1 - q) / len(best))


def test_the_published_law_of_a_language_model() -> None:
    """Llama 33M: alpha 3.58, beta 4.171, gamma 1, sigma 0.028, as opda 0.8 works it out."""
    law = NoisyQuadratic(3.58, 4.171, 1.0, 0.028)
    k = np.array([1, 4, 16, 64, 256])
    np.testing.assert_allclose(
        law.tuning_curve(k), [3.729109, 3.598666, 3.563090, 3.540911, 3.523949], atol=2e-5
    )
    np.testing.assert_allclose(
        law.mean_tuning_curve(k), [3.777000, 3.614328, 3.563370, 3.539846, 3.522670], atol=2e-5
    )
    assert law.cdf(3.695) == pytest.approx(0.437627, abs=2e-5)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ((0.0, 1.0, 0.5, 0.0), "gamma"),
        ((0.0, 0.0, 1.0, 0.0), "beta"),
        ((0.0, 1.0, 1.0, -0.1), "sigma"),
        ((np.nan, 1.0, 1.0, 0.0), "alpha"),
    ],
)
def test_bad_parameters_are_named(arguments: tuple[float, ...], named: str) -> None:
    with pytest.raises(ValueError, match=f"`{named}`"):
        NoisyQuadratic(*arguments)


def test_fewer_than_one_trial() -> None:
    with pytest.raises(ValueError, match="n_trials"):
        NoisyQuadratic(0.0, 1.0, 2.0).tuning_curve(0.5)
