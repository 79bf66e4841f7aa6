"""Joins a stack of blocks to the settings of a transfer model: one rule for the wizard and for the running model."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QObject, Slot

from workbench.bridge.spec_store import SpecStore
from workbench.engine.catalog.models.transfer import Transfer
from workbench.engine.catalog.settings import setting_of
from workbench.engine.core.errors import SpecError
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.views.transfer.freeze_stack import FreezeStack
from workbench.views.transfer.stack_state import StackState

LINE = "model.freezing.line"
#: An epoch after which nothing thaws any more.
_NEVER = 10**9


class FreezeControl(QObject):
    """Shows ``model`` of a store in ``stack`` and edits it. ``epoch`` is the running one, None where nothing runs."""

    def __init__(self, stack: FreezeStack, store: SpecStore) -> None:
        super().__init__(stack)
        self._stack, self._store = stack, store
        self.epoch: int | None = None
        stack.name_norms(*_words("freeze_norm"))
        stack.line_moved.connect(self._on_line)
        stack.block_toggled.connect(self._on_toggled)
        stack.rate_changed.connect(self._on_rate)
        stack.norms_toggled.connect(self._on_norms)
        store.changed.connect(self.refresh)
        store.marks_changed.connect(self.refresh)

    @property
    def spec(self) -> ExperimentSpec:
        """What is shown: the running experiment where one runs, else the settings."""
        running = self._store.running_spec
        return running if running is not None and self.epoch is not None else self._store.spec

    @Slot()
    @Slot(object)
    def refresh(self, _news: object = None) -> None:
        """Show what the settings have."""
        model = self.spec.model
        if isinstance(model, Transfer):
            keys = [block.key for block in self._stack.blocks]
            self._stack.set_state(state_of(model, keys, self.spec.loop.epochs, self.epoch or 0))

    @Slot(int, bool)
    def _on_line(self, line: int, continues: bool) -> None:
        model, count = self._model(), len(self._stack.blocks)
        if model is not None:
            has_all = setting_of(type(model.freezing), "line").optional  # a word of its own for "all blocks"
            self._edit({LINE: None if has_all and line == count else line}, continues)

    @Slot(str)
    def _on_toggled(self, key: str) -> None:
        model, count = self._model(), len(self._stack.blocks)
        if model is None:
            return
        number = int(key)
        trainable, frozen = set(model.trainable) - {number}, set(model.frozen) - {number}
        below = number <= line_of(model, count)
        if number not in _exceptions(model, count):
            (trainable if below else frozen).add(number)
        self._edit({"model.trainable": tuple(sorted(trainable)), "model.frozen": tuple(sorted(frozen))})

    @Slot(str, float, bool)
    def _on_rate(self, key: str, rate: float, continues: bool) -> None:
        model = self._model()
        if model is None:
            return
        rates = {**dict(model.rates), int(key): rate}
        kept = tuple((number, each) for number, each in sorted(rates.items()) if each != model.rate_below)
        self._edit({"model.rates": kept}, continues)

    @Slot(bool)
    def _on_norms(self, on: bool) -> None:
        self._edit({"model.freeze_norm": on})

    def _model(self) -> Transfer | None:
        model = self.spec.model
        return model if isinstance(model, Transfer) else None

    def _edit(self, changes: Mapping[str, Any], continues: bool = False) -> None:
        """Change the settings, and the run where one is shown, at its next batch."""
        store = self._store
        self._stack.say("")
        try:
            if self.spec is not store.spec and self.spec.model != store.spec.model:
                for path, value in changes.items():
                    store.edit_running(path, value)
            elif len(changes) == 1:
                ((path, value),) = changes.items()
                store.edit(path, value, merge=continues)
            else:
                store.edit_all(changes)
        except SpecError as error:
            self._stack.say(store.words_of(error))
        self.refresh()


def line_of(model: Transfer, count: int) -> int:
    """How many of ``count`` blocks are below the line in the end, when all that thaws has thawed."""
    return model.freezing.frozen_at(_NEVER, count)


def state_of(model: Transfer, keys: list[str], epochs: int, epoch: int = 0) -> StackState:
    """What the stack shows of ``model`` in the 0-based ``epoch``; ``keys`` are the blocks' numbers from the input."""
    count = len(keys)
    numbers = range(1, count + 1)
    waiting = {str(n): words for n in numbers if (words := _waits(model, n, count, epochs, epoch))}
    return StackState(
        line_of(model, count),
        frozenset(str(number) for number in _exceptions(model, count)),
        {str(number): model.rate_of(number, count) for number in numbers},
        model.freeze_norm,
        waiting,
    )


def _exceptions(model: Transfer, count: int) -> set[int]:
    line = line_of(model, count)
    at_last = model.frozen_in(_NEVER, count)
    return {number for number in range(1, count + 1) if (number in at_last) != (number <= line)}


def _waits(model: Transfer, number: int, count: int, epochs: int, epoch: int) -> str:
    """Words for a block that learns later but not in ``epoch``; empty if it learns now or never."""
    if number not in model.frozen_in(epoch, count) or number in model.frozen_in(_NEVER, count):
        return ""
    last = bisect_left(range(_NEVER), True, lo=epoch, key=lambda each: number not in model.frozen_in(each, count))
    return f"from epoch {last + 1}" + ("" if last < epochs else ", after the end")


def _words(name: str) -> tuple[str, str]:
    knob = setting_of(Transfer, name).knob
    return knob.label, knob.help
