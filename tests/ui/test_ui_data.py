import datetime as dt
import subprocess
import sys
from itertools import pairwise

import pandas as pd
import pytest
import workspaces

from voc import tables
from voc.insights import Scope
from voc.insights.scope import select
from voc.ui import data, scoping
from voc.ui.frames import records
from voc.ui.trends import phases, steps


@pytest.fixture
def view(built, monkeypatch):
    monkeypatch.setenv("VOC_WORKSPACE", str(built.path))
    return data.view()


def test_stored_opportunities_answer_the_scopes_they_were_stored_for(view):
    whole = view.opportunities(Scope())
    assert list(whole["rank"]) == list(range(1, len(whole) + 1))
    assert whole["star_impact"].iloc[0] > whole["star_impact"].iloc[-1]
    bank = view.opportunities(Scope(products=("bank",)))
    both = view.opportunities(Scope(products=("bank",), markets=("US",)))
    assert set(bank["theme_id"]) < set(whole["theme_id"])
    assert (both["analysed"] < bank["analysed"].iloc[0]).all()


def test_a_scope_given_to_queries_means_the_same_reviews_as_to_insights(view):
    named = {row["name"]: row["phase_id"] for row in view.phases().to_pylist()}
    version = next(row["phase_id"] for row in view.phases().to_pylist() if row["version"] == "v2")
    scopes = [
        Scope(),
        Scope(products=("bank",)),
        Scope(brands=("Northwind",), markets=("US",)),
        Scope(phase_id=named["Growth"]),
        Scope(phase_id=version),
        Scope(products=("cable",), phase_id=named["Expansion"], channels=("review",)),
    ]
    for scope in scopes:
        condition, values = scoping.where(scope, view.phases())
        with view.snapshot.connect() as database:
            found = database.execute(f"SELECT count(*) FROM reviews r WHERE {condition}", values).fetchone()[0]
        assert found == int(select(view.facts(), scope).sum()), scope


def test_quotes_come_one_for_each_review_and_obey_scope_and_stars(view):
    every, found = view.quotes("th-slow", Scope(), limit=500)
    assert found == len(every) == every["review_id"].nunique()
    assert (every["theme_id"] == "th-slow").all()
    low, fewer = view.quotes("th-slow", Scope(), "low", limit=500)
    assert 0 < fewer < found
    assert low["rating"].max() <= 2
    bank, _ = view.quotes("th-slow", Scope(products=("bank",)), limit=500)
    assert set(bank["product"]) == {"Harbour power bank 20000"}
    last = every.iloc[-1]
    first = (last["review_id"], int(last["clause_start"]))
    assert view.quotes("th-slow", Scope(), limit=1, first=(first,))[0]["review_id"].iloc[0] == first[0]


def test_a_review_is_quoted_by_the_clause_that_stands_for_the_theme_else_by_a_readable_one(copied, monkeypatch):
    terse, full, other = "Very slow.", "It takes twice as long to charge my phone as before.", "Hours and hours on end."
    text, slow = f"{terse} {full} {other}", next(t for t in workspaces.TROUBLES if t.theme_id == "th-slow")
    row = workspaces.review(
        "several", "cable", "Bolt", "Northwind", dt.datetime(2022, 1, 5, tzinfo=dt.UTC), text=text, language="en"
    )
    mentions = []
    for clause, confidence in ((terse, 0.99), (full, 0.5), (other, 0.7)):
        start = text.index(clause)
        made = workspaces.mention("several", text, start, start + len(clause), (0, 4), (0, 4), slow)
        mentions.append(made | {"confidence": confidence})
    with copied.writing() as writer:
        reading = workspaces.reading("several", analysed=True, rating=1.0)
        added = {"reviews": [row], "readings": [reading], "mentions": mentions}
        writer.commit(append={name: tables.from_rows(name, rows) for name, rows in added.items()})
    monkeypatch.setenv("VOC_WORKSPACE", str(copied.path))
    view = data.view()

    def shown(first=()):
        found, _ = view.quotes("th-slow", Scope(), limit=500, first=first)
        quote = found[found["review_id"] == "several"].iloc[0]
        return text[quote["clause_start"] : quote["clause_end"]], found["review_id"].iloc[0]

    assert shown()[0] == full
    assert shown((("several", text.index(other)),)) == (other, "several")


