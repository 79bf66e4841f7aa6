"""Whether a text file holds settings, by its first lines."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator


def is_settings(text: str) -> bool:
    """Whether it is a TOML text."""
    lines = [line for line in _lines(text) if not line.startswith("#")]
    if not lines or not (lines[0].startswith("[") or "=" in lines[0]):
        return False
    try:
        return bool(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, RecursionError):
        return False


def _lines(text: str) -> Iterator[str]:
    return (line.strip() for line in text.splitlines() if line.strip())
