"""The analyses of `voc insights` in the app: the lines and sentences of the command line, for the chosen scope."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import streamlit as st

from voc import words
from voc.analyses import ANALYSES, Analysis, Found, Options, phase_names
from voc.errors import VocError
from voc.ui import computed, parts, state, takeaway
from voc.ui.data import Source, View
from voc.ui.scoping import whole

if TYPE_CHECKING:
    from voc.insights import Scope

#: Rows that a section shows before the reader asks for all.
SHOWN = 12
#: Columns of names, which begin with a capital letter in the app.
_NAMES = ("theme", "what", "need", "part", "kind", "movement", "by", "of", "level", "class", "quadrant", "conclusion",
          "clear enough for a phase", "opening", "")  # fmt: skip
#: What a column headed by a letter alone holds.
_LETTERS = {
    "q": "q: the share of false alarms to expect among rows that are at least as clear; below 0.10 a row counts.",
    "p": "p: how often chance alone would bring as clear a change.",
}
_FIGURE = re.compile(r"^[-+−<]? ?[\d.,]+ ?[%★]?( \(.*\))?$|^$")
_DAY = re.compile(r"(?<![\w-])(?:19|20)\d\d-\d\d-\d\d(?![\w-])")
#: Figures as the command line writes them -> as the app does.
_FORMS = (
    (re.compile(r"(?<![\w.])-(?=\d)"), "−"),
    (re.compile(r"[-−+](0\.0+)(?!\d)"), r"\1"),
    (re.compile(r"(?<=\d)%"), " %"),
    (re.compile(r"(?<=\d),(?=\d{3}\b)"), " "),
)


@dataclass(frozen=True)
class Shown:
    """An analysis of a scope as the reader sees it.

    Attributes:
        lines: what is shown of each row that is worth reading; all of the same columns.
        rows: the whole table.
        notes: sentences about it.
        ends: the values between which the rows lead, where they add up to a change.
        fault: in place of all that, why it could not be computed.
        title: what the analysis is called.
        table: the whole table to take away, with names beside the ids of phases.
    """

    lines: list[dict[str, Any]]
    rows: pd.DataFrame
    notes: tuple[str, ...]
    ends: tuple[float | None, float | None] = (None, None)
    fault: str | None = None
    title: str = ""
    table: pa.Table | None = None


def analysed(view: View, name: str, scope: Scope, options: Options | None = None) -> Shown:
    """Return an analysis of `voc.analyses.ANALYSES` for a scope, cached by the state of the workspace."""
    options = replace(options or Options(), model=view.config.model.opinions)
    return _analysed(view.source, name, scope, options, view)


@st.cache_data(max_entries=256, show_spinner="Computing …")
def _analysed(source: Source, name: str, scope: Scope, options: Options, _view: View) -> Shown:
    analysis, facts = ANALYSES[name], _view.facts()
    try:
        found = _as_stored(_view, analysis, scope, options)
        if found is None:
            found = analysis.compute(facts, scope, _view.config.insights, options)
    except VocError as error:
        return Shown([], pd.DataFrame(), (), fault=str(error))
    names = phase_names(facts)
    lines = [analysis.line(row, names) for row in found.table.to_pylist() if found.first(row)]
    held = _named(found.table, names)
    return Shown(lines, found.table.to_pandas(), tuple(found.notes), found.ends, title=analysis.title, table=held)


def _as_stored(view: View, analysis: Analysis, scope: Scope, options: Options) -> Found | None:
    """Return what the run stored of the whole workspace, None where something else is asked for or has changed."""
    if analysis.stored is None or scope != whole():
        return None
    table = computed.stored(view, analysis.stored.table)
    return None if table is None else analysis.stored.found(table, view.facts(), options)


def _named(table: pa.Table, phases: Mapping[str, str]) -> pa.Table:
    """Return a table with the name of a phase before each of its ids."""
    for column in [name for name in table.column_names if name.endswith("phase_id")]:
        named = pa.array([phases.get(phase_id) for phase_id in table[column].to_pylist()], pa.string())
        table = table.add_column(table.column_names.index(column), column.removesuffix("_id"), named)
    return table


def section(view: View, name: str, scope: Scope, title: str, subtitle: str, *, options: Options | None = None) -> None:
    """Draw an analysis as a section: its table, the sentences about it, and a way to see all rows.

    Args:
        view: the workspace's state.
        name: of `voc.analyses.ANALYSES`.
        scope: the reviews under view.
        title: heading of the section.
        subtitle: what it answers, in a sentence.
        options: further choices of the reader.
    """
    parts.section(title, subtitle)
    rows(analysed(view, name, scope, options), f"all-{name}")


def rows(found: Shown, key: str) -> None:
    """Draw the lines of an analysis, and say why where there are none; `key` is the query parameter for all of them."""
    if found.fault is not None:
        parts.nothing(words.sentence(found.fault))
        return
    everything = state.get(key) == "1"
    shown = found.lines if everything else found.lines[:SHOWN]
    if shown:
        st.html(lines_table(shown))
    elif not found.notes or len(found.rows):
        parts.nothing("Nothing stands out here.")
    explained = [_LETTERS[name] for name in _LETTERS if shown and name in shown[0]]
    notes((*found.notes, *explained))
    with st.container(horizontal=True, vertical_alignment="center"):
        if len(found.lines) > SHOWN:
            label = f"Show the first {SHOWN}" if everything else f"Show all {len(found.lines)}"
            st.button(
                label, type="tertiary", key=f"button-{key}", on_click=state.put, args=(key, "" if everything else "1")
            )
        if found.table is not None and found.table.num_rows:
            takeaway.files(found.title, found.table, key=f"take-{key}")


def notes(sentences: Iterable[str]) -> None:
    """Draw sentences in small type, one under the other."""
    written = "".join(f'<p class="voc-key">{words.safe(typeset(sentence))}</p>' for sentence in sentences)
    if written:
        st.html(written)


def lines_table(lines: Sequence[dict[str, Any]]) -> str:
    """Return lines as a table; columns of figures are set flush right, those without any entry are left out."""
    headers = [h for h in lines[0] if any(line[h] not in (None, "") for line in lines)]
    cells = [[_cell(h, line[h]) for h in headers] for line in lines]
    numbers = [
        place
        for place in range(len(headers))
        if all(_FIGURE.match(row[place]) for row in cells) and any(row[place] for row in cells)
    ]
    return parts.table(
        [words.sentence(typeset(h)) if h not in ("q", "p", "#", "") else h for h in headers], cells, numbers=numbers
    )


def _cell(header: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dt.date):
        return words.day(value)
    if isinstance(value, int):
        return words.count(value)
    if header in ("q", "p") and value == "0.000":
        return "< 0.001"
    if header in _NAMES:
        return words.sentence(str(value).replace("_", " "))
    return typeset(str(value)) if _FIGURE.match(str(value)) else str(value)


def typeset(text: str) -> str:
    """Set figures and days as everywhere in the app: minus signs, spaces before % and thousands, "9 Jan 2025"."""
    text = _DAY.sub(_day, text)
    for pattern, written in _FORMS:
        text = pattern.sub(written, text)
    return text


def _day(found: re.Match[str]) -> str:
    try:
        return words.day(dt.date.fromisoformat(found[0]))
    except ValueError:
        return found[0]
