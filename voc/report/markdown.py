"""Writes a report as Markdown that shows review text literally wherever it is pasted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from voc import words
from voc.markdown import escaped, inline
from voc.report.document import Bar, Block, Cards, Figures, Items, Link, Picture, Quote, Report, Section, Table, Text


def as_markdown(report: Report) -> str:
    """Return the report as Markdown."""
    parts = [f"# {escaped(words.sentence(report.title))}", escaped(report.eyebrow), escaped(report.subtitle)]
    parts += list(_blocks(report.opening))
    for section in report.sections:
        parts += _section(section)
    parts += ["---", escaped(report.source)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _section(section: Section) -> list[str]:
    title = f"## {'⚠ ' if section.warning and not section.title.startswith('⚠') else ''}{escaped(section.title)}"
    return [title, f"*{escaped(section.lead)}*" if section.lead else "", *_blocks(section.blocks)]


def _blocks(blocks: Iterable[Block]) -> Iterable[str]:
    for block in blocks:
        match block:
            case Text():
                text = escaped(block.text)
                yield f"**{text}**" if block.strong and text else text
            case Figures():
                yield "\n".join(_figure(*cell) for cell in block.cells)
            case Table():
                yield _table(block)
            case Quote():
                yield _quote(block)
            case Picture():
                # Figures of a chart stand in the table beside it; Markdown has no place for the drawing itself.
                continue
            case Items():
                yield "\n".join(f"- {escaped(item)}" for item in block.items)
            case Link():
                yield _link(block)
            case Cards():
                for number, card in enumerate(block.cards, start=1):
                    yield f"### {number}. {escaped(words.sentence(card.title))}"
                    yield escaped(card.eyebrow)
                    yield from _blocks(card.blocks)


def _figure(value: str, label: str, detail: str) -> str:
    return f"- **{inline(value)}** {inline(label)}" + (f" ({inline(detail)})" if detail else "")


def _table(table: Table) -> str:
    # A bar repeats what another cell says in figures.
    kept = [place for place in range(len(table.headers)) if not any(isinstance(row[place], Bar) for row in table.rows)]
    rule = ["---:" if place in table.numbers else "---" for place in kept]
    rows = [[inline(str(row[place])) for place in kept] for row in table.rows]
    lines: list[Sequence[str]] = [[inline(table.headers[place]) for place in kept], rule, *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def _quote(quote: Quote) -> str:
    def piece(text: str, kind: str) -> str:
        said, bare = inline(text), text.strip()
        # Emphasis must touch the words; the spaces around them stay outside.
        before, after = (" " if text[:1].isspace() else ""), (" " if text[-1:].isspace() else "")
        return f"{before}**{said}**{after}" if kind and bare else f"{before}{said}{after}" if bare else " "

    said = "".join(piece(text, kind) for text, kind in quote.pieces if text).strip()
    return f"> “{said}”" + (f"\n>\n> — {inline(quote.byline)}" if quote.byline else "")


def _link(link: Link) -> str:
    if not re.match(r"https?://", link.address):
        return escaped(link.label)
    address = re.sub(r"[\s<>]", "", link.address)
    return f"[{inline(link.label)}](<{address}>)"
