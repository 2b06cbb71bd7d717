"""Makes Altair quick enough to draw a page of charts anew at each click."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from altair.utils import schemapi


class _Table(schemapi._FromDict):
    """Altair's table of its classes by their schemas; Altair makes it anew for each channel given as a string."""

    _kept: dict[int, list[Any]] = {}  # noqa: RUF012 - one for all, as the classes are

    def __init__(self, wrapper_classes: Iterable[type[schemapi.SchemaBase]], /) -> None:
        if not _Table._kept:
            super().__init__(wrapper_classes)
            _Table._kept = self.class_dict
        self.class_dict = _Table._kept


def quicken() -> None:
    """Let Altair make the table once, and check a chart as a whole instead of each of its parts as well."""
    schemapi._FromDict = _Table  # type: ignore[misc]
    schemapi.disable_debug_mode()
