"""spaCy matcher patterns written as lines of words.

A line such as ``i|we (really|just)* wish|hope`` becomes one pattern: words stand for tokens in any case, ``|`` joins
alternatives, ``*`` and ``?`` after a token (or after alternatives in brackets) are matcher operators, and ``.`` is any
word of letters.
"""

from __future__ import annotations

from typing import Any

Pattern = list[dict[str, Any]]


def pattern(line: str) -> Pattern:
    """Return the matcher pattern of one line."""
    return [_token(piece) for piece in line.split()]


def patterns(lines: str) -> list[Pattern]:
    """Return the patterns of several lines; empty ones are skipped."""
    return [pattern(line) for line in lines.splitlines() if line.strip()]


def _token(piece: str) -> dict[str, Any]:
    operator = piece[-1] if piece[-1] in "*?+" and len(piece) > 1 else ""
    body = piece.removesuffix(operator).removeprefix("(").removesuffix(")")
    token: dict[str, Any] = {"IS_ALPHA": True} if body == "." else {"LOWER": {"IN": body.split("|")}}
    return {**token, "OP": operator} if operator else token
