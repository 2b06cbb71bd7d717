"""Reads single values: ratings and their scale, yes and no, counts, prices, countries, statuses."""

from __future__ import annotations

import json
import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

__all__ = [
    "Ratings",
    "ScaleEvidence",
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
_LONGEST_MISSING = max(map(len, _MISSING))
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
    if value is None:
        return True
    stripped = value.strip()
    # Folding never makes a text shorter, and long ones are most of what is asked.
    return len(stripped) <= _LONGEST_MISSING and stripped.casefold() in _MISSING


@dataclass(frozen=True)
class Ratings:
    """Ratings of 1 to 5 by position: null where there is none, `out_of_range` where the row cannot be right.

    `scale` is the top of the scale of plain numbers, `zeros` the number of rows with a zero, read as no rating.
    """

    values: list[float | None]
    out_of_range: list[bool]
    unreadable: list[bool]
    scale: float
    zeros: int


#: Scales that a column can prove: its top, the number that no smaller scale has, and the share of rows above that.
_SCALES = ((10.0, 5.0, 0.2), (100.0, 10.0, 0.5))


@dataclass
class ScaleEvidence:
    """What a column of ratings tells about its scale, gathered piece by piece in memory that does not grow."""

    total: int = 0
    inside: list[int] = field(default_factory=lambda: [0, 0])
    high: list[int] = field(default_factory=lambda: [0, 0])
    high_rows: list[set[Hashable]] = field(default_factory=lambda: [set(), set()])

    def add(
        self,
        cells: Sequence[str | None],
        counts: Sequence[int],
        scales: Sequence[str | None] | None = None,
        rows: Sequence[Hashable] | None = None,
    ) -> None:
        """Take in cells, each with its number of rows, the scale that the export names, and what tells rows apart."""
        for position, cell in enumerate(cells):
            number, top = _rating_and_top(cell, scales[position] if scales is not None else None)
            if number is None or top is not None:
                continue
            self.total += counts[position]
            for at, (limit, above, _) in enumerate(_SCALES):
                if not 0 <= number <= limit:
                    continue
                self.inside[at] += counts[position]
                if number > above:
                    self.high[at] += counts[position]
                    if len(self.high_rows[at]) < 2:
                        self.high_rows[at].add(position if rows is None else rows[position])

    def decide(self) -> float:
        """Return the top of the scale: 5 unless nearly the whole column proves 10 or 100."""
        for at, (limit, _, needed) in enumerate(_SCALES):
            if not self.total:
                break
            share = self.high[at] / self.total
            several = len(self.high_rows[at]) >= 2 or share == 1.0
            if self.inside[at] / self.total >= 0.99 and share >= needed and several:
                return limit
        return 5.0


def read_ratings(
    cells: Sequence[str | None],
    counts: Sequence[int],
    scales: Sequence[str | None] | None = None,
    scale: float | None = None,
) -> Ratings:
    """Read a column of ratings; its distinct cells come with their number of rows.

    "4,6", "5.0 out of 5 stars", "★★★★☆", "80 %" and "five stars" are understood. Plain numbers are on a scale of 5
    unless nearly the whole column proves 10 (at least a fifth lies above 5) or 100 (half lies above 10). A rating on
    another scale becomes value / scale x 5, at least 1. Zero means that there is no rating.

    Args:
        cells: distinct cells.
        counts: rows that hold each cell.
        scales: highest possible rating for each cell, where the export names it.
        scale: the scale of plain numbers, where the whole column has told it; by default these cells tell it.
    """
    if scale is None:
        evidence = ScaleEvidence()
        evidence.add(cells, counts, scales)
        scale = evidence.decide()
    values: list[float | None] = []
    outside: list[bool] = []
    unreadable: list[bool] = []
    zeros = 0
    for position, (cell, count) in enumerate(zip(cells, counts, strict=True)):
        number, top = _rating_and_top(cell, scales[position] if scales is not None else None)
        unreadable.append(number is None and not is_missing(cell))
        top = top or scale
        out = number is not None and not 0 <= number <= top
        rating = None if number is None or out or (number == 0 and scale == 5) else max(1.0, number * 5 / top)
        if number == 0 and scale == 5:
            zeros += count
        if rating is not None and top == 5 and number is not None and number < 1:
            out, rating = True, None
        values.append(rating)
        outside.append(out)
    return Ratings(values, outside, unreadable, scale, zeros)


def _rating_and_top(cell: str | None, named: str | None) -> tuple[float | None, float | None]:
    """Return the number and the top of its scale, where the cell or the export names it."""
    number, top = _read_rating(cell)
    return number, _positive(named) if number is not None and top is None and named is not None else top


def _read_rating(cell: str | None) -> tuple[float | None, float | None]:
    """Return the number and, where the cell itself names it, the top of its scale."""
    if cell is None:
        return None, None
    return _read_short_rating(cell) if len(cell) <= 50 else _read_rating_text(cell)


def _read_rating_text(cell: str) -> tuple[float | None, float | None]:
    if is_missing(cell):
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


#: A column holds few different ratings; long cells are not kept, as they would fill the memory.
_read_short_rating = lru_cache(maxsize=4096)(_read_rating_text)


def _float(text: str) -> float:
    return float(text.replace(",", "."))


def _positive(text: str | None) -> float | None:
    match = _NUMBER.search(text or "")
    number = _float(match.group()) if match else 0.0
    return number if number > 0 else None


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
