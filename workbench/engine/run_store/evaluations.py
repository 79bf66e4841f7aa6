"""The evaluations of a run as columns: a quick network makes thousands, and as objects each would take a kilobyte."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, Literal, overload

import numpy as np
import numpy.typing as npt

from workbench.engine.core.events import EpochEnded, Evaluated, Measured

Rows = npt.NDArray[np.void]
Floats = npt.NDArray[np.float64]
#: Parts of the data that an evaluation measures.
Split = Literal["train_eval", "val"]

_MEASURED: Final = np.dtype(
    [("loss", "f8"), ("accuracy", "f8"), ("loss_se", "f8"), ("accuracy_se", "f8"), ("n", "i4"), ("is_there", "?")]
)
_EVALUATED: Final = np.dtype(
    [
        ("epochs_done", "i4"),
        ("step", "i8"),
        ("seconds", "f8"),
        ("lr", "f8"),
        ("running_loss", "f8"),
        ("running_accuracy", "f8"),
        ("train_eval", _MEASURED),
        ("val", _MEASURED),
        ("is_best", "?"),
        ("epochs_without_improvement", "i4"),
        ("images_per_second", "f8"),
        ("is_end_of_epoch", "?"),
        ("has_running", "?"),
        ("sharpness", "f8"),
        ("sharpness_limit", "f8"),
    ]
)
#: Rows wait as Python's own objects, which are large.
_MOST_NEW: Final = 256
_NOTHING: Final = (np.nan, np.nan, np.nan, np.nan, 0, False)


class Table:
    """Rows of one dtype that grow by doubling. What was given out of it never changes.

    New rows become part of the array when they are asked for: together they take a third of the time.
    """

    def __init__(self, dtype: np.dtype[np.void]) -> None:
        self._rows: Rows = np.empty(64, dtype)
        self._size = 0
        self._new: list[tuple[Any, ...]] = []

    def __len__(self) -> int:
        return self._size + len(self._new)

    @property
    def rows(self) -> Rows:
        """All rows so far."""
        if self._new:
            self._take_new()
        return self._rows[: self._size]

    def append(self, row: tuple[Any, ...]) -> None:
        """Add one row."""
        self._new.append(row)
        if len(self._new) == _MOST_NEW:
            self._take_new()

    def _take_new(self) -> None:
        stop = len(self)
        if stop > len(self._rows):
            grown = np.empty(max(stop, 2 * len(self._rows)), self._rows.dtype)
            grown[: self._size] = self._rows[: self._size]
            self._rows = grown
        self._rows[self._size : stop] = self._new
        self._size, self._new = stop, []


class Measurements(Sequence[Measured]):
    """What was measured of one part, in some of the evaluations; ``rows`` are of the table."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    @classmethod
    def of(cls, measured: Sequence[Measured]) -> Measurements:
        """The same numbers as columns."""
        return cls(np.array([_numbers(each) for each in measured], _MEASURED))

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, index: int) -> Measured: ...
    @overload
    def __getitem__(self, index: slice) -> Measurements: ...
    def __getitem__(self, index: int | slice) -> Measured | Measurements:
        if isinstance(index, slice):
            return Measurements(self._rows[index])
        found = _measured(self._rows[index])
        assert found is not None
        return found

    @property
    def losses(self) -> Floats:
        """Their losses (n,)."""
        return np.asarray(self._rows["loss"])

    @property
    def accuracies(self) -> Floats:
        """Their accuracies (n,)."""
        return np.asarray(self._rows["accuracy"])

    @property
    def loss_ses(self) -> Floats:
        """The standard errors of the losses (n,)."""
        return np.asarray(self._rows["loss_se"])


