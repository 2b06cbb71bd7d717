"""The one who writes to a workspace: how snapshots come to be, one atomic commit after the other."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import json
import uuid
from collections.abc import Container, Iterable, Iterator, Mapping
from typing import Any

import pyarrow as pa

from voc import tables
from voc.errors import VocError
from voc.store.cleaning import KEEP, clean
from voc.store.files import cannot_write, make_directories
from voc.store.forgetting import forgotten
from voc.store.journal import Journal, remove_unfinished
from voc.store.keeping import Keep
from voc.store.manifest import REANALYSIS, Layout, Manifest, Part, number
from voc.store.parts import write_part
from voc.store.snapshot import Snapshot

#: Key of a snapshot's `info`: people's entries lie in a database that whoever opens the workspace must name.
TEAM = "team_entries"


class Writer:
    """The one who may commit; made by `Workspace.writing` and of no use after its block.

    Attributes:
        base: the snapshot that the next commit builds on, None in a new workspace.
    """

    def __init__(
        self, layout: Layout, base: Snapshot | None, *, keep: Keep | None, grace: dt.timedelta, team: bool = False
    ) -> None:
        self.base = base
        self._team = team
        self._layout = layout
        self._keep = keep
        self._grace = grace
        self._open = True

    def commit(
        self,
        *,
        replace: Mapping[str, pa.Table] | None = None,
        append: Mapping[str, pa.Table] | None = None,
        info: Mapping[str, Any] | None = None,
    ) -> Snapshot:
        """Store a new snapshot and make it the current one, for all tables in one step.

        Tables that are not named are carried over from `base` without being read or written, and so is `info`,
        key by key. When this returns, a power cut no longer undoes the commit.

        Args:
            replace: table name -> all its rows.
            append: table name -> further rows; costs their number, whatever is stored already.
            info: JSON values about the run, merged over those of `base`.

        Returns:
            The new snapshot, which is `base` from now on.

        Raises:
            VocError: the disk is full or may not be written; the state before stays current, and the writer is of no
                further use.
            ValueError: an unknown table, a table in both arguments, or one that does not fit its schema.
            TypeError: `info` holds something that JSON does not know.
        """
        described = {**(self.base.info if self.base else {}), **(info or {}), **({TEAM: True} if self._team else {})}
        if "opportunities" in (replace or {}) and "stale" not in (info or {}):
            described.pop("stale", None)
        parts = dict(self.base.manifest.tables) if self.base else {}
        fresh = _conforming(replace, append, described)
        with self._all_or_nothing():
            return self._switch(self._with(parts, fresh, append or {}), described)

    def propose(
        self,
        *,
        on: Snapshot,
        replace: Mapping[str, pa.Table] | None = None,
        append: Mapping[str, pa.Table] | None = None,
        shared: Iterable[str] = (),
        info: Mapping[str, Any] | None = None,
    ) -> Snapshot:
        """Store a state beside the current one, in place of an earlier one; the current one stays what it is.

        Args:
            on: the state whose tables are carried over where they are not named: `base`, or the one beside it.
            replace: table name -> all its rows.
            append: table name -> further rows.
            shared: names of tables that are those of `base`.
            info: JSON values, merged over those of `on`.

        Raises:
            VocError: the disk is full or may not be written; what stood there before stays.
            ValueError: as `commit`.
        """
        if self.base is None:
            raise ValueError("there is no state to put another one beside")
        now = dt.datetime.now(dt.UTC)
        name = f"{number(self.base.id):06d}-{uuid.uuid4().hex[:8]}"
        described = {**on.info, **(info or {}), **({TEAM: True} if self._team else {})}
        described[REANALYSIS] = {**described.get(REANALYSIS, {}), "id": name}
        described.pop("stale", None)
        fresh = _conforming(replace, append, described)
        parts = dict(on.manifest.tables)
        parts |= {table: self.base.manifest.tables.get(table, ()) for table in shared}
        with self._all_or_nothing():
            manifest = Manifest(name, now, described, self._with(parts, fresh, append or {}))
            self._layout.write_candidate(manifest)
            self.tidy()
            return Snapshot(self._layout, manifest, self._layout.candidate)

    def adopt(self, state: Snapshot) -> Snapshot:
        """Make another state, the one beside the current one or an earlier snapshot, the current one in one step.

        It becomes a snapshot of its own, so that the state before can be gone back to. A state that stood beside is
        used up by this.

        Raises:
            VocError: the disk is full or may not be written; the state before stays current.
        """
        with self._all_or_nothing():
            kept = {key: self.base.info[key] for key in (KEEP, TEAM) if self.base and key in self.base.info}
            result = self._switch(dict(state.manifest.tables), {**state.info, **kept})
        if state.path == self._layout.candidate:
            self.discard()
        return result

    def discard(self) -> bool:
        """Throw the state beside the current one away; return whether there was one."""
        there = self._layout.candidate.exists()
        try:
            self._layout.candidate.unlink(missing_ok=True)
        except OSError as error:
            raise cannot_write(self._layout.root, error) from None
        self.tidy()
        return there

    @property
    def journal(self) -> Journal:
        """What runs that were interrupted had read already."""
        return Journal(self._layout.root)

    def forget(self, snapshots: list[Snapshot], review_id: str | None, import_id: str | None) -> int:
        """Do the work of `Workspace.forget` on the snapshots that are kept, `base` among them."""
        if self.base is None:
            return 0
        with self._all_or_nothing():
            # First: a kill after it is mended by calling this again.
            beside = self._forget_beside(review_id, import_id)
            result = forgotten(self._layout.parts, self.base, snapshots, review_id, import_id)
            if result is None:
                self.tidy(strict=True)
                return beside
            self._switch(result.parts, {**self.base.info, "stale": True}, cut=True)
        remove_unfinished(self._layout.root)
        self.tidy(strict=True)
        return result.reviews

    def tidy(self, *, strict: bool = False) -> None:
        """Remove snapshots that are not kept and what killed runs left; see `voc.store.cleaning.clean`."""
        # What the disk says is current, not `base`: a commit that fails in its last step may have switched already.
        clean(self._layout, self._layout.read_current(), keep=self._keep, grace=self._grace, strict=strict)

    def _forget_beside(self, review_id: str | None, import_id: str | None) -> int:
        """Take the reviews out of the state beside the current one, and return how many it held.

        A state that cannot be read is thrown away.
        """
        try:
            manifest = self._layout.read_candidate()
            if manifest is None:
                return 0
            beside = Snapshot(self._layout, manifest, self._layout.candidate)
            result = forgotten(self._layout.parts, beside, [beside], review_id, import_id)
        except VocError:
            self._layout.candidate.unlink(missing_ok=True)
            return 0
        if result is None:
            return 0
        info = {**manifest.info, "stale": True}
        self._layout.write_candidate(dataclasses.replace(manifest, info=info, tables=result.parts))
        return result.reviews

    def _with(
        self, parts: dict[str, tuple[Part, ...]], fresh: Mapping[str, pa.Table], append: Container[str]
    ) -> dict[str, tuple[Part, ...]]:
        """Write the tables `fresh` and return `parts` with them, after those that are carried over where they grow."""
        for name, rows in fresh.items():
            carried = parts.get(name, ()) if name in append else ()
            parts[name] = (*carried, write_part(self._layout.parts, name, rows)) if rows.num_rows else carried
        return parts

    def close(self) -> None:
        """End the right to commit."""
        self._open = False

    def _switch(self, parts: dict[str, tuple[Part, ...]], info: dict[str, Any], *, cut: bool = False) -> Snapshot:
        now = dt.datetime.now(dt.UTC)
        manifest = Manifest(self._layout.new_id(), now, info, parts, cut)
        self._layout.write(manifest)
        self._layout.switch(manifest.id)
        self.base = Snapshot(self._layout, self._layout.read(manifest.id))
        if not cut:
            self.tidy()
        return self.base

    @contextlib.contextmanager
    def _all_or_nothing(self) -> Iterator[None]:
        if not self._open:
            raise RuntimeError("a writer commits only inside its `with workspace.writing()` block")
        try:
            for folder in (self._layout.snapshots, self._layout.parts):
                make_directories(folder)
            self._layout.begin()
            yield
        except BaseException as error:
            # What was written so far is rubbish; if even the removal fails, the next writer does it.
            self.close()
            with contextlib.suppress(OSError, VocError):
                self.tidy()
            if isinstance(error, OSError):
                raise cannot_write(self._layout.root, error) from None
            raise


def _conforming(
    replace: Mapping[str, pa.Table] | None, append: Mapping[str, pa.Table] | None, info: Mapping[str, Any]
) -> dict[str, pa.Table]:
    """Return the tables of both under their schemas; refuse what `Writer.commit` says it refuses."""
    replace, append = replace or {}, append or {}
    for name in (*replace, *append):
        if name not in tables.SCHEMAS:
            raise ValueError(f"there is no table {name!r}")
    if both := replace.keys() & append.keys():
        raise ValueError(f"{sorted(both)[0]} is both replaced and appended to")
    fresh = {name: tables.conform(name, rows) for name, rows in (*replace.items(), *append.items())}
    json.dumps(info)
    return fresh
