"""What the server holds in memory of the state under view: its tables, the facts of insights, a connection."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Sequence
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, TypeVar

import pandas as pd
import pyarrow as pa

from voc.errors import VocError
from voc.ui.held import Held

if TYPE_CHECKING:
    import duckdb

    from voc.insights import Facts
    from voc.ui.data import View

#: From so many reviews on, what the first click or the first filter needs is made beforehand, so many seconds after
#: the first page of a state was asked for.
LARGE, PAUSE = 20_000, 4.0
#: Name of the thread that does so.
AHEAD = "voc-ahead"

T = TypeVar("T")

_TABLES: Held[dict[str, pa.Table]] = Held()
_CURATED: Held[Facts] = Held()
_FACTS: Held[Facts] = Held()
_CONNECTIONS: Held[duckdb.DuckDBPyConnection] = Held()


class Superseded(Exception):
    """A state is asked for ahead of its reader, and is not the one that is held any more."""


def _held(held: Held[T], view: View, key: Hashable, make: Callable[[], T]) -> T:
    """Return what is held of a state, and make it where it is not; not ahead, for it would take a newer one's place."""
    if not view.ahead:
        return held.get(view.source.path, key, make)
    found = held.peek(view.source.path, key)
    if found is None:
        raise Superseded
    return found


def stored(view: View) -> dict[str, pa.Table]:
    """Return the tables of a snapshot that insights read, held until a newer one of the workspace is asked for."""
    from voc import tables
    from voc.insights import Facts

    # Title and body are in the text, and an export's further columns concern no figure: they would lie there twice.
    unread = {"body", "extra"}

    def read() -> dict[str, pa.Table]:
        names = [field.name for field in fields(Facts) if field.name != "phases"]
        columns = {name: [c for c in tables.SCHEMAS[name].names if c not in unread] for name in names}
        return {name: view.snapshot.table(name, columns[name]) for name in names}

    return _held(_TABLES, view, view.source.snapshot, read)


def facts(view: View) -> Facts:
    """Return the facts of a state: people's names for themes, no hidden themes, the phases there are now."""
    from voc.insights import resolve_phases

    def phased() -> Facts:
        curated, entries = _curated(view), view.workspace.entries
        try:
            phases = resolve_phases(view.config.phases, curated.reviews, entries.phases())
        except VocError:
            # A phase of the configuration now overlaps one that somebody entered before: the configuration holds.
            phases = resolve_phases(view.config.phases, curated.reviews, None)
        return curated.with_phases(phases)

    return _held(_FACTS, view, view.source, phased)


def _curated(view: View) -> Facts:
    """Return the facts without phases, whose arrays a change of phases leaves as they are."""
    from voc.insights import Facts

    entries = view.workspace.entries
    names, hidden = entries.theme_names(), entries.hidden_themes()

    def curated() -> Facts:
        made = Facts(**stored(view)).curated(names, hidden)
        if made.reviews.num_rows >= LARGE:
            later = threading.Timer(PAUSE, _ahead, (view, made))
            later.daemon, later.name = True, AHEAD
            later.start()
        return made

    key = view.source.snapshot, tuple(sorted(names.items())), tuple(sorted(hidden))
    return _CURATED.get(view.source.path, key, curated)


def _ahead(view: View, made: Facts) -> None:
    from voc.ui import ahead

    _ = made.index.theme_quotes
    ahead.look(replace(view, ahead=True))


def _large(view: View) -> dict[str, pa.Table]:
    held = stored(view)
    return {name: held[name] for name in ("reviews", "mentions")}


def query(view: View, statement: str, values: Sequence[Any], **given: pa.Table) -> pd.DataFrame:
    """Return the result of a query over the snapshot's tables and those `given`.

    The connection to a snapshot is made once, and every query has a cursor of it. What is held in memory is looked up
    there, ten times as fast as in the files; `memory.main.reviews` has all columns.
    """

    def connect() -> duckdb.DuckDBPyConnection:
        connection = view.snapshot.connect()
        # Part files are read again where they are needed: the system keeps them at hand, and gives that memory back.
        connection.execute("SET enable_external_file_cache = false")
        return connection

    with _held(_CONNECTIONS, view, view.source.snapshot, connect).cursor() as cursor:
        for name, table in {**_large(view), **given}.items():
            cursor.register(name, table)
        frame: pd.DataFrame = cursor.sql(statement, params=list(values)).to_arrow_table().to_pandas()
    return frame
