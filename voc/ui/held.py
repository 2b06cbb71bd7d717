"""What a server holds in memory of each workspace: its newest state, once for everybody who looks at it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass
class _Slot(Generic[T]):
    lock: threading.Lock = field(default_factory=threading.Lock)
    key: Hashable = None
    value: T | None = None


class Held(Generic[T]):
    """Keeps one value for each of a few places, made once though many ask for it at the same time.

    A value stays until its place is asked for under another key: it goes before the next one is made, so that two
    states of a large workspace never lie in memory together, but where somebody is still reading the older one.

    Args:
        places: how many are kept; the one that nobody has asked for longest goes first.
    """

    def __init__(self, places: int = 2) -> None:
        self._places = places
        self._slots: OrderedDict[Hashable, _Slot[T]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, place: Hashable, key: Hashable, make: Callable[[], T]) -> T:
        """Return the value of a place, making it where it is not there under this key."""
        with self._lock:
            slot = self._slots.setdefault(place, _Slot())
            self._slots.move_to_end(place)
            while len(self._slots) > self._places:
                self._slots.popitem(last=False)
        with slot.lock:
            if slot.value is None or slot.key != key:
                slot.value = None
                slot.value, slot.key = make(), key
            return slot.value

    def peek(self, place: Hashable, key: Hashable) -> T | None:
        """Return the value of a place if it is there under this key; nothing is made, and nothing goes for it."""
        with self._lock:
            slot = self._slots.get(place)
        if slot is None:
            return None
        with slot.lock:
            return slot.value if slot.key == key else None
