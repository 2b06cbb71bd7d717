"""Faster arithmetic on CPUs: bfloat16 where the processor multiplies it in hardware, or whole numbers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor, nn

from voc.config import ModelConfig, Precision
from voc.errors import VocError
from voc.extract.bert import Bert
from voc.extract.windows import TOKENS_PER_BATCH


@cache
def fast_bfloat16() -> bool:
    """Say whether this processor multiplies bfloat16 in hardware; elsewhere single precision is faster."""
    flags = Path("/proc/cpuinfo")
    return flags.exists() and bool({"avx512_bf16", "amx_bf16", "bf16"} & set(flags.read_text().split()))


def fast_dtype(device: torch.device) -> torch.dtype:
    """Return what a pass through an encoder is computed in on `device`: bfloat16 where that is fast."""
    return torch.bfloat16 if device.type == "cuda" or fast_bfloat16() else torch.float32


class Packed(nn.Module):
    """A linear layer in bfloat16 on a CPU, its weights in the order in which the processor multiplies them.

    With "gelu" the GELU is part of the product: apart, it takes as long as half of it.
    """

    def __init__(self, dense: nn.Linear, then: Literal["none", "gelu"] = "none") -> None:
        super().__init__()
        self.weight = torch.ops.mkldnn._reorder_linear_weight(dense.weight.detach(), TOKENS_PER_BATCH)
        self.bias = dense.bias.detach()
        self.then = then

    def forward(self, values: Tensor) -> Tensor:
        """Return the product for values of shape (..., in)."""
        product: Tensor = torch.ops.mkldnn._linear_pointwise(values, self.weight, self.bias, self.then, [], "none")
        return product


class Int8Linear(nn.Module):
    """A linear layer over 8-bit whole numbers: each row of weights has its scale, and so has each token's vector.

    One scale for all tokens of a batch, as dynamic quantisation usually has it, would let a token's result depend on
    what is read beside it; and sums of whole numbers are exact in any order.
    """

    def __init__(self, dense: nn.Linear) -> None:
        super().__init__()
        weight = dense.weight.detach().float()
        scale = weight.abs().amax(dim=1) / 127
        self.columns = (weight / scale.unsqueeze(1)).round().to(torch.int8).T
        self.scale = scale
        self.bias = dense.bias.detach().float()

    def forward(self, values: Tensor) -> Tensor:
        """Return the product for values of shape (..., in)."""
        rows = values.reshape(-1, values.shape[-1])
        scale = rows.abs().amax(dim=1, keepdim=True).clamp(min=1e-9) / 127
        whole = torch._int_mm((rows / scale).round().to(torch.int8), self.columns)
        result = torch.addcmul(self.bias, whole.float() * scale, self.scale)
        return result.reshape(*values.shape[:-1], -1)


def resolve(config: ModelConfig) -> ModelConfig:
    """Return the configuration with the device and the precision that reading will use.

    Raises:
        VocError: a GPU is asked for and there is none.
    """
    device = config.device
    if device == "cuda" and not torch.cuda.is_available():
        raise VocError("No CUDA device can be used here; use --device cpu or --device auto.")
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    precision = config.precision
    if precision == "auto":
        precision = "bfloat16" if fast_dtype(torch.device(device)) == torch.bfloat16 else "float32"
    return config.model_copy(update={"device": device, "precision": precision})


@contextmanager
def one_thread(device: torch.device) -> Iterator[None]:
    """Compute with one thread on a CPU, for the length of a `with` block.

    Several would add the terms of some products up in another order, and a result would depend on how many cores are
    free. Many texts are shared by processes instead, see `voc.workers`.
    """
    before = torch.get_num_threads()
    if device.type != "cpu" or before == 1:
        yield
        return
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def prepare(encoder: Any, device: torch.device, precision: Precision = "auto") -> Any:
    """Make a BERT encoder, ours or that of transformers, ready for inference on `device`.

    "auto" is bfloat16 where that is fast, ours packed where torch can, and single precision elsewhere. The choice
    depends on the machine alone, never on the texts, so a machine gives the same result for a text whatever else is
    read with it.
    """
    encoder = encoder.to(device).eval()
    if precision == "auto":
        precision = "bfloat16" if fast_dtype(device) == torch.bfloat16 else "float32"
    if precision == "bfloat16":
        encoder = encoder.to(torch.bfloat16)
        if device.type == "cpu" and _can_pack() and isinstance(encoder, Bert):
            layers: Any = encoder.encoder.layer
            for layer in layers:
                layer.attention.joined = Packed(layer.attention.joined)
                layer.attention.output.dense = Packed(layer.attention.output.dense)
                layer.intermediate = Packed(layer.intermediate.dense, "gelu")
                layer.output.dense = Packed(layer.output.dense)
    elif precision == "int8":
        for name, module in list(encoder.encoder.named_modules()):
            if isinstance(module, nn.Linear):
                owner, _, last = name.rpartition(".")
                setattr(encoder.encoder.get_submodule(owner), last, Int8Linear(module))
    return encoder


def _can_pack() -> bool:
    # Processors without AVX-512 have no such operation in bfloat16.
    able = hasattr(torch.ops.mkldnn, "_linear_pointwise") and hasattr(torch.ops.mkldnn, "_reorder_linear_weight")
    return bool(able and torch.ops.mkldnn._is_mkldnn_bf16_supported())
