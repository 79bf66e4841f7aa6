"""The last states of a small network in memory, so that a run can go back some steps."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import torch

from workbench.engine.core.events import Edit, Edited, SteppedBack
from workbench.engine.training.batch_hooks import batch_hooks
from workbench.engine.training.can_step_back import MOST_PARAMETERS
from workbench.engine.training.command_channel import EventStream
from workbench.engine.training.epoch_evaluation import evaluate
from workbench.engine.training.run_context import RunContext
from workbench.engine.training.saved_part import with_about

#: At most this many states, and bytes, are kept.
MOST_STATES: Final = 200
MOST_BYTES: Final = 12 * 2**20
#: Copying takes at most this share of the time; steps between two states are trained again.
SHARE: Final = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class _Kept:
    step: int
    state: dict[str, Any]
    position: int  # of the log
    edits: int  # that were made before it
    size: int  # in bytes


class RecentStates:
    """Keeps copies of the state of ``run`` now and then, and after each step of a slow run; none of a run that is one
    of several, which never go back."""

    def __init__(self, run: RunContext) -> None:
        self._run = run
        folder = run.folder
        is_alone = not run.origin.is_trial and (folder is None or (folder.goes_back and not folder.is_member))
        self._is_on = run.network.parameters <= MOST_PARAMETERS and is_alone and run.together is None
        self._kept: deque[_Kept] = deque()
        self._bytes = 0
        self._next = 0.0
        self._measured: deque[int] = deque()  # the steps of the evaluations since the oldest state
        self._older_best: _Kept | None = None  # the best before the oldest state

    @property
    def is_due(self) -> bool:
        """Whether the state of now is to be kept."""
        return self._is_on and time.perf_counter() >= self._next

    def keep(self) -> None:
        """Keep the state of now, between two steps; the oldest ones go."""
        if not self._is_on:
            return
        run, began = self._run, time.perf_counter()
        step = run.state.progress.step
        if self._kept and self._kept[-1].step == step:
            self._drop(self._kept.pop())
        position = run.folder.position if run.folder is not None else 0
        state = run.state.state()
        made = _Kept(step, state, position, len(run.live.made), _size(state))
        self._kept.append(made)
        self._bytes += made.size
        while len(self._kept) > MOST_STATES or (self._bytes > MOST_BYTES and len(self._kept) > 1):
            self._forget_oldest()
        while self._measured and self._measured[0] < self._kept[0].step:
            self._measured.popleft()
        now = time.perf_counter()
        self._next = now + (now - began) / SHARE

    def measured(self) -> None:
        """An evaluation was made. The state of a new best is kept in any case: the run may go back to where it is."""
        if self._is_on:
            progress = self._run.state.progress
            self._measured.append(progress.step)
            if self._kept and (self.is_due or progress.best_step == progress.step):
                self.keep()

    def begin(self) -> None:
        """From now on a StepBack is obeyed, if the network is small."""
        if self._is_on:
            if not self._kept:
                self.keep()
            self._run.channel.can_step_back = True

    def go_back(self, steps: int, then: Callable[[dict[str, Any] | None], None]) -> EventStream:
        """Put the run back by ``steps`` steps, at most to the oldest state; at last SteppedBack.

        Before that ``then`` is called with the state of the best evaluation up to there, None if it is not known.
        """
        run = self._run
        target = max(run.state.progress.step - steps, self._kept[0].step)
        while self._kept[-1].step > target:
            self._drop(self._kept.pop())
        while self._measured and self._measured[-1] > target:
            self._measured.pop()
        kept = self._kept[-1]
        again = [edit for edit in run.live.made[kept.edits :] if edit.step <= target]
        run.live.made = run.live.made[: kept.edits]
        run.state.restore(kept.state)
        run.steps.cut(kept.step)
        yield from self._train_again(target, again)
        if run.folder is not None:
            run.folder.go_back(kept.position, target, has_best=bool(run.state.best_weights))
        then(self._best_state())
        yield from run.channel.offer(SteppedBack(target))

    def _train_again(self, target: int, edits: list[Edited]) -> EventStream:
        """From the kept state to ``target``, with the edits and evaluations in between, of which nothing is sent."""
        run, hooks = self._run, batch_hooks(self._run)
        while True:
            step = run.state.progress.step
            self._edit_again(edits, step, is_measured=False)
            if step in self._measured and run.state.progress.measured_step != step:
                yield from self._measure_again()
            self._edit_again(edits, step, is_measured=True)
            if step >= target:
                return
            run.state.network.train()
            batch, rate = run.batches.next(), run.rate
            for hook in hooks:
                yield from hook.before_batch(batch)
            run.record((yield from run.step(batch, rate)), rate)

    def _edit_again(self, edits: list[Edited], step: int, is_measured: bool) -> None:
        while edits and (edits[0].step < step or (edits[0].step == step and edits[0].measured <= is_measured)):
            self._run.live.apply(Edit(edits[0].path, edits.pop(0).new))

    def _measure_again(self) -> EventStream:
        channel = self._run.channel
        channel.is_silent = True
        try:
            yield from evaluate(self._run)
        finally:
            channel.is_silent = False

    def _best_state(self) -> dict[str, Any] | None:
        """The state of the best evaluation, as it is written."""
        step = self._run.state.progress.best_step
        there = [each for each in (self._older_best, *self._kept) if each is not None and each.step == step]
        return with_about(self._run, there[0].state, there[0].position) if there else None

    def _forget_oldest(self) -> None:
        oldest = self._kept.popleft()
        self._drop(oldest)
        if oldest.state["progress"]["best_step"] == oldest.step:
            self._older_best = oldest

    def _drop(self, kept: _Kept) -> None:
        self._bytes -= kept.size


def _size(value: Any) -> int:
    if isinstance(value, torch.Tensor):
        return value.numel() * value.element_size()
    if isinstance(value, dict):
        return sum(map(_size, value.values()))
    return sum(map(_size, value)) if isinstance(value, (list, tuple)) else 0
