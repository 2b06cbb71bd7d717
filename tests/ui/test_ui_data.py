import datetime as dt
import subprocess
import sys

import pandas as pd
import pytest

from voc.insights import Scope
from voc.insights.scope import select
from voc.ui import data, phases, scoping


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
    first = every["review_id"].iloc[-1]
    assert view.quotes("th-slow", Scope(), limit=1, first=(first,))[0]["review_id"].iloc[0] == first


def test_narrowed_facts_hold_only_what_hangs_on_the_scope(view):
    facts = scoping.narrowed(view.facts(), Scope(products=("bank",)))
    kept = set(facts.reviews["review_id"].to_pylist())
    assert set(facts.mentions["review_id"].to_pylist()) <= kept
    assert set(facts.readings["review_id"].to_pylist()) == kept


def test_two_phases_compared_agree_with_their_parts(view):
    named = {row["name"]: row["phase_id"] for row in view.phases().to_pylist()}
    changes = phases.compared(view, Scope(), named["Start"], named["Expansion"])
    assert ((changes["after"] - changes["before"] - changes["change"]).abs() < 1e-9).all()
    fray = changes[changes["theme_id"] == "th-fray"].iloc[0]
    assert fray["word"] == "shrinking"
    assert fray["before_low"] < fray["before"] < fray["before_high"]
    words = list(changes["word"])
    assert words == sorted(words, key=lambda word: word == "no clear change")


def test_months_are_joined_until_a_point_rests_on_enough_reviews():
    first, last = pd.Timestamp("2011-01-01"), pd.Timestamp("2020-12-31")
    assert data.span_of_months(first, first + pd.Timedelta(days=200), 5000) == 1
    assert data.span_of_months(first, last, 100_000) == 3
    assert data.span_of_months(first, last, 500) == 6
    assert data.span_of_months(first, last, 50) == 12


def test_a_phase_entered_later_is_known_at_once(view, built):
    phase_id = built.entries.put_phase("Recall", dt.date(2022, 1, 1), None)
    try:
        again = data.view()
        assert again.source != view.source
        assert phase_id in again.phases()["phase_id"].to_pylist()
    finally:
        built.entries.delete_phase(phase_id)


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
