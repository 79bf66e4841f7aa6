"""Averages of the weights beside a run: they follow every update and are measured as a network of their own.

The run's network is never touched. An average lives in a copy of it, so that nothing has to be put back when a
measurement ends early.
"""

from __future__ import annotations

import copy
from collections.abc import Generator, Iterable, Sequence
from itertools import pairwise
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from workbench.engine.catalog.averages import Average
from workbench.engine.core.callbacks import Callback
from workbench.engine.core.events import Event
from workbench.engine.data.examples import Examples
from workbench.engine.data.split import Indices, batch_borders, refreshed_on
from workbench.engine.nn.torch_workarounds import foreach_lerp_
from workbench.engine.spec.experiment import ExperimentSpec

BatchNorm = nn.modules.batchnorm._BatchNorm
#: Number of training examples in one pass that measures batch norm statistics.
REFRESH_BATCH = 256


class WeightAverage(Callback):
    """One average of ``network``'s float parameters. ``module`` is the network with the averaged weights."""

    every_rank: ClassVar[bool] = True

    def __init__(self, average: Average, network: nn.Module, steps_per_epoch: int) -> None:
        self.average = average
        self.kind = average.kind
        self.name = f"average.{average.kind}"
        self.module = copy.deepcopy(network)
        self._network = network
        self._per_epoch = steps_per_epoch
        self._updates = 0
        pairs = list(zip(self.module.parameters(), network.parameters(), strict=True))
        # Frozen parameters are averaged too: they may thaw, and until then their average is themselves.
        self._averaged: list[Tensor] = [own for own, _ in pairs if own.is_floating_point()]
        self._followed: list[Tensor] = [raw for _, raw in pairs if raw.is_floating_point()]
        self.module.requires_grad_(False)

    @property
    def begun(self) -> bool:
        """Whether it is more than a copy of the weights by now."""
        return self.average.begun(self._updates, self._per_epoch)

    def after_update(self, step: int, rate: float) -> Iterable[Event]:
        self._updates = step + 1
        share = self.average.share(self._updates, self._per_epoch)
        with torch.no_grad():
            foreach_lerp_(self._averaged, self._followed, share)
        return ()

    def edited(self, spec: ExperimentSpec) -> None:
        self.average = next(average for average in spec.averaging if average.kind == self.kind)

    def refresh(self, examples: Examples, train: Indices, seed: int) -> Generator[int, None, None]:
        """Measure the batch norm statistics of the averaged weights on training examples without augmentation.

        Yields the examples done after each batch. Statistics are means over equally weighted batches, as in
        ``torch.optim.swa_utils.update_bn``; dropout and its like are silent, as they are when it is measured.
        """
        norms = batch_norms(self.module, self._network)
        for own_buffer, buffer in zip(self.module.buffers(), self._network.buffers(), strict=True):
            own_buffer.copy_(buffer)  # frozen statistics, and those that were measured at the start of the run
        yield from measured_anew(self.module, norms, examples, refreshed_on(train, seed))

    def state(self) -> dict[str, Any]:
        return {"updates": self._updates, "weights": dict(self.module.state_dict())}

    def restore(self, saved: dict[str, Any]) -> None:
        """Put it back; a state without averages starts anew at the weights, which are restored by then."""
        self._updates = saved.get("updates", 0)
        self.module.load_state_dict(saved.get("weights", self._network.state_dict()))


def averages_of(averages: Sequence[Average], network: nn.Module, steps_per_epoch: int) -> list[WeightAverage]:
    """The companions for a spec's ``averages``."""
    return [WeightAverage(average, network, steps_per_epoch) for average in averages]


def batch_norms(module: nn.Module, network: nn.Module) -> list[BatchNorm]:
    """The batch norm layers of ``module``, a copy of ``network``, but for those whose statistics are held there."""
    held = {id(each) for frozen in getattr(network, "held", ()) for each in frozen.modules()}
    pairs = zip(module.modules(), network.modules(), strict=True)
    return [own for own, raw in pairs if isinstance(own, BatchNorm) and id(raw) not in held]


def measured_anew(
    module: nn.Module, norms: Sequence[BatchNorm], examples: Examples, chosen: Indices
) -> Generator[int, None, None]:
    """Measure the statistics of ``norms``, layers of ``module``, on the examples ``chosen``; all else is in eval mode.

    Yields the examples done after each batch.
    """
    if not norms:
        return
    momenta = [norm.momentum for norm in norms]
    module.eval()
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # a mean over all batches
        norm.train()
    try:
        for low, high in pairwise(batch_borders(len(chosen), REFRESH_BATCH)):
            while examples.lacks(chosen[low:high]):
                yield low
            with torch.inference_mode():
                module(examples.batch(chosen[low:high])[0])
            yield high
    finally:
        for norm, momentum in zip(norms, momenta, strict=True):
            norm.momentum = momentum
            norm.eval()
