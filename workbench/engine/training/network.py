"""Building the network of a spec: model, regularization layers, initial weights."""

from __future__ import annotations

from dataclasses import dataclass, field

from torch import nn

from workbench.engine.nn.arithmetic import Arithmetic
from workbench.engine.nn.layer_insertion import LayerInsertion
from workbench.engine.nn.stochastic_layers import StochasticLayer, stochastic_layers
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.transfer.reuse import Reuse


@dataclass(slots=True)
class Network:
    """A module and its stochastic layers; ``owners[i]`` is the index of the regularizer that made ``placed[i]``."""

    module: nn.Module
    placed: list[StochasticLayer] = field(default_factory=list)
    owners: list[int] = field(default_factory=list)
    stochastic: list[StochasticLayer] = field(default_factory=list)
    #: How it answers in training.
    arithmetic: Arithmetic = field(default_factory=Arithmetic)
    _reuse: Reuse | None = None

    @property
    def parameters(self) -> int:
        """The number of parameters, frozen ones too."""
        return sum(p.numel() for p in self.module.parameters())

    @property
    def reuse(self) -> Reuse:
        """What is frozen of it, and what follows from that. To be asked for when the module is on its device."""
        if self._reuse is None:
            self._reuse = Reuse(self.module)
        return self._reuse

    def tune(self, spec: ExperimentSpec) -> None:
        """Write the live settings of ``spec``'s regularizers into their layers."""
        for layer, owner in zip(self.placed, self.owners, strict=True):
            spec.regularization[owner].tune(layer)


def build_network(spec: ExperimentSpec, shape: tuple[int, ...], classes: int) -> Network:
    """The network for inputs (B, *shape), weights drawn from ``spec.loop.seed``. Raises WorkbenchError."""
    parts = LayerInsertion(spec.regularization)
    module = spec.model.build(shape, classes, parts)
    spec.model.fill(module, spec.loop.seed)
    return Network(module, parts.placed, parts.owners, stochastic_layers(module))
