"""Work before a batch that only some runs have: waiting for pictures, preparing a network that is used again."""

from __future__ import annotations

import time

from workbench.engine.core.events import EvalProgress
from workbench.engine.data.split import Indices
from workbench.engine.pictures.background_decoder import Arriving
from workbench.engine.training.command_channel import EventStream
from workbench.engine.training.run_context import RunContext

#: While pictures arrive beside the steps, how far the reading is is sent this often (seconds).
TELL_EVERY = 0.25


class BatchHook:
    """Base class; override what is needed. ``is_done`` hooks are left out from the next epoch on."""

    is_done = False

    def before_start(self) -> EventStream:
        """Called once, before the first evaluation."""
        yield from ()

    def before_batch(self, indices: Indices) -> EventStream:
        """Called before each step; ``indices`` are its examples."""
        yield from ()


class ArrivingPictures(BatchHook):
    """In the first epoch over new pictures: waits for those of the next step, and sends how far the reading is."""

    def __init__(self, run: RunContext, arriving: Arriving) -> None:
        self._run, self._arriving = run, arriving
        self._told_at = 0.0

    def before_batch(self, indices: Indices) -> EventStream:
        examples, channel = self._run.data.examples, self._run.channel
        while examples.lacks(indices):
            channel.skip_waiting()
            yield from channel.offer(self._arriving.progress())
        now, complete = time.monotonic(), examples.arriving is None
        if not self.is_done and (complete or now - self._told_at > TELL_EVERY):
            self._told_at, self.is_done = now, complete
            yield from channel.offer(self._arriving.progress())


class ReusedNetwork(BatchHook):
    """Freezes what the epoch freezes, and computes the features on which the head may train."""

    def __init__(self, run: RunContext) -> None:
        self._run = run

    def before_start(self) -> EventStream:
        run, reuse = self._run, self._run.network.reuse
        notice = reuse.apply(run.state)
        if notice is not None:
            yield from run.channel.offer(notice)
        for done, total in reuse.prepare(run.spec, run.data.examples, run.data.split):
            waiting = run.data.examples.waiting
            if waiting is not None:
                run.channel.skip_waiting()
            yield from run.channel.offer(
                waiting or EvalProgress(run.state.progress.step, done, total, "Preparing features")
            )

    def before_batch(self, indices: Indices) -> EventStream:
        yield from self.before_start()


def batch_hooks(run: RunContext) -> list[BatchHook]:
    """The hooks that ``run`` needs; none for a plain run."""
    hooks: list[BatchHook] = []
    if run.data.examples.arriving is not None:
        hooks.append(ArrivingPictures(run, run.data.examples.arriving))
    if run.network.reuse.network is not None:
        hooks.append(ReusedNetwork(run))
    return hooks
