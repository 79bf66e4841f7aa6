"""Scenes made from a kept run or race: its settings, its live changes and its measured values."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.events import Edited
from workbench.engine.core.race_events import RaceChange
from workbench.engine.core.step_store import StepStore
from workbench.engine.core.text import counted, significant
from workbench.engine.lessons.band import Band
from workbench.engine.lessons.kept_runs import KeptRun, picture_of
from workbench.engine.lessons.lesson import MOST, Also, Lesson, NamedRun
from workbench.engine.lessons.lesson_file import is_setting
from workbench.engine.lessons.plan.needs import parted, placed
from workbench.engine.lessons.plan.plan import MOST_TITLE, PlanScene
from workbench.engine.lessons.plan.record import Record, this_machine
from workbench.engine.lessons.quantities import Quantity
from workbench.engine.lessons.quantities.kept import (
    KeptChange,
    KeptEdit,
    KeptLoss,
    KeptRacerLoss,
    KeptRacerScore,
    KeptScore,
)
from workbench.engine.lessons.run_cache import StepLosses
from workbench.engine.race.spec import RaceSpec
from workbench.engine.run_store.history import History
from workbench.engine.run_store.resumable import started_as
from workbench.engine.run_store.run_folder import read_events, read_tape
from workbench.engine.run_store.steps_file import read_steps_from
from workbench.engine.spec.experiment import ExperimentSpec, plain

#: Maximum number of steps of all runs of a scene.
MOST_STEPS: Final = 200_000
#: The band about a recorded accuracy, in percentage points, and about a recorded loss, as a factor.
_POINTS, _FACTOR = 1.0, 1.25
_DRAG: Final = "Change a setting, and play it again."
_CONTROLS: Final = ("experiment.optimizer.lr", "experiment.loop.epochs")


def scene_of_run(folder: Path, title: str = "") -> PlanScene:
    """The run in ``folder`` as a scene. Raises WorkbenchError if it cannot be repeated from its start, or is long."""
    begun = started_as(folder)
    if begun is not None and begun.parent:
        raise WorkbenchError(
            "A fork begins at a later step of another run; only a run from its first step can be a scene."
        )
    spec, edits = read_tape(folder)
    history = _history(folder)
    kept = KeptRun("", history)
    _refuse_long([kept])
    ended = history.ended
    if ended is None:
        raise WorkbenchError("The run has not ended; it can be a scene as soon as it has.")
    stop_after = history.steps.count if ended.reason == "stopped" else None
    kind = KeptScore if np.isfinite(kept.score) else KeptLoss
    quantity = kind(tape=tuple(_kept_edit(edit) for edit in edits), stop_after=stop_after)
    words = title or spec.title or "A run of my own"
    question = "How far does this run get, and what do its curves look like?"
    return _scene(spec, [kept], (words, question, spec.note), [quantity])


def scene_of_race(race: RaceSpec, histories: Sequence[History]) -> PlanScene:
    """A race that has ended as a scene; ``histories`` are those of its racers in order. Raises WorkbenchError."""
    kept = [KeptRun(racer.name, history) for racer, history in zip(race.racers, histories, strict=True)]
    if any(run.history.ended is None for run in kept):
        raise WorkbenchError("The race has not ended; it can be a scene as soon as it has.")
    _refuse_long(kept)
    base, tape = _as_run(race.base, kept[0].history), tuple(_kept_change(change) for change in race.tape)
    kinds = [KeptRacerScore if np.isfinite(run.score) else KeptRacerLoss for run in kept]
    quantities = [kind(tape=tape, run=number) for number, kind in enumerate(kinds)]
    question = "The same weights, the same batches: which of these settings gets farthest?"
    runs = tuple(NamedRun(name=racer.name, edits=dict(racer.settings)) for racer in race.racers)
    return _scene(base, kept, (race.title or "A race of my own", question, race.note), quantities, runs)


def _scene(
    spec: ExperimentSpec,
    kept: Sequence[KeptRun],
    words: tuple[str, str, str],
    quantities: Sequence[Quantity],
    runs: tuple[NamedRun, ...] = (),
) -> PlanScene:
    title, question, notes = words
    numbers = tuple(_number(quantity, run) for quantity, run in zip(quantities, kept, strict=True))
    also = zip(quantities[1:], numbers[1:], kept[1:], strict=True)
    lesson = Lesson(
        number=MOST,
        claim=0,
        title=title[:MOST_TITLE],
        question=question,
        drag=_DRAG,
        notes=notes,
        experiment=spec,
        runs=runs,
        quantity=quantities[0],
        band=_band(quantities[0], numbers[0]),
        conclusion=_sentence(quantities[0], kept[0].name),
        also=tuple(
            Also(quantity=q, band=_band(q, number), conclusion=_sentence(q, run.name)) for q, number, run in also
        ),
    )
    lesson = lesson.edited("controls", tuple(path for path in _CONTROLS if is_setting(lesson, path)))
    bare, needs = parted(lesson, kept[0].data_mark)
    losses = tuple(StepLosses(run.name, run.losses) for run in kept)
    marks = tuple(dict.fromkeys(run.data_mark for run in kept if run.data_mark))
    return PlanScene(placed(bare, needs), 0, needs, Record(numbers, losses, picture_of(kept), marks, this_machine()))


def _number(quantity: Quantity, run: KeptRun) -> float:
    return run.last_loss if isinstance(quantity, (KeptLoss, KeptRacerLoss)) else 100 * run.score


def _band(quantity: Quantity, number: float) -> Band:
    """What a run of the same settings has within a point of accuracy, or a quarter of its loss."""
    if not np.isfinite(number):
        return Band(low=0.0)
    if isinstance(quantity, (KeptLoss, KeptRacerLoss)):
        return Band(low=significant(number / _FACTOR, 2), high=significant(number * _FACTOR, 2))
    return Band(low=round(max(0.0, number - _POINTS), 1), high=round(min(100.0, number + _POINTS), 1))


def _sentence(quantity: Quantity, name: str) -> str:
    what = (
        "mean loss of its last steps" if isinstance(quantity, (KeptLoss, KeptRacerLoss)) else "best validation accuracy"
    )
    unit = f" {quantity.unit}" if quantity.unit else ""
    whose = f"{name.replace('{', '(').replace('}', ')')}: " if name else ""
    begin = what if whose else what[0].upper() + what[1:]
    return f"{whose}{begin} {{measured}}{unit} (expected: {{band}})."


def _kept_edit(edit: Edited) -> KeptEdit:
    return KeptEdit(step=edit.step, path=edit.path, value=_plain(edit.new), measured=edit.measured)


def _kept_change(change: RaceChange) -> KeptChange:
    return KeptChange(
        round=change.round,
        does=change.does,
        racer=change.racer,
        step=change.step,
        path=change.path,
        value=_plain(change.value),
        measured=change.measured,
    )


def _plain(value: Any) -> Any:
    """A value as JSON has it."""
    return json.loads(json.dumps(plain(value), default=list))


def _as_run(spec: ExperimentSpec, history: History) -> ExperimentSpec:
    """``spec`` with the device and the threads that were chosen for it."""
    started = history.started
    if started is None:
        return spec
    return spec.edited("loop.threads", started.threads).edited("loop.device", started.device)


def _history(folder: Path) -> History:
    first, rows = read_steps_from(folder)
    steps = StepStore(capacity=MOST_STEPS + 1)
    steps.begin(first, rows[: MOST_STEPS + 1])
    history = History(steps)
    for event in read_events(folder):
        history.fold(event)
    if first:
        raise WorkbenchError("The first steps of this run are not kept; only a run from its first step can be a scene.")
    return history


def _refuse_long(kept: Sequence[KeptRun]) -> None:
    if sum(run.history.steps.count for run in kept) > MOST_STEPS:
        words = f"A scene has at most {counted(MOST_STEPS, 'step')}, and this has more."
        raise WorkbenchError(f"{words} Take a run of fewer epochs.")
