"""What came in: statements of customers, products, and what an import did."""

from __future__ import annotations

import pyarrow as pa

from voc.tables.base import TIMESTAMP

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
