"""The wordings that stand for a theme: what many of its customers say, and those of other themes do not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

import numpy as np

from voc.extract.rules.content import judges, only_judges
from voc.extract.rules.lexicon import EMPTY, VAGUE, words
from voc.themes.areas import OTHER, WHOLE
from voc.themes.embedding import Vectors
from voc.themes.salience import stems, tells
from voc.themes.terms import stem

_LONGEST = 48  # characters of one wording
_ANOTHERS = -0.03  # so little telling is a word that another theme of the area is about
_TELLING = 0.15  # how telling a word must be to count in full
_ONCE = 0.6  # what a wording that only one customer used is worth less
_NUMBERED = 0.2  # the same of one with a number, which is that customer's own
_SINGLE = 0.25  # what a single word that is to stand for itself is worth less ("excessive")
_TWICE = 0.25  # the same of one that names the area once more
_WRONG = 0.1  # what one is worth more that says by its words that something is wrong
_BARE = 0.4  # what one is worth less that only names something ("warranty"), and says nothing of it
_SECOND = 1.3  # worth that a second wording must have,
_HEARD = 0.08  # the share of the mentions that must have a word of it
_SECONDS = 60  # and of how many wordings, the best ones, it is sought
_BEGINNING = 4  # letters in which stems of one word are alike
_OTHER_WORDS = 0.9  # and the cosine with the first one from which it says the same
#: A cluster about the whole product of which more than this share only judges it is a verdict, no theme.
_VERDICTS = 0.35
#: Words around a judging word that add nothing to it ("started having problems", "especially annoying").
_AROUND = frozenset(
    """
    having facing face faced created creating creates cause causes causing especially particularly somewhat rather
    fairly clearly obviously grand main minor major drawback drawbacks acts stupid
    """.split()
)
_ADDS_NOTHING = EMPTY | VAGUE | _AROUND
#: Said alone of the whole product these say no more than a judging word does.
_SAY_LITTLE = frozenset("difficult hard impossible painful pain limited confusing misleading scared excessive".split())
#: Words before a wording that only say how much or how sure.
_HEDGES = frozenset(
    """
    a an to bit little slightly somewhat quite pretty rather fairly very really extremely super incredibly completely
    totally absolutely utterly clearly obviously definitely simply just also even still actually basically literally
    annoyingly terribly practically immediately suddenly constantly randomly started starting starts almost nearly
    always often
    """.split()
)
#: Words that a wording cannot end with.
_BREAKS_OFF = frozenset("not no never dont doesnt didnt isnt wasnt arent cant wont couldnt hardly barely even".split())
#: Words that cannot stand alone after a denial: "doesn't fast" lacks its verb, "no fast" its noun.
_LACKING = frozenset("fast quick quickly long longer even".split())
_DENIED = _BREAKS_OFF - {"not", "isnt", "wasnt", "arent"} | frozenset(
    "don't doesn't didn't can't won't couldn't".split()
)
#: What is said about anything.
_IDIOMS = frozenset({"not the case", "not so hot", "not going to happen", "not an option"})
#: Words that say that something is wrong.
_SAY_WRONG = frozenset(
    """
    no not never none cannot can't won't don't doesn't didn't isn't wasn't aren't couldn't wouldn't hardly barely too
    stopped stops stop lack lacks lacking low less hard difficult unable without broke broken
    """.split()
)
#: What people write without its apostrophe.
_SHORT = {
    short.replace("'", ""): short
    for short in "don't doesn't didn't can't won't isn't wasn't aren't couldn't wouldn't shouldn't haven't".split()
}
#: What people do about any trouble: it names none of the product.
_CONSEQUENCES = frozenset(
    "return returns returned returning refund refunds refunded replace replaced replacing replacement exchange".split()
)


def typical_wordings(
    phrases: Sequence[str],
    vectors: Vectors,
    centre: Vectors,
    area: str,
    *,
    weights: Mapping[str, float] | None = None,
    besides: AbstractSet[str] = frozenset(),
    nouns: AbstractSet[str] = frozenset(),
) -> list[str]:
    """Return one or two wordings that stand for a theme: of its commonest words, near its centre, short.

    There is none when no phrase says what is wrong ("use", "within days"). Phrases that only judge ("very bad") stand
    for a theme when there is no other, and for one of the whole product never: where many only judge it, there is none.
    `phrases` are normal forms, one per mention, `vectors` (n, dimensions) their mentions', `centre` (dimensions,) the
    theme's. The words of `area` count for nothing, since the area stands before the wording. `weights` say how telling
    a stem is of the theme, as `salience` does; without them the commonest are. Stems in `besides` only name the part,
    those in `nouns` something: a phrase of these alone says nothing of it.
    """
    phrases = [plain(phrase) for phrase in phrases]
    counts = Counter(phrase for phrase in phrases if phrase)
    if not counts:
        return []
    besides = besides | _forms(area)
    said = {phrase: stems(phrase, besides) for phrase in counts}
    shares: Counter[str] = Counter()
    for phrase, count in counts.items():
        shares.update(dict.fromkeys(said[phrase], count))
    total = sum(counts.values())
    telling_of = {form: count / total for form, count in shares.items()} if weights is None else weights
    most = max(_TELLING, max((telling_of.get(form, 0.0) for form in shares), default=0.0))
    telling_of = {form: telling_of.get(form, 0.0) / most for form in shares}
    # "Buttons are too small" and "buttons too small" are one wording.
    puts = {phrase: (said[phrase], not _SAY_WRONG.isdisjoint(phrase.split())) for phrase in counts}
    times: Counter[tuple[frozenset[str], bool]] = Counter()
    for phrase, count in counts.items():
        times[puts[phrase]] += count
    whole = area in (WHOLE, OTHER)
    place: dict[str, int] = {}
    for index, phrase in enumerate(phrases):
        place.setdefault(phrase, index)

    def worth(phrase: str) -> float:
        size = len(words(phrase))
        length = 0.0 if 2 <= size <= 4 else -0.06 * (size - 4) if size > 4 else -_SINGLE if whole else -0.1
        typical = max((telling_of[form] for form in said[phrase]), default=0.0)
        mean = sum(telling_of[form] for form in said[phrase]) / max(1, len(said[phrase]))
        common = np.log1p(counts[phrase]) / np.log1p(total)
        once = -_NUMBERED if any(word.isdigit() for word in words(phrase)) else 0.0
        if counts[phrase] == 1:
            once -= _ONCE if times[puts[phrase]] == 1 else _ONCE / 2
        near = float(vectors[place[phrase]] @ centre)
        twice = -_TWICE if besides & _forms(phrase) else 0.0
        wrong = _WRONG if puts[phrase][1] else -_BARE if _bare(said[phrase], nouns) else 0.0
        return 1.5 * near + 0.6 * typical + 0.2 * mean + float(common) + length + once + twice + wrong

    judging = {p for p in counts if _merely_judges(p, whole)}
    telling = [p for p in counts if p not in judging and _complete(p)]
    if whole:
        if sum(counts[p] for p in judging) > _VERDICTS * total:
            return []
    elif not telling:
        telling = [p for p in counts if stems(p)]
    own = [p for p in telling if all(telling_of[form] * most > _ANOTHERS for form in said[p])] or telling
    short = [p for p in own if len(p) <= _LONGEST] or own
    if not short:
        return []
    ranked = sorted(short, key=lambda p: (-worth(p), p))
    first = ranked[0]
    for second in ranked[1:_SECONDS]:
        told = said[second] - nouns
        if _bare(told, nouns) or _share_a_word(told, said[first]) or counts[second] < 2 or worth(second) <= _SECOND:
            continue
        if max(shares[form] for form in said[second]) < _HEARD * total:
            continue
        if float(vectors[place[first]] @ vectors[place[second]]) < _OTHER_WORDS:
            return [first, second]
    return [first]


def _bare(said: AbstractSet[str], nouns: AbstractSet[str]) -> bool:
    """Say whether stems only name something, and for how long ("under the 1 year warranty period")."""
    return all(form in nouns or form in ("under", "perio") or form.isdigit() for form in said)


def _share_a_word(one: AbstractSet[str], other: AbstractSet[str]) -> bool:
    """Say whether a stem of one begins like one of the other ("fitting" and "fit", "slow" and "slower")."""
    return any(a[:_BEGINNING].startswith(b[:_BEGINNING]) or b.startswith(a[:_BEGINNING]) for a in one for b in other)


def _forms(phrase: str) -> set[str]:
    return {stem(word) for word in words(phrase)}


def _complete(phrase: str) -> bool:
    """Say whether a phrase says something and does not break off ("the mids are not", "doesn't fast")."""
    said = words(phrase)
    if phrase in _IDIOMS or (said[0] in _DENIED and said[1:2] == ["sometimes"]):
        return False
    if len(said) == 2 and said[0] in _DENIED and said[1] in _LACKING:
        return False
    return bool(stems(phrase)) and said[-1] not in _BREAKS_OFF and not said[-1].endswith("n't")


def plain(phrase: str) -> str:
    """Return a phrase without words before it that only say how much ("a little flimsy"), its short forms mended."""
    kept = [_SHORT.get(word, word) for word in words(phrase)]
    while len(kept) > 1 and kept[0] in _HEDGES:
        kept.pop(0)
    return " ".join(kept)


def _merely_judges(phrase: str, whole: bool) -> bool:
    """Say whether a phrase only judges: the whole product, or a part of it."""
    said = words(phrase)
    if whole and len(said) == 1 and said[0] in _SAY_LITTLE:
        return True
    if any(judges(word) and tells(word, whole=whole) for word in said):
        return False
    content = [word for word in said if word not in _ADDS_NOTHING]
    if only_judges(phrase) or not content:
        return True
    return all(judges(word) or (whole and word in _CONSEQUENCES) for word in content)
