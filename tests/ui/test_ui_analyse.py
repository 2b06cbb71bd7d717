"""The page Analyse: what a file is taken for, and what only a person can say of it."""

import datetime as dt
import time

import pytest

from voc.store import Workspace
from voc.ui.analysing import running
from voc.ui.analysing.pending import Pending
from voc.ui.launch import DATA_VARIABLE

HEAD = "Stars,Review,Date\n"
ROWS = [f'{1 + n % 5},"The cable frayed near the plug in week {n}.",0{1 + n % 9}/0{2 + n % 7}/2020' for n in range(12)]


@pytest.fixture
def analyse(app, tmp_path, monkeypatch):
    """Return a function that opens the page on exports of these texts, which lie on the server."""
    monkeypatch.setenv(DATA_VARIABLE, str(tmp_path))

    def run(**exports):
        (tmp_path / "in").mkdir()
        for name, text in exports.items():
            (tmp_path / "in" / f"{name}.csv").write_text(text)
        page = app(tmp_path / "workspace", "analyse")
        page.text_input(key="by_path").set_value("in").run()
        assert not page.exception
        return page

    return run


def start(page):
    return next(button for button in page.button if button.key == "start")


def test_the_order_of_dates_is_asked_for_only_where_the_file_does_not_tell(analyse, written):
    told = HEAD + "\n".join([*ROWS, '5,"Fine since the holidays.",25/12/2020'])
    page = analyse(one=HEAD + "\n".join(ROWS), two=told, three='Review\n"No date stands here."\n')
    [question] = page.radio
    assert question.label == "What comes first in the dates of one\\.csv?"
    assert question.options == ["The day: 01/02/2020 is 1 Feb 2020", "The month: 01/02/2020 is 2 Jan 2020"]
    assert question.value is None
    assert not page.error
    assert start(page).disabled
    assert "The reviews are shown once you have chosen" in written(page)
    for order, first in (("mdy", "2 Jan 2020"), ("dmy", "1 Feb 2020")):
        page.radio[0].set_value(order).run()
        assert not start(page).disabled
        assert f'<td class="s">{first}</td>' in written(page)
    # A date that is not taken from the file asks nothing.
    next(box for box in page.selectbox if box.label == "Date").set_value("(not in this file)").run()
    assert not page.radio
    assert not start(page).disabled


def test_the_choice_holds_for_its_file_alone(analyse, written, tmp_path):
    page = analyse(one=HEAD + "\n".join(ROWS))
    page.radio[0].set_value("mdy").run()
    start(page).click().run()
    assert not page.error
    task = Pending.of(tmp_path / "workspace").task()
    assert [batch["date_order"] for batch in task["batches"]] == ["mdy"]
    until = time.monotonic() + 240
    while (job := running.jobs().latest(tmp_path / "workspace")).state == "running" and time.monotonic() < until:
        time.sleep(0.2)
    assert job.state == "done", job.error
    snapshot = Workspace(tmp_path / "workspace").current()
    days = {day.date() for day in snapshot.table("reviews")["written_at"].to_pylist()}
    assert days == {dt.date(2020, 1 + n % 9, 2 + n % 7) for n in range(12)}
    # The next file may put the day first.
    assert snapshot.info["config"]["ingest"]["date_order"] == "auto"
