"""What the pages show, read from the newest snapshot and cached by its id, the entries' state and the configuration."""

from __future__ import annotations

import contextlib
import hashlib
import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st
from pydantic import ValidationError

from voc.config import Config, load_config
from voc.errors import VocError
from voc.ui import access, sample
from voc.ui.held import Held
from voc.ui.scoping import narrowed, short_names, where, whole
from voc.ui.steps import tested

if TYPE_CHECKING:
    import duckdb

    from voc.insights import Facts, Scope
    from voc.store import Snapshot, Workspace

WORKSPACE_VARIABLE = "VOC_WORKSPACE"
CONFIG_VARIABLE = "VOC_CONFIG"

#: Bands of stars for the filter on quotes: value in the address -> (words, lowest, highest).
STAR_BANDS: dict[str, tuple[str, float, float]] = {
    "low": ("1–2 ★", 0.0, 2.49),
    "mid": ("3 ★", 2.5, 3.49),
    "high": ("4–5 ★", 3.5, 5.0),
}


#: Tables that a run stores of the whole workspace, by the insight that computes them for a scope.
_STORED = frozenset({"area_summary"})

#: From so many reviews on, what takes a second is made beforehand, so many seconds after the first page was asked for.
LARGE, PAUSE = 20_000, 4.0

_TABLES: Held[dict[str, pa.Table]] = Held()
_FACTS: Held[Facts] = Held()
_CONNECTIONS: Held[duckdb.DuckDBPyConnection] = Held()


class Source(NamedTuple):
    """What every cached figure depends on besides its own arguments."""

    path: str
    snapshot: str
    entries: str
    config: str


@dataclass(frozen=True)
class View:
    """The state of the workspace that one run of a page shows."""

    source: Source
    workspace: Workspace
    snapshot: Snapshot
    config: Config

    def facts(self) -> Facts:
        """Return all tables an insight needs, with people's names for themes and without hidden themes."""
        return _facts(self)

    def phases(self) -> pa.Table:
        """Return the phases of the configuration, of people's entries and of product versions."""
        return self.facts().phases

    def opportunities(self, scope: Scope) -> pd.DataFrame:
        """Return the ranked opportunities of a scope, from the snapshot where they are stored."""
        return _opportunities(self.source, scope, self)

    def areas(self, scope: Scope) -> pd.DataFrame:
        """Return the product parts of a scope with their figures."""
        return _insight(self.source, "area_summary", (scope,), self)

    def insight(self, name: str, *arguments: Any) -> pd.DataFrame:
        """Return the table of the insight with this name in `voc.insights`.

        Args:
            name: of the function.
            arguments: what it takes after the facts, a scope first.
        """
        return _insight(self.source, name, arguments, self)

    def line(self, scope: Scope, theme_id: str | None = None, mentions: int | None = None) -> pd.DataFrame | None:
        """Return reach and rating over time, each row for as many months as make a point worth drawing.

        Args:
            scope: products, segment and dates under view.
            theme_id: the theme whose reach is wanted.
            mentions: how many reviews mention it; rare themes get fewer and wider points.

        Returns:
            Rows of `voc.insights.monthly`; None where no review carries a date.
        """
        first, last, number = self.dates()
        if not number:
            return None
        months = span_of_months(first, last, number if mentions is None else min(number, 10 * mentions))
        frame = _insight(self.source, "monthly", (scope, theme_id), self, months=months)
        return frame if len(frame) else None

    def dates(self) -> tuple[pd.Timestamp, pd.Timestamp, int]:
        """Return the oldest and the newest review's time and how many reviews carry one."""
        row = self.frame("SELECT min(written_at), max(written_at), count(written_at) FROM reviews").iloc[0]
        return row.iloc[0], row.iloc[1], int(row.iloc[2])

    def coverage(self, scope: Scope) -> dict[str, Any]:
        """Return how much of the data is behind a scope's figures."""
        return _answer(self.source, "coverage", (scope,), self)

    def satisfaction(self, scope: Scope) -> dict[str, Any]:
        """Return the mean rating of a scope with its interval."""
        return _answer(self.source, "satisfaction", (scope,), self)

    def trends(self, phase_ids: Sequence[str], scope: Scope) -> pd.DataFrame:
        """Return reach of every theme in each of the given phases, compared with the one before it in the list."""
        return _trends(self.source, tuple(phase_ids), scope, self)

    def quotes(
        self, theme_id: str, scope: Scope, stars: str = "", limit: int = 8, first: Sequence[tuple[str, int]] = ()
    ) -> tuple[pd.DataFrame, int]:
        """Return a theme's quotes, best evidence first, one for each review, and how many there are.

        Args:
            theme_id: the theme.
            scope: products, segment and dates under view.
            stars: a key of `STAR_BANDS`, or nothing; it acts on the quotes only.
            limit: the most rows to return.
            first: review_id and start of the clauses that stand for the theme; they come first, in this order.
        """
        return _quotes(self.source, theme_id, scope, stars, limit, tuple(first), self)

    def frame(self, query: str, *parameters: Any) -> pd.DataFrame:
        """Return the result of a query over the snapshot's tables."""
        return _frame(self.source, query, parameters, self)


