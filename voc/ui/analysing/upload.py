"""The form on which exports are uploaded and the meaning of their columns is confirmed."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from voc import words
from voc.errors import VocError
from voc.ui import access, data, parts, places
from voc.ui.analysing.jobs import Batch, Jobs
from voc.ui.frames import records

if TYPE_CHECKING:
    from voc.config import Config
    from voc.ingest import Preview

TYPES = ["csv", "tsv", "txt", "json", "jsonl", "ndjson", "parquet", "xlsx", "gz", "zip"]

#: Columns of `reviews` that a person may assign, with the words on the page.
COLUMNS = {
    "body": "Review text",
    "title": "Title",
    "rating": "Stars",
    "written_at": "Date",
    "product": "Product name",
    "product_id": "Product id",
    "brand": "Brand",
    "market": "Market",
    "variant": "Variant",
    "version": "Version",
    "verified": "Verified",
    "review_id": "Review id",
}
_NONE = "(not in this file)"
_BY_PATH = "by_path"
_BY_THE_REST = "rest"
_LONGEST = 150
_DEVICES = {"CON", "PRN", "AUX", "NUL", *(f"{port}{number}" for port in ("COM", "LPT") for number in range(1, 10))}


def form(workspace: Path, jobs: Jobs) -> None:
    """Draw the upload, the preview of each file and the button that starts the analysis."""
    if not access.may_edit():
        parts.nothing("Exports are analysed by somebody who may change things here; you can see everything they find.")
        return
    files = st.file_uploader("Review exports", type=TYPES, accept_multiple_files=True, key="uploads")
    placed = _by_path()
    if not files and not placed:
        st.html(
            '<p class="voc-key">Only the text is essential; stars, dates, products and versions make more figures '
            "possible. Names of reviewers are never stored.</p>"
        )
        return
    view = data.view()
    config = data.configuration(view.snapshot if view else None)
    folder = _folder() if files else None
    alike: dict[str, Batch] = {}
    ready = True
    try:
        paths = ([_saved(Path(folder.name), file) for file in files] if folder is not None else []) + placed
    except VocError as error:
        st.error(words.literal(str(error)), icon=":material/error:")
        return
    for path in paths:
        chosen = _confirm(path, config)
        if chosen is None:
            ready = False
            continue
        key = json.dumps(chosen, sort_keys=True)
        alike[key] = Batch([*(alike[key].paths if key in alike else ()), path], *chosen)
    label = "Analyse" if len(paths) == 1 else f"Analyse {len(paths)} files"
    if st.button(label, type="primary", icon=":material/play_arrow:", disabled=not ready, key="start"):
        try:
            jobs.start(list(alike.values()), workspace=workspace, config=config, uploads=folder)
        except VocError as error:
            st.error(words.literal(str(error)))
            return
        # The job now owns the files and removes them when it has ended.
        for key in ("upload_folder", "uploads", _BY_PATH):
            st.session_state.pop(key, None)
        st.rerun()


def _by_path() -> list[Path]:
    """Offer to name a file that lies on the server, where folders for that were named; return what it stands for."""
    folders = places.folders()
    if not folders:
        return []
    typed = st.text_input(
        "Or a file or folder where the app runs, for large exports",
        key=_BY_PATH,
        placeholder="exports/2024.csv.gz",
        help=words.literal(f"Under {', '.join(str(folder) for folder in folders)}. It is read where it lies."),
    )
    if not typed or not typed.strip():
        return []
    try:
        return places.find(typed)
    except VocError as error:
        st.error(words.literal(str(error)), icon=":material/error:")
        return []


def _folder() -> tempfile.TemporaryDirectory[str]:
    """Return this sitting's folder of uploads; it goes when the sitting ends."""
    if "upload_folder" not in st.session_state:
        st.session_state["upload_folder"] = tempfile.TemporaryDirectory(prefix="voc-upload-")
    folder: tempfile.TemporaryDirectory[str] = st.session_state["upload_folder"]
    return folder


def _saved(folder: Path, file: Any) -> Path:
    """Write an upload under its own name, which may tell the product; each in a folder of its own."""
    place = folder / "".join(c for c in str(file.file_id) if c.isalnum())
    path = place / safe_name(str(file.name))
    if not path.exists():
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = path.with_name(f"{path.name}.part")
        try:
            with part.open("wb") as out:
                # Piece by piece: a second copy of a large upload in the memory would be one too many.
                shutil.copyfileobj(file, out, 1 << 20)
            part.replace(path)
        except OSError as error:
            part.unlink(missing_ok=True)
            raise VocError(
                f"{path.name}: the upload could not be kept ({error.strerror}); free some disk space where the app "
                "runs, and upload it again."
            ) from None
    return path


def safe_name(name: str) -> str:
    """Return the last part of a name from outside as one that every file system takes and none reads as a path."""
    last = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(c for c in last if c.isprintable() and c not in '<>:"|?*').strip(" .")
    stem, dot, ending = kept.rpartition(".")
    if len(kept.encode()) > _LONGEST:
        ending = ending[:10] if dot else ""
        stem = (stem or kept).encode()[: _LONGEST - 12].decode("utf-8", "ignore")
        kept = f"{stem}.{ending}" if ending else stem
    # Devices of Windows, whatever follows the dot.
    return f"_{kept}" if kept.partition(".")[0].upper() in _DEVICES else kept or "export"


