"""Reads the wording files and turns a template into a sentence."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
FOLDER = Path(__file__).parent / "wording"

#: How customers say a time in use, and the days it stands for.
FAIL_TIMES = (
    ("two days", 2), ("four days", 4), ("5 days", 5), ("a week", 7), ("one week", 7), ("10 days", 10),
    ("two weeks", 14), ("2 weeks", 14), ("a couple of weeks", 14), ("three weeks", 21), ("3 weeks", 21),
    ("a month", 30), ("one month", 30), ("about a month", 30), ("six weeks", 42), ("two months", 60),
    ("2 months", 60), ("three months", 90), ("3 months", 90), ("four months", 120), ("5 months", 150),
    ("six months", 180), ("half a year", 180), ("8 months", 240),
)  # fmt: skip
WORK_TIMES = (
    ("two months", 60), ("three months", 90), ("3 months", 90), ("four months", 120), ("six months", 180),
    ("6 months", 180), ("half a year", 180), ("8 months", 240), ("ten months", 300), ("a year", 365),
    ("one year", 365), ("over a year", 365), ("a year and a half", 547), ("18 months", 547), ("two years", 730),
    ("2 years", 730), ("three years", 1095),
)  # fmt: skip

_CHOICE = re.compile(r"\{([^{}]*)\}")
_SLOT = re.compile(r"<([A-Za-z]+)>")
# Behind a time in use, until the sentence is chosen: of several tries only one is told.
_MARKS = {"fail": "\x01", "works": "\x02"}
_MARKED = re.compile("[\x01\x02]")
_AN = re.compile(r"\b([Aa]) (?=(?:e-reader|action|mp3|oven|8 m|18 m))")


class Dice:
    """A seeded source of chance that uses `random.random` only, so that every Python version rolls alike."""

    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed)

    def roll(self) -> float:
        """Return a number from 0 to 1."""
        return self._random.random()

    def chance(self, probability: float) -> bool:
        """Return true with the given probability."""
        return self._random.random() < probability

    def below(self, n: int) -> int:
        """Return a whole number from 0 to n - 1."""
        return int(self._random.random() * n)

    def pick(self, options: Sequence[T]) -> T:
        """Return one of the options."""
        return options[self.below(len(options))]

    def weighted(self, weights: Sequence[float]) -> int:
        """Return a position, by weight."""
        point = self._random.random() * sum(weights)
        for i, weight in enumerate(weights):
            point -= weight
            if point < 0:
                return i
        return len(weights) - 1

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """Return the items in a new order."""
        return [item for _, item in sorted(((self._random.random(), item) for item in items), key=lambda pair: pair[0])]


@dataclass
class Scene:
    """What one review is about, as far as the words depend on it."""

    kind: str
    phase: str  # I, II or III
    market: str
    brand: str
    price: float  # US dollars
    age_days: int  # since the version came out: nobody owned it longer
    times: dict[str, tuple[str, int]] = field(default_factory=dict)  # a review names one failing and one working time
    told: set[str] = field(default_factory=set)  # which of the two it really names
    used: set[str] = field(default_factory=set)  # templates that it has used


def load(folder: Path = FOLDER) -> dict[str, list[str]]:
    """Return section name -> templates, from every wording file but the foreign one.

    Raises:
        ValueError: braces that do not match, a line outside a section, or a section that occurs twice.
    """
    sections: dict[str, list[str]] = {}
    for path in sorted(folder.glob("*.txt")):
        if path.name == "foreign.txt":
            continue
        current: list[str] | None = None
        for number, raw in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if raw.startswith("# ") or not raw.strip():
                continue
            if raw.startswith("== "):
                name = raw[3:].strip()
                if name in sections:
                    raise ValueError(f"{path.name}, line {number}: section {name} occurs twice")
                current = sections.setdefault(name, [])
                continue
            if current is None or raw.count("{") != raw.count("}") or raw.count("<") != raw.count(">"):
                raise ValueError(f"{path.name}, line {number}: {raw}")
            current.append(raw)
    return sections


class Wording:
    """Makes sentences, preferring templates and results that were used least so far."""

    def __init__(self, sections: dict[str, list[str]] | None = None) -> None:
        self.sections = load() if sections is None else sections
        self._templates: Counter[str] = Counter()
        self._results: Counter[str] = Counter()

    def section(self, name: str, scene: Scene) -> list[str]:
        """Return the templates of a section, the product kind's, phase's or market's own first."""
        for key in (f"{name}@{scene.kind}", f"{name}@{scene.phase}", f"{name}@{scene.market}", name):
            if key in self.sections:
                return self.sections[key]
        raise KeyError(name)

    def has(self, name: str, scene: Scene) -> bool:
        """Return whether there is wording under this name for this kind of product."""
        return name in self.sections or f"{name}@{scene.kind}" in self.sections

    def say(self, name: str, scene: Scene, dice: Dice) -> str:
        """Return a text from a section, as fresh as six tries make it."""
        options = self.section(name, scene)
        options = [t for t in options if t not in scene.used] or options
        best, best_template, best_uses = "", options[0], 10**9
        for _ in range(6):
            candidates = [dice.pick(options) for _ in range(3)]
            template = min(candidates, key=lambda t: self._templates[t])
            text = self.expand(template, scene, dice)
            uses = self._results[text]
            if uses < best_uses:
                best, best_uses, best_template = text, uses, template
            if not uses:
                break
        self._templates[best_template] += 1
        self._results[best] += 1
        scene.used.add(best_template)
        scene.told |= {name for name, mark in _MARKS.items() if mark in best}
        return _MARKED.sub("", best)

    def expand(self, template: str, scene: Scene, dice: Dice) -> str:
        """Return the template with every choice made and every slot filled."""
        text = template
        while True:
            replaced = _CHOICE.sub(lambda m: dice.pick(m.group(1).split("|")), text)
            if replaced == text:
                replaced = _SLOT.sub(lambda m: self._slot(m.group(1), scene, dice), text)
                if replaced == text:
                    break
            text = replaced
        text = _AN.sub(r"\1n ", text)
        return re.sub(r"(?<=\S) {2,}", " ", text)

    def _slot(self, name: str, scene: Scene, dice: Dice) -> str:
        plain = name.lower()
        if plain in ("fail", "works"):
            if plain not in scene.times:
                known = FAIL_TIMES if plain == "fail" else WORK_TIMES
                possible = [t for t in known if t[1] <= max(scene.age_days, known[0][1])]
                scene.times[plain] = dice.pick(possible)
            value = scene.times[plain][0] + _MARKS[plain]
        elif plain == "money":
            value = _price(scene, dice)
        elif plain == "brand":
            value = scene.brand
        else:
            value = dice.pick(self.section(plain, scene))
        return value[0].upper() + value[1:] if name[0].isupper() else value


def _price(scene: Scene, dice: Dice) -> str:
    """Return about what the product cost, as people of the market say it."""
    near = scene.price * (0.85 + 0.25 * dice.roll())
    if scene.market == "IN":
        rupees = max(199, round(near * 0.65) * 100 - 1)
        return dice.pick((f"Rs {rupees}", f"{rupees + 1} rupees", f"{rupees} rs"))
    if scene.market == "UK":
        return dice.pick(("£{}", "{} quid", "{} pounds")).format(round(near * 0.8))
    if scene.market == "DE":
        return dice.pick(("€{}", "{} euros", "{} euro")).format(round(near * 0.9))
    return dice.pick(("${}", "{} dollars", "{} bucks")).format(round(near))


def foreign(path: Path = FOLDER / "foreign.txt") -> list[tuple[str, str, int, str, str]]:
    """Return the reviews in other languages: language, product kind, stars, title, body."""
    rows, language = [], ""
    for raw in path.read_text(encoding="utf-8").splitlines():
        if raw.startswith("== "):
            language = raw[3:].strip()
        elif raw.strip() and not raw.startswith("# "):
            kind, stars, title, body = raw.split(" :: ")
            rows.append((language, kind, int(stars), title, body))
    return rows