def workspace_path() -> Path:
    """Return the workspace the app was started on, or the sample where that was chosen."""
    if sample.chosen():
        return sample.path()
    return Path(os.environ.get(WORKSPACE_VARIABLE) or "voc-workspace").expanduser().resolve()


def configuration(snapshot: Snapshot | None) -> Config:
    """Return the configuration named at the start, else the one the snapshot was made with, else the defaults.

    Raises:
        VocError: the configuration file is at fault.
    """
    named = None if sample.chosen() else os.environ.get(CONFIG_VARIABLE)
    return _configuration(snapshot, named)


def _configuration(snapshot: Snapshot | None, named: str | None) -> Config:
    stored = snapshot.info.get("config") if snapshot is not None else None
    if named or not stored:
        return load_config(named or None)
    try:
        return Config.model_validate(stored)
    except ValidationError:
        # A snapshot of another version of voc: its figures stay, what is computed anew takes the defaults.
        return Config()


def view() -> View | None:
    """Return the newest state of the workspace, or None where nothing has been analysed yet."""
    from voc.store import Workspace

    # Opened so that nothing can be written by a way that forgets to ask.
    named = None if sample.chosen() else os.environ.get(CONFIG_VARIABLE) or None
    # What is tried out on the sample stays with it.
    url = None if sample.chosen() else load_config(named).workspace.entries_url()
    return _opened(Workspace(workspace_path(), entries_url=url, read_only=not access.may_edit()), named)


def prepare() -> None:
    """Read what every page needs of the workspace of the start, before anybody asks; faults wait until then."""
    from voc.store import Workspace

    path = Path(os.environ.get(WORKSPACE_VARIABLE) or "voc-workspace").expanduser().resolve()
    with contextlib.suppress(VocError):
        named = os.environ.get(CONFIG_VARIABLE) or None
        url = load_config(named).workspace.entries_url()
        state = _opened(Workspace(path, entries_url=url, read_only=True), named)
        if state is not None:
            # Asked for, an index is made.
            _ = state.facts().index


def _opened(workspace: Workspace, named: str | None) -> View | None:
    snapshot = workspace.current()
    if snapshot is None or snapshot.rows("reviews") == 0:
        return None
    config = _configuration(snapshot, named)
    source = Source(
        str(workspace.path), snapshot.id, _entries_version(workspace), _digest(config.model_dump_json().encode())
    )
    return View(source, workspace, snapshot, config)


def span_of_months(first: pd.Timestamp, last: pd.Timestamp, reviews: int) -> int:
    """Choose how many months one point of a line stands for, so that a point rests on some twenty reviews.

    Args:
        first: the oldest review's day.
        last: the newest one's.
        reviews: how many there are; for a theme, ten times its reviews if that is less, so that rare themes get
            fewer and wider points.
    """
    months = max(1, (last.year - first.year) * 12 + last.month - first.month + 1)
    return next((width for width in (1, 3, 6, 12) if months / width <= 72 and reviews * width / months >= 20), 12)


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=8).hexdigest()


def _entries_version(workspace: Workspace) -> str:
    # Decisions and fixes change no figure, and what was computed stays.
    return str(workspace.entries.figures_version())


