"""Makes the vector of a query, once the model is there: it loads in the background, words are searched meanwhile."""

from __future__ import annotations

import threading
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from voc.config import ModelConfig
from voc.errors import VocError
from voc.search.encoder import Encoder

Vector = NDArray[np.float32]
State = Literal["loading", "ready", "failed"]

_lock = threading.Lock()
_states: dict[tuple[str, str], State] = {}
_faults: dict[tuple[str, str], str] = {}


def warm(config: ModelConfig) -> State:
    """Begin to load the model, unless that has begun before, and return how far it is; returns at once."""
    key = _key(config)
    with _lock:
        if key in _states:
            return _states[key]
        _states[key] = "loading"
    threading.Thread(target=_load, args=(key,), name="voc-meaning", daemon=True).start()
    return "loading"


def fault(config: ModelConfig) -> str:
    """Return the sentence that says why the model could not be loaded."""
    return _faults.get(_key(config), "")


def vector(text: str, config: ModelConfig) -> Vector:
    """Return the unit vector of a text, on the scale of the vectors of opinions; loads the model where it must.

    Raises:
        VocError: the model cannot be loaded.
    """
    return _vector(text, *_key(config))


@lru_cache(maxsize=1024)
def _vector(text: str, encoder: str, model: str) -> Vector:
    light = _encoder(model) if encoder == "default" else None
    if light is not None:
        made = light.vector(text)
    else:
        # Loaded here: torch takes seconds.
        from voc.themes.embedding import embed

        made = embed([text], encoder=encoder, model=model)[0]
    made.setflags(write=False)
    return made


@lru_cache(maxsize=2)
def _encoder(model: str) -> Encoder | None:
    """Return the weights that read the reviews, None where their encoder is of a kind that only torch computes."""
    try:
        return Encoder(model)
    except ValueError:
        return None


def _load(key: tuple[str, str]) -> None:
    state: State = "ready"
    try:
        # The first text is slow: its arithmetic is set up then.
        _vector("comfortable to wear", *key)
    except VocError as error:
        state, _faults[key] = "failed", str(error)
    except Exception as error:
        # A thread has nobody to raise to: the page says it.
        state, _faults[key] = "failed", f"The model cannot be loaded ({type(error).__name__})."
    with _lock:
        _states[key] = state


def _key(config: ModelConfig) -> tuple[str, str]:
    return config.encoder, config.opinions
