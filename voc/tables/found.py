"""What reading and clustering find: opinions, product parts, themes, wishes."""

from __future__ import annotations

import pyarrow as pa

from voc.tables.base import TIMESTAMP

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

#: Unit vectors of the mentions that themes are made of, so that a later run need not encode them again.
EMBEDDINGS = pa.schema(
    [
        pa.field("mention_id", pa.string(), nullable=False),
        pa.field("vector", pa.list_(pa.float16()), nullable=False),  # as long as the encoder makes it
    ]
)
