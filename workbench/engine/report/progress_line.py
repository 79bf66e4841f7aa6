"""The lines that a run writes to a terminal: its start, each evaluation, each edit, its end."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from workbench.engine.core.events import Certified, Edited, Evaluated, Event, Notice, Resumed, RunEnded, RunStarted
from workbench.engine.core.progress import Loading
from workbench.engine.core.step_store import StepStore
from workbench.engine.core.terminal import mention
from workbench.engine.core.text import counted, grouped, percent, short
from workbench.engine.report.pulse import Pulse


class ProgressLine:
    """One line for the start, each evaluation, each edit and the end, and the progress at intervals."""

    def __init__(self, steps: StepStore) -> None:
        self._epochs = 0
        self._last_words = ""
        self._sizes: dict[str, int] = {}
        self._pulse = Pulse(steps)

    def __call__(self, event: Event) -> None:
        words = self._pulse.words(event)
        if words:
            mention(words)
        if isinstance(event, Loading):
            self._mention_loading(event)
        elif isinstance(event, RunStarted):
            self._epochs = event.spec["loop"]["epochs"]
            self._sizes = {"train": event.train_size, "val": event.val_size}
            mention(
                _folds_words(event.spec["data"])
                + f"{grouped(event.train_size)} training and {grouped(event.val_size)} validation examples, "
                f"{f'{grouped(event.test_size)} held out for the test, ' if event.test_size else ''}"
                f"{counted(len(event.classes), 'class', 'classes')}, {grouped(event.parameters)} parameters, "
                f"{event.device}, {counted(event.threads, 'thread')}"
            )
            for note in filter(None, (event.device_note, event.measured, event.steps_words)):
                mention(note)
            if event.parent:
                mention(f"A fork of {event.parent} after {counted(event.parent_step, 'step')}")
        elif isinstance(event, Resumed):
            for edit in (each for each in event.past if isinstance(each, Edited) and each.path == "loop.epochs"):
                self._epochs = edit.new
            mention(event.words)
        elif isinstance(event, Evaluated):
            mention(self._line(event))
        elif isinstance(event, Edited):
            self._epochs = event.new if event.path == "loop.epochs" else self._epochs
            mention(f"step {grouped(event.step)}: {event.path} {event.old} -> {event.new}")
        elif isinstance(event, Notice):
            mention(event.message)
        elif isinstance(event, Certified) and event.proven:  # else the last word says it
            mention(event.words)
        elif isinstance(event, RunEnded):
            mention(event.message, file=sys.stderr if event.reason == "failed" else sys.stdout)

    def _mention_loading(self, event: Loading) -> None:
        """A line for each new text; the progress within it is in the lines of the pulse."""
        if event.words != self._last_words:
            self._last_words = event.words
            mention(f"{event.words}: {grouped(event.total)}" if event.total else event.words)

    def _line(self, event: Evaluated) -> str:
        parts = [f"epoch {grouped(event.epochs_done)}/{grouped(self._epochs)}", f"step {grouped(event.step)}"]
        for name, measured in (("train", event.train_eval), ("val", event.val)):
            if measured is not None:
                whole = self._sizes.get(name, measured.n)
                of = f" (of {grouped(measured.n)} examples)" if measured.n < whole else ""
                parts.append(f"{name} {grouped(measured.loss, 4)} {percent(measured.accuracy, 2)}{of}")
        speed = f"{grouped(event.images_per_second)} img/s"
        parts += [f"lr {short(event.lr, 4)}", *([speed] if event.images_per_second >= 0.5 else [])]
        parts.append(f"{grouped(event.seconds, 1)} s")
        return "  ".join(parts) + ("  best" if event.is_best else "")


def _folds_words(data: Mapping[str, object]) -> str:
    """What the counts are of where a model is trained for each fold."""
    return f"{data['folds']} folds, the first with " if data.get("folds") and not data.get("fold") else ""
