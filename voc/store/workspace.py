"""The workspace: what is current, what is kept, who may write."""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path

from voc.errors import VocError
from voc.store.cleaning import Retained, retention
from voc.store.entries import Entries
from voc.store.entry_base import READ_ONLY
from voc.store.forgetting import review_ids_of
from voc.store.keeping import Keep
from voc.store.lock import WriterLock
from voc.store.manifest import DamagedError, Layout, number
from voc.store.parts import check_parts
from voc.store.recovery import way_out
from voc.store.snapshot import Snapshot
from voc.store.writer import TEAM, Writer

__all__ = ["Workspace", "Writer"]


class Workspace:
    """A folder of snapshots and entries; nothing is created until something is written.

    Args:
        path: the folder, which need not exist.
        entries_url: an SQLAlchemy URL for people's own entries, in place of SQLite in the folder.
        keep: how many of the newest snapshots stay on disk, or the numbers of a rule (see `voc.store.keeping.Keep`);
            without it the rule that the workspace itself names, or five.
        grace: seconds for which a superseded snapshot stays readable, however many came after it.
        read_only: refuse every write with a sentence, entries included.
    """

    def __init__(
        self,
        path: Path | str,
        *,
        entries_url: str | None = None,
        keep: Mapping[str, int] | int | None = None,
        grace: float = 600.0,
        read_only: bool = False,
    ) -> None:
        # Absolute, so that a change of the working directory does not move an open workspace.
        self.path: Path = Path(path).expanduser().absolute()
        self._layout = Layout(self.path)
        self._entries_url = entries_url
        self._keep = Keep(keep) if isinstance(keep, int) else Keep.of(keep) if keep is not None else None
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

    def candidate(self) -> Snapshot | None:
        """Return the state that stands beside the current one and waits to be switched to; None where there is none.

        Raises:
            VocError: it is damaged, or may not be read.
        """
        try:
            manifest = self._layout.read_candidate()
            if manifest is None:
                return None
            check_parts(self._layout.parts, manifest)
        except DamagedError as error:
            raise VocError(f"{error}; throw it away with `voc reanalyse --discard` and make it again.") from None
        return Snapshot(self._layout, manifest, self._layout.candidate)

    def retention(self) -> list[Retained]:
        """Return the snapshots on disk, the newest first, and by which numbers of the rule the next writer keeps each.

        Raises:
            VocError: the current snapshot cannot be read.
        """
        return retention(self._layout, self._layout.read_current(), keep=self._keep, grace=self._grace)

    def size(self, names: AbstractSet[str]) -> int:
        """Return how many bytes the part files take that only these snapshots need, by id."""
        kept: set[str] = set()
        own: dict[str, int] = {}
        manifests = [one.manifest for one in self.retention()]
        with contextlib.suppress(DamagedError):
            beside = self._layout.read_candidate()
            manifests += [beside] if beside is not None else []
        for manifest in manifests:
            parts = [part for listed in manifest.tables.values() for part in listed]
            if manifest.id in names:
                own |= {part.file: part.bytes for part in parts}
            else:
                kept.update(part.file for part in parts)
        return sum(size for file, size in own.items() if file not in kept)

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