class Evaluations(Sequence[Evaluated]):
    """The events as they were folded, kept as columns; an item or a slice makes events of them again."""

    def __init__(self) -> None:
        self._table = Table(_EVALUATED)
        self._averages: dict[str, Table] = {}

    def append(self, event: Evaluated) -> None:
        """Add one evaluation."""
        for kind in event.averages:
            self._averages.setdefault(kind, Table(_MEASURED))
        for kind, table in self._averages.items():
            while len(table) < len(self):  # it began later
                table.append(_NOTHING)
            table.append(_numbers(event.averages.get(kind)))
        self._table.append(_row(event))

    def up_to(self, step: int) -> Evaluations:
        """Those after at most ``step`` steps."""
        found = Evaluations()
        for event in self:
            if event.step <= step:
                found.append(event)
        return found

    def __len__(self) -> int:
        return len(self._table)

    @overload
    def __getitem__(self, index: int) -> Evaluated: ...
    @overload
    def __getitem__(self, index: slice) -> list[Evaluated]: ...
    def __getitem__(self, index: int | slice) -> Evaluated | list[Evaluated]:
        places = range(len(self))[index]
        return self._event(places) if isinstance(places, int) else [self._event(place) for place in places]

    def __iter__(self) -> Iterator[Evaluated]:
        return map(self._event, range(len(self)))

    def column(self, name: str) -> npt.NDArray[Any]:
        """A number of every evaluation (n,): ``step``, ``epochs_done``, ``seconds``, ``running_loss``, ``is_best``, …

        NaN where it is None.
        """
        return np.asarray(self._table.rows[name])

    def measured(self, split: str, what: str) -> Floats:
        """``what`` ("loss", "accuracy") of ``split`` ("train_eval", "val" or the kind of an average) at each evaluation
        (n,); NaN where it was not measured."""
        if split in ("train_eval", "val"):
            return np.asarray(self._table.rows[split][what])
        values = np.full(len(self), np.nan)
        if split in self._averages:
            known = self._averages[split].rows[what][: len(values)]
            values[: len(known)] = known
        return values

    def has_average(self, kind: str) -> bool:
        """Whether this average of weights was measured at least once."""
        return kind in self._averages

    def is_measured(self, split: Split) -> npt.NDArray[np.bool_]:
        """Where ``split`` was measured (n,)."""
        return np.asarray(self._table.rows[split]["is_there"])

    def of_split(self, split: Split, places: npt.NDArray[np.integer]) -> Measurements:
        """What was measured of ``split`` in the evaluations ``places``."""
        return Measurements(self._table.rows[split][places])

    def _event(self, place: int) -> Evaluated:
        row = self._table.rows[place]
        kind = EpochEnded if row["is_end_of_epoch"] else Evaluated
        has_running = bool(row["has_running"])
        return kind(
            epochs_done=int(row["epochs_done"]),
            step=int(row["step"]),
            seconds=float(row["seconds"]),
            lr=float(row["lr"]),
            running_loss=float(row["running_loss"]) if has_running else None,
            running_accuracy=float(row["running_accuracy"]) if has_running else None,
            train_eval=_measured(row["train_eval"]),
            val=_measured(row["val"]),
            is_best=bool(row["is_best"]),
            epochs_without_improvement=int(row["epochs_without_improvement"]),
            images_per_second=float(row["images_per_second"]),
            averages=self._averages_at(place),
            sharpness=_or_none(row["sharpness"]),
            sharpness_limit=_or_none(row["sharpness_limit"]),
        )

    def _averages_at(self, place: int) -> dict[str, Measured]:
        found = {kind: _measured(t.rows[place]) for kind, t in self._averages.items() if place < len(t.rows)}
        return {kind: each for kind, each in found.items() if each is not None}


def _row(event: Evaluated) -> tuple[Any, ...]:
    has_running = event.running_loss is not None and event.running_accuracy is not None
    return (
        event.epochs_done,
        event.step,
        event.seconds,
        event.lr,
        event.running_loss if has_running else np.nan,
        event.running_accuracy if has_running else np.nan,
        _numbers(event.train_eval),
        _numbers(event.val),
        event.is_best,
        event.epochs_without_improvement,
        event.images_per_second,
        isinstance(event, EpochEnded),
        has_running,
        np.nan if event.sharpness is None else event.sharpness,
        np.nan if event.sharpness_limit is None else event.sharpness_limit,
    )


def _or_none(value: Any) -> float | None:
    return None if np.isnan(value) else float(value)


def _numbers(measured: Measured | None) -> tuple[Any, ...]:
    if measured is None:
        return _NOTHING
    return (measured.loss, measured.accuracy, measured.loss_se, measured.accuracy_se, measured.n, True)


def _measured(row: Any) -> Measured | None:
    if not row["is_there"]:
        return None
    loss, accuracy, loss_se, accuracy_se, n, _ = row.tolist()
    return Measured(loss, accuracy, n, loss_se, accuracy_se)
