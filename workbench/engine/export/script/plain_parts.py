"""What a script has in the place of parts of this program that it does without."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Variant:
    """A choice with its settings, each an attribute."""

    def __init__(self, **settings: Any) -> None:
        self.__dict__.update(settings)


def without_compiler(made: Callable[..., Any]) -> Callable[..., Any]:
    """The optimizer class as it is."""
    return made
