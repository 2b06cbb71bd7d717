"""The filters above a page: product, brand, market and phase become the scope of every figure below them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from voc import words
from voc.ui import state
from voc.ui.data import View
from voc.ui.frames import records

if TYPE_CHECKING:
    from voc.insights import Scope


def options(view: View, column: str) -> dict[str, str]:
    """Return the values of a review column, most reviews first, with the words a reader sees."""
    label = "any_value(product)" if column == "product_id" else column
    counted = view.frame(
        f"SELECT {column} AS value, {label} AS label, count(*) AS n FROM reviews "  # noqa: S608 - our column names
        f"WHERE {column} IS NOT NULL GROUP BY {column} ORDER BY n DESC, value"
    )
    return {
        row["value"]: f"{row['label'] if isinstance(row['label'], str) and row['label'] else row['value']} "
        f"({words.count(row['n'])})"
        for row in records(counted)
    }


def phase_options(view: View) -> dict[str, str]:
    """Return phases by id with their names, those with dates first and oldest first."""
    rows = sorted(view.phases().to_pylist(), key=lambda row: (row["source"] != "user", str(row["start"] or "9")))
    products = options(view, "product_id") if any(row["product_id"] for row in rows) else {}
    return {row["phase_id"]: phase_label(row, products) for row in rows}


def phase_label(row: dict[str, object], products: dict[str, str]) -> str:
    """Return a phase's name; a version's with its product, where there are several."""
    name = str(row["name"])
    product = products.get(str(row["product_id"]), "").rsplit(" (", 1)[0]
    return f"{product}: {name}" if row["product_id"] and len(products) > 1 and product not in name else name


def fields(view: View) -> list[tuple[str, str, str, dict[str, str]]]:
    """Return what can be filtered by: the words above it, its query parameter, the words for all, and its values."""
    return [
        ("Product", "product", "All products", options(view, "product_id")),
        ("Brand", "brand", "All brands", options(view, "brand")),
        ("Market", "market", "All markets", options(view, "market")),
        ("Phase", "phase", "All phases", phase_options(view)),
    ]


def choose(view: View, *, phase: bool = True) -> Scope:
    """Draw the filters that have something to choose from and return the scope they make.

    Args:
        view: the workspace's state.
        phase: offer the phases too.
    """
    from voc.insights import Scope

    shown = [field for field in fields(view) if len(field[3]) > 1 and (phase or field[1] != "phase")]
    chosen: dict[str, str] = {}
    if shown:
        with st.container(key="filters"):
            for column, (label, name, everything, values) in zip(st.columns(len(shown)), shown, strict=True):
                with column:
                    chosen[name] = state.pick(label, values, name, everything=everything)
    scope = Scope(
        products=(chosen["product"],) if chosen.get("product") else (),
        brands=(chosen["brand"],) if chosen.get("brand") else (),
        markets=(chosen["market"],) if chosen.get("market") else (),
        phase_id=chosen.get("phase") or None,
    )
    # For the names and sources of what is taken away.
    st.session_state["voc_scope_words"] = described(view, scope) if any(chosen.values()) else ""
    return scope


def described(view: View, scope: Scope) -> str:
    """Return a scope in words: "Bolt cable, US, phase Growth"."""
    parts = [options(view, "product_id").get(value, value).rsplit(" (", 1)[0] for value in scope.products]
    parts += [*scope.brands, *scope.markets]
    if scope.phase_id:
        parts.append(f"phase {phase_options(view).get(scope.phase_id, scope.phase_id)}")
    return ", ".join(parts) or "all reviews"
