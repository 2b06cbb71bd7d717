"""Builds the tables of drawn reviews: a column that a schema asks for and a drawing does not is filled."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike, NDArray

from voc.tables import TIMESTAMP, conform, from_rows

if TYPE_CHECKING:
    from voc.insights import Facts

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

#: When drawn reviews were read in.
NOW = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
#: Day 0 of `drawn_facts`.
START = dt.date(2020, 1, 1)
_TEXT = "text"
_REVIEW = {"channel": "review", "source": "drawn", "text": _TEXT, "ingested_at": NOW, "import_id": "i"}
_READING = {"analysed": True, "truncated": False, "model_version": "drawn"}
_MENTION = {
    "kind": "pain",
    "specificity": "trouble",
    "target": "product",
    "clause_start": 0,
    "clause_end": len(_TEXT),
    "polarity": 0.0,
    "confidence": 0.9,
    "severity": 0.5,
    "hazard": False,
    "model_version": "drawn",
}
_THEME = {"kind": "pain", "keywords": [], "size": 1, "state": "active", "first_run": NOW, "renamed_by_user": False}


def as_facts(
    reviews: Mapping[str, Any],
    mentions: Mapping[str, Any],
    *,
    themes: Sequence[Mapping[str, Any]],
    readings: Mapping[str, Any] | None = None,
    **further: pa.Table,
) -> Facts:
    """Return facts of columns; those that the schemas require and that are absent get one value throughout.

    Args:
        reviews: columns of `reviews`, `review_id` among them, each with n values.
        mentions: columns of `mentions`, `mention_id` and `review_id` among them.
        themes: rows of `themes`, of which `theme_id` and `name` have to be given.
        readings: further columns of `readings`, n values each; every review is read.
        further: other tables of `Facts`, by name.
    """
    from voc.insights import Facts

    read = {"review_id": reviews["review_id"], **(readings or {})}
    return Facts(
        reviews=_filled("reviews", reviews, _REVIEW),
        readings=_filled("readings", read, _READING),
        mentions=_filled("mentions", mentions, _MENTION),
        themes=from_rows("themes", [{**_THEME, **row} for row in themes]),
        **further,
    )


def _filled(name: str, columns: Mapping[str, Any], constant: Mapping[str, Any]) -> pa.Table:
    size = len(columns["review_id"])
    return conform(name, pa.table({**{key: [value] * size for key, value in constant.items()}, **columns}))


def drawn_facts(
    stars: ArrayLike,
    product: Ints | None = None,
    *,
    day: Ints | None = None,
    pain: Mask | None = None,
    severity: Floats | None = None,
    areas: Sequence[str] = (),
    area_of: Sequence[int] | None = None,
    blamed: Mask | None = None,
    praised: Mask | None = None,
    columns: Mapping[str, Any] | None = None,
    **further: pa.Table,
) -> Facts:
    """Return facts of n drawn reviews; their mentions come by kind (pain, blame, praise), then by review.

    Args:
        stars: of each review, shape (n,).
        product: number of each review's product ("p0", "p1" ...), shape (n,); of no product without it.
        day: when each was written, in days since `START`, shape (n,); undated without it.
        pain: which reviews mention which themes ("t0", "t1" ...) as troubles, shape (n, themes).
        severity: of these mentions, shape (n, themes); 0.5 if not given.
        areas: names of areas ("a0", "a1" ...).
        area_of: position in `areas` for each theme.
        blamed: which reviews judge which areas as bad, in no theme, shape (n, areas).
        praised: which reviews judge which areas as good, shape (n, areas).
        columns: further columns of `reviews`, n values each.
        further: other tables of `Facts`, by name.
    """
    stars = np.asarray(stars, np.float64)
    ids = np.char.add("r", np.char.zfill(np.arange(len(stars)).astype(str), 7))
    reviews: dict[str, Any] = {"review_id": ids, "rating": stars}
    if product is not None:
        reviews["product_id"] = np.char.add("p", product.astype(str))
    if day is not None:
        written = (np.datetime64(START) + np.asarray(day).astype("timedelta64[D]")).astype("datetime64[us]")
        reviews["written_at"] = pa.array(written).cast(TIMESTAMP)
    size = 0 if pain is None else pain.shape[1]
    place = np.full(size, -1) if area_of is None else np.asarray(area_of)
    themes = [
        {"theme_id": f"t{t}", "name": f"trouble {t}", "area_id": f"a{place[t]}" if place[t] >= 0 else None}
        for t in range(size)
    ]
    return as_facts(
        {**reviews, **(columns or {})},
        _mentions(ids, pain, severity, place, blamed, praised),
        themes=themes,
        areas=from_rows("areas", [{"area_id": f"a{i}", "name": a, "synonyms": []} for i, a in enumerate(areas)]),
        **further,
    )


def _mentions(
    ids: NDArray[np.str_],
    pain: Mask | None,
    severity: Floats | None,
    place: Ints,
    blamed: Mask | None,
    praised: Mask | None,
) -> dict[str, Any]:
    """Return the columns of `mentions` that differ from one to the next."""
    nothing = np.zeros((0, 0), bool)
    found = [np.nonzero(nothing if mask is None else mask) for mask in (pain, blamed, praised)]
    row, (troubles, bad, good) = [row for row, _ in found], [group for _, group in found]
    sizes = [len(one) for one in row]
    theme = np.concatenate([troubles, np.full(sizes[1] + sizes[2], -1)])
    area = np.concatenate([place[troubles], bad, good])
    depth = np.full(sum(sizes), _MENTION["severity"], np.float64)
    if severity is not None:
        depth[: sizes[0]] = severity[row[0], troubles]
    return {
        "mention_id": np.char.add("m", np.arange(sum(sizes)).astype(str)),
        "review_id": ids[np.concatenate(row)],
        "kind": np.repeat(["pain", "pain", "praise"], sizes),
        "specificity": np.repeat(["trouble", "judgement", "judgement"], sizes),
        "severity": depth,
        "theme_id": _named("t", theme),
        "area_id": _named("a", area),
    }


def _named(letter: str, number: Ints) -> pa.Array:
    """Return ids made of a letter and a number; null where it is negative."""
    return pa.array(np.char.add(letter, number.astype(str)), pa.string(), mask=number < 0)
