"""RunRecord: what is known of one run, as a list, a comparison or a program needs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal

from workbench.engine.core.events import Measured
from workbench.engine.shelf.about import About
from workbench.engine.spec.experiment import ExperimentSpec, spec_from_plain

#: The numbers of a sparkline at most.
SPARKLINE: Final = 48

Status = Literal["running", "paused", "stopped", "finished", "diverged", "failed", "lost"]
#: Every status, those that need attention first.
STATUSES: Final[tuple[Status, ...]] = ("running", "paused", "lost", "failed", "diverged", "stopped", "finished")


@dataclass(frozen=True, slots=True)
class Point:
    """One evaluation: the epoch (from 1) at whose end or within which it was made, the finished steps before it, and
    what it measured; None where a part is empty. That of the start has the epoch 0."""

    epoch: int
    step: int
    train: Measured | None
    val: Measured | None

    @property
    def gap(self) -> float | None:
        """Training accuracy minus validation accuracy (shares of 1); None where one of them is missing."""
        return None if self.train is None or self.val is None else self.train.accuracy - self.val.accuracy


@dataclass(frozen=True, slots=True)
class LiveChange:
    """A setting that was changed while the run was training, before the 0-based ``step``."""

    step: int
    path: str
    old: Any
    new: Any

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> LiveChange:
        """The change that a line of the log, or the index, holds. Raises KeyError, TypeError or ValueError."""
        old, new = (_setting_value(said[name]) for name in ("old", "new"))
        return cls(int(said["step"]), str(said["path"]), old, new)


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run, from the evidence in its folder.

    ``status`` comes from who holds the folder and from the log's last events, never from an exit code: a run without
    a last word in a folder that nobody holds is lost; one that was stopped is no failure. ``reason`` is a sentence
    about it, ``problem`` one about what could not be read; both may be empty. Accuracies are shares of 1, losses
    nats, ``seconds`` training time without pauses, ``size`` bytes on the disk. ``settings`` are plain data (see
    ``spec.plain``) as the run began; ``changes`` are its first live changes, of ``change_count``. Of an ensemble or of
    folds (``members`` of them) the points are the mean, ``averaged`` is the accuracy of their averaged predictions.
    ``obstacle`` says why it cannot be gone on with; empty if it can.
    """

    folder: Path
    status: Status
    reason: str = ""
    problem: str = ""
    about: About = field(default_factory=About)
    title: str = ""
    started: datetime = datetime.min
    settings: Mapping[str, Any] = field(default_factory=dict, hash=False)
    data: str = ""
    model: str = ""
    optimizer: str = ""
    train_size: int = 0
    val_size: int = 0
    classes: int = 0
    parameters: int = 0
    device: str = ""
    epoch: int = 0
    epochs: int = 0
    step: int = 0
    seconds: float = 0.0
    best: Point | None = None
    last: Point | None = None
    averaged: float | None = None
    members: int = 0
    test: float | None = None
    sparkline: tuple[float, ...] = ()
    changes: tuple[LiveChange, ...] = field(default=(), hash=False)
    change_count: int = 0
    parent: str = ""
    parent_step: int | None = None
    size: int = 0
    obstacle: str = ""

    @property
    def name(self) -> str:
        """The user's name for it, else that of its folder; after that of its ensemble for a member."""
        return self.about.name or self.folder_name

    @property
    def shown_name(self) -> str:
        """What names it on the screen: the user's name, else its usual one."""
        return self.about.name or self.usual_name

    @property
    def usual_name(self) -> str:
        """What names it on the screen where the user has not: see ``usual_name``."""
        return usual_name(self.started, self.title)

    @property
    def folder_name(self) -> str:
        """The folder's name, by which commands find it; unpaired bytes of other encodings are shown as escapes."""
        path = self.folder
        name = f"{path.parent.name}/{path.name}" if path.name.startswith("member-") else path.name
        return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")

    @property
    def seed(self) -> int | None:
        """The seed of weights, order and masks."""
        seed = self.setting("loop.seed")
        return seed if isinstance(seed, int) else None

    @property
    def best_accuracy(self) -> float | None:
        """The best validation accuracy; None without validation."""
        return None if self.best is None or self.best.val is None else self.best.val.accuracy

    @property
    def is_live(self) -> bool:
        """Whether a process trains it now; it may be paused."""
        return self.status in ("running", "paused")

    @property
    def spec(self) -> ExperimentSpec:
        """Its settings, validated; what they do not say has its default. Raises SpecError."""
        return spec_from_plain(dict(self.settings))

    def setting(self, path: str) -> Any:
        """The plain value at the dotted ``path`` as the run began; None where its settings have none."""
        value: Any = self.settings
        for part in path.split("."):
            if isinstance(value, list) and part.isdigit() and int(part) < len(value):
                value = value[int(part)]
            elif isinstance(value, Mapping) and part in value:
                value = value[part]
            else:
                return None
        return value


def usual_name(started: datetime, title: str) -> str:
    """The name of a run without one of its own: when it began, which names its folder, and its title."""
    return f"{started:%m-%d %H:%M:%S} {title}"


def _setting_value(value: Any) -> Any:
    """A value as a spec has it: JSON has neither tuples nor NaN."""
    if isinstance(value, list):
        return tuple(_setting_value(each) for each in value)
    return float(value["float"]) if isinstance(value, dict) and value.keys() == {"float"} else value
