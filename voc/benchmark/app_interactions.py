"""What people do in the app, page by page: what `voc benchmark app` does and times.

To time another one add a line: the page's address, what is done in words, how (see `app_browser`), and the view in
which it is done as query parameters.
"""

from __future__ import annotations

from dataclasses import dataclass

from voc.benchmark.app_browser import Action, choose, click, find_in, follow, press, switch, take, type_in, unfold


@dataclass(frozen=True)
class Interaction:
    """One thing that a person does on a page.

    Attributes:
        page: its address.
        what: in words.
        how: the act.
        view: query parameters of the view in which it is done.
    """

    page: str
    what: str
    how: Action
    view: str = ""


#: The chart of ranked opportunities, and a row of it some way down.
_RANKED, _ROW = ".st-key-ranked :is(canvas, svg.marks)", (0.4, 0.45)
_QUERIES = ("falls out of the socket", "battery empty", "smoke", "broke after two weeks", "cannot hear me on calls")
#: Words of the names of themes far down in a list.
_THEMES = ("tangles", "crashes", "stops holding", "tears", "too bright")
_WORDS = ("frays", "quiet", "crushed", "crashes", "holiday")

INTERACTIONS = (
    Interaction("overview", "open an opportunity", follow("Why it ranks here")),
    Interaction("overview", "take the chart of the rating as PNG", take("Save", "PNG")),
    Interaction("overview", "go to Opportunities", follow("^Opportunities")),
    Interaction("overview", "go to Trends", follow("^Trends")),
    Interaction("overview", "go to Compare", follow("^Compare")),
    Interaction("overview", "go to Needs", follow("^Needs")),
    Interaction("overview", "go to Reviews", follow("^Reviews")),
    Interaction("overview", "go to Decisions", follow("^Decisions")),
    Interaction("overview", "go to Fixes", follow("^Fixes")),
    Interaction("overview", "go to Themes", follow("^Themes")),
    Interaction("opportunities", "choose a product", choose("Product")),
    Interaction("opportunities", "choose a brand", choose("Brand")),
    Interaction("opportunities", "choose a market", choose("Market")),
    Interaction("opportunities", "choose a phase", choose("Phase")),
    Interaction("opportunities", "choose a market of a product", choose("Market", 2), "product=B0002"),
    Interaction("opportunities", "click a theme in the chart", click(_RANKED, _ROW)),
    Interaction("opportunities", "pick a theme from the list", find_in("Go to a theme", *_THEMES)),
    Interaction("opportunities", "order by reach", choose("Sort by")),
    Interaction("opportunities", "why it ranks here", switch("Why")),
    Interaction("opportunities", "over time", switch("Over time")),
    Interaction("opportunities", "who says it", switch("Who")),
    Interaction("opportunities", "what goes with it", switch("Related")),
    Interaction("opportunities", "the map", switch("Map")),
    Interaction("opportunities", "the map of product parts", switch("Product parts"), "show=map"),
    Interaction("opportunities", "show all themes", press("Show all")),
    Interaction("opportunities", "stars of quotes", switch("1–2 ★")),
    Interaction("opportunities", "more quotes", press("Show more")),
    Interaction("opportunities", "unfold all figures", unfold("All figures as a table")),
    Interaction("opportunities", "importance and satisfaction", switch("Importance and satisfaction")),
    Interaction("opportunities", "corrected for misreading", switch("Corrected for misreading")),
    Interaction("opportunities", "kind of need", switch("What kind of need")),
    Interaction("opportunities", "kind of need in a market", switch("What kind of need"), "market=GB"),
    Interaction("themes", "pick a theme", find_in("Theme", *_THEMES)),
    Interaction("trends", "choose a product", choose("Product")),
    Interaction("trends", "choose a brand", choose("Brand")),
    Interaction("trends", "choose a market", choose("Market")),
    Interaction("trends", "pick a theme", find_in("Theme", *_THEMES)),
    Interaction("trends", "by product version", switch("Product versions")),
    Interaction("trends", "show all themes", press("Show all")),
    Interaction("trends", "compare two phases", switch("Two phases compared")),
    Interaction("trends", "choose another phase to compare", choose("Earlier", 1), "view=phases"),
    Interaction("trends", "phases and alerts", switch("Phases and alerts")),
    Interaction("trends", "phases and alerts of a brand", switch("Phases and alerts"), "brand=Corvia"),
    Interaction("compare", "A against B", switch("A against B")),
    Interaction("compare", "several at once", switch("Several at once")),
    Interaction("compare", "prices and units", switch("Prices and units")),
    Interaction("compare", "segments", switch("Segments")),
    Interaction("compare", "choose a product", choose("Product")),
    Interaction("compare", "choose a market", choose("Market")),
    Interaction("compare", "choose a phase", choose("Phase")),
    Interaction("needs", "choose a product", choose("Product")),
    Interaction("needs", "choose a brand", choose("Brand")),
    Interaction("needs", "choose a phase", choose("Phase")),
    Interaction("needs", "time in use", switch("Time in use")),
    Interaction("needs", "time to failure", switch("Time to failure")),
    Interaction("needs", "pick a trouble", choose("Trouble", 2), "view=failure"),
    Interaction("reviews", "search by words", type_in("Search reviews", *_WORDS), "by=words"),
    Interaction("reviews", "search by words and meaning", type_in("Search reviews", *_QUERIES)),
    Interaction("reviews", "search by meaning alone", switch("Meaning"), "q=sounds+like+a+tin+can"),
    Interaction("reviews", "choose a product", choose("Product"), "q=battery"),
    Interaction("reviews", "choose a market", choose("Market")),
    Interaction("reviews", "worth answering", switch("Worth answering")),
    Interaction("reviews", "sort by severity", choose("Sort by", 2)),
    Interaction("reviews", "next page", press("Next")),
    Interaction("reviews", "filter by stars", choose("Stars", 1), "kind=pain"),
    Interaction("reviews", "filter by theme", choose("Theme", 3), "kind=pain"),
    Interaction("reviews", "take what was found as CSV", take("Take away", "CSV"), "q=battery&by=words"),
    Interaction("fixes", "pick what was to be fixed", choose("What was to be fixed", 6), "since=2022-03-01"),
    Interaction("fixes", "choose a product", choose("Product"), "since=2022-03-01"),
)
