"""States of a training run on disk: put there by one rename, so that a kill leaves the last one whole."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import nn

from voc.errors import VocError


def slope(total: int, warm_up: float) -> Callable[[int], float]:
    """Return the factor of the learning rate by step: rising over the share `warm_up` of `total`, then falling to 0."""
    rise = max(1, int(total * warm_up))
    return lambda step: min((step + 1) / rise, max(0.0, (total - step) / max(1, total - rise)))


def save_state(path: Path, network: nn.Module, optimiser: Any, schedule: Any, **further: Any) -> None:
    """Write everything that a run needs to go on as if it had not stopped, its random numbers included."""
    state = {
        "network": network.state_dict(),
        "optimiser": optimiser.state_dict(),
        "schedule": schedule.state_dict(),
        "random": torch.get_rng_state(),
        **further,
    }
    replace(path, lambda target: torch.save(state, target))


def load_state(path: Path, network: nn.Module, optimiser: Any, schedule: Any) -> dict[str, Any]:
    """Put a saved state back and return what else was saved with it."""
    state: dict[str, Any] = torch.load(path, weights_only=True, map_location="cpu")
    network.load_state_dict(state.pop("network"))
    optimiser.load_state_dict(state.pop("optimiser"))
    schedule.load_state_dict(state.pop("schedule"))
    torch.set_rng_state(state.pop("random"))
    return state


def start_or_resume(folder: Path, settings: Mapping[str, Any], resume: bool) -> None:
    """Make ready the folder of a stage: empty it for a new run, or see that it holds a run of the same settings.

    Raises:
        VocError: the run under way in it was begun with other settings.
    """
    folder.mkdir(parents=True, exist_ok=True)
    note = folder / "settings.json"
    if not resume:
        for file in folder.iterdir():
            if file.is_file():
                file.unlink()
    written = json.dumps(settings, indent=1, sort_keys=True) + "\n"
    if note.exists() and note.read_text() != written:
        raise VocError(f"{folder}: this run was begun with other settings; leave out --resume to begin anew.")
    replace(note, lambda target: Path(target).write_text(written))


def save_tensors(path: Path, module: nn.Module) -> None:
    """Write a module's weights as safetensors."""
    tensors = {name: value.detach().cpu().contiguous() for name, value in module.state_dict().items()}
    replace(path, lambda target: save_file(tensors, target))


def replace(path: Path, write: Callable[[str], object]) -> None:
    """Let `write` fill a file beside `path`, then put it in its place by one rename."""
    temporary = path.with_name(path.name + ".partial")
    write(str(temporary))
    temporary.chmod(0o644)  # safetensors files are made for their owner alone
    os.replace(temporary, path)
