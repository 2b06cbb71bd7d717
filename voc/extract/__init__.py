"""Reading of reviews: which parts they name, what they say of them, how it is meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from voc.extract.mentions import Extracted, extract, predict_opinions

__all__ = ["Extracted", "extract", "predict_opinions"]


def __getattr__(name: str) -> object:
    # torch and spaCy are loaded when reviews are read, not when this room is imported.
    if name in __all__:
        from voc.extract import mentions

        return getattr(mentions, name)
    raise AttributeError(name)
