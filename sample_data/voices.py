"""How different people type: spelling of their country, haste, capitals, slips and the scars of export tools."""

from __future__ import annotations

import re
from dataclasses import dataclass

from wording import Dice

_BRITISH = {
    "color": "colour", "colors": "colours", "favorite": "favourite", "meter": "metre", "meters": "metres",
    "neighbor": "neighbour", "mom": "mum", "vacation": "holiday", "apartment": "flat", "outlet": "socket",
    "outlets": "sockets", "truck": "van", "trash": "rubbish", "garbage": "rubbish", "pants": "trousers",
    "purse": "handbag", "windshield": "windscreen", "soccer": "football", "highway": "motorway", "couch": "sofa",
    "subway": "tube", "centered": "centred", "unraveled": "unravelled", "bucks": "quid", "cord": "lead",
    "cents": "pence", "cent": "penny",
}  # fmt: skip
_INDIAN = {
    "color": "colour", "colors": "colours", "phone": "mobile", "phones": "mobiles", "mom": "mother", "dad": "father",
    "vacation": "holidays", "outlet": "socket", "outlets": "sockets", "truck": "bike", "purse": "bag",
    "very": "too", "friends": "frnds", "christmas": "diwali", "cord": "wire",
}  # fmt: skip
_SLIPS = {
    "really": "realy", "quality": "qualty", "because": "becuase", "disappointed": "dissapointed",
    "disappointing": "dissapointing", "stopped": "stoped", "received": "recieved", "definitely": "definately",
    "battery": "batery", "cable": "cabel", "connector": "conector", "their": "there", "too": "to", "you're": "your",
    "don't": "dont", "doesn't": "doesnt", "it's": "its", "won't": "wont", "can't": "cant", "didn't": "didnt",
    "recommend": "recomend", "recommended": "recomended", "which": "wich", "until": "untill",
    "charging": "chargeing", "charger": "chager", "through": "thru", "though": "tho", "probably": "prolly",
    "different": "diffrent", "loose": "lose", "expected": "expcted", "perfect": "prefect",
    "replacement": "replacment", "delivery": "delivary", "product": "prodcut", "convenient": "convinient",
    "awesome": "awsome", "excellent": "excelent", "than": "then", "always": "allways", "overnight": "over night",
}  # fmt: skip
_CHAT = {
    "you": "u", "are": "r", "please": "plz", "because": "coz", "and": "&", "very": "vry", "before": "b4", "your": "ur",
    "good": "gud", "thanks": "thx", "people": "ppl", "would": "wud",
}  # fmt: skip
_WORD = re.compile(r"[A-Za-z]+(?:'[a-z]+)?")
_EMOJI_GOOD = ("👍", "😀", "❤️", "👌", "🔋👍", "⭐⭐⭐⭐⭐", ":)", ":-)", ";)")
_EMOJI_BAD = ("👎", "😡", "😞", "🙄", ":(", ":-(", "🤦")


@dataclass(frozen=True)
class Voice:
    """One customer's way of writing."""

    length: str  # terse, plain, chatty
    lower: bool = False
    shout: bool = False
    loose_stops: bool = False  # forgets full stops and commas
    slips: float = 0.0  # chance that a word with a common misspelling gets it
    swaps: int = 0  # letters swapped by a slipping thumb
    chat: bool = False
    emoji: bool = False


def voice(market: str, dice: Dice) -> Voice:
    """Return a customer's way of writing; chat spelling is commoner on phones in India."""
    length = ("terse", "plain", "chatty")[dice.weighted((0.22, 0.48, 0.30))]
    hurried = dice.chance(0.2)
    return Voice(
        length=length,
        lower=hurried or dice.chance(0.04),
        shout=dice.chance(0.02),
        loose_stops=hurried and dice.chance(0.6),
        slips=0.25 if dice.chance(0.22) else 0.0,
        swaps=1 if dice.chance(0.07) else 0,
        chat=dice.chance(0.12 if market == "IN" else 0.02),
        emoji=dice.chance(0.04),
    )


def localise(text: str, market: str, dice: Dice) -> str:
    """Return the text in the English of the market."""
    if market == "US":
        return text
    # "very" -> "too" and "phone" -> "mobile" are habits, spelling is not.
    table, rate = (_INDIAN, 0.45) if market == "IN" else (_BRITISH, 0.85 if market == "UK" else 0.35)
    always = {"color", "colors", "favorite", "neighbor", "meter", "meters", "bucks"}
    chosen = {w: r for w, r in table.items() if w in always or dice.chance(rate)}
    return re.sub(r"\b([Aa])n (?=(?:socket|lead|van)\b)", r"\1 ", _replace(text, chosen, 1.0, dice))


def type_out(text: str, who: Voice, dice: Dice) -> str:
    """Return the text as this customer types it."""
    if who.chat:
        text = _replace(text, _CHAT, 0.45, dice)
    if who.slips:
        text = _replace(text, _SLIPS, who.slips, dice)
    for _ in range(who.swaps * (len(text) > 60) * (1 + len(text) // 200)):
        text = _swap(text, dice)
    if who.lower:
        text = re.sub(r"(^|[.!?:]\s+|\n)([A-Z])(?![A-Z])", lambda m: m.group(1) + m.group(2).lower(), text)
        text = re.sub(r"\bI\b", "i", text)
    if who.loose_stops:
        text = text.replace("'", "")
        text = re.sub(r", ", lambda _: " " if dice.chance(0.6) else ", ", text)
        text = re.sub(r"\. ", lambda _: dice.pick((" ", ", ", ". ", "... ", "  ")), text)
        text = text.rstrip(".")
    if who.shout:
        text = text.upper()
    return text


def scar(text: str, dice: Dice) -> str:
    """Return the text with what export tools and web forms do to it now and then."""
    lot = dice.roll()
    if lot < 0.02:
        return text.replace(". ", ".", 1)
    if lot < 0.035:
        return text.replace("'", "&#39;").replace("&#39;&#39;", '"').replace(" & ", " &amp; ").replace('"', "&quot;")
    if lot < 0.05:
        return text.replace(". ", ".<br />", 1)
    if lot < 0.09:
        return text.replace(". ", ".\n\n", 1)
    return text


def smile(text: str, rating: int, dice: Dice) -> str:
    """Return the text with an emoticon that fits the stars."""
    return f"{text} {dice.pick(_EMOJI_GOOD if rating >= 4 else _EMOJI_BAD)}"


def _replace(text: str, table: dict[str, str], rate: float, dice: Dice) -> str:
    def swap(match: re.Match[str]) -> str:
        word = match.group(0)
        new = table.get(word.lower())
        if new is None or not dice.chance(rate):
            return word
        return new.capitalize() if word[0].isupper() and len(new) > 1 else new

    return _WORD.sub(swap, text)


def _swap(text: str, dice: Dice) -> str:
    words = [m for m in _WORD.finditer(text) if len(m.group(0)) >= 5 and m.group(0).islower()]
    if not words:
        return text
    word = dice.pick(words)
    at = word.start() + 1 + dice.below(len(word.group(0)) - 2)
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
