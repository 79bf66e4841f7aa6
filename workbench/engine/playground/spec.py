"""What the playground shows: a surface, the optimizers that race on it, and where they start."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.optimizers import Optimizer
from workbench.engine.catalog.optimizers.adagrad import AdaGrad
from workbench.engine.catalog.optimizers.adam import Adam
from workbench.engine.catalog.optimizers.rmsprop import RMSProp
from workbench.engine.catalog.optimizers.sgd import SGD, Momentum
from workbench.engine.catalog.schedules import Schedule
from workbench.engine.catalog.schedules.constant import Constant
from workbench.engine.catalog.surfaces import Surface
from workbench.engine.catalog.surfaces.bowl import Bowl
from workbench.engine.catalog.variant import AsTuple
from workbench.engine.core.errors import Problem
from workbench.engine.spec.editable import Editable, checked

#: Racers beside each other in one picture; more cannot be told apart.
MOST_RACERS = 12
_PLACE = 1000.0


class PlaygroundSpec(Editable):
    """All that decides the paths: the same settings give the same paths to the last bit."""

    surface: Annotated[Surface, Knob("Surface", "The loss over two parameters on which the optimizers race.")] = Bowl()
    racers: Annotated[
        tuple[Optimizer, ...],
        AsTuple,
        Knob("Optimizers", "The optimizers that race, each with settings of its own; one may be there several times."),
    ] = (SGD(lr=0.03), Momentum(lr=0.02), AdaGrad(lr=0.5), RMSProp(lr=0.05), Adam(lr=0.1))
    schedule: Annotated[
        Schedule, Knob("Schedule", "Multiplies every racer's learning rate; its counter counts updates.")
    ] = Constant()
    start_x: Annotated[
        float | None, Knob("Start, horizontal", "Where every ball starts.", low=-_PLACE, high=_PLACE, off="Default")
    ] = None
    start_y: Annotated[
        float | None, Knob("Start, vertical", "Where every ball starts.", low=-_PLACE, high=_PLACE, off="Default")
    ] = None
    noise: Annotated[
        float,
        Knob(
            "Gradient noise",
            "The standard deviation of normal noise that is added to each coordinate of the gradient, the same for "
            "every racer. It takes the place of the noise of mini-batches.",
            low=0.0,
            high=1000.0,
            live=True,
            lesson="The gradients of mini-batches are noisy, so paths meander.",
        ),
    ] = 0.0
    updates: Annotated[
        int,
        Knob("Updates", "How many updates a race has; schedules take them as their length.", low=1, high=100_000),
    ] = 400
    seed: Annotated[int, Knob("Seed", "Decides the noise.", low=0, high=2**31 - 1)] = 0

    def start(self) -> tuple[float, float]:
        """Where every ball starts: the chosen point, else that of the surface."""
        x, y = self.surface.begin_at()
        return (x if self.start_x is None else self.start_x, y if self.start_y is None else self.start_y)

    def problems(self) -> tuple[Problem, ...]:
        """What prevents a race, each with the path of its setting."""
        return tuple(self._problems())

    def _problems(self) -> Iterator[Problem]:
        if not self.racers:
            yield Problem("racers", "Choose at least one optimizer.")
        if len(self.racers) > MOST_RACERS:
            yield Problem("racers", f"At most {MOST_RACERS} optimizers can race.")
        for index, racer in enumerate(self.racers):
            reason = why_not(type(racer), noisy=self.noise > 0)
            if reason:
                yield Problem(f"racers.{index}", f"{racer.title}: {reason}")
        if self.schedule.remembers:
            words = f"{self.schedule.title} follows measurements on validation data, and a surface has none."
            yield Problem("schedule", words)


def playground_from_plain(plain: Any) -> PlaygroundSpec:
    """Validate nested dicts and lists (as from TOML). Raises SpecError with every problem and its path."""
    return checked(lambda: PlaygroundSpec.model_validate(plain))


def racer_names(titles: Sequence[str]) -> list[str]:
    """The names of racers; of several with one title each has its number: ``Adam 1``, ``Adam 2``."""
    names = []
    for place, title in enumerate(titles):
        several = titles.count(title) > 1
        names.append(f"{title} {titles[: place + 1].count(title)}" if several else title)
    return names


def why_not(optimizer: type[Optimizer], *, noisy: bool) -> str:
    """Why an optimizer cannot race on a surface, as a sentence; empty if it can."""
    if optimizer.takes_matrices_only:
        return "it updates matrices, and a point on a surface is none."
    if optimizer.needs_exact_gradients and noisy:
        return "it needs exact gradients; set the gradient noise to 0."
    return ""
