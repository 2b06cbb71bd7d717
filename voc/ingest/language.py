"""Detects the language of each text: by its script where that decides it, by lingua where letters are Latin."""

from __future__ import annotations

import contextlib
import ctypes
import re
from collections import Counter
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

__all__ = ["detect_languages", "free_detector"]

# The Latin-script languages of the large marketplaces. More of them make short English texts look foreign, and each
# costs a fifth of a second to load.
_LATIN = ("ENGLISH", "GERMAN", "FRENCH", "SPANISH", "ITALIAN", "PORTUGUESE", "DUTCH", "SWEDISH", "POLISH", "TURKISH")
#: The detector needs no more of a text than this, and its time grows with the length.
_ENOUGH = 200
_SURE = 0.6
_BATCH = 5_000

# A text is taken for English without the detector, as most are, if it has two of these words, words that are common in
# English make up nearly half of it, and no function word of another language stands in it; one of these words is enough
# where the others make up a half of five words or more. The share is what keeps a foreign review of something with an
# English name ("Plug and Play") from being taken for English.
_ENGLISH = frozenset(
    "the and this that with have has had they you your but very which would when after from these those their because "
    "really does doesn't don't didn't can't it's i'm i've should could than been were what there only just about even "
    "much more some how before again still get got well good great work works working bought using used".split()
)
_ENGLISH_TOO = frozenset(
    "a an i me my we us our he she him her his it its who them of to in on for at by as is are was be am do did not no "
    "or if so all out up off over into down too also one two first any other another each every both few most many own "
    "same such will can may might must now then here why where while until since though although however without "
    "within through during between under around against ever never always often sometimes already almost enough quite "
    "rather maybe go went come came take took make made put see say said know think like love want need use try give "
    "find found look feel keep buy buying purchased product price quality time day days week weeks month months year "
    "years money thing things way lot bit little big small long new old best better bad worse worst nice easy hard "
    "happy sound battery phone fit fits isn't wasn't won't wouldn't couldn't haven't hasn't i'd i'll you're they're "
    "that's there's being having getting going doing been looks feels sounds seems stopped broke".split()
)
_COMMON = _ENGLISH | _ENGLISH_TOO
_SHARE, _HIGHER_SHARE, _SOME = 0.45, 0.5, 5
#: Also as they are written without accents; without those that stand in English texts, such as "per" and "plus".
_FOREIGN = frozenset(
    "der die das und ist nicht ich ein eine einen mit sie auf sich dem den nach auch wird aber habe sehr zu bei "
    "le les des et est pour une du au avec sur qui je il elle ce pas ne dans que mais tres la de un "
    "el los las por para es muy pero con se mi mas esta como sin del "
    "di che ma sono alla della anche molto nel gli ho si um uma nao na da meu muito ele ao mas eu "
    "het een en van niet maar voor met te ik dat aan er zijn deze op hij och att det inte jag som av ar mycket efter "
    "jest nie sie ale za po dla juz bardzo ze z tylko od bir ve cok icin ama bu gibi degil daha ile iyi "
    "hai ka ki ke ko nahi bhi aur".split()
)
_ASCII_WORD = re.compile(r"[a-z']+")

_THREE_WORDS = re.compile(r"[\W\d_]*+(?:[^\W\d_]++[\W\d_]++){2}[^\W\d_]")
_LATIN_LETTER = re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")
_RANGES = (
    ("kana", "\u3040-\u30ff\uff66-\uff9f"),
    ("zh", "\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0002ffff"),
    ("ko", "\uac00-\ud7af\u1100-\u11ff\u3130-\u318f"),
    ("cyrillic", "\u0400-\u04ff"),
    ("arabic", "\u0600-\u06ff\u0750-\u077f"),
    ("he", "\u0590-\u05ff"),
    ("el", "\u0370-\u03ff"),
    ("th", "\u0e00-\u0e7f"),
    ("hi", "\u0900-\u097f"),
    ("bn", "\u0980-\u09ff"),
    ("pa", "\u0a00-\u0a7f"),
    ("gu", "\u0a80-\u0aff"),
    ("ta", "\u0b80-\u0bff"),
    ("te", "\u0c00-\u0c7f"),
    ("kn", "\u0c80-\u0cff"),
    ("ml", "\u0d00-\u0d7f"),
    ("ka", "\u10a0-\u10ff"),
    ("hy", "\u0530-\u058f"),
)
_SCRIPTS = tuple((code, re.compile(f"[{letters}]")) for code, letters in _RANGES)
_OTHER_LETTER = re.compile(f"[{''.join(letters for _, letters in _RANGES)}]")


