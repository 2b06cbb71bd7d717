from __future__ import annotations

import pytest

from voc.ingest.language import detect_languages


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The sound quality is really good for the price", "en"),
        ("THE SOUND QUALITY IS REALLY GOOD FOR THE PRICE", "en"),
        ("Very good product yaar, paisa vasool, go for it", "en"),
        ("Der Klang ist für den Preis wirklich sehr gut", "de"),
        ("La batterie ne tient pas la charge, très déçu", "fr"),
        ("Se oye excelente y la batería dura mucho tiempo", "es"),
        ("不好", "zh"),
        ("音質が良い", "ja"),
        ("소리가 좋아요", "ko"),
        ("Плохой кабель", "ru"),
        ("Поганий кабель, дуже крихкий і слабкий", "uk"),
        ("صوت ممتاز", "ar"),
        ("बहुत अच्छा", "hi"),
        ("ಬಹಳ ಚೆನ್ನಾಗಿದೆ", "kn"),
        ("Good", None),
        ("very good", None),
        ("", None),
    ],
)
def test_language(text, language):
    assert detect_languages([text]) == [language]


def test_a_text_is_read_alike_whatever_stands_beside_it():
    texts = ["The cable broke after two weeks", "Das Kabel ist nach zwei Wochen kaputt", "ok", "不好"]
    alone = [detect_languages([text])[0] for text in texts]
    assert detect_languages(texts * 3) == alone * 3
    assert detect_languages(texts[::-1]) == alone[::-1]
