"""What people decided about an opportunity, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from voc import words
from voc.report.basis import Basis
from voc.report.document import Section, Table, Text
from voc.store.decision_entries import EXPECTED, STATES


def settled(basis: Basis, theme_id: str | None = None) -> list[Section]:
    """Return the sections on decisions and verified fixes, of one theme or of all; none where there is nothing."""
    decisions = [row for row in basis.decisions if theme_id in (None, row["theme_id"])]
    fixes = [row for row in basis.fixes if theme_id in (None, row["theme_id"])]
    sections = []
    if decisions:
        headers = ["Decision", "About", "State", "Owner", "Release", "Expected"]
        rows = [_decision(basis, row) for row in sorted(decisions, key=lambda row: STATES.index(row["state"]))]
        sections.append(Section("Decided", "", [Table(headers, rows)]))
    if fixes:
        blocks = [Text(_fix(row)) for row in fixes]
        lead = (
            "How the share changed at the date beyond what it did in products that were not fixed, in the same weeks."
        )
        sections.append(Section("Did the fix work?", lead, blocks))
    return sections


def _decision(basis: Basis, row: Mapping[str, Any]) -> list[str]:
    names = {theme.id: theme.name for theme in basis.facts.index.themes}
    day = row["released_on"] or row["planned_on"]
    when = "" if day is None else words.day(day) if row["released_on"] else f"planned for {words.day(day)}"
    expected = (
        "" if row["expected_unit"] is None else EXPECTED[row["expected_unit"]].format(f"{row['expected_value']:g}")
    )
    return [
        words.sentence(str(row["title"])),
        words.sentence(names.get(row["theme_id"], str(row["theme_id"]))),
        str(row["state"]),
        str(row["owner"] or ""),
        ", ".join(part for part in (row["release"], when) if part),
        "; ".join(part for part in (expected, row["expected_note"]) if part),
    ]


def _fix(row: Mapping[str, Any]) -> str:
    name = words.sentence(str(row["theme"] or row["theme_id"]))
    said = row["fault"] or row["sentence"] or row["conclusion"] or ""
    return f"{name}, since {words.day(row['since'])}: {said}"