def detect_languages(
    texts: Sequence[str], progress: Callable[[str, int, int | None], None] | None = None
) -> list[str | None]:
    """Return the ISO 639-1 code of each text, null where a text of Latin letters is too short or unclear to tell.

    A text whose letters are mostly of another script gets the language of that script at any length.
    """
    distinct = list(dict.fromkeys(texts))
    found: dict[str, str | None] = {}
    latin: list[str] = []
    for text in distinct:
        code = _by_script(text)
        found[text] = code
        if code is None and _THREE_WORDS.match(text[:_ENOUGH]):
            if _is_plainly_english(text):
                found[text] = "en"
            else:
                latin.append(text)
    for start in range(0, len(latin), _BATCH):
        if progress:
            progress("Detecting languages", start, len(latin))
        batch = latin[start : start + _BATCH]
        sample = [_sample(text) for text in batch]
        for text, values in zip(batch, _detector().compute_language_confidence_values_in_parallel(sample), strict=True):
            best = values[0] if values else None
            sure = best is not None and (best.value >= _SURE or best.language.name == "ENGLISH")
            found[text] = best.language.iso_code_639_1.name.lower() if best is not None and sure else None
    return [found[text] for text in texts]


def free_detector() -> None:
    """Give back the 300 MB that detecting takes, once exports have been read; the next detection loads them anew."""
    if not _detector.cache_info().currsize:
        return
    _detector().unload_language_models()
    _detector.cache_clear()
    with contextlib.suppress(OSError, AttributeError):  # only the C library of Linux can be asked
        ctypes.CDLL(None).malloc_trim(0)


def _is_plainly_english(text: str) -> bool:
    """Return whether its common words say that a text is English, as they do of most; the detector is slow."""
    beginning = _sample(text)
    if not beginning.isascii() and any(not ch.isascii() and ch.isalpha() for ch in beginning):
        return False
    words = _ASCII_WORD.findall(beginning)
    distinct = set(words)
    sure = len(distinct & _ENGLISH)
    if not sure or not _FOREIGN.isdisjoint(distinct):
        return False
    share = sum(map(_COMMON.__contains__, words)) / len(words)
    return (sure >= 2 and share >= _SHARE) or (len(words) >= _SOME and share >= _HIGHER_SHARE)


def _sample(text: str) -> str:
    """Lower case: a text in capitals reads as names."""
    return text[:_ENOUGH].lower()


@lru_cache(maxsize=1)
def _detector() -> Any:
    from lingua import Language, LanguageDetectorBuilder

    return LanguageDetectorBuilder.from_languages(*(getattr(Language, name) for name in _LATIN)).build()


def _by_script(text: str) -> str | None:
    if text.isascii():
        return None
    if not _OTHER_LETTER.search(text):
        return None
    counts: Counter[str] = Counter()
    for code, letters in _SCRIPTS:
        if number := len(letters.findall(text)):
            counts[code] = number
    # One Han or Hangul character says as much as several Latin letters.
    latin = len(_LATIN_LETTER.findall(text))
    heavy = sum(counts[code] * (3 if code in ("zh", "kana", "ko") else 1) for code in counts)
    if not counts or heavy <= latin:
        return None
    if counts["kana"] and counts["kana"] * 10 >= counts["zh"]:
        return "ja"
    code = max(counts, key=lambda c: counts[c])
    if code == "cyrillic":
        return "uk" if re.search("[іїєґІЇЄҐ]", text) else "ru"
    if code == "arabic":
        return "ur" if re.search("[ٹڈڑےں]", text) else "fa" if re.search("[پچژگ]", text) else "ar"
    return "ja" if code == "kana" else code
