"""From what the network and the matchers found in a text to its opinions: one for each thing said about one part."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from voc.extract.describe import Said, Spans
from voc.extract.reader import FoundSpan, ReadText
from voc.extract.rules.content import is_generic, only_judges, says_nothing
from voc.extract.rules.matchers import RuleFindings
from voc.extract.rules.times import TimeInUse
from voc.extract.sentences import clause_spans, sentence_spans

Span = tuple[int, int]
#: A sentence without a marked phrase counts as an opinion of its own from this probability on.
IMPLIED_FROM = 0.6
#: In a sentence that is a wish the likeliest mention is the wish if its own probability is not below this.
_WISH_AT_LEAST = 0.1
_NEGATION = re.compile(
    r"\b(?:not|never|no longer|no|without|hardly|barely|can ?not|dont|doesnt|didnt|isnt|wasnt|wont|cant|stop(?:s|ped)?"
    r"|(?:do|does|did|is|was|are|wo|ca|could|would|has|have)n['’]?t)\s+(?:(?:even|really|at all|so|very|that|to)\s+)?$",
    re.IGNORECASE,
)
#: Before an aspect without a phrase: "no" is all that is said of the light in "no light".
_MISSING = re.compile(r"\b(no|without|zero|lacks|lacking)\s+$", re.IGNORECASE)


@dataclass(frozen=True)
class Opinion:
    """One opinion of a text; the columns of `mentions` that come from the text alone, spans as (start, end).

    `meaning`, of shape (MEANING_DIM,) and length 1, is near to that of opinions about the same thing.
    """

    kind: str
    specificity: str
    target: str
    aspect: Span | None
    phrase: Span | None
    clause: Span
    polarity: float
    confidence: float
    severity: float
    hazard: bool
    days_in_use: int | None
    time_event: str | None
    meaning: NDArray[np.float16] = field(compare=False, repr=False)


@dataclass
class Draft:
    """Where an opinion stands, before the mention heads say what it is; `scores` are (negative, neutral, positive)."""

    aspect: Span | None
    phrase: Span | None
    clause: Span
    sentence: Span
    scores: tuple[float, float, float]
    confidence: float
    #: It says no more than that the whole is good or bad; what is wrong, if anything, another of its clause says.
    only_judges: bool = False

    def spans(self, place: int, text: str) -> Spans:
        """Return the draft's spans, in `text`, which is number `place`."""
        return Spans(place, self.aspect, self.phrase, self.clause, self.sentence, self.part(text))

    def part(self, text: str) -> Span | None:
        """Return the aspect, unless it names the whole product."""
        return None if self.aspect is None or is_generic(text[slice(*self.aspect)]) else self.aspect


def draft_opinions(text: str, reading: ReadText) -> list[Draft]:
    """Combine spans, links and sentence scores into one draft for each opinion."""
    sentences = sentence_spans(text)
    clauses = {sentence: clause_spans(text, *sentence) for sentence in sentences}
    found: list[Draft] = []
    linked: set[int] = set()
    for phrase, link in zip(reading.phrases, reading.links, strict=True):
        aspect = reading.aspects[link] if link >= 0 else None
        if aspect is not None:
            linked.add(link)
        found.append(_from_spans(text, phrase, aspect, phrase, sentences, clauses))
    for index, aspect in enumerate(reading.aspects):
        if index not in linked:
            found.append(_from_spans(text, aspect, aspect, None, sentences, clauses))
    found += _implied(text, reading, found, sentences, clauses)
    found = _without_empty(text, found)
    _mark_judging(text, found)
    return found


def finish_opinions(
    drafts: list[Draft], said: list[Said], reading: ReadText, rules: RuleFindings, wish_from: float
) -> list[Opinion]:
    """Turn drafts into opinions by what the mention heads and the matchers say, in the order of the text.

    `wish_from` is the probability from which a sentence is a wish.
    """
    times = _nearest_opinions(drafts, rules.times)
    kinds = _kinds(drafts, said, reading, rules, wish_from)
    opinions = {
        _finish(draft, kind, one, rules, times.get(index))
        for index, (draft, kind, one) in enumerate(zip(drafts, kinds, said, strict=True))
    }
    return sorted(opinions, key=lambda o: (o.phrase or o.aspect or o.clause, o.clause, o.aspect or (-1, -1), o.kind))


