"""Asks an OpenAI-compatible endpoint that the user configured; nothing else in voc reaches out."""

from __future__ import annotations

import json
import os
from typing import Any

from voc.config import LlmConfig
from voc.errors import VocError


def ask(config: LlmConfig, instruction: str, material: str) -> dict[str, Any]:
    """Return the JSON object that the model answers with.

    Args:
        config: the endpoint, its model, and where its key is.
        instruction: what to do, as the system's message.
        material: what to do it with, as the user's message.

    Raises:
        VocError: no endpoint is configured, it cannot be reached, refuses, or answers with something else than one
            JSON object.
    """
    # Whoever only reads what was asked before does not wait for it.
    import httpx

    if config.endpoint is None:
        raise VocError('No endpoint is configured; name one in voc.toml under [llm] as endpoint = "http://...".')
    address = config.endpoint.rstrip("/") + "/chat/completions"
    key = os.environ.get(config.key_variable)
    body = {
        "model": config.model,
        "temperature": 0,
        "messages": [{"role": "system", "content": instruction}, {"role": "user", "content": material}],
    }
    try:
        answer = httpx.post(
            address, json=body, headers={"Authorization": f"Bearer {key}"} if key else {}, timeout=config.timeout
        )
        answer.raise_for_status()
        content = answer.json()["choices"][0]["message"]["content"]
    except httpx.TimeoutException:
        raise VocError(
            f"{address} did not answer within {config.timeout:g} s; raise timeout under [llm], or try again later."
        ) from None
    except httpx.HTTPStatusError as error:
        status = error.response.status_code
        hint = f"check the key in {config.key_variable}" if status in (401, 403) else "check endpoint and model"
        raise VocError(f"{address} refused with status {status}; {hint} under [llm] in voc.toml.") from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise VocError(f"{address} cannot be reached ({error}); check endpoint under [llm] in voc.toml.") from None
    except (ValueError, KeyError, IndexError, TypeError):
        raise VocError(
            f"{address} does not answer as an OpenAI-compatible endpoint does; check endpoint under [llm] in voc.toml."
        ) from None
    return _object(str(content), config.model)


def _object(content: str, model: str) -> dict[str, Any]:
    """Return the JSON object in an answer, which may stand between other words."""
    start, end = content.find("{"), content.rfind("}")
    try:
        found = json.loads(content[start : end + 1]) if start >= 0 else None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise VocError(f"The model {model!r} did not answer with a JSON object; try another one under [llm].")
    return found
