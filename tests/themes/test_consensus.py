import numpy as np
import pytest

from voc.themes.centres import Centres, unit
from voc.themes.chance import derived, seeds_of, uniform
from voc.themes.consensus import ConsensusClusters, _gathered, stability
from voc.themes.kmeans import closest, kmeans
from voc.themes.sums import OnProcessor

NAMES = [f"text {number}" for number in range(2000)]


@pytest.fixture(scope="module")
def blobs():
    chance = np.random.default_rng(1)
    middles = unit(chance.standard_normal((6, 32)).astype(np.float32))
    data = np.repeat(middles, 40, axis=0) + 0.08 * chance.standard_normal((240, 32)).astype(np.float32)
    return unit(data), np.repeat(np.arange(6), 40)


def test_what_most_runs_put_together_is_one_cluster(blobs):
    data, truth = blobs
    model = ConsensusClusters(NAMES[: len(data)], np.ones(len(data)), 7).fit(data)
    assert len(set(zip(model.labels_.tolist(), truth.tolist(), strict=True))) == 6
    assert model.panels_.shape == (240, 4)


def test_the_same_rows_give_the_same_clusters_and_another_seed_hardly_others(blobs):
    data, _ = blobs
    first, again = (ConsensusClusters(NAMES[: len(data)], np.ones(len(data)), 7).fit(data) for _ in range(2))
    assert (first.labels_ == again.labels_).all()
    other = ConsensusClusters(NAMES[: len(data)], np.ones(len(data)), 8).fit(data)
    pairs = set(zip(first.labels_.tolist(), other.labels_.tolist(), strict=True))
    assert len(pairs) == len(set(first.labels_.tolist()))


def test_thousands_of_equal_distances_give_a_tree():
    data = unit(np.repeat(np.random.default_rng(0).standard_normal((30, 16)).astype(np.float32), 40, axis=0))
    labels = ConsensusClusters(NAMES[: len(data)], np.ones(len(data)), 7).fit(data).labels_
    assert all(len(set(labels[start : start + 40].tolist())) == 1 for start in range(0, len(data), 40))


def test_a_row_at_an_edge_goes_where_most_runs_put_it():
    # Four runs over seven rows; the tree left row 3 with the second cluster, and row 6 is like none.
    runs = np.array([[0, 0, 0, 0, 1, 1, 2], [0, 0, 0, 0, 1, 1, 2], [0, 0, 0, 1, 1, 1, 2], [0, 0, 1, 0, 1, 1, 2]]).T
    labels = np.array([0, 0, 0, 1, 1, 1, 2])
    ones = np.ones(7)
    assert _gathered(runs, labels, np.array([True, True, False]), ones, OnProcessor()).tolist() == [0, 0, 0, 0, 1, 1, 2]
    assert len(set(_gathered(runs, labels, np.array([False, False, False]), ones, OnProcessor()).tolist())) == 7


def test_small_clusters_draw_nothing(blobs):
    data, truth = blobs
    least = ConsensusClusters(NAMES[: len(data)], np.ones(len(data)), 7, 40).fit(data).labels_
    assert len(set(zip(least.tolist(), truth.tolist(), strict=True))) == 6
    none = ConsensusClusters(NAMES[: len(data)], np.ones(len(data)), 7, 41).fit(data).labels_
    assert len(set(none.tolist())) == len(data)


def test_a_cluster_is_stable_as_far_as_each_panel_finds_it():
    members = np.array([True, True, True, False, False])
    same = np.array([[0, 0], [0, 0], [0, 0], [1, 1], [1, 1]])
    half = np.array([[0, 0], [0, 0], [0, 1], [1, 1], [1, -1]])
    ones = np.ones(5)
    assert stability(members, same, ones) == 1
    assert stability(members, half, ones) == pytest.approx((1 + 2 / 3) / 2)
    assert stability(members, np.full((5, 1), -1), ones) == 0


def test_heavy_rows_pull_a_centre():
    data = np.array([[0.0, 1.0], [1.0, 0.0], [1.0, 0.0]], dtype=np.float32)
    centre = kmeans(data, np.array([8, 1, 1], dtype=np.float32), 1, seeds_of(NAMES[:3], 0), 5)
    assert centre == pytest.approx(np.array([[0.2, 0.8]]))
    assert closest(data, np.array([[0, 1], [1, 0]], dtype=np.float32)).tolist() == [0, 1, 1]


def test_as_many_clusters_as_rows_are_the_rows():
    data = np.eye(4, dtype=np.float32)
    centres = kmeans(data, np.ones(4, dtype=np.float32), 4, seeds_of(NAMES[:4], 0), 5)
    assert sorted(closest(data, centres).tolist()) == [0, 1, 2, 3]


def test_a_mention_goes_to_the_nearest_centre_that_is_near_enough_and_ties_to_the_first_id():
    centres = Centres(("b", "a"), np.array([[1, 0], [1, 0]], dtype=np.float32))
    vectors = unit(np.array([[1, 0.1], [0, 1]], dtype=np.float32))
    assert centres.assign(vectors, 0.6) == ["a", None]
    assert Centres((), np.zeros((0, 2), dtype=np.float32)).assign(vectors, 0.6) == [None, None]


def test_chance_belongs_to_the_text_alone():
    few, many = seeds_of(NAMES[5:9], 7), seeds_of(NAMES[:20], 7)
    assert (few == many[5:9]).all()
    assert (seeds_of(NAMES[:20], 8) != many).all()
    lots = uniform(derived(seeds_of(NAMES, 7), 3))
    assert 0.47 < lots.mean() < 0.53
    assert ((lots >= 0) & (lots < 1)).all()
    assert abs(np.corrcoef(lots, uniform(derived(seeds_of(NAMES, 7), 4)))[0, 1]) < 0.06


def test_a_row_more_leaves_the_others_together(blobs):
    data, _ = blobs
    before = ConsensusClusters(NAMES[: len(data)], np.ones(len(data)), 7).fit(data).labels_
    more = np.concatenate([data[:1], data])
    after = ConsensusClusters(["new", *NAMES[: len(data)]], np.ones(len(more)), 7).fit(more).labels_[1:]
    pairs = set(zip(before.tolist(), after.tolist(), strict=True))
    assert len(pairs) == len(set(before.tolist()))
