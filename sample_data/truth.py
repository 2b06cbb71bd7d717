"""States what is in the export: every planted opinion with its reviews and shares, and every blemish."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from assortment import OWN_BRAND, PHASES, PRODUCTS
from plants import PLANTS, Plant
from schedule import Slot

_BLEMISHES = ("empty_text", "title_only", "no_rating", "no_date", "stars_mixed_up")


@dataclass
class Entry:
    """One distinct review as it stands in the export, with what its author meant."""

    slot: Slot
    row: dict[str, str]
    plants: list[str]
    times: dict[str, int]  # failed_after, works_after -> days in use
    language: str = "en"
    blemishes: list[str] = field(default_factory=list)
    edited: bool = False

    @property
    def readable(self) -> bool:
        """Whether it has English text: the base of every share."""
        return self.language == "en" and bool(self.row["title"] or self.row["body"])

    @property
    def phase(self) -> str | None:
        """Name of its phase; none where the export lacks the date."""
        return PHASES[self.slot.phase][0] if self.row["date"] else None


def truth(entries: list[Entry], repeated: list[str], superseded: list[str], rows: int, seed: str) -> dict[str, Any]:
    """Return the whole truth as one JSON document."""
    base = [e for e in entries if e.readable]
    ids = _ids_where(entries)
    return {
        "about": "Truth of a synthetic export written by generate.py; no customer wrote any of it. Shares are of the"
        " distinct English reviews with text; a review without a date counts in no phase.",
        "seed": seed,
        "own_brand": OWN_BRAND,
        "rows": rows,
        "reviews": len(entries),
        "readable": len(base),
        "phases": [{"name": n, "start": s.isoformat(), "end": e.isoformat()} for n, s, e in PHASES],
        "blemishes": {
            "exact_duplicates": repeated,
            "superseded_by_edit": superseded,
            **{name: ids(_with_blemish(name)) for name in _BLEMISHES},
            "languages": {code: ids(_in_language(code)) for code in ("de", "es", "zh")},
        },
        "products": [
            {
                "product_id": p.product_id,
                "own": p.own,
                "releases": {f"V{i}": day.isoformat() for i, day in enumerate(p.releases, 1)},
                "reviews_by_phase": _counts([e for e in base if e.slot.product is p]),
                "mean_rating_by_phase": _means([e for e in entries if e.slot.product is p]),
            }
            for p in PRODUCTS
        ],
        "planted": [_planted(plant, base) for plant in PLANTS.values()],
        "time_in_use": {
            event: {e.row["review_id"]: e.times[event] for e in base if event in e.times}
            for event in ("failed_after", "works_after")
        },
    }  # fmt: skip


def _with_blemish(name: str) -> Callable[[Entry], bool]:
    return lambda entry: name in entry.blemishes


def _in_language(code: str) -> Callable[[Entry], bool]:
    return lambda entry: entry.language == code


def _ids_where(entries: list[Entry]) -> Callable[[Callable[[Entry], bool]], list[str]]:
    return lambda fits: [e.row["review_id"] for e in entries if fits(e)]


def _counts(entries: list[Entry]) -> dict[str, int]:
    found = Counter(e.phase for e in entries)
    return {name: found[name] for name, _, _ in PHASES}


def _means(entries: list[Entry]) -> dict[str, float | None]:
    means: dict[str, float | None] = {}
    for name, _, _ in PHASES:
        ratings = [int(e.row["rating"]) for e in entries if e.phase == name and e.row["rating"]]
        means[name] = round(sum(ratings) / len(ratings), 3) if ratings else None
    return means


def _shares(part: list[Entry], whole: list[Entry]) -> dict[str, float | None]:
    some, every = _counts(part), _counts(whole)
    return {name: round(some[name] / every[name], 4) if every[name] else None for name in every}


def _planted(plant: Plant, base: list[Entry]) -> dict[str, Any]:
    products = list(dict.fromkeys(key.split(":")[0] for key in plant.shares))
    whole = [e for e in base if e.slot.product.product_id in products]
    part = [e for e in whole if plant.id in e.plants]
    versions = sorted({(e.slot.product.product_id, e.slot.version) for e in whole if e.slot.product.own})
    by_product = {}
    for product_id in products:
        mine = [e for e in whole if e.slot.product.product_id == product_id]
        said = [e for e in part if e.slot.product.product_id == product_id]
        by_product[product_id] = {"share_by_phase": _shares(said, mine), "n_by_phase": _counts(said)}
    return {
        "id": plant.id,
        "name": plant.name,
        "kind": plant.kind,
        "specificity": plant.specificity,
        "target": plant.target,
        "hazard": plant.hazard,
        "area": plant.area,
        "keywords": list(plant.keywords),
        "products": products,
        "share_by_phase": _shares(part, whole),
        "n_by_phase": _counts(part),
        "by_product": by_product,
        "share_by_version": {
            f"{product_id} {version}": _version_share(part, whole, product_id, version)
            for product_id, version in versions
        },
        "review_ids": [e.row["review_id"] for e in part],
    }


def _version_share(part: list[Entry], whole: list[Entry], product_id: str, version: str) -> float:
    def of(entries: list[Entry]) -> int:
        return sum(e.slot.product.product_id == product_id and e.slot.version == version for e in entries)

    return round(of(part) / of(whole), 4)
