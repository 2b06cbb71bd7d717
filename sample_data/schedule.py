"""Decides who reviews what and when, and deals the planted opinions out to exact quotas."""

from __future__ import annotations

import calendar
import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field

from assortment import MARKETS, MONTHLY, PRODUCTS, SEASON, Product, phase_of
from plants import ALONE, HEARSAY, PAINS, PLANTS, PRAISES, SHOP, WISHES, WORKS_AFTER, Plant
from wording import Dice

#: Old stock: chance that a buyer still got the previous version, by days since the release.
_OLD_STOCK = ((60, 0.6), (120, 0.3), (240, 0.1))
#: Praise that an unhappy review can hold beside a severe pain (in the past tense, or about the service).
_BESIDE_SEVERE = {"praise_fast": 0.05, "praise_price": 0.05, "praise_service": 1.0, "praise_delivery": 0.3}


@dataclass
class Slot:
    """A review before it is written."""

    number: int
    product: Product
    version: str
    date: dt.date
    market: str
    variant: str
    plants: list[str] = field(default_factory=list)

    @property
    def phase(self) -> int:
        """Position of the phase it falls in."""
        return phase_of(self.date)

    @property
    def age_days(self) -> int:
        """Days since its version came out."""
        return (self.date - self.product.releases[int(self.version[1:]) - 1]).days


def schedule(dice: Dice) -> list[Slot]:
    """Return all reviews in the order of their dates, each with what it will say."""
    slots: list[Slot] = []
    for year, level in MONTHLY.items():
        for month in range(1, 13):
            count = round(level * SEASON[month - 1] * (0.82 + 0.36 * dice.roll()))
            days = calendar.monthrange(year, month)[1]
            dates = sorted(dt.date(year, month, 1 + dice.below(days)) for _ in range(count))
            slots += [_slot(len(slots) + i, date, dice) for i, date in enumerate(dates)]
    _deal(slots, dice)
    return slots


def _slot(number: int, date: dt.date, dice: Dice) -> Slot:
    phase = phase_of(date)
    weights = []
    for product in PRODUCTS:
        on_sale = (date - product.releases[0]).days
        ramp = min(1.0, 0.25 + on_sale / 240) if on_sale >= 4 else 0.0
        weights.append(product.weights[phase] * ramp)
    if not sum(weights):
        weights = [float(p.releases[0] <= date) for p in PRODUCTS]
    product = PRODUCTS[dice.weighted(weights)]
    out = [i for i, day in enumerate(product.releases, 1) if day <= date]
    version = out[-1]
    if version > 1:
        since = (date - product.releases[version - 1]).days
        old = next((share for days, share in _OLD_STOCK if since < days), 0.01)
        version -= dice.chance(old)
    markets = MARKETS[phase]
    market = list(markets)[dice.weighted(list(markets.values()))]
    return Slot(number, product, f"V{version}", date, market, dice.pick(product.variants))


def _deal(slots: list[Slot], dice: Dice) -> None:
    cells: dict[tuple[str, str, int], list[Slot]] = defaultdict(list)
    for slot in slots:
        cells[slot.product.product_id, slot.version, slot.phase].append(slot)
    for (product_id, version, phase), cell in sorted(cells.items(), key=lambda item: item[0]):
        for plant in (*ALONE, *PAINS, *SHOP, *WISHES, *HEARSAY, WORKS_AFTER, *PRAISES):
            quota = plant.share(product_id, version, phase) * len(cell)
            # A fraction of a review becomes one with that probability, so that small cells are right on average.
            wanted = int(quota) + dice.chance(quota % 1)
            for slot in _mixed(cell, dice):
                if wanted <= 0:
                    break
                if _room(slot, plant, dice):
                    slot.plants.append(plant.id)
                    wanted -= 1


def _mixed(cell: list[Slot], dice: Dice) -> list[Slot]:
    order = dice.shuffled(range(len(cell)))
    return [cell[i] for i in order]


def _room(slot: Slot, plant: Plant, dice: Dice) -> bool:
    """Whether this review can say this as well."""
    held = [PLANTS[i] for i in slot.plants]
    if any(p.specificity != "trouble" for p in held):
        return False
    if any(plant.id in p.clashes or p.id in plant.clashes for p in held):
        return False
    pains = [p for p in held if p.kind == "pain" and p.target != "competitor"]
    severe = any(p.severe for p in pains)
    if plant.target == "competitor":
        return not pains
    if plant.kind == "pain":
        return not pains or (len(pains) == 1 and dice.chance(0.25) and not (severe and plant.severe))
    if plant.kind == "wish" or plant.id == "works_after":
        return (
            not severe
            and not any(p.kind == "wish" for p in held)
            and (not pains or dice.chance(0.25))
            and slot.age_days >= 60
        )
    if severe:
        return dice.chance(_BESIDE_SEVERE.get(plant.id, 0.0))
    return len([p for p in held if p.kind == "praise"]) < 3 and (not pains or dice.chance(0.6))
