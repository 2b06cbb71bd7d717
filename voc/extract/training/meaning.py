"""The meaning head: learns to say from the token states of one pass what the base sentence encoder says of the words.

Training for tags spoils an encoder's sense of what is alike; the base encoder still has it. Its vector of a string
("battery", "battery dies within an hour", a sentence) is what the head is to give for the same words where they stand
in a review. The encoder stays as it is; only the head learns. Targets are the base vectors on their main axes, so that
their likeness (cosine) is kept.
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

from voc.extract.describe import mean_of
from voc.extract.encoder import load_encoder
from voc.extract.fast import prepare
from voc.extract.network import MEANING_DIM
from voc.extract.opinions import draft_opinions
from voc.extract.reader import Reader
from voc.extract.windows import shapes

Floats = NDArray[np.float32]
_LONGEST = 64  # tokens of a string that are encoded


class Meaning(BaseModel, frozen=True, extra="forbid"):
    """Settings of the stage."""

    texts: int = 24_000
    epochs: int = 8
    rate: float = 1e-3
    rows_per_batch: int = 512


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


def learn(
    reader: Reader, texts: Sequence[str], settings: Meaning, *, seed: int, log: Callable[[str], None]
) -> dict[str, float]:
    """Train the reader's meaning head on texts and return the mean cosine with the base vectors on those held out."""
    began = time.monotonic()
    chance = random.Random(seed)
    chosen = list(texts)
    chance.shuffle(chosen)
    inputs, words = examples(reader, chosen[: settings.texts], seed=seed)
    log(f"meaning: {len(words):,} spans, {time.monotonic() - began:.0f} s")
    targets = base_vectors(words)
    # The main axes of all vectors; their first one is kept, since what is common to all tells unlike from like too.
    axes = np.linalg.svd(targets[:: max(1, len(targets) // 20_000)], full_matrices=False)[2][:MEANING_DIM]
    wanted = torch.from_numpy(np.ascontiguousarray(targets @ axes.T))
    wanted = functional.pad(wanted, (0, MEANING_DIM - len(axes)))  # few texts have few axes
    log(f"meaning: targets made, {time.monotonic() - began:.0f} s")
    held = torch.arange(len(words)) % 20 == 0
    rows = torch.arange(len(words))[~held]
    network = reader.network
    parameters = [*network.meaning_hidden.parameters(), *network.meaning_out.parameters()]
    for parameter in network.parameters():
        parameter.requires_grad_(False)
    for parameter in parameters:
        parameter.requires_grad_(True)
    torch.manual_seed(seed)
    optimiser = torch.optim.AdamW(parameters, lr=settings.rate, weight_decay=0.01, fused=True)
    steps = settings.epochs * -(-len(rows) // settings.rows_per_batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, settings.rate, total_steps=steps + 1)

    def apply(places: torch.Tensor) -> torch.Tensor:
        return network.meaning(torch.from_numpy(inputs[places.numpy()].astype(np.float32)))

    figure = 0.0
    for epoch in range(settings.epochs):
        for places in torch.split(rows[torch.randperm(len(rows))], settings.rows_per_batch):
            vectors = apply(places)
            target = wanted[places]
            # Likeness to the target, and the likeness of the batch's vectors to one another.
            near = 1 - functional.cosine_similarity(vectors, target).mean()
            unit, goal = functional.normalize(vectors, dim=-1), functional.normalize(target, dim=-1)
            loss = near + 5 * functional.mse_loss(unit @ unit.T, goal @ goal.T)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            schedule.step()
        with torch.inference_mode():
            found = torch.cat([apply(part) for part in torch.split(torch.arange(len(words))[held], 4096)])
            figure = float(functional.cosine_similarity(found, wanted[held]).mean())
        log(f"meaning: epoch {epoch + 1}, cosine on held-out spans {figure:.3f}, {time.monotonic() - began:.0f} s")
    return {"cosine": figure, "spans": float(len(words))}


def learn_meaning(
    folder: Path, texts: Sequence[str], settings: Meaning, *, seed: int, log: Callable[[str], None]
) -> dict[str, float]:
    """Train the meaning head of the model in `folder` and write it back."""
    from safetensors.torch import load_file, save_file

    from voc.extract.folder import WEIGHTS
    from voc.extract.reader import load_reader
    from voc.extract.training.checkpoint import replace

    load_reader.cache_clear()
    reader = load_reader(str(folder), "cpu")
    figures = learn(reader, texts, settings, seed=seed, log=log)
    tensors = load_file(folder / WEIGHTS)
    for name, value in reader.network.state_dict().items():
        if name.startswith("meaning_"):
            tensors[name] = value.half().contiguous()
    replace(folder / WEIGHTS, lambda path: save_file(tensors, path))
    load_reader.cache_clear()
    return figures
