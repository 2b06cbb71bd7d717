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
from voc.config import Config
from voc.ingest import FileReport, IngestResult, read_exports
from voc.insights import Facts, all_opportunities, phase_trends, resolve_phases
from voc.messages import run_messages, theme_messages
from voc.store import Snapshot, Workspace, Writer

if TYPE_CHECKING:
    from voc.extract import Extracted
    from voc.themes import Before, ThemesResult
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
    store = workspace if isinstance(workspace, Workspace) else Workspace(workspace)
    with store.writing(wait=WAIT) as writer:
        return _run(store, writer, list(paths), config, mapping, products_file, refit, progress)


def refresh(workspace: Workspace | Path | str, *, config: Config, progress: Progress | None = None) -> RunReport:
    """Make the themes of a workspace anew, with all figures, without reading an export.

    Raises:
        VocError: the configuration is at fault, or a model cannot be loaded.
        WorkspaceBusyError: another process is writing to the workspace.
    """
    store = workspace if isinstance(workspace, Workspace) else Workspace(workspace)
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
    store = workspace if isinstance(workspace, Workspace) else Workspace(workspace)
    with store.writing(wait=WAIT) as writer:
        if writer.base is None:
            return None
        known = _tables(writer.base)
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
        insights = _insights(store, known["reviews"], known["readings"], decided, known["products"], config, progress)
        changed = {"mentions": decided.mentions, "themes": decided.themes, "areas": decided.areas}
        changed |= {"found_themes": found, "assignments": assignments}
        return writer.commit(replace={**changed, **insights}, info={"entries": version})


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
    known = _tables(base)
    with clock.stage("ingest"):
        result = _ingest(paths, config, mapping, products_file, known, progress)
    new = result.reviews
    gone = pa.array(result.superseded, pa.string())
    reviews = _merged(known["reviews"], new, gone)
    with clock.stage("extract"):
        # Loaded here: reading exports that hold nothing new needs no model.
        from voc.extract import Extracted, extract

        stale = _read_by_others(_without(known["readings"], gone), config)
        unread = pa.concat_tables([reviews.filter(pc.is_in(reviews["review_id"], value_set=stale)), new])
        if unread.num_rows or base is None:
            fresh = extract(unread, config=config.model, progress=progress)
        else:
            fresh = Extracted(*(tables.empty(name) for name in ("mentions", "readings", "embeddings")))
    outdated = pa.concat_arrays([gone, stale])
    readings = _merged(known["readings"], fresh.readings, outdated)
    with clock.stage("themes"):
        from voc.themes import as_read, find_themes

        edits, version = store.entries.edits(), store.entries.version()
        fitted = base is not None and "fitted_at" in base.info.get("themes", {})
        refit = refit or bool(len(stale)) or not fitted or not _same_encoder(base, config)
        before = _before(base, known, new)
        if before is not None and not refit:
            before = replace(before, assignments=_of_mentions(before.assignments, known["mentions"], gone))
        found = find_themes(
            _merged(as_read(known["mentions"], known["assignments"]), fresh.mentions, outdated),
            tables.texts_of(reviews),
            config=config.themes,
            encoder=config.model.encoder,
            model=config.model.opinions,
            embeddings=_vectors(base, known, fresh, outdated, config),
            before=before,
            refit=refit,
            edits=edits,
            brands=_brands(reviews, result.products),
            progress=progress,
        )
    with clock.stage("insights"):
        insights = _insights(store, reviews, readings, found, result.products, config, progress)
    messages = run_messages(reviews, readings, new, found.info, config, exports=bool(paths))
    if len(stale):
        messages.append(f"The model changed since the last run, so {len(stale):,} earlier reviews were read anew.")
    messages += theme_messages(found, base, refit)
    with clock.stage("store"):
        changed = {"readings": readings, "products": result.products, **_theme_tables(found), **insights}
        added = {"rejects": result.rejects, "imports": result.imports, "lineage": found.lineage}
        if len(gone):
            changed["reviews"] = reviews
        else:
            added["reviews"] = new
        # What only grew is stored as its new rows: a day costs a day.
        for name in ("readings", "mentions", "assignments", "embeddings"):
            rows = _added(known[name], changed[name])
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
    return RunReport(
        result.reports,
        new.num_rows,
        fresh.mentions.num_rows,
        _active(found.themes),
        snapshot.id,
        clock.seconds,
        messages,
    )


def _before(base: Snapshot | None, known: dict[str, pa.Table], new: pa.Table) -> Before | None:
    """Return what the last run found; `new` are the reviews of this one."""
    if base is None:
        return None
    from voc.themes import Before

    fitted_at = base.info.get("themes", {}).get("fitted_at")
    later = set(new.column("review_id").to_pylist())
    if fitted_at is not None:
        reviews = known["reviews"]
        moment = pa.scalar(dt.datetime.fromisoformat(fitted_at), tables.TIMESTAMP)
        later |= set(reviews.filter(pc.greater(reviews["ingested_at"], moment)).column("review_id").to_pylist())
    return Before(known["found_themes"], known["assignments"], known["wordings"], known["areas"], later)


