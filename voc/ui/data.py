"""What the pages show, read from the newest snapshot and cached by its id, the entries' state and the configuration."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st
from pydantic import ValidationError

from voc.config import Config, load_config
from voc.errors import VocError
from voc.ui import access, computed, holding, sample

if TYPE_CHECKING:
    from voc.insights import Facts, Scope
    from voc.store import Snapshot, Workspace

WORKSPACE_VARIABLE = "VOC_WORKSPACE"
CONFIG_VARIABLE = "VOC_CONFIG"
#: Up to so many reviews, what takes a second is made before the server listens; of more it is made beside it.
_PREPARED = 200_000
#: Where a reader's session keeps what `stamp` returns.
_STAMP = "voc_stamp"


class Source(NamedTuple):
    """What every cached figure depends on besides its own arguments."""

    path: str
    snapshot: str
    entries: str
    config: str


@dataclass(frozen=True)
class View:
    """The state of the workspace that one run of a page shows.

    Attributes:
        source: by which its figures are cached.
        workspace: where it lies.
        snapshot: its tables.
        config: what its figures are computed with.
        ahead: nobody waits for the figures: they are computed only while the server holds this state and no newer one.
    """

    source: Source
    workspace: Workspace
    snapshot: Snapshot
    config: Config
    ahead: bool = False

    def facts(self) -> Facts:
        """Return all tables an insight needs, with people's names for themes and without hidden themes."""
        return holding.facts(self)

    def phases(self) -> pa.Table:
        """Return the phases of the configuration, of people's entries and of product versions."""
        return self.facts().phases

    def opportunities(self, scope: Scope) -> pd.DataFrame:
        """Return the ranked opportunities of a scope, from the snapshot where they are stored."""
        return computed.opportunities(self.source, scope, self)

    def areas(self, scope: Scope) -> pd.DataFrame:
        """Return the product parts of a scope with their figures."""
        return computed.insight(self.source, "area_summary", (scope,), self)

    def insight(self, name: str, *arguments: Any) -> pd.DataFrame:
        """Return the table of the insight with this name in `voc.insights`.

        Args:
            name: of the function.
            arguments: what it takes after the facts, a scope first.
        """
        return computed.insight(self.source, name, arguments, self)

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
        frame = computed.insight(self.source, "monthly", (scope, theme_id), self, months=months)
        return frame if len(frame) else None

    def dates(self) -> tuple[pd.Timestamp, pd.Timestamp, int]:
        """Return the oldest and the newest review's time (UTC) and how many reviews carry one."""
        written = self.facts().reviews["written_at"]
        bounds = pc.min_max(written)
        first, last = (pd.Timestamp(bounds[name].as_py()) for name in ("min", "max"))
        return first, last, len(written) - written.null_count

    def coverage(self, scope: Scope) -> dict[str, Any]:
        """Return how much of the data is behind a scope's figures."""
        return computed.answer(self.source, "coverage", (scope,), self)

    def satisfaction(self, scope: Scope) -> dict[str, Any]:
        """Return the mean rating of a scope with its interval."""
        return computed.answer(self.source, "satisfaction", (scope,), self)

    def trends(self, phase_ids: Sequence[str], scope: Scope) -> pd.DataFrame:
        """Return reach of every theme in each of the given phases, compared with the one before it in the list."""
        return computed.trends(self.source, tuple(phase_ids), scope, self)

    def quotes(
        self, theme_id: str, scope: Scope, stars: str = "", limit: int = 8, first: Sequence[tuple[str, int]] = ()
    ) -> tuple[pd.DataFrame, int]:
        """Return a theme's quotes, best evidence first, one for each review, and how many there are.

        Args:
            theme_id: the theme.
            scope: products, segment and dates under view.
            stars: a key of `computed.STAR_BANDS`, or nothing; it acts on the quotes only.
            limit: the most rows to return.
            first: review_id and start of the clauses that stand for the theme; they come first, in this order.
        """
        return computed.quotes(self.source, theme_id, scope, stars, limit, tuple(first), self)

    def standing(self, theme_id: str, first: Sequence[tuple[str, int]]) -> pd.DataFrame:
        """Return those quotes of a theme that stand for it, in the order of `first`; columns as `quotes` has them."""
        return computed.standing(self.source, theme_id, tuple(first), self)

    def frame(self, query: str, *parameters: Any) -> pd.DataFrame:
        """Return the result of a query over the snapshot's tables."""
        return computed.frame(self.source, query, parameters, self)


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
    opened = _opened(Workspace(workspace_path(), entries_url=url, read_only=not access.may_edit()), named)
    st.session_state[_STAMP] = None if opened is None else (opened.workspace.path.name, opened.snapshot.created_at)
    return opened


def stamp() -> tuple[str, dt.datetime] | None:
    """Return the name of the workspace and the time of the analysis that this page shows; None before the first."""
    held: tuple[str, dt.datetime] | None = st.session_state.get(_STAMP)
    return held


def prepare() -> None:
    """Read what every page needs of the workspace of the start, before anybody asks; faults wait until then."""
    from voc.extract.folder import model_version
    from voc.store import Workspace
    from voc.ui import ahead

    path = Path(os.environ.get(WORKSPACE_VARIABLE) or "voc-workspace").expanduser().resolve()
    with contextlib.suppress(VocError):
        named = os.environ.get(CONFIG_VARIABLE) or None
        url = load_config(named).workspace.entries_url()
        state = _opened(Workspace(path, entries_url=url, read_only=True), named)
        if state is not None:
            holding.query(state, "SELECT 1", [])
            # What search looks up first: by which weights the reviews were read.
            model_version(state.config.model.opinions)
            # Asked for, an index is made.
            index = state.facts().index
            if index.size <= _PREPARED:
                # What the first filter asks for, and the first click.
                _ = index.theme_quotes
                ahead.look(state)


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
