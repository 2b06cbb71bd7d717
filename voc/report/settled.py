"""What people decided about an opportunity, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from voc import words
from voc.report.basis import Basis
from voc.report.document import Section, Table, Text


def settled(basis: Basis, theme_id: str | None = None) -> list[Section]:
    """Return the sections on decisions and verified fixes, of one theme or of all; none where there is nothing."""
    decisions = [row for row in basis.decisions if theme_id in (None, row["theme_id"])]
    fixes = [row for row in basis.fixes if theme_id in (None, row["theme_id"])]
    sections = []
    if decisions:
        headers = ["Decision", "State", "Owner", "Release", "Expected"]
        rows = [_decision(basis, row) for row in decisions]
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
    title = row.get("title") or names.get(str(row["theme_id"])) or str(row["theme_id"])
    day = row.get("released_on") or row.get("planned_on") or row.get("release_date")
    release = ", ".join(str(part) for part in (row.get("release"), words.day(day) if day is not None else "") if part)
    expected = row.get("expected")
    return [
        words.sentence(str(title)),
        str(row.get("state") or ""),
        str(row.get("owner") or ""),
        release,
        words.percent(expected) if isinstance(expected, float) else str(expected or ""),
    ]


def _fix(row: Mapping[str, Any]) -> str:
    name = words.sentence(str(row["theme"] or row["theme_id"]))
    said = row["fault"] or row["sentence"] or row["conclusion"] or ""
    return f"{name}, since {words.day(row['since'])}: {said}"
