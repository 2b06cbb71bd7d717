"""Addresses of views, for links inside the app's own HTML."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from voc import words
from voc.ui import sample


def address(page: str, **query: str) -> str:
    """Return the address of a view relative to any page; whoever looks at the sample stays in it.

    Args:
        page: as `nav.PAGES` names it.
        query: parameters; empty ones are left out.
    """
    kept = {name: value for name, value in query.items() if value}
    if sample.chosen():
        kept[sample.PARAMETER] = sample.VALUE
    return f"{page}?{urlencode(kept, quote_via=quote, safe='')}" if kept else page


def link(label: str, page: str, css: str = "", **query: str) -> str:
    """Return a link to a view as HTML.

    Args:
        label: its words; they are escaped.
        page: as `nav.PAGES` names it.
        css: style class.
        query: parameters; empty ones are left out.
    """
    style = f' class="{css}"' if css else ""
    return f'<a{style} href="{words.safe(address(page, **query))}" target="_self">{words.safe(label)}</a>'
