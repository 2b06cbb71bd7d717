"""UMAP and HDBSCAN in the place of the consensus: real ones, on the processor unless there is a GPU with cuML."""

import importlib.util

import numpy as np
import pytest
import torch
from hdbscan import HDBSCAN
from sklearn.metrics import adjusted_mutual_info_score
from umap import UMAP

from tests.cli.conftest import build
from tests.themes.build import TROUBLES, mentions
from voc.config import ThemesConfig, load_config
from voc.errors import VocError
from voc.messages import theme_messages
from voc.store import Workspace
from voc.themes import Before, find_themes
from voc.themes.centres import unit
from voc.themes.cluster import cluster
from voc.themes.consensus import stability
from voc.themes.density import Density, maker, maker_for

CONFIG = ThemesConfig(clusters="hdbscan", min_size=6)
GROUPS = 4


def drawn(groups, each):
    """Names, vectors and groups of rows around so many middles."""
    chance = np.random.default_rng(1)
    truth = np.repeat(np.arange(groups), each)
    middles = unit(chance.standard_normal((groups, 48)).astype(np.float32))[truth]
    vectors = unit(middles + 0.08 * chance.standard_normal(middles.shape).astype(np.float32))
    return [f"text {number:04d}" for number in range(len(truth))], vectors, truth


def clustered(rows, order=None, config=CONFIG, **options):
    names, vectors, truth = rows
    order = np.arange(len(names)) if order is None else order
    ones = np.ones(len(names), dtype=np.int64)
    listed = ([names[i] for i in order], [f"word{truth[i]} failed" for i in order])
    return cluster(*listed, vectors[order], ones, ones, config=config, **options)


@pytest.fixture(scope="module")
def rows():
    return drawn(GROUPS, 20)


@pytest.fixture(scope="module")
def found(rows):
    return clustered(rows)


def test_groups_are_told_apart_and_found_again_in_samples(rows, found):
    truth = rows[2]
    assert len(set(zip(found.labels.tolist(), truth.tolist(), strict=True))) == GROUPS
    assert set(found.labels.tolist()) == set(range(GROUPS))
    ones = np.ones(len(truth))
    assert all(stability(truth == group, found.panels, ones) > 0.9 for group in range(GROUPS))
    assert stability(truth < 2, found.panels, ones) < 0.6  # two groups that the panels keep apart


def test_the_order_of_rows_changes_nothing(rows, found):
    order = np.random.default_rng(5).permutation(len(rows[0]))
    other = clustered(rows, order)
    assert (other.labels == found.labels[order]).all()
    assert (other.panels == found.panels[order]).all()


def test_with_a_sample_that_stands_for_all_the_groups_are_the_same(rows, found):
    assert (clustered(rows, at_most=60).labels == found.labels).all()


@pytest.mark.parametrize("count", [1, 5, 6, 10, 30])
def test_few_wordings_are_clustered_or_left_alone(count):
    rows = drawn(1, count)
    found = clustered(rows)
    again = clustered(rows)
    assert found.labels.shape == (count,)
    assert found.labels.min() >= -1
    assert (again.labels == found.labels).all()
    assert (again.panels == found.panels).all()
    assert (found.said is None) == (count < 6)


def test_two_small_groups_are_two_themes():
    rows = drawn(2, 5)
    found = clustered(rows, config=ThemesConfig(clusters="hdbscan", min_size=3))
    assert adjusted_mutual_info_score(rows[2], found.labels) == 1


def test_how_often_a_wording_is_said_moves_no_cluster(rows, found):
    names, vectors, truth = rows
    ways = np.ones(len(names), dtype=np.int64)
    listed = (names, [f"word{group} failed" for group in truth], vectors, 50 * ways, ways)
    often = cluster(*listed, config=ThemesConfig(clusters="hdbscan", min_size=1000))
    # 4,000 mentions: a theme needs 67 of them, which are said in two wordings on average.
    assert (often.labels == found.labels).all()


