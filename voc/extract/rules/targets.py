"""Who or what an opinion is about: the product, its delivery, the seller, the service, or a competitor."""

from __future__ import annotations

import re

_DELIVERY = re.compile(
    r"\b(?:deliver(?:y|ed|ies|ing)?|shipp(?:ing|ed|ment)|courier|parcel|packag(?:e|ing|ed)|packing|packed"
    r"|dispatch\w*|arriv(?:ed|al|e)\s+(?:late|damaged|broken|open|torn|days?|weeks?|\d)|transit"
    r"|logistics?|postage|box was|tracking)\b",
    re.IGNORECASE,
)
_DELIVERY_ASPECT = re.compile(
    r"\b(?:deliver(?:y|ies)?|shipping|shipment|courier|parcel|packag(?:e|ing)|packing|dispatch|logistics?|postage)\b",
    re.IGNORECASE,
)
_SERVICE = re.compile(
    r"\b(?:customer\s+(?:service|care|support|suport)|service\s+(?:cent(?:er|re)|team|guy|person)|support\s+team"
    r"|tech(?:nical)?\s+support|warranty|warrenty|waranty|guarantee|after\s*sales?|repair\s+(?:shop|cent(?:er|re)))\b",
    re.IGNORECASE,
)
_SELLER = re.compile(
    r"\b(?:seller|vendor|merchant|supplier|retailer|shop\s*keeper|refund(?:ed|s)?|return\s+(?:policy|request|window)"
    r"|replac(?:ement|e)\s+(?:policy|request|window)|sent\s+(?:me\s+)?(?:a\s+|the\s+)?(?:wrong|used|old|fake|duplicate)"
    r"|received\s+(?:a\s+|the\s+)?(?:wrong|used|old|fake|duplicate|empty|different))\b",
    re.IGNORECASE,
)
_COMPETITOR = re.compile(
    r"\b(?:other|another|competing|rival|old|previous)\s+brand'?s?\b|\b(?:unlike|compared\s+to|better\s+than)\s+(?:my\s+|the\s+)?"
    r"(?:old|other|previous)\b",
    re.IGNORECASE,
)


def target(aspect: str | None, phrase: str | None, clause: str, *, positive: bool) -> str:
    """Return "product", "delivery", "seller", "service" or "competitor" for one opinion.

    The aspect decides where it names one of them, then the opinion words, then the clause when neither is there.
    """
    for text, delivery in ((aspect, _DELIVERY_ASPECT), (phrase, _DELIVERY)):
        if text:
            if _SERVICE.search(text):
                return "service"
            if _SELLER.search(text):
                return "seller"
            if delivery.search(text):
                return "delivery"
    if aspect is None:
        if _SERVICE.search(clause):
            return "service"
        if _SELLER.search(clause):
            return "seller"
        if _DELIVERY_ASPECT.search(clause):
            return "delivery"
    if positive and _COMPETITOR.search(clause):
        return "competitor"
    return "product"
