"""Turns the bytes of a text export into text: by byte order mark, strict UTF-8, else by a detector."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

__all__ = ["Decoded", "Decoding", "decode", "decoding_of_head", "detect", "whole_and_broken", "whole_characters"]

# UTF-32 before UTF-16, whose little-endian mark is a prefix of the other's.
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SHOWN = {"utf-8-sig": "UTF-8 with BOM", "utf-8": "UTF-8", "utf-16": "UTF-16", "utf-32": "UTF-32"}
# What shops and spreadsheets write; the detector's full list finds exotic cousins in short samples.
_CANDIDATES = [
    "cp1252",
    "cp1250",
    "cp1251",
    "cp1253",
    "cp1254",
    "cp1255",
    "cp1256",
    "cp932",
    "gb18030",
    "big5",
    "cp949",
]
_WESTERN = {"cp1250", "cp1252", "cp1254", "latin_1", "iso8859_15"}
_SAMPLE = 64 * 1024


@dataclass(frozen=True)
class Decoded:
    """Text, the name of its encoding for the user, and what was noticed."""

    text: str
    encoding: str
    notes: list[str]


@dataclass(frozen=True)
class Decoding:
    """How bytes become text: codec, its name for the user, what is to be said, and whether a mark in them names it."""

    codec: str
    shown: str
    notes: list[str]
    marked: bool = False


def decoding_of_head(head: bytes) -> Decoding:
    """Return how a text is decoded as far as its beginning tells; UTF-8 may turn out to be something else later on."""
    for mark, codec in _BOMS:
        if head.startswith(mark):
            return Decoding(codec, _SHOWN[codec], [], marked=True)
    wide = _utf16_without_mark(head)
    return Decoding(wide, "UTF-16 without BOM", [], marked=True) if wide else Decoding("utf-8", "UTF-8", [])


def detect(head: bytes) -> Decoding:
    """Return how a text that is not UTF-8 is decoded, by its beginning."""
    codec = _detect(head)
    return Decoding(codec, codec, [f"the file is not UTF-8; it was read as {codec}"], marked=True)


def decode(data: bytes) -> Decoded:
    """Decode `data`; bytes that do not fit are replaced and counted in the notes, never an error."""
    decoding = decoding_of_head(data)
    if not decoding.marked:
        try:
            return Decoded(data.decode("utf-8"), "UTF-8", [])
        except UnicodeDecodeError:
            whole, broken = whole_and_broken(data)
            # Broken ones are few where UTF-8 was cut or patched somewhere.
            if whole <= 10 * broken:
                decoding = detect(data)
    decoded = _lenient(data, decoding.codec, decoding.shown)
    return Decoded(decoded.text, decoded.encoding, [*decoding.notes, *decoded.notes])


def whole_characters(data: bytes) -> bytes:
    """Return the beginning of a text without the part of a character that it may end with."""
    if b"\0" in data[:_SAMPLE]:
        # UTF-16 or UTF-32: whole units.
        return data[: len(data) // 4 * 4]
    end = max(data.rfind(b"\n"), data.rfind(b"\r")) + 1
    return data[:end] or data


def _lenient(data: bytes, codec: str, shown: str) -> Decoded:
    try:
        return Decoded(data.decode(codec), shown, [])
    except UnicodeDecodeError:
        before = data.count("\ufffd".encode()) if codec.startswith("utf-8") else 0
        text = data.decode(codec, errors="replace")
        broken = text.count("\ufffd") - before
        return Decoded(text, shown, [f"characters that could not be decoded as {shown} and were dropped: {broken:,}"])


def _utf16_without_mark(data: bytes) -> str | None:
    """Western text in UTF-16 has a zero in every second byte."""
    sample = data[:_SAMPLE]
    if len(sample) < 8 or len(data) % 2:
        return None
    half = len(sample) // 2
    even = sample[0::2].count(0) / half
    odd = sample[1::2].count(0) / half
    if odd > 0.4 and even < 0.05:
        return "utf-16-le"
    return "utf-16-be" if even > 0.4 and odd < 0.05 else None


def whole_and_broken(data: bytes) -> tuple[int, int]:
    """Return how many characters of several bytes are whole UTF-8, and how many are broken."""
    whole = len(re.findall(rb"[\xc3-\xdf][\x80-\xbf]|[\xe1-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}", data))
    return whole, data.decode("utf-8", errors="replace").count("\ufffd")


def _detect(data: bytes) -> str:
    from charset_normalizer import from_bytes

    # Only lines with a byte above ASCII say anything about the encoding.
    telling = [line for line in data[: 32 * _SAMPLE].splitlines() if any(byte > 127 for byte in line)]
    sample = b"\n".join(telling)[:_SAMPLE] or data[:_SAMPLE]
    best = from_bytes(sample, cp_isolation=_CANDIDATES).best()
    codec = str(best.encoding) if best is not None else "cp1252"
    if codec in _WESTERN:
        # Short samples cannot tell these apart; cp1252 is by far the most common of them.
        return "cp1252"
    return codec
