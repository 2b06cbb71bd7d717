"""The typed configuration of a workspace (``voc.toml``); an unknown key is an error."""

from __future__ import annotations

import datetime as dt
import os
import tomllib
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from voc.errors import VocError

__all__ = [
    "Clustering",
    "Config",
    "IngestConfig",
    "InsightsConfig",
    "KeepConfig",
    "LlmConfig",
    "ModelConfig",
    "PhaseConfig",
    "ThemesConfig",
    "WorkspaceConfig",
    "load_config",
]


#: Names the database of people's entries, for every command and for the app.
ENTRIES_VARIABLE = "VOC_ENTRIES_URL"


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


#: Order of day, month and year in dates such as 03/04/2021; "auto" decides by the column and refuses when it cannot.
DateOrder = Literal["auto", "dmy", "mdy", "ymd"]


class IngestConfig(_Section):
    """How exports are read."""

    date_order: DateOrder = "auto"
    # Column of `reviews` -> header of the export, for every file; `--map` goes before it.
    mapping: dict[str, str] = Field(default_factory=dict)
    # Brands that are ours; every other brand is a competitor's.
    own_brands: list[str] = Field(default_factory=list)
    # What a file may hold, unpacked, and how many times its own size that may be: bombs are refused.
    max_unpacked_mb: int = Field(default=4096, ge=1)
    max_ratio: int = Field(default=200, ge=2)


Precision = Literal["auto", "float32", "bfloat16", "int8"]


class ModelConfig(_Section):
    """Which weights read the reviews."""

    # Name of a folder under models/ or a path to one.
    opinions: str = "opinions"
    # Encoder of themes: "default", a local path or a hub name.
    encoder: str = "default"
    device: Literal["auto", "cpu", "cuda"] = "auto"
    # Numbers that the encoder computes with; "auto" takes what this processor is fastest with.
    precision: Precision = "auto"
    # Processes that read large exports side by side; "auto": one for each core, as far as memory allows.
    workers: Literal["auto"] | Annotated[int, Field(ge=1, le=1024)] = "auto"
    # Languages that the model reads, ISO 639-1.
    languages: list[str] = Field(default_factory=lambda: ["en"])


#: What finds clusters of troubles.
Clustering = Literal["consensus", "hdbscan"]


class ThemesConfig(_Section):
    """How mentions are grouped."""

    # What finds clusters: the consensus of many k-means runs, or UMAP and HDBSCAN, which are BERTopic's usual parts and
    # on a GPU cuML's where it is installed.
    clusters: Clustering = "consensus"
    seed: int = 7
    # A theme has at least this many mentions.
    min_size: int = Field(default=8, ge=2)
    # A mention joins a theme only above this cosine similarity.
    assign_above: float = Field(default=0.55, ge=-1, le=1)
    # Fewer trouble mentions than this are ranked by area instead of being clustered.
    min_mentions: int = Field(default=30, ge=2)


class LlmConfig(_Section):
    """An OpenAI-compatible endpoint for names and summaries of themes; without one nothing is ever sent anywhere."""

    # Address up to and without "/chat/completions", e.g. "http://localhost:11434/v1".
    endpoint: str | None = None
    model: str = ""
    # Name of the environment variable that holds the key, where the endpoint wants one.
    key_variable: str = "VOC_LLM_KEY"
    timeout: float = Field(default=60.0, gt=0)
    # Quotes of a theme that are sent.
    quotes: int = Field(default=20, ge=3, le=100)

    @model_validator(mode="after")
    def _with_a_model(self) -> LlmConfig:
        if self.endpoint is not None and not self.model:
            raise ValueError("an endpoint needs the name of a model; add model = ...")
        return self


class InsightsConfig(_Section):
    """How figures are computed."""

    confidence: float = Field(default=0.90, gt=0.5, lt=1)
    bootstrap: int = Field(default=1000, ge=100)
    seed: int = 7
    # A theme is ranked in a scope from this many reviews on.
    min_reviews: int = Field(default=3, ge=1)
    quotes: int = Field(default=5, ge=1)


