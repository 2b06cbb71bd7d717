"""Finds reviews that were read before: in the same file, in another one, or in the workspace."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import pyarrow as pa

__all__ = ["Deduplicator", "Offer", "Verdict", "word_count"]

#: From this many words on, nobody writes the same text by chance.
MIN_WORDS = 8
_WORD = re.compile(r"\w+")
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


@dataclass
class _Kept:
    position: int
    offer: Offer
    keys: list[tuple[str, ...]] = field(default_factory=list)


class Deduplicator:
    """Remembers every review that is kept and judges each new one against them, in the order they are offered."""

    def __init__(self, existing: pa.Table | None = None) -> None:
        self._kept: dict[str, _Kept] = {}
        self._texts: dict[tuple[str, ...], str] = {}
        self.superseded: list[str] = []
        self.collisions = 0
        if existing is not None:
            columns = ["review_id", "channel", "product_id", "product", "text", "body", "rating", "written_at"]
            for batch in existing.select(columns).to_batches(max_chunksize=20_000):
                for row in batch.to_pylist():
                    self._remember(-1, Offer(own_id=True, **row))

    def offer(self, position: int, offer: Offer) -> Verdict:
        """Judge a review; `position` names it in the verdicts of later ones."""
        kept = self._kept.get(offer.review_id)
        if kept is not None and offer.own_id and not _same_content(kept.offer, offer):
            if _other_product(kept.offer, offer):
                # Two files that count their rows from 1 are not versions of each other.
                self.collisions += 1
                renamed = f"{offer.review_id}-{offer.digest[:8]}"
                return self.offer(position, Offer(**{**offer.__dict__, "review_id": renamed, "own_id": False}))
            return self._edit(position, kept, offer)
        if kept is not None:
            return Verdict(True, offer.review_id)
        if any(key in self._texts for key in _text_keys(offer)):
            return Verdict(True, offer.review_id)
        self._remember(position, offer)
        return Verdict(False, offer.review_id)

    def _edit(self, position: int, kept: _Kept, offer: Offer) -> Verdict:
        old, new = kept.offer.written_at, offer.written_at
        if old is not None and new is not None and new < old:
            return Verdict(True, offer.review_id)
        for key in kept.keys:
            self._texts.pop(key, None)
        if kept.position == -1:
            self.superseded.append(offer.review_id)
        self._remember(position, offer)
        return Verdict(False, offer.review_id, kept.position)

    def _remember(self, position: int, offer: Offer) -> None:
        keys = [key for key in _text_keys(offer) if key not in self._texts]
        for key in keys:
            self._texts[key] = offer.review_id
        self._kept[offer.review_id] = _Kept(position, offer, keys)


def _same_content(old: Offer, new: Offer) -> bool:
    same_rating = old.rating == new.rating or (
        old.rating is not None and new.rating is not None and abs(old.rating - new.rating) < 1e-4
    )
    return old.text == new.text and same_rating


def _other_product(old: Offer, new: Offer) -> bool:
    """Both name a product, and neither its id nor its name is shared."""
    ids = (old.product_id, new.product_id)
    names = (old.product, new.product)
    known = all(ids) or all(names)
    same = (all(ids) and ids[0] == ids[1]) or (all(names) and _fold(names[0]) == _fold(names[1]))
    return known and not same


def _fold(text: str | None) -> str:
    return " ".join(_WORD.findall((text or "").casefold()))


def word_count(text: str) -> int:
    """Return the number of words; characters of scripts without spaces count as half a word each."""
    cjk = len(_CJK.findall(text))
    return len(_WORD.findall(_CJK.sub(" ", text) if cjk else text)) + cjk // 2


def _text_keys(offer: Offer) -> Sequence[tuple[str, ...]]:
    """Return what two copies of one text on one product share: by product id, and by name across its variants."""
    # A copy may stand under another title.
    text = next((t for t in (offer.body, offer.text) if t and word_count(t) >= MIN_WORDS), None)
    if text is None:
        return ()
    digest = hashlib.blake2b(_fold(text).encode(), digest_size=16).hexdigest()
    keys = []
    if offer.product_id:
        keys.append((offer.channel, "id", offer.product_id, digest))
    if offer.product:
        keys.append((offer.channel, "name", _fold(offer.product), digest))
    return keys or [(offer.channel, "", "", digest)]
