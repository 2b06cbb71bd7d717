"""Everything that a drawn review of `voc benchmark app` can say, clause by clause."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

from voc.benchmark.app_words import BLAMES, PRAISES, TIMES, TROUBLES, VERDICTS, WISHES

#: What a mention is and how often: kind, specificity, share.
KINDS = (
    ("pain", "trouble", 0.40),
    ("pain", "judgement", 0.10),
    ("pain", "verdict", 0.06),
    ("praise", "judgement", 0.40),
    ("wish", "trouble", 0.04),
)


@dataclass(frozen=True)
class Clause:
    """One thing that a drawn review says: the words, where in them part and phrase stand, and what it means."""

    text: str
    aspect: tuple[int, int] | None
    phrase: tuple[int, int]
    kind: int  # position in KINDS
    part: int  # position among the parts, -1 for a verdict
    theme: int  # number of the theme, -1 for none
    severity: float
    days: int | None
    event: str | None


def _catalogue() -> list[Clause]:
    """Return everything that a review can say."""
    clauses = []
    number = itertools.count()
    for place, (part, troubles) in enumerate(TROUBLES.items()):

        def clause(tail: str, kind: int, part: str = part, place: int = place) -> Clause:
            text = f"the {part} {tail}"
            return Clause(text, (4, 4 + len(part)), (5 + len(part), len(text)), kind, place, -1, 0.3, None, None)

        for _, phrases, severity in troubles:
            theme = next(number)
            for phrase, (when, days, event) in itertools.product(phrases, TIMES):
                made = clause(phrase, 0)
                made = replace(made, text=made.text + when, theme=theme, severity=severity, days=days, event=event)
                clauses.append(made)
        clauses += [clause(tail, 1) for tail in BLAMES]
        clauses += [clause(tail, 3) for tail in PRAISES]
        for wish in WISHES:
            begin = wish.index("{}")
            text = wish.format(part)
            clauses.append(Clause(text, (begin, begin + len(part)), (0, len(text)), 4, place, -1, 0.2, None, None))
    clauses += [Clause(text, None, (0, len(text)), 2, -1, -1, 0.6, None, None) for text in VERDICTS]
    return clauses


CLAUSES = _catalogue()