def _stored(view: View) -> dict[str, pa.Table]:
    """Return the tables of a snapshot that insights read, held until a newer one of the workspace is asked for."""
    from voc import tables
    from voc.insights import Facts

    # Title and body are in the text, and an export's further columns concern no figure: they would lie there twice.
    unread = {"body", "extra"}

    def read() -> dict[str, pa.Table]:
        names = [field.name for field in fields(Facts) if field.name != "phases"]
        columns = {name: [c for c in tables.SCHEMAS[name].names if c not in unread] for name in names}
        return {name: view.snapshot.table(name, columns[name]) for name in names}

    return _TABLES.get(view.source.path, view.source.snapshot, read)


def _facts(view: View) -> Facts:
    from voc.insights import Facts, resolve_phases

    def curated() -> Facts:
        tables = dict(_stored(view))
        entries = view.workspace.entries
        try:
            tables["phases"] = resolve_phases(view.config.phases, tables["reviews"], entries.phases())
        except VocError:
            # A phase of the configuration now overlaps one that somebody entered before: the configuration holds.
            tables["phases"] = resolve_phases(view.config.phases, tables["reviews"], None)
        facts = Facts(**tables).curated(entries.theme_names(), entries.hidden_themes())
        if facts.reviews.num_rows >= LARGE:
            # The first filter asks for it; by then it is there.
            later = threading.Timer(PAUSE, lambda: facts.index.theme_quotes)
            later.daemon = True
            later.start()
        return facts

    return _FACTS.get(view.source.path, view.source, curated)


def _query(view: View, query: str, values: Sequence[Any]) -> pd.DataFrame:
    """Return the result of a query; the connection to a snapshot is made once, and every query has a cursor of it."""

    def connect() -> duckdb.DuckDBPyConnection:
        connection = view.snapshot.connect()
        # Part files are read again where they are needed: the system keeps them at hand, and gives that memory back.
        connection.execute("SET enable_external_file_cache = false")
        return connection

    with _CONNECTIONS.get(view.source.path, view.source.snapshot, connect).cursor() as cursor:
        frame: pd.DataFrame = cursor.sql(query, params=list(values)).to_arrow_table().to_pandas()
    return frame


@st.cache_data(max_entries=64, show_spinner=False)
def _opportunities(source: Source, scope: Scope, _view: View) -> pd.DataFrame:
    from voc import insights

    facts = _view.facts()
    stored = _stored_scope(scope)
    table: pa.Table | None = None
    if stored is not None and _usable(_view, scope):
        everything = _view.snapshot.table("opportunities")
        kind, name = stored
        table = everything.filter(
            pc.and_(pc.equal(everything["scope_type"], kind), pc.equal(everything["scope"], name))
        )
    if table is None or (table.num_rows == 0 and stored != ("workspace", "")):
        table = insights.opportunities(facts, scope, config=_view.config.insights)
    names = dict(zip(facts.themes["theme_id"].to_pylist(), facts.themes["name"].to_pylist(), strict=True))
    frame: pd.DataFrame = table.to_pandas()
    frame = frame[frame["theme_id"].isin(list(names))].sort_values("rank").reset_index(drop=True)
    frame["name"] = frame["theme_id"].map(names)
    return frame


def _usable(view: View, scope: Scope) -> bool:
    """Tell whether the stored opportunities still hold: nothing was forgotten since, the phase has kept its dates."""
    if not view.snapshot.has("opportunities") or not _current(view):
        return False
    if scope.phase_id is None:
        return True
    then, now = (
        [row for row in phases.to_pylist() if row["phase_id"] == scope.phase_id]
        for phases in (view.snapshot.table("phases"), view.phases())
    )
    return then == now


def _current(view: View) -> bool:
    """Tell whether the figures of the run still hold: nothing was forgotten since, and they are set up in that way."""
    stored = view.snapshot.info.get("config", {}).get("insights")
    same = stored is None or stored == view.config.insights.model_dump(mode="json")
    return same and not view.snapshot.info.get("stale")


def _stored_scope(scope: Scope) -> tuple[str, str] | None:
    """Return scope_type and scope of the stored opportunities that answer a scope, None where none do."""
    empty = type(scope)()
    if scope == empty:
        return "workspace", ""
    if len(scope.products) == 1 and scope == replace(empty, products=scope.products):
        return "product", scope.products[0]
    if len(scope.brands) == 1 and scope == replace(empty, brands=scope.brands):
        return "brand", scope.brands[0]
    if scope.phase_id and scope == replace(empty, phase_id=scope.phase_id):
        return "phase", scope.phase_id
    return None


