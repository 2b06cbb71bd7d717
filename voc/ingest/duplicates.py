"""Finds reviews that were read before: in the same file, in another one, or in the workspace."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa

__all__ = ["Deduplicator", "Kept", "Memory", "Offer", "Verdict", "kept_of", "text_keys", "word_count"]

#: From this many words on, nobody writes the same text by chance.
MIN_WORDS = 8
_WORD = re.compile(r"\w+")
#: What is no letter, digit or underscore in ASCII, as a space.
_GAPS = {code: " " for code in range(128) if not _WORD.match(chr(code))}
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


@dataclass(frozen=True)
class Offer:
    """What is compared of a review. `own_id`: the id came from the export and was not made from the contents."""

    review_id: str
    own_id: bool
    channel: str
    product_id: str | None
    product: str | None
    text: str
    body: str | None
    rating: float | None
    written_at: dt.datetime | None
    digest: str = ""


@dataclass(frozen=True)
class Verdict:
    """What becomes of an offered review.

    `duplicate`: it is not taken. Otherwise it is stored as `review_id`, and the earlier version at `replaces`
    (a position handed to `offer`, or -1 for a review of the workspace) gives way to it.
    """

    duplicate: bool
    review_id: str
    replaces: int | None = None


@dataclass(frozen=True)
class Kept:
    """What is remembered of a review that is kept: its text only as a digest, so that millions find room.

    `written_at` counts microseconds since 1970; `keys` are what copies of its text would share with it.
    """

    position: int
    text: bytes
    rating: float | None
    product_id: str | None
    product: str | None
    written_at: int | None
    keys: tuple[bytes, ...]


class Memory(Protocol):
    """Where a `Deduplicator` remembers the reviews that are kept, and whose text each key is."""

    def get(self, review_id: str) -> Kept | None:
        """Return what is remembered of a review."""

    def put(self, review_id: str, kept: Kept) -> None:
        """Remember a review, with its keys, in place of its earlier version."""

    def knows(self, key: bytes) -> bool:
        """Return whether a review that is kept has this key."""

    def drop(self, keys: Sequence[bytes]) -> None:
        """Forget keys."""


class Recall:
    """Remembers in the process's memory."""

    def __init__(self) -> None:
        self._kept: dict[str, Kept] = {}
        self._keys: set[bytes] = set()

    def get(self, review_id: str) -> Kept | None:
        """Return what is remembered of a review."""
        return self._kept.get(review_id)

    def put(self, review_id: str, kept: Kept) -> None:
        """Remember a review, with its keys, in place of its earlier version."""
        self._kept[review_id] = kept
        self._keys.update(kept.keys)

    def knows(self, key: bytes) -> bool:
        """Return whether a review that is kept has this key."""
        return key in self._keys

    def drop(self, keys: Sequence[bytes]) -> None:
        """Forget keys."""
        self._keys.difference_update(keys)


