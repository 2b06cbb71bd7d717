"""The panel of a running or ended analysis: live progress, then what was read and what was found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from voc import words
from voc.errors import VocError
from voc.ui import access, data, nav, parts
from voc.ui.analysing.jobs import Job, Jobs
from voc.ui.analysing.pending import Pending
from voc.ui.frames import records

_REFUSED = "voc_job_refused"


@st.cache_resource(show_spinner=False)
def jobs() -> Jobs:
    """Return the analyses of this server."""
    return Jobs()


def panel(path: Path) -> None:
    """Draw the state of the workspace's analysis; while it runs the panel renews itself every second."""
    job = jobs().latest(path)
    if job is None:
        return
    with st.container(border=True, key="job"):
        if job.state == "running":
            _live(path)
        else:
            _ended(path, job)


@st.fragment(run_every=1.0)
def _live(path: Path) -> None:
    job = jobs().latest(path)
    if job is None or job.state != "running":
        st.rerun()
        return
    names = ", ".join(job.files)
    st.html(f'<div class="voc-file">Analysing {words.safe(names)}</div>')
    share = job.share()
    counted = f"{words.count(job.done)} of {words.count(job.total)}" if job.total else ""
    left, whole = job.seconds_left(), job.whole_left(_last_seconds())
    rest = f"about {duration(left)} left in this step" if left is not None else ""
    if whole is not None:
        rest = ", ".join([*([rest] if rest else []), f"about {duration(whole)} left in all"])
    text = " · ".join(part for part in (words.sentence(job.stage), counted, rest) if part)
    st.progress(share if share is not None else 0.0, text=words.literal(text))
    st.html(
        f"{_steps(job)}"
        f'<p class="voc-key">Running for {duration(job.seconds())}. You may leave this page; the analysis goes on.</p>'
    )
    if access.may_edit() and st.button("Stop", icon=":material/stop_circle:"):
        jobs().stop(path)
        st.rerun()


def _last_seconds() -> dict[str, float]:
    """Return how long each stage of the last run took."""
    view = data.view()
    return dict(view.snapshot.info.get("seconds", {})) if view is not None else {}


def _steps(job: Job) -> str:
    """Return the stages that are behind the running one."""
    done = [parts.chip(f"✓ {words.sentence(stage)}") for stage in job.stages[:-1]]
    return f'<div class="voc-chips">{"".join(done)}</div>' if done else ""


def _ended(path: Path, job: Job) -> None:
    resumable = job.state != "done" and not job.refused and Pending.of(path).task() is not None
    names = ", ".join(job.files)
    if job.state == "done":
        _summary(job)
    elif job.state == "stopped":
        st.warning(
            words.literal(f"The analysis of {names} was stopped; what was stored before is unchanged."),
            icon=":material/stop_circle:",
        )
    elif job.state == "interrupted":
        st.warning(
            words.literal(
                f"An analysis of {names} was interrupted; what was stored before is unchanged. {job.error}".rstrip()
            ),
            icon=":material/pause_circle:",
        )
    else:
        st.html(f'<div class="voc-file">{words.safe(names)}</div>')
        st.error(words.literal(job.error), icon=":material/error:")
    if resumable:
        parts.nothing("Resumed, it goes on where it was: what it had read is not read again.")
    with st.container(horizontal=True, vertical_alignment="center"):
        if job.state == "done":
            st.page_link(nav.page("overview"), label="See what to fix first", icon=":material/flag:")
        if not access.may_edit():
            return
        if resumable:
            st.button("Resume", type="primary", icon=":material/resume:", on_click=_act, args=(path, "resume"))
        label, icon = ("Discard", ":material/delete:") if resumable else ("Close", ":material/close:")
        st.button(label, type="tertiary", icon=icon, on_click=_act, args=(path, "dismiss"))
    refused = st.session_state.pop(_REFUSED, "")
    if refused:
        st.error(words.literal(refused), icon=":material/error:")


def _act(path: Path, what: str) -> None:
    if not access.may_edit():
        return
    try:
        getattr(jobs(), what)(path)
    except VocError as error:
        st.session_state[_REFUSED] = str(error)


def _summary(job: Job) -> None:
    """Write what was read and found, row counts that add up, rejects with their reasons."""
    reports = job.reports
    found = [
        parts.figure(words.count(sum(r["reviews_new"] for r in reports)), "new reviews"),
        parts.figure(words.count(sum(r["mentions_new"] for r in reports)), "opinions found in them"),
        parts.figure(words.count(reports[-1]["themes"]), "themes"),
        parts.figure(duration(job.seconds()), "taken"),
    ]
    st.html(f'<div class="voc-card-title">Analysis finished</div>{parts.figures(found)}')
    files: list[dict[str, Any]] = [file for report in reports for file in report["reports"]]
    rows = [
        [str(f["file"]), *(words.count(f[name]) for name in ("rows_read", "accepted", "duplicates", "rejected"))]
        for f in files
    ]
    st.html(parts.table(["File", "Rows read", "Accepted", "Duplicates", "Rejected"], rows, numbers=[1, 2, 3, 4]))
    for sentence in [*(n for f in files for n in f["notes"]), *(m for r in reports for m in r["messages"])]:
        st.html(f'<p class="voc-sub">{words.safe(sentence)}</p>')
    view = data.view()
    if view is None or not any(f["rejected"] for f in files):
        return
    with st.expander("Why rows were rejected"):
        reasons = view.frame(
            "SELECT source, reason, count(*) AS n, min(row) AS first, any_value(excerpt) AS excerpt FROM rejects "
            "GROUP BY source, reason ORDER BY n DESC LIMIT 200"
        )
        names = {str(f["file"]) for f in files}
        st.html(
            parts.table(
                ["File", "Reason", "Rows", "First row", "For example"],
                [
                    [
                        str(r["source"]),
                        str(r["reason"]),
                        words.count(r["n"]),
                        "" if r["first"] != r["first"] else words.count(r["first"]),
                        str(r["excerpt"] or ""),
                    ]
                    for r in records(reasons)
                    if str(r["source"]) in names
                ],
                numbers=[2, 3],
            )
        )


def duration(seconds: float) -> str:
    """Write a length of time: "48 s", "3 min 5 s", "1 h 4 min"."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
