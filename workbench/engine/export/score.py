"""What the weights reached, as the run measured it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.engine.core.events import Measured
from workbench.engine.core.text import counted, percent
from workbench.engine.export.subject import Provenance
from workbench.engine.report.words_on_test import wilson_interval
from workbench.engine.run_store.kept_state import kept_state
from workbench.engine.shelf.record import Point


@dataclass(frozen=True, slots=True)
class Score:
    """An accuracy (0–1) on ``examples`` of a ``part``, with its 95 % interval; ``is_choice``: the weights were chosen
    by it, so it is a little too good. ``loss`` is None where only the accuracy is known."""

    part: str
    accuracy: float
    examples: int
    is_choice: bool
    loss: float | None = None

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's interval, 0–1."""
        return wilson_interval(self.accuracy, self.examples)

    @property
    def words(self) -> str:
        """``97.2 % of 360 validation examples (95 % interval 95.0 % to 98.5 %)``."""
        low, high = map(percent, self.interval)
        of = counted(self.examples, f"{self.part} example")
        return f"{percent(self.accuracy)} of {of} (95 % interval {low} to {high})"

    def as_json(self) -> dict[str, Any]:
        """Plain data for a file."""
        low, high = self.interval
        return {
            "part": self.part,
            "accuracy": self.accuracy,
            "interval_95": [low, high],
            "interval_by": "Wilson",
            "examples": self.examples,
            "loss": self.loss,
            "weights_were_chosen_by_it": self.is_choice,
        }


def scores_of(origin: Provenance) -> tuple[Score, ...]:
    """Those on validation and on the test part, as far as its run says them; empty without a run."""
    found = (_validation(origin), _test(origin))
    return tuple(each for each in found if each is not None)


def fingerprint_of(origin: Provenance) -> dict[str, Any] | None:
    """What tells the run's data from other data (see ``data_fingerprint``); None where no state of the run says it."""
    if origin.record is None:
        return None
    state = kept_state(origin.record.folder)
    found = state.about.get("data") if state is not None else None
    return dict(found) if found else None


def _validation(origin: Provenance) -> Score | None:
    record = origin.record
    if record is None:
        return None
    stem = origin.entry.weights.stem
    if origin.entry.run is not None and origin.entry.run.other is not None:
        return _of_other(origin, record.best)
    is_last = stem == "last" and not origin.entry.path.is_dir()
    point = record.last if is_last else record.best
    measured = point.val if point is not None else None
    if measured is None:
        return None
    return Score("validation", measured.accuracy, measured.n, not is_last, measured.loss)


def _of_other(origin: Provenance, best: Point | None) -> Score | None:
    """Of a snapshot or an average the log keeps the accuracy; the examples are those of every evaluation."""
    assert origin.entry.run is not None
    accuracy = origin.entry.run.best
    if accuracy is None or best is None or best.val is None:
        return None
    return Score("validation", accuracy, best.val.n, False)


def _test(origin: Provenance) -> Score | None:
    """The measurement at the end of training is of the run's own weights alone."""
    record = origin.record
    if record is None or record.test is None or not origin.entry.path.is_dir():
        return None
    measured = _measured_on_test(record.folder)
    return None if measured is None else Score("test", measured.accuracy, measured.n, False, measured.loss)


def _measured_on_test(folder: Path) -> Measured | None:
    with (folder / "events.jsonl").open(encoding="utf-8") as lines:
        said = [line for line in lines if line.startswith('{"event": "MeasuredOnTest"')]
    try:
        return Measured(**json.loads(said[-1])["measured"])
    except (IndexError, KeyError, TypeError, ValueError):
        return None
