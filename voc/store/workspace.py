"""The workspace and its writer: how snapshots come to be, one atomic commit after the other."""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from voc import tables
from voc.errors import VocError
from voc.store.cleaning import clean
from voc.store.entries import Entries
from voc.store.entry_base import READ_ONLY
from voc.store.files import cannot_write, make_directories
from voc.store.forgetting import forgotten, review_ids_of
from voc.store.journal import Journal, remove_unfinished
from voc.store.lock import WriterLock
from voc.store.manifest import DamagedError, Layout, Manifest, Part, number
from voc.store.parts import check_parts, write_part
from voc.store.recovery import way_out
from voc.store.snapshot import Snapshot

#: Key of a snapshot's `info`: people's entries lie in a database that whoever opens the workspace must name.
TEAM = "team_entries"


class Workspace:
    """A folder of snapshots and entries; nothing is created until something is written.

    Args:
        path: the folder, which need not exist.
        entries_url: an SQLAlchemy URL for people's own entries, in place of SQLite in the folder.
        keep: how many snapshots stay on disk, at least.
        grace: seconds for which a superseded snapshot stays readable, however many came after it.
        read_only: refuse every write with a sentence, entries included.
    """

    def __init__(
        self,
        path: Path | str,
        *,
        entries_url: str | None = None,
        keep: int = 5,
        grace: float = 600.0,
        read_only: bool = False,
    ) -> None:
        if keep < 1:
            raise ValueError("a workspace keeps at least one snapshot")
        # Absolute, so that a change of the working directory does not move an open workspace.
        self.path: Path = Path(path).expanduser().absolute()
        self._layout = Layout(self.path)
        self._entries_url = entries_url
        self._keep = keep
        self._grace = dt.timedelta(seconds=grace)
        self._read_only = read_only

    def __repr__(self) -> str:
        return f"Workspace({str(self.path)!r})"

    def exists(self) -> bool:
        """Return whether a snapshot has been stored here, be it damaged."""
        try:
            return self._layout.read_current() is not None
        except DamagedError:
            return True

    def current(self) -> Snapshot | None:
        """Return the newest snapshot, checked to be whole; None where nothing has been stored.

        Raises:
            VocError: the newest snapshot is damaged, the path is a file, or it may not be read. An older snapshot is
                never returned instead; the sentence says how to go back to one.
        """
        while True:
            name = None
            try:
                name = self._layout.read_current()
                if name is None:
                    return None
                manifest = self._layout.read(name)
                check_parts(self._layout.parts, manifest)
                return Snapshot(self._layout, manifest)
            except DamagedError as error:
                # A writer may have switched, and a `forget` removed, while this was reading.
                if name is not None and self._moved_on(name):
                    continue
                raise VocError(f"{error}; {way_out(self._layout, name)}") from None

    def snapshots(self) -> list[Snapshot]:
        """Return the snapshots that are kept and whole, newest first, to compare a state with an earlier one."""
        current = self.current()
        if current is None:
            return []
        found = [current]
        for name in reversed(self._layout.ids()):
            if number(name) < number(current.id):
                with contextlib.suppress(DamagedError):
                    manifest = self._layout.read(name)
                    check_parts(self._layout.parts, manifest)
                    found.append(Snapshot(self._layout, manifest))
        return found

    @contextlib.contextmanager
    def writing(self, wait: float = 0.0) -> Iterator[Writer]:
        """Hold the exclusive right to write for the length of a `with` block.

        What killed runs left behind is removed first. A block that commits nothing leaves no trace: a folder that
        was created for it is removed (where two such blocks met, an empty one may stay).

        Args:
            wait: seconds to wait for another writer to finish.

        Raises:
            WorkspaceBusyError: another process still writes after `wait` seconds; the sentence says which.
            VocError: the folder cannot be written, the current snapshot is damaged, or the workspace was opened
                read-only.
        """
        if self._read_only:
            raise VocError(READ_ONLY)
        lock = WriterLock(self._layout.lock)
        created = lock.acquire(wait)
        try:
            team = self._entries_url is not None
            writer = Writer(self._layout, self.current(), keep=self._keep, grace=self._grace, team=team)
            try:
                writer.tidy()
                yield writer
            finally:
                writer.close()
                self._withdraw(created)
        finally:
            lock.release()

    @functools.cached_property
    def entries(self) -> Entries:
        """What people entered themselves; reading creates nothing.

        Raises:
            VocError: they are kept in a team's database, and the workspace was opened without naming it.
        """
        if self._entries_url is None:
            snapshot = self.current()
            if snapshot is not None and snapshot.info.get(TEAM):
                raise VocError(
                    f"{self.path}: people's entries of this workspace are kept in a team's database; name it in "
                    "VOC_ENTRIES_URL, or as entries under [workspace] in the file given with --config."
                )
        return Entries(self._entries_url or self.path / "entries.sqlite", read_only=self._read_only)

    def forget(self, *, review_id: str | None = None, import_id: str | None = None, wait: float = 0.0) -> int:
        """Remove a review, or all reviews of an import, with everything derived from them, from the disk.

        Gone are the rows of every table, the quotes in opportunities, embeddings, the import's own row and rejects,
        every older snapshot, every part file that held any of it, what people decided about single mentions of it, and
        whatever an interrupted run had read or waits to read.
        Files are deleted, not overwritten.

        Figures and names of themes computed with the reviews stay until the insights are computed anew: the new
        snapshot has ``info["stale"] = True``, which a commit that replaces ``opportunities`` takes away.

        A kill at any moment leaves the old or the new state. Once the new one is current, the next writer finishes
        the removal of files; before, the call must be repeated.

        Args:
            review_id: the review to forget.
            import_id: the import to forget; give one of the two.
            wait: seconds to wait for another writer to finish.

        Returns:
            How many reviews were removed, from the current snapshot or kept older ones; 0 when there was none.

        Raises:
            WorkspaceBusyError: another process is writing.
            VocError: a file cannot be written or removed.
            ValueError: not exactly one of the two ids was given.
        """
        if (review_id is None) == (import_id is None):
            raise ValueError("give either a review_id or an import_id")
        if not self.path.is_dir():
            return 0
        with self.writing(wait) as writer:
            if writer.base is None:
                return 0
            snapshots = self.snapshots()
            # First, so that a kill in between is mended by calling this again.
            self.entries.forget_reviews(review_ids_of(writer.base, snapshots, review_id, import_id))
            return writer.forget(snapshots, review_id, import_id)

    def _moved_on(self, name: str) -> bool:
        try:
            return self._layout.read_current() != name
        except DamagedError:
            return False

    def _withdraw(self, created: list[Path]) -> None:
        """Remove what a writer made if it stored nothing and nothing was stored before."""
        with contextlib.suppress(OSError, DamagedError):
            if self._layout.read_current() is not None:
                return
            for folder in (*self._layout.parts.glob("*"), self._layout.parts, self._layout.snapshots):
                if folder.is_dir():
                    folder.rmdir()
            self._layout.current.unlink(missing_ok=True)
            # The lock is still held, and whoever waits for it sees that its file is no longer in place.
            self._layout.lock.unlink()
            for folder in created:
                folder.rmdir()


