"""The test of the architecture: a new optimizer is one class, and is then in the form, in the file and in a run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, Any, ClassVar

import pytest
import torch

from tests.engine.helpers import record, small_spec
from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.optimizers import Optimizer
from workbench.engine.catalog.variant import members_of
from workbench.engine.core.events import Edit, Edited, Event, Stepped
from workbench.engine.spec.docs import settings_page
from workbench.engine.spec.toml import dumps, loads


def define() -> type[Optimizer]:
    class SignedMomentum(Optimizer):
        kind: ClassVar[str] = "signed_momentum"
        title: ClassVar[str] = "Signed momentum"
        summary: ClassVar[str] = "Momentum with a friction of its own."
        friction: Annotated[
            float, Knob("Friction", "How much velocity is lost at each update.", low=0, high=1, live=True)
        ] = 0.1

        def torch_class(self) -> Callable[..., torch.optim.Optimizer]:
            return torch.optim.SGD

        def hyper(self) -> dict[str, Any]:
            return {"momentum": 1 - self.friction}

    return SignedMomentum


@pytest.fixture
def member() -> Iterator[type[Optimizer]]:
    cls = define()
    yield cls
    cls.kind = ""  # the family lists its living classes that have a kind; other tests must not find this one


def test_it_is_in_the_file_and_in_the_docs(member: type[Optimizer]) -> None:
    assert members_of(Optimizer)["signed_momentum"] is member
    spec = small_spec(optimizer={"kind": "signed_momentum", "friction": 0.2, "lr": 0.05})
    assert loads(dumps(spec)) == spec
    assert "Friction" in settings_page()


def test_it_trains_and_can_be_steered(member: type[Optimizer]) -> None:
    spec = small_spec(optimizer={"kind": "signed_momentum", "friction": 0.2, "lr": 0.05})

    def steer(event: Event) -> Edit | None:
        return Edit("optimizer.friction", 0.5) if isinstance(event, Stepped) and event.step == 5 else None

    run = record(spec, steer)
    assert run.events[-1].reason == "completed"
    assert [e.path for e in run.of(Edited)] == ["optimizer.friction"]
    same = record(small_spec(optimizer={"kind": "momentum", "momentum": 0.8, "lr": 0.05}))
    assert run.steps.read(0, 5)[1][:, 0].tolist() == same.steps.read(0, 5)[1][:, 0].tolist()
    assert run.steps.read(6, 7)[1][0, 0] != same.steps.read(6, 7)[1][0, 0]
