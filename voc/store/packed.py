"""One snapshot as one small file, for a workspace that ships ready-made."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Collection
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from voc import tables
from voc.errors import VocError
from voc.store.snapshot import Snapshot
from voc.store.workspace import Workspace

_INFO = "info.json"


def pack(snapshot: Snapshot, path: Path, *, without: Collection[str] = ()) -> None:
    """Write the tables of a snapshot to one file, small: xz over Parquet that is not compressed itself.

    Args:
        snapshot: what to write.
        path: the file.
        without: tables to leave out.
    """
    with tarfile.open(path, "w:xz", preset=9) as archive:
        _add(archive, _INFO, json.dumps(dict(snapshot.info), sort_keys=True).encode())
        for name in sorted(set(tables.SCHEMAS) - set(without)):
            table = snapshot.table(name)
            if table.num_rows:
                buffer = io.BytesIO()
                pq.write_table(table, buffer, compression="none", write_statistics=False)
                _add(archive, f"{name}.parquet", buffer.getvalue())


def unpack(path: Path, workspace: Path) -> Workspace:
    """Make a workspace of a file that `pack` wrote.

    Raises:
        VocError: the file is missing, damaged, or was packed by a version whose tables were others.
    """
    found: dict[str, pa.Table] = {}
    info = {}
    try:
        with tarfile.open(path, "r:xz") as archive:
            for member in archive:
                stream = archive.extractfile(member)
                content = stream.read() if stream is not None else b""
                if member.name == _INFO:
                    info = json.loads(content)
                elif (name := member.name.removesuffix(".parquet")) in tables.SCHEMAS:
                    found[name] = pq.read_table(pa.BufferReader(content))
        place = Workspace(workspace)
        with place.writing() as writer:
            writer.commit(replace=found, info=info)
    except (OSError, EOFError, ValueError, tarfile.TarError, pa.ArrowException) as error:
        raise VocError(f"{path}: the file cannot be opened ({error}); install voc again.") from None
    return place


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    # No time, no owner: the same tables make the same file.
    member = tarfile.TarInfo(name)
    member.size = len(content)
    archive.addfile(member, io.BytesIO(content))
