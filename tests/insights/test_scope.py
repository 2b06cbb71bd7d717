import datetime as dt

import pytest

from voc.config import PhaseConfig
from voc.errors import VocError
from voc.insights import Scope, resolve_phases
from voc.insights.scope import select

from .build import day, facts

REVIEWS = [
    {"product_id": "B01", "product": "Cable", "brand": "Own", "market": "US", "written_at": day("2020-01-01")},
    {"product_id": "B02", "product": "Bank", "brand": None, "market": "DE", "written_at": day("2020-06-01")},
    {"product_id": "B01", "product": "Cable", "brand": "Own", "version": "V2", "channel": "return"},
    {"market": "US", "written_at": day("2021-01-01")},
]
PRODUCTS = [
    {"product_id": "B02", "product": "Power bank", "brand": "Rival"},
    {"product_id": "B09", "product": "Lamp", "brand": "Nobody"},
]


@pytest.fixture
def data():
    reviews = facts(REVIEWS).reviews
    phases = resolve_phases(
        [PhaseConfig(name="Early", start=dt.date(2020, 1, 1), end=dt.date(2020, 6, 1))], reviews, None
    )
    return facts(REVIEWS, products=PRODUCTS, phases=phases)


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        (Scope(), [0, 1, 2, 3]),
        (Scope(products=("B01",)), [0, 2]),
        (Scope(products=("cable",)), [0, 2]),
        (Scope(products=("Power Bank", "B01")), [0, 1, 2]),
        (Scope(products=("B09",)), []),  # known from the list of products, without reviews
        (Scope(brands=("rival",)), [1]),  # the brand comes from the list of products
        (Scope(brands=("Nobody",)), []),
        (Scope(markets=("US",)), [0, 3]),
        (Scope(channels=("return",)), [2]),
        (Scope(version="V2"), [2]),
        (Scope(start=dt.date(2020, 1, 1)), [0, 1, 3]),
        (Scope(start=dt.date(2020, 1, 1), end=dt.date(2020, 6, 1)), [0]),
        (Scope(phase_id="early"), [0]),
        (Scope(phase_id="Cable V2"), [2]),
        (Scope(markets=("US",), products=("B01",)), [0]),
    ],
)
def test_fields_narrow_one_another(data, scope, expected):
    assert select(data, scope).nonzero()[0].tolist() == expected


@pytest.mark.parametrize(
    ("scope", "sentence"),
    [
        (Scope(products=("B7",)), "there is no product 'B7'; there is Cable, Lamp, Power bank."),
        (Scope(brands=("Z",)), "there is no brand 'Z'; there is Nobody, Own, Rival."),
        (Scope(markets=("FR",)), "there is no market 'FR'; there is DE, US."),
        (Scope(channels=("fax",)), "there is no channel 'fax'; there is return, review."),
        (Scope(version="V3"), "there is no version 'V3'; there is V2."),
        (Scope(phase_id="Late"), "there is no phase 'Late'; there is Early, Cable V2."),
        (
            Scope(start=dt.date(2021, 1, 1), end=dt.date(2020, 1, 1)),
            "the scope ends on 2020-01-01, which is not after its start 2021-01-01; swap the dates.",
        ),
    ],
)
def test_what_the_data_lacks_is_named(data, scope, sentence):
    with pytest.raises(VocError) as error:
        select(data, scope)
    assert str(error.value) == sentence


def test_data_without_products_or_phases_says_so():
    data = facts([{}])
    with pytest.raises(VocError, match="no review names a product"):
        select(data, Scope(products=("x",)))
    with pytest.raises(VocError, match="no phases are defined"):
        select(data, Scope(phase_id="x"))


def test_long_lists_are_cut_and_double_names_asked_back():
    data = facts([{"market": f"m{i:02d}"} for i in range(20)])
    with pytest.raises(VocError, match="m11 and 8 more"):
        select(data, Scope(markets=("x",)))
    phases = [PhaseConfig(name=n, start=dt.date(y, 1, 1), end=dt.date(y, 2, 1)) for n, y in (("A", 2020), ("a", 2021))]
    double = facts([{}], phases=resolve_phases(phases, data.reviews, None))
    assert select(double, Scope(phase_id=double.phases["phase_id"][1].as_py())).sum() == 0
