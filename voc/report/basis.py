"""What a report is made from: the tables, the scope and what people decided, as they were at one moment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from voc import words

if TYPE_CHECKING:
    from voc.config import InsightsConfig
    from voc.insights import Facts, Scope

#: How figures are to be read; said once in every report.
HOW_TO_READ = (
    "Stars lost: how much lower the mean rating is with the reviews that mention the theme than without them. It tells "
    "where customers hurt; it is not the gain to expect from a fix.",
    "Reach: the share of the reviews read that mention the theme. Of reviewers, not of buyers; what the reading misses "
    "is missing.",
    "Ranks: #2, 90 %: 1–4 means second in this list, and with 90 % confidence truly between first and fourth. Other "
    "intervals hold the true value with the same confidence.",
    "Growing or shrinking is said only where a change between two phases stands out among all themes tested together.",
    "Quotes are customers' own words, shortened to the sentence that carries the opinion; the opinion and the part of "
    "the product are marked.",
)


@dataclass(frozen=True, eq=False)
class Basis:
    """All that a report needs.

    Attributes:
        facts: the tables, with people's names for themes and without hidden themes.
        config: confidence level and the like.
        scope: the reviews under view.
        scope_words: the scope as a reader would say it, "" for all reviews.
        workspace: name of the workspace.
        day: of the analysis.
        ranked: rows of the opportunities table of this scope, best first.
        address: of the app, without a slash at its end; "" where none is known.
        parameters: of the app's address that choose the scope.
        decisions: what people decided, as the workspace's entries list it.
        fixes: rows of `verifications`.
    """

    facts: Facts
    config: InsightsConfig
    scope: Scope
    scope_words: str
    workspace: str
    day: dt.date
    ranked: Sequence[Mapping[str, Any]]
    address: str = ""
    parameters: Mapping[str, str] | None = None
    decisions: Sequence[Mapping[str, Any]] = ()
    fixes: Sequence[Mapping[str, Any]] = ()

    @property
    def source(self) -> str:
        """What figures and pictures name as their source."""
        return f"voc, {self.workspace}, {self.scope_words or 'all reviews'}, {words.day(self.day)}"

    @cached_property
    def coverage(self) -> dict[str, Any]:
        """How much of the data is behind the figures."""
        from voc.insights import coverage

        return coverage(self.facts, self.scope)

    @cached_property
    def everywhen(self) -> Scope:
        """The scope over all phases."""
        return replace(self.scope, phase_id=None)

    @cached_property
    def phases(self) -> list[dict[str, Any]]:
        """The phases that tell a story: people's own, else the versions of the product that has most; oldest first."""
        rows = self.facts.phases.to_pylist()
        own = [row for row in rows if row["source"] == "user" and row["product_id"] in (None, *self.scope.products)]
        versions = [row for row in rows if row["source"] == "version"]
        if self.scope.products:
            versions = [row for row in versions if row["product_id"] in self.scope.products]
        counted = [row["product_id"] for row in versions]
        most = max(counted, key=counted.count, default=None)
        chosen = own or [row for row in versions if row["product_id"] == most]
        return sorted(chosen, key=lambda row: (row["start"] or dt.date.min, row["version"] or "", row["name"]))

    def link(self, page: str, **parameters: str) -> str:
        """Return the address of a page of the app in this scope; "" where the app's address is not known."""
        if not self.address:
            return ""
        query = urlencode({**(self.parameters or {}), **parameters})
        return f"{self.address}/{page}" + (f"?{query}" if query else "")


def behind(basis: Basis) -> list[str]:
    """Return sentences on how much of the data is behind a report's figures."""
    found = basis.coverage
    total, counted = int(found["reviews"]), int(found["counted"])
    said = [
        f"{words.plural(total, 'review')} of {words.plural(int(found['products']), 'product')}; "
        f"{words.count(counted)} of them were read and count for shares and stars."
    ]
    if found["first_day"] is not None:
        said.append(
            f"Written from {words.day(found['first_day'])} to {words.day(found['last_day'])}; "
            f"{words.percent(1 - found['dated'] / total)} carry no date."
        )
    unread = {words.language(name): n for name, n in found["not_analysed"].items()}
    if unread:
        listed = ", ".join(f"{name} {words.count(n)}" for name, n in sorted(unread.items(), key=lambda i: -i[1])[:5])
        said.append(f"Not read: {words.plural(sum(unread.values()), 'review')} ({listed}).")
    if len(found["channels"]) > 1:
        listed = ", ".join(f"{name} {words.count(one['reviews'])}" for name, one in found["channels"].items())
        said.append(f"Channels: {listed}.")
    if found["predicted"]:
        said.append(
            f"{words.plural(int(found['predicted']), 'review')} had no stars; those read from the text stand in."
        )
    if found["troubles"]:
        said.append(
            f"{words.percent(found['troubles_unassigned_share'])} of the complaints that say what goes wrong fit no "
            "theme."
        )
    return said
