"""The whole run on one machine: exports -> reviews -> mentions -> themes -> insights -> one new snapshot."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from voc import tables
from voc.config import Config
from voc.ingest import FileReport, IngestResult, read_exports
from voc.insights import Facts, all_opportunities, phase_trends, resolve_phases
from voc.store import Snapshot, Workspace, Writer

if TYPE_CHECKING:
    from voc.extract import Extracted

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
    progress: Progress | None = None,
) -> RunReport:
    """Analyse exports into a workspace and switch it to the new state in one step.

    What is there already is kept: reviews known from an earlier run are duplicates, and only new ones are read by the
    model. Nothing is stored when an error is raised.

    Raises:
        VocError: no review could be read from the exports, or the configuration or a model is at fault.
        WorkspaceBusyError: another process is writing to the workspace.
    """
    store = workspace if isinstance(workspace, Workspace) else Workspace(workspace)
    with store.writing(wait=WAIT) as writer:
        return _run(store, writer, list(paths), config, mapping, products_file, progress)


def refresh(workspace: Workspace | Path | str, *, config: Config, progress: Progress | None = None) -> RunReport:
    """Compute themes and insights of a workspace anew, as after `voc forget`, without reading an export."""
    store = workspace if isinstance(workspace, Workspace) else Workspace(workspace)
    with store.writing(wait=WAIT) as writer:
        return _run(store, writer, [], config, None, None, progress)


def _run(
    store: Workspace,
    writer: Writer,
    paths: list[Path | str],
    config: Config,
    mapping: Mapping[str, str] | None,
    products_file: Path | None,
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
    mentions = _merged(known["mentions"], fresh.mentions, outdated)
    readings = _merged(known["readings"], fresh.readings, outdated)
    with clock.stage("themes"):
        from voc.themes import Previous, find_themes

        texts = dict(zip(reviews.column("review_id").to_pylist(), reviews.column("text").to_pylist(), strict=True))
        found = find_themes(
            mentions,
            texts,
            config=config.themes,
            encoder=config.model.encoder,
            model=config.model.opinions,
            embeddings=_vectors(base, known, fresh, outdated, config),
            previous=Previous(known["mentions"], known["themes"]) if base else None,
            progress=progress,
        )
    with clock.stage("insights"):
        if progress:
            progress("Ranking opportunities", 0, None)
        phases = resolve_phases(config.phases, reviews, store.entries.phases())
        facts = Facts(
            reviews=reviews,
            readings=readings,
            mentions=found.mentions,
            themes=found.themes,
            areas=found.areas,
            products=result.products,
            phases=phases,
        )
        opportunities = all_opportunities(facts, config=config.insights)
        trends = phase_trends(facts, config=config.insights)
    messages = _messages(reviews, readings, new, found.info, config)
    if len(stale):
        messages.append(f"The model changed since the last run, so {len(stale):,} earlier reviews were read anew.")
    with clock.stage("store"):
        replace = {
            "mentions": found.mentions,
            "readings": readings,
            "products": result.products,
            "themes": found.themes,
            "areas": found.areas,
            "embeddings": found.embeddings,
            "phases": phases,
            "opportunities": opportunities,
            "trends": trends,
        }
        append = {"rejects": result.rejects, "imports": result.imports}
        if len(gone):
            replace["reviews"] = reviews
        else:
            append["reviews"] = new
        info = {"themes": found.info, "seconds": dict(clock.seconds), "config": config.model_dump(mode="json")}
        snapshot = writer.commit(replace=replace, append=append, info=info)
    return RunReport(
        result.reports,
        new.num_rows,
        fresh.mentions.num_rows,
        found.themes.num_rows,
        snapshot.id,
        clock.seconds,
        messages,
    )


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


def _vectors(
    base: Snapshot | None, known: dict[str, pa.Table], fresh: Extracted, outdated: pa.Array, config: Config
) -> pa.Table:
    """Return the vectors of mentions that need not be made: those of the last run, if they are of the same origin.

    `outdated` are the ids of reviews that were edited, or read anew: what was known of them is no longer true.
    """
    made_by = base.info.get("config", {}).get("model", {}).get("encoder") if base is not None else None
    kept = known["embeddings"] if made_by == config.model.encoder else tables.empty("embeddings")
    mentions = known["mentions"]
    gone = mentions.filter(pc.is_in(mentions["review_id"], value_set=outdated)).column("mention_id").combine_chunks()
    kept = kept.filter(pc.invert(pc.is_in(kept["mention_id"], value_set=gone)))
    # The vectors of a reading are no use beside those of an encoder that the user names.
    return pa.concat_tables([kept, fresh.embeddings]) if config.model.encoder == "default" else kept


def _tables(base: Snapshot | None) -> dict[str, pa.Table]:
    return {name: base.table(name) if base is not None else tables.empty(name) for name in tables.SCHEMAS}


def _merged(before: pa.Table, new: pa.Table, gone: pa.Array) -> pa.Table:
    return pa.concat_tables([_without(before, gone), new]).combine_chunks()


def _without(table: pa.Table, gone: pa.Array) -> pa.Table:
    """Leave out the rows of the reviews with the ids `gone`."""
    return table.filter(pc.invert(pc.is_in(table.column("review_id"), value_set=gone))) if len(gone) else table


def _messages(
    reviews: pa.Table, readings: pa.Table, new: pa.Table, info: Mapping[str, object], config: Config
) -> list[str]:
    """Say in plain sentences what a user would otherwise have to find out."""
    messages = []
    analysed = pc.sum(readings.column("analysed").cast(pa.int64())).as_py() or 0
    unread = readings.num_rows - analysed
    if readings.num_rows and not analysed:
        spoken = ", ".join(config.model.languages)
        messages.append(
            f"None of the {reviews.num_rows} reviews is in a language that the model reads ({spoken}); they are stored "
            "and counted, but not analysed. Name a multilingual model under [model] in voc.toml to read them."
        )
    elif unread:
        subject = "1 review is" if unread == 1 else f"{unread} reviews are"
        messages.append(f"{subject} in a language that the model does not read: counted, not analysed.")
    if analysed and not info.get("enough"):
        messages.append(
            f"Only {info.get('troubles', 0)} troubles were found, fewer than the {config.themes.min_mentions} needed "
            "for themes; product areas are ranked instead (voc insights areas)."
        )
    dates = reviews.column("written_at")
    if reviews.num_rows and dates.null_count == reviews.num_rows:
        messages.append("The reviews carry no dates, so there are no trends and no phases.")
    if not new.num_rows and reviews.num_rows:
        messages.append("The exports hold nothing that the workspace does not have already.")
    return messages