def _from_spans(
    text: str,
    anchor: FoundSpan,
    aspect: FoundSpan | None,
    phrase: FoundSpan | None,
    sentences: list[Span],
    clauses: dict[Span, list[Span]],
) -> Draft:
    sentence = _holding(sentences, anchor.start, anchor.end)
    clause = _holding(clauses.get(sentence, [sentence]), anchor.start, anchor.end)
    if aspect is not None and phrase is not None and not _inside(aspect, clause):
        reach = _holding(clauses.get(sentence, [sentence]), aspect.start, aspect.end)
        if reach[0] >= sentence[0] and reach[1] <= sentence[1]:
            clause = (min(clause[0], reach[0]), max(clause[1], reach[1]))
    said = _said(text, aspect, phrase, sentence[0])
    confidence = min(s.confidence for s in (aspect, phrase) if s is not None) * max(anchor.polarity)
    return Draft(
        (aspect.start, aspect.end) if aspect else None,
        said,
        (min(clause[0], said[0]) if said else clause[0], clause[1]),
        sentence,
        anchor.polarity,
        confidence,
    )


def _mark_judging(text: str, found: list[Draft]) -> None:
    """Mark the drafts that only judge the whole: "worst" in "worst product, it stopped charging after a month"."""
    judging = [draft.phrase is not None and only_judges(text[slice(*draft.phrase)]) for draft in found]
    troubles = [
        draft.clause
        for draft, judges in zip(found, judging, strict=True)
        if draft.phrase is not None and not judges and draft.scores[0] == max(draft.scores)
    ]
    for draft, judges in zip(found, judging, strict=True):
        whole = draft.part(text) is None
        beside = judges and whole and any(_overlaps(clause, draft.clause) for clause in troubles)
        draft.only_judges = beside or (whole and only_judges(text[slice(*draft.clause)]))


def _without_empty(text: str, found: list[Draft]) -> list[Draft]:
    """Leave out phrases such as "two weeks" where another of the sentence says what happened after them."""
    empty = [f.phrase is not None and f.aspect is None and says_nothing(text[slice(*f.phrase)]) for f in found]
    telling = {f.sentence for f, nothing in zip(found, empty, strict=True) if not nothing}
    return [f for f, nothing in zip(found, empty, strict=True) if not (nothing and f.sentence in telling)]


def _said(text: str, aspect: FoundSpan | None, phrase: FoundSpan | None, floor: int) -> Span | None:
    """Return what is said: a phrase with the negation before it ("not working"), or that the aspect is missing."""
    if phrase is not None:
        match = _NEGATION.search(text, floor, phrase.start)
        return (match.start() if match else phrase.start, phrase.end)
    match = _MISSING.search(text, floor, aspect.start) if aspect is not None else None
    return match.span(1) if match else None


def _implied(
    text: str, reading: ReadText, found: list[Draft], sentences: list[Span], clauses: dict[Span, list[Span]]
) -> list[Draft]:
    """Sentences that read clearly negative or positive although no span in them was marked so."""
    extra: list[Draft] = []
    for start, end, negative, positive, wish in reading.sentences:
        sentence = _holding(sentences, start, end)
        here = [f for f in found if f.sentence == sentence]
        has_negative = any(f.scores[0] == max(f.scores) for f in here)
        if negative >= IMPLIED_FROM and not has_negative and negative > positive:
            scores = (negative, round(1 - negative, 3), 0.0)
        elif positive >= IMPLIED_FROM and not here and len(text[start:end].split()) > 1:
            scores = (0.0, round(1 - positive, 3), positive)
        elif wish >= IMPLIED_FROM and not here:
            scores = (0.0, 1.0, 0.0)
        else:
            continue
        if any(f.phrase is None and f.aspect is None and f.sentence == sentence for f in extra):
            continue
        taken = [f.phrase or f.aspect or f.clause for f in here]
        free = [c for c in clauses.get(sentence, [sentence]) if not any(_overlaps(c, span) for span in taken)]
        clause = (free[0][0], free[-1][1]) if free else (start, end)
        if clause in taken:
            continue  # one opinion already is this very stretch of text
        extra.append(Draft(None, None, clause, sentence, scores, max(negative, positive, wish)))
    return extra


