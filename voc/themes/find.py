"""`mentions` -> `themes` and `areas`: which opinions are about the same part and the same trouble."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from voc import tables
from voc.config import ThemesConfig
from voc.edits import Edits
from voc.extract.mentions import embeddings_table
from voc.themes.areas import OTHER, WHOLE, areas_table, read_areas
from voc.themes.centres import centres_in
from voc.themes.deciding import Decided, decide
from voc.themes.embedding import Vectors
from voc.themes.emerging import emerging_themes
from voc.themes.identity import NAMELESS, Known, known_themes
from voc.themes.making import Made, make_themes
from voc.themes.placing import Placed, assignments_table, place, subjects_in, waiting_troubles
from voc.themes.splitting import carry_out_splits
from voc.themes.trouble import Trouble
from voc.themes.vectors import trouble_vectors, vectors_in, vectors_of

Progress = Callable[[str, int, int | None], None]


@dataclass(frozen=True)
class Before:
    """What an earlier run found.

    Attributes:
        found_themes: that table.
        assignments: that table.
        wordings: that table.
        areas: that table.
        later: ids of the reviews that came after the themes were fitted, those of this run among them.
    """

    found_themes: pa.Table
    assignments: pa.Table
    wordings: pa.Table
    areas: pa.Table
    later: AbstractSet[str] = frozenset()


@dataclass(frozen=True)
class ThemesResult(Decided):
    """What was found, and what it comes to with what people decided.

    Attributes:
        mentions: table `mentions`, with areas and themes filled in.
        themes: table `themes`.
        areas: table `areas`.
        found_themes: table `found_themes`: what was found, before people's decisions.
        assignments: table `assignments`, of all mentions.
        wordings: table `wordings`, of the last fit.
        embeddings: table `embeddings`, of all troubles.
        lineage: table `lineage`: what became of themes in this run.
        info: counts for the summary: `fitted` (whether the themes were made anew), `enough` (troubles for themes),
            `pains` by specificity, `troubles`, `assigned` (troubles that have a theme), `judgements` and `judged`
            (those under a part of the product, or under who else is to mend it). Of a fit also `clusters`, as in
            `ThemesConfig`, and `clustered_by`, a sentence that says whose UMAP and HDBSCAN were used, if they were.
    """

    found_themes: pa.Table
    assignments: pa.Table
    wordings: pa.Table
    embeddings: pa.Table
    lineage: pa.Table
    info: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class _Found:
    """What a fit or an assignment finds."""

    themes: pa.Table
    assignments: pa.Table
    wordings: pa.Table
    areas: pa.Table
    embeddings: pa.Table
    lineage: list[dict[str, Any]]
    clustered_by: str | None = None


def find_themes(
    mentions: pa.Table,
    texts: Mapping[str, str],
    *,
    config: ThemesConfig,
    encoder: str = "default",
    model: str = "opinions",
    embeddings: pa.Table | None = None,
    before: Before | None = None,
    refit: bool = False,
    edits: Edits | None = None,
    brands: AbstractSet[str] = frozenset(),
    now: dt.datetime | None = None,
    device: str = "cpu",
    progress: Progress | None = None,
) -> ThemesResult:
    """Give opinions their area and troubles their theme.

    Themes are made of the troubles among the pains; judgements and verdicts never join one. With fewer troubles than
    `config.min_mentions` there are no themes, and areas are ranked instead. Where there are themes already, new
    mentions are assigned to them and nothing else moves; what fits none collects until it forms a theme that emerges.

    Args:
        mentions: table `mentions` as they were read (see `as_read`), of all reviews.
        texts: text by review id.
        config: sizes and thresholds.
        encoder: "default" for vectors from the weights that read the reviews, or a sentence encoder of the user's.
        model: name or path of the weights that read the reviews.
        embeddings: table `embeddings` with vectors of mentions that are known already, all of one origin; those that
            it lacks are made from the mention's words.
        before: what an earlier run found, on vectors of the same origin unless `refit` is given. Mentions that have an
            assignment keep it unless `refit` is given.
        refit: make areas and themes anew out of all mentions; themes that are found again keep their ids.
        edits: what people decided.
        brands: words of the names of brands and products, in lower case: what they name is no part.
        now: birth of new themes.
        device: computes what costs most: "cpu", "cuda", or "auto" for a GPU if there is one.
        progress: called with a stage, how much is done, and the total where it is known.

    Raises:
        VocError: the encoder cannot be loaded, or there is no GPU where "cuda" is asked for.
    """
    if progress:
        progress("Finding themes", 0, None)
    now = now or dt.datetime.now(dt.UTC)
    finder = _Finder(mentions, texts, config, encoder, model, embeddings, edits or Edits(), brands, now, device)
    fitted = refit or before is None or not before.found_themes.num_rows
    found = finder.fit(before) if fitted or before is None else finder.assign(before)
    if fitted:
        mentions = mentions.sort_by([(name, "ascending") for name in ("review_id", "clause_start", "mention_id")])
    decided = decide(mentions, found.themes, found.assignments, found.areas, finder.edits, texts)
    made = {"clusters": config.clusters, "clustered_by": found.clustered_by} if fitted else {}
    return ThemesResult(
        decided.mentions,
        decided.themes,
        decided.areas,
        found.themes,
        found.assignments,
        found.wordings,
        found.embeddings,
        tables.from_rows("lineage", found.lineage),
        {"fitted": fitted, **made, **shares(decided, config)},
    )


def shares(decided: Decided, config: ThemesConfig) -> dict[str, Any]:
    """Return how many pains say what is wrong, judge a part or the whole, and how many of them have their place."""
    parts = {row["area_id"] for row in decided.areas.to_pylist() if row["name"] not in (WHOLE, OTHER)}
    columns = (decided.mentions[name].to_pylist() for name in ("kind", "specificity", "area_id", "theme_id"))
    pains = [row[1:] for row in zip(*columns, strict=True) if row[0] == "pain"]
    counts = Counter(specificity for specificity, _, _ in pains)
    return {
        "pains": dict(counts),
        "troubles": counts["trouble"],
        "assigned": sum(s == "trouble" and theme is not None for s, _, theme in pains),
        "judgements": counts["judgement"],
        "judged": sum(s == "judgement" and area in parts for s, area, _ in pains),
        "enough": counts["trouble"] >= config.min_mentions,
    }


@dataclass(frozen=True)
class _Finder:
    mentions: pa.Table
    texts: Mapping[str, str]
    config: ThemesConfig
    encoder: str
    model: str
    embeddings: pa.Table | None
    edits: Edits
    brands: AbstractSet[str]
    now: dt.datetime
    device: str

    def fit(self, before: Before | None) -> _Found:
        """Make areas and themes out of all mentions; `before` are those whose ids and names are kept."""
        placed = self._place(self.mentions, before, learn=True)
        vectors = self._vectors(placed)
        known = Known()
        if before is not None:
            split = carry_out_splits(
                before.found_themes,
                before.assignments,
                self.mentions,
                self.embeddings if self.embeddings is not None else tables.empty("embeddings"),
                self.edits,
                self.now,
            )
            known = known_themes(*split, self.edits.touched())
        made = Made([], [None] * len(placed.troubles))
        if len(placed.troubles) >= self.config.min_mentions or known.pinned:
            made = make_themes(
                placed.troubles, vectors, config=self.config, known=known, now=self.now, device=self.device
            )
        assignments = assignments_table(placed, made.assigned)
        used = set(assignments["area_id"].to_pylist())
        return _Found(
            tables.from_rows("found_themes", made.themes),
            assignments,
            wordings_table(placed.troubles, made.assigned),
            areas_table(placed.areas, used),
            _embeddings(placed, vectors),
            made.lineage,
            made.said,
        )

    def assign(self, before: Before) -> _Found:
        """Assign the mentions that are new to the themes there are; what fits none may make a theme that emerges."""
        stored = self.embeddings if self.embeddings is not None else tables.empty("embeddings")
        still = pc.is_in(before.assignments["mention_id"], value_set=self.mentions["mention_id"].combine_chunks())
        found, old = carry_out_splits(
            before.found_themes, before.assignments.filter(still), self.mentions, stored, self.edits, self.now
        )
        known = pc.is_in(self.mentions["mention_id"], value_set=old["mention_id"].combine_chunks())
        placed = self._place(self.mentions.filter(pc.invert(known)), before, learn=False)
        vectors = self._vectors(placed)
        near = centres_in(found).assign(vectors, self.config.assign_above, self.device)
        near = as_worded(placed.troubles, near, before.wordings)
        nameless = {row["theme_id"] for row in found.to_pylist() if row["state"] == NAMELESS}
        new = assignments_table(placed, [None if theme in nameless else theme for theme in near])
        assignments = pa.concat_tables([old, new])
        used = set(assignments["area_id"].to_pylist())
        areas = areas_table(placed.areas, used)
        fresh = _embeddings(placed, vectors)
        kept = vectors_of(old.filter(_troubles(old))["mention_id"].to_pylist(), stored)
        embeddings = pa.concat_tables([kept, fresh])
        lineage: list[dict[str, Any]] = []
        if None in near:
            made, assignments = self._emerge(found, assignments, areas, embeddings, before.later)
            lineage = made.lineage
            found = pa.concat_tables([found, tables.from_rows("found_themes", made.themes)]).sort_by("theme_id")
        return _Found(found, assignments, before.wordings, areas, embeddings, lineage)

    def _place(self, mentions: pa.Table, before: Before | None, *, learn: bool) -> Placed:
        known = read_areas(before.areas) if before is not None else None
        return place(
            mentions,
            self.texts,
            known=known,
            learn=learn,
            brands=self.brands,
            encoder=self.encoder,
            model=self.model,
        )

    def _vectors(self, placed: Placed) -> Vectors:
        return trouble_vectors(
            placed.troubles, placed.areas, encoder=self.encoder, model=self.model, embeddings=self.embeddings
        )

    def _emerge(
        self,
        found: pa.Table,
        assignments: pa.Table,
        areas: pa.Table,
        embeddings: pa.Table,
        later: AbstractSet[str],
    ) -> tuple[Made, pa.Table]:
        """Return the themes that emerge from troubles without one, and `assignments` with them."""
        names = {row["area_id"]: row["name"] for row in areas.select(["area_id", "name"]).to_pylist()}
        subjects = subjects_in(read_areas(areas), self.brands)
        troubles = waiting_troubles(self.mentions, assignments, self.texts, names, subjects)
        rows, vectors = vectors_in(embeddings)
        # What is near to a theme, or to what says nothing, waits for the next fit.
        own = vectors[[rows[t.row["mention_id"]] for t in troubles]]
        near = centres_in(found).assign(own, self.config.assign_above, self.device)
        free = [i for i, theme in enumerate(near) if theme is None]
        troubles = [troubles[i] for i in free]
        made = emerging_themes(
            troubles,
            own[free],
            [t.row["review_id"] in later for t in troubles],
            config=self.config,
            known=known_themes(found, assignments, set()),
            now=self.now,
        )
        theme_of = {t.row["mention_id"]: theme for t, theme in zip(troubles, made.assigned, strict=True) if theme}
        columns = (assignments[name].to_pylist() for name in ("mention_id", "theme_id"))
        themes = [theme_of.get(mention, theme) for mention, theme in zip(*columns, strict=True)]
        return made, tables.with_column("assignments", assignments, "theme_id", themes)


def _troubles(assignments: pa.Table) -> pa.ChunkedArray:
    return pc.and_(pc.equal(assignments["kind"], "pain"), pc.equal(assignments["specificity"], "trouble"))


def wordings_table(troubles: Sequence[Trouble], themes: Sequence[str | None]) -> pa.Table:
    """Return table `wordings`: the theme of the wording of each trouble; None for none."""
    theme_of = {t.wording: theme for t, theme in zip(troubles, themes, strict=True) if t.phrase}
    return tables.from_rows("wordings", [{"wording": w, "theme_id": theme_of[w]} for w in sorted(theme_of)])


def as_worded(troubles: Sequence[Trouble], near: Sequence[str | None], wordings: pa.Table) -> list[str | None]:
    """Return the theme of each trouble: what its wording has, if it is known, else the one it is `near` to."""
    known = dict(zip(*(wordings.column(name).to_pylist() for name in ("wording", "theme_id")), strict=True))
    return [known.get(t.wording, theme) for t, theme in zip(troubles, near, strict=True)]


def _embeddings(placed: Placed, vectors: Vectors) -> pa.Table:
    return embeddings_table(
        dict(zip((t.row["mention_id"] for t in placed.troubles), vectors.astype(np.float16), strict=True))
    )