@st.cache_data(max_entries=32, show_spinner="Reading the file")
def _preview(path: str, changed: float, mapping: dict[str, str], config: str) -> Preview:
    from voc.config import IngestConfig
    from voc.ingest import preview

    return preview(Path(path), config=IngestConfig.model_validate_json(config), mapping=mapping or None)


def _confirm(path: Path, config: Config) -> tuple[dict[str, str], str | None] | None:
    """Show what one file holds and let the reader correct it.

    Returns:
        The columns that the reader changed, and the order of its dates where the reader chose one; None where the file
        cannot be analysed so.
    """
    section = config.ingest.model_dump_json()
    with st.container(border=True):
        st.html(f'<div class="voc-file">{words.safe(path.name)}</div>')
        # A file on the server may be written anew under the same name.
        written = path.stat().st_mtime
        detected = _preview(str(path), written, {}, section)
        if not detected.headers:
            # There is nothing to choose from: the reason is all there is to say.
            st.error(words.literal(detected.problem or ""), icon=":material/error:")
            return None
        unread = bool(detected.problem) and detected.open_dates is None
        with st.expander("Change columns", expanded=unread, icon=":material/view_column:"):
            changed = _columns(path, detected)
        shown = _preview(str(path), written, changed, section) if changed else detected
        st.html(_described(shown))
        order = None
        if shown.open_dates is not None:
            order = _date_order(path, shown)
            if order is not None:
                told = config.ingest.model_copy(update={"date_order": order}).model_dump_json()
                shown = _preview(str(path), written, changed, told)
            elif shown.whole:
                return None
        if not shown.whole:
            st.html('<p class="voc-key">Seen here is the beginning of the file; the analysis reads all of it.</p>')
        for note in shown.notes:
            st.html(f'<p class="voc-key">{words.safe(note)}</p>')
        if shown.problem:
            st.error(words.literal(shown.problem), icon=":material/error:")
            parts.nothing("Columns can be chosen above, under Change columns.")
            return None
        _sample(shown)
        return changed, order


def _date_order(path: Path, preview: Preview) -> str | None:
    """Ask what comes first in the dates of a file whose rows do not tell; return "dmy", "mdy" or None for no answer.

    Where only the beginning of the file was looked at, what follows may tell: then no answer is one too.
    """
    one = preview.open_date
    orders = {
        "dmy": "The day" if one is None else f"The day: {one.written} is {words.day(one.day_first)}",
        "mdy": "The month" if one is None else f"The month: {one.written} is {words.day(one.month_first)}",
    }
    if not preview.whole:
        orders[_BY_THE_REST] = "Let the rest of the file tell"
    chosen = st.radio(
        f"What comes first in the dates of {words.literal(path.name)}?",
        list(orders),
        format_func=orders.__getitem__,
        index=None if preview.whole else list(orders).index(_BY_THE_REST),
        key=f"dates_{path}_{preview.mapping['written_at']}",
        horizontal=True,
    )
    if chosen is None:
        st.html(f'<p class="voc-key">{words.safe(preview.open_dates)}. The reviews are shown once you have chosen.</p>')
    return None if chosen == _BY_THE_REST else chosen


def _columns(path: Path, detected: Preview) -> dict[str, str]:
    """Offer a choice of header for each column; return what differs from what was detected."""
    changed: dict[str, str] = {}
    options = [_NONE, *detected.headers]
    wanted = {**COLUMNS, **{name: name for name in detected.mapping if name not in COLUMNS}}
    columns = st.columns(3)
    for place, (name, label) in enumerate(wanted.items()):
        found = detected.mapping.get(name, _NONE)
        with columns[place % 3]:
            header = st.selectbox(
                label, options, index=options.index(found) if found in options else 0, key=f"map_{path}_{name}"
            )
        if header != found:
            changed[name] = "" if header == _NONE else str(header)
    return changed


def _described(preview: Preview) -> str:
    """Return in one line how the file was understood."""
    found = [f"{COLUMNS.get(name, name)} ← {header}" for name, header in preview.mapping.items()]
    facts = [preview.format, *([preview.encoding] if preview.encoding else [])]
    unused = (
        f'<p class="voc-key">Kept but not analysed: {words.safe(", ".join(preview.unmapped))}</p>'
        if preview.unmapped
        else ""
    )
    return (
        f'<p class="voc-key">{words.safe(" · ".join(facts))}</p>'
        f'<div class="voc-chips">{"".join(parts.chip(text) for text in found)}</div>{unused}'
    )


def _sample(preview: Preview) -> None:
    """Show the first reviews as they will be analysed."""
    frame: pd.DataFrame = preview.cleaned.to_pandas()
    rows = [
        [
            "" if words.missing(row["rating"]) else f"{row['rating']:g} ★",
            words.day(row["written_at"]) if not pd.isna(row["written_at"]) else "",
            str(row["product"] or row["product_id"] or ""),
            _short(str(row["text"])),
        ]
        for row in records(frame.head(4))
    ]
    st.html(parts.table(["Stars", "Date", "Product", "Text as it will be read"], rows, short=[0, 1]))


def _short(text: str, limit: int = 180) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