def test_whose_parts_are_used_is_a_matter_of_the_gpu_and_of_cuml():
    ours, theirs, missed = maker_for(False, None), maker_for(True, None), maker_for(True, "cuML is not installed")
    assert (ours.umap, ours.hdbscan) == ("umap", "hdbscan")
    assert (theirs.umap, theirs.hdbscan) == ("cuml.manifold", "cuml.cluster")
    assert (missed.umap, missed.hdbscan) == ("umap", "hdbscan")
    assert "cuML's UMAP and HDBSCAN on the GPU" in theirs.said
    assert "not on the GPU: cuML is not installed." in missed.said
    assert "GPU" not in ours.said
    # What umap-learn and hdbscan alone understand is not told to cuML's, which refuse what they do not know.
    assert not {"n_jobs", "core_dist_n_jobs"} & (theirs.umap_options.keys() | theirs.hdbscan_options.keys())


def test_parts_are_those_of_bertopic_seeded_and_as_large_as_the_rows_allow():
    umap, hdbscan = maker_for(False, None).parts(6, 8, -1)
    assert type(umap) is UMAP
    assert type(hdbscan) is HDBSCAN
    assert (umap.n_neighbors, umap.n_components, umap.random_state, umap.n_jobs) == (5, 4, 2**31 - 1, 1)
    assert (hdbscan.min_cluster_size, hdbscan.min_samples) == (8, 5)
    umap, hdbscan = maker_for(False, None).parts(1000, 8, 7)
    assert (umap.n_neighbors, umap.n_components, umap.min_dist, umap.metric) == (15, 5, 0.0, "cosine")
    assert (hdbscan.min_samples, hdbscan.metric, hdbscan.cluster_selection_method) == (8, "euclidean", "eom")


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_without_a_gpu_the_processor_is_used_and_a_gpu_that_is_asked_for_is_missed():
    assert maker("auto") == maker("cpu") == maker_for(False, None)
    with pytest.raises(VocError, match="no GPU"):
        maker("cuda")


@pytest.mark.skipif(
    not torch.cuda.is_available() or importlib.util.find_spec("cuml") is None,
    reason="there is no GPU that CUDA can use, or no cuML",
)
def test_cuml_tells_the_same_groups_apart(rows, found):
    theirs = maker("cuda")
    gpu = clustered(rows, device="cuda")
    assert "cuML" in gpu.said
    assert adjusted_mutual_info_score(found.labels, gpu.labels) >= 0.98
    assert (clustered(rows, device="cuda").labels == gpu.labels).all()
    names, vectors, _ = rows
    assert Density(names, theirs, 6, 7).panels(vectors, 0.55, "cuda").shape == (len(names), 4)


def test_themes_are_made_with_it_and_the_run_says_so():
    table, texts = mentions(TROUBLES)
    result = find_themes(table, texts, config=CONFIG)
    assert result.info["clusters"] == "hdbscan"
    assert result.info["clustered_by"] == maker("cpu").said
    assert result.themes.num_rows
    assert all(0 <= value <= 1 for value in result.themes["stability"].to_pylist())
    assert maker("cpu").said in theme_messages(result, None, True, "hdbscan")
    plain = find_themes(table, texts, config=ThemesConfig(min_size=6))
    assert plain.info["clustered_by"] is None
    assert not any("HDBSCAN" in message for message in theme_messages(plain, None, True, "consensus"))


def test_another_way_of_clustering_waits_for_a_refit_and_the_run_says_so(tmp_path):
    build(tmp_path / "ws")
    base = Workspace(tmp_path / "ws").current()
    table, texts = mentions(TROUBLES)
    first = find_themes(table, texts, config=ThemesConfig(min_size=6))
    before = Before(first.found_themes, first.assignments, first.wordings, first.areas)
    later = find_themes(table, texts, config=CONFIG, before=before, embeddings=first.embeddings)
    assert "clusters" not in later.info
    told = [message for message in theme_messages(later, base, False, "hdbscan") if "themes.clusters" in message]
    assert told == [
        'The themes are still those of themes.clusters = "consensus"; `voc theme refit` makes them anew with "hdbscan".'
    ]
    assert not any("themes.clusters" in message for message in theme_messages(later, base, False, "consensus"))


def test_the_configuration_knows_no_third_way(tmp_path):
    path = tmp_path / "voc.toml"
    path.write_text('[themes]\nclusters = "kmeans"\n')
    with pytest.raises(VocError, match=r"voc\.toml: themes\.clusters: Input should be 'consensus' or 'hdbscan'\."):
        load_config(path)
    path.write_text('[themes]\nclusters = "hdbscan"\n')
    assert load_config(path).themes.clusters == "hdbscan"
