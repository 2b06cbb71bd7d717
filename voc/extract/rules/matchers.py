"""All matcher rules run over a document at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from spacy.matcher import Matcher
from spacy.tokens import Doc
from spacy.vocab import Vocab

from voc.extract.rules import hazards, wishes
from voc.extract.rules.times import DAY_ONE, TimeInUse, read_time, time_patterns


@dataclass(frozen=True)
class RuleFindings:
    """What the matchers found in a text: times in use, and character spans of hazard words and of wishes."""

    times: tuple[TimeInUse, ...]
    hazards: tuple[tuple[int, int], ...]
    wishes: tuple[tuple[int, int], ...]


@cache
def _matcher(vocab: Vocab) -> Matcher:
    matcher = Matcher(vocab)
    matcher.add("TIME", time_patterns(), greedy="LONGEST")
    matcher.add("DAY_ONE", DAY_ONE, greedy="LONGEST")
    matcher.add("HAZARD", hazards.PATTERNS)
    matcher.add("WISH", wishes.PATTERNS)
    return matcher


def find_rules(doc: Doc) -> RuleFindings:
    """Match all patterns in `doc`; spans in the result are half-open character offsets."""
    times: set[TimeInUse] = set()
    dangers: set[tuple[int, int]] = set()
    asked: set[tuple[int, int]] = set()
    for key, start, end in _matcher(doc.vocab)(doc):
        name = doc.vocab.strings[key]
        span = (doc[start].idx, doc[end - 1].idx + len(doc[end - 1]))
        if name == "HAZARD":
            if not hazards.is_negated(doc, start):
                dangers.add(span)
        elif name == "WISH":
            asked.add(span)
        else:
            time = read_time(doc, start, end, day_one=name == "DAY_ONE")
            if time is not None:
                times.add(time)
    order = sorted(times, key=lambda t: (t.start, t.end))
    return RuleFindings(tuple(order), tuple(sorted(dangers)), tuple(sorted(asked)))