def test_a_new_phase_leaves_the_arrays_of_the_reviews_as_they_are(copied, monkeypatch):
    monkeypatch.setenv("VOC_WORKSPACE", str(copied.path))
    before = data.view()
    index = before.facts().index
    before.workspace.entries.put_phase("Later", dt.date(2022, 1, 1), None)
    after = data.view()
    assert "Later" in after.phases()["name"].to_pylist()
    assert after.facts().index is index
    after.workspace.entries.rename_theme("th-slow", "charging: slow")
    assert "charging: slow" in {theme.name for theme in data.view().facts().index.themes}


def test_two_phases_compared_agree_with_their_parts(view):
    named = {row["name"]: row["phase_id"] for row in view.phases().to_pylist()}
    changes = phases.compared(view, Scope(), named["Start"], named["Expansion"])
    assert ((changes["after"] - changes["before"] - changes["change"]).abs() < 1e-9).all()
    fray = changes[changes["theme_id"] == "th-fray"].iloc[0]
    assert fray["word"] == "shrinking"
    assert fray["before_low"] < fray["before"] < fray["before_high"]
    words = list(changes["word"])
    assert words == sorted(words, key=lambda word: word == "no clear change")


def test_a_theme_goes_by_one_word_on_its_step_and_in_two_phases_compared(view):
    named = {row["name"]: row["phase_id"] for row in view.phases().to_pylist()}
    ids = [named[name] for name in ("Start", "Growth", "Expansion")]
    trends = view.trends(ids, Scope())
    for earlier, later in pairwise(ids):
        step = trends[trends["phase_id"] == later].set_index("theme_id")["q_value"]
        changes = phases.compared(view, Scope(), earlier, later).set_index("theme_id")
        assert len(changes)
        assert (step[changes.index] - changes["q_value"]).abs().max() < 1e-9
    clear = steps.clear(trends)
    assert set(clear["word"]) <= {"growing", "shrinking"}
    fray = clear[clear["theme_id"] == "th-fray"]
    assert steps.described(records(fray)) == "shrinking, Growth → Expansion"
    sizes = steps.sizes(trends)
    assert sizes["th-fray"] == pytest.approx(fray["change"].abs().iloc[0])
    assert (sizes[~sizes.index.isin(clear["theme_id"])] == 0).all()
    assert steps.described([]) == "no clear change"
    assert steps.richest(trends, ids) == (ids[1], ids[2])
    growth = trends["phase_id"] == ids[1]
    assert steps.richest(trends.assign(q_value=(~growth).astype(float)), ids) == (ids[0], ids[1])


def test_without_any_clear_change_the_last_two_phases_are_compared(view):
    ids = [row["phase_id"] for row in view.phases().to_pylist() if row["source"] == "user"]
    trends = view.trends(ids, Scope())
    assert steps.richest(trends.assign(q_value=1.0), ids) == (ids[-2], ids[-1])
    assert steps.clear(trends.assign(q_value=1.0)).empty


def test_months_are_joined_until_a_point_rests_on_enough_reviews():
    first, last = pd.Timestamp("2011-01-01"), pd.Timestamp("2020-12-31")
    assert data.span_of_months(first, first + pd.Timedelta(days=200), 5000) == 1
    assert data.span_of_months(first, last, 100_000) == 3
    assert data.span_of_months(first, last, 500) == 6
    assert data.span_of_months(first, last, 50) == 12


def test_a_phase_entered_later_is_known_at_once(copied, monkeypatch):
    monkeypatch.setenv("VOC_WORKSPACE", str(copied.path))
    before = data.view()
    phase_id = copied.entries.put_phase("Recall", dt.date(2022, 1, 1), None)
    again = data.view()
    assert again.source != before.source
    assert phase_id in again.phases()["phase_id"].to_pylist()


def test_the_configuration_is_the_one_the_snapshot_was_made_with(view):
    assert [phase.name for phase in view.config.phases] == ["Start", "Growth", "Expansion"]


def test_importing_the_app_loads_neither_torch_nor_spacy():
    code = (
        "import sys, pkgutil, importlib, voc.ui\n"
        "for m in pkgutil.walk_packages(voc.ui.__path__, 'voc.ui.'): importlib.import_module(m.name)\n"
        "heavy = {'torch', 'spacy', 'transformers', 'bertopic', 'umap', 'sentence_transformers'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
