"""Charts as SVG and PNG, made offline, in the light mode, with title and source, and without anything active."""

from __future__ import annotations

import json
import textwrap
import threading
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import asdict
from functools import lru_cache
from typing import Any

from voc import words
from voc.looks import DARK, LIGHT

#: Width of a chart in pixels before scaling: that of a slide's text.
WIDTH = 860
#: Pixels of the PNG for each pixel of the SVG.
SCALE = 2.0
#: Metrically compatible on most machines: what the machine that draws measures is what others see.
FONTS = 'Arial, "Liberation Sans", Helvetica, sans-serif'

# The converter is one program; two threads would only wait inside it.
_ALONE = threading.Lock()
_VERSION = "6.4"
_MARGIN = 22
_SVG = "http://www.w3.org/2000/svg"
_NAMESPACES = ("", _SVG), ("xlink", "http://www.w3.org/1999/xlink")
# What Vega draws charts with; nothing of it runs or fetches anything.
_ELEMENTS = frozenset(
    "svg g path line rect text tspan circle ellipse polygon polyline defs clipPath linearGradient stop title".split()
)
_RECOLOURED = {
    old.lower(): new
    for (name, old), new in zip(asdict(DARK).items(), asdict(LIGHT).values(), strict=True)
    # Two of the dark mode's colours serve twice; charts use them to shade.
    if name != "field"
}


def svg(
    spec: Mapping[str, Any],
    *,
    title: str = "",
    subtitle: str = "",
    source: str = "",
    width: int = WIDTH,
    framed: bool = True,
) -> str:
    """Return a chart as an SVG document.

    Args:
        spec: of Vega-Lite, with its data in it. Colours of the dark mode become those of the light mode.
        title: stands above the chart.
        subtitle: stands under the title, in as many lines as it takes.
        source: stands under the chart.
        width: of a chart that fills its container.
        framed: give it a ground and a margin, as a picture of its own needs them.

    Raises:
        ValueError: the specification is at fault or asks for data from elsewhere.
    """
    import vl_convert

    ready = _prepared(spec, width)
    if title or subtitle:
        said = textwrap.wrap(words.visible(subtitle), max(40, width // 7))
        ready["title"] = {"text": textwrap.wrap(words.visible(title), max(30, width // 10)), "subtitle": said}
    with _ALONE:
        drawn = vl_convert.vegalite_to_svg(ready, vl_version=_VERSION, allowed_base_urls=[])
    return _framed(drawn, words.visible(source), framed=framed)


def kept(spec: Mapping[str, Any], title: str, subtitle: str, source: str) -> str:
    """Return what `svg` does; the last few pictures are kept, since people take one as PNG and as SVG."""
    return _kept(json.dumps(spec, sort_keys=True, default=str), title, subtitle, source)


@lru_cache(maxsize=16)
def _kept(spec: str, title: str, subtitle: str, source: str) -> str:
    return svg(json.loads(spec), title=title, subtitle=subtitle, source=source)


def png(document: str, *, scale: float = SCALE) -> bytes:
    """Return an SVG document of `svg` as PNG."""
    import vl_convert

    with _ALONE:
        made: bytes = vl_convert.svg_to_png(document, scale=scale)
    return made


def _prepared(spec: Mapping[str, Any], width: int) -> dict[str, Any]:
    ready: dict[str, Any] = _plain(spec)
    if not any(key in ready for key in ("hconcat", "vconcat", "concat", "facet", "repeat")):
        ready["width"] = width
    ready["config"] = ready.get("config", {}) | {"background": "transparent", "font": FONTS, "padding": 0}
    for style in ("text", "axis", "legend", "title"):
        for name in ("font", "labelFont", "titleFont"):
            ready["config"].get(style, {}).pop(name, None)
    return ready


def _plain(value: Any, key: str = "") -> Any:
    """Return a specification without links, tooltips and characters that an SVG cannot hold, in light colours."""
    if isinstance(value, str):
        # A control character would not only spoil the file: the converter ends the whole program over it.
        return _RECOLOURED.get(value.lower(), words.visible(value))
    if isinstance(value, Mapping):
        if key == "data" and "url" in value:
            raise ValueError("A picture is not allowed to fetch its data.")
        dropped = ("href", "url", "tooltip") if key == "encoding" else ("href", "tooltip") if key == "mark" else ()
        return {words.visible(str(k)): _plain(v, str(k)) for k, v in value.items() if k not in dropped}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


def _framed(document: str, source: str, *, framed: bool) -> str:
    """Return the document with a ground, a margin and its source under it, and with nothing in it but drawing."""
    root = ET.fromstring(document)  # noqa: S314 - the converter's own output, which has no document type
    _strip(root)
    wide, high = float(root.get("width", 0)), float(root.get("height", 0))
    margin, foot = _MARGIN if framed else 0, 26 if source else 0
    outer = ET.Element(f"{{{_SVG}}}svg")
    size = wide + 2 * margin, high + 2 * margin + foot
    outer.attrib |= {"width": f"{size[0]:g}", "height": f"{size[1]:g}", "viewBox": f"0 0 {size[0]:g} {size[1]:g}"}
    if framed:
        ET.SubElement(outer, f"{{{_SVG}}}rect", {"width": "100%", "height": "100%", "fill": LIGHT.paper})
    inner = ET.SubElement(outer, f"{{{_SVG}}}g", {"transform": f"translate({margin},{margin})"})
    inner.extend(root)
    if source:
        place = {"x": f"{margin}", "y": f"{size[1] - 16:g}", "font-family": FONTS, "font-size": "11"}
        line = ET.SubElement(outer, f"{{{_SVG}}}text", place | {"fill": LIGHT.quiet})
        line.text = source
    for prefix, address in _NAMESPACES:
        ET.register_namespace(prefix, address)
    return ET.tostring(outer, encoding="unicode")


def _strip(element: ET.Element) -> None:
    for name in list(element.attrib):
        bare = name.rsplit("}", 1)[-1].lower()
        value = element.attrib[name]
        outside = (bare == "href" and not value.startswith("#")) or "url(" in value.replace("url(#", "")
        if outside or bare.startswith(("on", "aria-", "role")):
            del element.attrib[name]
    for child in list(element):
        if child.tag.rsplit("}", 1)[-1] in _ELEMENTS:
            _strip(child)
        else:
            element.remove(child)
