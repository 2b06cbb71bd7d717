"""Reads a column of dates: epochs, ISO, month names, and day and month in the order that the column itself proves."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from voc.errors import VocError

__all__ = ["DateEvidence", "Dates", "OpenDate", "OpenDatesError", "read_dates"]

_UTC = dt.UTC
_EARLIEST = dt.datetime(1995, 1, 1, tzinfo=_UTC)
#: Clocks and time zones differ; later than this much from now is no date of a review.
SLACK = dt.timedelta(days=2)
#: Days of many centuries: only a file that is no export has more of them.
_MOST_DAYS = 100_000

_NAMES = (
    "jan january januar janvier enero ene janeiro gennaio gen",
    "feb february februar février fevrier febrero fevereiro febbraio fev",
    "mar march märz marz maerz mrz mars marzo março marco",
    "apr april avril abril aprile abr avr",
    "may mai mayo maio maggio mag",
    "jun june juni juin junio junho giugno giu",
    "jul july juli juillet julio julho luglio lug",
    "aug august août aout agosto ago",
    "sep sept september septembre septiembre setembro settembre set",
    "oct october oktober okt octobre octubre outubro ottobre ott out",
    "nov november novembre noviembre novembro",
    "dec december dezember dez décembre decembre diciembre dic dezembro dicembre",
)
_MONTHS = {name: month for month, names in enumerate(_NAMES, start=1) for name in names.split()}

_REVIEWED_IN = re.compile(
    r"(?:Reviewed in|Rezension aus|Bewertet in|Reseñado en|Calificado en|Commenté en|Évalué en|Recensito in|"
    r"Avaliado n[oa])\s+(?:the\s+|den\s+|der\s+|los\s+|les\s+|la\s+|gli\s+)?(.{2,60}?)\s+"
    r"(?:on|vom|am|el|le|il|em)\s+(.*\d.*)",
    re.I | re.S,
)
_YEAR_FIRST = re.compile(r"(\d{4})\s?[-/.年]\s?(\d{1,2})\s?[-/.月]\s?(\d{1,2})日?(?:[T,\s]+(.*))?", re.S)
_DAY_MONTH = re.compile(r"(\d{1,2})\s?([-/. ])\s?(\d{1,2})\s?[-/., ]\s?(\d{4}|\d{2})(?:[T,\s]+(.*))?", re.S)
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*([ap])?\.?m?\.?", re.I)
_ZONE = re.compile(r"([+-])(\d{2}):?(\d{2})\s*$")


@dataclass(frozen=True)
class Dates:
    """By position: the date (UTC), the country an Amazon phrase names, and what is wrong where a date is null."""

    values: list[dt.datetime | None]
    markets: list[str | None]
    future: list[bool]
    unreadable: list[bool]


@dataclass(frozen=True)
class OpenDate:
    """A date that can be read in two ways: as it is written, by its day first and by its month first."""

    written: str
    day_first: dt.date
    month_first: dt.date


class OpenDatesError(VocError):
    """A column does not tell whether its dates put the day first or the month, or some do one and some the other.

    Attributes:
        fact: the message without what to do.
        example: a date of the column that can be read in both ways; None where it has none.
    """

    def __init__(self, fact: str, example: OpenDate | None = None) -> None:
        # By these it is made anew where it comes from another process.
        super().__init__(fact, example)
        self.fact = fact
        self.example = example

    def __str__(self) -> str:
        return (
            f'{self.fact}; set date_order = "dmy" or "mdy" under [ingest] in voc.toml, or choose it in the app where '
            "the file is shown."
        )


@dataclass(frozen=True)
class _Numeric:
    """Two numbers whose order is to be decided, and the year."""

    first: int
    second: int
    year: int
    dotted: bool
    rest: str
    two_digit_year: bool


class DateEvidence:
    """What a column tells about the order of day and month, gathered piece by piece in memory that does not grow."""

    def __init__(self) -> None:
        self._days: dict[_Numeric, None] = {}

    def add(self, cells: Iterable[str | None]) -> None:
        """Take in cells."""
        for cell in cells:
            _, found = _read_cell(cell or "")
            # The time of the day tells nothing; so the days are what is remembered, and they are few.
            if isinstance(found, _Numeric) and not found.dotted and len(self._days) < _MOST_DAYS:
                self._days[replace(found, rest="")] = None

    def decide(self, order: str, now: dt.datetime, where: str) -> str:
        """Return "dmy" or "mdy", or `order` if it is not "auto".

        Args:
            order: "dmy", "mdy", "ymd", or "auto" to let the column decide.
            now: the present, with its time zone; later than two days from it is a date in the future.
            where: file and column, for messages.

        Raises:
            OpenDatesError: day and month cannot be told apart, or both orders occur.
        """
        return _decide(list(self._days), order, now, where)


def read_dates(cells: Sequence[str | None], order: str, now: dt.datetime, where: str = "dates") -> Dates:
    """Read the distinct cells of a column of dates.

    Args:
        cells: distinct cells, null or empty where there is no date.
        order: "dmy", "mdy", "ymd", or "auto" to let these cells decide.
        now: the present, with its time zone; later than two days from it is a date in the future.
        where: file and column, for messages.

    Raises:
        OpenDatesError: day and month cannot be told apart, or both orders occur.
    """
    if order == "auto":
        evidence = DateEvidence()
        evidence.add(cells)
        order = evidence.decide(order, now, where)
    latest = now + SLACK
    markets: list[str | None] = []
    values: list[dt.datetime | None] = []
    future: list[bool] = []
    unreadable: list[bool] = []
    for cell in cells:
        market, found = _read_cell(cell or "")
        value = _resolve(found, order) if isinstance(found, _Numeric) else found
        late = value is not None and value > latest
        if value is not None and (late or value < _EARLIEST):
            value = None
        markets.append(market)
        values.append(value)
        future.append(late)
        unreadable.append(value is None and not late and bool((cell or "").strip()))
    return Dates(values, markets, future, unreadable)


def _read_cell(cell: str) -> tuple[str | None, dt.datetime | _Numeric | None]:
    """Return the country that an Amazon phrase names, and the date."""
    return _read_short_cell(cell) if len(cell) <= 100 else _read_text(cell)


def _read_text(cell: str) -> tuple[str | None, dt.datetime | _Numeric | None]:
    text = cell.strip()
    match = _REVIEWED_IN.match(text)
    market = re.sub(r"\s+", " ", match.group(1)).strip() if match else None
    return market, _read(match.group(2) if match else text)


#: The days of a column repeat; long cells are not kept, as they would fill the memory.
_read_short_cell = lru_cache(maxsize=1 << 15)(_read_text)


def _decide(open_ones: Sequence[_Numeric], order: str, now: dt.datetime, where: str) -> str:
    if order != "auto":
        return order
    day_first = sum(n.first > 12 >= n.second for n in open_ones)
    month_first = sum(n.second > 12 >= n.first for n in open_ones)
    if day_first and month_first:
        if min(day_first, month_first) * 50 > max(day_first, month_first):
            raise OpenDatesError(f"{where}: some dates put the day first and others the month", _example(open_ones))
        return "dmy" if day_first > month_first else "mdy"
    if day_first or month_first:
        return "dmy" if day_first else "mdy"
    if all(n.first == n.second for n in open_ones):
        return "dmy"
    # One order may lead into the future.
    late = {o: any((d := _resolve(n, o)) is not None and d > now + SLACK for n in open_ones) for o in ("dmy", "mdy")}
    if late["dmy"] != late["mdy"]:
        return "mdy" if late["dmy"] else "dmy"
    one = next(n for n in open_ones if n.first != n.second)
    raise OpenDatesError(
        f"{where}: the order of day and month cannot be told (as in {one.first:02}/{one.second:02}/{one.year})",
        _example(open_ones),
    )


def _example(numbers: Sequence[_Numeric]) -> OpenDate | None:
    for one in numbers:
        day_first, month_first = (_resolve(one, order) for order in ("dmy", "mdy"))
        if day_first is not None and month_first is not None and day_first != month_first:
            written = f"{one.first:02}/{one.second:02}/{one.year}"
            return OpenDate(written, day_first.date(), month_first.date())
    return None


def _resolve(numeric: _Numeric, order: str) -> dt.datetime | None:
    year, first, second = numeric.year, numeric.first, numeric.second
    if order == "ymd" and numeric.two_digit_year:
        return _build(_full_year(first), second, year % 100, numeric.rest)
    if numeric.dotted or order == "dmy":
        return _build(year, second, first, numeric.rest)
    return _build(year, first, second, numeric.rest)


def _read(text: str) -> dt.datetime | _Numeric | None:
    if not text or len(text) > 100:
        return None
    if re.fullmatch(r"-?\d+(?:\.\d+)?", text):
        return _from_number(text)
    if match := _YEAR_FIRST.fullmatch(text):
        year, month, day, rest = match.groups()
        return _build(int(year), int(month), int(day), rest or "")
    if match := _DAY_MONTH.fullmatch(text):
        first, separator, second, year, rest = match.groups()
        full = int(year) if len(year) == 4 else _full_year(int(year))
        return _Numeric(int(first), int(second), full, separator == ".", rest or "", len(year) == 2)
    return _from_names(text)


def _full_year(two_digits: int) -> int:
    return two_digits + (2000 if two_digits < 69 else 1900)


def _from_number(text: str) -> dt.datetime | None:
    """Seconds, milli-, micro- or nanoseconds since 1970; 20240131; a spreadsheet's day number."""
    whole = text.split(".")[0].lstrip("-")
    number = float(text)
    if len(whole) == 8 and whole[:2] in ("19", "20") and (day := _build_compact(whole)):
        return day
    if len(whole) == 5 and 25_569 <= number < 73_051:
        return dt.datetime(1899, 12, 30, tzinfo=_UTC) + dt.timedelta(days=number)
    if len(whole) not in (9, 10, 12, 13, 15, 16, 18, 19):
        return None
    seconds = number / 10 ** (3 * ((len(whole) - 9) // 3))
    try:
        return dt.datetime.fromtimestamp(seconds, tz=_UTC)
    except (OverflowError, OSError, ValueError):
        return None


def _build_compact(whole: str) -> dt.datetime | None:
    return _build(int(whole[:4]), int(whole[4:6]), int(whole[6:8]), "")


def _from_names(text: str) -> dt.datetime | None:
    """Read "January 15, 2024", "31-Jul-18", "9. Januar 2025", "Wed, 31 Jul 2018 10:00:00 GMT", "Jul 2018"."""
    words = re.findall(r"[^\W\d_]{3,}", text.lower())
    month = next((_MONTHS[word] for word in words if word in _MONTHS), None)
    if month is None:
        return None
    time = _TIME.search(text)
    before = text[: time.start()] + " " + text[time.end() :] if time else text
    before = _ZONE.sub("", before)
    numbers = re.findall(r"\d+", before)
    years = [n for n in numbers if len(n) == 4]
    days = [n for n in numbers if len(n) <= 2]
    if years:
        return _build(int(years[0]), month, int(days[0]) if days else 1, text[time.start() :] if time else "")
    if len(days) == 2:
        return _build(_full_year(int(days[1])), month, int(days[0]), text[time.start() :] if time else "")
    return None


def _build(year: int, month: int, day: int, rest: str) -> dt.datetime | None:
    hour = minute = second = micro = 0
    offset = dt.timedelta()
    if rest and (match := _TIME.search(rest)):
        hour, minute, second = int(match.group(1)), int(match.group(2)), int(match.group(3) or 0)
        micro = int((match.group(4) or "0").ljust(6, "0")[:6])
        half = (match.group(5) or "").lower()
        if half and hour <= 12:
            hour = hour % 12 + (12 if half == "p" else 0)
        if zone := _ZONE.search(rest[match.end() :].rstrip()):
            offset = dt.timedelta(hours=int(zone.group(2)), minutes=int(zone.group(3)))
            offset = -offset if zone.group(1) == "-" else offset
    try:
        return dt.datetime(year, month, day, hour, minute, min(second, 59), micro, tzinfo=_UTC) - offset
    except (ValueError, OverflowError):
        return None
