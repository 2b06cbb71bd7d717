"""Files on the server that may be analysed by their path: only those under folders that were named at the start."""

from __future__ import annotations

import os
from pathlib import Path

from voc.errors import VocError
from voc.ui.launch import DATA_VARIABLE

#: Files that one path may stand for.
MAX_FILES = 200


def folders() -> list[Path]:
    """Return the folders whose files may be analysed; none where nobody named one."""
    named = os.environ.get(DATA_VARIABLE, "")
    return [Path(one).resolve() for one in named.split(os.pathsep) if one]


def find(typed: str) -> list[Path]:
    """Return the files that a path stands for: the file, or the exports in a folder.

    Links are followed first: what counts is where a file really lies.

    Raises:
        VocError: it lies outside the folders, is not there, or stands for too many files.
    """
    from voc.ingest.files import SUFFIXES

    roots = folders()
    if "\0" in typed or not roots:
        raise VocError("No file can be given by its path here; upload it instead.")
    given = Path(typed.strip())
    tried = [given] if given.is_absolute() else [root / given for root in roots]
    # Said of everything alike, so that nobody learns what lies elsewhere.
    missing = VocError(f"There is no such file in {', '.join(str(root) for root in roots)}; check the path.")
    for one in tried:
        try:
            place = one.resolve(strict=True)
        except (OSError, RuntimeError, ValueError):
            continue
        if not _inside(place, roots):
            continue
        if place.is_file():
            return [place]
        if place.is_dir():
            listed = sorted(path for path in place.iterdir() if path.suffix.lower() in SUFFIXES)
            found = [path.resolve() for path in listed if path.is_file() and not path.name.startswith(".")]
            found = [path for path in dict.fromkeys(found) if _inside(path, roots)]
            if len(found) > MAX_FILES:
                raise VocError(f"{given}: this folder holds more than {MAX_FILES} exports; name a file in it.")
            if not found:
                raise VocError(f"{given}: this folder holds no export (CSV, TSV, JSON, JSON Lines, Parquet, XLSX).")
            return found
    raise missing


def _inside(place: Path, roots: list[Path]) -> bool:
    return any(place.is_relative_to(root) for root in roots)
