"""Writes a report as one HTML file that prints well: no script, nothing fetched, every text escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from voc import words
from voc.looks import LIGHT
from voc.report.document import (
    Bar,
    Block,
    Card,
    Cards,
    Figures,
    Items,
    Link,
    Picture,
    Quote,
    Report,
    Section,
    Table,
    Text,
)

# The page may show itself and nothing else, whatever a review says.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"


def as_html(report: Report) -> str:
    """Return the report as one HTML document."""
    style = Path(__file__).with_name("page.css").read_text(encoding="utf-8")
    colours = "".join(f"--{name.replace('_', '-')}:{value};" for name, value in asdict(LIGHT).items())
    title = words.safe(words.sentence(report.title))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>:root{{{colours}}}\n{style}</style>\n</head>\n<body>\n<main>\n"
        f'<header>\n<p class="eyebrow">{words.safe(report.eyebrow)}</p>\n<h1>{title}</h1>\n'
        f'<p class="subtitle">{words.safe(report.subtitle)}</p>\n</header>\n'
        + _blocks(report.opening)
        + "".join(_section(section) for section in report.sections)
        + f"<footer>{words.safe(report.source)}</footer>\n</main>\n</body>\n</html>\n"
    )


def _section(section: Section) -> str:
    lead = f'<p class="lead">{words.safe(section.lead)}</p>\n' if section.lead else ""
    css = ' class="warning"' if section.warning else ""
    return f"<section{css}>\n<h2>{words.safe(section.title)}</h2>\n{lead}{_blocks(section.blocks)}</section>\n"


def _blocks(blocks: Iterable[Block]) -> str:
    return "".join(f"{_block(block)}\n" for block in blocks)


def _block(block: Block) -> str:
    match block:
        case Text():
            css = ' class="quiet"' if block.quiet else ' class="strong"' if block.strong else ""
            return f"<p{css}>{words.safe(block.text)}</p>"
        case Figures():
            return f'<div class="figures">{"".join(_figure(*cell) for cell in block.cells)}</div>'
        case Table():
            return _table(block)
        case Quote():
            return _quote(block)
        case Picture():
            return f'<figure role="img" aria-label="{words.safe(block.words)}">{_fluid(block.svg)}</figure>'
        case Items():
            return f"<ul>{''.join(f'<li>{words.safe(item)}</li>' for item in block.items)}</ul>"
        case Link():
            return _link(block)
        case Cards():
            return f'<div class="cards">{"".join(_card(card) for card in block.cards)}</div>'


def _figure(value: str, label: str, detail: str) -> str:
    more = f"<small>{words.safe(detail)}</small>" if detail else ""
    return f"<p><b>{words.safe(value)}</b><span>{words.safe(label)}</span>{more}</p>"


def _table(table: Table) -> str:
    def css(place: int) -> str:
        return ' class="n"' if place in table.numbers else ""

    head = "".join(f'<th scope="col"{css(place)}>{words.safe(text)}</th>' for place, text in enumerate(table.headers))
    body = "".join(
        "<tr>" + "".join(f"<td{css(place)}>{_cell(cell)}</td>" for place, cell in enumerate(row)) + "</tr>"
        for row in table.rows
    )
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _cell(cell: str | Bar) -> str:
    if isinstance(cell, str):
        return words.safe(cell)
    if cell.top <= 0:
        return words.safe(cell.text)
    left, right, middle = (min(max(x / cell.top, 0.0), 1.0) * 100 for x in (cell.low, cell.high, cell.value))
    # Drawn, not coloured: browsers leave backgrounds out of what they print.
    return (
        f'<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" role="img" '
        f'aria-label="{words.safe(cell.text)}"><rect x="0" y="4.5" width="100" height="1" fill="{LIGHT.line}"/>'
        f'<rect x="{left:.1f}" y="2.5" width="{max(right - left, 1):.1f}" height="5" fill="{LIGHT.accent}" '
        f'opacity=".38"/><rect x="{max(middle - 0.6, 0):.1f}" y="0" width="1.2" height="10" fill="{LIGHT.accent}"/>'
        "</svg>"
    )


def _quote(quote: Quote) -> str:
    said = "".join(
        f'<mark class="{kind}">{words.safe(text)}</mark>' if kind else words.safe(text) for text, kind in quote.pieces
    )
    footer = f"<footer>{words.safe(quote.byline)}</footer>" if quote.byline else ""
    return f"<blockquote><p>“{said}”</p>{footer}</blockquote>"


def _link(link: Link) -> str:
    if not re.match(r"https?://", link.address):
        return f"<p>{words.safe(link.label)}</p>"
    return f'<p class="link"><a href="{words.safe(link.address)}">{words.safe(link.label)}</a></p>'


def _card(card: Card) -> str:
    return (
        f'<article><p class="eyebrow">{words.safe(card.eyebrow)}</p>'
        f"<h3>{words.safe(words.sentence(card.title))}</h3>{_blocks(card.blocks)}</article>"
    )


def _fluid(svg: str) -> str:
    """Return an SVG document that is as wide as its place; `svg` is of `voc.report.pictures`, which makes it safe."""
    return re.sub(r'(<svg\b[^>]*?) width="[^"]*" height="[^"]*"', r"\1", svg, count=1)
