"""Charts one over the other, put together without the copies that Altair makes of each of them.

`alt.layer` copies every part some six times, which takes longer than all that a page computes for a chart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import altair as alt

#: Altair's own width and height where a chart has neither.
_SIZE = {"continuousWidth": 300, "continuousHeight": 300}


@dataclass(frozen=True)
class Layers:
    """What `alt.LayerChart` is, as far as the app needs it.

    Attributes:
        parts: Altair charts of one mark, or further layers; the first lies lowest.
        options: what else the layered view has: height, width, title, resolve.
        config: of the whole chart.
    """

    parts: tuple[Any, ...]
    options: Mapping[str, Any] = field(default_factory=dict)
    config: Mapping[str, Any] = field(default_factory=dict)

    def properties(self, **options: Any) -> Layers:
        """Return the same with further options."""
        return replace(self, options={**self.options, **options})

    def configure(self, **config: Any) -> Layers:
        """Return the same with a configuration, as Altair's method of this name does."""
        return replace(self, config={**self.config, **config})

    def to_dict(self, validate: bool = True, *, context: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the Vega-Lite specification.

        Args:
            validate: hold it against Vega-Lite's schema.
            context: of the chart that these layers are a part of.
        """
        inner = context or {"top_level": False, "datasets": {}}
        params: list[dict[str, Any]] = []
        layers = [_part(part.to_dict(validate=False, context=inner), params) for part in self.parts]
        spec: dict[str, Any] = {"layer": layers, **_plain(self.options)}
        if params:
            spec["params"] = params
        if context is not None:
            return spec
        config = _plain(self.config)
        spec |= {"config": config | {"view": _SIZE | config.get("view", {})}, "$schema": alt.SCHEMA_URL}
        if inner["datasets"]:
            spec["datasets"] = inner["datasets"]
        if validate:
            alt.LayerChart.from_dict(spec)
        return spec


def over(*parts: Any) -> Layers:
    """Return charts one over the other, the first lowest; each keeps its data."""
    return Layers(parts)


def _part(spec: dict[str, Any], params: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a part's specification without its selections, which go to `params`: the whole chart has them all."""
    for param in spec.pop("params", []):
        if "layer" not in spec and "select" in param:
            # A selection says in which part things are selected.
            spec["name"] = f"view_{param['name']}"
            param = {**param, "views": [spec["name"]]}
        params.append(param)
    return spec


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.to_dict() if hasattr(value, "to_dict") else value for name, value in values.items()}
