"""The setting that says which values of pictures are black and white."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from workbench.engine.catalog.knob import Knob
from workbench.engine.core.text import quoted
from workbench.engine.pictures.value_range import given_range, range_text


def _checked(text: str) -> str:
    """ "auto", "full", or two numbers in one way of writing."""
    if text.strip().lower() in ("auto", "full"):
        return text.strip().lower()
    given = given_range(text)
    if given is None:
        wanted = "must be auto, full, or the values of black and white, the smaller first, such as “390 830”"
        raise PydanticCustomError("range", f"{wanted}; not {quoted(text)}".replace("{", "{{").replace("}", "}}"))
    return range_text(given)


ValueRange = Annotated[
    str,
    AfterValidator(_checked),
    Knob(
        "Value range",
        "Which values are black and white in pictures of more than 8 bits; two numbers such as 390 830. "
        "auto takes the full range where the training pictures use at least a quarter of it, else the range that "
        "they use; full is always the whole range. Pictures of 8 bits are not changed. Weights remember the range.",
    ),
]
