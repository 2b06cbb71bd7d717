"""Masked language modelling on reviews (Devlin et al. 2019; Gururangan et al. 2020), with their stars beside it.

A sentence encoder such as all-MiniLM-L6-v2 has forgotten much of what single tokens mean in their place; guessing
hidden words of reviews teaches it that again, in the words of customers, and guessing the stars what they feel.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from pydantic import BaseModel
from torch import Tensor, nn
from torch.nn import functional

from voc.extract.encoder import load_encoder
from voc.extract.network import fast_encode, span_means
from voc.extract.training.checkpoint import load_state, save_state, save_tensors, slope, start_or_resume
from voc.extract.training.lean import lean_dropout
from voc.extract.training.unlabelled import Text, read_texts
from voc.extract.windows import LEAD

_IGNORED = -100


class Pretraining(BaseModel, frozen=True, extra="forbid"):
    """Settings of the stage; `epochs` 0 leaves it out."""

    epochs: int = 3
    tokens_per_batch: int = 4096
    rate: float = 3e-4
    weight_decay: float = 0.01
    warm_up: float = 0.05
    masked: float = 0.2
    weight_stars: float = 0.3
    checkpoint_steps: int = 200
    seed: int = 1


class MaskedReviews(nn.Module):
    """An encoder with the head that guesses hidden words, tied to its word embeddings, and one that guesses stars."""

    def __init__(self, encoder: Any, hidden: int, words: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.dense = nn.Linear(hidden, hidden)
        self.norm = nn.LayerNorm(hidden, eps=1e-12)
        self.bias = nn.Parameter(torch.zeros(words))
        self.stars = nn.Linear(hidden, 1)

    def losses(self, ids: Tensor, mask: Tensor, wanted: Tensor, stars: Tensor) -> tuple[Tensor, Tensor]:
        """Return the mean cross entropy of hidden words and the mean squared error of known stars.

        `ids`, `mask` and `wanted` have the shape (batch, length); `wanted` is the hidden word's id or -100, `stars`
        (batch,) is NaN where unknown.
        """
        tokens = fast_encode(self.encoder, ids, mask)
        places = wanted != _IGNORED
        states = self.norm(functional.gelu(self.dense(tokens[places].float())))
        weight = self.encoder.get_input_embeddings().weight
        scores = functional.linear(states.to(tokens.dtype), weight.to(tokens.dtype)).float() + self.bias
        words = functional.cross_entropy(scores, wanted[places])
        known = ~stars.isnan()
        rows = torch.arange(len(ids), device=ids.device)[known]
        if not len(rows):
            return words, words.new_zeros(())
        means = span_means(tokens, rows, torch.ones_like(rows), mask.sum(1)[rows] - 1)
        guess = 3.0 + 2.0 * torch.tanh(self.stars(means).squeeze(-1))
        return words, functional.mse_loss(guess, stars[known])


def pretrain(
    data: Path, folder: Path, settings: Pretraining, *, log: Callable[[str], None], resume: bool = False
) -> Path:
    """Train on the unlabelled reviews under `data` and return the file of the encoder's weights.

    The state is put into `folder` every `checkpoint_steps` by one rename; with `resume` a killed run goes on there.
    """
    done = folder / "encoder.safetensors"
    start_or_resume(folder, {"pretraining": settings.model_dump()}, resume)
    if done.exists():
        log("pretraining: done before")
        return done
    torch.manual_seed(settings.seed)
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer, encoder = load_encoder("default", attention="eager")
    backend = tokenizer.backend_tokenizer
    backend.no_padding()
    backend.no_truncation()
    texts = read_texts(data, backend)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    lean_dropout(encoder)
    network = MaskedReviews(encoder, encoder.config.hidden_size, encoder.config.vocab_size).to(device).train()
    optimiser = torch.optim.AdamW(
        network.parameters(), lr=settings.rate, weight_decay=settings.weight_decay, fused=True
    )
    epochs = [batches(texts, settings, epoch) for epoch in range(settings.epochs)]
    steps = sum(len(epoch) for epoch in epochs)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, slope(steps, settings.warm_up))
    state_file = folder / "pretrain.pt"
    first = 0
    if state_file.exists():
        first = load_state(state_file, network, optimiser, schedule)["step"]
        log(f"pretraining: resuming after step {first}")
    log(f"pretraining: {len(texts):,} stretches of text, {sum(len(t.ids) for t in texts):,} tokens, {steps} steps")
    began, total, total_stars = time.monotonic(), 0.0, 0.0
    for step, group in enumerate(batch for epoch in epochs for batch in epoch):
        if step < first:
            continue
        ids, mask, wanted, stars = (
            value.to(device) for value in hide([texts[i] for i in group], backend, settings, step)
        )
        words, rating = network.losses(ids, mask, wanted, stars)
        loss = words + settings.weight_stars * rating
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        total, total_stars = total + float(words.detach()), total_stars + float(rating.detach())
        if (step + 1) % settings.checkpoint_steps == 0 or step + 1 == steps:
            count = settings.checkpoint_steps
            log(
                f"pretraining: step {step + 1}/{steps} words {total / count:.3f} stars {total_stars / count:.3f} "
                f"{time.monotonic() - began:.0f} s"
            )
            total = total_stars = 0.0
            save_state(state_file, network, optimiser, schedule, step=step + 1)
    save_tensors(done, encoder)
    state_file.unlink(missing_ok=True)
    return done


def batches(texts: Sequence[Text], settings: Pretraining, epoch: int) -> list[list[int]]:
    """Group the places of texts of like length into batches of about `tokens_per_batch`, in shuffled order."""
    chance = random.Random(f"{settings.seed}-{epoch}")
    order = sorted(range(len(texts)), key=lambda i: len(texts[i].ids) + 8 * chance.random())
    groups: list[list[int]] = [[]]
    for place in order:
        if groups[-1] and len(texts[place].ids) * (len(groups[-1]) + 1) > settings.tokens_per_batch:
            groups.append([])
        groups[-1].append(place)
    chance.shuffle(groups)
    return groups


def hide(texts: Sequence[Text], tokenizer: Any, settings: Pretraining, step: int) -> tuple[Tensor, ...]:
    """Pad texts and hide whole words of them: four of five behind [MASK], one of ten behind another word.

    Returns ids, mask, wanted ids (-100 where nothing is hidden), each (batch, length), and stars (batch,).
    """
    chance = random.Random(f"{settings.seed}-{step}-hide")
    blank, size = tokenizer.token_to_id("[MASK]"), tokenizer.get_vocab_size()
    width = max(len(text.ids) for text in texts)
    ids = torch.zeros(len(texts), width, dtype=torch.long)
    mask = torch.zeros_like(ids)
    wanted = torch.full_like(ids, _IGNORED)
    for row, text in enumerate(texts):
        ids[row, : len(text.ids)] = torch.tensor(text.ids)
        mask[row, : len(text.ids)] = 1
        for start, end in _words(text.ids, tokenizer):
            if chance.random() >= settings.masked:
                continue
            draw = chance.random()
            for place in range(start, end):
                wanted[row, place] = text.ids[place]
                if draw < 0.8:
                    ids[row, place] = blank
                elif draw < 0.9:
                    ids[row, place] = chance.randrange(1000, size)
    if not (wanted != _IGNORED).any():  # a batch of tiny texts
        wanted[0, LEAD] = ids[0, LEAD]
    known = [float("nan") if text.stars is None else text.stars for text in texts]
    return ids, mask, wanted, torch.tensor(known, dtype=torch.float)


def _words(ids: Sequence[int], tokenizer: Any) -> Iterator[tuple[int, int]]:
    """Yield the spans of whole words among the tokens between the lead and [SEP]."""
    start = LEAD
    for place in range(LEAD + 1, len(ids)):
        if place == len(ids) - 1 or not _continues(tokenizer, ids[place]):
            yield start, place
            start = place


def _continues(tokenizer: Any, token: int) -> bool:
    known = _CONTINUES.get(token)
    if known is None:
        known = _CONTINUES[token] = tokenizer.id_to_token(token).startswith("##")
    return known


_CONTINUES: dict[int, bool] = {}
