"""The whole run on one machine: exports -> reviews -> mentions -> themes -> insights -> one new snapshot."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from voc import tables
from voc.carry_over import (
    brand_words,
    further_vectors,
    joined_products,
    known_tables,
    merged,
    of_other_mentions,
    read_by_others,
    rows_added,
    same_encoder,
    themes_before,
    vectors_kept,
    without,
)
from voc.config import Config
from voc.ingest import FileReport, IngestResult, read_exports
from voc.insights import Facts, all_opportunities, phase_trends, resolve_phases
from voc.messages import run_messages, theme_messages
from voc.store import Snapshot, Workspace, Writer

if TYPE_CHECKING:
    from voc.themes import ThemesResult
    from voc.themes.deciding import Decided

Progress = Callable[[str, int, int | None], None]
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


class _Clock:
    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.seconds[name] = round(time.monotonic() - began, 2)


def run(
    paths: Sequence[Path | str],
    *,
    workspace: Workspace | Path | str,
    config: Config,
    mapping: Mapping[str, str] | None = None,
    products_file: Path | None = None,
    refit: bool = False,
    progress: Progress | None = None,
) -> RunReport:
    """Analyse exports into a workspace and switch it to the new state in one step.

    What is there already is kept: reviews known from an earlier run are duplicates, only new ones are read by the
    model, and their opinions are assigned to the themes there are. With `refit`, or when the weights have changed, the
    themes are made anew; those found again keep their ids. Nothing is stored when an error is raised.

    Raises:
        VocError: no review could be read from the exports, or the configuration or a model is at fault.
        WorkspaceBusyError: another process is writing to the workspace.
    """
    store = _opened(workspace, config)
    with store.writing(wait=WAIT) as writer:
        return _run(store, writer, list(paths), config, mapping, products_file, refit, progress)


def refresh(workspace: Workspace | Path | str, *, config: Config, progress: Progress | None = None) -> RunReport:
    """Make the themes of a workspace anew, with all figures, without reading an export.

    Raises:
        VocError: the configuration is at fault, or a model cannot be loaded.
        WorkspaceBusyError: another process is writing to the workspace.
    """
    store = _opened(workspace, config)
    with store.writing(wait=WAIT) as writer:
        return _run(store, writer, [], config, None, None, True, progress)


def apply_edits(
    workspace: Workspace | Path | str, *, config: Config, progress: Progress | None = None
) -> Snapshot | None:
    """Bring what people decided about themes into the tables and figures; nothing is read and no theme is made.

    Returns:
        The new snapshot; None where nothing has been analysed yet.

    Raises:
        WorkspaceBusyError: another process is writing to the workspace; it applies what was decided before it began.
    """
    store = _opened(workspace, config)
    with store.writing(wait=WAIT) as writer:
        if writer.base is None:
            return None
        known = known_tables(writer.base)
        # Not the whole room of themes: the app, which calls this, does without what fits and reads.
        from voc.themes.deciding import decide
        from voc.themes.splitting import carry_out_splits

        edits, version = store.entries.edits(), store.entries.version()
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
        insights = _insights(
            store, known["reviews"], known["readings"], decided, known["products"], known["wishes"], config, progress
        )
        changed = {"mentions": decided.mentions, "themes": decided.themes, "areas": decided.areas}
        changed |= {"found_themes": found, "assignments": assignments}
        return writer.commit(replace={**changed, **insights}, info={"entries": version})


def _opened(workspace: Workspace | Path | str, config: Config) -> Workspace:
    return (
        workspace
        if isinstance(workspace, Workspace)
        else Workspace(workspace, entries_url=config.workspace.entries_url())
    )


def _run(
    store: Workspace,
    writer: Writer,
    paths: list[Path | str],
    config: Config,
    mapping: Mapping[str, str] | None,
    products_file: Path | None,
    refit: bool,
    progress: Progress | None,
) -> RunReport:
    clock = _Clock()
    base = writer.base
    known = known_tables(base)
    with clock.stage("ingest"):
        result = _ingest(paths, config, mapping, products_file, known, progress)
    new = result.reviews
    gone = pa.array(result.superseded, pa.string())
    reviews = merged(known["reviews"], new, gone)
    with clock.stage("extract"):
        # Loaded here: reading exports that hold nothing new needs no model.
        from voc.extract import Extracted
        from voc.resuming import extract_in_steps

        stale = read_by_others(without(known["readings"], gone), config)
        unread = pa.concat_tables([reviews.filter(pc.is_in(reviews["review_id"], value_set=stale)), new])
        if unread.num_rows or base is None:
            fresh = extract_in_steps(unread, config=config.model, journal=writer.journal, progress=progress)
        else:
            fresh = Extracted(*(tables.empty(name) for name in ("mentions", "readings", "embeddings")))
    outdated = pa.concat_arrays([gone, stale])
    readings = merged(known["readings"], fresh.readings, outdated)
    with clock.stage("themes"):
        from voc.themes import as_read, find_themes

        edits, version = store.entries.edits(), store.entries.version()
        fitted = base is not None and "fitted_at" in base.info.get("themes", {})
        refit = refit or bool(len(stale)) or not fitted or not same_encoder(base, config)
        before = themes_before(base, known, new)
        if before is not None and not refit:
            before = replace(before, assignments=of_other_mentions(before.assignments, known["mentions"], gone))
        found = find_themes(
            merged(as_read(known["mentions"], known["assignments"]), fresh.mentions, outdated),
            tables.texts_of(reviews),
            config=config.themes,
            encoder=config.model.encoder,
            model=config.model.opinions,
            embeddings=vectors_kept(base, known, fresh, outdated, config),
            before=before,
            refit=refit,
            edits=edits,
            brands=brand_words(reviews, result.products),
            progress=progress,
        )
        wishes = known["wishes"]
        if unread.num_rows or found.info["fitted"] or len(gone):
            wishes = _needs(found, reviews, result.products, known["wishes"], config)
    with clock.stage("insights"):
        insights = _insights(store, reviews, readings, found, result.products, wishes, config, progress)
    messages = run_messages(reviews, readings, new, found.info, config, exports=bool(paths))
    if len(stale):
        messages.append(f"The model changed since the last run, so {len(stale):,} earlier reviews were read anew.")
    messages += theme_messages(found, base, refit)
    with clock.stage("store"):
        changed = {"readings": readings, "products": result.products, **_theme_tables(found), "wishes": wishes}
        changed |= insights
        changed["further_embeddings"] = further_vectors(known, fresh, found.embeddings, outdated, config)
        added = {"rejects": result.rejects, "imports": result.imports, "lineage": found.lineage}
        if len(gone):
            changed["reviews"] = reviews
        else:
            added["reviews"] = new
        # What only grew is stored as its new rows: a day costs a day.
        for name in ("readings", "mentions", "assignments", "embeddings", "further_embeddings"):
            rows = rows_added(known[name], changed[name])
            if rows is not None and base is not None:
                del changed[name]
                added[name] = rows
        about = {**(base.info.get("themes", {}) if base is not None else {}), **found.info}
        if found.info["fitted"]:
            about |= {"fitted_at": dt.datetime.now(dt.UTC).isoformat(), "fitted_on": found.info["troubles"]}
        info = {
            "themes": about,
            "seconds": dict(clock.seconds),
            "config": config.model_dump(mode="json"),
            "entries": version,
        }
        snapshot = writer.commit(replace=changed, append=added, info=info)
        writer.journal.clear()
    with clock.stage("index"):
        # Loaded here: only a run that gets so far needs it. The first search would make it otherwise, and wait.
        from voc.search.index import open_index

        open_index(snapshot).close()
    return RunReport(
        result.reports,
        new.num_rows,
        fresh.mentions.num_rows,
        _active(found.themes),
        snapshot.id,
        clock.seconds,
        messages,
    )


def _insights(
    store: Workspace,
    reviews: pa.Table,
    readings: pa.Table,
    found: Decided,
    products: pa.Table,
    wishes: pa.Table,
    config: Config,
    progress: Progress | None,
) -> dict[str, pa.Table]:
    """Return the tables `phases`, `opportunities`, `trends`, and those of the analyses of the whole workspace."""
    if progress:
        progress("Ranking opportunities", 0, None)
    phases = resolve_phases(config.phases, reviews, store.entries.phases())
    facts = Facts(
        reviews=reviews,
        readings=readings,
        mentions=found.mentions,
        themes=found.themes,
        areas=found.areas,
        products=products,
        phases=phases,
        wishes=wishes,
    )
    opportunities = all_opportunities(facts, config=config.insights)
    # Loaded here: ruptures and statsmodels, which the analyses need, are slow to import.
    from voc.insights.stored import stored_analyses

    trends = phase_trends(facts, config=config.insights)
    analyses = stored_analyses(facts, store.entries.fixes(), config=config.insights, model=config.model.opinions)
    return {"phases": phases, "opportunities": opportunities, "trends": trends, **analyses}


def _needs(found: ThemesResult, reviews: pa.Table, products: pa.Table, before: pa.Table, config: Config) -> pa.Table:
    """Return table `wishes`; `before` is that of the last run."""
    from voc.themes import find_needs, read_areas

    return find_needs(
        found.mentions,
        tables.texts_of(reviews),
        read_areas(found.areas),
        names=brand_words(reviews, products),
        encoder=config.model.encoder,
        model=config.model.opinions,
        before=before,
        now=dt.datetime.now(dt.UTC),
    )


def _theme_tables(found: ThemesResult) -> dict[str, pa.Table]:
    names = ("mentions", "themes", "areas", "found_themes", "assignments", "wordings", "embeddings")
    return {name: getattr(found, name) for name in names}


def _active(themes: pa.Table) -> int:
    return int(pc.sum(pc.equal(themes["state"], "active")).as_py() or 0)


def _ingest(
    paths: list[Path | str],
    config: Config,
    mapping: Mapping[str, str] | None,
    products_file: Path | None,
    known: dict[str, pa.Table],
    progress: Progress | None,
) -> IngestResult:
    if not paths:
        empty = tables.empty
        return IngestResult(empty("reviews"), known["products"], empty("rejects"), empty("imports"), [], [])
    result = read_exports(
        paths,
        config=config.ingest,
        mapping=mapping,
        products_file=products_file,
        existing=known["reviews"],
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
