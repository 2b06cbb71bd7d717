"""What `voc run` prints at its end: what was read, what was found, and what to do next."""

from __future__ import annotations

import shlex
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from voc.pipeline import RunReport
    from voc.store import Snapshot, Workspace

_TOP = 10
# Reject reasons listed per file.
_REASONS = 3


def document(report: RunReport, place: Workspace) -> dict[str, Any]:
    """Return the summary as `voc run --format json` prints it."""
    snapshot = place.current()
    found: dict[str, Any] = {}
    imports: dict[str, str | None] = {}
    reasons: dict[str, dict[str, int]] = {}
    if snapshot is not None:
        with snapshot.connect() as database:
            imports = {one.file: _import_id(database, one.file) for one in report.reports}
            reasons = {file: _reasons(database, import_id) for file, import_id in imports.items()}
        found = _found(place, snapshot)
    best = _best(place)
    return {
        "workspace": str(place.path),
        "snapshot_id": report.snapshot_id,
        "files": [
            {
                "file": one.file,
                "import_id": imports.get(one.file),
                "format": one.format,
                "mapping": dict(one.mapping),
                "encoding": one.encoding,
                "rows_read": one.rows_read,
                "accepted": one.accepted,
                "duplicates": one.duplicates,
                "rejected": one.rejected,
                "reject_reasons": reasons.get(one.file, {}),
                "notes": list(one.notes),
            }
            for one in report.reports
        ],
        "reviews_new": report.reviews_new,
        "mentions_new": report.mentions_new,
        "themes": report.themes,
        **found,
        "opportunities": best,
        "areas": _areas(place, snapshot) if snapshot is not None and not best else [],
        **_beyond(place, snapshot),
        "seconds": dict(report.seconds),
        "messages": list(report.messages),
    }


def _import_id(database: DuckDBPyConnection, file: str) -> str | None:
    """Return the id of the file's latest import."""
    query = "SELECT import_id FROM imports WHERE file = $file ORDER BY imported_at DESC LIMIT 1"
    row = database.execute(query, {"file": file}).fetchone()
    return None if row is None else str(row[0])


def _reasons(database: DuckDBPyConnection, import_id: str | None) -> dict[str, int]:
    """Count why rows of an import were rejected, commonest first."""
    query = "SELECT reason, count(*) AS n FROM rejects WHERE import_id = $id GROUP BY reason ORDER BY n DESC, reason"
    return dict(database.execute(query, {"id": import_id}).fetchall())


def _found(place: Workspace, snapshot: Snapshot) -> dict[str, Any]:
    """Count what the workspace as a whole now holds."""
    from voc.cli.scopes import load_facts
    from voc.insights import Scope, coverage

    figures = coverage(load_facts(place, snapshot), Scope())
    kinds = {kind: sum(counts.values()) for kind, counts in figures["mentions_by_kind"].items()}
    return {
        **{key: figures[key] for key in ("reviews", "analysed", "not_analysed", "truncated", "troubles")},
        **{key: figures[key] for key in ("judgements", "judgements_placed", "verdicts")},
        "mentions": dict(sorted(kinds.items(), key=lambda pair: (-pair[1], pair[0]))),
        "troubles_in_themes": figures["troubles"] - figures["troubles_unassigned"],
    }


def _best(place: Workspace) -> list[dict[str, Any]]:
    """Return the best opportunities of the workspace under the names that people gave them."""
    snapshot = place.current()
    if snapshot is None:
        return []
    names, hidden = place.entries.theme_names(), place.entries.hidden_themes()
    columns = [
        *("scope_type", "rank", "rank_low", "rank_high", "theme_id", "name", "reviews", "reach"),
        *("hazard", "hazard_reviews"),
        *("star_impact", "star_impact_low", "star_impact_high"),
    ]
    rows = snapshot.table("opportunities", columns).to_pylist()
    ranked = sorted((row for row in rows if row.pop("scope_type") == "workspace"), key=lambda row: row["rank"])
    shown = [
        {**row, "name": names.get(row["theme_id"], row["name"])} for row in ranked if row["theme_id"] not in hidden
    ]
    return shown[:_TOP]


def _beyond(place: Workspace, snapshot: Snapshot | None) -> dict[str, Any]:
    """Return what rises, what customers wish for, and what became of fixes, with sentences about them."""
    if snapshot is None:
        return {"highlights": [], "alerts": [], "needs": [], "fixes": []}
    from voc.analyses.highlights import highlights

    found = highlights(snapshot.table, place.entries.theme_names(), place.entries.hidden_themes())
    needs = [{key: need[key] for key in ("need_id", "name", "area", "depth", "reviews")} for need in found.needs[:_TOP]]
    return {"highlights": found.sentences(), "alerts": found.alerts, "needs": needs, "fixes": found.fixes}


