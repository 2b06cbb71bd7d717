"""What the first click on the Overview leads to, computed while the reader still looks at it."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from voc.looks import DARK, LIGHT
from voc.ui import filters, listing, quotes
from voc.ui.charts import time as charts
from voc.ui.detail import said, time
from voc.ui.frames import records
from voc.ui.scoping import whole
from voc.ui.trends import phases

if TYPE_CHECKING:
    from voc.ui.data import View

#: Opportunities that stand on the Overview; each leads to its detail.
TOP = 3

# Streamlit says of a thread without a reader that it draws for nobody, which is what is wanted here.
_HERE = threading.local()
logging.getLogger("streamlit.runtime.scriptrunner_utils.script_run_context").addFilter(
    lambda record: not getattr(_HERE, "looks", False)
)


def look(view: View) -> None:
    """Compute what the page Opportunities shows of the whole workspace, and the details of its first opportunities.

    The figures lie afterwards where the page looks for them. A fault is left to the page, which meets it again and
    says it to the reader.

    Args:
        view: the workspace's state; where it is `ahead` and a newer one has come, the rest is left undone.
    """
    _HERE.looks = True
    try:
        _look(view)
    except Exception:
        logging.getLogger(__name__).debug("Nothing more is computed ahead", exc_info=True)
    finally:
        _HERE.looks = False


def _look(view: View) -> None:
    scope = whole()
    view.facts()
    filters.fields(view)
    ranked = listing.rows(view, scope)
    if ranked.empty:
        return
    spark, chosen = listing.lines(view, scope), phases.chosen_phases(view, scope)
    order = next(iter(listing.MEASURES))
    shown = listing.ordered(ranked, listing.MEASURES[order]).head(listing.SHORT_LIST)
    for row in records(ranked.head(TOP)):
        theme_id = row["theme_id"]
        by_phase = phases.phase_rows(view, chosen, scope, theme_id)
        course = view.line(scope, theme_id, int(row["reviews"]))
        view.quotes(theme_id, scope, "", said.QUOTES, quotes.standing(row))
        for colours in (LIGHT, DARK):
            listing.chart(shown, order, spark, colours, chosen=theme_id)
            if course is not None and course["reach"].notna().any():
                charts.reach(course, chosen, by_phase, colours, height=time.SHORT)
