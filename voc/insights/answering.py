"""Reviews worth answering: where a reply in public helps a customer, or the many who read the review, most."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from voc.insights.facts import Facts
from voc.insights.scope import Scope, select
from voc.tables.ranked import ANSWERS

#: What a review gets points for: SQL on its row -> points, and the reason in words (SQL). The points are a convention,
#: not an estimate: a hazard outweighs all else but one thing, and what goes wrong outweighs how many stars it cost.
#: Of the rows with the same name only the first that holds counts.
POINTS: tuple[tuple[str, str, int, str], ...] = (
    ("hazard", "hazard", 5, "'reports a possible hazard'"),
    ("trouble", "trouble", 3, "'says what goes wrong'"),
    ("question", "question AND coalesce(rating, 1) < 4.5", 3, "'asks a question'"),
    ("service", "service", 2, "'let down by service or seller'"),
    ("severe", "trouble AND severity >= 0.75", 1, "'broken or worse'"),
    ("stars", "rating < 1.5", 2, "'1 star'"),
    ("stars", "rating < 2.5", 2, "'2 stars'"),
    ("stars", "rating < 3.5", 1, "'3 stars'"),
    ("helpful", "helpful_votes >= 50", 3, "helpful_votes || ' found it helpful'"),
    ("helpful", "helpful_votes >= 10", 2, "helpful_votes || ' found it helpful'"),
    ("helpful", "helpful_votes >= 3", 1, "helpful_votes || ' found it helpful'"),
    ("recent", "age <= 30", 3, "'of the last 30 days'"),
    ("recent", "age <= 90", 2, "'of the last 90 days'"),
    ("recent", "age <= 365", 1, "'of the last year'"),
    ("verified", "verified", 1, "'verified purchase'"),
)
#: Where others read a reply; returns, tickets and surveys are answered elsewhere.
CHANNELS = ("review", "app")
#: A question that wants an answer; "Who would buy this?", "Really?" want none.
_QUESTION = r"\b(how (do|can|to|long|much|many)|where|can (i|you|we|it)|could|do(es)? (i|it|this|you|the)|is there|are there|which|should i)\b[^.!?]{3,140}\?"  # noqa: E501


def worth_answering(facts: Facts, scope: Scope) -> pa.Table:
    """List the reviews of a scope that are worth answering in public, most points first.

    In the list are analysed reviews and app reviews of products that are not a competitor's, not incentivised, that
    report a hazard, say what goes wrong, complain of service or ask a question. Each gets the points of `POINTS`; the
    age counts back from the newest review there is, so that a list does not change with the calendar. Opinions about
    competitors' products count for nothing.

    Args:
        facts: the tables.
        scope: the reviews under view.

    Returns:
        Rows of `ANSWERS`; of equal points the newest first, undated ones last, then by review_id.

    Raises:
        VocError: the scope names something the data lacks.
    """
    import duckdb

    chosen = facts.index.review_id.filter(pa.array(select(facts, scope) & facts.index.analysed))
    first: dict[str, list[str]] = {}
    points, reasons = [], []
    for name, condition, worth, words in POINTS:
        earlier = "".join(f" AND NOT coalesce({other}, false)" for other in first.get(name, ()))
        holds = f"(coalesce({condition}, false){earlier})"
        first.setdefault(name, []).append(f"({condition})")
        points.append(f"CASE WHEN {holds} THEN {worth} ELSE 0 END")
        reasons.append(f"CASE WHEN {holds} THEN {words} END")
    query = f"""
        WITH said AS (
            SELECT review_id, bool_or(hazard) AS hazard, max(severity) AS severity,
                   bool_or(kind = 'pain' AND specificity = 'trouble') AS trouble,
                   bool_or(kind = 'pain' AND target IN ('service', 'seller')) AS service
            FROM mentions WHERE target <> 'competitor' GROUP BY review_id
        ), told AS (
            SELECT r.review_id, r.product_id, coalesce(p.product, r.product, r.product_id) AS product, r.written_at,
                   r.rating, r.helpful_votes, r.verified, r.text, coalesce(s.hazard, false) AS hazard, s.severity,
                   coalesce(s.trouble, false) AS trouble, coalesce(s.service, false) AS service,
                   regexp_matches(r.text, ?, 'i') AS question,
                   date_diff('day', r.written_at, (SELECT max(written_at) FROM reviews)) AS age
            FROM reviews r JOIN chosen USING (review_id) LEFT JOIN said s USING (review_id)
                 LEFT JOIN products p USING (product_id)
            WHERE r.channel IN {CHANNELS} AND NOT coalesce(r.incentivised, false) AND coalesce(p.own, true)
        )
        SELECT review_id, product_id, product, written_at, rating, ({" + ".join(points)})::INTEGER AS points,
               list_filter([{", ".join(reasons)}], lambda reason: reason IS NOT NULL) AS reasons, text
        FROM told WHERE hazard OR trouble OR question OR service
        ORDER BY points DESC, written_at DESC NULLS LAST, review_id
    """  # noqa: S608 - names and figures of ours
    with duckdb.connect(":memory:", config={"autoinstall_known_extensions": False}) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.register("chosen", pa.table({"review_id": chosen}))
        for name in ("reviews", "mentions", "products"):
            connection.register(name, getattr(facts, name))
        found = connection.sql(query, params=[_QUESTION]).to_arrow_table()
    return pa.Table.from_arrays([pc.cast(found[f.name], f.type) for f in ANSWERS], schema=ANSWERS)
