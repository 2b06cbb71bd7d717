"""What a run and a reanalysis have in common: reviews -> readings, themes, needs and figures, stored by the caller."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from voc import __version__, tables
from voc.carry_over import (
    brand_words,
    derived,
    further_vectors,
    merged,
    of_other_mentions,
    same_encoder,
    themes_before,
    vectors_kept,
)
from voc.config import Config
from voc.edits import Edits
from voc.insights import Facts, all_opportunities, phase_trends, resolve_phases
from voc.matching import renamed, same_opinions
from voc.store import Snapshot, Workspace
from voc.store.journal import Journal
from voc.store.manifest import TOLD

if TYPE_CHECKING:
    from voc.extract import Extracted
    from voc.themes import ThemesResult
    from voc.themes.deciding import Decided
    from voc.themes.told import Told

Progress = Callable[[str, int, int | None], None]
_THEME_TABLES = ("mentions", "themes", "areas", "found_themes", "assignments", "wordings", "embeddings")


class Clock:
    """How many seconds each stage took."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measure a `with` block."""
        began = time.monotonic()
        yield
        self.seconds[name] = round(self.seconds.get(name, 0.0) + time.monotonic() - began, 2)


@dataclass(frozen=True)
class Task:
    """What is to be analysed, on what is known.

    Attributes:
        base: the state that is built on; None where there is none.
        known: its tables by name.
        reviews: all reviews there are now.
        new: those of them that nothing is known of.
        gone: ids of reviews of `base` that were edited or are no longer there.
        stale: ids of reviews of `base` that are to be read anew.
        products: that table, as it is now.
        refit: make the themes anew.
    """

    base: Snapshot | None
    known: dict[str, pa.Table]
    reviews: pa.Table
    new: pa.Table
    gone: pa.Array
    stale: pa.Array
    products: pa.Table
    refit: bool


@dataclass(frozen=True)
class Analysed:
    """What came of it.

    Attributes:
        fresh: what was read.
        readings: that table, of all reviews.
        found: areas and themes.
        wishes: that table.
        figures: the tables of insights, by name.
        further: table `further_embeddings`.
        entries: the version of people's entries that is in all this.
        told: what made vectors of what customers wish for; None where the wishes are those of the last run.
    """

    fresh: Extracted
    readings: pa.Table
    found: ThemesResult
    wishes: pa.Table
    figures: dict[str, pa.Table]
    further: pa.Table
    entries: int
    told: Told | None

    def tables(self) -> dict[str, pa.Table]:
        """Return all tables that were made, by name."""
        return {
            "readings": self.readings,
            **{name: getattr(self.found, name) for name in _THEME_TABLES},
            "wishes": self.wishes,
            "further_embeddings": self.further,
            **self.figures,
        }

    def info(self, base: Snapshot | None, config: Config, seconds: dict[str, float]) -> dict[str, Any]:
        """Return what a snapshot says of itself; `base` is the state that was built on."""
        about = {**(base.info.get("themes", {}) if base is not None else {}), **self.found.info}
        if self.found.info["fitted"]:
            about |= {"fitted_at": dt.datetime.now(dt.UTC).isoformat(), "fitted_on": self.found.info["troubles"]}
        return {
            "themes": about,
            "seconds": dict(seconds),
            "config": config.model_dump(mode="json"),
            "entries": self.entries,
            "version": __version__,
        }