def _kinds(
    drafts: list[Draft], said: list[Said], reading: ReadText, rules: RuleFindings, wish_from: float
) -> list[str]:
    """Return the kind of each draft: what its spans and its mention head say together, or a wish of its sentence."""
    kinds = []
    for draft, one in zip(drafts, said, strict=True):
        negative, neutral, positive = draft.scores
        both = {
            "pain": negative + one.kind["pain"],
            "praise": positive + one.kind["praise"],
            "neutral": neutral + one.kind["neutral"],
            "wish": 2 * one.kind["wish"],
        }
        kinds.append(max(both, key=lambda kind: both[kind]))
    for start, end, _, _, wish in reading.sentences:
        here = [i for i, draft in enumerate(drafts) if _overlaps(draft.clause, (start, end))]
        asks = wish >= wish_from or any(_overlaps((start, end), span) for span in rules.wishes)
        if asks and here and "wish" not in (kinds[i] for i in here):
            likeliest = max(here, key=lambda i: said[i].kind["wish"])
            if said[likeliest].kind["wish"] >= _WISH_AT_LEAST:
                kinds[likeliest] = "wish"
    return kinds


def _finish(draft: Draft, kind: str, said: Said, rules: RuleFindings, time: TimeInUse | None) -> Opinion:
    negative, _, positive = draft.scores
    polarity = round((positive - negative + said.kind["praise"] - said.kind["pain"]) / 2, 3)
    hazard = kind == "pain" and any(_overlaps(draft.clause, span) for span in rules.hazards)
    about = max(said.target, key=lambda name: said.target[name])
    level = "trouble" if hazard else max(said.specificity, key=lambda name: said.specificity[name])
    if level == "trouble" and not hazard:
        if draft.only_judges:
            level = "verdict"
        elif draft.phrase is None and draft.aspect is not None:
            level = "judgement"  # discontent with a part, without words that say what is wrong
    if about != "product":
        time = None  # days until a parcel came are no time in use
    return Opinion(
        kind,
        level,
        about,
        draft.aspect,
        draft.phrase,
        draft.clause,
        polarity,
        round(draft.confidence, 3),
        0.0 if kind != "pain" else 1.0 if hazard else said.severity,
        hazard,
        time.days if time else None,
        _time_event(kind, time) if time else None,
        said.meaning,
    )


def _nearest_opinions(found: list[Draft], times: tuple[TimeInUse, ...]) -> dict[int, TimeInUse]:
    """Give each stated time to the one opinion of its sentence that stands nearest to it."""
    result: dict[int, TimeInUse] = {}
    for time in times:
        near = [
            (max(time.start - anchor[1], anchor[0] - time.end, 0), index)
            for index, item in enumerate(found)
            if item.sentence[0] <= time.start < item.sentence[1]
            for anchor in [item.phrase or item.aspect or item.clause]
        ]
        if near:
            result.setdefault(min(near)[1], time)
    return result


def _time_event(kind: str, time: TimeInUse) -> str | None:
    if kind == "pain":
        # "used it for a month, the bass is weak": used so long, but nothing failed then.
        return None if time.cue == "works_after" else "failed_after"
    return "works_after" if kind == "praise" else None


def _holding(spans: list[Span], start: int, end: int) -> Span:
    """Return the first of `spans` that overlaps [start, end), widened to hold it."""
    for span in spans:
        if span[0] < end and span[1] > start:
            return (min(span[0], start), max(span[1], end)) if span[1] < end or span[0] > start else span
    return start, end


def _inside(inner: FoundSpan, outer: Span) -> bool:
    return outer[0] <= inner.start and inner.end <= outer[1]


def _overlaps(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]
