"""The training loop: several heads at once, a checkpoint each epoch, the best dev epoch kept."""

from __future__ import annotations

import json
import math
import os
import random
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn import functional

from voc.extract.encoder import load_encoder
from voc.extract.network import OpinionNetwork, context_means, span_means
from voc.extract.training.batches import IGNORED, Batch, collate, encode, epoch_batches
from voc.extract.training.gold import SOURCES, Corpus, Example


@dataclass(frozen=True)
class Recipe:
    """Settings of a training run; kept beside the weights as `train.json`."""

    seed: int = 1
    epochs: int = 5
    tokens_per_batch: int = 2048
    encoder_rate: float = 1e-4
    head_rate: float = 1e-3
    weight_decay: float = 0.01
    warm_up: float = 0.06
    stars_per_epoch: int = 3000
    leave_out: tuple[str, ...] = ()
    weight_polarity: float = 0.5
    weight_link: float = 0.3
    weight_sentence: float = 0.5
    weight_stars: float = 0.15
    label_smoothing: float = 0.03


def batch_loss(network: OpinionNetwork, batch: Batch, recipe: Recipe) -> Tensor:
    """Sum the weighted losses of all heads over one batch."""
    encoded = network(batch.ids, batch.mask)
    tokens = encoded.tokens

    def tag_loss(scores: Tensor, tags: Tensor) -> Tensor:
        if not (tags != IGNORED).any():
            nothing: Tensor = tokens.new_zeros(())
            return nothing
        flat = scores.float().flatten(0, 1)
        loss: Tensor = functional.cross_entropy(
            flat, tags.flatten(), ignore_index=IGNORED, label_smoothing=recipe.label_smoothing
        )
        return loss

    loss: Tensor = tag_loss(encoded.aspect_tags, batch.aspect_tags) + tag_loss(encoded.phrase_tags, batch.phrase_tags)
    if len(batch.spans):
        row, start, end, kind, polarity = batch.spans.unbind(1)
        means = span_means(tokens, row, start, end)
        around = context_means(tokens, batch.mask.sum(1)[row], row, start, end)
        loss = loss + recipe.weight_polarity * functional.cross_entropy(
            network.polarity(means, around, kind).float(), polarity, label_smoothing=recipe.label_smoothing
        )
    if len(batch.links):
        row, a0, a1, p0, p1, linked = batch.links.unbind(1)
        scores = network.link(span_means(tokens, row, a0, a1), span_means(tokens, row, p0, p1), a0 - p0)
        loss = loss + recipe.weight_link * functional.binary_cross_entropy_with_logits(scores.float(), linked.float())
    if len(batch.sentences):
        row, start, end, negative, positive = batch.sentences.unbind(1)
        scores = network.sentences(span_means(tokens, row, start, end))
        wanted = torch.stack([negative, positive], 1).float()
        loss = loss + recipe.weight_sentence * functional.binary_cross_entropy_with_logits(scores.float(), wanted)
    if len(batch.stars):
        row = batch.stars[:, 0].long()
        length = batch.mask.sum(1)[row]
        means = span_means(tokens, row, torch.ones_like(row), length - 1)
        loss = loss + recipe.weight_stars * functional.mse_loss(network.stars(means).float(), batch.stars[:, 1])
    return loss


def run(
    corpus: Corpus,
    folder: Path,
    recipe: Recipe,
    *,
    score: Callable[[OpinionNetwork, Any], dict[str, float]],
    log: Callable[[str], None],
    resume: bool = False,
) -> Path:
    """Train and return the file of the best epoch's weights.

    `score` reads the dev sets and returns figures, `mean` among them, by which the best epoch is chosen. After each
    epoch the whole state is put into `folder` by one rename, so that `resume` goes on after a kill.
    """
    torch.manual_seed(recipe.seed)
    # Adam's moments of words that stay away fade into denormal numbers, which slow a step down eightfold on a CPU.
    torch.set_flush_denormal(True)
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer, encoder = load_encoder()
    backend = tokenizer.backend_tokenizer
    backend.no_padding()
    backend.no_truncation()
    network = OpinionNetwork(encoder, encoder.config.hidden_size)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    network.to(device)
    heads = [p for n, p in network.named_parameters() if not n.startswith("encoder.")]
    optimiser = torch.optim.AdamW(
        [
            {"params": list(network.encoder.parameters()), "lr": recipe.encoder_rate},
            {"params": heads, "lr": recipe.head_rate},
        ],
        weight_decay=recipe.weight_decay,
    )
    steps = max(
        1,
        len(
            list(
                epoch_batches(_draw(corpus, recipe, 0), backend, tokens=recipe.tokens_per_batch, seed=0, augment=False)
            )
        ),
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, _slope(steps * recipe.epochs, recipe.warm_up))
    first, best = 0, -math.inf
    state_file, best_file = folder / "state.pt", folder / "best.safetensors"
    if resume and state_file.exists():
        state = torch.load(state_file, weights_only=True)
        network.load_state_dict(state["network"])
        optimiser.load_state_dict(state["optimiser"])
        schedule.load_state_dict(state["schedule"])
        first, best = state["epoch"], state["best"]
        log(f"resuming after epoch {first}")
    (folder / "train.json").write_text(json.dumps(asdict(recipe), indent=1) + "\n")
    for epoch in range(first, recipe.epochs):
        network.train()
        began, total, count = time.monotonic(), 0.0, 0
        examples = _draw(corpus, recipe, epoch)
        for batch in epoch_batches(
            examples, backend, tokens=recipe.tokens_per_batch, seed=recipe.seed * 1000 + epoch, augment=True
        ):
            moved = Batch(**{name: value.to(device) for name, value in vars(batch).items()})
            with torch.autocast(device.type, dtype=torch.bfloat16):
                loss = batch_loss(network, moved, recipe)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            total, count = total + float(loss.detach()), count + 1
            if count % 50 == 0:
                log(f"epoch {epoch + 1} step {count}/{steps} loss {total / count:.3f} {time.monotonic() - began:.0f} s")
        network.eval()
        figures = score(network, backend)
        log(
            f"epoch {epoch + 1}: loss {total / max(count, 1):.3f}, {time.monotonic() - began:.0f} s, "
            + ", ".join(f"{k} {v:.4f}" for k, v in figures.items())
        )
        if figures["mean"] > best:
            best = figures["mean"]
            _replace(best_file, lambda path: save_file(_tensors(network), path))
        state = {
            "network": network.state_dict(),
            "optimiser": optimiser.state_dict(),
            "schedule": schedule.state_dict(),
            "epoch": epoch + 1,
            "best": best,
        }
        _replace(state_file, lambda path, state=state: torch.save(state, path))  # type: ignore[misc]
    network.load_state_dict(load_file(best_file))
    return best_file


