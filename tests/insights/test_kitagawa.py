import numpy as np
import pytest
from scipy.stats import binom

from voc.insights.kitagawa import _binomial, rating_side


@pytest.mark.parametrize(("n", "share"), [(1000, 0.009), (400, 0.06), (2000, 0.5), (30, 0.97), (500, 0.0), (60, 1.0)])
def test_hits_come_as_often_as_a_binomial_says(n, share):
    rng = np.random.default_rng(5)
    drawn = _binomial(np.full((40_000, 1, 1), n), np.array([[share]]), rng)[:, 0, 0]
    seen = np.cumsum(np.bincount(drawn.astype(int), minlength=n + 1)) / len(drawn)
    # What 40,000 fair draws stay within in all but one of ten thousand tries (Dvoretzky, Kiefer and Wolfowitz 1956).
    assert np.abs(seen - binom.cdf(np.arange(n + 1), n, share)).max() < np.sqrt(np.log(2e4) / 2 / len(drawn))


def test_common_and_rare_hits_are_drawn_side_by_side_from_different_numbers():
    rng = np.random.default_rng(6)
    n = np.repeat(np.array([[[300], [2000]]]), 5000, axis=0)
    share = np.array([[0.3, 0.001], [0.01, 0.0]])
    drawn = _binomial(n, share, rng)
    assert drawn.shape == (5000, 2, 2)
    assert drawn.mean(axis=0) == pytest.approx(n[0] * share, rel=0.05)
    assert ((drawn >= 0) & (drawn <= n) & (drawn == np.rint(drawn))).all()


def test_the_rating_of_a_phase_keeps_its_sums_and_its_draws_their_middle():
    rng = np.random.default_rng(7)
    codes = rng.integers(0, 3, 900)
    stars = np.round(np.clip(rng.normal(3.5, 1.2, 900), 1, 5), 2)
    side = rating_side(codes, stars, 3, 4000, rng)
    assert side.size.tolist() == np.bincount(codes).tolist()
    assert side.value[:, 0] == pytest.approx(np.bincount(codes, stars))
    apart = [stars[codes == s] - stars[codes == s].mean() for s in range(3)]
    assert side.squares[:, 0] == pytest.approx([(a**2).mean() for a in apart])
    assert side.cubes[:, 0] == pytest.approx([(a**3).mean() for a in apart])
    assert side.drawn_size.sum(axis=1).tolist() == [900] * 4000
    total = side.drawn_value[:, :, 0].sum(axis=1)
    assert total.mean() == pytest.approx(stars.sum(), rel=0.002)
    assert total.std() == pytest.approx(stars.std() * 30, rel=0.05)
