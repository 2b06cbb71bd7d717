"""What is computed ahead is what the page then asks for, and nobody is disturbed by it."""

import logging
import threading
import time
from dataclasses import replace

import pytest

from voc import insights
from voc.ui import ahead, computed, data, holding
from voc.ui.charts import kept


@pytest.fixture
def view(built, monkeypatch):
    monkeypatch.setenv("VOC_WORKSPACE", str(built.path))
    return data.view()


@pytest.fixture
def computing(monkeypatch):
    """Return a list to which each query, each insight and each chart adds its name once it is computed."""
    done = []

    def noted(owner, name, said):
        function = getattr(owner, name)

        def computes(*given, **options):
            done.append(said(*given))
            return function(*given, **options)

        monkeypatch.setattr(owner, name, computes)

    noted(kept, "taken_apart", lambda chart: "chart")
    noted(holding, "query", lambda view, statement, *_: f"query {statement.split()[1]}")
    for name in ("phase_trends", "monthly", "sparklines", "responsible", "importance", "opportunities"):
        noted(insights, name, lambda *_, name=name: name)
    return done


def test_the_first_opportunities_open_without_computing_anything(app, built, view, computing):
    ranked = view.opportunities(computed.whole())
    app(built.path)
    ahead.look(view)
    assert {"phase_trends", "monthly", "sparklines", "responsible", "query m.*,", "chart"} <= set(computing)
    for theme_id in ranked["theme_id"].head(ahead.TOP):
        computing.clear()
        app(built.path, "opportunities", theme=theme_id)
        assert computing == []
    app(built.path, "opportunities", theme=ranked["theme_id"].iloc[ahead.TOP])
    assert "query m.*," in computing


def test_a_server_of_many_reviews_does_so_a_while_after_its_first_page(view, monkeypatch, computing, caplog):
    monkeypatch.setattr(holding, "LARGE", 1)
    monkeypatch.setattr(holding, "PAUSE", 0.0)
    monkeypatch.setattr(holding, "_CURATED", holding.Held())
    with caplog.at_level(logging.WARNING):
        view.facts()
        holding._curated(view)
        while any(thread.name == holding.AHEAD for thread in threading.enumerate()):
            time.sleep(0.02)
    assert "query m.*," in computing
    assert "ScriptRunContext" not in caplog.text


def test_of_a_state_that_is_not_held_any_more_nothing_is_computed(copied, monkeypatch, computing):
    monkeypatch.setenv("VOC_WORKSPACE", str(copied.path))
    old = data.view()
    theme_id = old.opportunities(computed.whole())["theme_id"].iloc[0]
    copied.entries.rename_theme(theme_id, "Renamed")
    new = data.view()
    held = new.facts()
    new.frame("SELECT 1")
    computing.clear()
    ahead.look(replace(old, ahead=True))
    assert computing == []
    assert new.facts() is held
    ahead.look(replace(new, ahead=True))
    assert "phase_trends" in computing
    assert new.facts() is held


def test_a_fault_of_it_is_left_to_the_page(view, monkeypatch):
    def refuses(*_, **__):
        raise OSError("the disk is gone")

    monkeypatch.setattr(holding, "query", refuses)
    ahead.look(view)
    with pytest.raises(OSError, match="the disk is gone"):
        view.quotes("any", computed.whole())
