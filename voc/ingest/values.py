"""Reads single values: ratings and their scale, yes and no, counts, prices, countries, statuses."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

__all__ = [
    "Ratings",
    "hidden_reason",
    "is_missing",
    "read_count",
    "read_flag",
    "read_price",
    "read_ratings",
    "read_variant",
    "reason_text",
]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_MISSING = _words("nan null none n/a na #n/a - -- undefined nil <na> nat") | {""}
_TRUE = _words(
    "true yes y 1 t x verified ja si sí oui sim vero wahr own ours verifiedpurchase verifiedbuyer verifiedreview "
    "verifizierterkauf"
)
_FALSE = _words("false no n 0 f nein non não falsch unverified notverified competitor competitors nonverified")

_NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)?")
_OUT_OF = re.compile(r"([-+]?\d+(?:[.,]\d+)?)\s*(?:out of|of|/|von|sur|de|su|av|van)\s*(\d+)\b", re.I)
_PLAIN = re.compile(r"([-+]?\d+(?:[.,]\d+)?)\s*(?:-?\s*(?:stars?|sterne?|estrellas?|étoiles?|stelle|estrelas?))?", re.I)
_GLYPHS = re.compile(r"[★☆⭐🌟✩✭✰\ufe0f\s]+")
_WORDS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5}


def is_missing(value: str | None) -> bool:
    """Whether a cell says that there is nothing."""
    return value is None or value.strip().casefold() in _MISSING


@dataclass(frozen=True)
class Ratings:
    """Ratings of 1 to 5 by position: null where there is none, `out_of_range` where the row cannot be right."""

    values: list[float | None]
    out_of_range: list[bool]
    unreadable: list[bool]
    notes: list[str]


def read_ratings(
    cells: Sequence[str | None], counts: Sequence[int], scales: Sequence[str | None] | None = None
) -> Ratings:
    """Read a column of ratings; its distinct cells come with their number of rows.

    "4,6", "5.0 out of 5 stars", "★★★★☆", "80 %" and "five stars" are understood. Plain numbers are on a scale of 5
    unless nearly the whole column proves 10 (at least a fifth lies above 5) or 100 (half lies above 10). A rating on
    another scale becomes value / scale x 5, at least 1. Zero means that there is no rating.

    Args:
        cells: distinct cells.
        counts: rows that hold each cell.
        scales: highest possible rating for each cell, where the export names it.
    """
    numbers: list[float | None] = []
    tops: list[float | None] = []
    unreadable: list[bool] = []
    for position, cell in enumerate(cells):
        number, top = _read_rating(cell)
        if number is not None and top is None and scales is not None:
            top = _positive(scales[position])
        numbers.append(number)
        tops.append(top)
        unreadable.append(number is None and not is_missing(cell))
    plain = [(n, c) for n, t, c in zip(numbers, tops, counts, strict=True) if n is not None and t is None]
    scale = _scale(plain)
    values: list[float | None] = []
    outside: list[bool] = []
    zeros = 0
    for number, top, count in zip(numbers, tops, counts, strict=True):
        top = top or scale
        out = number is not None and not 0 <= number <= top
        rating = None if number is None or out or (number == 0 and scale == 5) else max(1.0, number * 5 / top)
        if number == 0 and scale == 5:
            zeros += count
        if rating is not None and top == 5 and number is not None and number < 1:
            out, rating = True, None
        values.append(rating)
        outside.append(out)
    notes = [f"ratings run to {scale:g} and were brought to 1-5"] if scale != 5 else []
    if zeros:
        notes.append(f"ratings of 0, read as no rating: {zeros:,}")
    return Ratings(values, outside, unreadable, notes)


def _read_rating(cell: str | None) -> tuple[float | None, float | None]:
    """Return the number and, where the cell itself names it, the top of its scale."""
    if cell is None or is_missing(cell):
        return None, None
    text = cell.strip()
    if _GLYPHS.fullmatch(text):
        return float(sum(text.count(star) for star in "★⭐🌟✭")), 5.0
    if match := _OUT_OF.match(text):
        return _float(match.group(1)), _positive(match.group(2))
    if match := re.fullmatch(r"([-+]?\d+(?:[.,]\d+)?)\s*%", text):
        return _float(match.group(1)), 100.0
    if match := _PLAIN.fullmatch(text):
        return _float(match.group(1)), None
    if match := re.fullmatch(r"(one|two|three|four|five)(?:[\s_-]*stars?)?", text, re.I):
        return float(_WORDS[match.group(1).lower()]), 5.0
    if match := re.fullmatch(r"[-+]?\d+(?:\.\d+)?[eE][-+]?\d{1,2}", text):
        return float(text), None
    return None, None


def _float(text: str) -> float:
    return float(text.replace(",", "."))


def _positive(text: str | None) -> float | None:
    match = _NUMBER.search(text or "")
    number = _float(match.group()) if match else 0.0
    return number if number > 0 else None


def _scale(plain: Sequence[tuple[float, int]]) -> float:
    if not plain:
        return 5.0
    numbers = np.array([n for n, _ in plain])
    weights = np.array([c for _, c in plain], dtype=float)
    total = weights.sum()

    def share(mask: np.ndarray) -> float:
        return float(weights[mask].sum() / total)

    for top, above, needed in ((10.0, 5.0, 0.2), (100.0, 10.0, 0.5)):
        inside = (numbers >= 0) & (numbers <= top)
        high = inside & (numbers > above)
        several = int(high.sum()) >= 2 or share(high) == 1.0
        if share(inside) >= 0.99 and share(high) >= needed and several:
            return top
    return 5.0


def read_flag(cell: str | None) -> bool | None:
    """Return true or false only where the cell says so outright, else null."""
    folded = "".join(ch for ch in (cell or "").casefold() if ch.isalnum())
    folded = {"10": "1", "00": "0"}.get(folded, folded)
    return True if folded in _TRUE else False if folded in _FALSE else None


def read_count(cell: str | None) -> int | None:
    """Return a count of votes: "1,234", "[2, 3]" (2 of 3), "12 people found this helpful", "One person ..."."""
    if cell is None or is_missing(cell):
        return None
    text = cell.strip().strip("[(")
    if re.match(r"one\b", text, re.I):
        return 1
    match = re.match(r"\d{1,3}(?:,\d{3})+(?!\d)|\d+", text)
    return min(int(match.group().replace(",", "")), 2**31 - 1) if match else None


def read_price(cell: str | None) -> tuple[float | None, str | None]:
    """Return the first amount in the cell and its currency: "$1,299.00", "19,99 €", "GBP 5"."""
    if cell is None or is_missing(cell):
        return None, None
    match = re.search(r"\d[\d.,\s]*", cell)
    if not match:
        return None, None
    digits = re.sub(r"\s", "", match.group()).strip(".,")
    if re.search(r",\d{1,2}$", digits):
        digits = digits.replace(".", "").replace(",", ".")
    elif digits.count(".") > 1:
        digits = digits.replace(".", "")
    digits = digits.replace(",", "")
    code = re.search(r"\b(USD|EUR|GBP|INR|JPY|CNY|CAD|AUD|CHF|SEK|PLN|BRL|MXN)\b", cell)
    symbol = next((name for sign, name in _SIGNS.items() if sign in cell), None)
    return float(digits), code.group() if code else symbol


_SIGNS = {"€": "EUR", "£": "GBP", "₹": "INR", "¥": "JPY", "$": "USD"}


def read_variant(cell: str | None) -> str | None:
    """Return the variant as "Color: Black, Size: Large"; a JSON object of options is written so."""
    if cell is None or is_missing(cell):
        return None
    text = cell.strip()
    if text.startswith("{"):
        try:
            options = json.loads(text)
        except (ValueError, RecursionError):
            return text
        if isinstance(options, dict):
            parts = (f"{str(k).strip().rstrip(':')}: {str(v).strip()}" for k, v in options.items() if v)
            return ", ".join(parts) or None
    return re.sub(r"\s+", " ", text)


def hidden_reason(cell: str | None) -> str | None:
    """Return why a row with this publication status is left out, or null when it is public."""
    folded = "".join(ch for ch in (cell or "").casefold() if ch.isalnum())
    if folded in {"spam", "fake", "isspam"}:
        return "spam"
    if folded in {"hidden", "hide", "deleted", "removed", "archived", "trash", "disabled"}:
        return "hidden"
    if folded in {"unpublished", "rejected", "notpublished", "declined", "false", "no", "pending", "draft"}:
        return "unpublished"
    return None


#: Amazon's codes for customer returns, in the words a customer would use.
_RETURN_REASONS = {
    "DEFECTIVE": "Item is defective or does not work",
    "QUALITY_UNACCEPTABLE": "Quality is unacceptable",
    "QUALITY_NOT_ADEQUATE": "Quality is not adequate",
    "NOT_AS_DESCRIBED": "Item is not as described",
    "NOT_COMPATIBLE": "Item is not compatible",
    "MISSING_PARTS": "Parts are missing",
    "DAMAGED_BY_FC": "Item was damaged in the warehouse",
    "DAMAGED_BY_CARRIER": "Item was damaged in transport",
    "SWITCHEROO": "A different item was received",
    "MISSED_ESTIMATED_DELIVERY": "Item arrived too late",
    "UNWANTED_ITEM": "Item is no longer wanted",
    "FOUND_BETTER_PRICE": "Found a better price elsewhere",
    "ORDERED_WRONG_ITEM": "Ordered the wrong item",
    "UNAUTHORIZED_PURCHASE": "Purchase was not authorised",
    "NO_REASON_GIVEN": "No reason given",
    "EXTRA_ITEM": "An extra item was received",
    "APPAREL_TOO_SMALL": "Item is too small",
    "APPAREL_TOO_LARGE": "Item is too large",
    "APPAREL_STYLE": "Style is not liked",
}


def reason_text(code: str) -> str:
    """Return a return's coded reason as a sentence; an unknown code in lower case with spaces."""
    known = _RETURN_REASONS.get(code.strip().upper().replace(" ", "_").removeprefix("CR-"))
    if known:
        return known
    words = re.sub(r"[_\-]+", " ", code).strip()
    return words[:1].upper() + (words[1:].lower() if words.isupper() else words[1:])
