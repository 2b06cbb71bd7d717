"""The whole run on one machine: exports -> reviews -> mentions -> themes -> insights -> one new snapshot."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from voc import tables
from voc.analysing import Clock, Task, analyse, edits_of, figures
from voc.carry_over import (
    beside_of,
    going_on,
    grown,
    joined_products,
    known_tables,
    merged,
    read_alike,
    read_by_others,
    remember,
    remembered,
    without,
)
from voc.config import Config, DateOrder, IngestConfig
from voc.ingest import FileReport, IngestResult, read_exports
from voc.ingest.language import free_detector
from voc.ingest.remembered import Remembered
from voc.messages import reading_messages, run_messages, theme_messages
from voc.progress import Progress
from voc.store import Snapshot, Workspace, Writer
from voc.store.cleaning import KEEP

#: Seconds that a run waits for another one on the same workspace.
WAIT = 5.0


@dataclass(frozen=True)
class RunReport:
    """What a run did: the files it read, what is new, how long each stage took, and what the user should know."""

    reports: list[FileReport]
    reviews_new: int
    mentions_new: int
    themes: int
    snapshot_id: str
    seconds: dict[str, float]
    messages: list[str] = field(default_factory=list)


def run(
    paths: Sequence[Path | str],
    *,
    workspace: Workspace | Path | str,
    config: Config,
    mapping: Mapping[str, str] | None = None,
    date_order: DateOrder | None = None,
    products_file: Path | None = None,
    refit: bool = False,
    progress: Progress | None = None,
) -> RunReport:
    """Analyse exports into a workspace and switch it to the new state in one step.

    What is there already is kept: reviews known from an earlier run are duplicates, only new ones are read by the
    model, and their opinions are assigned to the themes there are. With `refit`, or when the weights have changed, the
    themes are made anew; those found again keep their ids. A `config` that names no weights goes on with those of the
    last run. `mapping` and `date_order` go before those of `config` and are of these exports alone. Nothing is stored
    when an error is raised.

    Raises:
        VocError: no review could be read from the exports, or the configuration or a model is at fault.
        WorkspaceBusyError: another process is writing to the workspace.
    """
    store = opened(workspace, config)
    reading = config.ingest if date_order is None else config.ingest.model_copy(update={"date_order": date_order})
    with store.writing(wait=WAIT) as writer:
        return _run(store, writer, list(paths), config, reading, mapping, products_file, refit, progress)


def refresh(workspace: Workspace | Path | str, *, config: Config, progress: Progress | None = None) -> RunReport:
    """Make the themes of a workspace anew, with all figures, without reading an export.

    Raises:
        VocError: the configuration is at fault, or a model cannot be loaded.
        WorkspaceBusyError: another process is writing to the workspace.
    """
    store = opened(workspace, config)
    with store.writing(wait=WAIT) as writer:
        return _run(store, writer, [], config, config.ingest, None, None, True, progress)


def apply_edits(
    workspace: Workspace | Path | str, *, config: Config, progress: Progress | None = None
) -> Snapshot | None:
    """Bring what people decided about themes into the tables and figures; nothing is read and no theme is made.

    Returns:
        The new snapshot; None where nothing has been analysed yet.

    Raises:
        WorkspaceBusyError: another process is writing to the workspace; it applies what was decided before it began.
    """
    store = opened(workspace, config)
    with store.writing(wait=WAIT) as writer:
        if writer.base is None:
            return None
        config = going_on(writer.base, config)
        known = known_tables(writer.base)
        # Not the whole room of themes: the app, which calls this, does without what fits and reads.
        from voc.themes.deciding import decide
        from voc.themes.splitting import carry_out_splits

        # The version first: what somebody decides in between is brought in once more, not left out.
        version, edits = store.entries.version(), edits_of(store)
        found, assignments = carry_out_splits(
            known["found_themes"],
            known["assignments"],
            known["mentions"],
            known["embeddings"],
            edits,
            dt.datetime.now(dt.UTC),
        )
        decided = decide(
            known["mentions"], found, assignments, known["areas"], edits, tables.texts_of(known["reviews"])
        )
        insights = figures(
            store, known["reviews"], known["readings"], decided, known["products"], known["wishes"], config, progress
        )
        changed = {"mentions": decided.mentions, "themes": decided.themes, "areas": decided.areas}
        changed |= {"found_themes": found, "assignments": assignments}
        return writer.commit(replace={**changed, **insights}, info={"entries": version})


def opened(workspace: Workspace | Path | str, config: Config) -> Workspace:
    """Return a workspace, with entries and a rule for snapshots as the configuration has them."""
    if isinstance(workspace, Workspace):
        return workspace
    return Workspace(workspace, entries_url=config.workspace.entries_url(), keep=config.workspace.rule())


def _run(
    store: Workspace,
    writer: Writer,
    paths: list[Path | str],
    config: Config,
    reading: IngestConfig,
    mapping: Mapping[str, str] | None,
    products_file: Path | None,
    refit: bool,
    progress: Progress | None,
) -> RunReport:
    clock = Clock()
    base = writer.base
    config = going_on(base, config)
    with clock.stage("ingest"):
        known = known_tables(base)
        memory = remembered(base, known["reviews"]) if paths else None
        result = _ingest(paths, reading, mapping, products_file, known, memory, progress)
        free_detector()
    new = result.reviews
    gone = pa.array(result.superseded, pa.string())
    reviews = merged(known["reviews"], new, gone)
    stale = read_by_others(without(known["readings"], gone), config) if base is not None else pa.array([], pa.string())
    beside, mixed = beside_of(store), 0
    if len(stale) and beside is not None and read_alike(base, beside, config):
        # A reanalysis by these weights waits to be looked at: what they say of everything is not switched in here.
        stale, mixed = stale.slice(0, 0), len(stale)
    task = Task(base, known, reviews, new, gone, stale, result.products, refit)
    done = analyse(task, store=store, config=config, journal=writer.journal, clock=clock, progress=progress)
    found = done.found
    messages = run_messages(reviews, done.readings, new, found.info, config, exports=bool(paths))
    messages += reading_messages(len(stale), mixed, new.num_rows, beside is not None)
    messages += theme_messages(found, base, bool(found.info["fitted"]), config.themes.clusters)
    with clock.stage("store"):
        changed = {"products": result.products, **done.tables()}
        added = {"rejects": result.rejects, "imports": result.imports, "lineage": found.lineage}
        if len(gone):
            changed["reviews"] = reviews
        else:
            added["reviews"] = new
        if base is not None:
            added |= grown(known, changed)
        info = done.info(base, config, clock.seconds)
        if (rule := config.workspace.rule()) is not None:
            info[KEEP] = rule
        snapshot = writer.commit(replace=changed, append=added, info=info)
        writer.journal.clear()
    with clock.stage("index"):
        make_index(snapshot)
        remember(snapshot, memory, reviews, done.told)
    return RunReport(
        result.reports,
        new.num_rows,
        done.fresh.mentions.num_rows,
        active_themes(found.themes),
        snapshot.id,
        clock.seconds,
        messages,
    )


def make_index(snapshot: Snapshot) -> None:
    """Make the index of a snapshot's reviews now; the first search would make it otherwise, and wait."""
    # Loaded here: only a run that gets so far needs it.
    from voc.search.index import open_index

    open_index(snapshot).close()


def active_themes(themes: pa.Table) -> int:
    """Return how many themes of a table `themes` are active."""
    return int(pc.sum(pc.equal(themes["state"], "active")).as_py() or 0)


def _ingest(
    paths: list[Path | str],
    config: IngestConfig,
    mapping: Mapping[str, str] | None,
    products_file: Path | None,
    known: dict[str, pa.Table],
    memory: Remembered | None,
    progress: Progress | None,
) -> IngestResult:
    if not paths:
        empty = tables.empty
        return IngestResult(empty("reviews"), known["products"], empty("rejects"), empty("imports"), [], [])
    result = read_exports(
        paths,
        config=config,
        mapping=mapping,
        products_file=products_file,
        memory=memory,
        progress=progress,
    )
    # An import that was stored before adds no second line to the lists of imports and rejects.
    earlier = known["imports"].column("import_id").combine_chunks()
    fresh = {
        name: table.filter(pc.invert(pc.is_in(table.column("import_id"), value_set=earlier)))
        for name, table in (("rejects", result.rejects), ("imports", result.imports))
    }
    products = joined_products(known["products"], result.products)
    return IngestResult(result.reviews, products, fresh["rejects"], fresh["imports"], result.reports, result.superseded)
