"""Wishes grouped into needs: what customers ask for, tied to areas, with ids that stay."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sklearn.cluster import AgglomerativeClustering

from voc import tables
from voc.extract.rules.lexicon import EMPTY, words
from voc.themes.areas import WHOLE, Areas, area_id
from voc.themes.centres import Labels, centres_of, unit
from voc.themes.embedding import Vectors
from voc.themes.identity import founding_id, match_themes
from voc.themes.told import Told
from voc.themes.wishes import Wish, wish_of

#: Mean cosine between the wishes of two groups from which they are one need.
_TOGETHER = 0.46
#: Of what is wished for, so many words tell it; the reasons after them pull wishes apart.
_TELLING = 8
_LONGEST = 48  # characters of a name
_LINKED = 6000  # wishes among which groups are sought; memory grows with the square


def find_needs(
    mentions: pa.Table,
    texts: Mapping[str, str],
    areas: Areas,
    *,
    names: AbstractSet[str] = frozenset(),
    encoder: str = "default",
    model: str = "opinions",
    before: pa.Table | None = None,
    told: Told | None = None,
    now: dt.datetime,
) -> pa.Table:
    """Group the wishes among `mentions` and return table `wishes`.

    Wishes are few, so all are grouped anew each time, by average linkage over the vectors of what is wished for, equal
    ones once. A group that shares enough wishes with a need of the table `wishes` `before` is that need (the rule of
    `match_themes`).

    Args:
        mentions: table `mentions`; rows of another kind are left aside.
        texts: text by review id.
        areas: the parts of the product, and the terms that name them.
        names: words of names of brands and products, in lower case: they tell nothing of a wish.
        encoder: "default" or the user's sentence encoder, as for themes.
        model: the weights that read the reviews.
        before: table `wishes` of the last run.
        told: vectors of what was wished for in earlier runs, by the same encoder.
        now: when needs are first seen.

    Raises:
        VocError: the encoder cannot be loaded.
    """
    rows = mentions.filter(pc.equal(mentions["kind"], "wish")).sort_by("mention_id").to_pylist()
    wishes = [wish_of(row, areas, texts[row["review_id"]]) for row in rows]
    if not wishes:
        return tables.empty("wishes")
    keys, row_of = np.unique([telling(wish.wanted, names) for wish in wishes], return_inverse=True)
    vectors = (told or Told(None, encoder=encoder, model=model)).embed(keys.tolist())
    labels = _groups(vectors)[row_of]
    ids, first = _identities(wishes, labels, before, now)
    called = {}
    for label in ids:
        places = np.flatnonzero(labels == label).tolist()
        own = [wishes[p] for p in places]
        called[label] = _name(own, vectors[row_of[places]]), area_id(_commonest(wish.area for wish in own))
    return tables.from_rows(
        "wishes",
        [
            {
                "mention_id": wish.row["mention_id"],
                "wanted": wish.wanted,
                "depth": wish.depth,
                "area_id": area_id(wish.area),
                "need_id": ids[label],
                "need": called[label][0],
                "need_area_id": called[label][1],
                "first_run": first[ids[label]],
            }
            for wish, label in zip(wishes, labels.tolist(), strict=True)
        ],
    )


def telling(wanted: str, names: AbstractSet[str] = frozenset()) -> str:
    """Return the words of a wish that tell what it is, without what the product is called."""
    said = [word for word in words(wanted) if word not in EMPTY and word not in names]
    return " ".join(said[:_TELLING]) or wanted


def _groups(vectors: Vectors) -> Labels:
    """Return a group for each of the unit vectors (n, dimensions), which are sorted by their text."""
    if len(vectors) < 2:
        return np.zeros(len(vectors), dtype=np.int64)
    linked = vectors[:_LINKED].astype(np.float64)
    tree = AgglomerativeClustering(None, distance_threshold=1 - _TOGETHER, linkage="average", metric="cosine")
    labels: Labels = tree.fit_predict(linked).astype(np.int64)
    if len(vectors) == len(linked):
        return labels
    near = vectors[_LINKED:] @ centres_of(vectors[:_LINKED], labels).T
    alone = int(labels.max()) + 1 + np.arange(len(near))
    return np.concatenate([labels, np.where(near.max(axis=1) >= _TOGETHER, near.argmax(axis=1), alone)])


def _identities(
    wishes: Sequence[Wish], labels: Labels, before: pa.Table | None, now: dt.datetime
) -> tuple[dict[int, str], dict[str, dt.datetime]]:
    """Return the id of each group, and when each need was first seen."""
    groups: dict[int, set[str]] = {}
    for wish, label in zip(wishes, labels.tolist(), strict=True):
        groups.setdefault(label, set()).add(wish.row["mention_id"])
    known: dict[str, set[str]] = {}
    first: dict[str, dt.datetime] = {}
    for row in before.to_pylist() if before is not None else []:
        known.setdefault(row["need_id"], set()).add(row["mention_id"])
        first[row["need_id"]] = row["first_run"]
    ids = match_themes(groups, known)
    taken = set(known)
    for label in sorted(groups, key=lambda label: sorted(groups[label])):
        if label not in ids:
            new = "n" + founding_id(sorted(groups[label]))[1:]
            while new in taken:
                new += "x"
            taken.add(new)
            ids[label] = new
            first[new] = now
    return ids, first


def _commonest(areas: Iterable[str]) -> str:
    counts = Counter(areas)
    named = {name: count for name, count in counts.items() if name != WHOLE} or {WHOLE: 1}
    return min(named, key=lambda name: (-named[name], name))


def _name(wishes: Sequence[Wish], vectors: Vectors) -> str:
    """Return what stands for a need: the wish nearest to all of them, a short one rather than a long one."""
    centre = unit(vectors.sum(0, keepdims=True))[0]
    counts = Counter(wish.wanted for wish in wishes)

    def worth(place: int) -> tuple[float, str]:
        wanted = wishes[place].wanted
        size = len(words(wanted))
        long = 0.03 * max(0, size - 4) + (0.15 if size == 1 else 0.0)
        return -(float(vectors[place] @ centre) - long + 0.05 * min(4, counts[wanted] - 1)), wanted

    best = wishes[min(range(len(wishes)), key=worth)].wanted
    if len(best) <= _LONGEST:
        return best
    return best[: _LONGEST + 1].rsplit(" ", 1)[0] + " …"