@st.cache_data(max_entries=256, show_spinner=False)
def _insight(source: Source, name: str, arguments: tuple[Any, ...], _view: View, **options: Any) -> pd.DataFrame:
    from voc import insights

    if name in _STORED and not options and arguments == (whole(),) and _current(_view):
        stored: pd.DataFrame = _view.snapshot.table(name).to_pandas()
        return stored
    compute: Callable[..., pa.Table] = getattr(insights, name)
    frame: pd.DataFrame = compute(_view.facts(), *arguments, config=_view.config.insights, **options).to_pandas()
    return frame


@st.cache_data(max_entries=128, show_spinner=False)
def _answer(source: Source, name: str, arguments: tuple[Any, ...], _view: View) -> dict[str, Any]:
    from voc import insights

    if name == "coverage":
        return dict(insights.coverage(_view.facts(), *arguments))
    return dict(insights.satisfaction(_view.facts(), *arguments, config=_view.config.insights))


@st.cache_data(max_entries=64, show_spinner=False)
def _trends(source: Source, phase_ids: tuple[str, ...], scope: Scope, _view: View) -> pd.DataFrame:
    from voc import insights

    facts = narrowed(_view.facts(), scope)
    order = {phase_id: place for place, phase_id in enumerate(phase_ids)}
    rows = [row for row in facts.phases.to_pylist() if row["phase_id"] in order]
    rows.sort(key=lambda row: order[row["phase_id"]])
    phases = pa.Table.from_pylist(rows, schema=facts.phases.schema)
    table = insights.phase_trends(replace(facts, phases=phases), config=_view.config.insights)
    frame: pd.DataFrame = table.to_pandas()
    names = dict(zip((row["phase_id"] for row in rows), short_names(rows), strict=True))
    themes = dict(zip(facts.themes["theme_id"].to_pylist(), facts.themes["name"].to_pylist(), strict=True))
    frame["phase"] = frame["phase_id"].map(names)
    frame["place"] = frame["phase_id"].map(order)
    frame["name"] = frame["theme_id"].map(themes)
    return tested(frame.sort_values("place", kind="stable").reset_index(drop=True))


@st.cache_data(max_entries=256, show_spinner=False)
def _quotes(
    source: Source, theme_id: str, scope: Scope, stars: str, limit: int, first: tuple[tuple[str, int], ...], _view: View
) -> tuple[pd.DataFrame, int]:
    from voc.insights.quotes import LEAST_WORDS, READABLE

    low, high = READABLE
    condition, values = where(scope, _view.phases())
    values = [[f"{review_id}@{start}" for review_id, start in first], theme_id, *values]
    if stars in STAR_BANDS:
        condition += " AND r.rating BETWEEN ? AND ?"
        values += STAR_BANDS[stars][1:]
    query = f"""
        SELECT m.*, r.text, r.rating, r.written_at, r.product, r.market, r.channel,
               nullif(list_position(?::VARCHAR[], m.review_id || '@' || m.clause_start), 0) AS place,
               trim(substring(r.text, m.clause_start + 1, m.clause_end - m.clause_start)) AS clause,
               length(clause) BETWEEN {low} AND {high}
                   AND length(string_split_regex(clause, '\\s+')) >= {LEAST_WORDS} AS readable
        FROM mentions m JOIN reviews r USING (review_id)
        WHERE m.theme_id = ? AND m.kind = 'pain' AND {condition}
        QUALIFY row_number() OVER (
            PARTITION BY m.review_id ORDER BY place NULLS LAST, readable DESC, m.confidence DESC, m.mention_id
        ) = 1
        ORDER BY place NULLS LAST, m.hazard DESC, readable DESC, m.confidence * (0.5 + m.severity) DESC, m.mention_id
    """  # noqa: S608 - the query holds names and figures of ours and question marks only
    frame = _query(_view, query, values)
    return frame.head(limit), len(frame)


@st.cache_data(max_entries=256, show_spinner=False)
def _frame(source: Source, query: str, parameters: tuple[Any, ...], _view: View) -> pd.DataFrame:
    return _query(_view, query, parameters)
