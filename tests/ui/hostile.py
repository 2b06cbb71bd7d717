"""A workspace in which every text that comes from data tries to be something else: markup, a formula, a link, an order.

Names of products, brands, markets, variants, versions, areas, themes, needs and phases, and all reviews.
"""

import datetime as dt
import itertools

import pyarrow as pa
import workspaces

from voc import insights, tables
from voc.config import Config, PhaseConfig

HACK = "window.hacked=true"
#: Each tries something of its own; FORMULAS begin as a spreadsheet's formula does.
FORMULAS = [
    '=HYPERLINK("https://example.org/x","x")',
    "=cmd|' /C calc'!A1",
    "+1+1",
    "-2+3",
    "@SUM(1)",
    "\t=1+1",
    "\r=1+1",
    "\u202e=1+1",
]
TEXTS = [
    f"<script>{HACK}</script>",
    f'<img src=x onerror="{HACK}">',
    f"</style></textarea></title><svg onload={HACK}>",
    f"]]><script>{HACK}</script>",
    f'" onmouseover="{HACK}" x="',
    "![x](https://example.org/pixel.png)",
    f"[click](javascript:{HACK}) <https://example.org>",
    f"javascript:{HACK} https://example.org/x www.example.org",
    "$\\frac{1}{2}$ $$x^2$$ `code` **bold** ~~gone~~",
    ":red[red] :smile: :material/home: :streamlit:",
    "{{7*7}} ${7*7} {% raw %} %s %(x)s {0}",
    "{code}x{code} {noformat} [~admin] !https://example.org/p.png! [x|https://example.org]",
    "@channel #12 | a | b |",
    "a | b\n--- | ---\n1 | 2",
    "# heading\n- item\n> quote\n***",
    "nul \x00 bell \x07 escape \x1b[31m vertical \x0b",
    "\u202egnp.exe\u2066 zero\u200b\u2060width \ufffe \u2028",
    *FORMULAS,
]
LONG = "w" * 10_000

_ODD = itertools.cycle(TEXTS)


def build(path, reviews=400):
    """Write the workspace and return it."""
    workspace = workspaces.build(path, reviews=reviews, hostile=False)
    held = {
        name: workspace.current().table(name)
        for name in ("reviews", "readings", "mentions", "areas", "themes", "products")
    }
    texts = itertools.cycle([*TEXTS, LONG])
    odd = {name: next(_ODD) for name in ("cable", "bank", "rival", "Northwind", "Kestrel", "US", "GB", "IN")}
    shifts, rows = {}, []
    for row in held["reviews"].to_pylist():
        said = next(texts)
        shifts[row["review_id"]] = len(said) + 1
        text = f"{said} {row['text']}"
        product = f"{odd[row['product_id']]} {row['product']}"
        more = {"brand": odd[row["brand"]], "market": odd[row["market"]], "variant": said[:60]}
        version = None if row["version"] is None else f"{TEXTS[0]} {row['version']}"
        rows.append(row | more | {"text": text, "body": text, "title": None, "product": product, "version": version})
    by_review = {row["review_id"]: row["text"] for row in rows}
    mentions = []
    for number, row in enumerate(held["mentions"].to_pylist()):
        shift, text = shifts[row["review_id"]], by_review[row["review_id"]]
        spans = {name: row[name] + shift for name in row if name.endswith(("_start", "_end")) and row[name] is not None}
        if number % 2:  # the hostile words themselves are the evidence
            spans |= {"clause_start": 0, "aspect_start": 0, "aspect_end": 3}
        cut = {name: text[spans[f"{name}_start"] : spans[f"{name}_end"]] for name in ("aspect", "phrase")}
        mentions.append(row | spans | cut)
    wishes = [_wish(row, number) for number, row in enumerate(mentions[:60])]
    config = Config(
        phases=[
            PhaseConfig(name=TEXTS[0], start=dt.date(2011, 1, 1), end=dt.date(2013, 1, 1)),
            PhaseConfig(name=FORMULAS[0], start=dt.date(2013, 1, 1), end=dt.date(2016, 1, 1)),
            PhaseConfig(name=TEXTS[5], start=dt.date(2016, 1, 1), end=dt.date(2022, 1, 1)),
        ]
    )
    facts = {
        "reviews": tables.from_rows("reviews", rows),
        "readings": held["readings"],
        "mentions": tables.from_rows("mentions", [*mentions, *(wish[0] for wish in wishes)]),
        "wishes": tables.from_rows("wishes", [wish[1] for wish in wishes]),
        "areas": _renamed("areas", held["areas"]),
        "themes": _renamed("themes", held["themes"]),
        "products": tables.from_rows(
            "products",
            [
                row | {"product": f"{odd[row['product_id']]} {row['product']}", "brand": odd[row["brand"]]}
                for row in held["products"].to_pylist()
            ],
        ),
    }
    phases = insights.resolve_phases(config.phases, facts["reviews"], None)
    derived = insights.Facts(**facts, phases=phases)
    facts |= {
        "phases": phases,
        "opportunities": insights.all_opportunities(derived, config=config.insights),
        "trends": insights.phase_trends(derived, config=config.insights),
        "imports": _named(workspace.current().table("imports"), "file"),
        "rejects": tables.from_rows(
            "rejects",
            [
                {"import_id": "import-1", "source": text, "row": n, "reason": text, "excerpt": text}
                for n, text in enumerate(TEXTS)
            ],
        ),
    }
    with workspace.writing() as writer:
        writer.commit(replace=facts, info={"config": config.model_dump(mode="json")})
    said = {"note": TEXTS[8], "expected_note": TEXTS[1], "by": TEXTS[1], "product": "cable"}
    for number, text in enumerate([*TEXTS[:6], *FORMULAS]):
        released = {"state": "released", "released_on": dt.date(2015, 1, 1)} if number % 2 else {}
        owner, release = TEXTS[(number + 5) % len(TEXTS)], TEXTS[-1 - number]
        workspace.entries.add_decision(
            "th-fray",
            text.strip() if text in FORMULAS else f"{text} decided",
            owner=owner,
            release=release,
            **said,
            **released,
        )
    workspace.entries.put_phase(TEXTS[3], dt.date(2022, 1, 1), None)
    return workspace


def _renamed(name, table):
    return tables.from_rows(name, [row | {"name": f"{next(_ODD)} {row['name']}"} for row in table.to_pylist()])


def _named(table, column):
    return table.set_column(table.column_names.index(column), column, pa.array([TEXTS[1]] * table.num_rows))


def _wish(row, number):
    mention = row | {"mention_id": f"{row['mention_id']}:wish", "kind": "wish", "theme_id": None}
    need = TEXTS[number % 6]
    return mention, {
        "mention_id": mention["mention_id"],
        "wanted": need,
        "depth": "idea",
        "area_id": row["area_id"],
        "need_id": f"need-{number % 6}",
        "need": need,
        "need_area_id": row["area_id"],
        "first_run": dt.datetime(2022, 1, 3, tzinfo=dt.UTC),
    }
