"""What people enter themselves about themes, phases, decisions and fixes, with a history of who changed what."""

from __future__ import annotations

from voc.store.decision_entries import DecisionEntries
from voc.store.phase_entries import PhaseEntries
from voc.store.theme_entries import ThemeEntries


class Entries(ThemeEntries, PhaseEntries, DecisionEntries):
    """People's own entries, safe for several processes and threads at once; every change is one transaction.

    The database is created by the first write; reading where there is none finds nothing. It lies beside the
    snapshots and not in them, because decisions outlive every run.

    Args:
        where: the SQLite file, or an SQLAlchemy URL such as ``postgresql+psycopg://host/database``.

    Every method raises VocError when the database cannot be read or written.
    """
