"""The tables of `voc insights` that are computed for a scope, laid out for printing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voc.analyses import ANALYSES, Options, phase_names
from voc.analyses.lines import without_structure

if TYPE_CHECKING:
    from voc.config import InsightsConfig
    from voc.insights import Facts, Scope
    from voc.sheets import Sheet

#: Rows that a table for reading shows; the other formats hold all.
_SHOWN = 40


def analysis_sheet(table: str, facts: Facts, scope: Scope, config: InsightsConfig, options: Options) -> Sheet:
    """Return a table of `ANALYSES` for a scope.

    Raises:
        VocError: the scope or an option names something the data lacks, or an option that the table needs is missing.
    """
    from voc.sheets import Sheet

    analysis = ANALYSES[table]
    found = analysis.compute(facts, scope, config, options)
    phases = phase_names(facts)
    documents = found.table.to_pylist()
    worth = [row for row in documents if found.first(row)]
    shown = [analysis.line(row, phases) for row in worth[:_SHOWN]]
    notes = list(found.notes)
    if len(shown) < len(documents):
        notes.append(f"{len(shown)} of {len(documents):,} rows; --format csv holds all.")
    rows = [without_structure(row) for row in documents]
    return Sheet(analysis.title, shown, rows, documents, found.table.column_names, notes)
