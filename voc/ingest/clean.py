"""Cleans review text: markup, broken characters, lost spaces and page furniture go, the customer's words stay."""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ftfy import TextFixerConfig

__all__ = ["clean_text", "fold_letters", "join_text"]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Every pass makes a text simpler, so a fixed point is reached in a few; the bound only guards against surprises.
_PASSES = 25

_ENTITY = re.compile(r"&(?:#\d{1,7};?|#[xX][0-9a-fA-F]{1,6};?|[A-Za-z][A-Za-z0-9]{1,31};)")
_BLOCK_TAG = re.compile(r"<\s*(?:br|/p|/div|/li|/tr|/h[1-6]|/ul|/ol|hr|p|li)\b[^<>]{0,300}>", re.I)
_TAG_NAMES = (
    "a|abbr|b|big|blockquote|body|br|button|center|code|div|em|font|form|h[1-6]|head|hr|html|i|iframe|img|input|"
    "label|li|link|meta|ol|p|pre|s|script|small|source|span|strike|strong|style|sub|sup|svg|table|tbody|td|th|thead|"
    "tr|u|ul|video"
)
_TAG = re.compile(rf"</?(?:{_TAG_NAMES})(?:\s[^<>]{{0,2000}})?/?>", re.I)
_SCRIPT = re.compile(r"<(script|style)\b[^<>]{0,300}>.{0,20000}?</\1\s*>", re.I | re.S)

_REPLACED = "\ufffd"
_RUBBLE_CONTRACTION = re.compile(r"(?<=[A-Za-z])\ufffd[?\ufffd]*(?=(?:[sStTmMdD]|re|ve|ll|RE|VE|LL)\b)")
_RUBBLE = re.compile(r"\ufffd[?\ufffd\ufe0f]*")
_SPACE_BEFORE_STOP = re.compile(r"(?<=\w) +(?=[.,!;:](?:\s|$))")

