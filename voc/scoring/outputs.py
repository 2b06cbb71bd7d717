"""Where a batch run writes: one Parquet file, or a folder of parts with a manifest; whole or not at all."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from voc.errors import VocError
from voc.scoring.ledger import CutPart, Ledger
from voc.scoring.parts import Scored, mentions_file, read_part, rejects_file, write_whole
from voc.store.files import sync_directory, sync_file
from voc.tables import MENTIONS, REJECTS

MANIFEST = "manifest.json"
_META = b"voc"
_SUFFIXES = (".parquet", ".pq")


@dataclass(frozen=True)
class Output:
    """A file or a folder to be written, and the work folder beside it."""

    path: Path

    @property
    def is_file(self) -> bool:
        """Whether everything goes into one Parquet file."""
        return self.path.suffix.lower() in _SUFFIXES

    @property
    def is_named_well(self) -> bool:
        """Whether the name says which of both it is."""
        return self.is_file or not self.path.suffix or self.path.is_dir()

    @property
    def work(self) -> Path:
        """The work folder, which is there while a run is not complete."""
        return self.path.with_name(f".{self.path.name}.parts")

    @property
    def rejects(self) -> Path:
        """Where the rejected rows are listed."""
        return self.path.with_suffix(".rejects.parquet") if self.is_file else self.path / "rejects.parquet"

    @property
    def _draft(self) -> Path:
        return self.path.with_name(f".{self.path.name}.writing")

    @property
    def _old(self) -> Path:
        return self.path.with_name(f".{self.path.name}.old")

    def result(self) -> dict[str, Any] | None:
        """Return what the output that is there says of itself; None where there is none or it says nothing."""
        try:
            if self.is_file:
                return dict(json.loads(pq.read_schema(self.path).metadata[_META]))
            return dict(json.loads((self.path / MANIFEST).read_bytes())["voc"])
        except (OSError, pa.ArrowException, KeyError, TypeError, ValueError):
            return None

    def is_strange(self) -> bool:
        """Return whether something is there that no batch run has written, and that must not be lost."""
        if self.is_file:
            if not self.path.exists():
                return False
            try:
                return bool(pq.read_schema(self.path).names != MENTIONS.names)
            except (OSError, pa.ArrowException):
                return True
        if not self.path.exists():
            return False
        return not self.path.is_dir() or (any(self.path.iterdir()) and self.result() is None)

    def clear(self) -> None:
        """Take away what a run that was killed while it wrote has left, and set back what it had set aside."""
        if self._old.exists() and not self.path.exists():
            os.replace(self._old, self.path)
        for path in (self._draft, self._old):
            _remove(path)

    def write(self, ledger: Ledger, said: dict[str, Any], files: Sequence[dict[str, Any]]) -> None:
        """Join all parts, in their order, and switch the result in.

        Args:
            ledger: whose parts are all scored.
            said: what the output says of itself.
            files: what became of each export, for the manifest.

        Raises:
            BrokenPartError: a part is not what was written.
            OSError: the output cannot be written.
        """
        scored, cut = ledger.scored(), [part for part in ledger.cut_parts() if part.rejects]
        try:
            if self.is_file:
                self._write_file(scored, cut, said)
            else:
                self._write_folder(scored, cut, said, files)
        except BaseException:
            with contextlib.suppress(OSError):
                _remove(self._draft)
            raise
        sync_directory(self.path.parent)

    def _write_file(self, scored: Sequence[Scored], cut: Sequence[CutPart], said: dict[str, Any]) -> None:
        if cut:
            _write_joined(self._draft, REJECTS, self._rejects_of(cut))
            os.replace(self._draft, self.rejects)
        else:
            # Those of an earlier result, which this one takes the place of.
            self.rejects.unlink(missing_ok=True)
        schema = MENTIONS.with_metadata({_META: json.dumps(said, sort_keys=True)})
        _write_joined(self._draft, schema, self._mentions_of(scored))
        os.replace(self._draft, self.path)

    def _write_folder(
        self, scored: Sequence[Scored], cut: Sequence[CutPart], said: dict[str, Any], files: Sequence[dict[str, Any]]
    ) -> None:
        _remove(self._draft)
        self._draft.mkdir()
        listed = []
        for one in scored:
            source = mentions_file(self.work, one.number)
            read_part(source, one.number, one.digest)
            _link(source, self._draft / source.name)
            listed.append({"path": source.name, "rows": one.mentions, "bytes": one.size, "blake2b": one.digest})
        if cut:
            _write_joined(self._draft / self.rejects.name, REJECTS, self._rejects_of(cut))
        manifest = {"voc": said, "files": list(files), "parts": listed}
        write_whole(self._draft / MANIFEST, json.dumps(manifest, indent=1, ensure_ascii=False).encode())
        if self.path.exists():
            os.replace(self.path, self._old)
        os.replace(self._draft, self.path)
        _remove(self._old)

    def _mentions_of(self, scored: Sequence[Scored]) -> Iterator[pa.Table]:
        for one in scored:
            yield read_part(mentions_file(self.work, one.number), one.number, one.digest)

    def _rejects_of(self, cut: Sequence[CutPart]) -> Iterator[pa.Table]:
        for part in cut:
            yield read_part(rejects_file(self.work, part.number), part.number, part.rejects_digest)


def refuse_own_exports(output: Output, exports: Sequence[Path]) -> None:
    """Refuse to write over what is to be read.

    Raises:
        VocError: the output is one of the exports, or a folder that holds one.
    """
    for path in exports:
        with contextlib.suppress(OSError):
            if output.path.exists() and (path.samefile(output.path) or output.path.resolve() in path.resolve().parents):
                raise VocError(f"{output.path}: this holds an export that is to be read; choose another --output.")


def _write_joined(path: Path, schema: pa.Schema, tables: Iterator[pa.Table]) -> None:
    # Through a file of ours: its errors say by number what the disk refused.
    with path.open("wb") as file, pq.ParquetWriter(file, schema, compression="zstd") as writer:
        for table in tables:
            writer.write_table(table.cast(schema))
    sync_file(path)


def _link(source: Path, target: Path) -> None:
    """Give a file a second name, or copy it where the file system has no such thing."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
        sync_file(target)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
