"""What a batch run was called with: kept beside its work, so that only the same call goes on with it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from voc import __version__
from voc.scoring.parts import write_whole

if TYPE_CHECKING:
    from voc.config import Config

NAME = "call.json"
#: Another version of these may compute or write the same in other bytes.
_LIBRARIES = ("torch", "transformers", "tokenizers", "spacy", "pyarrow")
_NAMED = 3  # differences that a sentence names


@dataclass(frozen=True)
class Call:
    """Everything that decides what a run writes, but for the contents of the exports.

    `settings` by name; `exports` are the names of the files; `now` is the present by which dates in the future are
    told: the one of the first call, so that going on tomorrow gives what going on today would.
    """

    settings: dict[str, Any]
    exports: list[str]
    now: dt.datetime

    @property
    def reading(self) -> str:
        """What stands for all that decides which mentions are found in a review."""
        return hashlib.blake2b(json.dumps(self.settings, sort_keys=True).encode(), digest_size=16).hexdigest()

    def identity(self, exports: Iterable[tuple[str, str]]) -> str:
        """What stands for the call and the contents of its exports, given their names and fingerprints."""
        digest = hashlib.blake2b(self.reading.encode(), digest_size=16)
        for export in exports:
            digest.update(json.dumps(export).encode())
        return digest.hexdigest()

    def save(self, folder: Path) -> None:
        """Write it into the work folder."""
        document = {"settings": self.settings, "exports": self.exports, "now": self.now.isoformat()}
        write_whole(folder / NAME, json.dumps(document, indent=1).encode())


def load_call(folder: Path) -> Call | None:
    """Return the call that began the work in a folder; None where there is none, or none that can be read."""
    try:
        document = json.loads((folder / NAME).read_bytes())
        return Call(dict(document["settings"]), list(document["exports"]), dt.datetime.fromisoformat(document["now"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def call_of(
    config: Config, mapping: Mapping[str, str] | None, exports: Sequence[str], part_rows: int, now: dt.datetime
) -> Call:
    """Return what is being called; the device and the precision in `config` are those that will be used.

    Raises:
        VocError: there is no such model.
    """
    from voc.extract.folder import model_version

    settings: dict[str, Any] = {"voc": __version__, "part_rows": part_rows}
    settings |= {f"ingest.{name}": value for name, value in config.ingest.model_dump(mode="json").items()}
    settings["map"] = dict(sorted((mapping or {}).items()))
    settings["model"] = model_version(config.model.opinions)
    settings |= {name: getattr(config.model, name) for name in ("languages", "device", "precision")}
    settings |= {name: _version(name) for name in _LIBRARIES}
    return Call(settings, list(exports), now)


def differences(before: Call, now: Call) -> str:
    """Say in what two calls differ, e.g. "device (cpu then, cuda now)"; "" where they do not."""
    found = [
        f"{name} ({_shown(before.settings.get(name))} then, {_shown(now.settings.get(name))} now)"
        for name in sorted(before.settings.keys() | now.settings.keys())
        if before.settings.get(name) != now.settings.get(name)
    ]
    if before.exports != now.exports:
        gone = [name for name in before.exports if name not in now.exports]
        new = [name for name in now.exports if name not in before.exports]
        said = [f"{_listed(names)} {word}" for names, word in ((gone, "then only"), (new, "now only")) if names]
        found.append(f"exports ({', '.join(said) or 'in another order'})")
    return ", ".join(found)


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{key}={one}" for key, one in value.items()) or "none"
    return "none" if value is None else str(value)


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
