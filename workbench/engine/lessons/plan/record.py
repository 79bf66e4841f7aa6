"""What was recorded of a scene, and whether what is measured now is the same to the last bit."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from itertools import zip_longest
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.engine.core.text import counted, grouped, short
from workbench.engine.lessons.picture import Line, Panel, Picture
from workbench.engine.lessons.play import Conclusion
from workbench.engine.lessons.run_cache import StepLosses

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Record:
    """The measured ``numbers`` of a scene, the main one first, the ``losses`` of its runs step by step, its last
    ``picture``, the ``data_marks`` of own data, and the ``machine`` that measured them.
    """

    numbers: tuple[float, ...]
    losses: tuple[StepLosses, ...] = ()
    picture: Picture | None = None
    data_marks: tuple[str, ...] = ()
    machine: str = ""

    @classmethod
    def of(cls, found: Conclusion) -> Record:
        """The record of what was measured here, now."""
        return cls(found.numbers, found.losses, found.picture, found.data_marks, this_machine())


@dataclass(frozen=True)
class Comparison:
    """Whether what was measured is ``same`` as recorded, and ``words`` for it: a sentence or two.

    ``step`` is the first step (from 1) at which a loss of ``run`` differs; None where no step does.
    """

    same: bool
    words: str
    step: int | None = None
    run: str = ""


@cache
def this_machine() -> str:
    """What the last bits of a number depend on: ``PyTorch 2.15.0, Linux x86_64``."""
    return f"PyTorch {version('torch')}, {platform.system()} {platform.machine()}"


def compared(record: Record, found: Conclusion) -> Comparison:
    """``found`` against what was recorded: steps first, then numbers. NaN is the same as NaN.

    Curves are compared where no steps are known: else they follow from these, and another version may draw others.
    """
    difference = _first_step(record.losses, found.losses)
    if difference is None and not record.losses:
        difference = _first_point(record.picture, found.picture)
    difference = difference or _first_number(record.numbers, found.numbers)
    if difference is None:
        return Comparison(True, f"The same as recorded, to the last bit: {_counts(found)}.")
    return Comparison(False, " ".join([difference.words, *_reasons(record, found)]), difference.step, difference.run)


def _counts(found: Conclusion) -> str:
    parts = [counted(len(found.numbers), "number")]
    if found.losses:
        steps = sum(len(each.losses) for each in found.losses)
        parts.append(f"{counted(steps, 'step')} of {counted(len(found.losses), 'run')}")
    lines = 0 if found.losses else _curves(found)
    if lines:
        parts.append(counted(lines, "curve"))
    return ", ".join(parts)


def _curves(found: Conclusion) -> int:
    return sum(len(panel.lines) for panel in found.picture.panels) if found.picture is not None else 0


def _reasons(record: Record, found: Conclusion) -> Iterator[str]:
    """What may explain a difference."""
    if set(record.data_marks) - set(found.data_marks) and found.data_marks:
        yield "The data are not those of the record."
    if record.machine and record.machine != this_machine():
        yield f"Recorded with {record.machine}; here {this_machine()}: last bits may differ between the two."


def _first_step(before: Sequence[StepLosses], now: Sequence[StepLosses]) -> Comparison | None:
    """The first step of any run at which a loss differs."""
    found = [each for pair in zip(before, now, strict=False) if (each := _step_of(*pair)) is not None]
    if found:
        return min(found, key=lambda each: each.step or 0)
    if len(before) != len(now):
        return _other(f"It has trained {counted(len(now), 'run')} instead of {grouped(len(before))}.")
    return None


def _step_of(before: StepLosses, now: StepLosses) -> Comparison | None:
    common = min(len(before.losses), len(now.losses))
    places = np.flatnonzero(~_same(before.losses[:common], now.losses[:common]))
    run = f" of “{now.name}”" if now.name else ""
    if len(places):
        at = int(places[0])
        values = _two(now.losses[at], before.losses[at])
        words = f"Differs from the record first at step {grouped(at + 1)}{run}: loss {values}."
        return Comparison(False, words, at + 1, now.name)
    if len(before.losses) != len(now.losses):
        made, recorded = counted(len(now.losses), "step"), grouped(len(before.losses))
        words = f"{made}{run} instead of {recorded}; as far as both go they are the same."
        return Comparison(False, words, common + 1, now.name)
    return None


def _first_point(before: Picture | None, now: Picture | None) -> Comparison | None:
    if before is None or now is None:
        return None
    for old, new in zip_longest(before.panels, now.panels):
        if old is None or new is None or len(old.lines) != len(new.lines):
            return _other("Its picture has other curves than recorded.")
        found = [each for pair in zip(old.lines, new.lines, strict=True) if (each := _point_of(new, *pair)) is not None]
        if found:
            return _other(min(found)[1])
    return None


def _point_of(panel: Panel, old: Line, new: Line) -> tuple[float, str] | None:
    """Where the two curves begin to differ, with the sentence for it."""
    common = min(len(old.x), len(new.x))
    is_same = _same(old.x[:common], new.x[:common]) & _same(old.y[:common], new.y[:common])
    places = np.flatnonzero(~is_same)
    where = f"the curve “{new.name}”" if new.name else "the curve"
    if len(places):
        at = int(places[0])
        point = f"{panel.x_label} {short(new.x[at])}"
        words = f"Differs from the record first in {where} of “{panel.title}” at {point}: {_two(new.y[at], old.y[at])}."
        return float(new.x[at]), words
    if len(old.x) != len(new.x):
        many = f"{counted(len(new.x), 'point')} instead of {grouped(len(old.x))}"
        return np.inf, f"Differs from the record in {where} of “{panel.title}”: {many}."
    return None


def _first_number(before: Sequence[float], now: Sequence[float]) -> Comparison | None:
    if len(before) != len(now):
        return _other(f"It has measured {counted(len(now), 'number')} instead of {grouped(len(before))}.")
    for place, (old, new) in enumerate(zip(before, now, strict=True), 1):
        if not _same(np.array([old]), np.array([new])).all():
            which = f"number {grouped(place)}" if len(now) > 1 else "the number"
            return _other(f"Differs from the record in {which}: {_two(new, old)}.")
    return None


def _other(words: str) -> Comparison:
    return Comparison(False, words)


def _same(one: Floats, other: Floats) -> Any:
    """Whether each two numbers have the same bits, or are both NaN."""
    return (one.view(np.int64) == other.view(np.int64)) | (np.isnan(one) & np.isnan(other))


def _two(now: float, before: float) -> str:
    """Both numbers with as many digits as show their difference."""
    for digits in (6, 9, 17):
        one, other = short(float(now), digits), short(float(before), digits)
        if one != other:
            break
    return f"{one} instead of {other}"
