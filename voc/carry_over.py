"""What a run takes over from the last one: tables, vectors, and what of them is still true."""

from __future__ import annotations

import contextlib
import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from voc import tables
from voc.config import Config
from voc.errors import VocError
from voc.ingest.remembered import Remembered
from voc.store import Snapshot, Workspace
from voc.store.manifest import KEYS, TOLD

if TYPE_CHECKING:
    from voc.extract import Extracted
    from voc.themes import Before
    from voc.themes.told import Told

#: Another way of making keys has another number.
_KEYS_VERSION = b"1"


def known_tables(base: Snapshot | None) -> dict[str, pa.Table]:
    """Return all tables of the last run by name, empty ones where there was none."""
    known = {name: base.table(name) if base is not None else tables.empty(name) for name in tables.SCHEMAS}
    if known["themes"].num_rows and not known["found_themes"].num_rows:
        from voc.themes.adopting import adopted

        known |= adopted(known)
    return known


def derived(base: Snapshot | None, suffix: str) -> pa.Table | None:
    """Return a table that an earlier run derived from the reviews; None where the file is missing or damaged."""
    if base is not None:
        with contextlib.suppress(OSError, pa.ArrowException):
            return pq.read_table(base.derived(suffix))
    return None


def remembered(base: Snapshot | None, reviews: pa.Table) -> Remembered:
    """Return what the workspace remembers of its `reviews`, for the judging of duplicates."""
    stored = derived(base, KEYS)
    made_alike = stored is not None and (stored.schema.metadata or {}).get(b"version") == _KEYS_VERSION
    return Remembered(reviews, stored if made_alike else None)


def remember(snapshot: Snapshot, memory: Remembered | None, reviews: pa.Table, told: Told | None) -> None:
    """Store what the next run would otherwise derive from all reviews again.

    Args:
        snapshot: what a run has just stored.
        memory: what judged its reviews.
        reviews: its reviews.
        told: what made vectors of what customers wish for.
    """
    made = {}
    if memory is not None:
        made[KEYS] = memory.table(reviews).replace_schema_metadata({b"version": _KEYS_VERSION})
    if told is not None:
        made[TOLD] = told.table()
    for suffix, table in made.items():

        def write(path: Path, table: pa.Table = table) -> None:
            pq.write_table(table, path, compression="zstd", use_dictionary=False)

        snapshot.keep_derived(suffix, write)


def themes_before(base: Snapshot | None, known: dict[str, pa.Table], new: pa.Table) -> Before | None:
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


def going_on(base: Snapshot | None, config: Config) -> Config:
    """Return a configuration with the weights that read the last run, unless it names weights itself.

    So a switch to a reanalysis is not undone by the next run with a file that says nothing of weights.
    """
    if base is None or "opinions" in config.model.model_fields_set:
        return config
    stored = base.info.get("config", {}).get("model", {}).get("opinions", config.model.opinions)
    model = config.model.model_copy(update={"opinions": stored})
    return config.model_copy(update={"model": model})


def read_by_others(readings: pa.Table, config: Config) -> pa.Array:
    """Return the ids of reviews that other weights read than those of this run."""
    if not readings.num_rows:
        return pa.array([], pa.string())
    from voc.extract.folder import model_version

    other = pc.not_equal(readings.column("model_version"), model_version(config.model.opinions))
    return readings.filter(other).column("review_id").combine_chunks()


def beside_of(store: Workspace) -> Snapshot | None:
    """Return the reanalysis that stands beside the current state; None where there is none that can be opened."""
    with contextlib.suppress(VocError):
        return store.candidate()
    return None


def read_alike(base: Snapshot | None, beside: Snapshot, config: Config) -> bool:
    """Say whether the weights of this run read what stands beside, and their vectors go with those of the last run."""
    if base is None or len(read_by_others(beside.table("readings"), config)) or not same_encoder(base, config):
        return False
    lengths = set()
    for state in (base, beside):
        for part in state.parts("embeddings", ["vector"]):
            lengths.add(len(part["vector"][0]))
            break
    return len(lengths) == 1


def same_encoder(base: Snapshot | None, config: Config) -> bool:
    """Say whether the vectors of the last run are of the encoder that this one is to use."""
    made_by = base.info.get("config", {}).get("model", {}).get("encoder") if base is not None else None
    return made_by == config.model.encoder


