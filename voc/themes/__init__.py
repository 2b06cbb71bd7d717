"""Grouping of opinions: areas (product parts) and, under them, themes (the same trouble in many words)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from voc.themes.find import Previous, ThemesResult, find_themes

__all__ = ["Previous", "ThemesResult", "find_themes"]


def __getattr__(name: str) -> object:
    # BERTopic and its company are loaded when themes are made, not when this room is imported.
    if name in __all__:
        from voc.themes import find

        return getattr(find, name)
    raise AttributeError(name)
