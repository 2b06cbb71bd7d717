"""Clusters of troubles: BERTopic with parts that neither chance nor row order can move.

The consensus of many k-means runs takes the place of UMAP and HDBSCAN, whose clusters move with chance; who wants these
nevertheless sets `themes.clusters` (`voc.themes.density`). Beyond `FIT_AT_MOST` texts some that stand for all are
clustered (`voc.themes.sampling`). Clusters too small for a theme are dissolved, and each text goes to the theme whose
centre is nearest, if it is near enough.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voc.config import ThemesConfig
from voc.themes.centres import Labels, centres_of, nearest
from voc.themes.consensus import ConsensusClusters
from voc.themes.density import Density, maker, one_thread
from voc.themes.device import gpu
from voc.themes.embedding import Vectors
from voc.themes.sampling import sampled

#: A consensus needs memory for all pairs; beyond this many texts some that stand for all are clustered.
FIT_AT_MOST = 8000
_TROUBLES_PER_MENTION = 60
_MOST_THEMES = 350  # themes that a person could not oversee any more
#: A theme is said in so many different ways: what one text says a thousand times is no theme.
WAYS = 3
_FEWEST = 6  # distinct texts that are clustered


@dataclass(frozen=True)
class Clusters:
    """What was found.

    Attributes:
        labels: cluster of each text, shape (n,), -1 for none.
        panels: the one that each of several fits to parts gives it, shape (n, panels).
        said: sentence that says whose UMAP and HDBSCAN were used; None where they had no part.
    """

    labels: Labels
    panels: Labels
    said: str | None = None


def cluster(
    texts: Sequence[str],
    documents: Sequence[str],
    vectors: Vectors,
    weights: NDArray[np.int64],
    ways: NDArray[np.int64],
    *,
    config: ThemesConfig,
    device: str = "cpu",
    at_most: int | None = None,
) -> Clusters:
    """Group distinct texts by their unit vectors (n, dimensions); `documents` are what BERTopic reads, one a text.

    `weights` counts how often each text occurs, `ways` in how many different ways it is put; a cluster needs `smallest`
    occurrences and three ways. Rows may come in any order: they are sorted by text before anything is computed. Of more
    than `at_most` texts, `FIT_AT_MOST` by default, a sample is clustered that stands for all. `device` computes what
    costs most, as `voc.themes.device.gpu` reads its name.
    """
    size = smallest(int(weights.sum()), config)
    order = np.array(sorted(range(len(texts)), key=lambda i: texts[i]), dtype=np.int64)
    at_most = FIT_AT_MOST if at_most is None else at_most
    fit, stands, held, counts = order, np.arange(len(order)), vectors[order], weights[order]
    if len(order) > at_most:
        some = sampled([texts[i] for i in order], held, counts, at_most, config.seed, device)
        fit, stands, held, counts = order[some.places], some.stands, some.vectors, some.weights
    labels, panels = np.zeros(len(texts), dtype=np.int64), np.zeros((len(texts), 1), dtype=np.int64)
    said = None
    # Wordings too few to tell apart are one theme or none, as they are near to one another.
    if len(fit) >= _FEWEST:
        rows = _Rows([texts[i] for i in fit], [documents[i] for i in fit], held, counts)
        found = (_by_density if config.clusters == "hdbscan" else _by_consensus)(rows, size, config, device)
        labels[order] = found.labels[stands]
        panels = np.empty((len(texts), found.panels.shape[1]), dtype=np.int64)
        panels[order] = found.panels[stands]
        said = found.said
    labels = _without_small(labels, weights, ways, size)
    labels = nearest(vectors, centres_of(vectors, labels), config.assign_above, device)
    return Clusters(_renumber(labels, texts, weights, ways, size), panels, said)


@dataclass(frozen=True)
class _Rows:
    """What is clustered, sorted by text."""

    texts: list[str]
    documents: list[str]
    vectors: Vectors
    weights: NDArray[np.int64]


def _by_consensus(rows: _Rows, size: int, config: ThemesConfig, device: str) -> Clusters:
    consensus = ConsensusClusters(rows.texts, rows.weights.astype(np.float64), config.seed, size, gpu(device))
    topics, _ = _topic_model(None, consensus).fit_transform(rows.documents, embeddings=rows.vectors)
    return Clusters(np.array(topics, dtype=np.int64), consensus.panels_)


def _by_density(rows: _Rows, size: int, config: ThemesConfig, device: str) -> Clusters:
    # Each row counts once: of `size` occurrences as many rows as they have on average.
    least = max(WAYS, round(size * len(rows.texts) / int(rows.weights.sum())))
    density = Density(rows.texts, maker(device), least, config.seed)
    with one_thread():
        topics, _ = _topic_model(*density.parts()).fit_transform(rows.documents, embeddings=rows.vectors)
    panels = density.panels(rows.vectors, config.assign_above, device)
    return Clusters(np.array(topics, dtype=np.int64), panels, density.maker.said)


def smallest(troubles: int, config: ThemesConfig) -> int:
    """Return how many mentions make a theme: the configured number, fewer in a small workspace, more in a large one."""
    few = min(config.min_size, round(troubles / _TROUBLES_PER_MENTION))
    return max(3, few, round(troubles / _MOST_THEMES))


def keywords(documents: Sequence[str], labels: Labels) -> dict[int, list[str]]:
    """Return ten keywords for each label by BERTopic's class-based TF-IDF; label -1 is what no theme holds."""
    if labels.max(initial=-1) < 0:
        return {}
    import pandas as pd

    model = _topic_model(None, ConsensusClusters([], np.zeros(0), 0))
    frame = pd.DataFrame({"Document": list(documents), "ID": range(len(documents)), "Topic": labels, "Image": None})
    joined = frame.groupby("Topic", as_index=False).agg({"Document": " ".join})
    try:
        scores, vocabulary = model._c_tf_idf(joined)
    except ValueError:  # not one word that could be a keyword
        return {}
    topics = model._extract_words_per_topic(vocabulary, frame, scores, calculate_aspects=False)
    return {int(t): [word for word, _ in pairs if word][:10] for t, pairs in topics.items() if t >= 0}


