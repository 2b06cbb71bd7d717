import datetime as dt

import pytest

from voc import tables
from voc.store import Workspace

NOW = dt.datetime(2024, 3, 1, tzinfo=dt.UTC)
TEXTS = [
    "The cable frays near the plug.",
    "Charging is slow, the charger gets hot.",
    "It falls out of my ear; the café was loud.",
    "Does not charge any more.",
    "The plug falls off, out it goes.",
    "接头的地方断了。",
]


def reviews(texts, first=0, **columns):
    return tables.from_rows(
        "reviews",
        [
            {
                "review_id": f"r{number}",
                "channel": "review",
                "source": "test",
                "text": text,
                "ingested_at": NOW,
                "import_id": "i",
                **{name: values[number - first] for name, values in columns.items()},
            }
            for number, text in enumerate(texts, start=first)
        ],
    )


@pytest.fixture
def make():
    return reviews


@pytest.fixture
def workspace(tmp_path):
    place = Workspace(tmp_path / "workspace")
    with place.writing() as writer:
        writer.commit(replace={"reviews": reviews(TEXTS)})
    return place


@pytest.fixture(scope="session")
def index(tmp_path_factory):
    from voc.search.index import open_index

    place = Workspace(tmp_path_factory.mktemp("search") / "workspace")
    with place.writing() as writer:
        writer.commit(replace={"reviews": reviews(TEXTS)})
    return open_index(place.current())
