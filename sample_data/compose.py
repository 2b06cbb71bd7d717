"""Writes one review: stars, title and body for what its author has to say."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from plants import Plant
from voices import Voice, localise, scar, smile, type_out, voice
from wording import Dice, Scene, Wording

_STARS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "1": 1, "2": 2, "3": 3, "4": 4, "5": 5}
_STAR_CLAIM = re.compile(r"\b(one|two|three|four|five|[1-5]) (?:well deserved )?stars?\b", re.IGNORECASE)


@dataclass
class Written:
    """A finished review."""

    rating: int
    title: str
    body: str
    times: dict[str, int] = field(default_factory=dict)  # failed_after, works_after -> days


@dataclass
class _Draft:
    scene: Scene
    who: Voice
    rating: int
    pains: list[Plant]
    goods: list[Plant]
    wishes: list[Plant]
    alone: list[Plant]


def _hurts(plant: Plant) -> bool:
    return plant.kind == "pain" and plant.target != "competitor"


def stars(plants: list[Plant], dice: Dice) -> int:
    """Return the stars that follow from what is said, with the scatter of real customers."""
    pains = [p for p in plants if _hurts(p)]
    goods = [p for p in plants if p.kind == "praise" or p.target == "competitor"]
    if pains:
        drawn = min(1 + dice.weighted(p.stars) for p in pains)
        return min(drawn + 1, 5) if goods and drawn < 5 and dice.chance(0.4) else drawn
    if any(p.kind == "wish" for p in plants):
        return 3 + dice.weighted((0.10, 0.48, 0.42))
    return 3 + dice.weighted((0.03, 0.22, 0.75))


def write(plants: list[Plant], scene: Scene, words: Wording, dice: Dice) -> Written:
    """Return the review of an author who has these things to say."""
    draft = _Draft(
        scene=scene,
        who=voice(scene.market, dice),
        rating=stars(plants, dice),
        pains=dice.shuffled([p for p in plants if _hurts(p) and p.specificity == "trouble"]),
        goods=dice.shuffled([p for p in plants if p.kind == "praise" or p.target == "competitor"]),
        wishes=[p for p in plants if p.kind == "wish"],
        alone=[p for p in plants if p.specificity != "trouble"],
    )
    body = " ".join(_finish(text) for text in _sentences(draft, words, dice))
    title = _title(draft, words, dice).strip().rstrip(".")
    body, title = (localise(text, scene.market, dice) for text in (body, title))
    body = type_out(body, draft.who, dice)
    # People take less care over a title, and many forms capitalise it for them.
    title = (
        type_out(title, draft.who, dice)
        if not dice.chance(0.1)
        else title.title().replace("'S", "'s").replace("'T", "'t")
    )
    if draft.who.emoji and (draft.rating <= 2 or (draft.rating >= 4 and not draft.pains)):
        body = smile(body, draft.rating, dice)
    body = scar(body, dice)
    said = {"fail": "failed_after", "works": "works_after"}
    return Written(
        draft.rating, title, body, {said[k]: days for k, (_, days) in scene.times.items() if k in scene.told}
    )


def _fits_stars(text: str, rating: int) -> bool:
    claim = _STAR_CLAIM.search(text)
    if claim:
        return _STARS[claim.group(1).lower()] == rating
    if "10/10" in text:
        return rating == 5
    if "not five stars" in text or "star off" in text or "star less" in text:
        return rating == 4
    return True


def _finish(text: str) -> str:
    """End a sentence properly; some choices in the templates leave the end open."""
    text = re.sub(r" +([.,!?])", r"\1", text.strip())
    text = re.sub(r"([!?])\.$", r"\1", text)
    return text if not text or text[-1] in ".!?" else text + "."


def _say(draft: _Draft, name: str, words: Wording, dice: Dice) -> str:
    for _ in range(12):
        text = words.say(name, draft.scene, dice)
        if _fits_stars(text, draft.rating):
            return text
    return ""


def _turn(lead: str, sentence: str) -> str:
    """Join a turn of speech to a sentence: "But " + "The plug broke." -> "But the plug broke."."""
    if not lead:
        return sentence
    first = re.match(r"[A-Za-z']+", sentence)
    keep = first is not None and (first.group(0) in ("I", "I'm", "I'd", "I've", "I'll") or first.group(0).isupper())
    return lead + (sentence if keep or not sentence else sentence[0].lower() + sentence[1:])


def _good(draft: _Draft, plant: Plant, words: Wording, dice: Dice) -> str:
    past = f"{plant.id}_past"
    severe = any(p.severe for p in draft.pains)
    return words.say(past if severe and words.has(past, draft.scene) else plant.id, draft.scene, dice)


def _sentences(draft: _Draft, words: Wording, dice: Dice) -> list[str]:
    terse, chatty = draft.who.length == "terse", draft.who.length == "chatty"
    parts: list[str] = []
    if chatty and dice.chance(0.5):
        parts.append(words.say("story", draft.scene, dice))
        contexts = int(dice.chance(0.2))
    else:
        contexts = 0 if terse else 1 + dice.below(2) if chatty else int(dice.chance(0.4))
    for i in range(contexts):
        name = "context" if (i == 0) == dice.chance(0.7) else "occasion"
        parts.append(words.say(name, draft.scene, dice))
    bad, long = _complaints(draft, words, dice)
    if long:
        parts.clear()
    good = [_good(draft, p, words, dice) for p in draft.goods]
    for plant in draft.alone:
        bad += [words.say(plant.id, draft.scene, dice) for _ in range(1 if terse else 1 + dice.below(3))]
    bad = [text if i == 0 or draft.alone or dice.chance(0.5) else _turn(words.say("turn_also", draft.scene, dice), text)
           for i, text in enumerate(dict.fromkeys(bad))]  # fmt: skip
    if not bad and not good and not draft.wishes:
        good = list(
            dict.fromkeys(_say(draft, "verdict_good", words, dice) for _ in range(1 if terse else 1 + dice.below(2)))
        )
    elif good and not bad and dice.chance(0.3):
        good.insert(0 if dice.chance(0.5) else len(good), _say(draft, "verdict_good", words, dice))
    if bad and good:
        first_good = draft.rating >= 4 or (draft.rating == 3 and dice.chance(0.6)) or dice.chance(0.2)
        if first_good:
            bad[0] = _turn(words.say("turn_to_bad", draft.scene, dice), bad[0])
        elif not _past(draft):
            good[0] = _turn(words.say("turn_to_good", draft.scene, dice), good[0])
        parts += good + bad if first_good else bad + good
    else:
        parts += good + bad
    parts += [words.say(p.id, draft.scene, dice) for p in draft.wishes]
    ending = _ending(draft, words, dice, terse, chatty)
    return [p for p in (*parts, *ending) if p]


def _past(draft: _Draft) -> bool:
    return any(p.severe for p in draft.pains)


def _complaints(draft: _Draft, words: Wording, dice: Dice) -> tuple[list[str], bool]:
    """Return what goes wrong, and whether the first of it is told at length."""
    if not draft.pains:
        return [], False
    terse, chatty = draft.who.length == "terse", draft.who.length == "chatty"
    lead, last = draft.pains[0], draft.pains[-1]
    low = draft.rating <= 3
    long = chatty and low and words.has(f"saga:{lead.id}", draft.scene) and dice.chance(0.5)
    told = [words.say(f"saga:{p.id}" if long and p is lead else p.id, draft.scene, dice) for p in draft.pains]
    after = "aftermath_shop" if last.target != "product" else "aftermath" if last.severe and not last.hazard else ""
    if after and low and not long and dice.chance(0.05 if terse else 0.6 if chatty else 0.35):
        told[-1] = f"{_finish(told[-1])} {words.say(after, draft.scene, dice)}"
    return told, long


def _ending(draft: _Draft, words: Wording, dice: Dice, terse: bool, chatty: bool) -> list[str]:
    if not dice.chance(0.06 if terse else 0.6 if chatty else 0.36):
        return []
    if draft.alone and draft.alone[0].specificity == "verdict":
        return []
    name = "close_good" if draft.rating >= 4 else "close_bad" if draft.rating <= 2 else "close_mixed"
    if name == "close_good" and (draft.pains or draft.alone):
        name = "close_mixed"
    if name == "close_mixed" and not (draft.pains or draft.wishes or draft.alone):
        return []
    return [_say(draft, name, words, dice)]


def _title(draft: _Draft, words: Wording, dice: Dice) -> str:
    if dice.chance(0.05):
        return ""
    scene = draft.scene
    named = [*draft.pains, *(draft.alone if draft.alone else [])]
    if draft.rating >= 4 and named:
        named = [*draft.goods, *named] if dice.chance(0.5) else []
    if not named:
        named = [*draft.goods, *draft.wishes]
    candidates = [f"title:{p.id}" for p in named if words.has(f"title:{p.id}", scene)]
    general = "title:verdict_good" if draft.rating >= 4 else "title:verdict_bad" if draft.rating <= 2 else "title:meh"
    if general == "title:verdict_good" and (draft.pains or draft.alone) and (not draft.goods or dice.chance(0.5)):
        general = "title:meh"
    if candidates and dice.chance(0.62):
        return _say(draft, candidates[0], words, dice)
    return _say(draft, general, words, dice)
