"""Makes a state beside the current one by other weights or settings, keeps it up to date, and switches to it."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
from pydantic import ValidationError

from voc import tables
from voc.analysing import Analysed, Clock, Task, analyse
from voc.carry_over import going_on, grown, joined_products, known_tables
from voc.config import Config
from voc.errors import VocError
from voc.pipeline import WAIT, active_themes, make_index, opened
from voc.progress import Progress
from voc.reanalysis.reading import deciding, lost, of_the_same_texts, settings, since, to_read, version
from voc.store import Snapshot, Workspace, Writer
from voc.store.journal import REANALYSING, OpenJournal
from voc.store.lock import WriterLock
from voc.store.manifest import REANALYSIS

if TYPE_CHECKING:
    from voc.extract import Extracted

#: Seconds that a finished reanalysis waits for a run that is just storing.
_PATIENCE = 3600.0
#: What stands beside has these of the current state.
_SHARED = ("reviews", "imports", "rejects", "summaries")


@dataclass(frozen=True)
class Reanalysed:
    """What a reanalysis did: the state that stands beside now, how many reviews it read, how long each stage took."""

    candidate: Snapshot
    read: int
    themes: int
    seconds: dict[str, float]


@dataclass(frozen=True)
class Switched:
    """What a switch did: the current state, the id of the one before, and what was brought into it before.

    Attributes:
        snapshot: the state that is current now.
        before: the id of the one that was.
        new: reviews of later runs that were read for it.
        gone: reviews that it held and that are no longer there, or were edited.
    """

    snapshot: Snapshot
    before: str
    new: int
    gone: int


def reanalyse(
    workspace: Workspace | Path | str,
    *,
    config: Config,
    device: str | None = None,
    everything: bool = False,
    progress: Progress | None = None,
) -> Reanalysed:
    """Read the reviews of a workspace by the weights of `config`, and make themes and figures of them, beside all.

    The current state stays what everybody sees, and runs may go on storing into it. What people decided holds in the
    new one too. Reviews that were read by the same weights, settings and version of voc are not read again. Called
    again after a kill it goes on where it was; called again when it is done, it brings in what came since.

    Args:
        workspace: where the reviews are.
        config: the weights and the settings.
        device: where the model runs, if not where `config` says; not stored.
        everything: read every review, also those that need not be.
        progress: called with stage, how much is done, and the total where it is known.

    Raises:
        VocError: there is nothing to reanalyse, a reanalysis of another kind stands there, a model cannot be loaded,
            or the disk is full.
        WorkspaceBusyError: another process is making a reanalysis of this workspace.
    """
    store = opened(workspace, config)
    with _alone(store):
        base = store.current()
        if base is None:
            raise VocError(f"{store.path}: there is no analysis here yet; run `voc run EXPORT` first.")
        config = going_on(base, config)
        beside = store.candidate()
        if beside is not None:
            _refuse_other(beside, config)
            return _renewed(store, device, progress)
        journal = OpenJournal(store.path, REANALYSING)
        journal.begin()
        clock = Clock()
        had: Extracted | None = None
        while True:
            known = known_tables(base)
            stale = to_read(base, known, config, everything)
            none = stale.slice(0, 0)
            if not len(stale) and settings(base) == deciding(config):
                raise VocError(
                    f"All {known['reviews'].num_rows:,} reviews were read by {version(config)} with these settings; "
                    "name other weights with --model or other settings with --config, or read all again with --all."
                )
            new = tables.empty("reviews")
            task = Task(base, known, known["reviews"], new, none, stale, known["products"], refit=True)
            done = analyse(
                task,
                store=store,
                config=_on(config, device),
                journal=journal,
                clock=clock,
                had=had,
                progress=progress,
            )
            with store.writing(wait=_PATIENCE) as writer:
                base = _base(writer)
                if not journal.begun() or lost(known["reviews"], base):
                    # Reviews were forgotten meanwhile: nothing of them may be stored.
                    had = of_the_same_texts(done.fresh, known["reviews"], base.table("reviews"))
                    journal.begin()
                    continue
                candidate = _propose(writer, known, done, len(stale), config, clock)
            journal.clear()
            return Reanalysed(candidate, len(stale), active_themes(done.found.themes), clock.seconds)


def switch(
    workspace: Workspace | Path | str, *, config: Config, device: str | None = None, progress: Progress | None = None
) -> Switched:
    """Make the state that stands beside the current one, in one step; the one before stays as an earlier snapshot.

    What runs and people brought since it was made is brought into it first, at the cost of what is new.

    Args:
        workspace: where it stands.
        config: for where people's entries are kept.
        device: where the model runs, if not where the reanalysis says.
        progress: called with stage, how much is done, and the total where it is known.

    Raises:
        VocError: there is none, or its weights are gone and there are new reviews to read.
        WorkspaceBusyError: another process is writing to the workspace.
    """
    store = opened(workspace, config)
    with store.writing(wait=WAIT) as writer:
        beside = _there(store)
        before = _base(writer).id
        beside, new, gone, _ = _up_to_date(store, writer, beside, device, progress)
        snapshot = writer.adopt(beside)
        make_index(snapshot)
        return Switched(snapshot, before, new, gone)


def discard(workspace: Workspace | Path | str, *, config: Config) -> bool:
    """Throw away the state that stands beside the current one, and what a killed reanalysis had read.

    Returns:
        Whether there was anything.

    Raises:
        WorkspaceBusyError: another process is making a reanalysis, or writing to the workspace.
    """
    store = opened(workspace, config)
    if not store.exists():
        return False
    with _alone(store), store.writing(wait=WAIT) as writer:
        journal = OpenJournal(store.path, REANALYSING)
        steps = journal.steps()
        journal.clear()
        return writer.discard() or bool(steps)


def _propose(
    writer: Writer, known: dict[str, pa.Table], done: Analysed, read: int, config: Config, clock: Clock
) -> Snapshot:
    """Store a finished reanalysis of the tables `known` beside the current state."""
    base = _base(writer)
    made = done.tables()
    made["lineage"] = pa.concat_tables([known["lineage"], done.found.lineage])
    shared = set(_SHARED)
    if not base.table("reviews", ["review_id", "ingested_at"]).equals(
        known["reviews"].select(["review_id", "ingested_at"])
    ):
        # Runs have stored since it began: it stands for the reviews that it has read.
        made["reviews"] = known["reviews"]
        shared.remove("reviews")
    about = {"made_at": dt.datetime.now(dt.UTC).isoformat(), "read": read, "model": version(config)}
    info = {**done.info(base, config, clock.seconds), REANALYSIS: about}
    return writer.propose(on=base, replace=made, shared=shared, info=info)


def _renewed(store: Workspace, device: str | None, progress: Progress | None) -> Reanalysed:
    """Bring what came since into the state that stands beside."""
    clock = Clock()
    with store.writing(wait=WAIT) as writer, clock.stage("update"):
        candidate, new, _, _ = _up_to_date(store, writer, _there(store), device, progress)
    return Reanalysed(candidate, new, active_themes(candidate.table("themes", ["state"])), clock.seconds)


def _up_to_date(
    store: Workspace, writer: Writer, beside: Snapshot, device: str | None, progress: Progress | None
) -> tuple[Snapshot, int, int, bool]:
    """Return the state that stands beside with everything that came since, and how many reviews are new and gone."""
    current = _base(writer)
    reviews = current.table("reviews")
    new, gone = since(beside, reviews)
    behind = new.num_rows or len(gone) or beside.info.get("stale")
    if not behind and (beside.info.get("entries") or 0) == store.entries.version():
        same = current.manifest.tables.get("products") == beside.manifest.tables.get("products")
        if same and all(current.manifest.tables.get(n, ()) == beside.manifest.tables.get(n, ()) for n in _SHARED):
            return beside, 0, 0, False
    try:
        config = Config.model_validate(beside.info["config"])
    except (KeyError, ValidationError):
        raise VocError(
            "The reanalysis was made by another version of voc; throw it away with `voc reanalyse --discard` and make "
            "it again."
        ) from None
    if new.num_rows and version(config) != beside.info[REANALYSIS]["model"]:
        raise VocError(
            f"{new.num_rows:,} reviews have come since the reanalysis, and the weights {config.model.opinions!r} are "
            "no longer those that made it; throw it away with `voc reanalyse --discard` and make it again."
        )
    known = known_tables(beside)
    products = joined_products(known["products"], current.table("products"))
    task = Task(beside, known, reviews, new, gone, gone.slice(0, 0), products, refit=False)
    clock = Clock()
    done = analyse(
        task, store=store, config=_on(config, device), journal=writer.journal, clock=clock, progress=progress
    )
    changed = {"products": products, **done.tables()}
    added = {**grown(known, changed), "lineage": done.found.lineage}
    info = done.info(beside, config, {**beside.info.get("seconds", {}), **clock.seconds})
    candidate = writer.propose(on=beside, replace=changed, append=added, shared=_SHARED, info=info)
    writer.journal.clear()
    return candidate, new.num_rows, len(gone), True


@contextlib.contextmanager
def _alone(store: Workspace) -> Iterator[None]:
    """Make sure that one process at a time makes a reanalysis of a workspace; runs go on beside it."""
    if not store.exists():
        raise VocError(f"{store.path}: there is no analysis here yet; run `voc run EXPORT` first.")
    lock = WriterLock(store.path / "reanalysis.lock", "a reanalysis is being made")
    lock.acquire(0.0)
    try:
        yield
    finally:
        lock.release()


def _base(writer: Writer) -> Snapshot:
    if writer.base is None:
        raise VocError("There is no analysis here any more; run `voc run EXPORT` first.")
    return writer.base


def _there(store: Workspace) -> Snapshot:
    beside = store.candidate()
    if beside is None:
        raise VocError("There is no reanalysis beside the current state; make one with `voc reanalyse`.")
    return beside


def _refuse_other(beside: Snapshot, config: Config) -> None:
    """Refuse to write over a reanalysis by other weights or settings."""
    if beside.info[REANALYSIS]["model"] != version(config) or settings(beside) != deciding(config):
        raise VocError(
            f"A reanalysis by {beside.info[REANALYSIS]['model']} stands there already; look at it with `voc reanalyse "
            "--compare`, then switch to it with --switch or throw it away with --discard."
        )


def _on(config: Config, device: str | None) -> Config:
    if device is None:
        return config
    return config.model_copy(update={"model": config.model.model_copy(update={"device": device})})
