"""What a run's log says, in one pass: how it began, what it reached, how it ended. A damaged line is passed over."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from workbench.engine.core.events import Measured
from workbench.engine.core.text import grouped
from workbench.engine.run_store.event_lines import is_known
from workbench.engine.shelf.record import SPARKLINE, LiveChange, Point

#: A longer line (bytes) is none of ours.
_LONGEST: Final = 16 * 1024 * 1024
#: This many changes of live settings are kept by name; the rest are counted.
_CHANGES: Final = 64

Line = Mapping[str, Any]


class LogSummary:
    """The log of the run in ``folder``. ``problem`` is a sentence about what could not be read, or empty."""

    def __init__(self, folder: Path) -> None:
        self.started: Line = {}
        self.ended: Line = {}
        self._best: Point | None = None
        self._highest: Point | None = None
        self.last: Point | None = None
        self.averaged: float | None = None
        self.members = 0
        self.test: float | None = None
        self.changes: list[LiveChange] = []
        self.change_count = 0
        self.seconds = 0.0
        self.step = 0
        self.epoch = 0
        self.problem = ""
        self._curve: list[tuple[int, float]] = []
        self._newer: set[str] = set()
        self._read(folder / "events.jsonl")

    @property
    def best(self) -> Point | None:
        """The evaluation whose weights are the best. A fork that has not beaten what its parent had reached before has
        none: then that of its own evaluations with the highest validation accuracy."""
        return self._best or (self._highest if self.started.get("parent") else None)

    @property
    def sparkline(self) -> tuple[float, ...]:
        """Validation accuracy (that on training examples where none are held back) at up to 48 evaluations."""
        values = [value for _, value in self._curve]
        if len(values) <= SPARKLINE:
            return tuple(values)
        return tuple(values[round(i * (len(values) - 1) / (SPARKLINE - 1))] for i in range(SPARKLINE))

    def _read(self, path: Path) -> None:
        damaged = 0
        try:
            for number, line in enumerate(_lines(path), 1):
                if not self._take(line):
                    damaged = damaged or number
        except FileNotFoundError:
            return
        except OSError as error:
            self.problem = f"The log cannot be read: {error.strerror or error}."
            return
        if damaged:
            self.problem = f"The log is damaged in line {grouped(damaged)}; the rest of it is shown."
        elif self._newer:
            self.problem = "A newer version of the program wrote the log; what this one does not know is left out."

    def _take(self, line: bytes) -> bool:
        """Fold one line in; False if it is damaged."""
        try:
            said = json.loads(line)
            name = said["event"]
            known = _TAKERS.get(name)
            if known is not None:
                known(self, said)
            elif not is_known(name):
                self._newer.add(str(name))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return False
        return True

    def _start(self, said: Line) -> None:
        self.started, self.ended = said, {}

    def _go_on(self, said: Line) -> None:
        """The run goes on from ``step``: what came later is no longer a part of it."""
        self.ended = {}
        self.step = int(said["step"])
        self._curve = [(step, value) for step, value in self._curve if step <= self.step]

    def _evaluation(self, said: Line) -> None:
        self.epoch, self.step, self.seconds = int(said["epochs_done"]), int(said["step"]), _number(said["seconds"])
        within = said["event"] == "Evaluated"
        point = Point(self.epoch + within, self.step, _measured(said["train_eval"]), _measured(said["val"]))
        self.last, self.ended = point, {}
        shown = point.val or point.train
        if shown is not None:
            self._curve.append((point.step, shown.accuracy))
        if said["is_best"] and point.step:
            self._best = point
        is_higher = point.val is not None and (
            self._highest is None or self._highest.val is None or point.val.accuracy > self._highest.val.accuracy
        )
        if is_higher and point.step:
            self._highest = point

    def _ensemble(self, said: Line) -> None:
        averaged = _measured(said["averaged"])
        self.averaged = None if averaged is None else averaged.accuracy
        self.members = len(said["members"])

    def _folds(self, said: Line) -> None:
        self.members = len(said["folds"])

    def _tested(self, said: Line) -> None:
        measured = _measured(said["measured"])
        self.test = None if measured is None else measured.accuracy

    def _change(self, said: Line) -> None:
        self.change_count += 1
        if len(self.changes) < _CHANGES:
            self.changes.append(LiveChange.of(said))

    def _end(self, said: Line) -> None:
        self.ended = {**said, "reason": str(said["reason"]), "message": str(said["message"])}
        self.step, self.epoch = max(self.step, int(said["step"])), max(self.epoch, int(said["epochs_done"]))
        self.seconds = max(self.seconds, _number(said["seconds"]))


_TAKERS: Final[Mapping[str, Callable[[LogSummary, Line], None]]] = {
    "RunStarted": LogSummary._start,
    "Resumed": LogSummary._go_on,
    "EpochEnded": LogSummary._evaluation,
    "Evaluated": LogSummary._evaluation,
    "EnsembleMeasured": LogSummary._ensemble,
    "FoldsMeasured": LogSummary._folds,
    "MeasuredOnTest": LogSummary._tested,
    "Edited": LogSummary._change,
    "RunEnded": LogSummary._end,
}


def _lines(path: Path) -> Iterator[bytes]:
    """The lines of the log; a torn last one is dropped. Raises OSError."""
    with path.open("rb") as file:
        while line := file.readline(_LONGEST):
            if line.endswith(b"\n"):
                yield line
            elif len(line) == _LONGEST:
                yield b"too long"
                while (line := file.readline(_LONGEST)) and not line.endswith(b"\n"):
                    pass


def _number(value: Any) -> float:
    """A number as the log writes it: JSON has no NaN. Raises TypeError, ValueError."""
    return float(value["float"] if isinstance(value, dict) else value)


def _measured(said: Any) -> Measured | None:
    if said is None:
        return None
    return Measured(
        _number(said["loss"]),
        _number(said["accuracy"]),
        int(said["n"]),
        _number(said["loss_se"]),
        _number(said["accuracy_se"]),
    )