class Writer:
    """The one who may commit; made by `Workspace.writing` and of no use after its block.

    Attributes:
        base: the snapshot that the next commit builds on, None in a new workspace.
    """

    def __init__(
        self, layout: Layout, base: Snapshot | None, *, keep: int, grace: dt.timedelta, team: bool = False
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
        replace, append = replace or {}, append or {}
        for name in (*replace, *append):
            if name not in tables.SCHEMAS:
                raise ValueError(f"there is no table {name!r}")
        if both := replace.keys() & append.keys():
            raise ValueError(f"{sorted(both)[0]} is both replaced and appended to")
        fresh = {name: tables.conform(name, rows) for name, rows in (*replace.items(), *append.items())}
        described = {**(self.base.info if self.base else {}), **(info or {}), **({TEAM: True} if self._team else {})}
        if "opportunities" in replace and "stale" not in (info or {}):
            described.pop("stale", None)
        json.dumps(described)
        parts = dict(self.base.manifest.tables) if self.base else {}
        with self._all_or_nothing():
            for name, rows in fresh.items():
                carried = parts.get(name, ()) if name in append else ()
                parts[name] = (*carried, write_part(self._layout.parts, name, rows)) if rows.num_rows else carried
            return self._switch(parts, described)

    @property
    def journal(self) -> Journal:
        """What runs that were interrupted had read already."""
        return Journal(self._layout.root)

    def forget(self, snapshots: list[Snapshot], review_id: str | None, import_id: str | None) -> int:
        """Do the work of `Workspace.forget` on the snapshots that are kept, `base` among them."""
        if self.base is None:
            return 0
        with self._all_or_nothing():
            result = forgotten(self._layout.parts, self.base, snapshots, review_id, import_id)
            if result is None:
                return 0
            self._switch(result.parts, {**self.base.info, "stale": True}, cut=True)
        remove_unfinished(self._layout.root)
        self.tidy(strict=True)
        return result.reviews

    def tidy(self, *, strict: bool = False) -> None:
        """Remove snapshots that are not kept and what killed runs left; see `voc.store.cleaning.clean`."""
        # What the disk says is current, not `base`: a commit that fails in its last step may have switched already.
        clean(self._layout, self._layout.read_current(), keep=self._keep, grace=self._grace, strict=strict)

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
