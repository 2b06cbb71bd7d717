"""Chooses the customers' own words that stand for a theme: typical, readable, from different people."""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voc.extract.rules.lexicon import EMPTY
from voc.themes.terms import SAME, may_change, same_wording, stem

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
class QuoteBook:
    """For each group (theme or area) its quotable clauses, best first.

    Arrays have shape (n_clauses,), sorted by group. What a clause says of its group's name takes long to tell where it
    can be put in other words (`same_wording`): of such ones it is told of those that can be picked.
    """

    _clauses: Sequence[str]
    _which: NDArray[np.int64]  # position in `_clauses`
    _row: NDArray[np.int64]
    _start: NDArray[np.int64]
    _end: NDArray[np.int64]
    _hazard: NDArray[np.bool_]
    _unreadable: NDArray[np.bool_]
    _quality: NDArray[np.float64]  # without what a clause says of the name
    _said: NDArray[np.float64]  # what it says of the name; NaN until somebody asks
    _at_most: NDArray[np.float64]  # what it can say of it at most
    _wordings: list[list[frozenset[str]]]  # of each group's name
    _bounds: NDArray[np.int64]  # where each group begins, and the end of the last; shape (groups + 1,)

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
        size = int(group.max()) + 1 if len(group) else 0
        words, vocabulary = _word_matrix(clauses)
        lengths = np.sqrt(np.maximum(np.diff(words.indptr), 1))
        seen = np.asarray(words.sum(axis=0)).ravel()
        empty = np.array([word in EMPTY for word in vocabulary], bool)
        quality, most = np.zeros(len(clauses)), np.zeros(len(clauses))
        naming = [_wordings(names[g]) if g < len(names) else [] for g in range(size)]
        naming_words = _Naming(words, vocabulary)
        order = np.argsort(group, kind="stable")
        bounds = np.searchsorted(group[order], np.arange(size + 1))
        for g in range(size):
            chosen = order[bounds[g] : bounds[g + 1]]
            if not len(chosen):
                continue
            own = words[chosen]
            inside = np.asarray(own.sum(axis=0)).ravel()
            weight = inside / len(chosen) - (seen - inside) / max(len(clauses) - len(chosen), 1)
            weight[empty] = 0.0
            typical = (own @ np.maximum(weight, 0.0)) / lengths[chosen]
            quality[chosen] = typical / (typical.max() or 1.0)
            most[chosen] = naming_words.share(chosen, naming[g])
        quality += 0.3 * np.asarray(confidence, np.float64)
        unreadable = np.array([not readable(clause) for clause in clauses], bool)
        # What cannot say any of it, says none of it, however it is put.
        said = np.where(naming_words.changing & (most > 0), np.nan, most)
        sorted_ = (row[order], start[order], end[order], hazard[order], unreadable[order], quality[order])
        return cls(clauses, order, *sorted_, said[order], most[order], naming, bounds)

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
        if not 0 <= group < len(self._bounds) - 1:
            return []
        place = np.arange(self._bounds[group], self._bounds[group + 1])
        place = place[allowed[self._row[place]]]
        later = (~preferred[self._row[place]]).astype(int)
        if hazards_first:
            later += 2 * ~self._hazard[place]
        picked: list[Quote] = []
        said: list[frozenset[str]] = []
        for i in self._best_first(group, place, later):
            if len(picked) == count:
                break
            text, row = self._clauses[self._which[i]], int(self._row[i])
            words = word_set(text)
            if any(row == quote.row or repeats(words, other) for quote, other in zip(picked, said, strict=True)):
                continue
            picked.append(Quote(row, text, int(self._start[i]), int(self._end[i])))
            said.append(words)
        return picked

    def _best_first(self, group: int, place: NDArray[np.int64], later: NDArray[np.int64]) -> Iterator[int]:
        """Yield places in the order of `later`, then of how well the clauses stand for the group."""
        # In the order of what clauses could be worth at most; those that cannot be next wait.
        bound = np.round(self._quality[place] + self._at_most[place], 9)
        order = np.lexsort((self._start[place], self._row[place], -bound, self._unreadable[place], later))
        told: list[tuple[int, bool, float, int, int, int]] = []
        for k in order.tolist():
            i = int(place[k])
            first, unreadable = int(later[k]), bool(self._unreadable[i])
            while told and told[0][:3] < (first, unreadable, -float(bound[k])):
                yield heapq.heappop(told)[-1]
            quality = -round(float(self._quality[i]) + self._says(group, i), 9)
            heapq.heappush(told, (first, unreadable, quality, int(self._row[i]), int(self._start[i]), i))
        while told:
            yield heapq.heappop(told)[-1]

    def _says(self, group: int, place: int) -> float:
        """Return the greatest share of a wording of the group's name that a clause says."""
        if np.isnan(self._said[place]):
            forms = _forms(self._clauses[self._which[place]])
            shares = (len(wording & forms) / len(wording) for wording in self._wordings[group])
            self._said[place] = max(shares, default=0.0)
        return float(self._said[place])


class _Naming:
    """Tells from the matrix of words how much of a name clauses say at most: exactly, but of those that are `changing`.

    Args:
        words: which clause has which word, csr_array of shape (clauses, words).
        vocabulary: the words.
    """

    def __init__(self, words: Any, vocabulary: Sequence[str]) -> None:
        self._words = words
        self._places: dict[str, list[int]] = {}
        for place, word in enumerate(vocabulary):
            if word not in EMPTY:
                self._places.setdefault(_stem(word), []).append(place)
        starting = np.array([may_change(word) for word in vocabulary], float)
        #: Clauses that `same_wording` may put in other words, shape (clauses,).
        self.changing: NDArray[np.bool_] = (words @ starting) > 0

    def share(self, clauses: NDArray[np.int64], wordings: Sequence[frozenset[str]]) -> NDArray[np.float64]:
        """Return the greatest share of one of `wordings` that each of `clauses` can say, shape (len(clauses),)."""
        own, changing = self._words[clauses], self.changing[clauses]
        best = np.zeros(len(clauses))
        for wording in wordings:
            said = np.zeros(len(clauses))
            for form in wording:
                has = np.zeros(own.shape[1])
                has[self._places.get(form, [])] = 1.0
                said += ((own @ has) > 0) | (changing & (form in _PUT))
            best = np.maximum(best, said / len(wording))
        return best


def _word_matrix(clauses: Sequence[str]) -> tuple[Any, list[str]]:
    """Return which clause has which word, as a csr_array of ones of shape (clauses, words), and the words."""
    from scipy.sparse import csr_array

    vocabulary: dict[str, int] = {}
    bounds, columns = [0], []
    for clause in clauses:
        columns += [vocabulary.setdefault(word, len(vocabulary)) for word in set(_WORD.findall(clause.lower()))]
        bounds.append(len(columns))
    shape = (len(clauses), len(vocabulary))
    held = (np.ones(len(columns)), np.array(columns, np.int32), np.array(bounds, np.int32))
    return csr_array(held, shape=shape), list(vocabulary)


def _wordings(name: str) -> list[frozenset[str]]:
    """Return the stems of the telling words of each wording in a name; "cable: " before them is the area."""
    said = name.split(": ", 1)[-1].split(" / ")
    return [forms for wording in said if (forms := _forms(wording))]


def _forms(said: str) -> frozenset[str]:
    return frozenset([_stem(word) for word in _WORD.findall(same_wording(said.lower())) if word not in EMPTY])


_stem = lru_cache(maxsize=65_536)(stem)
#: Stems of the words in which `same_wording` puts others.
_PUT = frozenset(form for said in SAME for form in _forms(said))
