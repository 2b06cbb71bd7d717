"""Needs and use: what customers wish for, when in a product's life its troubles come, and how long it lasts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voc.analyses import Options
from voc.ui import analyses, data, filters, parts, state, words

if TYPE_CHECKING:
    from voc.insights import Scope


def render() -> None:
    """Draw the page."""
    state.arrive("needs")
    view = data.view()
    if view is None:
        parts.empty_workspace(str(data.workspace_path()))
        return
    parts.heading("Needs and use", "What customers wish for, and when in its life the product lets them down.")
    scope = filters.choose(view)
    analyses.section(
        view,
        "needs",
        scope,
        "What customers wish for",
        "Depth: a variant of what there is, an idea for a change, or something personal.",
    )
    analyses.section(
        view,
        "time-in-use",
        scope,
        "When troubles come",
        "Out of the box: the first three days; then to the sixtieth day; then later. As far as customers say.",
    )
    _failure(view, scope)


def _failure(view: data.View, scope: Scope) -> None:
    parts.section("Time to failure", "Of those who say when it failed: how many had it by which day.")
    ranked = view.opportunities(scope)
    names = dict(zip(ranked["theme_id"], (words.sentence(str(name)) for name in ranked["name"]), strict=True))
    theme = state.pick("Trouble", names, "theme", everything="All troubles") if names else ""
    found = analyses.analysed(view, "failure", scope, Options(theme=theme or None))
    analyses.rows(found, "all-failure")


if __name__ == "__main__":
    render()
