"""Decisions in words: their state, what was expected of them, and how that compares with what the data says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa

from voc import words
from voc.errors import VocError
from voc.store.decision_entries import DONE, EXPECTED, merged_into
from voc.store.undoing import UNDO_DECISION
from voc.ui import data, parts
from voc.ui.decisions.verified import verified
from voc.ui.scoping import whole

if TYPE_CHECKING:
    from voc.insights import Scope
    from voc.insights.verification import Verification

#: What a field is called where a person reads it.
LABELS = {
    "title": "What is to be done",
    "state": "State",
    "owner": "Owner",
    "release": "Planned release",
    "planned_on": "Planned for",
    "released_on": "Sold since",
    "lag_days": "Old stock, days",
    "expected_unit": "Expected effect",
    "expected_value": "Size of the expected effect",
    "expected_note": "Why this effect is expected",
    "note": "Note",
    "theme_id": "Theme",
    "product": "Product",
    "brand": "Brand",
    "market": "Market",
    "phase_id": "Phase",
}
#: The fields that say where a decision holds -> words for one that is left open.
EVERYWHERE = {"product": "All products", "brand": "All brands", "market": "All markets", "phase_id": "All phases"}
_TONES = {"released": "better", "closed": "better"}


def rows(view: data.View) -> list[dict[str, Any]]:
    """Return all decisions, the oldest first, each about the theme that its own may have been merged into."""
    merged = view.workspace.entries.edits().merged
    return [{**row, "theme_id": merged_into(merged, row["theme_id"])} for row in view.workspace.entries.decisions()]


def theme_names(view: data.View) -> dict[str, str]:
    """Return the name of every theme, by id; one that was merged goes by that of the theme it is in now."""
    everything = view.snapshot.table("themes", ["theme_id", "name"]).to_pylist()
    edits = view.workspace.entries.edits()
    names = {row["theme_id"]: edits.names.get(row["theme_id"], row["name"]) for row in everything}
    return {
        theme_id: words.sentence(str(names.get(merged_into(edits.merged, theme_id), name)))
        for theme_id, name in names.items()
    }


def overdue(row: Mapping[str, Any], today: dt.date | None = None) -> bool:
    """Return whether a decision's planned day has passed and it is neither released nor rejected."""
    today = today or dt.datetime.now(dt.UTC).date()
    return row["planned_on"] is not None and row["planned_on"] < today and row["state"] not in (*DONE, "rejected")


def chips(row: Mapping[str, Any]) -> str:
    """Return the state of a decision, and that it is overdue."""
    late = parts.chip("⚠ Overdue", "worse") if overdue(row) else ""
    return parts.chip(words.sentence(row["state"]), _TONES.get(row["state"], "")) + late


def facts(row: Mapping[str, Any]) -> str:
    """Return owner, release and dates of a decision in one line."""
    said = [row["owner"] or "Nobody owns it yet"]
    if row["release"]:
        said.append(f"release {row['release']}")
    if row["released_on"] is not None:
        said.append(f"sold since {words.day(row['released_on'])}")
    elif row["planned_on"] is not None:
        said.append(f"planned for {words.day(row['planned_on'])}")
    return " · ".join(said)


def expected(row: Mapping[str, Any]) -> str:
    """Return the expected effect as a clause; "" where none was stated."""
    if row["expected_unit"] is None:
        return str(row["expected_note"] or "")
    said = EXPECTED[row["expected_unit"]].format(f"{row['expected_value']:g}")
    return f"{said}: {row['expected_note']}" if row["expected_note"] else said


def shown(name: str, value: Any, places: Mapping[str, Mapping[str, str]] | None = None) -> str:
    """Return the value of a field in words.

    Args:
        name: of the field.
        value: as the store or its history holds it.
        places: what `places` returns, for the words of products, phases and the like.
    """
    if value is None:
        return EVERYWHERE.get(name, "nothing")
    if places is not None and name in places:
        return places[name].get(value, str(value))
    if name in ("planned_on", "released_on") and isinstance(value, str):
        value = dt.date.fromisoformat(value)
    if isinstance(value, dt.date):
        return words.day(value)
    if name == "expected_unit":
        return EXPECTED[value].format("…")
    return words.sentence(value) if name == "state" else f"{value:g}" if isinstance(value, float) else str(value)


def scope_of(row: Mapping[str, Any]) -> Scope:
    """Return the scope that a decision was taken in."""
    from voc.insights import Scope

    return Scope(
        products=() if row["product"] is None else (row["product"],),
        brands=() if row["brand"] is None else (row["brand"],),
        markets=() if row["market"] is None else (row["market"],),
        phase_id=row["phase_id"],
    )


def place(view: data.View, row: Mapping[str, Any]) -> str:
    """Return where a decision holds, in words."""
    from voc.ui.filters import described

    scope = scope_of(row)
    return "all products" if scope == whole() else described(view, scope)


