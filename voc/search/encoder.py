"""Makes the vector of a query in NumPy, from the weights that read the reviews.

A query is a few words: loading torch for them would take a server seconds and a quarter of its memory. The arithmetic
is that of `voc.extract.reader.Reader.meanings`, in single precision; a test holds the two together.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voc.extract.folder import WEIGHTS, model_folder
from voc.extract.windows import LEAD, cut_windows

Array = NDArray[np.float32]

#: The token after [CLS] that stands for reviews, and the layer whose states count beside the first and last: as
#: `voc.extract.network.STYLES` and `voc.extract.meaning.MEANING_LAYER` say them, whose modules load torch.
REVIEW, MIDDLE = 1, 3
_WORDS = "encoder.embeddings.word_embeddings.weight"


class Encoder:
    """The encoder and the head of meanings of one folder of weights.

    Raises:
        VocError: there is no such model.
        ValueError: its encoder is of another architecture than the one computed here.
    """

    def __init__(self, model: str) -> None:
        from safetensors import safe_open
        from tokenizers import Tokenizer

        folder = model_folder(model)
        self._config: dict[str, Any] = json.loads((folder / "config.json").read_text(encoding="utf-8"))["encoder"]
        if self._config["model_type"] != "bert" or self._config["hidden_act"] != "gelu":
            raise ValueError(f"an encoder of type {self._config['model_type']!r}")
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        with safe_open(folder / WEIGHTS, framework="numpy") as held:
            # The heads that read opinions stay in the file.
            names = [name for name in held.keys() if name.startswith(("encoder.", "meaning.words"))]  # noqa: SIM118
            # Half of all weights are vectors of words, of which a query needs a few: they stay in half precision.
            self._words: NDArray[Any] = held.get_tensor(_WORDS)
            self._held = {name: held.get_tensor(name).astype(np.float32) for name in names if name != _WORDS}

    def vector(self, text: str) -> Array:
        """Return the vector (dimensions,) of length 1 of what a short text means."""
        states = [self._states(window.ids)[LEAD:-1] for window in cut_windows([text], self._tokenizer, REVIEW)]
        mean = np.concatenate(states).mean(axis=0) if states else np.zeros(3 * int(self._config["hidden_size"]))
        hidden = _gelu(self._linear("meaning.words_hidden", mean.astype(np.float32)))
        vector = self._linear("meaning.words_out", hidden)
        unit: Array = vector / max(float(np.linalg.norm(vector)), 1e-9)
        return unit

    def _states(self, ids: list[int]) -> Array:
        """Return the states (tokens, 3 * hidden) that go into the first layer, of the middle one and of the last."""
        held = self._held
        table = "encoder.embeddings"
        at = np.arange(len(ids))
        total = self._words[ids].astype(np.float32)
        total += held[f"{table}.position_embeddings.weight"][at]
        total += held[f"{table}.token_type_embeddings.weight"][0]
        states = self._normal(f"{table}.LayerNorm", total)
        kept = [states]
        layers = int(self._config["num_hidden_layers"])
        for layer in range(layers):
            states = self._layer(f"encoder.encoder.layer.{layer}", states)
            if layer + 1 == min(MIDDLE, layers):
                kept.append(states)
        return np.concatenate([*kept, states], axis=1)

    def _layer(self, name: str, states: Array) -> Array:
        heads = int(self._config["num_attention_heads"])
        query, key, value = (
            self._linear(f"{name}.attention.self.{part}", states).reshape(len(states), heads, -1).transpose(1, 0, 2)
            for part in ("query", "key", "value")
        )
        scores = query @ key.transpose(0, 2, 1) / np.float32(query.shape[-1] ** 0.5)
        scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
        seen = (scores / scores.sum(axis=-1, keepdims=True)) @ value
        joined = self._linear(f"{name}.attention.output.dense", seen.transpose(1, 0, 2).reshape(states.shape))
        states = self._normal(f"{name}.attention.output.LayerNorm", joined + states)
        wide = _gelu(self._linear(f"{name}.intermediate.dense", states))
        return self._normal(f"{name}.output.LayerNorm", self._linear(f"{name}.output.dense", wide) + states)

    def _linear(self, name: str, values: Array) -> Array:
        product: Array = values @ self._held[f"{name}.weight"].T + self._held[f"{name}.bias"]
        return product

    def _normal(self, name: str, values: Array) -> Array:
        spread = values.var(axis=-1, keepdims=True) + np.float32(self._config["layer_norm_eps"])
        scaled: Array = (values - values.mean(axis=-1, keepdims=True)) / np.sqrt(spread)
        normal: Array = scaled * self._held[f"{name}.weight"] + self._held[f"{name}.bias"]
        return normal.astype(np.float32)


def _gelu(values: Array) -> Array:
    from scipy.special import erf

    half: Array = 0.5 * values * (1 + erf(values / np.float32(2**0.5)))
    return half.astype(np.float32)
