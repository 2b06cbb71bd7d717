"""The meaning head: learns to say from the token states of one pass what the base sentence encoder says of the words.

Training for tags spoils an encoder's sense of what is alike; the base encoder still has it. Its vector of a string
("battery", "battery dies within an hour", a sentence) is what the head is to give for the same words where they stand
in a review. The encoder stays as it is; only the head learns. Targets are the base vectors on their main axes, so that
their likeness (cosine) is kept.

Then mentions: of what extraction finds at a labelled opinion the head is to give the vector that the base encoder
gives to the words that people marked there. Where extraction missed the part ("it drains fast"), or took it for a piece
of the phrase, what stands around tells what the mention is about.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import BaseModel
from torch.nn import functional

from voc.extract.describe import gather, mean_of
from voc.extract.encoder import load_encoder
from voc.extract.fast import prepare
from voc.extract.meaning import MEANING_DIM, PART_WEIGHTS
from voc.extract.opinions import Draft, draft_opinions
from voc.extract.reader import Reader
from voc.extract.sentences import nearest_place
from voc.extract.training.gold import Example, Opinion
from voc.extract.training.likeness import fit
from voc.extract.windows import shapes

Floats = NDArray[np.float32]
_LONGEST = 64  # tokens of a string that are encoded


class Meaning(BaseModel, frozen=True, extra="forbid"):
    """Settings of the stage."""

    texts: int = 24_000
    epochs: int = 8
    rate: float = 1e-3
    rows_per_batch: int = 512
    #: Of the part that learns from labelled opinions, and the share of its inputs that is left out at each step.
    mention_epochs: int = 10
    mention_rows_per_batch: int = 256
    mention_dropout: float = 0.2


def base_vectors(strings: Sequence[str]) -> Floats:
    """Return the unit vectors (n, 384) that the base encoder gives to strings."""
    wrapped, network = load_encoder()
    tokenizer = wrapped.backend_tokenizer
    tokenizer.no_padding()
    tokenizer.no_truncation()
    network = prepare(network, torch.device("cpu"))
    distinct = sorted(set(strings))
    encoded = tokenizer.encode_batch(distinct)
    vectors = np.zeros((len(distinct), network.config.hidden_size), dtype=np.float32)
    sizes = [min(len(item.ids), _LONGEST) for item in encoded]
    with torch.inference_mode():
        for rows, length, group in shapes(sizes):
            ids, mask = np.zeros((rows, length), dtype=np.int64), np.zeros((rows, length), dtype=np.int64)
            mask[:, 0] = 1
            for row, index in enumerate(group):
                kept = encoded[index].ids[: sizes[index]]
                ids[row, : len(kept)], mask[row, : len(kept)] = kept, 1
            attention = torch.from_numpy(mask)
            hidden = network(input_ids=torch.from_numpy(ids), attention_mask=attention).last_hidden_state
            weights = attention.unsqueeze(-1).float()
            pooled = (hidden.float() * weights).sum(1) / weights.sum(1)
            vectors[group] = functional.normalize(pooled, dim=-1)[: len(group)].numpy()
    places = {string: index for index, string in enumerate(distinct)}
    picked: Floats = vectors[[places[string] for string in strings]]
    return picked


def examples(reader: Reader, texts: Sequence[str], *, seed: int, chunk: int = 1000) -> tuple[Any, list[str]]:
    """Return mean states (n, width) in half precision of spans in texts, and the words of each.

    Spans are those of the opinions found: aspect, aspect with phrase, sentence; and some aspects and pairs once more as
    texts of their own, as areas are compared by.
    """
    chance = random.Random(seed)
    features: list[NDArray[np.float16]] = []
    words: list[str] = []

    def take(part: Sequence[str], tables: list[list[tuple[int, int, int]]], named: list[str]) -> None:
        states = reader.read_with_states(part)[1]
        total, count = np.zeros((len(named), states.layers.shape[1]), dtype=np.float32), np.zeros(len(named), np.int64)
        for table in tables:
            owner, start, end = np.array(table, dtype=np.int64).reshape(-1, 3).T
            sums, counts = states.sums(owner, start, end)
            total, count = total + sums, count + counts
        features.append(mean_of(total, count).astype(np.float16))
        words.extend(named)

    for begin in range(0, len(texts), chunk):
        part = list(texts[begin : begin + chunk])
        first: list[tuple[int, int, int]] = []
        second: list[tuple[int, int, int]] = []
        named: list[str] = []
        alone: list[str] = []
        for index, (text, reading) in enumerate(zip(part, reader.read(part), strict=True)):
            for draft in draft_opinions(text, reading):
                aspect = text[slice(*draft.aspect)] if draft.aspect else ""
                phrase = text[slice(*draft.phrase)] if draft.phrase else ""
                spans: list[tuple[tuple[int, int] | None, tuple[int, int] | None, str]] = [
                    (draft.sentence, None, text[slice(*draft.sentence)])
                ]
                if aspect:
                    spans.append((draft.aspect, None, aspect))
                if phrase:
                    spans.append((draft.aspect or (-1, -1), draft.phrase, f"{aspect} {phrase}".strip()))
                    if chance.random() < 0.2:
                        alone.append(f"{aspect} {phrase}".strip())
                elif aspect and chance.random() < 0.2:
                    alone.append(aspect)
                for one, other, said in spans:
                    first.append((index, *(one or (-1, -1))))
                    second.append((index, *(other or (-1, -1))))
                    named.append(said)
        take(part, [first, second], named)
        take(alone, [[(i, 0, 1 << 39) for i in range(len(alone))]], alone)
    return np.concatenate(features), words


def learn_words(
    reader: Reader, texts: Sequence[str], settings: Meaning, *, seed: int, log: Callable[[str], None]
) -> tuple[dict[str, float], Floats]:
    """Train the part of the reader's meaning head that reads words.

    Returns the mean cosine with the base vectors on spans held out, and the axes (MEANING_DIM, 384) of the space.
    """
    began = time.monotonic()
    chance = random.Random(seed)
    chosen = list(texts)
    chance.shuffle(chosen)
    inputs, words = examples(reader, chosen[: settings.texts], seed=seed)
    log(f"meaning: {len(words):,} spans, {time.monotonic() - began:.0f} s")
    targets = base_vectors(words)
    # The main axes of all vectors; their first one is kept, since what is common to all tells unlike from like too.
    axes = np.linalg.svd(targets[:: max(1, len(targets) // 20_000)], full_matrices=False)[2][:MEANING_DIM]
    axes = np.pad(axes, ((0, MEANING_DIM - len(axes)), (0, 0)))  # few texts have few axes
    log(f"meaning: targets made, {time.monotonic() - began:.0f} s")
    head = reader.network.meaning
    figure = fit(
        head.words,
        [*head.words_hidden.parameters(), *head.words_out.parameters()],
        inputs,
        torch.from_numpy(targets @ axes.T),
        epochs=settings.epochs,
        rate=settings.rate,
        rows_per_batch=settings.rows_per_batch,
        seed=seed,
        log=log,
    )
    return {"cosine": figure, "spans": float(len(words))}, axes


def learn_mentions(
    reader: Reader,
    labelled: Sequence[Example],
    axes: Floats,
    settings: Meaning,
    *,
    seed: int,
    log: Callable[[str], None],
) -> dict[str, float]:
    """Train the part of the reader's meaning head that reads mentions, on labelled opinions and what was found there.

    Returns the mean cosine with the wanted vectors on mentions held out.
    """
    began = time.monotonic()
    inputs, marked = found_and_marked(reader, labelled)
    if not marked:
        return {}
    wanted = sum(
        weight * base_vectors([words[place] for words in marked]) * np.array([[bool(words[place])] for words in marked])
        for place, weight in enumerate(PART_WEIGHTS[:3])
    )
    log(f"meaning: {len(marked):,} mentions, {time.monotonic() - began:.0f} s")
    head = reader.network.meaning
    figure = fit(
        lambda rows: head.mentions(rows, settings.mention_dropout),
        [*head.parts.parameters(), *head.mention_hidden.parameters(), *head.mention_out.parameters()],
        inputs,
        torch.from_numpy(np.asarray(wanted @ axes.T, dtype=np.float32)),
        epochs=settings.mention_epochs,
        rate=settings.rate,
        rows_per_batch=settings.mention_rows_per_batch,
        seed=seed,
        log=log,
        measure=head.mentions,
    )
    return {"mention_cosine": figure, "mentions": float(len(marked))}


def found_and_marked(
    reader: Reader, labelled: Sequence[Example], *, chunk: int = 1000
) -> tuple[NDArray[np.float16], list[tuple[str, str, str]]]:
    """Return what the meaning head reads of the mentions found at labelled opinions, and the words marked there.

    The words are those of the aspect (may be empty), of aspect and phrase, and of the sentence.
    """
    features: list[NDArray[np.float16]] = []
    marked: list[tuple[str, str, str]] = []
    for begin in range(0, len(labelled), chunk):
        part = labelled[begin : begin + chunk]
        readings, states = reader.read_with_states([example.text for example in part])
        spans = []
        for index, (example, reading) in enumerate(zip(part, readings, strict=True)):
            text = example.text
            drafts = draft_opinions(text, reading)
            for opinion in example.opinions:
                draft = nearest(opinion, drafts)
                if draft is None:
                    continue
                aspect, phrase = (text[slice(*span)] if span else "" for span in (opinion.aspect, opinion.phrase))
                pair = f"{aspect} {phrase}".strip()
                spans.append(draft.spans(index, text))
                marked.append((aspect, pair, text[slice(*draft.sentence)]))
        if spans:
            features.append(gather(reader.network, states, spans, reader.device)[1].astype(np.float16))
    return np.concatenate(features) if features else np.zeros((0, 0), dtype=np.float16), marked


def nearest(opinion: Opinion, drafts: Sequence[Draft]) -> Draft | None:
    """Take the draft whose own words overlap the opinion's most, else the one whose clause does."""
    place = nearest_place(opinion.aspect, opinion.phrase, [(d.aspect, d.phrase, d.clause) for d in drafts])
    return None if place is None else drafts[place]


def learn_meaning(
    folder: Path,
    texts: Sequence[str],
    labelled: Sequence[Example],
    settings: Meaning,
    *,
    seed: int,
    log: Callable[[str], None],
) -> dict[str, float]:
    """Train the meaning head of the model in `folder`, on texts and on labelled opinions, and write it back."""
    from safetensors.torch import load_file, save_file

    from voc.extract.folder import WEIGHTS
    from voc.extract.reader import load_reader
    from voc.extract.training.checkpoint import replace

    load_reader.cache_clear()
    reader = load_reader(str(folder), "cpu")
    for parameter in reader.network.parameters():
        parameter.requires_grad_(False)
    for parameter in reader.network.meaning.parameters():
        parameter.requires_grad_(True)
    figures, axes = learn_words(reader, texts, settings, seed=seed, log=log)
    figures |= learn_mentions(reader, labelled, axes, settings, seed=seed, log=log)
    tensors = load_file(folder / WEIGHTS)
    for name, value in reader.network.state_dict().items():
        if name.startswith("meaning."):
            tensors[name] = value.half().contiguous()
    replace(folder / WEIGHTS, lambda path: save_file(tensors, path))
    load_reader.cache_clear()
    return figures
