"""The setting that says which values of pictures are black and white."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from workbench.engine.catalog.knob import Knob
from workbench.engine.core.errors import Problem, WorkbenchError
from workbench.engine.core.text import quoted
from workbench.engine.pictures.decode import Range
from workbench.engine.pictures.value_range import given_range

ValueRange = Annotated[
    str,
    Knob(
        "Value range",
        "Which values are black and white in pictures of more than 8 bits: auto, full, or two numbers such as 390 830. "
        "auto takes the full range if the training pictures use at least a quarter of it, else the range that "
        "they use. Pictures of 8 bits are not changed, but for arrays whose brightest value is below 128. "
        "Weights remember the range.",
    ),
]


def range_problems(text: str, path: str) -> Iterator[Problem]:
    """The problem if ``text`` is neither auto nor full nor two numbers."""
    if text not in ("auto", "full") and given_range(text) is None:
        wanted = "must be auto, full, or the values of black and white, the smaller first, such as “390 830”"
        yield Problem(f"{path}.value_range", f"{wanted}; not {quoted(text)}")


def chosen_range(text: str) -> Range:
    """The two numbers of the setting. Raises WorkbenchError."""
    for problem in range_problems(text, "data.source"):
        raise WorkbenchError(f"The value range {problem.message}.", problem.path)
    found = given_range(text)
    assert found is not None, "auto and full are for the caller"
    return found
