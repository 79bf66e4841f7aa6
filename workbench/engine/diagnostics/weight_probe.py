"""Watches one number of the network: what the optimizer's rule makes of it in a step, beside what torch made of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from torch import Tensor, nn

from workbench.engine.core.callbacks import Callback
from workbench.engine.core.events import Event, Watched
from workbench.engine.core.update_rule import Line, Rule, compute
from workbench.engine.diagnostics.weight_place import Place, read_place

if TYPE_CHECKING:
    from workbench.engine.catalog.optimizers import Optimizer
    from workbench.engine.training.state import TrainState

#: What a step may be the last of, if anything.
End = Literal["", "epoch", "run"]
#: Seconds between two steps that are shown while the run goes on.
SHOWN_EVERY = 0.5
#: The same for the last step of an epoch: behind it a long measurement may come, in which the run can be held.
SHOWN_AT_END = 0.05
#: A step that takes so many seconds is always shown: the showing is then less than a hundredth of it.
SLOW = 0.02
#: After a wait as long as this between two steps the run was held, and a step taken by hand is always shown.
HELD = 0.02
#: The rule and torch agree if they differ by no more than float32 rounds the parameter (four times the spacing at
#: its size), or by a ten-thousandth of the update: there the rounding of what torch keeps shows.
ROUNDING, SHARE = 2.0**-22, 1e-4


class Watch(Callback):
    """Shows a step now and then; in all others it only looks at the clock. What it would take to remember every step
    costs 2 % of a tiny one, so the last step before a halt is not remembered but foreseen: slow steps are all shown,
    ``ends`` says whether the next one may be the last of the epoch or of the run, and who wants to hold or stop says
    ``look`` first and takes one step more.

    The place is ``spec.loop.watch`` ("fc1.weight[12]"), or, where that names none, the number of the first weight
    matrix with the largest gradient in the first step, kept until its layer is frozen. Frozen numbers are not shown.
    """

    name = "watch"

    def __init__(self, state: TrainState, ends: Callable[[], End] = lambda: "") -> None:
        self._state, self._ends = state, ends
        self._parameters = dict(state.network.named_parameters())
        self._default: Place | None = None
        self._shown_at = self._left_at = self._began_at = 0.0
        self._slow = self._wanted = False
        self._due = True
        self._before: _Before | None = None

    def before_step(self, step: int) -> None:
        now = time.perf_counter()
        self._began_at = now
        held = now - self._left_at >= HELD
        self._due = self._wanted or self._slow or held or now - self._shown_at >= self._rest()

    def _rest(self) -> float:
        """Seconds after a step that was shown until another one is."""
        ends = self._ends()
        return SHOWN_EVERY if not ends else min(SHOWN_AT_END, SHOWN_EVERY) if ends == "epoch" else 0.0

    def look(self) -> None:
        self._wanted = self._due = True

    def before_update(self, step: int, rate: float) -> None:
        self._before = None
        if not self._due and self._default is not None:
            return
        place = self._place()
        if self._due and place is not None:
            self._before = self._looked(place, step, rate)

    def after_update(self, step: int, rate: float) -> Iterable[Event]:
        before, self._before = self._before, None
        events = () if before is None else (self._watched(before, step),)
        self._left_at = time.perf_counter()
        self._slow = self._left_at - self._began_at >= SLOW
        if events:
            self._shown_at, self._wanted = self._left_at, False
        return events

    def state(self) -> dict[str, Any]:
        return {} if self._default is None else {"name": self._default.name, "index": self._default.index}

    def restore(self, saved: dict[str, Any]) -> None:
        self._default = Place(saved["name"], saved["index"]) if saved else None

    # --- where -----------------------------------------------------------------------------------------------

    def _place(self) -> Place | None:
        if self._default is None or self._parameters[self._default.name].grad is None:
            self._default = self._steepest()
        wanted = read_place(self._state.spec.loop.watch)
        parameter = self._parameters.get(wanted.name) if wanted else None
        if wanted and parameter is not None and parameter.grad is not None and wanted.index < parameter.numel():
            return wanted
        return self._default

    def _steepest(self) -> Place | None:
        for name, parameter in self._parameters.items():
            if parameter.dim() >= 2 and parameter.grad is not None:
                return Place(name, int(parameter.grad.abs().argmax()))
        return None

    # --- what ------------------------------------------------------------------------------------------------

    def _looked(self, place: Place, step: int, rate: float) -> _Before | None:
        parameter = self._parameters[place.name]
        if parameter.grad is None:
            return None
        spec, optimizer = self._state.spec.optimizer, self._state.optimizer
        group = next(g for g in optimizer.param_groups if any(p is parameter for p in g["params"]))
        rule = spec.rule(group)
        values: dict[str, float] = {}
        if rule is not None:
            values = {**rule.constants, **_kept(spec, optimizer, parameter, rule.memory, place.index, rule.start)}
            if "wd" in values and not group.get("decays", True):
                values["wd"] = 0.0
            taken = spec.remembered(optimizer, parameter, "step", place.index)
            values["t"] = (step if taken is None else taken) + 1.0
        old = parameter.detach().clone()
        values |= {"x": _number(old, place.index), "g": _number(parameter.grad, place.index)}
        values["lr"] = rate * group.get("scale", 1.0)
        return _Before(place, parameter, rule, values, old, float(parameter.grad.detach().norm()))

    def _watched(self, before: _Before, step: int) -> Watched:
        spec, optimizer = self._state.spec.optimizer, self._state.optimizer
        place, parameter, rule = before.place, before.parameter, before.rule
        new = _number(parameter, place.index)
        lines: tuple[Line, ...] = ()
        if rule is not None:
            found = _kept(spec, optimizer, parameter, rule.direction, place.index, rule.start)
            lines = compute(rule.lines, before.values | found)
        expected = lines[-1].result if rule is not None and rule.checked else None
        old = before.values["x"]
        return Watched(
            step=step,
            rule=spec.title,
            parameter=place.name,
            index=place.index,
            shape=tuple(parameter.shape),
            lines=lines,
            words=rule.words if rule is not None else (),
            gradient=before.values["g"],
            old=old,
            new=new,
            expected=expected,
            agrees=None if expected is None else agree(old, new, expected),
            norm=float(before.old.norm()),
            gradient_norm=before.gradient_norm,
            update_norm=float((parameter.detach() - before.old).norm()),
        )


@dataclass(slots=True)
class _Before:
    """What was read before the update."""

    place: Place
    parameter: nn.Parameter
    rule: Rule | None
    values: dict[str, float]
    old: Tensor
    gradient_norm: float


def agree(old: float, new: float, expected: float) -> bool:
    """Whether torch's ``new`` is the rule's ``expected``, as well as float32 can tell."""
    room = ROUNDING * max(abs(old), abs(new)) + SHARE * abs(expected - old)
    return abs(new - expected) <= room


def _number(tensor: Tensor, index: int) -> float:
    return float(tensor.detach().flatten()[index])


def _kept(
    spec: Optimizer,
    optimizer: Any,
    parameter: nn.Parameter,
    names: Mapping[str, str],
    index: int,
    start: Mapping[str, float],
) -> dict[str, float]:
    """What torch holds under the rule's ``names`` now; before the first update what they begin with."""
    read = {name: spec.remembered(optimizer, parameter, entry, index) for name, entry in names.items()}
    return {name: start.get(name, 0.0) if value is None else value for name, value in read.items()}
