"""The Arrow schemas of everything that flows between the stages.

Every stage is a function from table(s) to table. A stage that returns one of the tables below returns
exactly the columns of its schema, in that order; `conform` builds such a table from looser input and
refuses what does not fit.

Text offsets are Unicode code points, half open, into ``reviews.text``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

TIMESTAMP = pa.timestamp("us", tz="UTC")

#: One customer's statement (a review, a return, a ticket ...), cleaned.
REVIEWS = pa.schema(
    [
        pa.field("review_id", pa.string(), nullable=False),
        pa.field("channel", pa.string(), nullable=False),  # review, return, ticket, survey, app
        pa.field("source", pa.string(), nullable=False),  # name of the detected export format
        pa.field("market", pa.string()),  # country the export names, e.g. "US", "India"
        pa.field("language", pa.string()),  # ISO 639-1, null where the text is too short to tell
        pa.field("product_id", pa.string()),
        pa.field("product", pa.string()),
        pa.field("brand", pa.string()),
        pa.field("variant", pa.string()),
        pa.field("version", pa.string()),
        pa.field("rating", pa.float32()),  # 1..5
        pa.field("title", pa.string()),
        pa.field("body", pa.string()),
        pa.field("text", pa.string(), nullable=False),  # title and body as analysed
        pa.field("written_at", TIMESTAMP),
        pa.field("verified", pa.bool_()),
        pa.field("incentivised", pa.bool_()),
        pa.field("helpful_votes", pa.int32()),
        pa.field("reason_code", pa.string()),
        pa.field("ingested_at", TIMESTAMP, nullable=False),
        pa.field("import_id", pa.string(), nullable=False),
        pa.field("extra", pa.string()),  # JSON object of the export's further columns
    ]
)

#: What is known of a product: from the export or from a file the user gives.
PRODUCTS = pa.schema(
    [
        pa.field("product_id", pa.string(), nullable=False),
        pa.field("product", pa.string()),
        pa.field("brand", pa.string()),
        pa.field("own", pa.bool_()),  # ours (true), a competitor's (false), unknown (null)
        pa.field("category", pa.string()),
        pa.field("price", pa.float64()),
        pa.field("currency", pa.string()),
        pa.field("units_sold", pa.int64()),
    ]
)

#: Rows of an export that were not taken, and why.
REJECTS = pa.schema(
    [
        pa.field("import_id", pa.string(), nullable=False),
        pa.field("source", pa.string(), nullable=False),  # file name
        pa.field("row", pa.int64()),  # 1-based data row of the file; null where the file as a whole failed
        pa.field("reason", pa.string(), nullable=False),
        pa.field("excerpt", pa.string()),  # at most 200 characters, e-mail addresses and phone numbers masked
    ]
)

#: One line for each file read: `accepted + duplicates + rejected == rows_read`, always.
IMPORTS = pa.schema(
    [
        pa.field("import_id", pa.string(), nullable=False),
        pa.field("file", pa.string(), nullable=False),
        pa.field("format", pa.string(), nullable=False),
        pa.field("mapping", pa.string(), nullable=False),  # JSON: column of `reviews` -> header of the file
        pa.field("encoding", pa.string()),
        pa.field("rows_read", pa.int64(), nullable=False),
        pa.field("accepted", pa.int64(), nullable=False),
        pa.field("duplicates", pa.int64(), nullable=False),
        pa.field("rejected", pa.int64(), nullable=False),
        pa.field("imported_at", TIMESTAMP, nullable=False),
    ]
)

#: One row per opinion found in a review.
MENTIONS = pa.schema(
    [
        pa.field("mention_id", pa.string(), nullable=False),  # from the review and the character span
        pa.field("review_id", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),  # pain, praise, wish, neutral
        pa.field("specificity", pa.string(), nullable=False),  # trouble, judgement, verdict
        pa.field("target", pa.string(), nullable=False),  # product, delivery, seller, service, competitor
        pa.field("aspect", pa.string()),
        pa.field("aspect_start", pa.int32()),
        pa.field("aspect_end", pa.int32()),
        pa.field("phrase", pa.string()),
        pa.field("phrase_start", pa.int32()),
        pa.field("phrase_end", pa.int32()),
        pa.field("clause_start", pa.int32(), nullable=False),
        pa.field("clause_end", pa.int32(), nullable=False),
        pa.field("polarity", pa.float32(), nullable=False),  # -1..1
        pa.field("confidence", pa.float32(), nullable=False),  # 0..1
        pa.field("severity", pa.float32(), nullable=False),  # 0..1
        pa.field("hazard", pa.bool_(), nullable=False),
        pa.field("days_in_use", pa.int32()),
        pa.field("time_event", pa.string()),  # failed_after, works_after
        pa.field("area_id", pa.string()),
        pa.field("theme_id", pa.string()),
        pa.field("model_version", pa.string(), nullable=False),
    ]
)

#: What extraction adds to a review as a whole.
READINGS = pa.schema(
    [
        pa.field("review_id", pa.string(), nullable=False),
        pa.field("analysed", pa.bool_(), nullable=False),  # false: a language the model does not read, or no text
        pa.field("predicted_rating", pa.float32()),  # 1..5, read from the text alone
        pa.field("truncated", pa.bool_(), nullable=False),  # the text was longer than the model reads
        pa.field("model_version", pa.string(), nullable=False),
    ]
)

#: A word that implies a part although it is not named, and how sure that is.
IMPLIED = pa.struct(
    [
        pa.field("stem", pa.string()),  # the beginning that the forms of the word share
        pa.field("share", pa.float64()),  # of the mentions with it that name a part, how many name this one
        pa.field("mentions", pa.int64()),  # that name this part beside it
    ]
)

#: The product parts that themes hang under.
AREAS = pa.schema(
    [
        pa.field("area_id", pa.string(), nullable=False),
        pa.field("name", pa.string(), nullable=False),
        pa.field("synonyms", pa.list_(pa.string()), nullable=False),  # all other terms for it, commonest first
        pa.field("implied_by", pa.list_(IMPLIED)),
    ]
)

#: Groups of mentions about the same trouble.
THEMES = pa.schema(
    [
        pa.field("theme_id", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),  # pain, praise, wish
        pa.field("name", pa.string(), nullable=False),
        pa.field("area_id", pa.string()),
        pa.field("keywords", pa.list_(pa.string()), nullable=False),
        pa.field("size", pa.int64(), nullable=False),  # mentions assigned
        pa.field("stability", pa.float32()),  # 0..1, null where it was not measured
        pa.field("state", pa.string(), nullable=False),  # active, merged, retired
        pa.field("first_run", TIMESTAMP, nullable=False),
        pa.field("renamed_by_user", pa.bool_(), nullable=False),
    ]
)

#: Themes as they were found, before people's own changes, with what later mentions are assigned by.
FOUND_THEMES = pa.schema(
    [
        pa.field("theme_id", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),  # pain, praise, wish
        pa.field("name", pa.string(), nullable=False),
        pa.field("area_id", pa.string(), nullable=False),
        pa.field("keywords", pa.list_(pa.string()), nullable=False),
        pa.field("stability", pa.float32()),  # 0..1, null where it was not measured
        pa.field("state", pa.string(), nullable=False),  # active, merged, retired
        pa.field("first_run", TIMESTAMP, nullable=False),
        pa.field("origin", pa.string(), nullable=False),  # fit, emerging, split
        pa.field("other_id", pa.string()),  # the theme that it was merged into, or split from
        pa.field("centre", pa.list_(pa.float32()), nullable=False),  # unit vector, on the scale of `embeddings`
    ]
)

#: Which theme a fit gave to each wording: mentions in the same words go to the same theme later on.
WORDINGS = pa.schema(
    [
        pa.field("wording", pa.string(), nullable=False),  # part and phrase, in their normal forms
        pa.field("theme_id", pa.string()),  # null: none is near enough
    ]
)

#: What was found for each mention, before people's own changes.
ASSIGNMENTS = pa.schema(
    [
        pa.field("mention_id", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("specificity", pa.string(), nullable=False),
        pa.field("read_as", pa.string(), nullable=False),  # the specificity before areas were known
        pa.field("hazard", pa.bool_(), nullable=False),
        pa.field("area_id", pa.string()),
        pa.field("theme_id", pa.string()),
    ]
)

#: What became of themes: one row for each event in the life of one.
LINEAGE = pa.schema(
    [
        pa.field("happened_at", TIMESTAMP, nullable=False),
        pa.field("event", pa.string(), nullable=False),  # born, emerged, matched, renamed, kept, merged, retired
        pa.field("theme_id", pa.string(), nullable=False),
        pa.field("other_id", pa.string()),  # the theme that it was merged into
        pa.field("share", pa.float64()),  # of its mentions before, how many are in it (or in the other) now
        pa.field("mentions", pa.int64(), nullable=False),  # in it after the event; before it where it is gone
        pa.field("name", pa.string(), nullable=False),
    ]
)

#: What a language model that the user named wrote about themes: one row for each quote that a sentence cites.
SUMMARIES = pa.schema(
    [
        pa.field("theme_id", pa.string(), nullable=False),
        pa.field("place", pa.int32(), nullable=False),  # of the sentence in the summary, from 0
        pa.field("sentence", pa.string(), nullable=False),
        pa.field("cited", pa.int32(), nullable=False),  # how many quotes the sentence cites: rows it must have
        pa.field("review_id", pa.string(), nullable=False),
        pa.field("start", pa.int32(), nullable=False),  # of the quote in reviews.text
        pa.field("end", pa.int32(), nullable=False),
        pa.field("model", pa.string(), nullable=False),
        pa.field("made_at", TIMESTAMP, nullable=False),
    ]
)

#: One row for each wish, with the need that it belongs to: customers who wish for much the same.
WISHES = pa.schema(
    [
        pa.field("mention_id", pa.string(), nullable=False),
        pa.field("wanted", pa.string(), nullable=False),  # the clause without how the wish begins
        pa.field("depth", pa.string(), nullable=False),  # variant (of what there is), idea (for a change), personal
        pa.field("area_id", pa.string(), nullable=False),  # that the wish concerns
        pa.field("need_id", pa.string(), nullable=False),
        pa.field("need", pa.string(), nullable=False),  # its name
        pa.field("need_area_id", pa.string(), nullable=False),  # that most of its wishes concern
        pa.field("first_run", TIMESTAMP, nullable=False),  # of the need
    ]
)

#: Named stretches of a product's or company's life; `end` is exclusive.
PHASES = pa.schema(
    [
        pa.field("phase_id", pa.string(), nullable=False),
        pa.field("name", pa.string(), nullable=False),
        pa.field("start", pa.date32()),  # null for a version without dates
        pa.field("end", pa.date32()),  # null: still running
        pa.field("source", pa.string(), nullable=False),  # user, version, detected
        pa.field("product_id", pa.string()),
        pa.field("version", pa.string()),
    ]
)

QUOTE = pa.struct(
    [
        pa.field("review_id", pa.string()),
        pa.field("text", pa.string()),  # the clause
        pa.field("start", pa.int32()),  # of the clause in reviews.text
        pa.field("end", pa.int32()),
        pa.field("rating", pa.float32()),
    ]
)

#: A theme in a scope, ranked. `scope_type` is workspace, product, brand or phase.
OPPORTUNITIES = pa.schema(
    [
        pa.field("scope_type", pa.string(), nullable=False),
        pa.field("scope", pa.string(), nullable=False),  # "" for the workspace, else product_id, brand, phase_id
        pa.field("rank", pa.int32(), nullable=False),
        pa.field("rank_low", pa.int32(), nullable=False),  # best rank in the confidence set
        pa.field("rank_high", pa.int32(), nullable=False),
        pa.field("theme_id", pa.string(), nullable=False),
        pa.field("name", pa.string(), nullable=False),
        pa.field("area", pa.string()),
        pa.field("score", pa.float64(), nullable=False),  # shrunken star impact, the order of the list
        pa.field("reviews", pa.int64(), nullable=False),  # reviews that mention the theme
        pa.field("analysed", pa.int64(), nullable=False),  # reviews in scope that were read
        pa.field("reach", pa.float64(), nullable=False),
        pa.field("reach_low", pa.float64(), nullable=False),
        pa.field("reach_high", pa.float64(), nullable=False),
        pa.field("star_impact", pa.float64(), nullable=False),
        pa.field("star_impact_low", pa.float64(), nullable=False),
        pa.field("star_impact_high", pa.float64(), nullable=False),
        pa.field("mean_with", pa.float64()),  # mean rating of reviews that mention the theme
        pa.field("mean_without", pa.float64()),
        pa.field("predicted_ratings", pa.int64(), nullable=False),  # of `reviews`, how many had no stars of their own
        pa.field("severity", pa.float64(), nullable=False),
        pa.field("hazard", pa.bool_(), nullable=False),
        pa.field("hazard_reviews", pa.int64(), nullable=False),
        pa.field("momentum", pa.float64()),  # change of reach, recent half against the earlier; null without dates
        pa.field("momentum_low", pa.float64()),
        pa.field("momentum_high", pa.float64()),
        pa.field("quotes", pa.list_(QUOTE), nullable=False),
    ]
)

#: Reach of each theme in each phase, and the change from the phase before.
TRENDS = pa.schema(
    [
        pa.field("phase_id", pa.string(), nullable=False),
        pa.field("theme_id", pa.string()),  # null: the phase as a whole (rating only)
        pa.field("analysed", pa.int64(), nullable=False),
        pa.field("reviews", pa.int64(), nullable=False),
        pa.field("reach", pa.float64()),
        pa.field("reach_low", pa.float64()),
        pa.field("reach_high", pa.float64()),
        pa.field("previous_phase_id", pa.string()),
        pa.field("change", pa.float64()),  # reach minus reach in the previous phase
        pa.field("change_low", pa.float64()),
        pa.field("change_high", pa.float64()),
        pa.field("p_value", pa.float64()),
        pa.field("q_value", pa.float64()),  # Benjamini-Hochberg over all themes and phase pairs of one source
        pa.field("mean_rating", pa.float64()),
        pa.field("rating_low", pa.float64()),
        pa.field("rating_high", pa.float64()),
    ]
)

#: Unit vectors of the mentions that themes are made of, so that a later run need not encode them again.
EMBEDDINGS = pa.schema(
    [
        pa.field("mention_id", pa.string(), nullable=False),
        pa.field("vector", pa.list_(pa.float16()), nullable=False),  # as long as the encoder makes it
    ]
)

SCHEMAS: Mapping[str, pa.Schema] = {
    "reviews": REVIEWS,
    "products": PRODUCTS,
    "rejects": REJECTS,
    "imports": IMPORTS,
    "mentions": MENTIONS,
    "readings": READINGS,
    "areas": AREAS,
    "themes": THEMES,
    "found_themes": FOUND_THEMES,
    "wordings": WORDINGS,
    "assignments": ASSIGNMENTS,
    "lineage": LINEAGE,
    "summaries": SUMMARIES,
    "wishes": WISHES,
    "phases": PHASES,
    "opportunities": OPPORTUNITIES,
    "trends": TRENDS,
    "embeddings": EMBEDDINGS,
}


def texts_of(reviews: pa.Table) -> dict[str, str]:
    """Return the text of each review of a table with `review_id` and `text`, by id."""
    return dict(zip(*(reviews.column(name).to_pylist() for name in ("review_id", "text")), strict=True))


def with_column(name: str, table: pa.Table, column: str, values: Any) -> pa.Table:
    """Return `table`, which has the schema `name`, with other values in one column.

    `values` is an Arrow array or a list.
    """
    field = SCHEMAS[name].field(column)
    if isinstance(values, list):
        values = pa.array(values, field.type)
    return table.set_column(table.schema.get_field_index(column), field, values)


def empty(name: str) -> pa.Table:
    """Return the table `name` without rows."""
    return SCHEMAS[name].empty_table()


def from_rows(name: str, rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Build the table `name` from dictionaries; absent columns become null.

    Raises:
        ValueError: a row has a column that the schema lacks, or a null where none may stand.
    """
    schema = SCHEMAS[name]
    listed = list(rows)
    known = set(schema.names)
    for row in listed:
        unknown = row.keys() - known
        if unknown:
            raise ValueError(f"{name}: unknown column {sorted(unknown)[0]!r}")
    return conform(name, pa.Table.from_pylist(listed, schema=schema))


def conform(name: str, table: pa.Table) -> pa.Table:
    """Return `table` with exactly the columns and types of schema `name`; absent nullable columns become null.

    Raises:
        ValueError: a column is missing or holds nulls although the schema forbids it.
    """
    schema = SCHEMAS[name]
    columns = []
    for field in schema:
        if field.name in table.column_names:
            column = table.column(field.name).cast(field.type)
        elif field.nullable:
            column = pa.chunked_array([pa.nulls(table.num_rows, field.type)])
        else:
            raise ValueError(f"{name}: column {field.name!r} is missing")
        if not field.nullable and column.null_count:
            raise ValueError(f"{name}: column {field.name!r} holds {column.null_count} nulls")
        columns.append(column)
    return pa.Table.from_arrays(columns, schema=schema)
