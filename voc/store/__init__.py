"""The workspace on disk: immutable snapshots of Parquet tables, and what people enter beside them.

A workspace is a folder::

    CURRENT                    the id of the newest snapshot; replacing this one file switches all tables together
    snapshots/<id>.json        the manifest of a snapshot: for every table the part files that make it up
    candidate.json             the manifest of a state that stands beside the current one (`voc reanalyse`), if any
    parts/<table>/<sha>.parquet    rows, never changed once written, shared between snapshots
    indexes/<sha>.sqlite       the full-text index over the current reviews, made anew where it is missing
    indexes/<sha>.keys, .told  what a run would otherwise derive from all reviews again, made anew as well
    reading/, reanalysing/     what a run, a reanalysis had read before it was killed
    writer.lock                held by the one process that writes
    reanalysis.lock            held by the one process that makes a reanalysis, beside which others may write
    entries.sqlite             renames, hidden themes and phases that people entered

Readers take no lock and change nothing but the index. One process writes at a time; what a killed one left behind is
removed by the next writer. Nothing else in the project writes to a workspace.
"""

from voc.store.entries import Entries
from voc.store.snapshot import Snapshot
from voc.store.workspace import Workspace, Writer

__all__ = ["Entries", "Snapshot", "Workspace", "Writer"]
