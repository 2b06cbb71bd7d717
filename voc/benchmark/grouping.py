"""The systems that `voc benchmark themes` compares, behind one face: fit, assign what is new, fit again."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from voc.benchmark.opinions import Opinions

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from voc.config import Clustering

#: The label of what no theme holds.
UNASSIGNED = ""
#: Before the id of the area that stands for what only judges a part of it.
AREA = "area "


class Grouping(Protocol):
    """A system that groups opinions; labels are one a mention, in the order of `Opinions.mentions`."""

    def fit(self, opinions: Opinions, seed: int) -> list[str]:
        """Group anew."""

    def assign(self, opinions: Opinions, new: NDArray[np.int64]) -> list[str]:
        """Return the labels of the opinions at the places `new`, which came after the last fit."""

    def refit(self, opinions: Opinions, seed: int) -> list[str]:
        """Group anew, keeping what there is as the system can."""


class Voc:
    """Our themes; a judgement of a part, which has none, stands under its area.

    Args:
        clusters: what finds clusters, as in `voc.config.ThemesConfig`.
    """

    def __init__(self, *, clusters: Clustering = "consensus") -> None:
        self._clusters = clusters
        self._found: Any = None

    def fit(self, opinions: Opinions, seed: int) -> list[str]:
        """See `Grouping`."""
        return self._run(opinions, seed, fit=True, keep=False)

    def assign(self, opinions: Opinions, new: NDArray[np.int64]) -> list[str]:
        """See `Grouping`."""
        labels = self._run(opinions, 7, fit=False, keep=True)
        return [labels[place] for place in new]

    def refit(self, opinions: Opinions, seed: int) -> list[str]:
        """See `Grouping`."""
        return self._run(opinions, seed, fit=True, keep=True)

    def _run(self, opinions: Opinions, seed: int, *, fit: bool, keep: bool) -> list[str]:
        from voc.config import ThemesConfig
        from voc.themes import Before, find_themes
        from voc.themes.areas import OTHER, WHOLE, area_id

        before = None
        if keep and self._found is not None:
            tables = (getattr(self._found, name) for name in ("found_themes", "assignments", "wordings", "areas"))
            before = Before(*tables)
        self._found = find_themes(
            opinions.mentions,
            opinions.texts,
            config=ThemesConfig(seed=seed, clusters=self._clusters),
            embeddings=opinions.embeddings,
            before=before,
            refit=fit and keep,
        )
        unnamed = {None, area_id(WHOLE), area_id(OTHER)}
        label_of = {}
        for row in self._found.assignments.to_pylist():
            area = row["area_id"] if row["specificity"] == "judgement" and row["area_id"] not in unnamed else None
            label_of[row["mention_id"]] = row["theme_id"] or (f"{AREA}{area}" if area else UNASSIGNED)
        return [label_of[mention] for mention in opinions.ids]


class DefaultBertopic:
    """BERTopic as it comes, on sentences, with all-MiniLM-L6-v2; only UMAP gets a seed.

    Args:
        remember: keep the vectors of sentences from fit to fit; not where time is measured.
    """

    def __init__(self, *, remember: bool) -> None:
        from sentence_transformers import SentenceTransformer

        from voc.benchmark.assembled import encoder_folder

        self._encoder = SentenceTransformer(str(encoder_folder()), device="cpu")
        self._model: Any = None
        self._remembered: dict[str, Any] | None = {} if remember else None

    def fit(self, opinions: Opinions, seed: int) -> list[str]:
        """See `Grouping`."""
        from bertopic import BERTopic
        from umap import UMAP

        # The arguments of UMAP are BERTopic's own defaults.
        umap = UMAP(n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", low_memory=False, random_state=seed)
        self._model = BERTopic(embedding_model=self._encoder, umap_model=umap)
        topics, _ = self._model.fit_transform(opinions.sentences, embeddings=self._vectors(opinions.sentences))
        return _labels(topics)

    def _vectors(self, sentences: list[str]) -> Any:
        """Return the vectors that BERTopic would make itself, each sentence's once if they are remembered."""
        if self._remembered is None:
            return None
        new = sorted(set(sentences) - self._remembered.keys())
        if new:
            self._remembered.update(zip(new, self._encoder.encode(new), strict=True))
        return np.stack([self._remembered[sentence] for sentence in sentences])

    def assign(self, opinions: Opinions, new: NDArray[np.int64]) -> list[str]:
        """See `Grouping`."""
        topics, _ = self._model.transform([opinions.sentences[place] for place in new])
        return _labels(topics)

    def refit(self, opinions: Opinions, seed: int) -> list[str]:
        """See `Grouping`; it knows nothing of the fit before."""
        return self.fit(opinions, seed)


def _labels(topics: Any) -> list[str]:
    return [UNASSIGNED if topic < 0 else str(topic) for topic in topics]


class OutOfPatienceError(BaseException):
    """A call took longer than it was given; no `except Exception` on its way may take it for a fault to go on after."""


def timed(call: Callable[[], list[str]], patience: float | None = None) -> tuple[list[str], float]:
    """Return what a call returns, and its seconds.

    Args:
        call: takes no arguments; must run in the main thread if there is a limit.
        patience: seconds after which it is given up; None for none, as on systems without interval timers.

    Raises:
        OutOfPatienceError: it took longer.
    """

    def give_up(number: int, frame: Any) -> None:
        raise OutOfPatienceError

    limited = patience is not None and hasattr(signal, "setitimer")
    before = signal.signal(signal.SIGALRM, give_up) if limited else None
    began = time.perf_counter()
    try:
        if limited:
            signal.setitimer(signal.ITIMER_REAL, patience or 0)
        found = call()
    finally:
        if limited:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
    return found, time.perf_counter() - began
