"""Builds small, literal `Facts`: a review is a dictionary with the themes it complains about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

from voc.insights import Facts
from voc.tables import empty, from_rows

NOW = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)


def mention(review_id: str, text: str, clause: str, **fields: Any) -> dict[str, Any]:
    """Return a row of `mentions` whose clause is the first occurrence of `clause` in `text`."""
    start = text.index(clause)
    theme = fields.get("theme_id")
    return {
        "mention_id": f"{review_id}/{start}/{theme}/{fields.get('kind', 'pain')}/{fields.get('area_id')}",
        "review_id": review_id,
        "kind": "pain",
        "specificity": "trouble",
        "target": "product",
        "clause_start": start,
        "clause_end": start + len(clause),
        "polarity": -0.8,
        "confidence": 0.9,
        "severity": 0.5,
        "hazard": False,
        "model_version": "test",
        **fields,
    }


def theme(theme_id: str, **fields: Any) -> dict[str, Any]:
    return {
        "theme_id": theme_id,
        "kind": "pain",
        "name": f"theme {theme_id}",
        "keywords": [],
        "size": 10,
        "state": "active",
        "first_run": NOW,
        "renamed_by_user": False,
        **fields,
    }


def facts(
    reviews: Iterable[Mapping[str, Any]],
    *,
    mentions: Iterable[Mapping[str, Any]] = (),
    themes: Iterable[Mapping[str, Any]] | None = None,
    areas: Mapping[str, str] | None = None,
    products: Iterable[Mapping[str, Any]] = (),
    phases: pa.Table | None = None,
) -> Facts:
    """Build facts; besides the columns of `reviews` a review may carry

    `pains` (theme ids, each becomes a trouble mention over the whole text), `analysed` and `predicted_rating`.
    Themes that are not given are made from those named in `pains`.
    """
    review_rows, reading_rows, mention_rows = [], [], [dict(m) for m in mentions]
    named: set[str] = {str(m["theme_id"]) for m in mention_rows if m.get("theme_id")}
    for number, given in enumerate(reviews):
        row = dict(given)
        review_id = row.setdefault("review_id", f"r{number:06d}")
        pains = row.pop("pains", ())
        text = row.setdefault("text", f"Review number {number} says something about {' and '.join(pains)}.")
        reading_rows.append(
            {
                "review_id": review_id,
                "analysed": row.pop("analysed", True),
                "predicted_rating": row.pop("predicted_rating", None),
                "truncated": False,
                "model_version": "test",
            }
        )
        named |= set(pains)
        mention_rows += [mention(review_id, text, text, theme_id=p, area_id=row.get("area")) for p in pains]
        row.pop("area", None)
        review_rows.append({"channel": "review", "source": "test", "ingested_at": NOW, "import_id": "i", **row})
    return Facts(
        reviews=from_rows("reviews", review_rows),
        readings=from_rows("readings", reading_rows),
        mentions=from_rows("mentions", mention_rows),
        themes=from_rows("themes", [theme(t) for t in sorted(named)] if themes is None else themes),
        areas=from_rows("areas", [{"area_id": k, "name": v, "synonyms": []} for k, v in (areas or {}).items()]),
        products=from_rows("products", products),
        phases=empty("phases") if phases is None else phases,
    )


def day(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)
