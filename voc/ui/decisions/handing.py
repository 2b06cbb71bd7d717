"""Reports and issues to take into a meeting or a tracker, made from the view when the reader asks for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

import pandas as pd
import pyarrow as pa
import streamlit as st

from voc.ui import filters, nav
from voc.ui.data import View
from voc.ui.decisions.verified import remembered

if TYPE_CHECKING:
    from voc.insights import Scope
    from voc.report.basis import Basis


def basis(view: View, scope: Scope) -> Basis:
    """Return what a report of a scope is made from."""
    return _basis(view, scope, address(), _parameters(view, scope))


def makers(view: View, scope: Scope, theme_id: str | None) -> dict[str, Callable[[], bytes]]:
    """Return for each kind of file a function that makes it, which may run outside the page's script."""
    here, parameters = address(), _parameters(view, scope)

    def made(kind: str) -> bytes:
        from voc.report import made as file_of

        return file_of(_basis(view, scope, here, parameters), kind, theme_id)

    from voc.report import KINDS

    return {kind: (lambda kind=kind: made(kind)) for kind in KINDS}  # type: ignore[misc]


def address() -> str:
    """Return the address of the app itself, without a slash at its end; "" where it is not known."""
    url = urlsplit(st.context.url or "")
    if url.scheme not in ("http", "https") or not url.netloc:
        return ""
    path = url.path.rstrip("/")
    folder, _, last = path.rpartition("/")
    return f"{url.scheme}://{url.netloc}{folder if last in nav.PAGES else path}"


def link() -> str:
    """Return the address of exactly this view, which lives in its parameters; "" where it is not known."""
    url = urlsplit(st.context.url or "")
    if url.scheme not in ("http", "https"):
        return ""
    query = urlencode(st.query_params.to_dict())
    return f"{url.scheme}://{url.netloc}{url.path}" + (f"?{query}" if query else "")


def _parameters(view: View, scope: Scope) -> dict[str, str]:
    given = {
        "product": next(iter(scope.products), ""),
        "brand": next(iter(scope.brands), ""),
        "market": next(iter(scope.markets), ""),
        "phase": scope.phase_id or "",
    }
    return {name: value for name, value in given.items() if value}


def _basis(view: View, scope: Scope, here: str, parameters: dict[str, str]) -> Basis:
    from voc.report.basis import Basis

    return Basis(
        facts=view.facts(),
        config=view.config.insights,
        scope=scope,
        scope_words=_described(view, scope),
        workspace=view.workspace.path.name,
        day=view.snapshot.created_at.date(),
        ranked=_plain(view.opportunities(scope)),
        address=here,
        parameters=parameters,
        decisions=view.workspace.entries.decisions(),
        fixes=remembered(view),
    )


def _described(view: View, scope: Scope) -> str:
    return "" if scope == type(scope)() else filters.described(view, scope)


def _plain(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows as Arrow has them: nothing missing is NaN."""
    rows: list[dict[str, Any]] = pa.Table.from_pandas(frame, preserve_index=False).to_pylist()
    return rows
