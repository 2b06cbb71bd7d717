"""Time in use as customers state it: "after two weeks", "within 3 months", "day one", "for over a year"."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, takewhile

from spacy.tokens import Doc, Token

from voc.extract.rules.patterns import Pattern, pattern, patterns

_NUMBERS = {
    "a": 1.0, "an": 1.0, "one": 1.0, "two": 2.0, "couple": 2.0, "three": 3.0, "few": 3.0, "four": 4.0, "five": 5.0,
    "six": 6.0, "seven": 7.0, "eight": 8.0, "nine": 9.0, "ten": 10.0, "twelve": 12.0, "fifteen": 15.0,
    "twenty": 20.0, "thirty": 30.0, "several": 4.0, "half": 0.5, "first": 1.0, "second": 2.0,
}  # fmt: skip
_UNITS = {"day": 1.0, "week": 7.0, "wk": 7.0, "month": 30.0, "mnth": 30.0, "mth": 30.0, "year": 365.0, "yr": 365.0}
# Beside these words a time is a warranty, a delivery or a battery charge, not a time in use.
_OTHER_TIMES = frozenset(
    """
    warranty warrenty guarantee return returned replacement replace refund refunded delivery delivered deliver arrived
    arrive shipping shipped ship received receive battery backup charge standby old ago review waiting waited wait
    """.split()
)
_FAILED = frozenset(["after", "within", "lasted", "later", "only", "barely", "inside", "under", "last"])
_WORKS = frozenset(["still", "going", "strong", "since", "over", "for", "so", "far", "already", "been"])


@dataclass(frozen=True)
class TimeInUse:
    """A stated time in use: character span, days, and what the words around say: failed_after, works_after or ""."""

    start: int
    end: int
    days: int
    cue: str


def time_patterns() -> list[Pattern]:
    """Return the patterns of lengths of time with a word that makes them a time in use."""
    unit = "|".join(form for name in _UNITS for form in (name, name + "s"))
    number = "|".join(_NUMBERS)
    figure = {"TEXT": {"REGEX": r"^\d{1,3}(\.\d)?(-\d{1,3})?$"}}
    glued = {"LOWER": {"REGEX": r"^\d{1,3}(days?|weeks?|months?|years?|yrs?)$"}}
    amounts: list[Pattern] = [
        [figure, *pattern(f"-? {unit}")],
        pattern(f"{number} (of|a)? {unit}"),
        [*pattern(number), figure, *pattern(unit)],
        [glued],
        [figure, *pattern("to|or|-"), figure, *pattern(unit)],
    ]
    before = pattern(
        "after|within|in|for|since|lasted|inside|under|over|past|last (a|the|just|about|around|only|less|than|of|-)*"
    )
    result = [[*before, *amount] for amount in amounts]
    result += [[*amount, *pattern("later|of|in|now|usage|use")] for amount in amounts]
    return [*result, pattern(f"after|within|in|for|since|last (a|the|one)? {unit}")]


DAY_ONE = patterns("""
day one|1
1st|first day|use|time
very first (day|use|time)?
out of the box
on|upon arrival
dead on arrival
""")


def _inside_sentence(token: Token) -> bool:
    return token.text[0] not in ".!?\n"


def read_time(doc: Doc, start: int, end: int, *, day_one: bool) -> TimeInUse | None:
    """Return the time in use of the matched tokens [start, end); null when it is a time of another kind."""
    span = doc[start:end]
    before = takewhile(_inside_sentence, reversed(list(doc[max(0, start - 4) : start])))
    after = takewhile(_inside_sentence, doc[end : end + 2])
    near = {token.lower_ for token in chain(before, span, after)}
    if near & _OTHER_TIMES:
        return None
    if day_one:
        return TimeInUse(span.start_char, span.end_char, 0, "")
    amount, unit = 1.0, ""
    for token in span:
        lower = token.lower_
        figure = lower.rstrip("abcdefghijklmnopqrstuvwxyz")
        letters = lower[len(figure) :].rstrip("s")
        if letters in _UNITS:
            unit = letters
        if figure and figure[0].isdigit():
            amount = float(figure.rstrip("-").split("-")[-1])
        elif lower in _NUMBERS and amount == 1.0:
            amount = _NUMBERS[lower]
    if not unit:
        return None
    around = {token.lower_ for token in doc[max(0, start - 3) : end + 1]}
    if "still" in around:
        cue = "works_after"
    elif around & _FAILED or span[0].lower_ == "in":
        cue = "failed_after"
    else:
        cue = "works_after" if around & _WORKS else ""
    return TimeInUse(span.start_char, span.end_char, max(0, round(amount * _UNITS[unit])), cue)
