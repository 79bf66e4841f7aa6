"""Watches one number of the network: the result of the optimizer's rule in a step, compared with torch's."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from torch import Tensor

from workbench.engine.core.callbacks import Callback
from workbench.engine.core.events import Event
from workbench.engine.core.observed import Watched
from workbench.engine.core.update_rule import Line, Rule, compute
from workbench.engine.diagnostics.step_recorder import StepRecorder
from workbench.engine.diagnostics.weight_index import WeightIndex, parse_weight_index
from workbench.engine.diagnostics.weight_trail import WeightTrail

if TYPE_CHECKING:
    from workbench.engine.catalog.optimizers import Optimizer
    from workbench.engine.spec.experiment import ExperimentSpec
    from workbench.engine.training.state import TrainState

#: Seconds between two steps that are shown while the run continues.
SHOWN_EVERY = 0.5
#: A step that takes this many seconds is always shown: the showing is then less than a hundredth of it.
SLOW = 0.02
#: The rule and torch agree if they differ by no more than float32 rounds the parameter (four times the spacing at
#: its size), or by a ten-thousandth of the update: there the rounding of what torch keeps shows.
ROUNDING, SHARE = 2.0**-22, 1e-4


class Watch(Callback):
    """Shows a step now and then, and on demand the last one that was done; of every step it keeps what that takes.

    Of the last steps it keeps the numbers of the weight alone: of every step on the CPU, on other devices of those that
    are shown, because reading a number waits there.

    The place is ``spec.loop.watch`` ("fc1.weight[12]"), or, where that names none, the number of the first weight
    matrix with the largest gradient in the first step, kept until its layer is frozen. Frozen numbers are not shown.
    A step over the whole training set is always shown.
    """

    name = "watch"

    def __init__(self, state: TrainState) -> None:
        self._state = state
        self._parameters = dict(state.network.named_parameters())
        self._default: WeightIndex | None = None
        self._shown_at, self._began_at = -math.inf, 0.0
        self._is_slow = False
        self._is_due = True
        self._recorded: _Recorded | None = None
        self._trail: tuple[WeightIndex, WeightTrail] | None = None
        self._last: _Step | None = None

    def before_step(self, step: int) -> None:
        self._began_at = time.perf_counter()
        self._is_due = self._is_slow or self._began_at - self._shown_at >= SHOWN_EVERY
        self._last = None  # its gradient is about to be cleared

    def before_update(self, step: int, rate: float) -> None:
        recorded = self._recorded
        if recorded is None or self._is_due or recorded.recorder.parameter.grad is None:
            recorded = self._recorded = self._found(recorded)
        if recorded is not None:
            recorder, rate = recorded.recorder, rate * recorded.group.get("scale", 1.0)
            recorder.keep(whole=self._is_due)
            if recorder.is_on_host:
                recorded.trail.append(step, rate, recorder.gradient(), recorder.kept)
            self._last = _Step(step, rate, recorded)

    def after_update(self, step: int, rate: float) -> Iterable[Event]:
        now = time.perf_counter()
        self._is_slow = now - self._began_at >= SLOW
        if not self._is_due and not self._state.spec.optimizer.full_batch:
            return ()
        shown = self.look()
        return () if shown is None else (shown,)

    def look(self) -> Event | None:
        last, self._last = self._last, None
        if last is None:
            return None
        self._shown_at = time.perf_counter()
        return self._watched(last)

    def edited(self, spec: ExperimentSpec) -> None:
        self._recorded = None  # another rule, or another place

    def state(self) -> dict[str, Any]:
        return {} if self._default is None else {"name": self._default.name, "index": self._default.index}

    def restore(self, saved: dict[str, Any]) -> None:
        self._default = WeightIndex(saved["name"], saved["index"]) if saved else None
        self._recorded = self._last = None
        if self._trail is not None:
            self._trail[1].cut(self._state.progress.step)

    # --- where -----------------------------------------------------------------------------------------------

    def _place(self) -> WeightIndex | None:
        if self._default is None or self._parameters[self._default.name].grad is None:
            self._default = self._steepest()
        wanted = parse_weight_index(self._state.spec.loop.watch)
        parameter = self._parameters.get(wanted.name) if wanted else None
        if wanted and parameter is not None and parameter.grad is not None and wanted.index < parameter.numel():
            return wanted
        return self._default

    def _not_found(self, place: WeightIndex) -> tuple[str, ...]:
        """A sentence if the number that the settings name is not the one that is shown."""
        text = self._state.spec.loop.watch
        if not text or parse_weight_index(text) == place:
            return ()
        return (f"The network trains no number {text}, so {place.name}[{place.index}] is shown.",)

    def _steepest(self) -> WeightIndex | None:
        for name, parameter in self._parameters.items():
            if parameter.dim() >= 2 and parameter.grad is not None:
                return WeightIndex(name, int(parameter.grad.abs().argmax()))
        return None

    # --- what ------------------------------------------------------------------------------------------------

    def _found(self, before: _Recorded | None) -> _Recorded | None:
        """What to record now; ``before`` if that is the same place."""
        place = self._place()
        if place is None:
            return None
        if before is not None and before.place == place:
            return before
        spec, optimizer = self._state.spec.optimizer, self._state.optimizer
        parameter = self._parameters[place.name]
        group = next(g for g in optimizer.param_groups if any(p is parameter for p in g["params"]))
        rule = spec.rule(group)
        entries = {**rule.memory, "t": "step"} if rule is not None else {}
        recorder = StepRecorder(optimizer, parameter, entries, place.index)
        return _Recorded(place, spec, rule, group, recorder, self._trail_of(place, rule, group, recorder))

    def _trail_of(
        self, place: WeightIndex, rule: Rule | None, group: Mapping[str, Any], recorder: StepRecorder
    ) -> WeightTrail:
        """The steps of this place so far, if the rule is the same; else a new trail."""
        constants = {} if rule is None else constants_in(group, rule)
        if self._trail is None or self._trail[0] != place or not self._trail[1].follows(rule, constants):
            self._trail = place, WeightTrail(rule, recorder.names, constants)
        return self._trail[1]

    def _watched(self, step: _Step) -> Watched:
        recorded = step.recorded
        place, spec, rule, recorder = recorded.place, recorded.spec, recorded.rule, recorded.recorder
        parameter, gradient = recorder.parameter.detach(), recorder.parameter.grad
        assert gradient is not None
        new, values = _number(parameter, place.index), self._values(step, _number(gradient, place.index))
        lines: tuple[Line, ...] = ()
        if rule is not None:
            made = {
                name: spec.remembered(self._state.optimizer, recorder.parameter, entry, place.index)
                for name, entry in rule.direction.items()
            }
            lines = compute(rule.lines, values | {name: value or 0.0 for name, value in made.items()})
        expected = lines[-1].result if rule is not None and rule.checked else None
        old = recorder.old
        if not recorder.is_on_host:
            recorded.trail.append(step.number, step.rate, values["g"], tuple(recorder.numbers().values()))
        return Watched(
            step=step.number,
            rule=spec.title,
            parameter=place.name,
            index=place.index,
            shape=tuple(parameter.shape),
            lines=lines,
            words=(*self._not_found(place), *(rule.words if rule is not None else ())),
            gradient=values["g"],
            old=values["x"],
            new=new,
            expected=expected,
            agrees=None if expected is None else agree(values["x"], new, expected),
            norm=None if old is None else float(old.norm()),
            gradient_norm=float(gradient.detach().norm()),
            update_norm=None if old is None else float((parameter - old).norm()),
            recent=recorded.trail.recent(),
        )

    def _values(self, step: _Step, gradient: float) -> dict[str, float]:
        """What goes into the rule's lines: constants, torch's memory before the update, ``x``, ``g``, ``lr``, ``t``."""
        rule, group = step.recorded.rule, step.recorded.group
        kept = step.recorded.recorder.numbers()
        taken = kept.pop("t", None)
        start = rule.start if rule is not None else {}
        values = {name: start.get(name, 0.0) if value is None else value for name, value in kept.items()}
        if rule is not None:
            values |= constants_in(group, rule)
            values["t"] = (step.number if taken is None else taken) + 1.0
        return values | {"g": gradient, "lr": step.rate}


@dataclass(frozen=True, slots=True)
class _Recorded:
    """The place that is recorded, and the rule that moves it, as they were when the recording began."""

    place: WeightIndex
    spec: Optimizer
    rule: Rule | None
    group: Mapping[str, Any]
    recorder: StepRecorder
    trail: WeightTrail


class _Step(NamedTuple):
    """A step of which everything is still there: its 0-based number, its learning rate and what was recorded."""

    number: int
    rate: float
    recorded: _Recorded


def constants_in(group: Mapping[str, Any], rule: Rule) -> dict[str, float]:
    """The rule's constants for a parameter of torch's ``group``, which may have no weight decay."""
    return {
        name: 0.0 if name == "wd" and not group.get("decays", True) else value for name, value in rule.constants.items()
    }


def agree(old: float, new: float, expected: float) -> bool:
    """Whether torch's ``new`` is the rule's ``expected``, as well as float32 can tell."""
    room = ROUNDING * max(abs(old), abs(new)) + SHARE * abs(expected - old)
    return abs(new - expected) <= room


def _number(tensor: Tensor, index: int) -> float:
    return float(tensor.detach().flatten()[index])
