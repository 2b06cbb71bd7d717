"""Runs the opinion network over texts: windows, batches of fixed shape, decoded spans.

Texts are cut into windows at sentence ends, so nothing is truncated. Windows are padded to one of a few lengths and
batches to one size for each length: the arithmetic a window sees then never depends on what else is in its batch.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor

from voc.config import Precision
from voc.errors import VocError
from voc.extract.bert import Bert
from voc.extract.decoding import decode_spans
from voc.extract.describe import Said, Spans, by_blocks, describe, in_blocks, mean_of, unit
from voc.extract.fast import one_thread, prepare
from voc.extract.folder import model_folder, model_version
from voc.extract.meaning import MEANING_DIM
from voc.extract.network import STYLES, Encoded, OpinionNetwork, context_edges, means_between, running_sums
from voc.extract.segments import Segments, span_probabilities, text_places
from voc.extract.states import Floats, States
from voc.extract.windows import LEAD, TOKENS_PER_BATCH, Window, cut_windows, shapes

_LINK_REACH = 40  # tokens between an aspect and its phrase
SPAN_CUT = 0.35  # where a style has none of its own
_AT_ONCE = 4096  # strings whose token states are held together
_GPU_TOKENS = 65_536  # in a batch: a GPU is idle with few


@dataclass
class FoundSpan:
    """An aspect or phrase: character span, how sure the tagger is, and probabilities (negative, neutral, positive)."""

    start: int
    end: int
    confidence: float
    polarity: tuple[float, float, float]


@dataclass
class ReadText:
    """What the network reads in one text. `links[i]` is the aspect index that phrase i judges, or -1."""

    aspects: list[FoundSpan] = field(default_factory=list)
    phrases: list[FoundSpan] = field(default_factory=list)
    links: list[int] = field(default_factory=list)
    #: Start, end, and the probabilities that the sentence holds a negative opinion, a positive one, a wish.
    sentences: list[tuple[int, int, float, float, float]] = field(default_factory=list)
    stars: float | None = None

    @property
    def complaint(self) -> float:
        """How likely the text holds a complaint: the mean of what its sentences say and what its spans say.

        Either is the probability that not all of them are free of one, were they independent.
        """
        calm_sentences = calm_spans = 1.0
        for _, _, negative, _, _ in self.sentences:
            calm_sentences *= 1 - negative
        for span in [*self.aspects, *self.phrases]:
            calm_spans *= 1 - span.confidence * span.polarity[0]
        return 1 - (calm_sentences + calm_spans) / 2


@dataclass(frozen=True)
class Cuts:
    """The probabilities from which something counts, chosen on dev files when the model was trained.

    `aspect` and `phrase` by annotation style: what a span's probability must be at least, see `best_spans`.
    `complaint`: of `ReadText.complaint`; `wish`: of a sentence's.
    """

    aspect: dict[str, float] = field(default_factory=dict)
    phrase: dict[str, float] = field(default_factory=dict)
    complaint: float = 0.5
    wish: float = 0.5


class Reader:
    """Trained weights with their tokenizer, ready to read texts."""

    def __init__(
        self,
        network: OpinionNetwork,
        tokenizer: Any,
        version: str,
        device: str = "auto",
        cuts: Cuts | None = None,
        precision: Precision = "auto",
    ) -> None:
        if device == "auto":
            device = "cuda" if torch.cuda.is_available() else "cpu"
        self.device = torch.device(device)
        self.network = network.to(self.device).eval()
        self.network.encoder = prepare(network.encoder, self.device, precision)
        self.tokenizer = tokenizer
        self.version = version
        self.cuts = cuts or Cuts()
        gpu = self.device.type == "cuda"
        self.tokens_per_batch = _GPU_TOKENS if gpu else TOKENS_PER_BATCH
        #: How many threads cut texts into tokens while the network reads others. On a CPU they would only wait for
        #: one another.
        self.cutters = 2 if gpu else 0

    def read(self, texts: Sequence[str], *, style: str = "review") -> list[ReadText]:
        """Read texts; results come in their order."""
        return self._read(texts, style, None)[0]

    def read_with_states(
        self, texts: Sequence[str], *, style: str = "review", windows: list[Window] | None = None
    ) -> tuple[list[ReadText], States]:
        """Read texts and keep the states of their tokens (first, middle and last layer), for `describe`.

        `windows` are those that `cut` gives of the texts, where it was called before.
        """
        return self._read(texts, style, 3 * self.network.hidden, windows)

    def cut(self, texts: Sequence[str], *, style: str = "review") -> list[Window]:
        """Cut texts into windows of tokens; another thread may do so while texts are read."""
        return cut_windows(texts, self.tokenizer, STYLES[style])

    def describe(self, states: States, mentions: Sequence[Spans]) -> list[Said]:
        """Say what mentions are, from the states of the texts that they stand in."""
        with one_thread(self.device):
            return describe(self.network, states, mentions, self.device)

    def meanings(self, texts: Sequence[str]) -> Floats:
        """Return vectors (n, MEANING_DIM) of length 1 of what short texts mean, on the scale of `Said.meaning`."""
        parts = []
        for begin in range(0, len(texts), _AT_ONCE):
            part = texts[begin : begin + _AT_ONCE]
            states = self.read_with_states(part)[1]
            places = np.arange(len(part))
            totals, counts = states.sums(places, np.zeros_like(places), np.full_like(places, 1 << 39))
            with one_thread(self.device):
                parts.append(unit(in_blocks(self.network.meaning.words, mean_of(totals, counts), self.device)))
        return np.concatenate(parts) if parts else np.zeros((0, MEANING_DIM), dtype=np.float32)

    def _read(
        self, texts: Sequence[str], style: str, width: int | None, windows: list[Window] | None = None
    ) -> tuple[list[ReadText], States]:
        results = [ReadText() for _ in texts]
        stars: list[list[tuple[float, int]]] = [[] for _ in texts]
        windows = self.cut(texts, style=style) if windows is None else windows
        states = States(windows if width else [], len(texts), width or 0)
        cuts = (self.cuts.aspect.get(style, SPAN_CUT), self.cuts.phrase.get(style, SPAN_CUT))
        with torch.inference_mode(), one_thread(self.device):
            for rows, length, places in shapes([len(window.ids) for window in windows], self.tokens_per_batch):
                group = [windows[place] for place in places]
                encoded = self._read_batch((rows, length), group, texts, results, stars, cuts)
                if width:
                    _keep(states, places, group, encoded)
        for result, parts in zip(results, stars, strict=True):
            weight = sum(tokens for _, tokens in parts)
            if weight:
                result.stars = round(sum(value * tokens for value, tokens in parts) / weight, 3)
            _sort(result)
        return results, states

    def _read_batch(
        self,
        shape: tuple[int, int],
        group: list[Window],
        texts: Sequence[str],
        results: list[ReadText],
        stars: list[list[tuple[float, int]]],
        cuts: tuple[float, float],
    ) -> Encoded:
        ids = np.zeros(shape, dtype=np.int64)
        mask = np.zeros(shape, dtype=np.int64)
        mask[:, 0] = 1
        for row, window in enumerate(group):
            ids[row, : len(window.ids)] = window.ids
            mask[row, : len(window.ids)] = 1
        encoded: Encoded = self.network(torch.from_numpy(ids).to(self.device), torch.from_numpy(mask).to(self.device))
        sums = running_sums(encoded.tokens)
        lengths = mask.sum(1)
        aspect_p, phrase_p = self._span_probabilities(encoded, lengths)
        found: list[tuple[int, int, int, int, float]] = []  # row, start, end, type, confidence
        for row, window in enumerate(group):
            text = texts[window.text]
            for kind, scores in ((0, aspect_p), (1, phrase_p)):
                inner = scores[row, LEAD : lengths[row] - 1]
                for start, end, confidence in decode_spans(inner, window.offsets, text, cuts[kind]):
                    found.append((row, start + LEAD, end + LEAD, kind, confidence))
        self._sentences(sums, group, results, stars, lengths)
        if not found:
            return encoded
        table = torch.tensor([f[:4] for f in found], device=self.device)
        row_t, start_t, end_t, kind_t = table.unbind(1)
        means = means_between(sums, row_t, start_t, end_t)
        length_t = torch.from_numpy(lengths).to(self.device)[row_t]
        around = means_between(sums, row_t, *context_edges(length_t, start_t, end_t))
        polarity = by_blocks(self.network.polarity, means, around, kind_t).softmax(-1).cpu().numpy()
        links = self._links(found, means)
        places: dict[int, int] = {}
        for index, (row, start, end, kind, confidence) in enumerate(found):
            window, p = group[row], [round(float(value), 3) for value in polarity[index]]
            first, last = window.offsets[start - LEAD][0], window.offsets[end - LEAD - 1][1]
            span = FoundSpan(first, last, round(confidence, 3), (p[0], p[1], p[2]))
            result = results[window.text]
            if kind == 0:  # aspects of a row come before its phrases
                places[index] = len(result.aspects)
                result.aspects.append(span)
            else:
                result.phrases.append(span)
                result.links.append(places.get(links.get(index, -1), -1))
        return encoded

    def _span_probabilities(self, encoded: Encoded, lengths: Any) -> tuple[Any, Any]:
        """Return the probabilities (rows, length, WIDEST) that spans are aspects, that they are phrases."""
        both = Segments(
            torch.cat([encoded.aspects.outside, encoded.phrases.outside]),
            torch.cat([encoded.aspects.spans, encoded.phrases.spans]),
        )
        ends = torch.from_numpy(np.concatenate([lengths, lengths])).to(self.device)
        found = span_probabilities(both, text_places(ends, both.outside.shape[1])).cpu().numpy()
        return found[: len(lengths)], found[len(lengths) :]

    def _links(self, found: list[tuple[int, int, int, int, float]], means: Tensor) -> dict[int, int]:
        pairs = []
        by_row: dict[int, tuple[list[int], list[int]]] = {}
        for index, (row, _, _, kind, _) in enumerate(found):
            by_row.setdefault(row, ([], []))[kind].append(index)
        for aspects, phrases in by_row.values():
            pairs += [
                (a, p, found[a][1] - found[p][1])
                for p in phrases
                for a in aspects
                if abs(found[a][1] - found[p][1]) <= _LINK_REACH
            ]
        if not pairs:
            return {}
        a, p, distance = torch.tensor(pairs, device=self.device).unbind(1)
        scores = by_blocks(self.network.link, means[a], means[p], distance).sigmoid().cpu().numpy()
        best: dict[int, tuple[float, int]] = {}
        for (aspect, phrase, _), score in zip(pairs, scores, strict=True):
            if score > 0.5 and score > best.get(phrase, (0.0, -1))[0]:
                best[phrase] = (float(score), aspect)
        return {phrase: aspect for phrase, (_, aspect) in best.items()}

    def _sentences(
        self,
        sums: Tensor,
        group: list[Window],
        results: list[ReadText],
        stars: list[list[tuple[float, int]]],
        lengths: Any,
    ) -> None:
        table = [(row, a, b) for row, window in enumerate(group) for a, b, _, _ in window.sentences]
        row_t, start_t, end_t = torch.tensor(table, device=self.device).unbind(1)
        means = means_between(sums, row_t, start_t, end_t)
        scores = by_blocks(self.network.sentences, means).sigmoid().cpu().numpy()
        at = 0
        for window in group:
            for _, _, start, end in window.sentences:
                negative, positive, wish = (round(float(score), 3) for score in scores[at])
                results[window.text].sentences.append((start, end, negative, positive, wish))
                at += 1
        rows = torch.arange(len(group), device=self.device)
        ends = torch.from_numpy(lengths[: len(group)]).to(self.device) - 1
        whole = means_between(sums, rows, torch.ones_like(rows), ends)
        predicted = by_blocks(self.network.stars, whole).cpu().numpy()
        for window, value in zip(group, predicted, strict=True):
            stars[window.text].append((float(value), len(window.ids)))


def _keep(states: States, places: Sequence[int], group: Sequence[Window], encoded: Encoded) -> None:
    layers = [layer for layer in (encoded.first, encoded.middle, encoded.tokens) if layer is not None]
    joined = torch.cat([layer.to(torch.float16) for layer in layers], dim=-1).cpu()
    for row, (place, window) in enumerate(zip(places, group, strict=True)):
        states.put(place, joined[row, LEAD : LEAD + len(window.offsets)])


def _sort(result: ReadText) -> None:
    order = sorted(range(len(result.aspects)), key=lambda i: result.aspects[i].start)
    moved = {old: new for new, old in enumerate(order)}
    result.aspects = [result.aspects[i] for i in order]
    pairs = sorted(zip(result.phrases, result.links, strict=True), key=lambda pair: pair[0].start)
    result.phrases = [phrase for phrase, _ in pairs]
    result.links = [moved.get(link, -1) for _, link in pairs]
    result.sentences.sort()


@lru_cache(maxsize=2)
def load_reader(name: str = "opinions", device: str = "auto", precision: Precision = "auto") -> Reader:
    """Load trained weights by name or path.

    Raises:
        VocError: the folder is missing or its files do not fit one another; or cuda is asked for and absent.
    """
    from tokenizers import Tokenizer

    if device == "cuda" and not torch.cuda.is_available():
        raise VocError("No CUDA device can be used here; use --device cpu or --device auto.")
    folder = model_folder(name)
    try:
        config = json.loads((folder / "config.json").read_text())["encoder"]
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        tokenizer.no_padding()
        tokenizer.no_truncation()
        weights = load_file(folder / "model.safetensors")
        cuts = Cuts(**json.loads((folder / "config.json").read_text()).get("cuts", {}))
        network = OpinionNetwork(Bert(config), config["hidden_size"])
        network.load_state_dict({key: value.float() for key, value in weights.items()})
    except (OSError, KeyError, ValueError, RuntimeError, TypeError) as error:
        raise VocError(f"{folder}: the model cannot be loaded ({str(error).splitlines()[0]}).") from None
    return Reader(network, tokenizer, model_version(name), device, cuts, precision)
