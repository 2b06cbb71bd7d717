"""The pages of the app and their addresses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

_FOLDER = Path(__file__).resolve().parent / "pages"

# A speech bubble with a rising mark; drawn here, because Streamlit fetches icons of a page from the internet.
_BUBBLE = (
    '<path d="M6 7h27a4 4 0 0 1 4 4v15a4 4 0 0 1-4 4H19l-8 7v-7H6a4 4 0 0 1-4-4V11a4 4 0 0 1 4-4z" fill="#1B8CA3"/>'
    '<path d="M10 24l6-6 5 4 8-9" fill="none" stroke="#fff" stroke-width="3.2" stroke-linecap="round" '
    'stroke-linejoin="round"/>'
)
_ICON = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40" width="40" height="40">{_BUBBLE}</svg>'
#: The bubble and the name; the colour is legible on light and on dark.
_LOGO = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 112 40" width="112" height="40">'
    f'{_BUBBLE}<text x="46" y="29" font-family="Source Sans,Segoe UI,Helvetica,Arial,sans-serif" '
    'font-size="26" font-weight="700" fill="#1B8CA3">voc</text></svg>'
)
#: Address -> title and icon, in the order of the navigation.
PAGES = {
    "overview": ("Overview", ":material/flag:"),
    "opportunities": ("Opportunities", ":material/format_list_numbered:"),
    "trends": ("Trends", ":material/timeline:"),
    "compare": ("Compare", ":material/balance:"),
    "needs": ("Needs", ":material/lightbulb:"),
    "reviews": ("Reviews", ":material/forum:"),
    "decisions": ("Decisions", ":material/gavel:"),
    "fixes": ("Fixes", ":material/task_alt:"),
    "themes": ("Themes", ":material/category:"),
    "analyse": ("Analyse", ":material/upload_file:"),
}


def page(name: str) -> Any:
    """Return the page with this address."""
    title, icon = PAGES[name]
    return st.Page(_FOLDER / f"{name}.py", title=title, icon=icon, url_path=name, default=name == "overview")


def run() -> None:
    """Set up the page frame, let the reader in, draw the navigation and run the page that the address names."""
    from voc.errors import VocError
    from voc.ui import sample, signing
    from voc.ui.theme import palette, styles
    from voc.words import literal

    st.set_page_config(
        page_title="Voice of customer",
        page_icon=_ICON,
        layout="wide",
        initial_sidebar_state="collapsed",
        menu_items={"About": "voc reads customer reviews and ranks what to improve next."},
    )
    st.html(styles(palette()))
    st.logo(_LOGO, size="large")
    try:
        if not signing.admitted():
            # Told of the pages, which nobody runs, so that the address of one is known.
            st.navigation(_pages(), position="hidden")
            return
        chosen = st.navigation(_pages(), position="top")
        wanted = signing.target()
        if wanted is not None:
            st.switch_page(page(wanted[0] if wanted[0] in PAGES else "overview"), query_params=wanted[1])
        sample.arrive(chosen.url_path)
        signing.who()
        sample.banner()
        chosen.run()
    except VocError as error:
        st.error(literal(str(error)), icon=":material/error:")


def _pages() -> list[Any]:
    return [page(name) for name in PAGES if (_FOLDER / f"{name}.py").exists()]
