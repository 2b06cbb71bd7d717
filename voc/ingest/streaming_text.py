"""Decodes a text of any size piece by piece, and finds out on the way how it has to be decoded."""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from voc.errors import VocError
from voc.ingest.encoding import Decoding, decoding_of_head, detect, whole_and_broken
from voc.ingest.streaming_bytes import Content, read_exactly
from voc.ingest.streaming_places import UnreachableError

__all__ = ["BLOCK", "Text"]

#: Bytes of a text that are decoded at once.
BLOCK = 4 * 1024**2
_HEAD = 2 * 1024**2


class Text:
    """A text that is gone through several times.

    After it was gone through once, `settled` says whether it was decoded rightly; if not, it is to be gone through
    again. `damage` says why the text ends before its end. `size` and `digest` are of its bytes.
    """

    def __init__(self, content: Content) -> None:
        self._content = content
        self._head = content.head(_HEAD)
        self.name = content.name
        self.decoding: Decoding = decoding_of_head(self._head)
        self.notes: list[str] = list(content.notes)
        self.settled = False
        self.size = self.read = 0
        self.digest: Any = None
        self.damage: VocError | None = None

    def head(self, characters: int) -> str:
        """Return the beginning of the text."""
        return self._head.decode(self.decoding.codec, errors="replace")[:characters]

    def pieces(self) -> Iterator[str]:
        """Yield the text; every time the same pieces."""
        codec = self.decoding.codec
        decoder = codecs.getincrementaldecoder(codec)(errors="replace")
        utf8 = codec.startswith("utf-8")
        digest = hashlib.sha256()
        size = whole = broken = replaced = 0
        self.damage = None
        with self._content.open() as stream:
            while True:
                try:
                    block = read_exactly(stream, BLOCK)
                except UnreachableError:
                    raise
                except VocError as error:
                    self.damage = error
                    block = b""
                pending = decoder.getstate()[0] if utf8 else b""
                text = decoder.decode(block, final=not block)
                self.read = size = size + len(block)
                if not self.settled:
                    digest.update(block)
                    if not block.isascii() or "\ufffd" in text:
                        # Exactly the bytes of this text: a character may lie across two blocks.
                        taken = pending + block
                        taken = taken[: len(taken) - len(decoder.getstate()[0])] if utf8 else block
                        marks = text.count("\ufffd")
                        literal = taken.count("\ufffd".encode()) if utf8 else 0
                        replaced += marks - literal
                        if utf8 and marks > literal:
                            good, bad = whole_and_broken(taken)
                            whole, broken = whole + good, broken + bad
                        elif utf8:
                            whole, broken = whole + _lead_bytes(taken), broken + marks
                if text:
                    yield text
                if not block:
                    break
        if not self.settled:
            self._settle(codec, digest, size, whole, broken, replaced)

    def _settle(self, codec: str, digest: Any, size: int, whole: int, broken: int, replaced: int) -> None:
        """Decide whether the text was decoded rightly, as `voc.ingest.encoding.decode` does."""
        self.digest, self.size = digest, size
        decoding = self.decoding
        if codec == "utf-8" and not decoding.marked and replaced and whole <= 10 * broken:
            self.decoding = detect(self._head)
            return
        self.settled = True
        self.notes = [*self._content.notes, *decoding.notes]
        if replaced:
            self.notes.append(
                f"characters that could not be decoded as {decoding.shown} and were dropped: {replaced:,}"
            )


def _lead_bytes(block: bytes) -> int:
    values = np.frombuffer(block, dtype=np.uint8)
    return int(np.count_nonzero((values >= 0xC3) & (values <= 0xF4) & (values != 0xE0)))