def places(view: data.View, *, counts: bool = False) -> dict[str, dict[str, str]]:
    """Return what a decision can be limited to: field -> value -> the words of the filters.

    Args:
        view: the workspace's state.
        counts: behind a product, brand or market, how many reviews there are of it.
    """
    from voc.ui.filters import fields

    found = {"phase_id" if name == "phase" else name: values for _, name, _, values in fields(view)}
    if counts:
        return found
    return {
        name: values if name == "phase_id" else {one: said.rsplit(" (", 1)[0] for one, said in values.items()}
        for name, values in found.items()
    }


def nowhere(view: data.View, row: Mapping[str, Any]) -> str:
    """Return why no figure can be given where a decision holds; "" where there are reviews."""
    try:
        reviews = view.coverage(scope_of(row))["reviews"]
    except VocError as error:
        return str(error)
    return "" if reviews else f"No review is in {place(view, row)}."


def changed(line: Mapping[str, Any], places: Mapping[str, Mapping[str, str]]) -> str:
    """Return what a line of a decision's history changed, in words."""
    before, after = line["before"], line["after"]
    if after is None:
        return "deleted"
    if before is None:
        return "made" if after["revision"] == 1 else "brought back"

    def quoted(name: str, value: Any) -> str:
        said = shown(name, value, places)
        return said if value is None else f"“{said}”"

    said = [
        f"{label}: {quoted(name, before[name])} → {quoted(name, after[name])}"
        for name, label in LABELS.items()
        if before[name] != after[name]
    ]
    return ("taken back: " if line["what"] == UNDO_DECISION else "") + ("; ".join(said) or "saved unchanged")


def verification(view: data.View, row: Mapping[str, Any]) -> tuple[Verification | None, str]:
    """Return what the data says since a decision was released; without it, why there is nothing."""
    return verified(view, scope_of(row), row["theme_id"], row["released_on"], row["lag_days"])


def reached(row: Mapping[str, Any], found: Verification) -> tuple[str, str]:
    """Compare the measured effect with the expected one.

    Returns:
        A word (reached, missed, open) and a sentence; two empty texts where no number was expected.
    """
    if row["expected_unit"] is None:
        return "", ""
    sides = {line["part"]: line for line in found.reach.to_pylist() if line["group"] == "treated"}
    before, after, value = sides.get("before"), sides.get("after"), row["expected_value"] / 100
    if row["expected_unit"] == "percent of reviews":
        if after is None or after["reach"] is None or found.effect is None:
            return "open", "It cannot be compared yet: the data is too thin."
        low, high, aim = after["reach_low"], after["reach_high"], value
        measured = f"{words.percent(after['reach'])} of reviews ({words.percent_interval(low, high)})"
    else:
        if found.effect is None or before is None or before["reach"] is None:
            return "open", "It cannot be compared yet: the data is too thin."
        aim = -value * (before["reach"] if row["expected_unit"] == "percent" else 1)
        low, high = found.effect_low, found.effect_high
        if low is None or high is None:
            return "open", "It cannot be compared yet: the data is too thin."
        measured = f"{words.points(found.effect)} ({words.points_interval(low, high)})"
    said = (
        f"Expected: {EXPECTED[row['expected_unit']].format(format(row['expected_value'], 'g'))}. Measured: {measured}."
    )
    if high <= aim:
        return "reached", f"{said} The expected effect was reached."
    if low > aim:
        return "missed", f"{said} The effect is smaller than expected."
    return "open", f"{said} The interval holds both more and less than was expected."


def marks(rows: Iterable[Mapping[str, Any]], label: Callable[[Mapping[str, Any]], str]) -> pd.DataFrame:
    """Return the days on which decisions were, or are to be, released, for `charts.time.reach`.

    Args:
        rows: decisions; rejected ones and those without a day are left out.
        label: what stands at a mark.

    Returns:
        Columns day, label, planned (true while nothing was released), decision_id.
    """
    marked = [
        {
            "day": day,
            "label": label(row),
            "planned": row["released_on"] is None,
            "decision_id": row["decision_id"],
        }
        for row in rows
        if row["state"] != "rejected" and (day := row["released_on"] or row["planned_on"]) is not None
    ]
    return pd.DataFrame(marked, columns=["day", "label", "planned", "decision_id"])


def table(rows: list[dict[str, Any]], names: Mapping[str, str]) -> pa.Table:
    """Return decisions with all their fields as a table to take away."""
    columns = [
        "decision_id", "title", "state", "theme", "owner", "release", "planned_on", "released_on", "expected",
        "note", "product", "brand", "market", "phase_id", "theme_id", "lag_days", "created_at", "created_by",
        "updated_at", "updated_by", "revision",
    ]  # fmt: skip
    full = [
        {**row, "theme": names.get(row["theme_id"], row["theme_id"]), "expected": expected(row) or None} for row in rows
    ]
    return pa.table({name: [row[name] for row in full] for name in columns})
