"""voc reads customer reviews and ranks what to improve next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from voc.config import Precision

__version__ = "0.1.0"


def load(model: str = "opinions", *, device: str = "auto", precision: Precision = "auto") -> Any:
    """Return a spaCy pipeline whose documents carry aspects, opinion phrases and opinions.

    See `voc.extract.component.load`, which this calls; spaCy and torch are loaded only then.

    Args:
        model: name of a shipped model or path to a model folder.
        device: "auto", "cpu" or "cuda".
        precision: "auto" (what this processor is fastest with), "float32", "bfloat16" or "int8".

    Raises:
        VocError: the weights are missing, or cuda is asked for and absent.
    """
    from voc.extract.component import load as load_pipeline

    return load_pipeline(model, device=device, precision=precision)
