"""What can be asked about a picture: the catalogue of methods, and one question. Free of torch at import."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from workbench.engine.catalog.variant import members_of
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.explain.methods.base import Method


def methods() -> dict[str, type[Method]]:
    """Every method by its kind, in the order of lists."""
    return members_of(Method)


def method_of(kind: str, settings: Mapping[str, Any]) -> Method:
    """The method of this kind with some of its settings. Raises WorkbenchError for settings that it has not."""
    cls = methods()[kind]
    try:
        return cls.model_validate(dict(settings))
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"]))
        raise WorkbenchError(f"{cls.title}: {name}: {first['msg']}.") from None


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. ``class_number`` None: the likeliest class; ``layer`` empty: the last one that has a map."""

    method: Method
    class_number: int | None = None
    layer: str = ""
