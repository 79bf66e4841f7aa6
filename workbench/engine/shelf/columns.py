"""The columns of a table of runs: what each is called, its value to sort by, and its text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from math import isnan
from typing import Any, Final

from workbench.engine.catalog.knob import Knob
from workbench.engine.core.text import decimal_text, duration, grouped, percent, short, size_text
from workbench.engine.shelf.differing import knob_at, label_at
from workbench.engine.shelf.record import STATUSES, Point, RunRecord
from workbench.engine.spec.diff import in_words
from workbench.engine.spec.experiment import ExperimentSpec

#: What a cell without a value shows.
NOTHING: Final = "–"
#: How the key of a column begins that shows a setting; its dotted path follows.
SETTING: Final = "settings."


@dataclass(frozen=True, slots=True)
class Column:
    """``key`` names it in files and commands, ``title`` on the screen. ``value`` is None where a run has none."""

    key: str
    title: str
    value: Callable[[RunRecord], Any]
    words: Callable[[Any], str] = str

    def text(self, record: RunRecord) -> str:
        """The cell of a run."""
        value = self.value(record)
        return NOTHING if value is None or value == "" else self.words(value)


def column(key: str) -> Column:
    """The column with this key; ``settings.optimizer.lr`` shows a setting. Raises KeyError."""
    if key.startswith(SETTING):
        path = key.removeprefix(SETTING)
        words = partial(setting_words, knob=knob_at(ExperimentSpec(), path))
        return Column(key, label_at(ExperimentSpec(), path), lambda record: record.setting(path), words)
    return _BY_KEY[key]


def setting_words(value: Any, knob: Knob | None = None) -> str:
    """The plain value of a setting in a cell: a member by its kind, an option as ``knob`` calls it."""
    if isinstance(value, dict):
        return str(value.get("kind", "")).replace("_", " ")
    return ", ".join(map(setting_words, value)) or "none" if isinstance(value, list) else in_words(value, knob)


def ordered(records: Sequence[RunRecord], key: str, descending: bool = False) -> tuple[RunRecord, ...]:
    """``records`` sorted by a column; those without a value come last both ways. Pinned ones are not moved."""
    value = column(key).value
    keyed = [(_comparable(value(record)), record) for record in records]
    present = sorted((each for each in keyed if each[0] is not None), key=_first, reverse=descending)
    return tuple(record for _, record in (*present, *(each for each in keyed if each[0] is None)))


def _first(each: tuple[Any, RunRecord]) -> Any:
    return each[0]


def _comparable(value: Any) -> tuple[int, Any] | None:
    """Numbers before texts; None for what has no place."""
    if value is None or value == "" or (isinstance(value, float) and isnan(value)):
        return None
    if isinstance(value, (bool, int, float)):
        return (0, float(value))
    return (1, setting_words(value) if isinstance(value, (dict, list)) else str(value).casefold())


def _at(which: str, part: str, what: str) -> Callable[[RunRecord], float | None]:
    """``what`` ("accuracy", "loss") of ``part`` ("train", "val") at the best or the last evaluation."""

    def value(record: RunRecord) -> float | None:
        point: Point | None = getattr(record, which)
        measured = None if point is None else getattr(point, part)
        return None if measured is None else float(getattr(measured, what))

    return value


def _share(value: float) -> str:
    return percent(value)


def _gap(record: RunRecord) -> float | None:
    return None if record.best is None else record.best.gap


def _points(value: float) -> str:
    return f"{grouped(100 * value, 1)} points"


COLUMNS: Final = (
    Column("name", "Name", lambda r: r.name),
    Column("status", "Status", lambda r: STATUSES.index(r.status), lambda v: STATUSES[v]),
    Column("reason", "Why", lambda r: r.reason),
    Column("title", "Title", lambda r: r.title),
    Column("tags", "Tags", lambda r: ", ".join(r.about.tags)),
    Column("note", "Note", lambda r: r.about.note),
    Column("started", "Started", lambda r: r.started.isoformat(" ", "minutes")),
    Column("data", "Data", lambda r: r.data),
    Column("model", "Model", lambda r: r.model),
    Column("optimizer", "Optimizer", lambda r: r.optimizer),
    Column("best_accuracy", "Best accuracy", lambda r: r.best_accuracy, _share),
    Column("best_epoch", "Best epoch", lambda r: None if r.best is None else r.best.epoch, grouped),
    Column("last_accuracy", "Last accuracy", _at("last", "val", "accuracy"), _share),
    Column("last_train_accuracy", "Last training accuracy", _at("last", "train", "accuracy"), _share),
    Column("last_loss", "Last loss", _at("last", "val", "loss"), decimal_text),
    Column("last_train_loss", "Last training loss", _at("last", "train", "loss"), decimal_text),
    Column(
        "gap",
        "Gap at best",
        lambda r: None if r.best is None else r.best.gap,
        lambda v: f"{grouped(100 * v, 1)} points",
    ),
    Column("test_accuracy", "Test accuracy", lambda r: r.test, _share),
    Column("averaged_accuracy", "Averaged predictions", lambda r: r.averaged, _share),
    Column("epoch", "Epochs", lambda r: r.epoch, grouped),
    Column("step", "Steps", lambda r: r.step, grouped),
    Column("seconds", "Time", lambda r: r.seconds, duration),
    Column("size", "Size", lambda r: r.size, size_text),
    Column("seed", "Seed", lambda r: r.seed, grouped),
    Column("parameters", "Parameters", lambda r: r.parameters or None, grouped),
    Column("parent", "Forked from", lambda r: r.parent),
    Column("learning_rate", "Learning rate", lambda r: r.setting("optimizer.lr"), short),
)
_BY_KEY: Final = {each.key: each for each in COLUMNS}
#: Those that are shown until others are chosen.
USUAL: Final = (
    "name",
    "status",
    "data",
    "model",
    "optimizer",
    "best_accuracy",
    "best_epoch",
    "last_accuracy",
    "last_train_accuracy",
    "test_accuracy",
    "seconds",
    "size",
)
