"""What customers wish for: what they want, the part it concerns, and how deep the wish reaches."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from voc.extract.rules.lexicon import EMPTY, words
from voc.themes.areas import OTHER, TARGET_AREAS, WHOLE, Areas
from voc.themes.terms import normal_aspect, singular

#: Depths of a wish, as Haier's platform takes part in a product: another variant of a module that there is, an idea
#: for something that there is not, and something made for one customer alone.
VARIANT, IDEA, PERSONAL = "variant", "idea", "personal"
DEPTHS = (VARIANT, IDEA, PERSONAL)

_MANNER = r"(?:really |just |only |also |do |did |so |highly |strongly |definitely |certainly |sincerely |honestly )*"
_GOOD = r"(?:nice|great|good|better|best|helpful|cool|perfect|awesome|amazing|appreciated|useful|handy|ideal|wonderful)"
#: Ways to begin a wish, which say nothing of what is wished for; the latest one in a clause counts.
_OPENERS = re.compile(
    rf"""
    \b(?:
      (?:(?:i|we|my)\ ?{_MANNER}(?:only\ )?(?:wish(?:ed|es)?|hope|hoped)(?:\ (?:is|was|for))?(?:\ (?:that|if))?)
    | (?:wish(?:ed|ing|es)?|hope|hoping|if\ only)(?:\ (?:that|if|for))?
    | (?:it|that|which|this)?\ ?(?:would|wud|could|'d|will|might|may)(?:'ve)?\ {_MANNER}(?:have\ |'ve\ )?(?:be|been)
      (?:\ so|\ even|\ a\ lot|\ much|\ very|\ more)*\ {_GOOD}(?:\ (?:if|to\ have|to\ see|to|for|with|that|when))?
    | (?:i|we)?\ ?(?:would|'d|wud)\ {_MANNER}(?:have\ )?(?:like|love|prefer|appreciate|want|recommend)(?:d|red|ed)?
      (?:\ (?:to\ have|to\ see|to|it\ if|if|that))?
    | (?:please|pls|plz|kindly)\ (?:to\ )?(?:add|include|provide|give|make|bring|launch|introduce|consider|fix)?
    | (?:my\ |one\ |only\ |a\ )*(?:suggestions?|recommendation|proposal|request)
      (?:\ (?:is|are|would\ be))?(?:\ (?:to|that|for))?
    | (?:i|we)\ suggest(?:\ (?:to|that))?
    | why\ (?:not|don't|can't)(?:\ (?:you|they))?
    )\b[\s,:.-]*
    """,
    re.IGNORECASE | re.VERBOSE,
)
#: Where what is wished for ends, and a reason or another statement begins.
_ENDS = re.compile(
    r"[.;!?,()]|\b(?:but|because|cause|so that|instead|though|although|however|which|otherwise|then|other than"
    r"|especially|we'll|as it|as well|rest is|rest are|like the|like other|vs)\b",
    re.IGNORECASE,
)
_ASKS = re.compile(r"\b(?:should|shld|shud|could|must|needs?|wants?|required?|add|improve|include)\b", re.IGNORECASE)
#: Words at the edges of what is wished for that say nothing of it.
_EDGES = frozenset(
    """
    a an the it its it's that this these those they there you u he she i we also and but or so just only even please
    pls plz kindly had has have having was were is are be been being would could should must can will had'd to of for
    in on at some any little bit though however plus besides overall otherwise too if then than with add added adding
    needs need needed should've could've would've hv shld shud give given provide provided offer offered include
    included come came comes 'd additionally additional thing things third secondly firstly one other first feel
    """.split()
)
#: A wish for another size, number, colour or degree of what there is.
_VARIANT = frozenset(
    """
    longer shorter bigger larger smaller thicker thinner lighter heavier louder quieter softer harder stronger wider
    brighter dimmer cheaper faster slower higher lower deeper tighter looser better clearer more less fewer extra
    another second long short length size sizes colour color colours colors shade version versions variant variants
    option options choice increase increased improve improved improvement improving upgrade upgraded reduce reduced
    fuller smoother sturdier simpler easier smarter range
    red blue green black white pink purple yellow orange gold silver grey gray
    """.split()
)
_PERSONAL = re.compile(
    r"\b(?:custom\w*|personal\w*|engrav\w*|tailor\w*|bespoke"
    r"|own (?:name|voice|photo|picture|colou?rs?|design|logo|wake)"
    r"|my name|initials|made to measure|configur\w*|programmable|assign\w*)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Wish:
    """A mention of a wish.

    Attributes:
        row: of `mentions`.
        wanted: what is wished for, in the customer's words without how the wish begins.
        area: the name of the area it concerns.
        depth: one of `DEPTHS`.
    """

    row: dict[str, Any]
    wanted: str
    area: str
    depth: str


def wish_of(row: dict[str, Any], areas: Areas, text: str) -> Wish:
    """Return the wish of a row of `mentions`, found in the review `text`."""
    wanted = wanted_in(text[row["clause_start"] : row["clause_end"]])
    return Wish(row, wanted, _area(row, wanted, areas), depth_of(wanted))


def wanted_in(clause: str) -> str:
    """Return what a clause wishes for: "I wish it had a longer cable" -> "longer cable"."""
    plain = " ".join(clause.replace("’", "'").split())
    found = list(_OPENERS.finditer(plain))
    after = plain[found[-1].end() :] if found else plain
    parts = _ENDS.split(after)
    if not found:
        # "Works great but should fold": the wish is where the verb is.
        parts.sort(key=lambda part: _ASKS.search(part) is None)
    parts = [_trimmed(part) for part in parts]
    wanted = next((part for part in parts if any(word not in EMPTY for word in words(part))), _trimmed(after))
    return wanted or _trimmed(_OPENERS.sub(" ", plain)) or _trimmed(plain) or plain.strip(" .,!?").lower()


def depth_of(wanted: str) -> str:
    """Return how deep a wish reaches: something personal, else a variant of what there is, else an idea."""
    if _PERSONAL.search(wanted):
        return PERSONAL
    return VARIANT if not _VARIANT.isdisjoint(words(wanted)) else IDEA


def _trimmed(text: str) -> str:
    kept = words(text)
    while kept and kept[0] in _EDGES:
        kept.pop(0)
    while kept and kept[-1] in _EDGES:
        kept.pop()
    return " ".join(kept)


def _area(row: dict[str, Any], wanted: str, areas: Areas) -> str:
    """Return the area of a wish: of its aspect, else of the longest term in what is wanted."""
    if row["target"] in TARGET_AREAS:
        return TARGET_AREAS[row["target"]]
    named = areas.of_term.get(normal_aspect(row["aspect"] or ""))
    if named and named != OTHER:
        return named
    said = [singular(word) for word in words(wanted)]
    for size in range(min(3, len(said)), 0, -1):
        for start in range(len(said) - size + 1):
            area = areas.of_term.get(" ".join(said[start : start + size]))
            if area and area != OTHER:
                return area
    return WHOLE
