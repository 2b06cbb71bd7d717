"""Runs the opinion network over texts: windows, batches of fixed shape, decoded spans.

Texts are cut into windows at sentence ends, so nothing is truncated. Windows are padded to one of a few lengths and
batches to one size for each length: the arithmetic a window sees then never depends on what else is in its batch.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor

from voc.errors import VocError
from voc.extract.decoding import decode_spans
from voc.extract.fast import prepare
from voc.extract.network import STYLES, OpinionNetwork, context_means, span_means
from voc.extract.windows import LEAD, Window, cut_windows, shapes
from voc.resources import models_dir

_LINK_REACH = 40  # tokens between an aspect and its phrase


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
    sentences: list[tuple[int, int, float, float]] = field(default_factory=list)  # start, end, P(negative), P(positive)
    stars: float | None = None


class Reader:
    """Trained weights with their tokenizer, ready to read texts."""

    def __init__(self, network: OpinionNetwork, tokenizer: Any, version: str, device: str = "auto") -> None:
        if device == "auto":
            device = "cuda" if torch.cuda.is_available() else "cpu"
        self.device = torch.device(device)
        self.network = network.to(self.device).eval()
        self.network.encoder = prepare(network.encoder, self.device)
        self.tokenizer = tokenizer
        self.version = version

    def read(
        self, texts: Sequence[str], *, style: str = "review", progress: Callable[[int], None] | None = None
    ) -> list[ReadText]:
        """Read texts; results come in their order. `progress` is told how many windows are done."""
        results = [ReadText() for _ in texts]
        stars: list[list[tuple[float, int]]] = [[] for _ in texts]
        windows = cut_windows(texts, self.tokenizer, STYLES[style])
        done = 0
        with torch.inference_mode():
            for rows, length, places in shapes([len(window.ids) for window in windows]):
                group = [windows[place] for place in places]
                self._read_batch((rows, length), group, texts, results, stars)
                done += len(group)
                if progress:
                    progress(done)
        for result, parts in zip(results, stars, strict=True):
            weight = sum(tokens for _, tokens in parts)
            if weight:
                result.stars = round(sum(value * tokens for value, tokens in parts) / weight, 3)
            _sort(result)
        return results

    def _read_batch(
        self,
        shape: tuple[int, int],
        group: list[Window],
        texts: Sequence[str],
        results: list[ReadText],
        stars: list[list[tuple[float, int]]],
    ) -> None:
        ids = np.zeros(shape, dtype=np.int64)
        mask = np.zeros(shape, dtype=np.int64)
        mask[:, 0] = 1
        for row, window in enumerate(group):
            ids[row, : len(window.ids)] = window.ids
            mask[row, : len(window.ids)] = 1
        encoded = self.network(torch.from_numpy(ids).to(self.device), torch.from_numpy(mask).to(self.device))
        tokens = encoded.tokens.float()
        aspect_p = encoded.aspect_tags.float().softmax(-1).cpu().numpy()
        phrase_p = encoded.phrase_tags.float().softmax(-1).cpu().numpy()
        lengths = mask.sum(1)
        found: list[tuple[int, int, int, int, float]] = []  # row, start, end, type, confidence
        for row, window in enumerate(group):
            text = texts[window.text]
            for kind, scores in ((0, aspect_p), (1, phrase_p)):
                inner = scores[row, LEAD : lengths[row] - 1]
                for start, end, confidence in decode_spans(inner, window.offsets, text):
                    found.append((row, start + LEAD, end + LEAD, kind, confidence))
        self._sentences(tokens, group, results, stars, lengths)
        if not found:
            return
        table = torch.tensor([f[:4] for f in found], device=self.device)
        row_t, start_t, end_t, kind_t = table.unbind(1)
        means = span_means(tokens, row_t, start_t, end_t)
        length_t = torch.from_numpy(lengths).to(self.device)[row_t]
        around = context_means(tokens, length_t, row_t, start_t, end_t)
        polarity = self.network.polarity(means, around, kind_t).softmax(-1).cpu().numpy()
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
        scores = self.network.link(means[a], means[p], distance).sigmoid().cpu().numpy()
        best: dict[int, tuple[float, int]] = {}
        for (aspect, phrase, _), score in zip(pairs, scores, strict=True):
            if score > 0.5 and score > best.get(phrase, (0.0, -1))[0]:
                best[phrase] = (float(score), aspect)
        return {phrase: aspect for phrase, (_, aspect) in best.items()}

    def _sentences(
        self,
        tokens: Tensor,
        group: list[Window],
        results: list[ReadText],
        stars: list[list[tuple[float, int]]],
        lengths: Any,
    ) -> None:
        table = [(row, a, b) for row, window in enumerate(group) for a, b, _, _ in window.sentences]
        row_t, start_t, end_t = torch.tensor(table, device=self.device).unbind(1)
        scores = self.network.sentences(span_means(tokens, row_t, start_t, end_t)).sigmoid().cpu().numpy()
        at = 0
        for window in group:
            for _, _, start, end in window.sentences:
                negative, positive = scores[at]
                results[window.text].sentences.append(
                    (start, end, round(float(negative), 3), round(float(positive), 3))
                )
                at += 1
        rows = torch.arange(len(group), device=self.device)
        ends = torch.from_numpy(lengths[: len(group)]).to(self.device) - 1
        predicted = self.network.stars(span_means(tokens, rows, torch.ones_like(rows), ends)).cpu().numpy()
        for window, value in zip(group, predicted, strict=True):
            stars[window.text].append((float(value), len(window.ids)))


def _sort(result: ReadText) -> None:
    order = sorted(range(len(result.aspects)), key=lambda i: result.aspects[i].start)
    moved = {old: new for new, old in enumerate(order)}
    result.aspects = [result.aspects[i] for i in order]
    pairs = sorted(zip(result.phrases, result.links, strict=True), key=lambda pair: pair[0].start)
    result.phrases = [phrase for phrase, _ in pairs]
    result.links = [moved.get(link, -1) for _, link in pairs]
    result.sentences.sort()


def model_folder(name: str) -> Path:
    """Return the folder of a shipped model by name, or of a path.

    Raises:
        VocError: there is neither.
    """
    for folder in (models_dir() / name, Path(name)):
        if (folder / "model.safetensors").is_file():
            return folder
    raise VocError(
        f"There is no model {name!r}; name a folder with model.safetensors under [model] opinions in voc.toml."
    )


@lru_cache(maxsize=2)
def load_reader(name: str = "opinions", device: str = "auto") -> Reader:
    """Load trained weights by name or path.

    Raises:
        VocError: the folder is missing or its files do not fit one another; or cuda is asked for and absent.
    """
    from tokenizers import Tokenizer
    from transformers import BertConfig, BertModel

    if device == "cuda" and not torch.cuda.is_available():
        raise VocError("No CUDA device can be used here; use --device cpu or --device auto.")
    folder = model_folder(name)
    try:
        config = BertConfig(**json.loads((folder / "config.json").read_text())["encoder"])
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        tokenizer.no_padding()
        tokenizer.no_truncation()
        weights = load_file(folder / "model.safetensors")
        network = OpinionNetwork(BertModel(config, add_pooling_layer=False), config.hidden_size)
        network.load_state_dict({key: value.float() for key, value in weights.items()})
    except (OSError, KeyError, ValueError, RuntimeError) as error:
        raise VocError(f"{folder}: the model cannot be loaded ({str(error).splitlines()[0]}).") from None
    digest = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()[:12]
    return Reader(network, tokenizer, f"{Path(name).name}-{digest}", device)
