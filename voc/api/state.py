"""The state of a workspace that an analysis shows: one snapshot, its configuration, and what people entered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from voc.analyses.state import load_facts
from voc.errors import VocError
from voc.insights.scope import Scope

if TYPE_CHECKING:
    from voc.config import Config
    from voc.insights import Facts
    from voc.store import Snapshot, Workspace

#: One name or several.
Names: TypeAlias = str | Iterable[str] | None
#: A day: a date, or a text such as "2024-06-01".
Day: TypeAlias = dt.date | str | None


class State:
    """A snapshot with all that its figures depend on besides.

    Attributes:
        place: the workspace.
        snapshot: its tables as they were at one commit.
        config: how figures are computed.
    """

    def __init__(self, place: Workspace, snapshot: Snapshot, config: Config) -> None:
        self.place = place
        self.snapshot = snapshot
        self.config = config
        self._facts: tuple[str, Facts, bool] | None = None

    @property
    def facts(self) -> Facts:
        """All tables an insight needs, with people's names for themes and without those they hid."""
        return self._held()[0]

    def _held(self) -> tuple[Facts, bool]:
        """Return the facts, and whether the run computed its figures from the same."""
        entries = self.place.entries
        version = str(entries.figures_version())
        if self._facts is None or self._facts[0] != version:
            raw = load_facts(self.place, self.snapshot)
            facts = raw.curated(entries.theme_names(), entries.hidden_themes())
            then = self.snapshot.table("phases")
            self._facts = version, facts, facts.themes.equals(raw.themes) and facts.phases.equals(then)
        return self._facts[1], self._facts[2]

    @property
    def current(self) -> bool:
        """Whether the figures that the run stored still hold: nothing was forgotten, and they are set up that way."""
        stored = self.snapshot.info.get("config", {}).get("insights")
        same = stored is None or stored == self.config.insights.model_dump(mode="json")
        return bool(same and not self.snapshot.info.get("stale"))

    def stored(self, name: str, scope: Scope) -> pa.Table | None:
        """Return a table that the run stored of the whole workspace; None where today it would be another."""
        if scope != Scope() or not self.snapshot.has(name) or not self.current or not self._held()[1]:
            return None
        return self.snapshot.table(name)

    def opportunities(self, scope: Scope) -> pa.Table:
        """Return the table `opportunities` of a scope, best first, under people's names and without hidden themes."""
        facts = self.facts
        found = self._stored_opportunities(scope)
        if found is None:
            from voc.insights import opportunities

            kind, name = ("workspace", "") if scope == Scope() else _single(facts, scope) or ("filter", in_words(scope))
            found = opportunities(facts, scope, config=self.config.insights, scope_type=kind, scope_name=name)
        names = dict(zip(*(facts.themes[column].to_pylist() for column in ("theme_id", "name")), strict=True))
        found = found.filter(pc.is_in(found["theme_id"], value_set=pa.array(list(names), pa.string()))).sort_by("rank")
        renamed = pa.array([names[theme_id] for theme_id in found["theme_id"].to_pylist()], pa.string())
        place = found.schema.get_field_index("name")
        return found.set_column(place, found.schema.field("name"), renamed)

    def _stored_opportunities(self, scope: Scope) -> pa.Table | None:
        if not self.current or not self.snapshot.has("opportunities"):
            return None
        kind, name = single = ("workspace", "") if scope == Scope() else _single(self.facts, scope) or ("", "")
        if kind == "phase":
            then, now = (
                [row for row in phases.to_pylist() if row["phase_id"] == name]
                for phases in (self.snapshot.table("phases"), self.facts.phases)
            )
            if then != now:
                return None
        everything = self.snapshot.table("opportunities")
        found = everything.filter(
            pc.and_(pc.equal(everything["scope_type"], kind), pc.equal(everything["scope"], name))
        )
        return found if found.num_rows or single == ("workspace", "") else None


def scope_of(
    facts: Callable[[], Facts],
    product: Names = None,
    brand: Names = None,
    market: Names = None,
    channel: Names = None,
    phase: str | None = None,
    version: str | None = None,
    since: Day = None,
    until: Day = None,
) -> Scope:
    """Return the scope that arguments name, its products and phase by their ids.

    Raises:
        VocError: a day is not one, or the data knows no such product or phase.
    """
    scope = Scope(
        products=_names(product),
        brands=_names(brand),
        markets=_names(market),
        channels=_names(channel),
        start=day_of(since, "since"),
        end=day_of(until, "until"),
        phase_id=phase,
        version=version,
    )
    if scope == Scope():
        return scope
    from voc.insights.scope import find_phase, select

    # Names are checked here, so that every figure refuses an unknown one with the same sentence.
    select(facts(), scope)
    return scope if phase is None else replace(scope, phase_id=find_phase(facts(), phase).phase_id)


def _single(facts: Facts, scope: Scope) -> tuple[str, str] | None:
    """Return scope_type and scope under which a run stores such opportunities; None for what it does not store."""
    from voc.analyses.state import stored_scope

    for field, kind in (("products", "product"), ("brands", "brand"), ("phase_id", "phase")):
        value = getattr(scope, field)
        one = value if isinstance(value, str) else value[0] if value and len(value) == 1 else None
        if one is not None and replace(scope, **{field: getattr(Scope(), field)}) == Scope():
            given = {"product": None, "brand": None, "phase": None, kind: one}
            found = stored_scope(facts, **given)
            return None if found[0] == "filter" else found
    return None


def in_words(scope: Scope) -> str:
    """Return a scope as a reader would say it; "" for all reviews."""
    said = [*scope.products, *scope.brands, *scope.markets, *scope.channels]
    said += [f"{what} {value}" for what, value in (("phase", scope.phase_id), ("version", scope.version)) if value]
    said += [f"{what} {day}" for what, day in (("since", scope.start), ("until", scope.end)) if day is not None]
    return ", ".join(said)


def _names(given: Names) -> tuple[str, ...]:
    if given is None:
        return ()
    found = (given,) if isinstance(given, str) else tuple(given)
    if not found:
        raise VocError("A list of names is empty: leave it out to see all reviews.")
    return found


def day_of(given: Day, name: str) -> dt.date | None:
    """Return a day that an argument names.

    Raises:
        VocError: it names none.
    """
    if isinstance(given, str):
        try:
            return dt.date.fromisoformat(given)
        except ValueError:
            raise VocError(f"{name}={given!r} is no day; give a date, or a text such as '2024-06-01'.") from None
    # Also a pandas Timestamp is a datetime, and a datetime is a date.
    return given.date() if isinstance(given, dt.datetime) else given