class Deduplicator:
    """Remembers every review that is kept and judges each new one against them, in the order they are offered.

    `existing` are rows of `reviews` that are kept already; `memory` is where to remember, by default here.
    """

    def __init__(self, existing: pa.Table | None = None, memory: Memory | None = None) -> None:
        self._memory: Memory = Recall() if memory is None else memory
        self.superseded: list[str] = []
        self.collisions = 0
        if existing is not None:
            columns = ["review_id", "channel", "product_id", "product", "text", "body", "rating", "written_at"]
            for batch in existing.select(columns).to_batches(max_chunksize=20_000):
                for row in batch.to_pylist():
                    self._remember(-1, Offer(own_id=True, **row))

    def offer(self, position: int, offer: Offer) -> Verdict:
        """Judge a review; `position` names it in the verdicts of later ones."""
        kept = self._memory.get(offer.review_id)
        if kept is not None and offer.own_id and not _same_content(kept, offer):
            if _other_product(kept, offer):
                # Two files that count their rows from 1 are not versions of each other.
                self.collisions += 1
                renamed = f"{offer.review_id}-{offer.digest[:8]}"
                return self.offer(position, Offer(**{**offer.__dict__, "review_id": renamed, "own_id": False}))
            return self._edit(position, kept, offer)
        if kept is not None:
            return Verdict(True, offer.review_id)
        keys = text_keys(offer)
        if any(self._memory.knows(key) for key in keys):
            return Verdict(True, offer.review_id)
        self._remember(position, offer, keys)
        return Verdict(False, offer.review_id)

    def _edit(self, position: int, kept: Kept, offer: Offer) -> Verdict:
        old, new = kept.written_at, _microseconds(offer.written_at)
        if old is not None and new is not None and new < old:
            return Verdict(True, offer.review_id)
        self._memory.drop(kept.keys)
        if kept.position == -1:
            self.superseded.append(offer.review_id)
        self._remember(position, offer)
        return Verdict(False, offer.review_id, kept.position)

    def _remember(self, position: int, offer: Offer, new: Sequence[bytes] | None = None) -> None:
        """Remember a review; `new` are its keys where it is known that nobody has them."""
        if new is None:
            new = [key for key in text_keys(offer) if not self._memory.knows(key)]
        self._memory.put(offer.review_id, kept_of(position, offer, tuple(new)))


def kept_of(position: int, offer: Offer, keys: tuple[bytes, ...]) -> Kept:
    """Return what is remembered of a review; `keys` are its own."""
    return Kept(
        position,
        _text_digest(offer),
        offer.rating,
        offer.product_id,
        offer.product,
        _microseconds(offer.written_at),
        keys,
    )


def _text_digest(offer: Offer) -> bytes:
    return hashlib.blake2b(offer.text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _microseconds(moment: dt.datetime | None) -> int | None:
    return None if moment is None else (moment - _EPOCH) // dt.timedelta(microseconds=1)


def _same_content(old: Kept, new: Offer) -> bool:
    same_rating = old.rating == new.rating or (
        old.rating is not None and new.rating is not None and abs(old.rating - new.rating) < 1e-4
    )
    return same_rating and old.text == _text_digest(new)


def _other_product(old: Kept, new: Offer) -> bool:
    """Both name a product, and neither its id nor its name is shared."""
    ids = (old.product_id, new.product_id)
    names = (old.product, new.product)
    known = all(ids) or all(names)
    same = (all(ids) and ids[0] == ids[1]) or (all(names) and _fold(names[0]) == _fold(names[1]))
    return known and not same


def _fold(text: str | None) -> str:
    return " ".join(_words((text or "").casefold()))


def _words(text: str) -> list[str]:
    # The same without a search through the text, which most of the time of judging went into.
    return text.translate(_GAPS).split() if text.isascii() else _WORD.findall(text)


def word_count(text: str) -> int:
    """Return the number of words; characters of scripts without spaces count as half a word each."""
    cjk = len(_CJK.findall(text))
    return len(_WORD.findall(_CJK.sub(" ", text) if cjk else text)) + cjk // 2


def text_keys(offer: Offer) -> Sequence[bytes]:
    """Return what two copies of one text on one product share: by product id, and by name across its variants."""
    # A copy may stand under another title.
    words = _long(offer.body) or _long(offer.text)
    if words is None:
        return ()
    keys = []
    if offer.product_id:
        keys.append(_key(offer.channel, "id", offer.product_id, words))
    if offer.product:
        keys.append(_key(offer.channel, "name", _fold(offer.product), words))
    return keys or [_key(offer.channel, "", "", words)]


def _long(text: str | None) -> str | None:
    """Return the words of a text that is long enough to tell."""
    if not text:
        return None
    if text.isascii():
        words = _words(text.casefold())
        return " ".join(words) if len(words) >= MIN_WORDS else None
    return _fold(text) if word_count(text) >= MIN_WORDS else None


def _key(*parts: str) -> bytes:
    return hashlib.blake2b("\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).digest()
