"""Small ensembles whose members differ, and what is compared of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch

from tests.engine.ensemble.test_training import plain_spec
from tests.engine.helpers import small_spec
from workbench.engine.core.events import (
    EnsembleMeasured,
    EpochEnded,
    Event,
    Stepped,
)
from workbench.engine.ensemble.training import EnsembleTraining
from workbench.engine.spec.experiment import ExperimentSpec


def independent(members: int, differs: str = "") -> dict[str, Any]:
    return {"kind": "independent", "members": members, "differs": differs}


#: Members that are computed as one, in turn, with other batch sizes, with other numbers of epochs; full batch.
SPECS: dict[str, Callable[[], ExperimentSpec]] = {
    "as one": plain_spec,
    "in turn": lambda: small_spec(ensemble=independent(2), averaging=[{"kind": "ema"}]),
    "other batches": lambda: small_spec(ensemble=independent(3, "loop.batch_size = [64, 24, 40]")),
    "other epochs": lambda: small_spec(ensemble=independent(2, "loop.epochs = [2, 4]; loop.batch_size = [24, 64]")),
    "full batch": lambda: small_spec(
        ensemble=independent(2), optimizer={"kind": "gradient_descent", "lr": 0.1}, loop__epochs=6
    ),
}


def weights(ensemble: EnsembleTraining) -> list[bytes]:
    """Every member's parameters."""
    return [
        b"".join(p.detach().numpy().tobytes() for p in each.context.network.module.parameters())
        for each in ensemble.members
    ]


def without_times(events: list[Event]) -> list[Event]:
    """Evaluations of the run and of its ensemble."""
    found: list[Event] = []
    for event in events:
        if isinstance(event, EpochEnded):
            found.append(replace(event, seconds=0.0, images_per_second=0.0))
        elif isinstance(event, EnsembleMeasured):
            found.append(replace(event, seconds=()))
    return found


def fails_at(ensemble: EnsembleTraining, member: int, step: int) -> Callable[[Event], None]:
    """Spoils one weight of a member after ``step`` steps, as an overflow would."""

    def sink(event: Event) -> None:
        if isinstance(event, Stepped) and event.step == step:
            with torch.no_grad():
                next(iter(ensemble.members[member].context.network.module.parameters()))[0, 0] = torch.nan

    return sink