def _areas(place: Workspace, snapshot: Snapshot) -> list[dict[str, Any]]:
    """Return the product parts, for a workspace with too few troubles to have themes."""
    from voc.cli.scopes import load_facts, run_config
    from voc.insights import Scope, area_summary

    config = run_config(snapshot, None).insights
    rows = area_summary(load_facts(place, snapshot), Scope(), config=config).to_pylist()
    return [{key: row[key] for key in ("area_id", "name", "pain_reviews", "praise_reviews")} for row in rows[:_TOP]]


def print_summary(report: RunReport, place: Workspace, given: Path) -> None:
    """Print the summary for a person on standard output; `given` is the workspace as the user wrote it."""
    from rich.console import Console
    from rich.text import Text

    from voc.cli.output import print_table
    from voc.sheets import Sheet, without_controls

    console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else 160, highlight=False)

    def say(sentence: str) -> None:
        console.print(Text(without_controls(sentence)))

    facts = document(report, place)
    for file in facts["files"]:
        _say_file(file, say)
    if "reviews" in facts:
        _say_found(facts, say)
    for message in facts["messages"]:
        say(message)
    console.print()
    rows = [
        {
            "#": row["rank"],
            "ranks": f"{row['rank_low']}-{row['rank_high']}",
            "opportunity": row["name"],
            "stars lost": f"{row['star_impact']:.2f} ({row['star_impact_low']:.2f} to {row['star_impact_high']:.2f})",
            "reviews": row["reviews"],
            "reach": f"{row['reach']:.1%}",
            "hazard": row["hazard_reviews"] if row["hazard"] else "",
        }
        for row in facts["opportunities"]
    ]
    if rows:
        print_table(Sheet("What to improve first", rows, rows, rows))
    elif facts["areas"]:
        listed = [{"area": area["name"], "complaints in": area["pain_reviews"]} for area in facts["areas"]]
        print_table(Sheet("Which parts the complaints are about", listed, listed, listed))
    for sentence in facts["highlights"]:
        say(sentence)
    spent = ", ".join(f"{stage} {seconds:.1f} s" for stage, seconds in facts["seconds"].items())
    say(f"Time: {spent}; {sum(facts['seconds'].values()):.1f} s in all.")
    say(f"Next: voc app --workspace {shlex.quote(str(given))}")


def _say_file(file: dict[str, Any], say: Any) -> None:
    encoding = f", {file['encoding']}" if file["encoding"] else ""
    number = f" (import {file['import_id']})" if file["import_id"] else ""
    say(f"{file['file']}: read as {file['format']}{encoding}{number}")
    say("  columns: " + ", ".join(f"{column}={header}" for column, header in file["mapping"].items()))
    say(
        f"  {file['rows_read']:,} rows read: {file['accepted']:,} accepted, {file['duplicates']:,} duplicates, "
        f"{file['rejected']:,} rejected"
    )
    reasons = list(file["reject_reasons"].items())
    if reasons:
        listed = "; ".join(f"{reason} ({count:,})" for reason, count in reasons[:_REASONS])
        more = f"; {len(reasons) - _REASONS} further reasons" if len(reasons) > _REASONS else ""
        say(f"  rejected because: {listed}{more}")
    for note in file["notes"]:
        say(f"  {note}")


def _say_found(facts: dict[str, Any], say: Any) -> None:
    say(
        f"New in this run: {facts['reviews_new']:,} reviews and {facts['mentions_new']:,} mentions. "
        f"The workspace holds {facts['reviews']:,} reviews, {facts['analysed']:,} of them analysed."
    )
    if facts["not_analysed"]:
        listed = ", ".join(f"{language} ({count:,})" for language, count in facts["not_analysed"].items())
        say(f"Stored but not analysed, by language: {listed}.")
    if facts["truncated"]:
        say(f"{facts['truncated']:,} reviews are longer than the model reads and were cut off.")
    if facts["mentions"]:
        say("Mentions: " + ", ".join(f"{count:,} {kind}" for kind, count in facts["mentions"].items()) + ".")
    if facts["troubles"]:
        share = facts["troubles_in_themes"] / facts["troubles"]
        themes = "the one theme" if facts["themes"] == 1 else f"one of {facts['themes']:,} themes"
        grouped = f"{share:.0%} of them are in {themes}" if facts["themes"] else "no theme was found among them"
        say(f"Troubles that say what goes wrong: {facts['troubles']:,}; {grouped}.")
    if facts["judgements"]:
        share = facts["judgements_placed"] / facts["judgements"]
        say(f"Judgements that don't say what is wrong: {facts['judgements']:,}; {share:.0%} of them name a part.")
    if facts["verdicts"]:
        say(f"Verdicts on the whole: {facts['verdicts']:,}; they count for satisfaction only.")
