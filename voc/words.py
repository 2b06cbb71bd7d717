"""Figures and directions as a person would write them."""

from __future__ import annotations

import datetime as dt
import html
import math
import re
from typing import Any, Literal

Direction = Literal["growing", "shrinking", "no clear change", "not compared"]

#: A change counts as clear when its q-value (false discovery rate) lies below this.
CLEAR_BELOW = 0.10

_LANGUAGES = {
    "ar": "Arabic", "cs": "Czech", "da": "Danish", "de": "German", "en": "English", "es": "Spanish", "fi": "Finnish",
    "fr": "French", "hi": "Hindi", "it": "Italian", "ja": "Japanese", "ko": "Korean", "nl": "Dutch", "no": "Norwegian",
    "pl": "Polish", "pt": "Portuguese", "ru": "Russian", "sv": "Swedish", "tr": "Turkish", "zh": "Chinese",
    "unknown": "language unknown",
}  # fmt: skip
# Control characters, embeddings and overrides of direction, lone surrogates, what XML leaves out.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
# Where a word joiner, which nobody sees, keeps Markdown from taking what is around it for an address: a backslash does
# not, as addresses are looked for in what it leaves.
_ADDRESS = re.compile(r":(?=//)|\bwww(?=\.)|@", re.I)
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|~<>$:^=&])")


def missing(value: Any) -> bool:
    """Tell whether a figure is absent (None or NaN)."""
    return value is None or (isinstance(value, float) and math.isnan(value))


def count(value: float | int) -> str:
    """Write a whole number with thin groups: 12 345."""
    return f"{int(value):,}".replace(",", " ")


def percent(share: float | None, digits: int | None = None) -> str:
    """Write a share (0..1) as a percentage: "4.1 %"; small shares get a digit more."""
    if missing(share):
        return "–"
    value = float(share or 0.0) * 100
    if digits is None:
        digits = 2 if 0 < abs(value) < 0.95 else 1
    return f"{_minus(value, digits)} %"


def percent_interval(low: float | None, high: float | None) -> str:
    """Write an interval of shares as "3.2–5.2"; with a minus sign somewhere, as "−0.4 to 1.2"."""
    if missing(low) or missing(high):
        return "–"
    bounds = [float(low or 0.0) * 100, float(high or 0.0) * 100]
    digits = 2 if max(abs(b) for b in bounds) < 0.95 else 1
    return _interval(bounds, digits)


def points(change: float | None) -> str:
    """Write a difference of shares in percentage points with its sign: "+1.3 points"."""
    if missing(change):
        return "–"
    return f"{_signed(float(change or 0.0) * 100, 1)} points"


def points_interval(low: float | None, high: float | None) -> str:
    """Write an interval of differences of shares: "−0.7 to +1.4 points"."""
    return f"{points(low).removesuffix(' points')} to {points(high)}"


def stars(value: float | None) -> str:
    """Write a mean rating: "4.12"."""
    return "–" if missing(value) else f"{float(value or 0.0):.2f}"


def lost(impact: float | None) -> str:
    """Write a star impact (positive = stars lost) as the change it stands for: "−0.12 stars"."""
    if missing(impact):
        return "–"
    return f"{_signed(-float(impact or 0.0), _digits(impact))} stars"


def lost_interval(low: float | None, high: float | None) -> str:
    """Write the interval of a star impact in the direction of `lost`: "−0.15 to −0.09"."""
    if missing(low) or missing(high):
        return "–"
    digits = max(_digits(low), _digits(high))
    return f"{_signed(-float(high or 0.0), digits)} to {_signed(-float(low or 0.0), digits)}"


def rank_interval(rank: int, low: int, high: int, confidence: float) -> str:
    """Write a rank with its confidence set: "#2, 90 %: 1–4"."""
    return f"#{rank}, {confidence:.0%}".replace("%", " %") + (f": {low}–{high}" if low != high else f": {low}")


def severity(value: float | None) -> str:
    """Name a severity (0..1) with a word."""
    if missing(value):
        return "unknown"
    bounds = ((0.25, "annoyance"), (0.5, "hindrance"), (0.75, "serious"))
    return next((word for bound, word in bounds if float(value or 0.0) < bound), "broken or worse")


def direction(change: float | None, q_value: float | None, clear_below: float = CLEAR_BELOW) -> Direction:
    """Say in plain words where a theme's reach went.

    Args:
        change: difference of shares, later minus earlier.
        q_value: false discovery rate of the difference; null where nothing was tested.
        clear_below: the q-value under which a change is called clear.
    """
    if missing(change) or missing(q_value):
        return "not compared"
    if float(q_value or 0.0) >= clear_below:
        return "no clear change"
    return "growing" if float(change or 0.0) > 0 else "shrinking"


def momentum(low: float | None, high: float | None) -> Direction:
    """Say where reach goes lately, from the interval of recent half against earlier half."""
    if missing(low) or missing(high):
        return "not compared"
    if float(low or 0.0) > 0:
        return "growing"
    return "shrinking" if float(high or 0.0) < 0 else "no clear change"


def tone(word: str) -> str:
    """Return the style class of a direction: worse, better or quiet."""
    return {"growing": "worse", "shrinking": "better"}.get(word, "quiet")


def day(value: dt.date | dt.datetime | None) -> str:
    """Write a date: "9 Jan 2025"."""
    if value is None or value != value:
        return "no date"
    return f"{value.day} {value:%b %Y}"


def span(start: dt.date | None, end: dt.date | None) -> str:
    """Write a phase's stretch; `end` is exclusive and null while it runs."""
    if start is None:
        return "no dates"
    first, last = f"{start:%b %Y}", "today" if end is None else f"{end - dt.timedelta(days=1):%b %Y}"
    return first if first == last else f"{first} – {last}"


def plural(number: int, word: str, many: str | None = None) -> str:
    """Write a count with its noun: "1 review", "1 204 reviews"."""
    return f"{count(number)} {word if number == 1 else many or word + 's'}"


def visible(text: str) -> str:
    """Return text without what no reader sees but programs act on.

    These are control characters other than tab and line feed, marks that reverse the direction of the text after
    them, lone surrogates, and the code points that XML does not allow; carriage returns become line feeds.
    """
    # Printable text, which nearly all is, holds none of it.
    return text if text.isprintable() else _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def safe(text: object) -> str:
    """Return text for use inside HTML: everything shows literally."""
    return html.escape(visible(str(text)), quote=True)


def literal(text: str) -> str:
    """Return text for labels that Streamlit reads as Markdown: everything shows literally, no address is a link."""
    return _MARKDOWN.sub(r"\\\1", _ADDRESS.sub("\\g<0>\u2060", " ".join(visible(text).split())))


def sentence(text: str) -> str:
    """Return text with a capital first letter."""
    return text[:1].upper() + text[1:]


def language(code: str) -> str:
    """Return the English name of a common language by its ISO 639-1 code, else the code."""
    return _LANGUAGES.get(code, code)


def _digits(value: Any) -> int:
    return 2 if missing(value) or abs(float(value)) >= 0.0095 else 3


def _minus(value: float, digits: int) -> str:
    written = f"{value:.{digits}f}"
    return written.removeprefix("-") if float(written) == 0 else written.replace("-", "−")


def _signed(value: float, digits: int) -> str:
    written = _minus(value, digits)
    return written if written.startswith("−") or float(written) == 0 else f"+{written}"


def _interval(bounds: list[float], digits: int) -> str:
    low, high = (_minus(bound, digits) for bound in bounds)
    return f"{low} to {high}" if "−" in low + high else f"{low}–{high}"