def _topic_model(umap: Any, clusters: Any) -> Any:
    """Return BERTopic around two parts, fitted or not; without a `umap` vectors stay as they are."""
    from bertopic import BERTopic
    from bertopic.dimensionality import BaseDimensionalityReduction
    from sklearn.feature_extraction.text import CountVectorizer

    return BERTopic(
        embedding_model=None,
        umap_model=umap or BaseDimensionalityReduction(),  # vectors that were made for this are short enough
        hdbscan_model=clusters,
        vectorizer_model=CountVectorizer(stop_words="english", ngram_range=(1, 2)),
        calculate_probabilities=False,
        verbose=False,
    )


def _without_small(labels: Labels, weights: NDArray[np.int64], ways: NDArray[np.int64], size: int) -> Labels:
    """Dissolve clusters of fewer than `size` occurrences or three ways of putting it."""
    labels = _dense(labels)
    if labels.max() < 0:
        return labels
    occurrences = np.bincount(labels[labels >= 0], weights[labels >= 0])
    varied = np.bincount(labels[labels >= 0], ways[labels >= 0])
    kept = (occurrences >= size) & (varied >= WAYS)
    return _dense(np.where((labels >= 0) & kept[labels], labels, -1))


def _renumber(
    labels: Labels, texts: Sequence[str], weights: NDArray[np.int64], ways: NDArray[np.int64], size: int
) -> Labels:
    """Number the labels by size, then by their first text; drop what assignment left too small."""
    groups: dict[int, list[int]] = {}
    for index, label in enumerate(labels):
        if label >= 0:
            groups.setdefault(int(label), []).append(index)
    big = [m for m in groups.values() if weights[m].sum() >= size and ways[m].sum() >= WAYS]
    big.sort(key=lambda members: (-int(weights[members].sum()), min(texts[i] for i in members)))
    result = np.full(len(labels), -1, dtype=np.int64)
    for number, members in enumerate(big):
        result[members] = number
    return result


def _dense(labels: Labels) -> Labels:
    kept = np.unique(labels[labels >= 0])
    lookup = {int(old): new for new, old in enumerate(kept)}
    return np.array([lookup.get(int(label), -1) for label in labels], dtype=np.int64)