def _insights(
    store: Workspace,
    reviews: pa.Table,
    readings: pa.Table,
    found: Decided,
    products: pa.Table,
    config: Config,
    progress: Progress | None,
) -> dict[str, pa.Table]:
    """Return the tables `phases`, `opportunities` and `trends`."""
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
    )
    opportunities = all_opportunities(facts, config=config.insights)
    return {"phases": phases, "opportunities": opportunities, "trends": phase_trends(facts, config=config.insights)}


def _theme_tables(found: ThemesResult) -> dict[str, pa.Table]:
    names = ("mentions", "themes", "areas", "found_themes", "assignments", "wordings", "embeddings")
    return {name: getattr(found, name) for name in names}


def _brands(reviews: pa.Table, products: pa.Table) -> frozenset[str]:
    """Return the words of brands, and the first of each product's name, in lower case."""
    names = [*pc.unique(reviews["brand"]).to_pylist(), *products["brand"].to_pylist()]
    first = [name.split()[0] for name in products["product"].to_pylist() if name and name.split()]
    found = {word.casefold() for name in (*names, *first) if name for word in name.split()}
    return frozenset(word for word in found if len(word) > 2 and word.isalnum())


def _active(themes: pa.Table) -> int:
    return int(pc.sum(pc.equal(themes["state"], "active")).as_py() or 0)


def _added(before: pa.Table, now: pa.Table) -> pa.Table | None:
    """Return the rows that `now` has after those of `before`; None where these are not all there as they were."""
    same = now.num_rows >= before.num_rows and now.slice(0, before.num_rows).equals(before)
    return now.slice(before.num_rows) if same else None


def _of_mentions(assignments: pa.Table, mentions: pa.Table, gone: pa.Array) -> pa.Table:
    """Leave out the assignments of mentions of the reviews with the ids `gone`."""
    if not len(gone):
        return assignments
    lost = mentions.filter(pc.is_in(mentions["review_id"], value_set=gone)).column("mention_id").combine_chunks()
    return assignments.filter(pc.invert(pc.is_in(assignments["mention_id"], value_set=lost)))


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
    products = _products(known["products"], result.products)
    return IngestResult(result.reviews, products, fresh["rejects"], fresh["imports"], result.reports, result.superseded)


def _products(before: pa.Table, now: pa.Table) -> pa.Table:
    """Join what is known of products; a value of this run goes before an earlier one, a null does not."""
    rows = {row["product_id"]: row for row in before.to_pylist()}
    for row in now.to_pylist():
        old = rows.get(row["product_id"], {})
        rows[row["product_id"]] = {name: value if value is not None else old.get(name) for name, value in row.items()}
    return tables.from_rows("products", [rows[key] for key in sorted(rows)])


def _read_by_others(readings: pa.Table, config: Config) -> pa.Array:
    """Return the ids of reviews that other weights read than those of this run."""
    if not readings.num_rows:
        return pa.array([], pa.string())
    from voc.extract.folder import model_version

    other = pc.not_equal(readings.column("model_version"), model_version(config.model.opinions))
    return readings.filter(other).column("review_id").combine_chunks()


def _same_encoder(base: Snapshot | None, config: Config) -> bool:
    made_by = base.info.get("config", {}).get("model", {}).get("encoder") if base is not None else None
    return made_by == config.model.encoder


def _vectors(
    base: Snapshot | None, known: dict[str, pa.Table], fresh: Extracted, outdated: pa.Array, config: Config
) -> pa.Table:
    """Return the vectors of mentions that need not be made: those of the last run, if they are of the same origin.

    `outdated` are the ids of reviews that were edited, or read anew: what was known of them is no longer true.
    """
    kept = known["embeddings"] if _same_encoder(base, config) else tables.empty("embeddings")
    mentions = known["mentions"]
    gone = mentions.filter(pc.is_in(mentions["review_id"], value_set=outdated)).column("mention_id").combine_chunks()
    kept = kept.filter(pc.invert(pc.is_in(kept["mention_id"], value_set=gone)))
    # The vectors of a reading are no use beside those of an encoder that the user names.
    return pa.concat_tables([kept, fresh.embeddings]) if config.model.encoder == "default" else kept


def _tables(base: Snapshot | None) -> dict[str, pa.Table]:
    known = {name: base.table(name) if base is not None else tables.empty(name) for name in tables.SCHEMAS}
    if known["themes"].num_rows and not known["found_themes"].num_rows:
        from voc.themes.adopting import adopted

        known |= adopted(known)
    return known


def _merged(before: pa.Table, new: pa.Table, gone: pa.Array) -> pa.Table:
    return pa.concat_tables([_without(before, gone), new]).combine_chunks()


def _without(table: pa.Table, gone: pa.Array) -> pa.Table:
    """Leave out the rows of the reviews with the ids `gone`."""
    return table.filter(pc.invert(pc.is_in(table.column("review_id"), value_set=gone))) if len(gone) else table
