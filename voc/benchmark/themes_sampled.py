"""What themes lose where a sample of the wordings is clustered, beside a fit of all of them and a plain sample."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import TYPE_CHECKING, Any

import numpy as np

from voc.benchmark.meter import Watch

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from voc.benchmark.opinions import Opinions
    from voc.themes.making import Wordings

#: A theme is found again when its mentions are, over those in either, so large a share.
_AGAIN = 0.5


@dataclass(frozen=True)
class Texts:
    """Distinct wordings to cluster, and what BERTopic reads of each."""

    wordings: Wordings
    documents: list[str]


def wordings_in(opinions: Opinions) -> Texts:
    """Return the distinct wordings of troubles."""
    from voc.themes.making import wordings_of
    from voc.themes.placing import place
    from voc.themes.vectors import trouble_vectors

    names: dict[str, Any] = {"encoder": "default", "model": "opinions"}
    placed = place(opinions.mentions, opinions.texts, known=None, learn=True, brands=frozenset(), **names)
    vectors = trouble_vectors(placed.troubles, placed.areas, embeddings=opinions.embeddings, **names)
    wordings = wordings_of(placed.troubles, vectors)
    documents = dict(zip(wordings.row_of.tolist(), (t.document for t in placed.troubles), strict=True))
    return Texts(wordings, [documents[row] for row in range(len(wordings.keys))])


def sampled_fits(texts: Texts, sizes: Sequence[int], seeds: Sequence[int]) -> list[dict[str, Any]]:
    """Return rows of what is found from samples of `sizes` and from all, each the mean over `seeds`, two at least.

    A row has the number of `wordings`, how many it was `fitted_on`, the `system` ("voc" or "plain sample"), the `ami`
    with a fit of all with the same seed (of all themselves: with another seed), the share of its themes that are
    `found` again, the same of the `small` ones (the smaller half), the number of `themes`, `seconds` and `peak_bytes`
    of the process.
    """
    count = len(texts.wordings.keys)
    parts = [
        (size, system, [_measured(fit, texts, size, seed) for seed in seeds])
        for size in sizes
        if size < count
        for system, fit in (("voc", _stood_for), ("plain sample", _plain))
    ]
    # All at last: nothing of the memory for so many pairs is left for the others to be blamed for.
    whole = [_measured(_stood_for, texts, count, seed) for seed in seeds]
    rows = [
        _row(size, system, fits, [(all_.labels, fit.labels) for all_, fit in zip(whole, fits, strict=True)], texts)
        for size, system, fits in parts
    ]
    return [*rows, _row(count, "voc", whole, [(a.labels, b.labels) for a, b in permutations(whole, 2)], texts)]


def found_again(truth: NDArray[np.int64], labels: NDArray[np.int64], weights: NDArray[np.int64]) -> tuple[float, float]:
    """Return the share of the themes of `truth` that `labels` find again, and that of the smaller half of them.

    All have shape (n,), -1 for no theme. A theme is found when one of `labels` has a Jaccard similarity of one half
    with it, each row counting for its weight.
    """
    sizes = np.bincount(truth[truth >= 0], weights[truth >= 0])
    others = np.bincount(labels[labels >= 0], weights[labels >= 0], minlength=1)
    again = []
    for theme in np.argsort(sizes, kind="stable"):
        held = (truth == theme) & (labels >= 0)
        both = np.bincount(labels[held], weights[held], minlength=len(others))
        again.append(float((both / (sizes[theme] + others - both)).max()) >= _AGAIN)
    return float(np.mean(again)), float(np.mean(again[: max(1, len(again) // 2)]))


@dataclass(frozen=True)
class _Fit:
    labels: NDArray[np.int64]
    seconds: float
    peak_bytes: int


def _measured(fit: Callable[[Texts, int, int], NDArray[np.int64]], texts: Texts, size: int, seed: int) -> _Fit:
    watch = Watch(os.getpid())
    watch.start()
    began = time.perf_counter()
    labels = fit(texts, size, seed)
    return _Fit(labels, time.perf_counter() - began, watch.end())


def _row(
    size: int,
    system: str,
    fits: Sequence[_Fit],
    pairs: Sequence[tuple[NDArray[np.int64], NDArray[np.int64]]],
    texts: Texts,
) -> dict[str, Any]:
    from sklearn.metrics import adjusted_mutual_info_score

    again = [found_again(truth, labels, texts.wordings.weights) for truth, labels in pairs]
    return {
        "wordings": len(texts.wordings.keys),
        "fitted_on": size,
        "system": system,
        "ami": float(np.mean([adjusted_mutual_info_score(truth, labels) for truth, labels in pairs])),
        "found": float(np.mean([found for found, _ in again])),
        "small": float(np.mean([small for _, small in again])),
        "themes": float(np.mean([fit.labels.max() + 1 for fit in fits])),
        "seconds": float(np.mean([fit.seconds for fit in fits])),
        "peak_bytes": max(fit.peak_bytes for fit in fits),
    }


def _stood_for(texts: Texts, size: int, seed: int) -> NDArray[np.int64]:
    """Fit as the product does beyond `size` wordings."""
    from voc.config import ThemesConfig
    from voc.themes.cluster import cluster

    w = texts.wordings
    config = ThemesConfig(seed=seed)
    return cluster(w.keys, texts.documents, w.vectors, w.weights, w.ways, config=config, at_most=size).labels


def _plain(texts: Texts, size: int, seed: int) -> NDArray[np.int64]:
    """Fit on `size` wordings drawn by lot as if there were no others, and give the others to the nearest theme."""
    from voc.config import ThemesConfig
    from voc.themes.centres import centres_of, nearest
    from voc.themes.chance import seeds_of, uniform
    from voc.themes.cluster import cluster, smallest

    w = texts.wordings
    chosen = np.sort(np.argsort(uniform(seeds_of(w.keys, seed)), kind="stable")[:size])
    config = ThemesConfig(seed=seed)
    share = w.weights[chosen].sum() / w.weights.sum()
    least = max(3, round(smallest(int(w.weights.sum()), config) * float(share)))
    names, documents = ([listed[place] for place in chosen] for listed in (w.keys, texts.documents))
    own = cluster(
        names,
        documents,
        w.vectors[chosen],
        w.weights[chosen],
        w.ways[chosen],
        config=config.model_copy(update={"min_size": least}),
        at_most=size,
    ).labels
    return nearest(w.vectors, centres_of(w.vectors[chosen], own), config.assign_above)
