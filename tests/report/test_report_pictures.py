"""Pictures of charts: drawn offline, in the light mode, with title and source and nothing active in them."""

import xml.etree.ElementTree as ET

import altair as alt
import pandas as pd
import pytest

from voc.looks import DARK, LIGHT, configured
from voc.report import pictures

NAMES = ["<script>window.hacked=true</script>", "a\x00b\x0bc\u202ed\ufffe", ']]> & "quoted"', "plain"]


def chart(colours=LIGHT):
    data = pd.DataFrame({"name": NAMES, "value": [3, 2, 1, 4], "link": "javascript:window.hacked=true"})
    base = alt.Chart(data).encode(
        x="value:Q", y="name:N", href="link:N", url="link:N", tooltip="name:N", color=alt.value(colours.accent)
    )
    return configured(alt.layer(base.mark_bar(), base.mark_text().encode(text="name:N")), colours).to_dict()


def test_names_are_only_text_and_nothing_links_or_runs():
    drawn = pictures.svg(chart(), title=NAMES[0], subtitle=NAMES[1] * 9, source=NAMES[2])
    root = ET.fromstring(drawn)
    assert {element.tag.rsplit("}")[-1] for element in root.iter()} <= {
        "svg",
        "g",
        "rect",
        "path",
        "line",
        "text",
        "tspan",
        "defs",
        "clipPath",
    }
    names = {name.rsplit("}")[-1].lower() for element in root.iter() for name in element.attrib}
    assert not {name for name in names if name.startswith("on") or name in ("href", "style")}
    said = [element.text for element in root.iter() if element.text and element.text.strip()]
    assert NAMES[0] in said
    assert "abcd" in said
    assert said[-1] == NAMES[2]


def test_a_reader_in_the_dark_takes_the_light_picture_away():
    assert pictures.svg(chart(DARK)) == pictures.svg(chart(LIGHT))
    assert LIGHT.paper in pictures.svg(chart(DARK))


def test_a_picture_is_as_wide_as_told_and_the_png_twice_that():
    drawn = pictures.svg(chart(), title="Reach", source="voc", width=500)
    root = ET.fromstring(drawn)
    width, height = float(root.get("width")), float(root.get("height"))
    assert 500 < width < 760
    data = pictures.png(drawn)
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(data[16:20]) == pytest.approx(2 * width, abs=2)
    assert int.from_bytes(data[20:24]) == pytest.approx(2 * height, abs=2)


def test_data_from_elsewhere_is_refused():
    with pytest.raises(ValueError, match="not allowed"):
        pictures.svg({"data": {"url": "https://example.org/a.csv"}, "mark": "point"})
    with pytest.raises(ValueError, match="not allowed"):
        pictures.svg({"data": {"url": "file:///etc/passwd"}, "mark": "point"})
