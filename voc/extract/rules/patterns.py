"""spaCy matcher patterns written as lines of words.

A line such as ``i|we (really|just)* wish|hope`` becomes one pattern: words stand for tokens in any case, ``|`` joins
alternatives, ``*`` and ``?`` after a token (or after alternatives in brackets) are matcher operators, and ``.`` is any
word of letters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

Pattern = list[dict[str, Any]]


def pattern(line: str) -> Pattern:
    """Return the matcher pattern of one line."""
    return [_token(piece) for piece in line.split()]


def patterns(lines: str) -> list[Pattern]:
    """Return the patterns of several lines; empty ones are skipped."""
    return [pattern(line) for line in lines.splitlines() if line.strip()]


def gate(listed: Iterable[Pattern]) -> re.Pattern[str]:
    """Return an expression that finds something in the lower-cased text wherever one of some patterns may match.

    Matching costs a document and a hundred times as much. Tokens that follow one another have at most a space between
    them; where a token begins or ends inside a word is up to the tokeniser, so that the expression does not ask.
    """
    wholes = ["".join(_loosely(token) for token in one) for one in listed]
    return re.compile("|".join(dict.fromkeys(wholes)))


def _loosely(token: dict[str, Any]) -> str:
    wanted = token.get("LOWER", token.get("TEXT"))
    if wanted is None:
        found = r"[^\W\d_]+"
    elif "REGEX" in wanted:
        found = f"(?:{wanted['REGEX'].removeprefix('^').removesuffix('$')})"
    else:
        # The longest first: whatever follows, the expression need not come back for another.
        found = f"(?:{'|'.join(map(re.escape, sorted(wanted['IN'], key=len, reverse=True)))})"
    return f"(?:{found} ?){token.get('OP', '')}"


def _token(piece: str) -> dict[str, Any]:
    operator = piece[-1] if piece[-1] in "*?+" and len(piece) > 1 else ""
    body = piece.removesuffix(operator).removeprefix("(").removesuffix(")")
    token: dict[str, Any] = {"IS_ALPHA": True} if body == "." else {"LOWER": {"IN": body.split("|")}}
    return {**token, "OP": operator} if operator else token
