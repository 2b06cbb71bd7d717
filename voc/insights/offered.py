"""Whether a competitor already offers what customers wish for, as far as the competitor's own customers praise it."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from voc.config import InsightsConfig
from voc.extract.rules.lexicon import EMPTY
from voc.insights.arrays import distinct
from voc.insights.facts import Facts
from voc.insights.index import Index, Ints, Mask
from voc.insights.quotes import readable, repeats, word_set
from voc.insights.ranking import number
from voc.insights.scope import population
from voc.tables.use import OFFERED
from voc.themes.areas import WHOLE
from voc.themes.terms import stem

#: "More ports" wishes for ports: these words say that something is wished for, not what.
_WISHING = frozenset(
    ("more", "less", "better", "bit", "little", "extra", "additional", "another", "option", "options", "version")
)
#: Stems are cut at so many letters; a shorter one is a whole word, which may only take another ending.
_CUT = 5


def offered(facts: Facts, needs: pa.Table, *, config: InsightsConfig) -> pa.Table:
    """Look for praise of what each need wishes for in the reviews of competitors' products.

    A review counts when one of its praising clauses is about the need's part of the product and holds all telling words
    of the need's name, in any form; where the need concerns the whole product, the words decide alone. Products of
    categories from which nobody wishes for it are left out, where categories are known. It finds what customers name
    in the same words, so that no praise does not mean that nobody offers it; and the quotes tell what was meant.

    Args:
        facts: the tables; `products.own` says whose a product is.
        needs: rows of `NEEDS`.
        config: number of quotes.

    Returns:
        Rows of `OFFERED`, one for each need in their order.
    """
    index, m = facts.index, facts.index.mentions
    owner, category = _rivals(facts)
    rival = np.append(owner, False)[index.product.codes]
    base = population(index, np.ones(index.size, bool)) & rival
    praise = np.flatnonzero(m.is_kind("praise") & base[m.row] & ~m.target.equals("competitor"))
    texts = index.text.take(pa.array(m.row[praise])).to_pylist()
    clauses = pa.array([t[a:b] for t, a, b in zip(texts, m.start[praise], m.end[praise], strict=True)], pa.string())
    kinds, coded = np.unique(np.append(category, ""), return_inverse=True)
    kind = coded[index.product.codes[m.row[praise]]]
    numbers = {area.name: place for place, area in enumerate(index.areas)}
    area = m.area[praise]
    wishing = _categories(facts, category)
    rows = []
    for need in needs.select(["need_id", "name", "area"]).to_pylist():
        stems = telling(need["name"])
        able = np.full(len(praise), bool(stems))
        if need["area"] != WHOLE and need["area"] in numbers:
            able &= area == numbers[need["area"]]
        known = wishing.get(need["need_id"], set()) - {""}
        if known:
            able &= np.isin(kinds, [*known, ""])[kind]
        found = np.flatnonzero(able)
        for one in stems:
            said = pc.match_substring_regex(clauses.take(pa.array(found)), _pattern(one), ignore_case=True)
            found = found[said.to_numpy(zero_copy_only=False).astype(bool)]
        rows.append({"need_id": need["need_id"], "words": stems, **_praised(index, praise, clauses, found, config)})
    return pa.Table.from_pylist(rows, schema=OFFERED)


def telling(name: str) -> list[str]:
    """Return the stems of the words that say what a need wishes for; of "more colors" only "color"."""
    said = {word for word in word_set(name) if word not in EMPTY and not word.isdigit()}
    return sorted({stem(word) for word in (said - _WISHING or said)})


def _pattern(one: str) -> str:
    ending = r"\w*" if len(one) >= _CUT else "(ings|ing|ed|es|s|ly)?"
    return rf"\b{re.escape(one)}{ending}\b"


def _rivals(facts: Facts) -> tuple[Mask, Any]:
    """Return which products of the index are a competitor's, and each one's category ("" where it is unknown)."""
    listed = {p["product_id"]: p for p in facts.products.select(["product_id", "own", "category"]).to_pylist()}
    about = [listed.get(value, {}) for value in facts.index.product.values]
    return (
        np.array([p.get("own") is False for p in about], bool),
        np.array([(p.get("category") or "").strip().casefold() for p in about], dtype=object).astype(str),
    )


def _categories(facts: Facts, category: Any) -> dict[str, set[str]]:
    """Return for each need the categories of the products from which customers wish for it."""
    index = facts.index
    wishes = facts.wishes.select(["mention_id", "need_id"])
    # Few of the mentions are wishes: only those are joined.
    wished = facts.mentions.select(["mention_id", "review_id"])
    wished = wished.filter(pc.is_in(wished["mention_id"], value_set=wishes["mention_id"].combine_chunks()))
    joined = wishes.join(wished, "mention_id", join_type="inner")
    row: Ints = pc.fill_null(pc.index_in(joined["review_id"], value_set=index.review_id), -1).to_numpy().astype(int)
    kind = np.append(category, "")[index.product.codes[np.maximum(row, 0)]].tolist()
    found: dict[str, set[str]] = {}
    for need, place, one in zip(joined["need_id"].to_pylist(), row.tolist(), kind, strict=True):
        if place >= 0:
            found.setdefault(need, set()).add(one)
    return found


def _praised(index: Index, praise: Ints, clauses: pa.Array, found: Ints, config: InsightsConfig) -> dict[str, Any]:
    """Return how many reviews the mentions `praise[found]` are in, of which products, and the best to quote."""
    m, mentions = index.mentions, praise[found]
    rows = distinct(m.row[mentions])
    products, sizes = np.unique(index.product.codes[rows], return_counts=True)
    order = np.lexsort((products, -sizes))
    return {
        "reviews": len(rows),
        "products": [index.product.values[code] for code in products[order].tolist()],
        "quotes": _quotes(index, praise, clauses, found, config.quotes),
    }


def _quotes(index: Index, praise: Ints, clauses: pa.Array, found: Ints, count: int) -> list[dict[str, Any]]:
    """Return the best clauses, one for each review: readable ones first, then by confidence.

    Clauses are read in that order until there are enough: a common word is praised ten thousand times.
    """
    m, mentions = index.mentions, praise[found]
    best = found[np.lexsort((m.start[mentions], m.row[mentions], -m.confidence[mentions]))]
    taken: set[int] = set()
    quotes: list[dict[str, Any]] = []
    spare: list[tuple[int, str]] = []

    def take(place: int, text: str) -> None:
        row = int(m.row[place])
        said = word_set(text)
        if row in taken:
            return
        taken.add(row)
        if any(repeats(said, word_set(other["text"])) for other in quotes):
            return
        quotes.append(
            {
                "review_id": index.review_id[row].as_py(),
                "text": text,
                "start": int(m.start[place]),
                "end": int(m.end[place]),
                "rating": number(index.own_rating[row]),
            }
        )

    for at in best.tolist():
        if len(quotes) == count:
            return quotes
        place, text = int(praise[at]), clauses[at].as_py()
        if readable(text):
            take(place, text)
        else:
            spare.append((place, text))
    for place, text in spare:
        if len(quotes) < count:
            take(place, text)
    return quotes
