"""A run through ``train`` whose network can be looked at and changed between two events."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from tests.engine.helpers import Recorder
from workbench.engine.catalog.models.mlp import MLP
from workbench.engine.core.drive import drive
from workbench.engine.core.events import Command, Copy, Event
from workbench.engine.data.split import Indices, split
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.train import train

State = dict[str, Any]


class LiveRun(Recorder):
    """One run of an MLP: its events, its steps, its network, and copies of its state where asked for."""

    network: nn.Module

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__()
        self.copies: list[State] = []
        self._monkeypatch = monkeypatch

    def go(
        self,
        spec: ExperimentSpec,
        copy_at: Callable[[Event], bool] = lambda event: False,
        on: Callable[[Event], object] = lambda event: None,
    ) -> LiveRun:
        """Run ``spec`` to its end; call ``on`` at each event, then copy the state where ``copy_at`` says so."""

        def commands(event: Event) -> Command | None:
            on(event)
            return Copy(self.copies.append) if copy_at(event) else None

        build = MLP.build

        def kept(*args: Any) -> nn.Module:
            self.network = build(*args)
            return self.network

        with self._monkeypatch.context() as patch:
            patch.setattr(MLP, "build", kept)
            drive(train(spec, None, self.steps), commands, self.events.append)
        return self

    def column(self, name: str) -> np.ndarray:
        """A per-step column: loss, accuracy, rate or norm."""
        return self.steps.read(0)[1][:, ("loss", "accuracy", "rate", "norm").index(name)]


def digits(spec: ExperimentSpec, part: str = "train") -> tuple[torch.Tensor, torch.Tensor, Indices]:
    """Inputs in [0, 1] (n, 64) float64, labels (n,) and indices of a part of the split; for raw preprocessing."""
    dataset = spec.data.source.load()
    indices: Indices = getattr(split(dataset, spec.data), part)
    inputs = torch.from_numpy(dataset.inputs[indices]).flatten(1).double() / 255
    return inputs, torch.from_numpy(dataset.labels[indices]), indices


@pytest.fixture
def live(monkeypatch: pytest.MonkeyPatch) -> LiveRun:
    return LiveRun(monkeypatch)
