"""Grouping of opinions: areas (product parts) and, under them, themes (the same trouble in many words)."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from voc.themes.areas import read_areas
    from voc.themes.find import Before, ThemesResult, find_themes
    from voc.themes.needs import find_needs
    from voc.themes.placing import as_read

__all__ = ["Before", "ThemesResult", "as_read", "find_needs", "find_themes", "read_areas"]

_HOMES = {"as_read": "placing", "find_needs": "needs", "read_areas": "areas"}


def __getattr__(name: str) -> object:
    # BERTopic and its company are loaded when themes are made, not when this room is imported.
    if name in __all__:
        return getattr(import_module(f"voc.themes.{_HOMES.get(name, 'find')}"), name)
    raise AttributeError(name)
