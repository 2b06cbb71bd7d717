"""What a model says about one text, in the form that the gold files have; `voc.evaluate` compares the two."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Prediction:
    """The opinions read in one text.

    A span is ``(start, end, polarity)``: code points, half open, into the text; polarity is positive, negative or
    neutral. `complaint` says that the text holds a negative opinion, `wish` that it asks for something.
    """

    aspects: list[tuple[int, int, str]] = field(default_factory=list)
    phrases: list[tuple[int, int, str]] = field(default_factory=list)
    complaint: bool = False
    wish: bool = False
