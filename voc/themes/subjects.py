"""Which words name the product as a whole, and which a part of it: that depends on what an export is about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from voc.extract.rules.lexicon import DEVICES_IN_DEVICES, EMPTY, GENERIC_SUBJECTS, words
from voc.themes.terms import misspelled, normal_aspect, singular

#: Verbs that stand where a part is named but name none ("worked for a week").
_VERBS = frozenset("work working worked function functioning functioned use used using perform performed".split())
#: Words that say what kind of product the whole is.
_KINDS = frozenset("bluetooth blue tooth wireless wired bt original new old good".split())
#: What an export is not about, but names so much rarer than the device it is about, is a part of that.
_RARER = 2
#: Nouns of devices, of which the commonest says what an export is about.
_DEVICES = frozenset(
    """
    earphone headphone headset earbud airpod neckband speaker soundbar phone mobile tablet laptop computer camera player
    echo firestick router keyboard mouse monitor printer
    """.split()
)
_LONG_GENERIC = sorted(word for word in GENERIC_SUBJECTS if len(word) > 5)


@dataclass(frozen=True)
class Subjects:
    """What the opinions of an export can be about, beside its parts.

    Attributes:
        brands: words of the names of brands and products, in lower case: "boat earphone" is the whole product.
        parts: devices that are parts of the product here, as the camera is one of a phone.
    """

    brands: AbstractSet[str] = frozenset()
    parts: AbstractSet[str] = frozenset()

    def named_part(self, aspect: str | None) -> str:
        """Return the normal form of the product part that an aspect names; empty when it names none."""
        if aspect is None or self.names_whole(aspect):
            return ""
        term = normal_aspect(aspect, self.parts)
        return "" if term in _VERBS or self.names_whole(term) else term

    def names_whole(self, term: str) -> bool:
        """Say whether a term names the product as a whole: "wireless ear phone", "peoduct"."""
        said = words(term)
        if all(word in EMPTY and singular(word) not in self.parts for word in said):
            return True
        joined = {one + two for one, two in pairwise(said) if one + two in GENERIC_SUBJECTS}
        split = {word for one, two in pairwise(said) if one + two in joined for word in (one, two)}
        nouns = [word in split or (_generic(word) and singular(word) not in self.parts) for word in said]
        kinds = [word in _KINDS for word in said]
        if any(word in self.brands for word in said):
            known = [word in self.brands or word.isdigit() for word in said]
            return all(any(one) for one in zip(nouns, kinds, known, strict=True))
        return any(nouns) and all(noun or kind for noun, kind in zip(nouns, kinds, strict=True))


def devices_within(aspects: Iterable[str]) -> frozenset[str]:
    """Return the devices that are parts of another one in these reviews, by what their opinions are about.

    The camera is what is sold where nothing is named twice as often, and a part where phones are.
    """
    counts: Counter[str] = Counter()
    for aspect in aspects:
        named = {singular(word) for word in words(aspect) if word not in EMPTY or singular(word) in _DEVICES}
        if len(named) == 1:
            counts.update(named & _DEVICES)
    most = max(counts.values(), default=0)
    return frozenset(device for device in DEVICES_IN_DEVICES if _RARER * counts[device] < most)


@lru_cache(maxsize=50_000)
def _generic(word: str) -> bool:
    if word in GENERIC_SUBJECTS or (word.endswith("s") and word[:-1] in GENERIC_SUBJECTS):
        return True
    return len(word) > 5 and misspelled(word, _LONG_GENERIC) is not None
