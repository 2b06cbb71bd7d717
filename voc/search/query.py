"""Reads what somebody types into the search box; whatever it is, it can be searched for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

#: What is read of a query: more than anybody types, and little enough for any index.
LONGEST = 400
MOST_TERMS = 24
#: How to ask, in one line for the page and the command line.
SYNTAX = 'Every word has to occur. "Exact phrase", -without, this OR that, charg* for the beginning of a word.'

# Words that join others: nobody looks for them, unless in quotation marks or alone.
_JOINING = frozenset(
    "a an and are as at be been but by for from had has have he her him his i if in into is it its me my of on or our "
    "she so that the their them then there these they this those to us was we were will with would you your".split()
)
# With or without a minus in front: "quoted", then perhaps a star; or anything up to the next blank.
_PIECE = re.compile(r'(-?)"([^"]*)"?(\*?)|(\S+)')
_QUOTES = str.maketrans("“”„‟«»″", '"""""""')
# Scripts without blanks between words: each character is indexed as a word of its own, and a word is a phrase of them.
_UNSPACED = re.compile("([\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff])")


@dataclass(frozen=True)
class Term:
    """A word or phrase; `exact` takes it as it is written, else its other forms count too; `prefix`: any ending."""

    text: str
    exact: bool = False
    prefix: bool = False

    def match(self) -> str:
        """Return the term for SQLite's MATCH: always one quoted string, whatever the text holds."""
        quoted = '"' + spaced(self.text).replace('"', '""') + '"'
        return f"{quoted} *" if self.prefix else quoted


@dataclass(frozen=True)
class Query:
    """Of every group of `wanted` one term must be in a text, and none of `excluded`."""

    wanted: tuple[tuple[Term, ...], ...] = ()
    excluded: tuple[Term, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.wanted or self.excluded)

    @property
    def terms(self) -> tuple[Term, ...]:
        """The terms that are looked for."""
        return tuple(term for group in self.wanted for term in group)

    @property
    def meaning(self) -> str:
        """What is looked for, in plain words; empty where everything is only excluded."""
        return " ".join(term.text for term in self.terms)


def parse(typed: str) -> Query:
    """Read a query: words, "exact phrases", -exclusions, OR between two alternatives, and beginnings with a star.

    OR binds its two neighbours. What holds no letter or figure is left out. Any string is a query; one of nothing but
    signs is the empty one. Words that only join others ("the", "is") count alone or in quotation marks.
    """
    groups: list[list[Term]] = []
    excluded: list[Term] = []
    joined = False
    count = 0
    for found in _PIECE.finditer(clean(typed).translate(_QUOTES)):
        minus, phrase, star, bare = found.groups()
        if bare is not None and bare in ("OR", "|"):
            joined = bool(groups)
            continue
        term, without = _quoted(phrase, star, minus) if bare is None else _bare(bare)
        if not any(character.isalnum() for character in term.text) or count == MOST_TERMS:
            continue
        count += 1
        if without:
            excluded.append(term)
        elif joined:
            groups[-1].append(term)
        else:
            groups.append([term])
        joined = False
    telling = [group for group in groups if any(term.exact or term.text.lower() not in _JOINING for term in group)]
    return Query(tuple(tuple(group) for group in telling or groups), tuple(excluded))


def by_table(terms: Sequence[Term], joint: str) -> list[tuple[str, str]]:
    """Return the tables of the index that terms are looked up in, each with one string for MATCH.

    `joint` stands between the terms, " OR " or " AND ".
    """
    tables: dict[str, list[str]] = {}
    for term in terms:
        tables.setdefault("exact" if term.exact else "stems", []).append(term.match())
    return [(table, joint.join(matches)) for table, matches in tables.items()]


def clean(typed: str) -> str:
    """Return what can be searched for of a typed text: no control characters, no half characters, not endless."""
    whole = typed[:LONGEST].encode("utf-8", "ignore").decode("utf-8")
    return "".join(" " if unicodedata.category(character) == "Cc" else character for character in whole).strip()


def spaced(text: str) -> str:
    """Return text with blanks around the characters of scripts that are written without them."""
    return _UNSPACED.sub(r" \1 ", text)


def _quoted(phrase: str, star: str, minus: str) -> tuple[Term, bool]:
    return Term(phrase.strip(), exact=True, prefix=bool(star)), bool(minus)


def _bare(word: str) -> tuple[Term, bool]:
    without = len(word) > 1 and word.startswith("-")
    word = word.removeprefix("-") if without else word
    prefix = len(word) > 1 and word.endswith("*")
    return Term(word.rstrip("*") if prefix else word, exact=prefix, prefix=prefix), without
