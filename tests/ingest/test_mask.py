from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voc.ingest.mask import mask_personal


@pytest.mark.parametrize(
    ("raw", "masked"),
    [
        ("write to jo.doe+x@mail.example.co.uk please", "write to [email] please"),
        ("jo(at)example.com", "[email]"),
        ("call +1 415 555 2671 now", "call [phone] now"),
        ("call +49 30 1234567.", "call [phone]."),
        ("my no is 9876543210", "my no is [phone]"),
        ("(415) 555-2671", "[phone]"),
        ("415-555-2671", "[phone]"),
        ("01 23 45 67 89", "[phone]"),
        ("from 192.168.10.1 it came", "from [ip] it came"),
        ("https://www.amazon.com/gp/profile/amzn1.account.AE2X", "[profile]"),
    ],
)
def test_personal_data_is_masked(raw, masked):
    assert mask_personal(raw) == masked


@pytest.mark.parametrize(
    "text",
    [
        "bought on 2018-07-31 for 1,299.00",
        "10/12/2020 and 12-10-2021",
        "model WH-1000XM4, 20000 mAh, 5V/2.4A, 100-240 V",
        "I paid 1000 2000 3000",
        "USB 3.1, version 10.0.1, firmware 2.1.0.14",
        "shows battery in 100-80-60-40 steps",
        "works 24/7 at 50-60 Hz, 3-4 hours",
        "500 600 700 rupees",
        "B0ABCD1234",
        "rated 10/10 @ home",
    ],
)
def test_other_numbers_stay(text):
    assert mask_personal(text) == text


@given(st.text(max_size=60))
def test_masking_twice_is_masking_once(text):
    once = mask_personal(text)
    assert mask_personal(once) == once
