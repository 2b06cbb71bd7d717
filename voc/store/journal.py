"""What a run has read before it could store anything: kept step by step, so that a killed run goes on where it was."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from voc.store.files import cannot_write, make_directories, sync_file, temporary

#: Folders of a workspace: steps of runs that have not ended, steps of a reanalysis, uploads that wait for their run.
READING, REANALYSING, PENDING = "reading", "reanalysing", "pending"
_KEPT_FOR = 30 * 24 * 3600.0  # seconds


class Journal:
    """Tables of finished steps by key, in the folder of a workspace whose writer lock is held.

    Args:
        root: the folder of the workspace.
        folder: the one in it that holds the steps.
    """

    def __init__(self, root: Path, folder: str = READING) -> None:
        self._root = root
        self._folder = root / folder

    def get(self, key: str) -> dict[str, pa.Table] | None:
        """Return the tables of a step; None where it was never finished, or its file is damaged."""
        try:
            held = pq.read_table(self.path(key)).to_pylist()
            return {row["name"]: pq.read_table(pa.BufferReader(row["data"])) for row in held}
        except (OSError, pa.ArrowException):
            return None

    def put(self, key: str, tables: Mapping[str, pa.Table]) -> None:
        """Keep the tables of a step, whole or not at all.

        Raises:
            VocError: the folder cannot be written.
        """
        rows = []
        for name, table in tables.items():
            sink = pa.BufferOutputStream()
            pq.write_table(table, sink, compression="zstd")
            rows.append({"name": name, "data": sink.getvalue().to_pybytes()})
        draft = None
        try:
            make_directories(self._folder)
            self._drop_old()
            draft = temporary(self._folder)
            schema = pa.schema([("name", pa.string()), ("data", pa.large_binary())])
            pq.write_table(pa.Table.from_pylist(rows, schema=schema), draft, compression="none")
            sync_file(draft)
            os.replace(draft, self.path(key))
        except OSError as error:
            if draft is not None:
                with contextlib.suppress(OSError):
                    draft.unlink(missing_ok=True)
            raise cannot_write(self._root, error) from None

    def clear(self) -> None:
        """Remove all steps."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def steps(self) -> int:
        """Return how many steps are kept."""
        return sum(1 for _ in self._folder.glob("*.step"))

    def path(self, key: str) -> Path:
        """Return the file of a step."""
        return self._folder / f"{key}.step"

    def _drop_old(self) -> None:
        # Of a run that nobody ever took up again.
        before = time.time() - _KEPT_FOR
        for path in self._folder.iterdir():
            if path.stat().st_mtime < before:
                path.unlink(missing_ok=True)


class OpenJournal(Journal):
    """Steps of somebody who does not hold the writer's lock: `voc forget` may remove them at any moment.

    After that nothing more is kept: what is still being read may hold what was to be forgotten.
    """

    def begin(self) -> None:
        """Mark the folder as one that steps may be kept in.

        Raises:
            VocError: the folder cannot be written.
        """
        make_directories(self._folder)
        try:
            self._mark.touch()
        except OSError as error:
            raise cannot_write(self._root, error) from None

    def put(self, key: str, tables: Mapping[str, pa.Table]) -> None:
        """Keep the tables of a step unless something was forgotten since `begin`."""
        if self.begun():
            super().put(key, tables)
            if not self.begun():
                self.path(key).unlink(missing_ok=True)

    def begun(self) -> bool:
        """Return whether `begin` holds still: nothing was forgotten since."""
        return self._mark.exists()

    @property
    def _mark(self) -> Path:
        return self._folder / "begun"


def remove_unfinished(root: Path) -> None:
    """Remove everything of runs that have not ended, with uploads that wait: they may hold what is to be forgotten.

    Raises:
        VocError: a file cannot be removed.
    """
    for folder in (root / READING, root / REANALYSING, root / PENDING):
        try:
            if folder.exists():
                shutil.rmtree(folder)
        except OSError as error:
            raise cannot_write(root, error) from None
