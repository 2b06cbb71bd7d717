"""A sample that stands for all: from every region, the same in any order, nearly the same when rows are added."""

import numpy as np
import pytest

from voc.config import ThemesConfig
from voc.themes.centres import unit
from voc.themes.cluster import cluster
from voc.themes.sampling import allocated, sampled

SIZE = 160


@pytest.fixture(scope="module")
def rows():
    """Names, vectors, weights and regions of rows: one region of 1,000 rows, and seven of 12."""
    chance = np.random.default_rng(2)
    regions = np.array([0] * 1000 + [number for number in range(1, 8) for _ in range(12)])
    middles = unit(chance.standard_normal((8, 24)).astype(np.float32))
    vectors = unit(middles[regions] + 0.06 * chance.standard_normal((len(regions), 24)).astype(np.float32))
    return [f"text {number:05d}" for number in range(len(regions))], vectors, np.ones(len(regions), np.int64), regions


def test_cells_give_their_floor_and_never_more_than_they_hold():
    counts = np.array([0, 1, 5, 94, 900])
    found = allocated(counts, 100)
    assert found.sum() == 100
    assert (found <= counts).all()
    assert found[:3].tolist() == [0, 1, 5]  # a floor of 0.3 * 100 / 4 = 7 takes all of the small ones
    assert allocated(counts, 1000).tolist() == counts.tolist()


def test_every_region_is_in_the_sample_and_all_rows_are_counted(rows):
    names, vectors, weights, regions = rows
    found = sampled(names, vectors, weights, SIZE, 7)
    assert len(found.places) == SIZE
    assert np.bincount(regions[found.places])[1:].min() >= 2  # 1.8 are expected by lot alone, and some would have none
    assert (regions[found.places][found.stands] == regions).all()
    assert found.weights.sum() == weights.sum()
    assert np.linalg.norm(found.vectors, axis=1) == pytest.approx(np.ones(SIZE), abs=1e-5)


def test_what_is_said_often_is_in_the_sample(rows):
    names, vectors, weights, _ = rows
    often = weights.copy()
    often[np.arange(0, 1000, 50)] = 10_000
    found = sampled(names, vectors, often, SIZE, 7)
    assert np.isin(np.arange(0, 1000, 50), found.places).mean() > 0.9


def test_the_order_of_rows_changes_nothing_of_the_clusters_and_rows_that_are_added_little_of_the_sample(rows):
    names, vectors, weights, regions = rows
    documents = [f"word{region} failed" for region in regions]
    order = np.random.default_rng(5).permutation(len(names))
    config = ThemesConfig(min_size=6)

    def labels(chosen):
        listed = ([names[i] for i in chosen], [documents[i] for i in chosen])
        parts = (vectors[chosen], weights[chosen], weights[chosen])
        return cluster(*listed, *parts, config=config, at_most=SIZE).labels

    first = labels(np.arange(len(names)))
    assert (labels(order) == first[order]).all()
    assert len({*zip(first.tolist(), regions.tolist(), strict=True)}) == len(set(regions.tolist()))
    most = np.arange(0, len(names)) % 20 > 0  # a twentieth comes later
    earlier = [name for name, there in zip(names, most, strict=True) if there]
    fewer = sampled(earlier, vectors[most], weights[most], SIZE, 7)
    before = {np.flatnonzero(most)[place] for place in fewer.places}
    after = set(sampled(names, vectors, weights, SIZE, 7).places.tolist())
    assert len(before & after) > 0.8 * SIZE
