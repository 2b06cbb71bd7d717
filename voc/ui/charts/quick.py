"""Makes Altair quick enough to draw a page of charts anew at each click."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from altair.utils import core, schemapi

_wrap = core._ChannelCache._wrap_in_channel


class _Table(schemapi._FromDict):
    """Altair's table of its classes by their schemas; Altair makes it anew for each channel given as a string."""

    _kept: dict[int, list[Any]] = {}  # noqa: RUF012 - one for all, as the classes are

    def __init__(self, wrapper_classes: Iterable[type[schemapi.SchemaBase]], /) -> None:
        if not _Table._kept:
            super().__init__(wrapper_classes)
            _Table._kept = self.class_dict
        self.class_dict = _Table._kept


def _channel(self: core._ChannelCache, given: Any, encoding: str, /) -> Any:
    """Return the object of a channel; Altair tries a value against all its schemas, which takes 4 ms a condition."""
    channel = self.name_to_channel.get(encoding, {})
    if isinstance(given, dict) and "value" in channel and "value" in given and given.keys() <= {"value", "condition"}:
        return channel["value"](**given)
    return _wrap(self, given, encoding)


def quicken() -> None:
    """Let Altair make the table once, take values as they are, and check a chart as a whole, not its parts as well."""
    schemapi._FromDict = _Table  # type: ignore[misc]
    core._ChannelCache._wrap_in_channel = _channel  # type: ignore[method-assign]
    schemapi.disable_debug_mode()
