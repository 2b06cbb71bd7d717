"""All matcher rules run over a document at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import chain

from spacy.matcher import Matcher
from spacy.tokens import Doc
from spacy.vocab import Vocab

from voc.extract.rules import hazards, wishes
from voc.extract.rules.patterns import Pattern, gate
from voc.extract.rules.times import DAY_ONE, TimeInUse, read_time, time_patterns


@dataclass(frozen=True)
class RuleFindings:
    """What the matchers found in a text: times in use, and character spans of hazard words and of wishes."""

    times: tuple[TimeInUse, ...]
    hazards: tuple[tuple[int, int], ...]
    wishes: tuple[tuple[int, int], ...]


def groups() -> dict[str, dict[str, list[Pattern]]]:
    """Return the patterns by group and by name."""
    return {
        "TIME": {"TIME": time_patterns(), "DAY_ONE": DAY_ONE},
        "HAZARD": {"HAZARD": hazards.PATTERNS},
        "WISH": {"WISH": wishes.PATTERNS},
    }


@cache
def gates() -> dict[str, re.Pattern[str]]:
    """Return for each group what finds something in a lower-cased text wherever a pattern of it may match."""
    return {group: gate(chain.from_iterable(named.values())) for group, named in groups().items()}


@cache
def _matchers(vocab: Vocab) -> dict[str, Matcher]:
    matchers = {}
    for group, named in groups().items():
        matchers[group] = Matcher(vocab)
        for name, listed in named.items():
            matchers[group].add(name, listed, greedy="LONGEST" if group == "TIME" else None)
    return matchers


_NOTHING = RuleFindings((), (), ())


def find_rules(text: str, document: Callable[[], Doc]) -> RuleFindings:
    """Match all patterns in `text`; spans in the result are half-open character offsets.

    `document` gives the text's words as spaCy cuts them; it is called only where a pattern may match.
    """
    lower = text.lower()
    possible = [group for group, gate in gates().items() if gate.search(lower)]
    if not possible:
        return _NOTHING
    doc = document()
    times: set[TimeInUse] = set()
    dangers: set[tuple[int, int]] = set()
    asked: set[tuple[int, int]] = set()
    matchers = _matchers(doc.vocab)
    for key, start, end in chain.from_iterable(matchers[group](doc) for group in possible):
        name = doc.vocab.strings[key]
        span = (doc[start].idx, doc[end - 1].idx + len(doc[end - 1]))
        if name == "HAZARD":
            if not hazards.is_negated(doc, start) and not hazards.is_figurative(doc, start, end):
                dangers.add(span)
        elif name == "WISH":
            asked.add(span)
        else:
            time = read_time(doc, start, end, day_one=name == "DAY_ONE")
            if time is not None:
                times.add(time)
    order = sorted(times, key=lambda t: (t.start, t.end))
    return RuleFindings(tuple(order), tuple(sorted(dangers)), tuple(sorted(asked)))
