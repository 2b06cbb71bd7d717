"""Text of data in Markdown: shown literally wherever it is pasted."""

from __future__ import annotations

import re

from voc.words import visible

# What any common reader of Markdown acts on anywhere in a line.
_ACTIVE = re.compile(r"([\\`*_{}\[\]|~<>$^&!]|=(?==))")
# And at its start: headings, lists, quotes, rules.
_STARTS = re.compile(r"^(?=[-+=#])|^\d+(?=[.)]\s)")
_ADDRESS = re.compile(r"(?i)\b(https?|ftps?|file|mailto|javascript|data|vbscript)(:)|\b(www)(\.)")
#: Joins words invisibly: what stands on both sides of it is no address, name, number or short code to a program.
JOINER = "\u2060"


def escaped(text: str) -> str:
    """Return text of data for one line of Markdown: everything shows literally, nothing links, nobody is mentioned."""
    return _STARTS.sub(lambda found: f"{found[0]}\\", inline(text))


def inline(text: str) -> str:
    """Return text of data for the inside of a line, such as a cell of a table."""
    line = unlinked(" ".join(visible(text).split()))
    # Short codes of emojis, numbers of issues.
    line = re.sub(r"(:)(?=[\w+-]+:)|(#)(?=\w)", lambda found: f"{found[0]}{JOINER}", line)
    return _ACTIVE.sub(r"\\\1", line)


def unlinked(line: str) -> str:
    """Return text in which programs find no address to link and no name to notify."""
    parted = _ADDRESS.sub(lambda found: f"{found[1] or found[3]}{JOINER}{found[2] or found[4]}", line)
    return parted.replace("@", f"@{JOINER}")