def _draw(corpus: Corpus, recipe: Recipe, epoch: int) -> list[Example]:
    chance = random.Random(f"{recipe.seed}-{epoch}")
    examples: list[Example] = []
    for source in SOURCES:
        rows = corpus.train.get(source.stem, [])
        examples.extend(rows if source.share >= 1 else chance.sample(rows, int(len(rows) * source.share)))
    stars = chance.sample(corpus.stars, min(recipe.stars_per_epoch, len(corpus.stars)))
    return examples + stars


def _slope(total: int, warm_up: float) -> Callable[[int], float]:
    rise = max(1, int(total * warm_up))
    return lambda step: min((step + 1) / rise, max(0.0, (total - step) / max(1, total - rise)))


def _tensors(network: OpinionNetwork) -> dict[str, Tensor]:
    return {name: value.detach().cpu().contiguous() for name, value in network.state_dict().items()}


def _replace(path: Path, write: Callable[[str], object]) -> None:
    temporary = path.with_name(path.name + ".partial")
    write(str(temporary))
    os.replace(temporary, path)


def quick_scores(examples: list[Example], network: OpinionNetwork, tokenizer: Any) -> dict[str, float]:
    """Token-span F1 of both tag heads and accuracy of the polarity head on gold spans, for choosing an epoch."""
    counts = {"aspect": [0, 0, 0], "phrase": [0, 0, 0]}
    right = seen = 0
    items = [item for item in (encode(e, tokenizer) for e in examples) if item]
    items.sort(key=lambda item: len(item.ids))
    device = next(network.parameters()).device
    with torch.inference_mode(), torch.autocast(device.type, dtype=torch.bfloat16):
        for begin in range(0, len(items), 32):
            batch = collate(items[begin : begin + 32])
            encoded = network(batch.ids.to(device), batch.mask.to(device))
            for name, scores, gold in (
                ("aspect", encoded.aspect_tags, batch.aspect_tags),
                ("phrase", encoded.phrase_tags, batch.phrase_tags),
            ):
                found = scores.argmax(-1).cpu()
                for row in range(len(gold)):
                    if name == "phrase" and (gold[row] == IGNORED).all():
                        continue
                    valid = (batch.mask[row] == 1).sum() - 1
                    wanted = set(tag_spans(gold[row, 2:valid].tolist()))
                    given = set(tag_spans(found[row, 2:valid].tolist()))
                    counts[name][0] += len(wanted & given)
                    counts[name][1] += len(given)
                    counts[name][2] += len(wanted)
            if len(batch.spans):
                rows, start, end, kind, polarity = batch.spans.to(device).unbind(1)
                around = context_means(encoded.tokens, batch.mask.to(device).sum(1)[rows], rows, start, end)
                guess = network.polarity(span_means(encoded.tokens, rows, start, end), around, kind).argmax(-1)
                right, seen = right + int((guess == polarity).sum()), seen + len(guess)
    result = {name: 2 * hit / max(1, given + wanted) for name, (hit, given, wanted) in counts.items()}
    result["polarity"] = right / max(1, seen)
    return result


def tag_spans(tags: list[int]) -> list[tuple[int, int]]:
    """Return the half-open spans that tags mark; an INSIDE without a BEGIN before it begins a span."""
    spans: list[tuple[int, int]] = []
    start = -1
    for index, tag in enumerate([*tags, 0]):
        if start >= 0 and tag != 2:
            spans.append((start, index))
            start = -1
        if tag == 1 or (tag == 2 and start < 0):
            start = index
    return spans
