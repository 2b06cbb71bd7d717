"""Reads single cells of texts, names and codes, cleaned and without personal data."""

from __future__ import annotations

import re

from voc.ingest.clean import clean_text
from voc.ingest.mask import mask_personal
from voc.ingest.values import is_missing

__all__ = ["read_channel", "read_language", "read_short", "read_text"]

_CHANNELS = frozenset({"review", "return", "ticket", "survey", "app"})


def read_text(cell: str | None) -> str | None:
    """Return what a customer wrote, or null where there is nothing."""
    if cell is None or is_missing(cell):
        return None
    return mask_personal(clean_text(cell)) or None


def read_short(cell: str | None) -> str | None:
    """Return a name or code in one line, or null where there is nothing."""
    if cell is None or is_missing(cell):
        return None
    return " ".join(mask_personal(_plain(cell)).split()) or None


def _plain(cell: str) -> str:
    return cell.strip() if cell.isascii() and "&" not in cell and "<" not in cell else clean_text(cell)


def read_language(cell: str | None) -> str | None:
    """Return the ISO 639-1 code of "en", "EN" or "en-US"; null where there is none."""
    match = re.fullmatch(r"([A-Za-z]{2})(?:[-_][A-Za-z]+)?", (cell or "").strip())
    return match.group(1).lower() if match else None


def read_channel(cell: str | None) -> str | None:
    """Return the channel that a cell names, in the singular or the plural; null where it names none."""
    folded = (cell or "").strip().casefold().removesuffix("s")
    return folded if folded in _CHANNELS else None
