"""What the list and the trends consist of."""

from __future__ import annotations

import pyarrow as pa

from voc.tables.base import TIMESTAMP

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

#: Columns of `area_summary`: those of `opportunities` with the area in place of the theme, and counts by what is said.
AREA_SUMMARY = pa.schema(
    [
        pa.field("area_id", pa.string(), nullable=False),
        pa.field("name", pa.string(), nullable=False),
        pa.field("pain_reviews", pa.int64(), nullable=False),  # reviews with a complaint about the area, no verdicts
        pa.field("trouble_reviews", pa.int64(), nullable=False),  # of these, those that say what goes wrong
        pa.field("judgement_reviews", pa.int64(), nullable=False),  # of these, those that say the area is bad
        pa.field("praise_reviews", pa.int64(), nullable=False),
        *(f for f in OPPORTUNITIES if f.name not in {"scope_type", "scope", "theme_id", "name", "area"}),
    ]
)

#: One row for each review that reports a hazard; the offsets are code points of the review's whole text.
HAZARDS = pa.schema(
    [
        pa.field("review_id", pa.string(), nullable=False),
        pa.field("product_id", pa.string()),
        pa.field("product", pa.string()),
        pa.field("written_at", TIMESTAMP),
        pa.field("rating", pa.float32()),
        pa.field("channel", pa.string(), nullable=False),
        pa.field("theme_id", pa.string()),  # null: the report is in no theme
        pa.field("text", pa.string(), nullable=False),  # the clause
        pa.field("start", pa.int32(), nullable=False),  # of the clause
        pa.field("end", pa.int32(), nullable=False),
        pa.field("phrase_start", pa.int32()),
        pa.field("phrase_end", pa.int32()),
        pa.field("aspect_start", pa.int32()),
        pa.field("aspect_end", pa.int32()),
    ]
)

#: One row for each product that such a review is about.
HAZARD_PRODUCTS = pa.schema(
    [
        pa.field("product_id", pa.string()),  # null: the reviews name no product
        pa.field("product", pa.string()),
        pa.field("reviews", pa.int64(), nullable=False),  # that report a hazard
        pa.field("analysed", pa.int64(), nullable=False),  # of the product, in scope
        pa.field("share", pa.float64(), nullable=False),
        pa.field("share_low", pa.float64(), nullable=False),
        pa.field("share_high", pa.float64(), nullable=False),
    ]
)

#: Reviews worth answering, most points first.
ANSWERS = pa.schema(
    [
        pa.field("review_id", pa.string(), nullable=False),
        pa.field("product_id", pa.string()),
        pa.field("product", pa.string()),
        pa.field("written_at", TIMESTAMP),
        pa.field("rating", pa.float32()),
        pa.field("points", pa.int32(), nullable=False),
        pa.field("reasons", pa.list_(pa.string()), nullable=False),  # what each point is for, in words
        pa.field("text", pa.string(), nullable=False),
    ]
)
