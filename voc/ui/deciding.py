"""What was decided about an opportunity, on its detail page, and a short form to decide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from voc.ui import data

if TYPE_CHECKING:
    from voc.insights import Scope


def panel(view: data.View, scope: Scope, row: dict[Any, Any]) -> None:
    """Draw the decisions about an opportunity and, for who may edit, a short form to make one.

    Args:
        view: the workspace's state.
        scope: products, segment and dates under view; a new decision is taken in it.
        row: the opportunity, with `theme_id`, `name`, `reach`.
    """
