"""What a report consists of, before it becomes a page or Markdown: sections of text, figures, tables, quotes, pictures.

All text is as it was written or extracted; the writers (`voc.report.page`, `voc.report.markdown`) make it safe.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

#: A piece of a quote and what it is marked as: "" (nothing), "phrase" or "aspect".
Piece = tuple[str, str]


@dataclass(frozen=True)
class Text:
    """A paragraph; `quiet` ones explain, `strong` ones are what to remember."""

    text: str
    quiet: bool = False
    strong: bool = False


@dataclass(frozen=True)
class Figures:
    """Figures side by side: value, what it is, and its interval or base."""

    cells: Sequence[tuple[str, str, str]]


@dataclass(frozen=True)
class Bar:
    """A cell of a table that draws a value with its interval on a scale from 0 to `top`; `text` says the value."""

    value: float
    low: float
    high: float
    top: float
    text: str


@dataclass(frozen=True)
class Table:
    """A table with a header; columns of `numbers` are set flush right."""

    headers: Sequence[str]
    rows: Sequence[Sequence[str | Bar]]
    numbers: Sequence[int] = ()


@dataclass(frozen=True)
class Quote:
    """Customers' own words, in pieces, with what is known of the review."""

    pieces: Sequence[Piece]
    byline: str


@dataclass(frozen=True)
class Picture:
    """A chart as an SVG document; `words` say what it shows."""

    svg: str
    words: str


@dataclass(frozen=True)
class Items:
    """A list of short sentences."""

    items: Sequence[str]


@dataclass(frozen=True)
class Link:
    """An address with what it leads to."""

    label: str
    address: str


@dataclass(frozen=True)
class Card:
    """One of the few things to do next: what it is, its figures and one quote."""

    eyebrow: str
    title: str
    blocks: Sequence[Text | Figures | Quote | Link]


@dataclass(frozen=True)
class Cards:
    """Cards side by side."""

    cards: Sequence[Card]


Block = Text | Figures | Table | Quote | Picture | Items | Link | Cards


@dataclass(frozen=True)
class Section:
    """A heading with a sentence under it, and what stands there; `warning` sets it apart."""

    title: str
    lead: str = ""
    blocks: Sequence[Block] = ()
    warning: bool = False


@dataclass(frozen=True)
class Report:
    """A whole report.

    Attributes:
        eyebrow: a line above the title.
        title: what it is about.
        subtitle: scope and dates in a sentence.
        opening: what stands before the first section.
        sections: the rest.
        source: what the figures come from, at the foot of every page.
    """

    eyebrow: str
    title: str
    subtitle: str
    opening: Sequence[Block] = ()
    sections: Sequence[Section] = field(default_factory=tuple)
    source: str = ""