def vectors_kept(
    base: Snapshot | None, known: dict[str, pa.Table], fresh: Extracted, outdated: pa.Array, config: Config
) -> pa.Table:
    """Return the vectors of mentions that need not be made: those of the last run, if they are of the same origin.

    `outdated` are the ids of reviews that were edited, or read anew: what was known of them is no longer true.
    """
    kept = known["embeddings"] if same_encoder(base, config) else tables.empty("embeddings")
    mentions = known["mentions"]
    gone = mentions.filter(pc.is_in(mentions["review_id"], value_set=outdated)).column("mention_id").combine_chunks()
    kept = kept.filter(pc.invert(pc.is_in(kept["mention_id"], value_set=gone)))
    # The vectors of a reading are no use beside those of an encoder that the user names.
    return pa.concat_tables([kept, fresh.embeddings]) if config.model.encoder == "default" else kept


def further_vectors(
    known: dict[str, pa.Table], fresh: Extracted, used: pa.Table, outdated: pa.Array, config: Config
) -> pa.Table:
    """Return the vectors of opinions that no theme needs, for the search by meaning: praise, wishes, judgements.

    A verdict on the whole ("worst product") says nothing that anybody looks for by its meaning.

    Args:
        known: the tables of the last run.
        fresh: what this run has read.
        used: table `embeddings` of this run.
        outdated: ids of reviews that were edited, or read anew.
        config: of this run.
    """
    if config.model.encoder != "default":
        return tables.empty("further_embeddings")
    mentions = known["mentions"]
    gone = mentions.filter(pc.is_in(mentions["review_id"], value_set=outdated))["mention_id"].combine_chunks()
    kept = known["further_embeddings"]
    kept = kept.filter(pc.invert(pc.is_in(kept["mention_id"], value_set=gone)))
    telling = fresh.mentions.filter(pc.not_equal(fresh.mentions["specificity"], "verdict"))
    wanted = pc.and_(
        pc.is_in(fresh.embeddings["mention_id"], value_set=telling["mention_id"].combine_chunks()),
        pc.invert(pc.is_in(fresh.embeddings["mention_id"], value_set=used["mention_id"].combine_chunks())),
    )
    return pa.concat_tables([kept, fresh.embeddings.filter(wanted)])


def joined_products(before: pa.Table, now: pa.Table) -> pa.Table:
    """Join what is known of products; a value of this run goes before an earlier one, a null does not."""
    rows = {row["product_id"]: row for row in before.to_pylist()}
    for row in now.to_pylist():
        old = rows.get(row["product_id"], {})
        rows[row["product_id"]] = {name: value if value is not None else old.get(name) for name, value in row.items()}
    return tables.from_rows("products", [rows[key] for key in sorted(rows)])


def brand_words(reviews: pa.Table, products: pa.Table) -> frozenset[str]:
    """Return the words of brands, and the first of each product's name, in lower case."""
    names = [*pc.unique(reviews["brand"]).to_pylist(), *products["brand"].to_pylist()]
    first = [name.split()[0] for name in products["product"].to_pylist() if name and name.split()]
    found = {word.casefold() for name in (*names, *first) if name for word in name.split()}
    return frozenset(word for word in found if len(word) > 2 and word.isalnum())


def rows_added(before: pa.Table, now: pa.Table) -> pa.Table | None:
    """Return the rows that `now` has after those of `before`; None where these are not all there as they were."""
    same = now.num_rows >= before.num_rows and now.slice(0, before.num_rows).equals(before)
    return now.slice(before.num_rows) if same else None


def grown(known: dict[str, pa.Table], changed: dict[str, pa.Table]) -> dict[str, pa.Table]:
    """Take from `changed` the tables that only grew, and return their further rows: a day costs a day."""
    added = {}
    for name in ("readings", "mentions", "assignments", "embeddings", "further_embeddings"):
        rows = rows_added(known[name], changed[name])
        if rows is not None:
            del changed[name]
            added[name] = rows
    return added


def of_other_mentions(assignments: pa.Table, mentions: pa.Table, gone: pa.Array) -> pa.Table:
    """Leave out the assignments of mentions of the reviews with the ids `gone`."""
    if not len(gone):
        return assignments
    lost = mentions.filter(pc.is_in(mentions["review_id"], value_set=gone)).column("mention_id").combine_chunks()
    return assignments.filter(pc.invert(pc.is_in(assignments["mention_id"], value_set=lost)))


def merged(before: pa.Table, new: pa.Table, gone: pa.Array) -> pa.Table:
    """Return the rows of both tables, but for earlier ones of the reviews with the ids `gone`."""
    return pa.concat_tables([without(before, gone), new]).combine_chunks()


def without(table: pa.Table, gone: pa.Array) -> pa.Table:
    """Leave out the rows of the reviews with the ids `gone`."""
    return table.filter(pc.invert(pc.is_in(table.column("review_id"), value_set=gone))) if len(gone) else table
