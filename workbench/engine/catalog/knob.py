"""Knob: the declaration of one setting on its field (label, limits, unit, help, live or not).

The form, settings files, the command line, the docs and tests are derived from it. Limits are enforced only here,
with one wording.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from workbench.engine.core.text import grouped, number_text

KnobScale = Literal["linear", "log"]
TextRole = Literal["", "folder", "file", "note"]

#: Longer texts and lists than these are refused, so that every valid spec fits into a settings file.
MAX_TEXT = 4_000
MAX_ITEMS = 64
#: What the counter of a schedule counts, in the texts of settings; elsewhere see ``Knob.counting``.
COUNTED = "epochs (or steps)"


@dataclass(frozen=True, slots=True)
class Knob:
    """Declaration of one setting, placed in ``Annotated[type, Knob(...)]``.

    ``low`` and ``high`` are inclusive. ``help``: its first sentence is shown under the field, all of it
    behind "more". ``lesson`` is the lecture's claim about it. ``live`` settings act at the next batch of a running run.
    ``options`` describes each value of a ``Literal``; ``titles`` are what a value is called where its own word is none
    that people say (see ``title_of``). ``role`` tells the form what kind of text it is.
    ``off`` is the word for None in an optional setting. ``search`` is where a search for good values looks first, from
    the smallest to the largest, far narrower than the limits; without one the user says where.
    """

    label: str
    help: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    scale: KnobScale = "linear"
    search: tuple[float, float] | None = None
    live: bool = False
    lesson: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    role: TextRole = ""
    off: str = "Off"

    def __hash__(self) -> int:
        return hash((self.label, self.help))

    @property
    def hint(self) -> str:
        """The first sentence of the help."""
        head, dot, _ = self.help.partition(". ")
        return head + "." if dot else self.help

    def counting(self, counted: str) -> Knob:
        """The same setting where the counter of schedules counts something else, like ``updates``."""
        return replace(self, help=self.help.replace(COUNTED, counted)) if counted != COUNTED else self

    def title_of(self, value: str) -> str:
        """What an option is called on the screen; settings files have ``value`` itself."""
        return self.titles.get(value, value.replace("_", " "))

    @property
    def range_text(self) -> str:
        """The allowed range in words, e.g. ``from 0 to 1``; empty if there is none."""
        if self.low is not None and self.high is not None:
            return f"from {number_text(self.low)} to {number_text(self.high)}"
        if self.low is not None:
            return f"at least {number_text(self.low)}"
        return f"at most {number_text(self.high)}" if self.high is not None else ""

    def check(self, value: Any) -> Any:
        """``value``, if every number in it is within the limits. Raises PydanticCustomError with the allowed range."""
        _refuse_long(value)
        for number in value if isinstance(value, tuple) else (value,):
            if isinstance(number, (int, float)) and not isinstance(number, bool):
                too_low = self.low is not None and number < self.low
                too_high = self.high is not None and number > self.high
                if too_low or too_high:
                    raise PydanticCustomError("limits", f"must be {self.range_text}, not {number_text(number)}")
        return value

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))


def _refuse_long(value: Any) -> None:
    if isinstance(value, str) and len(value) > MAX_TEXT:
        raise PydanticCustomError(
            "too_long", f"must have at most {grouped(MAX_TEXT)} characters, not {grouped(len(value))}"
        )
    if isinstance(value, tuple) and len(value) > MAX_ITEMS:
        raise PydanticCustomError("too_many", f"must have at most {MAX_ITEMS} entries, not {grouped(len(value))}")
