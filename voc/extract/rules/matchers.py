"""All matcher rules run over a document at once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from itertools import chain

from spacy.matcher import Matcher
from spacy.tokens import Doc
from spacy.vocab import Vocab

from voc.extract.rules import hazards, wishes
from voc.extract.rules.patterns import Pattern
from voc.extract.rules.times import DAY_ONE, TimeInUse, read_time, time_patterns


@dataclass(frozen=True)
class RuleFindings:
    """What the matchers found in a text: times in use, and character spans of hazard words and of wishes."""

    times: tuple[TimeInUse, ...]
    hazards: tuple[tuple[int, int], ...]
    wishes: tuple[tuple[int, int], ...]


#: What a text must hold for a group of patterns to match at all; looking for it costs a tenth of matching.
GATES = {
    "TIME": re.compile(
        r"day|week|wk|month|mnth|mth|year|yr|box|arrival|(?:1st|first) (?:use|time)|very first", re.IGNORECASE
    ),
    "HAZARD": re.compile(
        r"smok|smould|smold|fire|flame|spark|explo|burn|shock|electrocut|swoll|swell|bulg|leak|melt|heat|hot|hazard"
        r"|safety|dangerous|unsafe|infect|bleed|bled|rash",
        re.IGNORECASE,
    ),
    "WISH": re.compile(
        r"wish|would|'d|wud|could|if only|should|shld|must|please|pls|plz|kindly|need|suggest|proposal|missing|lacks"
        r"|add|allow|provide|include|enable|support",
        re.IGNORECASE,
    ),
}


def groups() -> dict[str, dict[str, list[Pattern]]]:
    """Return the patterns by gate and by name."""
    return {
        "TIME": {"TIME": time_patterns(), "DAY_ONE": DAY_ONE},
        "HAZARD": {"HAZARD": hazards.PATTERNS},
        "WISH": {"WISH": wishes.PATTERNS},
    }


@cache
def _matchers(vocab: Vocab) -> dict[str, Matcher]:
    matchers = {}
    for gate, named in groups().items():
        matchers[gate] = Matcher(vocab)
        for name, listed in named.items():
            matchers[gate].add(name, listed, greedy="LONGEST" if gate == "TIME" else None)
    return matchers


def find_rules(doc: Doc) -> RuleFindings:
    """Match all patterns in `doc`; spans in the result are half-open character offsets."""
    times: set[TimeInUse] = set()
    dangers: set[tuple[int, int]] = set()
    asked: set[tuple[int, int]] = set()
    text = doc.text
    open_gates = [matcher for gate, matcher in _matchers(doc.vocab).items() if GATES[gate].search(text)]
    for key, start, end in chain.from_iterable(matcher(doc) for matcher in open_gates):
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
