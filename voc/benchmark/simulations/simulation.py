"""What a simulation is: a figure of the product, and how it is checked."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from voc.benchmark.simulations.figures import Figure

Settings = Mapping[str, Any]


@dataclass(frozen=True)
class Simulation:
    """A figure of the product and how it is checked.

    `simulate` takes `runs` and the settings as keywords; `drawn` says in words what each settings draw; `runs` is how
    often by default, such that all simulations together take less than 25 minutes on one core.
    """

    name: str
    figure: str
    simulate: Callable[..., list[Figure]]
    runs: int
    drawn: Mapping[str, Settings]


def given(**settings: Any) -> Settings:
    """Return settings by name."""
    return settings


def as_json(settings: Settings) -> Any:
    """Return settings as they are stored, to tell whether an earlier measurement was of the same."""
    return json.loads(json.dumps(settings, default=asdict))
