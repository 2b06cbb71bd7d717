"""Folders of trained weights, and what tells one version of them from another; loads neither torch nor spaCy."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from voc.errors import VocError
from voc.resources import models_dir

WEIGHTS = "model.safetensors"


def model_folder(name: str) -> Path:
    """Return the folder of a shipped model by name, or of a path.

    Raises:
        VocError: there is neither.
    """
    for folder in (models_dir() / name, Path(name)):
        if (folder / WEIGHTS).is_file():
            return folder
    raise VocError(f"There is no model {name!r}; name a folder with {WEIGHTS} under [model] opinions in voc.toml.")


def model_version(name: str) -> str:
    """Return the name of a model and the beginning of a hash of its files, as `model_version` in the tables says it.

    Raises:
        VocError: there is no such model.
    """
    folder = model_folder(name)
    # The configuration holds the cuts: another one reads otherwise with the same weights.
    files = tuple(file for file in (folder / WEIGHTS, folder / "config.json") if file.is_file())
    return f"{Path(name).name}-{_digest(files, tuple(file.stat().st_mtime_ns for file in files))}"


@lru_cache(maxsize=4)
def _digest(files: tuple[Path, ...], changed: tuple[int, ...]) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]