def analyse(
    task: Task,
    *,
    store: Workspace,
    config: Config,
    journal: Journal,
    clock: Clock,
    had: Extracted | None = None,
    progress: Progress | None = None,
) -> Analysed:
    """Read what is to be read, and compute everything that depends on it; nothing is stored but steps in `journal`.

    Args:
        task: what to analyse.
        store: the workspace, for what people entered.
        config: how to analyse.
        journal: where steps of reading are kept.
        clock: is told how long the stages take.
        had: readings of some of the reviews by this very model, which are not read again.
        progress: called with stage, how much is done, and the total where it is known.

    Raises:
        VocError: a model cannot be loaded, or the journal cannot be written.
    """
    known, gone = task.known, task.gone
    with clock.stage("extract"):
        again = task.reviews.filter(pc.is_in(task.reviews["review_id"], value_set=task.stale))
        fresh = _read(pa.concat_tables([again, task.new]), task.base is None, config, journal, had, progress)
    outdated = pa.concat_arrays([gone, task.stale])
    readings = merged(known["readings"], fresh.readings, outdated)
    with clock.stage("themes"):
        from voc.themes import as_read, find_themes

        # The version first: what is entered in between is then applied once more, not never.
        version, edits = store.entries.version(), edits_of(store)
        base = task.base
        fitted = base is not None and "fitted_at" in base.info.get("themes", {})
        refit = task.refit or bool(len(task.stale)) or not fitted or not same_encoder(base, config)
        before = themes_before(base, known, task.new)
        earlier_wishes = known["wishes"]
        if before is not None and len(task.stale):
            names = _new_names(known["mentions"], fresh.mentions)
            before = replace(before, assignments=renamed(before.assignments, names))
            earlier_wishes = renamed(earlier_wishes, names)
        elif before is not None and not refit:
            before = replace(before, assignments=of_other_mentions(before.assignments, known["mentions"], gone))
        brands = brand_words(task.reviews, task.products)
        texts = tables.texts_of(task.reviews)
        found = find_themes(
            merged(as_read(known["mentions"], known["assignments"]), fresh.mentions, outdated),
            texts,
            config=config.themes,
            encoder=config.model.encoder,
            model=config.model.opinions,
            embeddings=vectors_kept(base, known, fresh, outdated, config),
            before=before,
            refit=refit,
            edits=edits,
            brands=brands,
            device=config.model.device,
            progress=progress,
        )
        wishes, told = known["wishes"], None
        if fresh.readings.num_rows or found.info["fitted"] or len(gone):
            from voc.themes import find_needs, read_areas
            from voc.themes.told import Told

            told = Told(derived(base, TOLD), encoder=config.model.encoder, model=config.model.opinions)
            wishes = find_needs(
                found.mentions,
                texts,
                read_areas(found.areas),
                names=brands,
                encoder=config.model.encoder,
                model=config.model.opinions,
                before=earlier_wishes,
                told=told,
                now=dt.datetime.now(dt.UTC),
            )
    with clock.stage("insights"):
        made = figures(store, task.reviews, readings, found, task.products, wishes, config, progress)
    further = further_vectors(known, fresh, found.embeddings, outdated, config)
    return Analysed(fresh, readings, found, wishes, made, further, version, told)


def edits_of(store: Workspace) -> Edits:
    """Return what people decided about themes; those that they decided to mend are never retired either."""
    entries = store.entries
    followed = {row["theme_id"] for row in (*entries.decisions(), *entries.fixes()) if row["theme_id"]}
    return replace(entries.edits(), followed=frozenset(followed))


def figures(
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


def _read(
    unread: pa.Table, first: bool, config: Config, journal: Journal, had: Extracted | None, progress: Progress | None
) -> Extracted:
    """Return readings of all reviews of `unread`, those of `had` among them."""
    # Loaded here: reading exports that hold nothing new needs no model.
    from voc.extract import Extracted
    from voc.resuming import extract_in_steps

    if had is None:
        if unread.num_rows or first:
            return extract_in_steps(unread, config=config.model, journal=journal, progress=progress)
        return Extracted(*(tables.empty(name) for name in ("mentions", "readings", "embeddings")))
    wanted = unread["review_id"].combine_chunks()
    kept = had.readings.filter(pc.is_in(had.readings["review_id"], value_set=wanted))
    mentions = had.mentions.filter(pc.is_in(had.mentions["review_id"], value_set=wanted))
    vectors = had.embeddings.filter(
        pc.is_in(had.embeddings["mention_id"], value_set=mentions["mention_id"].combine_chunks())
    )
    rest = unread.filter(pc.invert(pc.is_in(unread["review_id"], value_set=kept["review_id"].combine_chunks())))
    more = _read(rest, False, config, journal, None, progress)
    return Extracted(
        pa.concat_tables([mentions, more.mentions]).sort_by(
            [("review_id", "ascending"), ("clause_start", "ascending"), ("mention_id", "ascending")]
        ),
        pa.concat_tables([kept, more.readings]).sort_by("review_id"),
        pa.concat_tables([vectors, more.embeddings]).sort_by("mention_id"),
    )


def _new_names(before: pa.Table, after: pa.Table) -> dict[str, str]:
    """Return the ids under which opinions are found now that are the same but for some characters."""
    old, new = same_opinions(before, after)
    ids = (before["mention_id"].take(pa.array(old)).to_pylist(), after["mention_id"].take(pa.array(new)).to_pylist())
    return {one: other for one, other in zip(*ids, strict=True) if one != other}
