"""The typed events of a run: frozen plain data, never a tensor or a widget.

Per-step scalars do not travel as events; they go into a StepStore and are read by index.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class RunStarted:
    """Everything "auto" is resolved here, before step 0. ``spec`` is plain data (see ``spec.plain``)."""

    spec: Mapping[str, Any]
    device: str
    device_note: str
    threads: int
    parameters: int
    train_size: int
    val_size: int
    train_eval_size: int
    classes: tuple[str, ...]
    input_shape: tuple[int, ...]
    steps_per_epoch: int
    torch_version: str
    folder: str = ""


@dataclass(frozen=True, slots=True)
class Stepped:
    """One training step is done; ``step`` counts finished steps. Never logged: its numbers are in the StepStore."""

    step: int


@dataclass(frozen=True, slots=True)
class EvalProgress:
    """``done`` of ``total`` examples of an evaluation are measured."""

    step: int
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Measured:
    """Loss (mean cross-entropy, nats) and accuracy (0–1) over ``n`` examples, with standard errors of both means."""

    loss: float
    accuracy: float
    n: int
    loss_se: float
    accuracy_se: float


@dataclass(frozen=True, slots=True)
class EpochEnded:
    """An evaluation after ``epochs_done`` epochs (0: before the first step) at ``step`` finished steps.

    ``running_*`` are means over the epoch's training batches as they were trained (None at epochs_done 0);
    ``train_eval`` and ``val`` are measured alike (eval mode, no augmentation); None where a split is empty.
    ``seconds`` is training time without pauses.
    """

    epochs_done: int
    step: int
    seconds: float
    lr: float
    running_loss: float | None
    running_accuracy: float | None
    train_eval: Measured | None
    val: Measured | None
    is_best: bool
    epochs_without_improvement: int
    images_per_second: float


@dataclass(frozen=True, slots=True)
class Boundary:
    """What the network answers over the plane of a 2-D set, at ``step``; not logged.

    ``extent`` is (x_min, x_max, y_min, y_max). ``labels`` and ``confidence`` are ``side`` × ``side`` bytes, row by row
    from y_min upwards: the predicted class, and its probability × 255.
    """

    step: int
    extent: tuple[float, float, float, float]
    side: int
    labels: bytes
    confidence: bytes


@dataclass(frozen=True, slots=True)
class WeightsSaved:
    """A file of weights was written completely."""

    step: int
    which: Literal["last", "best"]
    path: str


@dataclass(frozen=True, slots=True)
class Edited:
    """A live setting changed before step ``step`` (0-based); an entry of the steer tape."""

    step: int
    path: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the user should know. ``code`` names it for views (``diverged``, ``save_failed``, …)."""

    step: int
    code: str
    message: str
    severity: Literal["info", "warning", "error"] = "warning"


@dataclass(frozen=True, slots=True)
class RunEnded:
    """Exactly once, last. ``message`` is for the user; ``details`` may hold a traceback for the log."""

    reason: Literal["completed", "stopped", "failed"]
    step: int
    epochs_done: int
    seconds: float
    message: str
    path: str = ""
    details: str = ""
    best_epoch: int | None = None
    best_accuracy: float | None = None


Event = RunStarted | Stepped | EvalProgress | EpochEnded | Boundary | WeightsSaved | Edited | Notice | RunEnded


@dataclass(frozen=True, slots=True)
class Edit:
    """Command: change the live setting at ``path`` to ``value`` before the next batch."""

    path: str
    value: Any


@dataclass(frozen=True, slots=True)
class Stop:
    """Command: finish the step, save, end."""

    reason: str = field(default="stopped")


Command = Edit | Stop
