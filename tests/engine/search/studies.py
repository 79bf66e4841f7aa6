"""Small studies for tests."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.engine.helpers import small_spec
from workbench.engine import train
from workbench.engine.data.store import DataStore
from workbench.engine.search.field import fields_of
from workbench.engine.search.plan import Plan
from workbench.engine.search.study import Study
from workbench.engine.search.worker import Worker
from workbench.engine.spec.experiment import ExperimentSpec

FIELDS = ("optimizer.lr=0.001:0.1", "loop.batch_size=16:64")
#: Read once for all tests of a file.
DATA = DataStore()


def small_plan(fields: Sequence[str] = FIELDS, trials: int | None = 3, **said: Any) -> Plan:
    """A study whose trials take a tenth of a second."""
    base = said.pop("base", None) or small_spec(loop__epochs=1, data__examples_per_class=8, model__hidden=[4])
    return Plan(base, fields_of(base, fields), trials=trials, **said)


def base_that_can_diverge(epochs: int) -> ExperimentSpec:
    """An experiment that diverges with a learning rate of 10,000,000."""
    sgd = {"kind": "sgd", "lr": 0.1}
    return small_spec(loop__epochs=epochs, data__examples_per_class=8, model__batch_norm=False, optimizer=sgd)


def no_memory_for_batches_of_64(monkeypatch: pytest.MonkeyPatch) -> None:
    """A step with a batch size of 64 raises MemoryError."""
    real = train._stepped

    def stepped(run: Any, batch: Any, rate: float) -> Any:
        if run.spec.loop.batch_size == 64:
            raise MemoryError
        return real(run, batch, rate)

    monkeypatch.setattr(train, "_stepped", stepped)


def url_of(folder: Path) -> str:
    return f"sqlite:///{folder / 'studies.sqlite'}"


def worked(folder: Path, plan: Plan, name: str = "Test", **said: Any) -> Study:
    """A new study that one worker has worked on to its end."""
    study = Study.create(plan, name, url_of(folder))
    Worker(study, folder / "kept", DATA, **said).work()
    return study