class KeepConfig(_Section):
    """Which snapshots are kept: one that any of these numbers keeps stays, the others are removed after a run."""

    # The newest ones.
    last: int = Field(default=5, ge=1)
    # The newest one of each of so many days, calendar weeks, months and years that have one; days end at midnight UTC.
    daily: int = Field(default=0, ge=0)
    weekly: int = Field(default=0, ge=0)
    monthly: int = Field(default=0, ge=0)
    yearly: int = Field(default=0, ge=0)


class WorkspaceConfig(_Section):
    """Where people's own entries are kept, and for how long earlier states are."""

    # URL of a database that a team shares, e.g. "postgresql+psycopg://voc@db.example.org/voc"; without one they lie in
    # the workspace's folder. The environment variable VOC_ENTRIES_URL goes before it.
    entries: str | None = Field(default=None, repr=False)
    # Which snapshots are kept; the workspace remembers the rule, so that a run without this file keeps to it. Without
    # one the five newest are kept.
    keep: KeepConfig | None = None

    def entries_url(self) -> str | None:
        """Return the URL of the database of people's entries; None where they lie in the workspace's folder."""
        return os.environ.get(ENTRIES_VARIABLE) or self.entries

    def rule(self) -> dict[str, int] | None:
        """Return the rule for snapshots; None where the workspace's own is to hold."""
        return self.keep.model_dump() if self.keep is not None else None


class PhaseConfig(_Section):
    """A named stretch of time; `end` is exclusive, and absent while the phase is running."""

    name: str = Field(min_length=1)
    start: dt.date
    end: dt.date | None = None

    @model_validator(mode="after")
    def _ordered(self) -> PhaseConfig:
        if self.end is not None and self.end <= self.start:
            raise ValueError(f"phase {self.name!r} ends on {self.end}, which is not after its start {self.start}")
        return self


class Config(_Section):
    """The whole configuration."""

    ingest: IngestConfig = Field(default_factory=IngestConfig)
    model: ModelConfig = Field(default_factory=ModelConfig)
    themes: ThemesConfig = Field(default_factory=ThemesConfig)
    insights: InsightsConfig = Field(default_factory=InsightsConfig)
    llm: LlmConfig = Field(default_factory=LlmConfig)
    phases: list[PhaseConfig] = Field(default_factory=list)
    # Never written anywhere: the URL may hold a password.
    workspace: WorkspaceConfig = Field(default_factory=WorkspaceConfig, exclude=True)

    @model_validator(mode="after")
    def _phases_apart(self) -> Config:
        ordered = sorted(self.phases, key=lambda p: p.start)
        for before, after in pairwise(ordered):
            if before.end is None or before.end > after.start:
                raise ValueError(f"phases {before.name!r} and {after.name!r} overlap")
        names = [p.name for p in self.phases]
        if len(set(names)) != len(names):
            raise ValueError("two phases have the same name")
        return self


def load_config(path: Path | str | None) -> Config:
    """Read a configuration file; without a path, the defaults.

    Raises:
        VocError: the file is missing, is not TOML, has an unknown key or a value out of range.
    """
    if path is None:
        return Config()
    path = Path(path)
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise VocError(f"{path}: there is no such configuration file; check the path given with --config.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise VocError(f"{path}: the configuration cannot be read ({error}).") from None
    except tomllib.TOMLDecodeError as error:
        raise VocError(f"{path}: this is not valid TOML ({error}); correct that line.") from None
    try:
        return Config.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        if first["type"] == "extra_forbidden":
            raise VocError(f"{path}: {where} is not a known key; remove it or correct its spelling.") from None
        message = first["msg"].removeprefix("Value error, ")
        raise VocError(f"{path}: {where}: {message}.") from None
