"""Manifests, the small JSON files that say which part files make up a snapshot, and where everything lies."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
import re
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from voc.errors import VocError
from voc.store.files import write_atomically

_FORMAT = 1
_ID = re.compile(r"\d{6,}-[0-9a-f]{8}")
#: What CURRENT holds between the creation of a workspace and its first snapshot.
_NOTHING = "none"
#: Ends the names of files that are derived from the reviews, made anew where one is missing: the index of their words,
#: the keys of their texts, the vectors of what their writers wish for.
DERIVED = INDEX, KEYS, TOLD = ".sqlite", ".keys", ".told"
#: Key of a snapshot's `info`: which reanalysis it came from.
REANALYSIS = "reanalysis"


class DamagedError(VocError):
    """A file of a snapshot is missing or not what was written; the message has no way out and no full stop yet."""


@dataclasses.dataclass(frozen=True)
class Part:
    """One Parquet file; `file` is relative to the folder of parts, and its stem is the SHA-256 of the contents."""

    file: str
    rows: int
    bytes: int


@dataclasses.dataclass(frozen=True)
class Manifest:
    """What a snapshot is made of."""

    id: str
    created_at: dt.datetime
    info: dict[str, Any]
    tables: dict[str, tuple[Part, ...]]
    # True: snapshots older than this one hold what somebody asked to forget, and must not be kept.
    cut: bool = False

    def files(self) -> set[str]:
        """Return the part files of all tables."""
        return {part.file for parts in self.tables.values() for part in parts}

    def index(self, suffix: str = INDEX) -> str:
        """Return the file name of what is derived from the reviews, which part files alone decide."""
        files = "\n".join(part.file for part in self.tables.get("reviews", ()))
        return f"{hashlib.sha256(files.encode()).hexdigest()}{suffix}"


def number(snapshot_id: str) -> int:
    """Return the running number that begins the id of a snapshot."""
    return int(snapshot_id.partition("-")[0])


@dataclasses.dataclass(frozen=True)
class Layout:
    """Where the files of a workspace lie."""

    root: Path

    @property
    def current(self) -> Path:
        """The file that names the newest snapshot."""
        return self.root / "CURRENT"

    @property
    def candidate(self) -> Path:
        """The manifest of a state that stands beside the current one; nobody sees it before it is switched to."""
        return self.root / "candidate.json"

    @property
    def snapshots(self) -> Path:
        """The folder of manifests."""
        return self.root / "snapshots"

    @property
    def parts(self) -> Path:
        """The folder of part files."""
        return self.root / "parts"

    @property
    def indexes(self) -> Path:
        """The folder of indexes over the reviews, made from the part files and made anew where one is missing."""
        return self.root / "indexes"

    @property
    def lock(self) -> Path:
        """The lock file of writers."""
        return self.root / "writer.lock"

    def manifest(self, snapshot_id: str) -> Path:
        """Return the manifest file of a snapshot."""
        return self.snapshots / f"{snapshot_id}.json"

    def ids(self) -> list[str]:
        """Return the ids of all manifest files, oldest first."""
        found = [path.stem for path in self.snapshots.glob("*.json") if _ID.fullmatch(path.stem)]
        return sorted(found, key=lambda snapshot_id: (number(snapshot_id), snapshot_id))

    def new_id(self) -> str:
        """Return a fresh id that comes after all others."""
        ids = self.ids()
        return f"{(number(ids[-1]) if ids else 0) + 1:06d}-{uuid.uuid4().hex[:8]}"

    def read_current(self) -> str | None:
        """Return the id of the newest snapshot, None where nothing has been stored.

        Raises:
            VocError: the path is a file or unreadable, or CURRENT is missing or damaged although snapshots exist.
        """
        try:
            text = self.current.read_bytes().decode("utf-8", "replace").strip()
        except FileNotFoundError:
            if not self.ids():
                return None
            # A workspace has its CURRENT before its first manifest: where both came since the first look, it is there.
            if self.current.exists():
                return self.read_current()
            raise DamagedError(f"{self.current} is missing although the workspace has snapshots") from None
        except NotADirectoryError:
            raise VocError(f"{self.root} is a file, not a workspace folder; give a folder with --workspace.") from None
        except OSError as error:
            raise VocError(
                f"{self.root}: the workspace cannot be read ({error.strerror or error}); "
                "check the folder's permissions, or give another folder with --workspace."
            ) from None
        if text == _NOTHING:
            return None
        if not _ID.fullmatch(text):
            raise DamagedError(f"{self.current} does not name a snapshot")
        return text

    def begin(self) -> None:
        """Mark a folder as a workspace without snapshots, unless it is one already."""
        if not self.current.exists():
            write_atomically(self.current, f"{_NOTHING}\n")

    def switch(self, snapshot_id: str) -> None:
        """Make a snapshot the current one: the single step by which all tables change together."""
        write_atomically(self.current, f"{snapshot_id}\n")

    def write(self, manifest: Manifest) -> None:
        """Store a manifest.

        Raises:
            TypeError: `info` holds something that JSON does not know.
        """
        write_atomically(self.manifest(manifest.id), _to_json(manifest))

    def read(self, snapshot_id: str) -> Manifest:
        """Read a manifest.

        Raises:
            DamagedError: the file is missing, cut short or altered.
            VocError: it was written by a newer version, or may not be read.
        """
        path = self.manifest(snapshot_id)
        found = _read(path)
        if found is None:
            raise DamagedError(f"{path} is missing")
        return found

    def read_candidate(self) -> Manifest | None:
        """Read the manifest of the state beside the current one; None where there is none.

        Raises:
            DamagedError: the file is cut short or altered.
            VocError: it was written by a newer version, or may not be read.
        """
        found = _read(self.candidate)
        if found is None:
            return None
        # A writer that was killed right after it had switched to it has left the file.
        name = self.read_current()
        switched = self.read(name).info.get(REANALYSIS, {}) if name is not None else {}
        return None if switched.get("id") == found.id else found

    def write_candidate(self, manifest: Manifest) -> None:
        """Store the manifest of a state beside the current one, in place of an earlier one."""
        write_atomically(self.candidate, _to_json(manifest))


def _read(path: Path) -> Manifest | None:
    try:
        return _from_json(path, path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise VocError(
            f"{path}: this file cannot be read ({error.strerror or error}); check the folder's permissions."
        ) from None


def _checksum(body: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def _to_json(manifest: Manifest) -> str:
    body: dict[str, Any] = {
        "format": _FORMAT,
        "id": manifest.id,
        "created_at": manifest.created_at.isoformat(),
        "cut": manifest.cut,
        "info": manifest.info,
        "tables": {name: [dataclasses.asdict(part) for part in parts] for name, parts in manifest.tables.items()},
    }
    # What is read back must equal what is hashed: JSON turns tuples into lists and number keys into strings.
    body = json.loads(json.dumps(body))
    return json.dumps({**body, "checksum": _checksum(body)}, indent=1)


def _from_json(path: Path, raw: bytes) -> Manifest:
    try:
        body = json.loads(raw)
        checksum = body.pop("checksum")
        if body["format"] > _FORMAT:
            raise VocError(f"{path} was written by a newer version of voc; upgrade voc to read this workspace.")
        if checksum != _checksum(body):
            raise ValueError("checksum")
        return Manifest(
            id=body["id"],
            created_at=dt.datetime.fromisoformat(body["created_at"]),
            info=body["info"],
            tables={name: tuple(Part(**part) for part in parts) for name, parts in body["tables"].items()},
            cut=body["cut"],
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        raise DamagedError(f"{path} is damaged") from None
