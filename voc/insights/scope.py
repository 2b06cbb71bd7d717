"""The reviews under view: products, brands, markets, channels, dates, a phase or a version."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from voc.errors import VocError
from voc.insights.facts import Facts
from voc.insights.index import Coded, Index, Mask
from voc.insights.phases import Phase, day_number, listed, members


@dataclass(frozen=True)
class Scope:
    """A choice of reviews; an empty field chooses all, and fields narrow one another.

    Products are product_ids or product names, `phase_id` the id or the name of a phase; names and brands in any case.
    `end` is exclusive; with `start` or `end`, undated reviews are out.
    """

    products: tuple[str, ...] = ()
    brands: tuple[str, ...] = ()
    markets: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    start: dt.date | None = None
    end: dt.date | None = None
    phase_id: str | None = None
    version: str | None = None


def select(facts: Facts, scope: Scope) -> Mask:
    """Return which reviews are in scope, in the order of `facts.index`, shape (n_reviews,).

    Raises:
        VocError: the scope names something the data lacks, or its dates are the wrong way round.
    """
    index = facts.index
    mask = np.ones(index.size, bool)
    if scope.products:
        mask &= np.isin(index.product.codes, _product_codes(facts, scope.products))
    if scope.brands:
        known = [b for b in facts.products.column("brand").to_pylist() if b]
        mask &= np.isin(index.brand.codes, _codes(index.brand, scope.brands, "brand", known))
    if scope.markets:
        mask &= np.isin(index.market.codes, _codes(index.market, scope.markets, "market"))
    if scope.channels:
        mask &= np.isin(index.channel.codes, _codes(index.channel, scope.channels, "channel"))
    if scope.version is not None:
        mask &= np.isin(index.version.codes, _codes(index.version, (scope.version,), "version"))
    if scope.start is not None and scope.end is not None and scope.start >= scope.end:
        raise VocError(f"the scope ends on {scope.end}, which is not after its start {scope.start}; swap the dates.")
    if scope.start is not None:
        mask &= index.dated & (index.day >= day_number(scope.start))
    if scope.end is not None:
        mask &= index.dated & (index.day < day_number(scope.end))
    if scope.phase_id is not None:
        mask &= members(index, find_phase(facts, scope.phase_id))
    return mask


def population(index: Index, mask: Mask) -> Mask:
    """Return the reviews that shares and star impacts are computed over, shape (n_reviews,).

    These are the analysed reviews of the scope that came through `index.OPINION_CHANNELS`; where it has none of those,
    the analysed reviews of whatever channels there are. Texts in languages that are not read therefore don't dilute
    shares, and returns and tickets don't inflate them.
    """
    opinions = mask & index.opinions
    return opinions if opinions.any() else mask & index.analysed


def find_phase(facts: Facts, wanted: str) -> Phase:
    """Return the phase with this id, else the one with this name.

    Raises:
        VocError: there is none, or the name belongs to several.
    """
    phases = listed(facts.phases)
    for phase in phases:
        if phase.phase_id == wanted:
            return phase
    named = [p for p in phases if p.name.casefold() == wanted.casefold()]
    if len(named) == 1:
        return named[0]
    if named:
        ids = ", ".join(p.phase_id for p in named)
        raise VocError(f"{len(named)} phases are called {wanted!r}; name one by its id: {ids}.")
    if not phases:
        raise VocError(f"there is no phase {wanted!r}: no phases are defined; add [[phases]] to the configuration.")
    raise VocError(f"there is no phase {wanted!r}; there is {_some(p.name for p in phases)}.")


def find_theme(facts: Facts, wanted: str) -> str:
    """Return the id of the active theme with this id or name, in any case.

    Raises:
        VocError: there is none.
    """
    for row in facts.themes.select(["theme_id", "name", "state"]).to_pylist():
        if row["state"] == "active" and (wanted == row["theme_id"] or wanted.casefold() == row["name"].casefold()):
            return str(row["theme_id"])
    raise VocError(f"There is no active theme {wanted!r}; `voc theme list` shows them all.")


def _product_codes(facts: Facts, wanted: tuple[str, ...]) -> list[int]:
    index = facts.index
    known = set(index.product.values) | set(facts.products.column("product_id").to_pylist())
    codes = []
    for name in wanted:
        ids = [name] if name in known else []
        ids = ids or [id_ for id_, title in index.product_names.items() if title.casefold() == name.casefold()]
        if not ids:
            raise _unknown("product", name, sorted(index.product_names.get(p, p) for p in known))
        codes += [index.product.position[id_] for id_ in ids if id_ in index.product.position]
    return codes


def _codes(column: Coded, wanted: tuple[str, ...], what: str, further: Iterable[str] = ()) -> list[int]:
    """Return the codes of the wanted values, in any case; `further` are values that are known without reviews."""
    known = sorted({*column.values, *further})
    codes = []
    for value in wanted:
        matches = [v for v in known if v == value] or [v for v in known if v.casefold() == value.casefold()]
        if not matches:
            raise _unknown(what, value, known)
        codes += [column.position[v] for v in matches if v in column.position]
    return codes


def _unknown(what: str, value: str, known: list[str]) -> VocError:
    if not known:
        return VocError(f"there is no {what} {value!r}: no review names a {what}; leave this filter out.")
    return VocError(f"there is no {what} {value!r}; there is {_some(known)}.")


def _some(names: Iterable[str], shown: int = 12) -> str:
    listed_names = list(dict.fromkeys(names))
    rest = len(listed_names) - shown
    return ", ".join(listed_names[:shown]) + (f" and {rest} more" if rest > 0 else "")
