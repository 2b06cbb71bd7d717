"""Where the files that ship with the package lie, in a wheel and in a checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def _shipped(in_wheel: str, in_checkout: str) -> Path:
    packaged = _PACKAGE / in_wheel
    return packaged if packaged.exists() else _PACKAGE.parent / in_checkout


def models_dir() -> Path:
    """Return the folder of the trained weights."""
    return _shipped("_models", "models")


def app_path() -> Path:
    """Return the Streamlit entry point."""
    return _shipped("_app.py", "app.py")


def sample_dir() -> Path:
    """Return the folder of the synthetic sample export."""
    return _shipped("_sample_data", "sample_data")
