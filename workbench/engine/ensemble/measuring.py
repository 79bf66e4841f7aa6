"""Measures an ensemble: the mean of its members' evaluations, the average of their predictions, the test part."""

from __future__ import annotations

from collections.abc import Generator

import torch

from workbench.engine.core.events import Command, EnsembleMeasured, Event, MeasuredOnTest, Stepped
from workbench.engine.ensemble.mean_curves import with_average
from workbench.engine.ensemble.member import Member
from workbench.engine.ensemble.on_test import AnswersOnTest, asked_on_test
from workbench.engine.ensemble.shared import Shared
from workbench.engine.training.command_channel import EventStream
from workbench.engine.training.evaluate import averaged, score
from workbench.engine.training.on_test import LoadTest


class Measuring:
    """Measures independent models together. ``epochs``: whole epochs that are measured, −1 before the first evaluation.

    ``last`` is the last measurement of the average of the predictions, ``tested`` that of the test part.
    """

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self.epochs = -1
        #: The step of the last evaluation that was sent.
        self.step = -1
        self.last: EnsembleMeasured | None = None
        self.tested: MeasuredOnTest | None = None

    @property
    def waiting(self) -> list[Member]:
        """Those that have not closed the epoch yet."""
        return [member for member in self._shared.going if member.epochs <= self.epochs]

    @property
    def closed(self) -> list[Member]:
        """Those that have closed an epoch which is not measured yet."""
        return [member for member in self._shared.sound if member.epochs > self.epochs]

    def at_end_of_epoch(self) -> EventStream:
        """Every member has closed its epoch: their average, then the mean of their epochs."""
        shared = self._shared
        yield from self._fill()
        whole = yield from self._average(max(member.epochs for member in self.closed))
        epoch = shared.mean.epoch([m.closed for m in shared.sound if m.closed is not None], shared.progress.step)
        self.epochs, self.step = epoch.epochs_done, shared.progress.step
        yield from shared.channel.offer(with_average(epoch, whole))

    def within_epoch(self) -> EventStream:
        """Members have measured themselves within the epoch; one that has not keeps its last figures.

        Nothing comes of it before each has been measured on all examples.
        """
        shared = self._shared
        for member in shared.members:
            member.has_news = False
        latest = [member.latest for member in shared.sound if member.latest is not None]
        if any(not each.step for each in latest):
            return
        whole = yield from self._average(self.epochs)
        self.step = shared.progress.step
        yield from shared.channel.offer(with_average(shared.mean.within(latest, shared.progress.step), whole))

    def on_test(self, load: LoadTest | None) -> EventStream:
        """Once, when all have been trained; see ``measure_test`` of a single run."""
        shared = self._shared
        runs = [member.context for member in shared.sound]
        if load is None or not runs:
            return
        asked = yield from asked_on_test(runs, load, shared.channel, shared.progress.step)
        if asked is not None:
            self.tested = self._tested(asked)
            yield from shared.channel.offer(self.tested)

    def _fill(self) -> EventStream:
        """Every epoch has the same number of steps, even if those that make the most of them have ended."""
        shared = self._shared
        missing = max(member.epochs for member in self.closed) * shared.steps_per_epoch - shared.progress.step
        for _ in range(missing):
            shared.progress.step += 1
            shared.mean.again()
        if missing:
            yield from shared.channel.offer(Stepped(shared.progress.step))

    def _average(self, epochs: int) -> Generator[Event, Command | None, EnsembleMeasured | None]:
        """Send the average of the probabilities of all members that have not failed, after ``epochs`` whole epochs."""
        whole = self._whole(epochs)
        if whole is not None:
            self.last = whole
            yield from self._shared.channel.offer(whole)
        return whole

    def _whole(self, epochs: int) -> EnsembleMeasured | None:
        shared = self._shared
        made = [(member, member.answers) for member in shared.sound if member.answers is not None]
        if not made:
            return None
        first = made[0][0].context
        _, val = first.data.measured_at(first.state.progress.step)
        labels = first.data.examples.labels_of(val).cpu()
        whole = score(averaged(torch.stack([logs for _, logs in made])), labels)
        members = tuple(score(logs, labels).accuracy for _, logs in made)
        each = tuple(m.context.state.progress.seconds for m, _ in made)
        seconds = each if shared.one_by_one else (sum(each),)
        return EnsembleMeasured(epochs, shared.progress.step, members, whole, seconds, shared.parameters)

    def _tested(self, asked: AnswersOnTest) -> MeasuredOnTest:
        """What is said of the members' answers to the test part: the average of the probabilities is measured."""
        whole = score(averaged(torch.stack(asked.logs)), asked.labels)
        return MeasuredOnTest(self._shared.progress.step, whole, asked.looks, is_share=asked.is_share)
