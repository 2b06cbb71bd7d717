"""Writes the synthetic export: `python sample_data/generate.py` rewrites reviews.csv, products.csv and truth.json."""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import io
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from assortment import PHASES, PRODUCTS
from compose import write
from plants import PLANTS
from schedule import Slot, schedule
from truth import Entry, truth
from wording import Dice, Scene, Wording, foreign

SEED = "tidewatt-1"
HERE = Path(__file__).parent
COLUMNS = (
    "review_id", "date", "product_id", "product", "brand", "version", "variant", "market",
    "rating", "title", "body", "verified", "helpful_votes",
)  # fmt: skip
_ID_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"

# How many of each blemish a real export would have.
DUPLICATES, EDITED, EMPTY, TITLE_ONLY, NO_RATING, NO_DATE, MIXED_UP = 34, 8, 12, 25, 18, 12, 24

Row = dict[str, str]


def build() -> tuple[list[Row], dict[str, Any]]:
    """Return the rows of the export in their order, and the truth about them."""
    dice = Dice(SEED)
    slots = schedule(dice)
    words = Wording()
    entries = [_entry(slot, words) for slot in slots]
    _foreign(entries, dice)
    _blemish(entries, dice)
    rows: list[Row] = []
    superseded = []
    for entry in entries:
        if entry.edited:
            earlier = _before_edit(entry, words)
            superseded.append(entry.row["review_id"])
            rows.append(earlier)
        rows.append(entry.row)
    rows.sort(key=lambda row: (row["date"] or "2016-06-30", row["review_id"]))
    repeated = []
    once = {e.row["review_id"] for e in entries if not e.edited and not e.blemishes}
    for row in _pick_rows(rows, dice, once):
        rows.insert(min(len(rows), rows.index(row) + 1 + dice.below(400)), dict(row))
        repeated.append(row["review_id"])
    return rows, truth(entries, repeated, superseded, len(rows), SEED)


def _entry(slot: Slot, words: Wording) -> Entry:
    # Each review has its own dice, so that new wording in one place does not reword every other review.
    dice = Dice(f"{SEED}/{slot.number}")
    written = write([PLANTS[i] for i in slot.plants], _scene(slot), words, dice)
    helpful = 0
    while dice.chance(0.42 if written.rating <= 2 or len(written.body) > 250 else 0.2) and helpful < 60:
        helpful += 1 + dice.below(3)
    row = {
        "review_id": "R" + "".join(dice.pick(_ID_LETTERS) for _ in range(12)),
        "date": slot.date.isoformat(),
        "product_id": slot.product.product_id,
        "product": slot.product.name,
        "brand": slot.product.brand,
        "version": slot.version if slot.product.own else "",
        "variant": slot.variant,
        "market": slot.market,
        "rating": str(written.rating),
        "title": written.title,
        "body": written.body,
        "verified": "true" if dice.chance(0.89) else "false",
        "helpful_votes": str(helpful),
    }
    return Entry(slot, row, list(slot.plants), written.times)


def _scene(slot: Slot) -> Scene:
    phase = PHASES[slot.phase][0].split()[0]
    return Scene(slot.product.kind, phase, slot.market, slot.product.brand, slot.product.price, slot.age_days)


def _foreign(entries: list[Entry], dice: Dice) -> None:
    """Put our reviews in other languages in place of ordinary ones of the same kind of product."""
    homes = {"de": "DE", "es": "US", "zh": "UK"}
    for language, kind, stars, title, body in foreign():
        options = [
            e for e in entries
            if e.slot.product.kind == kind and e.slot.product.own and e.slot.market == homes[language]
            and e.language == "en" and not any(PLANTS[p].kind == "pain" for p in e.plants)
        ]  # fmt: skip
        entry = dice.pick(options)
        entry.language, entry.plants, entry.times = language, [], {}
        entry.row.update(title=title, body=body, rating=str(stars))


def _blemish(entries: list[Entry], dice: Dice) -> None:
    order = [entries[i] for i in dice.shuffled(range(len(entries)))]
    plain = [e for e in order if e.language == "en"]

    def take(count: int, name: str, fits: Any = lambda _: True) -> list[Entry]:
        chosen = [e for e in plain if not e.blemishes and not e.edited and fits(e)][:count]
        for entry in chosen:
            entry.blemishes.append(name)
        return chosen

    for entry in take(EMPTY, "empty_text", lambda e: not e.plants):
        entry.row.update(title="", body="")
        entry.times = {}
    for entry in take(
        TITLE_ONLY, "title_only", lambda e: not e.plants and any(c.isalpha() for c in e.row["title"][1:])
    ):
        entry.row["body"] = ""
        entry.times = {}
    for entry in take(NO_RATING, "no_rating"):
        entry.row["rating"] = ""
    for entry in take(NO_DATE, "no_date"):
        entry.row["date"] = ""
    # Some people take one star for the best mark.
    for entry in take(MIXED_UP, "stars_mixed_up", lambda e: e.row["rating"] in "15"):
        entry.row["rating"] = str(6 - int(entry.row["rating"]))
    old_enough = dt.date(2011, 6, 1)
    fits = [e for e in plain if e.plants == ["dead"] and not e.blemishes and e.slot.date > old_enough]
    for entry in fits[:EDITED]:
        entry.edited = True
        entry.row["body"] = dice.pick(("UPDATE: ", "Edit: ", "Update - ")) + entry.row["body"]


def _before_edit(entry: Entry, words: Wording) -> Row:
    """Return the happy first version of a review that its author changed when the thing broke."""
    dice = Dice(f"{SEED}/first/{entry.slot.number}")
    written = write([], _scene(entry.slot), words, dice)
    days = max(14, entry.times.get("failed_after", 60))
    earliest = entry.slot.product.releases[0]
    date = max(earliest, entry.slot.date - dt.timedelta(days=days))
    return {
        **entry.row,
        "date": date.isoformat(),
        "rating": str(written.rating),
        "title": written.title,
        "body": written.body,
    }


def _pick_rows(rows: list[Row], dice: Dice, allowed: set[str]) -> list[Row]:
    fit = [i for i, row in enumerate(rows) if row["review_id"] in allowed]
    return [rows[i] for i in dice.shuffled(fit)[:DUPLICATES]]


def as_csv(rows: Iterable[Mapping[str, Any]], columns: Iterable[str]) -> bytes:
    """Return rows as a CSV file in UTF-8 with plain line feeds."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, fieldnames=list(columns), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode("utf-8")


def products() -> bytes:
    """Return products.csv."""
    rows = [
        {
            "product_id": p.product_id,
            "product": p.name,
            "brand": p.brand,
            "own": "true" if p.own else "false",
            "category": p.category,
            "price": f"{p.price:.2f}",
            "currency": "USD",
            "units_sold": p.units_sold or "",
        }
        for p in PRODUCTS
    ]
    return as_csv(rows, rows[0])


def files() -> dict[str, bytes]:
    """Return the name and the content of every file that this program writes."""
    rows, known = build()
    return {
        "reviews.csv": as_csv(rows, COLUMNS),
        "products.csv": products(),
        "truth.json": (json.dumps(known, indent=1, ensure_ascii=False) + "\n").encode("utf-8"),
    }


def main() -> None:
    """Write the files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=HERE, help="folder to write to (default: beside this program)")
    folder = parser.parse_args().output
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files().items():
        (folder / name).write_bytes(content)
        print(f"{folder / name}: {len(content):,} bytes")


if __name__ == "__main__":
    main()
