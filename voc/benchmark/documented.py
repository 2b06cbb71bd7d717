"""Puts measured figures into a document: between two marks, so that they are never copied by hand."""

from __future__ import annotations

from pathlib import Path

from voc.errors import VocError
from voc.store.files import write_atomically


def marks(name: str) -> tuple[str, str]:
    """Return the lines between which the figures of a benchmark stand."""
    return f"<!-- figures of voc benchmark {name} -->", f"<!-- end of voc benchmark {name} -->"


def figures_in(text: str, name: str) -> str | None:
    """Return what stands between the marks of a benchmark in a document; None where it has none."""
    begin, end = marks(name)
    before, found, rest = text.partition(begin)
    inside, closed, _ = rest.partition(end)
    return inside.strip("\n") if found and closed and end not in before else None


def put_figures(document: Path, name: str, figures: str) -> None:
    """Replace what stands between the marks of a benchmark in a Markdown document.

    Args:
        document: the file.
        name: of the benchmark, as in `voc benchmark NAME`.
        figures: Markdown.

    Raises:
        VocError: the document cannot be read or written, or has no such marks; it is left as it was.
    """
    begin, end = marks(name)
    try:
        text = document.read_text(encoding="utf-8")
        if figures_in(text, name) is None:
            raise VocError(f"{document}: it has no place for figures; put {begin} and {end} there, each in a line.")
        before, rest = text.split(begin, 1)
        write_atomically(document, f"{before}{begin}\n\n{figures}\n\n{end}{rest.split(end, 1)[1]}")
    except (OSError, UnicodeError) as error:
        raise VocError(f"{document}: the figures cannot be put there ({error}); name another document.") from None
