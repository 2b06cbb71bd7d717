"""Keeps a large drawn workspace as two runs would have left it, for `voc benchmark app`."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from voc import tables
from voc.benchmark.app_clauses import CLAUSES
from voc.benchmark.app_drawing import DAYS, NOW, START, Drawn, draw
from voc.config import Config, PhaseConfig
from voc.errors import VocError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from voc.insights import Facts
    from voc.progress import Progress
    from voc.store import Snapshot, Workspace

#: The note in a drawn workspace that says what was drawn.
NOTE = "drawn.json"
#: Another way of drawing has another number: a workspace drawn otherwise is refused.
_FORMAT = 1


def prepared(path: Path, reviews: int, mentions: int, progress: Progress) -> Workspace:
    """Return a workspace with so many reviews and mentions, drawing it where the folder is empty.

    Raises:
        VocError: the folder holds something else, or a workspace of another size.
    """
    from voc.store import Workspace

    wanted = {"format": _FORMAT, "reviews": reviews, "mentions": mentions}
    note = path / NOTE
    if note.is_file():
        if json.loads(note.read_text(encoding="utf-8")) != wanted:
            raise VocError(f"{path} holds a workspace of another size; give another folder for --workspace.")
        return Workspace(path)
    if path.exists() and any(path.iterdir()):
        raise VocError(f"{path} is not empty and was not drawn by this command; give another folder for --workspace.")
    workspace = Workspace(path)
    _fill(workspace, reviews, mentions, progress)
    note.write_text(json.dumps(wanted), encoding="utf-8")
    return workspace


def one_more_export(workspace: Workspace, reviews: int = 25) -> Snapshot:
    """Commit a snapshot with some more reviews, as the run of a new export would, and return it."""
    current = workspace.current()
    if current is None:
        raise VocError(f"{workspace.path}: there is nothing in this workspace.")
    version = current.table("readings", ["model_version"])["model_version"][0].as_py()
    came = dt.datetime.now(dt.UTC)
    facts = draw(reviews, reviews * 3, version, seed=current.rows("reviews"), came=came).facts
    added = {"reviews": facts.reviews, "readings": facts.readings, "mentions": facts.mentions}
    with workspace.writing(wait=5.0) as writer:
        return writer.commit(append={**added, "imports": _imports(facts.reviews)})


def _fill(workspace: Workspace, reviews: int, mentions: int, progress: Progress) -> None:
    from voc.extract.folder import model_version
    from voc.insights import all_opportunities, phase_trends, resolve_phases
    from voc.insights.stored import stored_analyses
    from voc.search.index import open_index

    config = _config()
    progress("Drawing reviews", 0, None)
    drawn = draw(reviews, mentions, model_version(config.model.opinions))
    facts = replace(drawn.facts, phases=resolve_phases(config.phases, drawn.facts.reviews, None))
    progress("Encoding what they say", 0, None)
    vectors = _vectors(drawn, config)
    earlier = pc.equal(facts.reviews["ingested_at"], pc.min(facts.reviews["ingested_at"]))
    before = _only(facts, facts.reviews.filter(earlier)["review_id"].combine_chunks())
    after = _only(facts, facts.reviews.filter(pc.invert(earlier))["review_id"].combine_chunks())
    about = {
        "config": config.model_dump(mode="json"),
        "themes": {"fitted_at": NOW.isoformat(), "fitted_on": facts.mentions.num_rows},
    }
    with workspace.writing() as writer:
        # Of the first run only what it ranked is of use later.
        progress("Computing what the first run stores", 0, None)
        ranked = {"opportunities": all_opportunities(before, config=config.insights)}
        writer.commit(replace={**_made(before, vectors), **_grown(before, drawn, vectors), **ranked}, info=about)
        progress("Computing what the second run stores", 0, None)
        ranked = {
            "opportunities": all_opportunities(facts, config=config.insights),
            "trends": phase_trends(facts, config=config.insights),
            **stored_analyses(facts, (), config=config.insights, model=config.model.opinions),
        }
        made = {**_made(facts, vectors), **ranked}
        snapshot = writer.commit(replace=made, append=_grown(after, drawn, vectors), info=about)
    progress("Indexing the texts", 0, None)
    open_index(snapshot).close()


def _config() -> Config:
    """Return a configuration with a named phase for each year."""
    first = int(str(START)[:4])
    years = range(first, first + DAYS // 365)
    return Config(phases=[PhaseConfig(name=str(y), start=dt.date(y, 1, 1), end=dt.date(y + 1, 1, 1)) for y in years])


def _vectors(drawn: Drawn, config: Config) -> NDArray[np.float32]:
    """Return the vector of every clause, made by the shipped weights, shape (clauses, dimensions)."""
    from voc.themes.embedding import embed

    # When it failed is left out: it changes little of what is meant.
    said = [clause.text[: clause.phrase[1]] for clause in CLAUSES]
    made: NDArray[np.float32] = embed(said, encoder=config.model.encoder, model=config.model.opinions)
    return made


def _only(facts: Facts, review_ids: pa.Array) -> Facts:
    """Return facts with these reviews alone."""
    kept = {
        name: table.filter(pc.is_in(table["review_id"], value_set=review_ids))
        for name in ("reviews", "readings", "mentions")
        for table in (getattr(facts, name),)
    }
    return replace(facts, **kept)


def _made(facts: Facts, vectors: NDArray[np.float32]) -> dict[str, pa.Table]:
    """Return the tables that every run makes anew."""
    themes = facts.themes
    numbers = {key: number for number, key in enumerate(themes["theme_id"].to_pylist())}
    centres = [
        vectors[[place for place, clause in enumerate(CLAUSES) if clause.theme == number]].mean(axis=0)
        for number in numbers.values()
    ]
    found = themes.drop_columns(["size", "renamed_by_user"])
    found = found.append_column("origin", pa.array(["fit"] * len(numbers)))
    found = found.append_column("centre", pa.array([(c / np.linalg.norm(c)).tolist() for c in centres]))
    names = ("products", "areas", "themes", "wishes", "phases")
    born = [
        {"happened_at": NOW, "event": "born", "theme_id": row["theme_id"], "mentions": row["size"], "name": row["name"]}
        for row in themes.to_pylist()
    ]
    return {
        **{name: getattr(facts, name) for name in names},
        "found_themes": tables.conform("found_themes", found),
        "lineage": tables.from_rows("lineage", born),
    }


def _grown(facts: Facts, drawn: Drawn, vectors: NDArray[np.float32]) -> dict[str, pa.Table]:
    """Return the tables to which a run adds the rows of its export."""
    mentions = facts.mentions
    place = pc.index_in(mentions["mention_id"], value_set=drawn.facts.mentions["mention_id"].combine_chunks())
    said = drawn.said[place.to_numpy()]
    telling = mentions["specificity"].to_numpy(zero_copy_only=False) != "verdict"
    in_themes = np.array([clause.theme >= 0 for clause in CLAUSES])[said]
    columns = ["mention_id", "kind", "specificity", "hazard", "area_id", "theme_id"]
    assignments = mentions.select(columns).append_column("read_as", mentions["specificity"])
    return {
        "reviews": facts.reviews,
        "readings": facts.readings,
        "mentions": mentions,
        "assignments": tables.conform("assignments", assignments),
        "embeddings": _stored(mentions, said, vectors, in_themes),
        "further_embeddings": _stored(mentions, said, vectors, telling & ~in_themes),
        "imports": _imports(facts.reviews),
    }


def _stored(
    mentions: pa.Table, said: NDArray[np.int64], vectors: NDArray[np.float32], kept: NDArray[np.bool_]
) -> pa.Table:
    """Return vectors of the mentions that are `kept`, as the table `embeddings`."""
    size = vectors.shape[1]
    flat = pa.array(vectors.astype(np.float16)[said[kept]].reshape(-1), pa.float16())
    offsets = pa.array(np.arange(0, int(kept.sum()) * size + 1, size, dtype=np.int32))
    listed = pa.ListArray.from_arrays(offsets, flat)
    ids = mentions["mention_id"].filter(pa.array(kept))
    return tables.conform("embeddings", pa.table({"mention_id": ids, "vector": listed}))


def _imports(reviews: pa.Table) -> pa.Table:
    rows = [
        {
            "import_id": row["import_id"],
            "file": f"{row['import_id']}.csv",
            "format": "generic",
            "mapping": "{}",
            "encoding": "utf-8",
            "rows_read": row["review_id_count"],
            "accepted": row["review_id_count"],
            "duplicates": 0,
            "rejected": 0,
            "imported_at": row["ingested_at"],
        }
        for row in reviews.group_by(["import_id", "ingested_at"]).aggregate([("review_id", "count")]).to_pylist()
    ]
    return tables.from_rows("imports", rows)
