"""On torch tensors clusters are those of NumPy: to the label where they are apart, at 0.98 of agreement where not."""

import numpy as np
import pytest
import torch
from sklearn.metrics import adjusted_mutual_info_score

from voc.errors import VocError
from voc.themes.centres import nearest, unit
from voc.themes.chance import derived, seeds_of, uniform
from voc.themes.consensus import ConsensusClusters
from voc.themes.device import gpu
from voc.themes.sums import OnProcessor
from voc.themes.tensors import OnTensors, lots

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def one_thread():
    """Threads would only wait for one another over so few rows."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def drawn(groups, each, spread, dimensions=48):
    """Names and unit vectors of rows around so many middles."""
    chance = np.random.default_rng(1)
    middles = np.repeat(unit(chance.standard_normal((groups, dimensions)).astype(np.float32)), each, axis=0)
    noise = spread * chance.standard_normal(middles.shape).astype(np.float32)
    return [f"text {number}" for number in range(groups * each)], unit(middles + noise)


def both(names, vectors, device, least=1):
    """Fit on NumPy and on tensors."""
    weights = 1.0 + np.arange(len(names)) % 3
    fits = (ConsensusClusters(names, weights, 7, least, sums).fit(vectors) for sums in (None, OnTensors(device)))
    return tuple(fits)


def test_lots_are_the_same_to_the_bit():
    seeds = seeds_of([f"text {number}" for number in range(500)], 7)
    found = lots(torch.from_numpy(seeds.view(np.int64)), 4).numpy()
    assert (found == np.stack([uniform(derived(seeds, number)) for number in range(4)])).all()


def test_clusters_that_are_apart_get_the_same_labels():
    ours, tensors = both(*drawn(6, 30, 0.08), CPU)
    assert len(set(ours.labels_.tolist())) == 6
    assert (tensors.labels_ == ours.labels_).all()
    assert (tensors.panels_ == ours.panels_).all()


def test_clusters_that_run_into_one_another_agree():
    ours, tensors = both(*drawn(16, 25, 0.2), CPU, 8)
    assert adjusted_mutual_info_score(ours.labels_, tensors.labels_) >= 0.98


def test_how_far_runs_agree_is_counted_alike():
    chance = np.random.default_rng(4)
    runs = chance.integers(0, 9, (150, 24))
    own = chance.integers(-1, 6, 150)
    weights = chance.random(150) + 0.5
    sizes = np.bincount(own[own >= 0], weights[own >= 0])
    ours, tensors = OnProcessor(), OnTensors(CPU)
    assert (tensors.apart(runs) == ours.apart(runs)).all()
    pairs = [(runs[i] != runs[j]).mean() for i in range(150) for j in range(i + 1, 150)]
    assert ours.apart(runs) == pytest.approx(pairs)
    assert tensors.together(runs, own, weights, sizes) == pytest.approx(
        ours.together(runs, own, weights, sizes), rel=1e-5
    )


def test_the_nearest_centre_is_the_same_and_of_equally_near_ones_the_first():
    _, vectors = drawn(20, 40, 0.3)
    centres = np.concatenate([vectors[::40], vectors[:40:20]])  # the first one twice
    found = OnTensors(CPU).nearest(vectors, centres, 0.4)
    assert (found == nearest(vectors, centres, 0.4)).all()
    assert found[0] == 0
    assert (found == -1).any()


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU that CUDA can use")
def test_a_gpu_finds_the_same():
    ours, tensors = both(*drawn(8, 30, 0.08), torch.device("cuda"))
    assert (tensors.labels_ == ours.labels_).all()
    ours, tensors = both(*drawn(16, 25, 0.2), torch.device("cuda"), 8)
    assert adjusted_mutual_info_score(ours.labels_, tensors.labels_) >= 0.98
    _, vectors = drawn(20, 2000, 0.3)
    near = nearest(vectors, vectors[::2000], 0.4, "cuda")
    assert (near == nearest(vectors, vectors[::2000], 0.4)).mean() > 0.999


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_gpu_that_is_not_there_is_missed_only_where_it_is_asked_for():
    assert gpu("cpu") is None
    assert gpu("auto") is None
    with pytest.raises(VocError, match="no GPU"):
        gpu("cuda")
