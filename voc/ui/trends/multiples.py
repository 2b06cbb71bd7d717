"""Small multiples: every theme's reach through the phases, drawn as light pictures that cost the browser nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from voc import words
from voc.ui.theme import Palette

_WIDTH, _HEIGHT = 200.0, 60.0
_GRID = (
    "display:grid;grid-template-columns:repeat(auto-fill,minmax(max(150px,22%),1fr));gap:1.4rem 1.6rem;"
    "padding-bottom:1.8rem"
)


@dataclass(frozen=True)
class Small:
    """One theme's small picture.

    Attributes:
        name: of the theme.
        said: where it went, in words.
        tone: style class of these words: worse, better, quiet.
        rows: its rows of the trends table as `frames.records` gives them, the earliest phase first, with the phase's
            name in the column phase.
        link: address of the theme in focus.
    """

    name: str
    said: str
    tone: str
    rows: Sequence[dict[str, Any]]
    link: str


def grid(pictures: Sequence[Small], colours: Palette) -> str:
    """Return pictures as HTML, as many in a row as fit; each has its own scale from 0."""
    return f'<div style="{_GRID}">{"".join(_picture(one, colours) for one in pictures)}</div>'


def read_out(rows: Sequence[dict[str, Any]]) -> str:
    """Return a theme's reach in each phase in words: "Start 9.5 %, Growth 1.8 %"."""
    return ", ".join(f"{row['phase']} {words.percent(row['reach'])}" for row in rows)


def _picture(one: Small, colours: Palette) -> str:
    known = [row for row in one.rows if not words.missing(row["reach"])]
    # First and last phase say where it came from and where it went; between them the pointer reads the figures.
    ends = [
        f'<span style="text-align:{side}"><b style="color:var(--voc-ink)">{words.percent(row["reach"])}</b><br>'
        f"{words.safe(row['phase'])}</span>"
        for side, row in zip(("left", "right"), known[:1] + known[1:][-1:], strict=False)
    ]
    return (
        "<div>"
        f'<a href="{words.safe(one.link)}" target="_self" style="color:inherit;font-weight:600;text-decoration:none" '
        f'title="Bring into focus">{words.safe(one.name)}</a>'
        f'<br><span class="voc-key {one.tone}">{words.safe(one.said)}</span>'
        f"{_drawing(one, known, colours)}"
        '<div class="voc-key" style="display:flex;justify-content:space-between;gap:.5rem;line-height:1.35">'
        f"{''.join(ends)}</div></div>"
    )


def _drawing(one: Small, rows: Sequence[dict[str, Any]], colours: Palette) -> str:
    """Return the intervals, the line and the dots of one theme in the phases in which its reach is known."""
    tone = {"worse": colours.worse, "better": colours.better}.get(one.tone, colours.unclear)
    top = max(0.001, *(float(row["reach_high"]) for row in rows)) * 1.12 if rows else 0.001
    places = sorted({row["place"] for row in one.rows})
    step = _WIDTH / max(len(places), 1)

    def x(row: dict[Any, Any]) -> float:
        return step * (places.index(row["place"]) + 0.5)

    def y(share: float) -> float:
        return round((_HEIGHT - 4) * (1 - share / top), 2)

    lines = " ".join(f"{x(row):.1f},{y(row['reach'])}" for row in rows)
    # Strokes keep their width while the drawing is stretched to its column: a dot is a stroke of no length.
    stroke = 'vector-effect="non-scaling-stroke" stroke-linecap="round" fill="none"'
    intervals = "".join(
        f'<path d="M{x(row):.1f},{y(row["reach_low"])}V{y(row["reach_high"])}" stroke="{tone}" stroke-width="6" '
        f'stroke-opacity=".28" {stroke}/>'
        for row in rows
    )
    dots = "".join(
        f'<path d="M{x(row):.1f},{y(row["reach"])}h.01" stroke="{tone}" stroke-width="7" {stroke}/>' for row in rows
    )
    drawn = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH:g} {_HEIGHT:g}" preserveAspectRatio="none">'
        f'<path d="M0,{_HEIGHT - 4}H{_WIDTH:g}" stroke="{colours.line}" stroke-width="1" {stroke}/>'
        f'{intervals}<polyline points="{lines}" stroke="{tone}" stroke-width="2" {stroke}/>{dots}</svg>'
    )
    hovered = "".join(
        f'<i style="flex:1" title="{words.safe(row["phase"])}: {words.percent(row["reach"])} '
        f'({words.percent_interval(row["reach_low"], row["reach_high"])})"></i>'
        for row in rows
    )
    # Streamlit takes drawings out of HTML, but leaves backgrounds; what is in it are figures of ours alone.
    return (
        f'<div role="img" aria-label="{words.safe(one.name)}: {words.safe(read_out(rows))}" '
        'style="display:flex;height:72px;margin:.35rem 0 .2rem;background-size:100% 100%;background-repeat:no-repeat;'
        f"background-image:url('data:image/svg+xml,{quote(drawn)}')\">{hovered}</div>"
    )
