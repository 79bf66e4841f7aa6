"""Runs of a scene that are evaluated only after their end, which makes many of them affordable."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace

from workbench.engine.core.events import Measured
from workbench.engine.core.progress import finished
from workbench.engine.core.text import counted, grouped
from workbench.engine.data.store import DataStore
from workbench.engine.lessons.picture import Frame, Picture
from workbench.engine.lessons.quantities import NamedSpec
from workbench.engine.lessons.real_runs import CHUNK, RealRun, here
from workbench.engine.lessons.run_cache import RunCache
from workbench.engine.playground.racer import one_thread
from workbench.engine.training.evaluate import how_to_test, measure


@dataclass(frozen=True)
class Ended:
    """What is known of a run after its end: its name, and validation with the network as it is then."""

    name: str
    val: Measured


#: Draws the runs that have ended.
Draw = Callable[[Sequence[Ended]], Picture]


class UnmeasuredRun(RealRun):
    """A run without evaluations until its end. Its network and its order are those of one that is measured."""

    def begin(self, data: DataStore) -> Generator[Frame, None, None]:
        yield from super().begin(data)
        run = self.context
        self._parts = run.data.split
        none = self._parts.val[:0]
        run.data = replace(run.data, split=replace(self._parts, val=none, train_eval=none), first_look=(none, none))

    def measured(self) -> Ended:
        """Validation after the end. Raises AssertionError without validation examples."""
        run = self.context
        with one_thread():
            found = finished(measure(run.network.module, run.data.examples, self._parts.val, how_to_test(self.spec)))
        assert found is not None, "a scene that compares scores has validation examples"
        return Ended(self.name, found)


def ended_runs(specs: Sequence[NamedSpec], draw: Draw, trained: RunCache) -> Generator[Frame, None, tuple[Ended, ...]]:
    """Train each of ``specs`` to its end, one after the other. What ``trained`` has is not trained again.

    Raises WorkbenchError if a run cannot start or fails.
    """
    found: list[Ended] = []
    yield _frame(found, specs, draw=draw)
    for named in specs:
        key = here(named.spec)
        if key not in trained.ended:
            trained.ended[key] = yield from _ended(UnmeasuredRun(named), found, specs, trained.data)
        found.append(replace(trained.ended[key], name=named.name))
        yield _frame(found, specs, draw=draw)
    return tuple(found)


def _ended(
    run: UnmeasuredRun, found: Sequence[Ended], specs: Sequence[NamedSpec], data: DataStore
) -> Generator[Frame, None, Ended]:
    try:
        yield from run.begin(data)
        while run.ended is None:
            run.advance(CHUNK)
            yield _frame(found, specs, run.share)
        return run.measured()
    finally:
        run.close()


def _frame(found: Sequence[Ended], specs: Sequence[NamedSpec], share: float = 0.0, draw: Draw | None = None) -> Frame:
    """The progress of all runs: those that have ended, plus ``share`` of the current one."""
    done = len(found)
    words = f"{counted(done, 'run')} trained"
    if done < len(specs):
        words = f"Run {grouped(done + 1)} of {grouped(len(specs))}: {specs[done].name}"
    return Frame(round(100 * (done + share)), 100 * len(specs), words, None if draw is None else draw(found))
