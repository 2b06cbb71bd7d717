"""Finds what the user names by --product, --brand and --phase in a workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from voc.analyses.state import load_facts, run_config, stored_scope
from voc.errors import VocError

if TYPE_CHECKING:
    from voc.insights import Scope
    from voc.store import Snapshot, Workspace


__all__ = ["load_facts", "open_snapshot", "run_config", "scope_of", "stored_scope"]


def open_snapshot(workspace: Workspace) -> Snapshot:
    """Return the newest analysis.

    Raises:
        VocError: there is none.
    """
    snapshot = workspace.current()
    if snapshot is None:
        raise VocError(
            f"{workspace.path}: there is no analysis here yet; run `voc run EXPORT --workspace {workspace.path}` first."
        )
    if snapshot.info.get("stale"):
        click.echo(
            "Reviews were forgotten since these figures were computed; the next `voc run` renews them.", err=True
        )
    return snapshot


def scope_of(product: str | None, brand: str | None, phase: str | None) -> Scope:
    """Return the scope of the options given; `voc.insights` finds names and ids in it and refuses unknown ones."""
    from voc.insights import Scope

    return Scope(
        products=() if product is None else (product,), brands=() if brand is None else (brand,), phase_id=phase
    )
