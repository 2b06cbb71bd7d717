"""The training loop of one seed: several heads at once, a checkpoint each epoch, the best dev epoch kept."""

from __future__ import annotations

import json
import math
import random
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from pydantic import BaseModel
from torch import Tensor

from voc.extract.network import OpinionNetwork
from voc.extract.training.batches import Item, epoch_batches
from voc.extract.training.checkpoint import load_state, replace, save_state, save_tensors, slope, start_or_resume
from voc.extract.training.corpus import Corpus
from voc.extract.training.gold import SOURCES, Example
from voc.extract.training.lean import lean_dropout
from voc.extract.training.losses import Weights, batch_loss


class Finetuning(BaseModel, frozen=True, extra="forbid"):
    """Settings of the stage that learns from labels."""

    epochs: int = 10
    tokens_per_batch: int = 2048
    encoder_rate: float = 1e-4
    head_rate: float = 1e-3
    weight_decay: float = 0.01
    warm_up: float = 0.06
    dropout: float = 0.1
    #: Each step the weights that are kept move by this share towards those that are trained.
    averaging: float = 0.002
    #: After so many epochs the word embeddings stay as they are: a step that need not move half of all weights is
    #: an eighth cheaper.
    words_learn_epochs: int = 2
    stars_per_epoch: int = 2000
    requests_per_epoch: int = 1000
    weights: Weights = Weights()


def finetune(
    corpus: Corpus,
    folder: Path,
    settings: Finetuning,
    seed: int,
    encoder: Any,
    tokenizer: Any,
    *,
    score: Callable[[OpinionNetwork, Any], dict[str, float]],
    log: Callable[[str], None],
    origin: Mapping[str, Any],
    taught: Sequence[Item] = (),
    taught_per_epoch: int = 0,
    resume: bool = False,
) -> Path:
    """Train and return the file of the best epoch's weights; `folder`/scores.json holds its figures.

    `score` reads the dev sets and returns figures, `mean` among them, by which the best epoch is chosen. After each
    epoch the whole state is put into `folder` by one rename, so that `resume` goes on after a kill. `origin` says what
    else the result depends on: a state of another origin is not gone on with. Of `taught`, texts that other models have
    read, `taught_per_epoch` are seen in each epoch beside those of the corpus.

    Raises:
        VocError: `folder` holds a run of other settings or another origin.
    """
    torch.manual_seed(seed)
    start_or_resume(folder, {"finetuning": settings.model_dump(), "seed": seed, **origin}, resume)
    lean_dropout(encoder, settings.dropout)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    network = OpinionNetwork(encoder, encoder.config.hidden_size, settings.dropout).to(device)
    heads = [p for n, p in network.named_parameters() if not n.startswith("encoder.")]
    optimiser = torch.optim.AdamW(
        [
            {"params": list(network.encoder.parameters()), "lr": settings.encoder_rate},
            {"params": heads, "lr": settings.head_rate},
        ],
        weight_decay=settings.weight_decay,
        fused=True,
    )

    def batches(epoch: int, augment: bool) -> Any:
        chance = random.Random(f"{seed}-{epoch}-taught")
        return epoch_batches(
            draw(corpus, settings, f"{seed}-{epoch}"),
            tokenizer,
            tokens=settings.tokens_per_batch,
            seed=seed * 1000 + epoch,
            augment=augment,
            taught=chance.sample(list(taught), min(taught_per_epoch, len(taught))),
        )

    steps = max(1, sum(1 for _ in batches(0, augment=False)))
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, slope(steps * settings.epochs, settings.warm_up))
    average = Average(network, settings.averaging)
    first, best = 0, -math.inf
    state_file, best_file = folder / "state.pt", folder / "best.safetensors"
    if state_file.exists():
        state = load_state(state_file, network, optimiser, schedule)
        first, best = state["epoch"], state["best"]
        average.load(state["average"], state["taken"])
        log(f"resuming after epoch {first}")
    for epoch in range(first, settings.epochs):
        network.train()
        network.encoder.get_input_embeddings().weight.requires_grad_(epoch < settings.words_learn_epochs)
        began, total, count = time.monotonic(), 0.0, 0
        for batch in batches(epoch, augment=True):
            loss = batch_loss(network, batch.to(device), settings.weights)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            average.step()
            total, count = total + float(loss.detach()), count + 1
            if count % 50 == 0:
                log(f"epoch {epoch + 1} step {count}/{steps} loss {total / count:.3f} {time.monotonic() - began:.0f} s")
        network.eval()
        with average.applied():
            figures = score(network, tokenizer)
            log(
                f"epoch {epoch + 1}: loss {total / max(count, 1):.3f}, {time.monotonic() - began:.0f} s, "
                + ", ".join(f"{k} {v:.4f}" for k, v in figures.items())
            )
            if figures["mean"] > best:
                best = figures["mean"]
                save_tensors(best_file, network)
                written = json.dumps({"epoch": epoch + 1, **figures}, indent=1)
                replace(folder / "scores.json", lambda path, text=written: Path(path).write_text(text + "\n"))  # type: ignore[misc]
        further = {"epoch": epoch + 1, "best": best, "average": average.values, "taken": average.taken}
        save_state(state_file, network, optimiser, schedule, **further)
    return best_file


class Average:
    """A moving average of a network's weights (Polyak and Juditsky 1992): steadier than the last step's."""

    def __init__(self, network: OpinionNetwork, share: float, every: int = 4) -> None:
        self.parameters = list(network.parameters())
        self.values = [p.detach().clone() for p in self.parameters]
        self.share, self.every, self.taken = share * every, every, 0

    def step(self) -> None:
        """Take note of a training step."""
        self.taken += 1
        if self.taken % self.every == 0:
            # At first the average follows closely: what it began with is no result of training.
            share = max(self.share, 1 / (1 + self.taken / self.every))
            torch._foreach_lerp_(self.values, [p.detach() for p in self.parameters], share)

    def load(self, values: list[Tensor], taken: int) -> None:
        """Go on from saved values after so many steps."""
        self.values = [value.to(p.device) for value, p in zip(values, self.parameters, strict=True)]
        self.taken = taken

    def applied(self) -> _Applied:
        """Return a context in which the network has the averaged weights."""
        return _Applied(self)


class _Applied:
    def __init__(self, average: Average) -> None:
        self.average = average

    def __enter__(self) -> None:
        self.trained = [p.detach().clone() for p in self.average.parameters]
        self._put(self.average.values)

    def __exit__(self, *error: object) -> None:
        self._put(self.trained)

    def _put(self, values: list[Tensor]) -> None:
        with torch.no_grad():
            for parameter, value in zip(self.average.parameters, values, strict=True):
                parameter.copy_(value)


def draw(corpus: Corpus, settings: Finetuning, seed: str) -> list[Example]:
    """Draw the examples of one epoch: each set's share, all our own labels, some stars and app reviews."""
    chance = random.Random(seed)
    examples: list[Example] = []
    for source in SOURCES:
        rows = corpus.train.get(source.stem, [])
        times, part = divmod(source.share, 1)
        examples.extend(rows * int(times) + chance.sample(rows, int(len(rows) * part)))
    for name in ("mentions", "said", "wishes"):
        examples.extend(corpus.train.get(name, []))
    for rows, most in (
        (corpus.train.get("requests", []), settings.requests_per_epoch),
        (corpus.stars, settings.stars_per_epoch),
    ):
        examples.extend(chance.sample(rows, min(most, len(rows))))
    return examples
