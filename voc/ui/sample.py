"""The sample that comes with the app: a workspace of its own, never mixed with anybody's reviews."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from pathlib import Path

import streamlit as st

from voc import words
from voc.resources import sample_dir

#: The query parameter, and its value, of a link into the sample.
PARAMETER, VALUE = "workspace", "sample"
_CHOSEN = "voc_sample"


def chosen() -> bool:
    """Return whether this sitting looks at the sample instead of the workspace the app was started on."""
    return bool(st.session_state.get(_CHOSEN))


def available() -> bool:
    """Return whether the analysed sample is part of this installation."""
    return _packed().exists()


def path() -> Path:
    """Return the sample's workspace; it goes when the server ends, and what was changed in it too."""
    return Path(_unpacked()) / "sample"


def arrive(page: str) -> None:
    """Follow a link into the sample, stay in it from page to page, and leave it where own exports are analysed."""
    if page == "analyse":
        leave()
    elif st.query_params.get(PARAMETER) == VALUE and available():
        st.session_state[_CHOSEN] = True
    elif chosen():
        st.query_params[PARAMETER] = VALUE
    else:
        st.query_params.pop(PARAMETER, None)


def enter() -> None:
    """Look at the sample from now on."""
    st.session_state[_CHOSEN] = True
    _forget_choices()


def leave() -> None:
    """Go back to the workspace that the app was started on."""
    if st.session_state.pop(_CHOSEN, False):
        _forget_choices()
    st.query_params.pop(PARAMETER, None)


def banner() -> None:
    """Say on every page that this is the sample, and offer the way out."""
    if not chosen():
        return
    from voc.ui import nav

    with st.container(border=True, horizontal=True, vertical_alignment="center", key="voc_sample_banner"):
        st.html(
            '<p class="voc-sub" style="margin:0"><b>You are looking at the sample</b>: synthetic reviews of a made-up '
            f"maker. {words.safe('What you change here is gone when the app is closed.')}</p>"
        )
        st.page_link(nav.page("analyse"), label="Analyse your own export", icon=":material/upload_file:")
        st.button("Leave the sample", on_click=leave, type="tertiary", icon=":material/close:", key="leave_sample")


def invitation() -> None:
    """Offer the sample to those who have nothing analysed yet."""
    if not available():
        return
    with st.container(border=True):
        st.html(
            '<h2 class="voc">Look around first</h2><p class="voc-sub">3 984 synthetic reviews of a made-up maker of '
            "earphones and speakers, analysed already. Your own reviews are never mixed with them.</p>"
        )
        st.button("Open the sample", type="primary", icon=":material/explore:", on_click=enter, key="open_sample")


def _forget_choices() -> None:
    # A product or a phase of one workspace means nothing in the other.
    st.session_state.pop("voc_shared", None)
    st.query_params.clear()


def _packed() -> Path:
    return sample_dir() / "analysed.tar.xz"


@st.cache_resource(show_spinner="Opening the sample")
def _unpacked() -> str:
    from voc.store.packed import unpack

    folder = tempfile.mkdtemp(prefix="voc-sample-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    unpack(_packed(), Path(folder) / "sample")
    return folder
