from __future__ import annotations

import pytest

from voc.ingest.encoding import decode

TEXT = "Review,Stars\nThe cable’s plug is too short – café,3\n" * 4


@pytest.mark.parametrize(
    ("codec", "shown"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8 with BOM"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16 without BOM"),
        ("utf-16-be", "UTF-16 without BOM"),
        ("utf-32", "UTF-32"),
        ("cp1252", "cp1252"),
    ],
)
def test_encodings(codec, shown):
    decoded = decode(TEXT.encode(codec))
    assert decoded.text.lstrip("\ufeff") == TEXT
    assert decoded.encoding == shown


def test_cyrillic_without_a_mark():
    text = "Отзыв;Оценка\nОтличный кабель, работает хорошо уже второй год;5\nПлохой кабель, сломался через неделю;1\n"
    decoded = decode(text.encode("cp1251"))
    assert decoded.text == text
    assert decoded.encoding == "cp1251"


def test_a_few_broken_bytes_in_utf8_are_counted():
    data = ("naïve café – " * 50).encode() + b"\xe2\x80"
    decoded = decode(data)
    assert decoded.encoding == "UTF-8"
    assert decoded.notes == ["characters that could not be decoded as UTF-8 and were dropped: 1"]


def test_western_text_in_short_samples_is_cp1252():
    assert decode("Größe passt nicht, schade".encode("cp1252")).text == "Größe passt nicht, schade"
