"""What a table of `voc insights` that is computed for a scope consists of, and how its cells are written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from voc.errors import VocError

if TYPE_CHECKING:
    import pyarrow as pa

    from voc.config import InsightsConfig
    from voc.insights import Facts, Scope

Row = Mapping[str, Any]
NO_TWO_PHASES = "There are no two phases to compare; add [[phases]] to the configuration, or in the app."


@dataclass(frozen=True)
class Options:
    """What further options of the command name; null where they were not given."""

    since: str | None = None
    until: str | None = None
    by: str | None = None
    theme: str | None = None
    model: str | None = None  # of the configuration that the reviews were read with
    side: str | None = None  # the two sides that are compared, values of the column `by`
    against: str | None = None


@dataclass(frozen=True)
class Found:
    """A computed table, sentences about it, and which of its rows are worth reading first (all of them by default).

    `ends` are the values between which the rows lead, where they add up to a change.
    """

    table: pa.Table
    notes: Sequence[str] = ()
    first: Callable[[Row], bool] = lambda row: True
    ends: tuple[float | None, float | None] = (None, None)


@dataclass(frozen=True)
class Stored:
    """Where a run stores a table of the whole workspace, and what is said about it.

    `found` takes that table and returns the rows that the options ask for; None where they were not stored.
    """

    table: str
    found: Callable[[pa.Table, Facts, Options], Found | None]


@dataclass(frozen=True)
class Analysis:
    """How a table is made for a scope, what is shown of a row, and where that of the whole workspace is stored."""

    title: str
    compute: Callable[[Facts, Scope, InsightsConfig, Options], Found]
    line: Callable[[Row, Mapping[str, str]], dict[str, Any]]
    stored: Stored | None = None


def share(value: float | None, digits: int = 1) -> str:
    """Return a share as per cent; "" for null."""
    return "" if value is None else f"{value:.{digits}%}".replace("-0.0%", "0.0%")


def points(value: float | None) -> str:
    """Return a difference of shares in points, with its sign; "" for null."""
    return "" if value is None else f"{100 * value:+.1f}"


def stars(value: float | None, sign: str = "") -> str:
    """Return stars with two digits; "" for null."""
    return "" if value is None else f"{value:{sign}.2f}"


def signed(value: float | None) -> str:
    """Return a difference of stars with its sign; "" for null."""
    return stars(value, "+")


def chance(value: float | None) -> str:
    """Return a p- or q-value; "" for null."""
    return "" if value is None else f"{value:.3f}"


def phase_names(facts: Facts) -> dict[str, str]:
    """Return the names of phases by id."""
    return {row["phase_id"]: row["name"] for row in facts.phases.select(["phase_id", "name"]).to_pylist()}


def between(form: Callable[[float | None], str], row: Row, name: str) -> str:
    """Return column `name` with its interval, as columns `name_low` and `name_high` have it."""
    value, low, high = row[name], row.get(f"{name}_low"), row.get(f"{name}_high")
    if value is None:
        return ""
    return form(value) if low is None or high is None else f"{form(value)} ({form(low)} to {form(high)})"


def counted(number: int, what: str) -> str:
    """Return a number of things in words: "1 review", "1,200 reviews"."""
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def first_quote(row: Row, limit: int = 140) -> str:
    """Return the first quote of a row, cut to a line; "" where it has none."""
    text = str(row["quotes"][0]["text"]) if row["quotes"] else ""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def two_phases(facts: Facts, options: Options) -> tuple[str, str]:
    """Return the ids of the phases that --from and --to name; without them the last one and the one before it.

    Raises:
        VocError: a phase is unknown, or there are no two to compare.
    """
    from voc.insights.phases import listed, previous_phases
    from voc.insights.scope import find_phase

    if options.since is not None and options.until is not None:
        return find_phase(facts, options.since).phase_id, find_phase(facts, options.until).phase_id
    phases = [phase for phase in listed(facts.phases) if phase.source == "user"] or listed(facts.phases)
    before = previous_phases(phases)
    if options.until is not None:
        later = find_phase(facts, options.until)
    else:
        ends = [phase for phase in phases if phase.phase_id in before]
        if not ends:
            raise VocError(NO_TWO_PHASES)
        later = ends[-1]
    if options.since is not None:
        return find_phase(facts, options.since).phase_id, later.phase_id
    if later.phase_id not in before:
        raise VocError(f"There is no phase before {later.name!r}; name one with --from.")
    return before[later.phase_id].phase_id, later.phase_id
