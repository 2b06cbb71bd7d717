"""Chooses the customers' own words that stand for a theme: typical, readable, from different people."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from voc.extract.rules.lexicon import EMPTY
from voc.themes.terms import same_wording, stem

#: A quote of this many characters can be read at a glance and still says what happened.
READABLE = (28, 220)
#: "Not a fast charger." needs its review around it; from this many words on a clause is understood alone.
LEAST_WORDS = 5
#: Two quotes that share this part of their words (Jaccard index) say the same thing twice.
SAME_WORDS = 0.6

_WORD = re.compile(r"\w+")


def readable(clause: str) -> bool:
    """Tell whether a clause can be read on its own: of `READABLE` length and with at least `LEAST_WORDS` words."""
    said = clause.strip()
    return READABLE[0] <= len(said) <= READABLE[1] and len(said.split()) >= LEAST_WORDS


def repeats(one: frozenset[str], other: frozenset[str]) -> bool:
    """Tell whether two quotes, given as `word_set`, say the same in nearly the same words."""
    union = len(one | other)
    return union == 0 or len(one & other) / union >= SAME_WORDS


def word_set(clause: str) -> frozenset[str]:
    """Return the different words of a clause in lower case."""
    return frozenset(_WORD.findall(clause.lower()))


@dataclass(frozen=True)
class Quote:
    """A clause of a review: its row in the index and its place in the text (code points, half open)."""

    row: int
    text: str
    start: int
    end: int


@dataclass(frozen=True)
class _Candidate:
    quote: Quote
    words: frozenset[str]
    hazard: bool
    order: tuple[int, float, int, int]  # unreadable, minus quality, row, start


@dataclass(frozen=True)
class QuoteBook:
    """For each group (theme or area) its quotable clauses, best first."""

    _candidates: dict[int, list[_Candidate]]

    @classmethod
    def build(
        cls,
        clauses: Sequence[str],
        group: NDArray[np.int64],
        row: NDArray[np.int64],
        start: NDArray[np.int64],
        end: NDArray[np.int64],
        confidence: NDArray[np.float64],
        hazard: NDArray[np.bool_],
        names: Sequence[str] = (),
    ) -> QuoteBook:
        """Order the clauses of each group by how well they stand for it; arguments have shape (n_clauses,).

        `names` are those of the groups. The quality of a clause is its closeness to the group's typical words (best
        clause = 1), plus the share of a wording of the group's name that it says ("cable: frays / broke off" has
        two), plus three tenths of the model's confidence. A word is as typical as the share of the group's clauses that
        have it exceeds the share of the other groups' clauses; words that say nothing ("this product") are not typical.
        Closeness is the sum over the clause's words, divided by the root of their number (a cosine up to a constant).
        Clauses that are not `readable` come after all others.
        """
        words = [word_set(clause) for clause in clauses]
        seen = Counter(word for bag in words for word in bag)
        members: dict[int, list[int]] = {}
        for i, g in enumerate(group.tolist()):
            members.setdefault(g, []).append(i)
        book: dict[int, list[_Candidate]] = {}
        for g, chosen in members.items():
            inside = Counter(word for i in chosen for word in words[i])
            others = len(words) - len(chosen)
            weight = {w: n / len(chosen) - (seen[w] - n) / max(others, 1) for w, n in inside.items()}
            weight.update(dict.fromkeys(EMPTY & inside.keys(), 0.0))
            typical = [sum(max(weight[w], 0.0) for w in words[i]) / sqrt(len(words[i]) or 1) for i in chosen]
            best = max(typical) or 1.0
            wordings = _wordings(names[g]) if g < len(names) else []
            listed = []
            for i, closeness in zip(chosen, typical, strict=True):
                text = clauses[i]
                quality = closeness / best + _says(text, wordings) + 0.3 * float(confidence[i])
                listed.append(
                    _Candidate(
                        Quote(int(row[i]), text, int(start[i]), int(end[i])),
                        words[i],
                        bool(hazard[i]),
                        (int(not readable(text)), -round(quality, 9), int(row[i]), int(start[i])),
                    )
                )
            book[g] = sorted(listed, key=lambda c: c.order)
        return cls(book)

    def pick(
        self, group: int, allowed: NDArray[np.bool_], preferred: NDArray[np.bool_], count: int, *, hazards_first: bool
    ) -> list[Quote]:
        """Return up to `count` quotes of a group, each from another review and none a near-repetition of another.

        Args:
            group: the theme's or area's number.
            allowed: shape (n_reviews,), the reviews that may be quoted.
            preferred: shape (n_reviews,), the reviews whose quotes go before the others'.
            count: how many quotes at most.
            hazards_first: quotes that report a hazard go before all others.
        """
        rows = [c for c in self._candidates.get(group, []) if allowed[c.quote.row]]
        rows.sort(key=lambda c: (hazards_first and not c.hazard, not preferred[c.quote.row]))  # stable: then by quality
        picked: list[_Candidate] = []
        for candidate in rows:
            if len(picked) == count:
                break
            if all(not _repeats(candidate, other) for other in picked):
                picked.append(candidate)
        return [c.quote for c in picked]


def _wordings(name: str) -> list[frozenset[str]]:
    """Return the stems of the telling words of each wording in a name; "cable: " before them is the area."""
    said = name.split(": ", 1)[-1].split(" / ")
    return [forms for wording in said if (forms := _forms(wording))]


def _says(clause: str, wordings: Sequence[frozenset[str]]) -> float:
    forms = _forms(clause)
    return max((len(wording & forms) / len(wording) for wording in wordings), default=0.0)


def _forms(said: str) -> frozenset[str]:
    return frozenset(stem(word) for word in word_set(same_wording(said.lower())) if word not in EMPTY)


def _repeats(one: _Candidate, other: _Candidate) -> bool:
    return one.quote.row == other.quote.row or repeats(one.words, other.words)
