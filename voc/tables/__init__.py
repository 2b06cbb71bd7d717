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

from voc.tables.base import TIMESTAMP
from voc.tables.changes import ALERTS, CHANGE_POINTS, MIX_CHANGES, MOVEMENTS, RATING_CHANGES, VERIFICATIONS
from voc.tables.collected import IMPORTS, PRODUCTS, REJECTS, REVIEWS
from voc.tables.compared import ADJUSTED, CORRECTED, IMPORTANCE, KANO, PRICE_MAP, RIVALS, SEGMENTS, UNITS
from voc.tables.found import (
    AREAS,
    ASSIGNMENTS,
    EMBEDDINGS,
    FOUND_THEMES,
    IMPLIED,
    LINEAGE,
    MENTIONS,
    READINGS,
    SUMMARIES,
    THEMES,
    WISHES,
    WORDINGS,
)
from voc.tables.ranked import AREA_SUMMARY, HAZARD_PRODUCTS, HAZARDS, OPPORTUNITIES, PHASES, QUOTE, TRENDS
from voc.tables.use import FAILURE_TIMES, NEEDS, TIME_IN_USE

__all__ = [
    "AREAS",
    "ASSIGNMENTS",
    "EMBEDDINGS",
    "FOUND_THEMES",
    "IMPLIED",
    "IMPORTS",
    "LINEAGE",
    "MENTIONS",
    "OPPORTUNITIES",
    "PHASES",
    "PRODUCTS",
    "QUOTE",
    "READINGS",
    "REJECTS",
    "REVIEWS",
    "SCHEMAS",
    "SUMMARIES",
    "THEMES",
    "TIMESTAMP",
    "TRENDS",
    "WISHES",
    "WORDINGS",
    "conform",
    "empty",
    "from_rows",
    "texts_of",
    "with_column",
]

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
    "area_summary": AREA_SUMMARY,
    "hazards": HAZARDS,
    "hazard_products": HAZARD_PRODUCTS,
    "corrected": CORRECTED,
    "alerts": ALERTS,
    "movements": MOVEMENTS,
    "change_points": CHANGE_POINTS,
    "suggested_phases": PHASES,
    "rating_changes": RATING_CHANGES,
    "mix_changes": MIX_CHANGES,
    "verifications": VERIFICATIONS,
    "segments": SEGMENTS,
    "rivals": RIVALS,
    "prices": PRICE_MAP,
    "units": UNITS,
    "adjusted": ADJUSTED,
    "importance": IMPORTANCE,
    "kano": KANO,
    "needs": NEEDS,
    "time_in_use": TIME_IN_USE,
    "failure_times": FAILURE_TIMES,
    "embeddings": EMBEDDINGS,
    "further_embeddings": EMBEDDINGS,
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
