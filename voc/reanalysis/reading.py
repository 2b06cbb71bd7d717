"""What a reanalysis has to read: by which weights and settings, and which reviews came, went or changed since."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import ValidationError

from voc import __version__
from voc.carry_over import read_by_others
from voc.config import Config
from voc.store import Snapshot

if TYPE_CHECKING:
    from voc.extract import Extracted


def to_read(base: Snapshot, known: dict[str, pa.Table], config: Config, everything: bool) -> pa.Array:
    """Return the ids of the reviews that a reanalysis has to read."""
    mine, theirs = deciding(config)["model"], settings(base).get("model", {})
    # Vectors of another encoder are made of what was read.
    other = any(mine[key] != theirs.get(key) for key in mine if key not in ("encoder", "opinions"))
    if everything or other or base.info.get("version") != __version__:
        return known["reviews"]["review_id"].combine_chunks()
    return read_by_others(known["readings"], config)


def since(beside: Snapshot, reviews: pa.Table) -> tuple[pa.Table, pa.Array]:
    """Return the rows of `reviews` that a state does not have, and the ids of those that it has and that are no more.

    A review that was edited is in both.
    """
    had = beside.table("reviews", ["review_id", "ingested_at"])
    keys = [_keys(table) for table in (had, reviews)]
    new = reviews.filter(pc.invert(pc.is_in(keys[1], value_set=keys[0].combine_chunks())))
    gone = had.filter(pc.invert(pc.is_in(keys[0], value_set=keys[1].combine_chunks())))["review_id"].combine_chunks()
    return new, gone


def lost(reviews: pa.Table, current: Snapshot) -> bool:
    """Say whether a review that was read is no longer there."""
    there = current.table("reviews", ["review_id"])["review_id"].combine_chunks()
    return not pc.all(pc.is_in(reviews["review_id"], value_set=there), min_count=0).as_py()


def of_the_same_texts(read: Extracted, before: pa.Table, now: pa.Table) -> Extracted:
    """Return what was read of reviews `before` that are still what they were."""
    keys = _keys(now).combine_chunks()
    still = before.filter(pc.is_in(_keys(before), value_set=keys))["review_id"].combine_chunks()
    readings = read.readings.filter(pc.is_in(read.readings["review_id"], value_set=still))
    mentions = read.mentions.filter(pc.is_in(read.mentions["review_id"], value_set=still))
    ids = mentions["mention_id"].combine_chunks()
    vectors = read.embeddings.filter(pc.is_in(read.embeddings["mention_id"], value_set=ids))
    return replace(read, mentions=mentions, readings=readings, embeddings=vectors)


def _keys(reviews: pa.Table) -> pa.ChunkedArray:
    """Name each review as it is: one that was edited has another name."""
    moment = reviews["ingested_at"].cast(pa.int64()).cast(pa.string())
    return pc.binary_join_element_wise(reviews["review_id"], moment, "\x1f")


def version(config: Config) -> str:
    """Return the version of the weights that read."""
    from voc.extract.folder import model_version

    return model_version(config.model.opinions)


def deciding(config: Config) -> dict[str, Any]:
    """Return the settings that decide what comes out; where the model runs does not."""
    said = config.model_dump(mode="json", exclude={"ingest": True, "llm": True, "model": {"workers"}})
    said["model"].pop("device")
    return said


def settings(snapshot: Snapshot) -> dict[str, Any]:
    """Return what `deciding` says of the settings of a state; nothing where they are not of this version."""
    try:
        return deciding(Config.model_validate(snapshot.info.get("config") or {}))
    except ValidationError:
        return {}
