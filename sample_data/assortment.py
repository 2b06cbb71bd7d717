"""The invented company: its products, their releases, where they sell, and the phases it went through."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

OWN_BRAND = "Tidewatt"
RIVAL_BRAND = "Jolteko"

#: Name, first day, day after the last.
PHASES = (
    ("I Start", dt.date(2011, 1, 1), dt.date(2013, 1, 1)),
    ("II Growth", dt.date(2013, 1, 1), dt.date(2016, 1, 1)),
    ("III Brand", dt.date(2016, 1, 1), dt.date(2022, 1, 1)),
)

#: Reviews a month, by year, before season and chance.
MONTHLY = {
    2011: 14,
    2012: 20,
    2013: 23,
    2014: 26,
    2015: 29,
    2016: 32,
    2017: 34,
    2018: 36,
    2019: 38,
    2020: 39,
    2021: 40,
}

#: January to December: the holidays, their echo in January, and the summer sale.
SEASON = (1.25, 0.9, 0.88, 0.9, 0.9, 0.95, 1.15, 1.0, 0.9, 0.9, 1.05, 1.3)

#: Share of each market, phase by phase.
MARKETS = (
    {"US": 0.70, "UK": 0.30},
    {"US": 0.50, "UK": 0.22, "DE": 0.13, "IN": 0.15},
    {"US": 0.42, "UK": 0.18, "DE": 0.14, "IN": 0.26},
)


@dataclass(frozen=True)
class Product:
    """A product and when its versions came out."""

    product_id: str
    name: str
    brand: str
    kind: str  # names the wording: cable, wall, car, bank, pad, buds
    category: str
    price: float
    units_sold: int
    weights: tuple[float, float, float]  # share of the reviews, phase by phase, before normalising
    releases: tuple[dt.date, ...]  # V1, V2, ...
    variants: tuple[str, ...]

    @property
    def own(self) -> bool:
        """Whether we make it."""
        return self.brand == OWN_BRAND


PRODUCTS = (
    Product(
        "TW-C1",
        "Tidewatt USB Cable",
        OWN_BRAND,
        "cable",
        "Cables",
        9.99,
        412000,
        (3.6, 2.6, 2.2),
        (dt.date(2011, 1, 1), dt.date(2013, 3, 4), dt.date(2017, 3, 6)),
        ("Black, 3 ft", "White, 3 ft", "Black, 6 ft"),
    ),
    Product(
        "TW-W1",
        "Tidewatt Wall Charger 2-Port",
        OWN_BRAND,
        "wall",
        "Wall chargers",
        15.99,
        298000,
        (2.6, 2.3, 2.4),
        (dt.date(2011, 2, 1), dt.date(2014, 5, 5), dt.date(2018, 4, 9)),
        ("Black", "White"),
    ),
    Product(
        "TW-D1",
        "Tidewatt Car Charger 2-Port",
        OWN_BRAND,
        "car",
        "Car chargers",
        11.99,
        147000,
        (1.2, 1.2, 1.1),
        (dt.date(2011, 7, 4), dt.date(2014, 9, 1), dt.date(2017, 9, 4)),
        ("Black", "Silver"),
    ),
    Product(
        "TW-P1",
        "Tidewatt Power Bank",
        OWN_BRAND,
        "bank",
        "Power banks",
        29.99,
        265000,
        (1.4, 2.2, 2.1),
        (dt.date(2011, 10, 3), dt.date(2014, 2, 3), dt.date(2018, 5, 7)),
        ("Black", "White"),
    ),
    Product(
        "TW-Q1",
        "Tidewatt Wireless Pad",
        OWN_BRAND,
        "pad",
        "Wireless chargers",
        21.99,
        118000,
        (0.0, 0.9, 1.9),
        (dt.date(2015, 2, 2), dt.date(2018, 6, 4), dt.date(2020, 11, 2)),
        ("Black", "White"),
    ),
    Product(
        "TW-E1",
        "Tidewatt Earbuds",
        OWN_BRAND,
        "buds",
        "Earbuds",
        39.99,
        96000,
        (0.0, 0.0, 1.3),
        (dt.date(2017, 5, 8), dt.date(2020, 3, 2)),
        ("Black", "White"),
    ),
    Product(
        "JK-C1",
        "Jolteko Charge Cord",
        RIVAL_BRAND,
        "cable",
        "Cables",
        7.49,
        0,
        (1.3, 0.9, 0.8),
        (dt.date(2011, 1, 1),),
        ("Black", "White"),
    ),
    Product(
        "JK-P1",
        "Jolteko Pocket Battery",
        RIVAL_BRAND,
        "bank",
        "Power banks",
        24.99,
        0,
        (0.6, 0.8, 0.8),
        (dt.date(2012, 3, 5),),
        ("Black", "Blue"),
    ),
    Product(
        "JK-W1",
        "Jolteko Twin Wall Plug",
        RIVAL_BRAND,
        "wall",
        "Wall chargers",
        12.99,
        0,
        (0.0, 0.7, 0.8),
        (dt.date(2013, 1, 7),),
        ("White",),
    ),
)


def phase_of(day: dt.date) -> int:
    """Return the position of the phase that `day` lies in."""
    return next(i for i, (_, start, end) in enumerate(PHASES) if start <= day < end)