_PLACEHOLDERS = re.compile(
    r"The media could not be loaded\.?|Your browser does not support HTML5 video\.?|This is a modal window\.?|"
    r"Video Player is loading\.?|Click to play video\.?|Image in this review|\[\[VIDEOID:[^\]]{0,100}\]\]|"
    r"Length::\s?\d{1,2}:\d{2}\sMins|Brief content visible, double tap to read full content\.?|"
    r"Full content visible, double tap to read brief content\.?",
    re.I,
)
#: One of them is in every one of the sentences above.
_PLACEHOLDER_WORDS = ("could not be loaded", "video", "modal window", "in this review", "length::", "content visible")
_PRODUCT_LINK = re.compile(r"\[\[ASIN:[A-Z0-9]{10}\s?([^\]]{0,300})\]\]")
_STARS_PREFIX = re.compile(r"^\s*[0-5](?:[.,]\d)?\s+out of\s+5\s+stars?\b[\s:.,\-–|]*", re.I)

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]"
)
# Joiners shape Indic and Arabic letters and emoji; next to Latin text they are litter.
_JOINER = re.compile(
    "(?<![\u0590-\u0fff\u200d\ufe0f\u2600-\u27bf\U0001f000-\U0001faff])[\u200c\u200d]+|[\u200c\u200d]+$"
)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
_BREAK = re.compile(r"\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_SPACES = re.compile(r"[^\S\n]+")
_ODD_SPACE = re.compile(r"[^\S\n ]")
_EDGES = re.compile(r" ?\n ?")
_BLANK_LINES = re.compile(r"\n{3,}")

# "time.The", "bad!Don't" - but not "Node.Js", "U.S.A" or an address.
# Patterns that look back begin with what they look back from: the search can then jump from one of these to the next.
_STOP_CAPITAL = re.compile(r"([.!?,](?<=[a-z][a-z)][.!?,])(?:(?<=,)|(?<!,)[.!?]*+))(?=[A-Z][A-Za-z'’ ]|I\b|[1-9][.)])")
_STOP_SMALL = re.compile(r"(?<![\w./@-])([A-Za-z][a-z]+)\.([a-z]{2,})(?![\w./@-]|\.\w)")
# What the one above needs.
_STOP_BEFORE_SMALL = re.compile(r"\.(?<=[a-z]\.)[a-z]{2}")
_DOMAINS = _words(
    "com net org edu gov info biz app dev shop store html htm php asp jpg jpeg png gif pdf txt doc docx xls csv mp "
    "exe zip io uk de fr es eu ca au co ai tv cc jp cn ru nl ch js py"
)
#: Country endings that are words too; an address only after a shop's name.
_WORD_DOMAINS = _words("in it at be me us is so my")
_SHOPS = _words("amazon ebay flipkart google apple anker walmart aliexpress snapdeal myntra noon otto about")
# "picsPlease", "weightBattery": a line break was lost. Words that start with a capital may be brands (PowerCore).
_GLUED = re.compile(r"(?<![A-Za-z'’])[a-z]{3,}(?:[A-Z][a-z]+)+(?![A-Za-z])")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_SMALL_BEFORE_CAPITAL = re.compile(r"[A-Z](?<=[a-z]{3}[A-Z])[a-z]")
_LIST_MARK = re.compile(r"([1-9])(?<=[A-Za-z!?,][1-9])(?=\s?[-.)]\s?[A-Za-z])")

#: Text in which encodings were never mixed up: ASCII, typographic punctuation and emoji.
_SOUND = re.compile("[\t\n -~‘’“”–—…\u2600-\u27bf\ufe0f\U0001f300-\U0001faff]*+")
_STRAIGHT = (("‘", "'"), ("’", "'"), ("“", '"'), ("”", '"'))


def clean_text(text: str) -> str:
    """Return the text as it is analysed; cleaning it again changes nothing.

    Markup and entities (also doubly encoded ones), mojibake, replacement-character rubble, invisible and control
    characters and the shop page's own sentences are removed; curly quotes become straight, spaces and line breaks
    regular; spaces lost after full stops and line breaks lost between words are put back. Emoji stay.
    """
    if _is_plain(text):
        return text
    for _ in range(_PASSES):
        cleaned = _one_pass(text)
        if cleaned == text:
            break
        text = cleaned
    return text


def _is_plain(text: str) -> bool:
    """Short words such as "good" are the bulk of a million equal rows."""
    return text.isascii() and text.isalnum() and (text.islower() or text.isdigit() or text[1:].islower())


def _one_pass(text: str) -> str:
    if "&" in text:
        text = _ENTITY.sub(lambda match: html.unescape(match.group()), text)
    if "<" in text:
        text = _SCRIPT.sub(" ", text)
        text = _BLOCK_TAG.sub("\n", text)
        text = _TAG.sub(" ", text)
    if not text.isascii():
        # Before control characters go: they can be the last byte of a broken quotation mark.
        text = _unbreak(text)
    # Most texts are in order: what costs much is done only where something simple says that it may find anything.
    is_ascii = text.isascii()
    if not is_ascii or "\r" in text or "\x0b" in text or "\x0c" in text:
        text = _BREAK.sub("\n", text)
    text = _CONTROL.sub("", text)
    folded = fold_letters(text)
    if any(words in folded for words in _PLACEHOLDER_WORDS):
        text = _PLACEHOLDERS.sub(" ", text)
    if "[[ASIN:" in text:
        text = _PRODUCT_LINK.sub(r"\1", text)
    text = _STARS_PREFIX.sub("", text)
    text = _unglue(text)
    # Of ASCII's other spaces, some went as control characters and the others became line breaks.
    if "  " in text or "\t" in text or (not is_ascii and _ODD_SPACE.search(text)):
        text = _SPACES.sub(" ", text)
    if "\n" in text:
        text = _BLANK_LINES.sub("\n\n", _EDGES.sub("\n", text))
    return text.strip()


def fold_letters(text: str) -> str:
    """Return the text in small letters, with those that patterns without regard to case take for ASCII's as such."""
    if not text.isascii() and _TAKEN_FOR_ASCII.search(text):
        text = text.translate(_TAKEN_FOR)
    return text.lower()


#: Dotless and dotted i, long s and the sign of the kelvin.
_TAKEN_FOR = str.maketrans("ıİſ\u212a", "iisk")
_TAKEN_FOR_ASCII = re.compile("[ıİſ\u212a]")


def _unbreak(text: str) -> str:
    text = text.encode("utf-8", "ignore").decode("utf-8")  # half surrogates
    if _REPLACED in text:
        text = _RUBBLE_CONTRACTION.sub("'", text)
        text = _SPACE_BEFORE_STOP.sub("", _RUBBLE.sub(" ", text))
    if _SOUND.fullmatch(text):
        for curly, straight in _STRAIGHT:
            text = text.replace(curly, straight)
        return text
    import ftfy

    text = _INVISIBLE.sub("", ftfy.fix_text(text, _ftfy_config()))
    if "\u200c" in text or "\u200d" in text:
        text = _JOINER.sub("", text)
    return unicodedata.normalize("NFC", text)


@lru_cache(maxsize=1)
def _ftfy_config() -> TextFixerConfig:
    from ftfy import TextFixerConfig

    # Full-width punctuation is how Chinese and Japanese are written.
    return TextFixerConfig(unescape_html=False, fix_character_width=False, explain=False, normalization="NFC")


def _unglue(text: str) -> str:
    """Put back the spaces and line breaks that copying lost."""
    text = _STOP_CAPITAL.sub(r"\1 ", text)
    if _STOP_BEFORE_SMALL.search(text):
        text = _STOP_SMALL.sub(_space_unless_domain, text)
    if _SMALL_BEFORE_CAPITAL.search(text):
        text = _GLUED.sub(lambda match: _HUMP.sub("\n", match.group()), text)
    if "2" not in text or "3" not in text:
        return text
    marks = [match.group(1) for match in _LIST_MARK.finditer(text)]
    if "2" in marks and "3" in marks:
        text = _LIST_MARK.sub(r" \1", text)
    return text


def _space_unless_domain(match: re.Match[str]) -> str:
    before, after = match.groups()
    address = after in _DOMAINS or before.lower() == "www" or (after in _WORD_DOMAINS and before.lower() in _SHOPS)
    return match.group() if address else f"{before}. {after}"


def join_text(title: str, body: str) -> str:
    """Return title and body as one text in which a sentence ends between them.

    A title without a stop at its end gets a full stop. A title that the body begins with, as shops make it from the
    first words, is not repeated. Offsets of mentions point into this text.
    """
    if not title or not body:
        return title or body
    stem = re.sub(r"[\s.…!?]+$", "", title).casefold()
    if body.casefold().startswith(stem):
        return body
    return f"{title} {body}" if title[-1] in ".!?…。！？" else f"{title}. {body}"
