"""Grouping of opinions: areas (product parts) and, under them, themes (the same trouble in many words)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from voc.themes.find import Before, ThemesResult, find_themes
    from voc.themes.placing import as_read

__all__ = ["Before", "ThemesResult", "as_read", "find_themes"]


def __getattr__(name: str) -> object:
    # BERTopic and its company are loaded when themes are made, not when this room is imported.
    if name in __all__:
        from voc.themes import find, placing

        return getattr(placing if name == "as_read" else find, name)
    raise AttributeError(name)
