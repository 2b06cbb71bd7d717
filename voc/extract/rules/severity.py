"""How bad a pain is, from annoyance (0.2) to broken, money lost and danger (1.0)."""

from __future__ import annotations

import re

_BROKEN = re.compile(
    r"\b(?:stop(?:s|ped|ping)?\s+(?:\w+\s+)?(?:work|charg|function|play|connect|respond)\w*|(?:not|n['’]?t|nt|never)\s+(?:\w+\s+)?"
    r"(?:work(?:s|ed|ing)?|function\w*|charg(?:e|es|ed|ing)|turn(?:s|ed|ing)?\s+on|switch\w*\s+on|start(?:s|ed|ing)?|power\w*)"
    r"|dead|died|dies|broke(?:n)?|breaks?|snapped|cracked|burnt|failed|fails|failure|useless|bricked|torn|tore|ripped"
    r"|fell\s+apart|falling\s+apart|came\s+(?:off|apart)|give(?:n|s)?\s+(?:up|out)|gave\s+(?:up|out)|defective|damaged|kaput|conked)\b",
    re.IGNORECASE,
)
_MONEY = re.compile(r"\b(?:refund|money\s+back|wast\w+\s+(?:of\s+)?money|cheated|fraud|scam)\b", re.IGNORECASE)
_MILD = re.compile(
    r"\b(?:little|slight(?:ly)?|bit|somewhat|minor|small|could\s+be|sometimes|only\s+(?:complaint|issue|problem|con))\b",
    re.IGNORECASE,
)


def severity(said: str, *, polarity: float, hazard: bool, specificity: str) -> float:
    """Return the severity 0..1 of a pain from its words; 0 for anything that is not negative.

    Steps: hazard 1.0, broken or failed 0.8, money lost 0.7, otherwise 0.3 to 0.6 by how negative it reads, less when
    the customer calls it small.
    """
    if polarity >= 0:
        return 0.0
    if hazard:
        return 1.0
    if _BROKEN.search(said):
        value = 0.8
    elif _MONEY.search(said):
        value = 0.7
    else:
        value = 0.3 + 0.3 * min(1.0, -polarity)
        if specificity != "trouble":
            value -= 0.05
    if _MILD.search(said):
        value -= 0.15
    return round(max(0.1, value), 3)
