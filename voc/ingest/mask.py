"""Masks what would identify a person inside a text: e-mail addresses, phone numbers, IP addresses, profile links."""

from __future__ import annotations

import re

from voc.ingest.clean import fold_letters

__all__ = ["mask_personal"]

_EMAIL = re.compile(r"[\w.+%-]{1,64}\s?(?:@|\(at\)|\[at\])\s?[\w-]{1,63}(?:\.[\w-]{1,63}){0,3}\.[A-Za-z]{2,24}\b", re.I)
_PROFILE = re.compile(
    r"(?:https?://)?[\w.]{1,80}/(?:gp/)?(?:profile|user|member)s?/\S{1,200}|\bamzn1\.account\.\w+", re.I
)
#: One of them is in every address that the pattern above finds.
_PROFILE_WORDS = ("profile/", "profiles/", "user/", "users/", "member/", "members/", "amzn1.account.")
# Four numbers with a small first one are a firmware's version.
_IP = re.compile(
    r"(?<![\d.])(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]\d)\.(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){2}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\d.])"
)
_IP_DIGITS, _IP_STOPS, _IP6_COLONS = 5, 3, 4
_IP6 = re.compile(r"(?<![\w:])(?:[0-9a-fA-F]{1,4}:){4,7}[0-9a-fA-F]{1,4}(?![\w:])")
_DIGIT = re.compile(r"\d")
_LEAST_DIGITS, _MOST_DIGITS = 9, 15
# Groups of digits with at most one or two separators between them; which are telephones is decided by counting.
_DIGITS = re.compile(r"(?<![\w.,$€£₹#/-])(?:\+|00)?\(?\d(?:[\d]|[ .\-/()]{1,2}(?=[\d(])){7,22}\d(?![\w/]|[.,]\d)")
_DATE = re.compile(r"(?:19|20)\d\d[-/. ]\d{1,2}[-/. ]\d{1,2}|\d{1,2}[-/. ]\d{1,2}[-/. ](?:19|20)\d\d")


def mask_personal(text: str) -> str:
    """Return the text with e-mail addresses, phone numbers, IP addresses and profile links replaced by a word.

    A phone number is 9 to 15 digits in a row or in groups as people write them, no date and no list of amounts.
    """
    folded = fold_letters(text)
    # Most texts have nothing of all this: what costs much is done only where something simple says that it may find it.
    if "@" in text or "at)" in folded or "at]" in folded:
        text = _EMAIL.sub("[email]", text)
    if any(word in folded for word in _PROFILE_WORDS):
        text = _PROFILE.sub("[profile]", text)
    if text.count(":") >= _IP6_COLONS:
        text = _IP6.sub("[ip]", text)
    digits = len(_DIGIT.findall(text))
    if digits >= _IP_DIGITS and text.count(".") >= _IP_STOPS:
        text = _IP.sub("[ip]", text)
    if digits >= _LEAST_DIGITS:
        text = _DIGITS.sub(_phone, text)
    return text


def _phone(match: re.Match[str]) -> str:
    found = match.group()
    digits = re.sub(r"\D", "", found)
    groups = re.findall(r"\d+", found)
    if not _LEAST_DIGITS <= len(digits) <= _MOST_DIGITS or _DATE.search(found):
        return found
    international = found.startswith(("+", "00"))
    if len(groups) == 1:
        return "[phone]" if international or 10 <= len(digits) <= 13 else found
    if not international:
        # "1000 2000 3000" are amounts and "100-80-60-40" are steps; of a telephone's groups two have three digits or
        # more, or all have two ("01 23 45 67 89").
        amounts = all(group.endswith("00") for group in groups)
        pairs = len(groups) == 5 and all(len(group) == 2 for group in groups) and groups[0][0] == "0"
        if amounts or not (pairs or (sum(len(group) >= 3 for group in groups) >= 2 and len(groups) <= 4)):
            return found
    return "[phone]"
