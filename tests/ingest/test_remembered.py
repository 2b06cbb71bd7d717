"""A workspace that remembers only keys judges every export as one that holds all its reviews would."""

import datetime as dt

from hypothesis import given, settings
from hypothesis import strategies as st

from voc.ingest.duplicates import Deduplicator, Offer
from voc.ingest.remembered import KEYS, Remembered
from voc.tables import from_rows

NOW = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
LONG = "The cable frays near the plug after about three weeks of use"
TEXTS = [
    "Good",
    "Good.",
    LONG,
    f"{LONG}!",
    f"{LONG.upper()}",
    "Stopped charging on the very first day that I had it",
    "Bad",
]

rows = st.lists(
    st.tuples(
        st.sampled_from(["r1", "r2", "r3", "r4"]),
        st.sampled_from(TEXTS),
        st.sampled_from([("p1", "Cable"), ("p2", "Cable"), ("p3", "Plug"), (None, "cable"), (None, None)]),
        st.sampled_from([1.0, 2.0, None]),
        st.sampled_from([None, 1, 2, 3]),
        st.booleans(),
    ),
    max_size=7,
)


def offers(export):
    return [
        Offer(
            review_id, own, "review", *product, text, None, rating, day and NOW + dt.timedelta(days=day), f"{number:08}"
        )
        for number, (review_id, text, product, rating, day, own) in enumerate(export)
    ]


def run(judge, existing, export):
    """Judge an export as a run does; return the verdicts and the reviews there are afterwards."""
    taken, verdicts = [], []
    for offer in offers(export):
        verdict = judge.offer(len(taken), offer)
        verdicts.append(verdict)
        if not verdict.duplicate:
            if verdict.replaces is not None and verdict.replaces >= 0:
                taken[verdict.replaces] = None
            taken.append((verdict.review_id, offer))
    gone = set(judge.superseded)
    common = {"channel": "review", "source": "test", "import_id": "i", "ingested_at": NOW}
    columns = ("product_id", "product", "text", "body", "rating", "written_at")
    new = [
        {**common, "review_id": name, **{column: getattr(offer, column) for column in columns}}
        for name, offer in filter(None, taken)
    ]
    kept = [row for row in existing.to_pylist() if row["review_id"] not in gone]
    return verdicts, from_rows("reviews", [*kept, *new])


@settings(max_examples=150)
@given(st.lists(rows, max_size=4))
def test_export_after_export_is_judged_as_by_one_who_knows_all(exports):
    reviews, keys = from_rows("reviews", []), None
    for export in exports:
        memory = Remembered(reviews, keys)
        expected, after = run(Deduplicator(reviews), reviews, export)
        verdicts, same = run(Deduplicator(memory=memory), reviews, export)
        assert verdicts == expected
        assert same.equals(after)
        keys = memory.table(after)
        assert keys.schema.equals(KEYS)
        reviews = after
        # What is remembered is what one would find who reads all texts anew.
        made = Remembered(reviews, None).table(reviews).to_pylist()
        assert keys.to_pylist() == made
