"""Events as plain data: the lines of a run's log, and the parts of a saved state that are events."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from workbench.engine.core.events import (
    Certified,
    Edited,
    EnsembleMeasured,
    EpochEnded,
    Evaluated,
    Event,
    FoldsMeasured,
    Measured,
    MeasuredOnTest,
    Notice,
    Resumed,
    RunEnded,
    RunStarted,
    WeightsSaved,
)

_LOGGED = {
    cls.__name__: cls
    for cls in (
        RunStarted,
        Resumed,
        Evaluated,
        EpochEnded,
        EnsembleMeasured,
        FoldsMeasured,
        MeasuredOnTest,
        Certified,
        WeightsSaved,
        Edited,
        Notice,
        RunEnded,
    )
}


def line_of_event(event: Event) -> dict[str, Any]:
    """A logged event as plain data, as a line of the log holds it."""
    return {"event": type(event).__name__, **_plain(event)}


def event_of_line(line: Mapping[str, Any]) -> Event:
    """The event that ``line_of_event`` gave."""
    return _event(dict(line))


def is_behind(event: Event | None, step: int) -> bool:
    """Whether ``event`` came after ``step`` finished steps: an edit at a step comes before it, a loss that is far too
    large after it."""
    at = getattr(event, "step", 0)
    return bool(at > step or (at == step and isinstance(event, Notice) and event.code == "diverged"))


def is_known(name: str) -> bool:
    """Whether a line of the log with this ``event`` is one that this state of the program writes."""
    return name in _LOGGED


def _plain(event: Any) -> dict[str, Any]:
    return {f.name: _json_value(getattr(event, f.name)) for f in dataclasses.fields(event) if f.compare}


def _json_value(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        return _plain(value)
    if isinstance(value, float) and not np.isfinite(value):
        return {"float": repr(value)}  # JSON has no NaN
    if isinstance(value, Mapping):
        return {name: _json_value(each) for name, each in value.items()}
    if isinstance(value, tuple):
        return [_json_value(each) for each in value]
    return value


def _event(line: dict[str, Any]) -> Event:
    cls = _LOGGED[line.pop("event")]
    values = {name: _value(value) for name, value in line.items()}
    if cls is Resumed:
        values["edits"] = tuple(Edited(**{n: _value(v) for n, v in each.items()}) for each in values.get("edits", ()))
    made: Event = cls(**values)
    return made


def _value(value: Any) -> Any:
    if isinstance(value, dict) and value.keys() == {"float"}:
        return float(value["float"])
    if _is_measured(value):
        return Measured(**{name: _value(v) for name, v in value.items()})
    if isinstance(value, dict) and value and all(map(_is_measured, value.values())):
        return {name: _value(each) for name, each in value.items()}
    return tuple(value) if isinstance(value, list) else value


def _is_measured(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() == Measured.__dataclass_fields__.keys()
