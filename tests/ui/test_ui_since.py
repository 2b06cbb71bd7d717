import datetime as dt
import re

import pyarrow as pa
import pyarrow.compute as pc

from voc import tables


def test_what_came_in_at_once_is_not_called_new(app, written, built):
    assert "newest export" not in written(app(built.path))


def test_the_newest_export_stands_beside_what_was_there_before(app, written, copied):
    reviews = copied.current().table("reviews")
    opportunities = copied.current().table("opportunities")
    ranks = opportunities["rank"].to_pylist()
    swapped = pa.array([{1: 2, 2: 1}.get(rank, rank) for rank in ranks], pa.int32())
    place = opportunities.schema.get_field_index("rank")
    earlier = opportunities.set_column(place, opportunities.schema.field("rank"), swapped)
    later = dt.datetime(2022, 2, 1, tzinfo=dt.UTC)
    new = pc.less(pa.array(range(reviews.num_rows)), 60)
    stamps = pc.if_else(new, pa.scalar(later, reviews.schema.field("ingested_at").type), reviews["ingested_at"])
    place = reviews.schema.get_field_index("ingested_at")
    dated = reviews.set_column(place, reviews.schema.field("ingested_at"), stamps)
    with copied.writing() as writer:
        writer.commit(replace={"reviews": reviews.filter(pc.invert(new)), "opportunities": earlier})
        writer.commit(replace={"reviews": dated, "opportunities": opportunities})
    page = written(app(copied.path))
    assert "What the newest export brought, 1 Feb 2022" in page
    assert "<b>60</b><span>new reviews</span>" in page
    first = page[page.index("voc-eyebrow") :]
    assert "was #2" in first[: first.index("</span>")]
    assert "(was #" in page[page.index("newest export") :]


def test_the_overview_says_what_must_not_break(app, written, copied):
    mentions = copied.current().table("mentions").to_pylist()
    praise = [row | {"kind": "praise", "theme_id": None, "specificity": "judgement"} for row in mentions[:30]]
    with copied.writing() as writer:
        writer.commit(replace={"mentions": tables.from_rows("mentions", praise + mentions[30:])})
    page = written(app(copied.path))
    assert re.search(r"Customers praise.*?praised in \d+ reviews?, criticised in \d+", page, re.S)


def test_the_overview_names_open_decisions_the_overdue_first(app, written, copied):
    entries = copied.entries
    entries.add_decision("th-fray", "Later", planned_on=dt.date(2100, 1, 1), owner="Jo")
    entries.add_decision("th-slow", "Long due", planned_on=dt.date(2020, 1, 1), state="in progress")
    entries.add_decision("th-slow", "Not at all", state="rejected")
    page = written(app(copied.path))
    card = page[page.index(">Decisions<") :]
    assert card.index("Long due") < card.index("Overdue") < card.index("Later") < card.index("Jo")
    assert "Not at all" not in page
