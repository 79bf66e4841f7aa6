"""Transfer learning in a run: freezing by epoch, rates by block, the proof, cached features."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from workbench.engine.catalog.models.transfer import Transfer
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.events import Certified, Notice
from workbench.engine.data.examples import Examples, chunks
from workbench.engine.data.split import Split, refreshed_on
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.transfer.certificate import Certificate, certified
from workbench.engine.transfer.features import MOST_BYTES, Features, below_head
from workbench.engine.transfer.net import TransferNet
from workbench.engine.transfer.stages import NORMS, Stage, norms_in

if TYPE_CHECKING:
    import torch

    from workbench.engine.training.state import TrainState

NOTHING_LEFT = "Nothing is left to train: every block and the head are frozen. Unfreeze at least the head."
NEEDS_TWO = (
    "The blocks that learn have batch norm, which needs at least two examples in a batch. "
    "Raise the batch size, or freeze batch norm too."
)


class Reuse:
    """For a run of a ``TransferNet``; for other networks it does nothing.

    ``changes`` counts how often the set of trainable parameters changed. ``features`` are kept while nothing
    below the head can change.
    """

    def __init__(self, network: nn.Module) -> None:
        self.network = network if isinstance(network, TransferNet) else None
        self._stages: list[Stage] = self.network.stages() if self.network is not None else []
        self.blocks: list[list[nn.Parameter]] = [[p for _, p in stage.tensors()] for stage in self._stages]
        self.changes = 0
        self.features: Features | None = None
        self.certificate: Certificate | None = None
        self._applied: tuple[Transfer, int] | None = None
        self._now: frozenset[int] = frozenset()
        if self.network is not None:
            tensors: dict[str, Tensor] = dict(self.network.named_parameters())
            self.certificate = Certificate(tensors | dict(self.network.named_buffers()))

    @property
    def count(self) -> int:
        """The number of blocks below the head."""
        return len(self._stages) - 1

    # --- freezing ----------------------------------------------------------------------------------------------

    def refusal(self, spec: ExperimentSpec, epoch: int) -> str:
        """Why ``spec`` cannot be trained in ``epoch``, as a sentence; empty if it can."""
        model = spec.model
        if self.network is None or not isinstance(model, Transfer):
            return ""
        frozen = self._names(model, model.frozen_in(epoch, self.count))
        if all(name in frozen for name, _ in self.network.named_parameters()):
            return NOTHING_LEFT
        if spec.loop.batch_size == 1 and not spec.optimizer.full_batch:
            norms = [m for m in norms_in(self._learning(model, epoch)) if isinstance(m, _BatchNorm)]
            if norms and not model.freeze_norm:
                return NEEDS_TWO
        return ""

    def refuse(self, spec: ExperimentSpec) -> None:
        """Raise WorkbenchError if the first or the last epoch cannot be trained."""
        for epoch in (0, spec.loop.epochs - 1):
            refused = self.refusal(spec, epoch)
            if refused:
                raise WorkbenchError(refused, "model.freezing")

    def apply(self, state: TrainState) -> Notice | None:
        """Freeze what the spec freezes in the present epoch, and give every block its rate.

        Yields a notice where blocks are frozen or unfrozen. Raises WorkbenchError if nothing would be left to train.
        """
        model, epoch = state.spec.model, state.progress.epoch
        if self.network is None or self.certificate is None or not isinstance(model, Transfer):
            return None
        if self._applied is not None and self._applied[0] is model and self._applied[1] == epoch:
            return None
        refused = self.refusal(state.spec, epoch)
        if refused:
            raise WorkbenchError(refused, "model.freezing")
        again = self._applied is not None and self._applied[0] is model
        self._applied = (model, epoch)
        if not again:
            self.features = None  # the state may have been restored
        before, self._now = self._now, model.frozen_in(epoch, self.count)
        self._hold(model, state.optimizer)
        self._follow(model, state)
        return self._moved(before, state.progress.step, epoch) if again and before != self._now else None

    def _hold(self, model: Transfer, optimizer: torch.optim.Optimizer) -> None:
        assert self.network is not None
        frozen = self._names(model, self._now)
        for name, parameter in self.network.named_parameters():
            parameter.requires_grad_(name not in frozen)
            if name in frozen:
                parameter.grad = None
        self.network.held = tuple(self._held(model))
        self.network.train(self.network.training)
        for group in optimizer.param_groups:
            if "block" in group:
                group["scale"] = model.rate_of(group["block"], self.count)
        self.changes += 1
        if not self.all_frozen:
            self.features = None

    def _follow(self, model: Transfer, state: TrainState) -> None:
        """Let the proof and the optimizer know what is frozen from this step on."""
        assert self.certificate is not None
        frozen = self._names(model, self._now)
        if frozen != self.certificate.frozen:
            state.spec.optimizer.forget_frozen(state.optimizer)
            self.certificate.follow(frozen, state.progress.step)

    def _held(self, model: Transfer) -> list[nn.Module]:
        """What stays as at test time: frozen blocks; all norm layers below the head if they are frozen too."""
        assert self.network is not None
        held = [module for number in sorted(self._now) for module in self._stages[number - 1].modules]
        if self.all_frozen:
            held.append(self.network.net)
        return held + (self.network.norms_below() if model.freeze_norm else [])

    def _learning(self, model: Transfer, epoch: int) -> list[nn.Module]:
        frozen = model.frozen_in(epoch, self.count)
        return [m for number, stage in enumerate(self._stages, 1) if number not in frozen for m in stage.modules]

    def _names(self, model: Transfer, frozen: frozenset[int]) -> frozenset[str]:
        """The tensors of frozen blocks, of frozen norm layers, and of the front, which never learns."""
        assert self.network is not None
        names = {f"front.{name}" for name, _ in self.network.front.named_buffers()}
        for number in frozen:
            stage = self._stages[number - 1]
            names |= {name for name, _ in stage.tensors()} | {name for name, _ in stage.buffers()}
        if model.freeze_norm:
            for path, module in self.network.net.named_modules(prefix="net"):
                if isinstance(module, NORMS):
                    own = [*module.named_parameters(path, recurse=False), *module.named_buffers(path, recurse=False)]
                    names |= {name for name, _ in own}
        return frozenset(names)

    def _moved(self, before: frozenset[int], step: int, epoch: int) -> Notice:
        thawed, frozen = sorted(before - self._now), sorted(self._now - before)
        said = [_said(thawed, "learns too", "learn too"), _said(frozen, "is frozen", "are frozen")]
        words = " and ".join(part for part in said if part)
        return Notice(step, "freezing", f"From epoch {epoch + 1} on {words}.", "info")

    # --- features ----------------------------------------------------------------------------------------------

    @property
    def frozen(self) -> frozenset[int]:
        """The numbers of the blocks that are frozen now."""
        return self._now

    @property
    def all_frozen(self) -> bool:
        """Whether nothing below the head can change."""
        return self._now >= set(range(1, self.count + 1))

    def wants_features(self, spec: ExperimentSpec, split: Split) -> bool:
        """Whether the head is to train on cached features now; a function of the spec, the epoch and the data."""
        model = spec.model
        if self.network is None or not isinstance(model, Transfer) or not self.all_frozen:
            return False
        size = 4 * self._width() * (len(split.train) + len(split.val))
        return model.cache_features and not spec.augmentations and size <= MOST_BYTES

    def shortcut(self, network: nn.Module, examples: Examples) -> tuple[nn.Module, Examples]:
        """``network`` with what it is given; where there are cached features the head alone with those."""
        if self.features is None or self.network is None:
            return network, examples
        return self.network.head, self.features

    def prepare(self, spec: ExperimentSpec, examples: Examples, split: Split) -> Generator[tuple[int, int], None, None]:
        """Measure the features' scale once, and compute the features where they are wanted.

        Yields (done, total) examples.
        """
        yield from self._scale(examples, split, spec.loop.seed)
        if self.features is None and self.wants_features(spec, split):
            assert self.network is not None
            chosen = np.union1d(split.train, split.val)
            features = Features(self.network, examples, chosen, self._width())
            for done in features.compute():
                yield done, len(chosen)
            self.features = features

    def _scale(self, examples: Examples, split: Split, seed: int) -> Generator[tuple[int, int], None, None]:
        scale = self.network.scale if self.network is not None else None
        if self.network is None or scale is None or scale.seen:
            return
        chosen = refreshed_on(split.train, seed)
        made, done = [], 0
        for part in chunks(chosen):
            while examples.lacks(part):
                yield done, len(chosen)
            made.append(below_head(self.network, examples.batch(part)[0]).cpu())
            done += len(part)
            yield done, len(chosen)
        import torch

        scale.measure(torch.cat(made))
        if self.certificate is not None:
            self.certificate.begin()

    def _width(self) -> int:
        assert self.network is not None
        classifier = self.network.head.get_submodule("classifier")
        assert isinstance(classifier, nn.Linear)
        return classifier.in_features

    # --- the proof ---------------------------------------------------------------------------------------------

    def prove(self, step: int, folder: Path | None) -> Certified | None:
        """The certificate of the run so far; None for a network that is not used again."""
        if self.certificate is None:
            return None
        named = {name: str(n) for n, stage in enumerate(self._stages, 1) for name in _names_of(stage)}
        blocks = {name: self._stages[int(number) - 1].name for name, number in named.items()}
        return certified(self.certificate, step, blocks, folder)


def _said(numbers: list[int], one: str, many: str) -> str:
    """What happens to blocks of these rising numbers; empty for none."""
    if len(numbers) < 2:
        return f"block {numbers[0]} {one}" if numbers else ""
    whole = numbers == list(range(numbers[0], numbers[-1] + 1))
    named = f"{numbers[0]} to {numbers[-1]}" if whole and len(numbers) > 2 else ", ".join(map(str, numbers))
    return f"blocks {named} {many}"


def _names_of(stage: Stage) -> list[str]:
    return [name for name, _ in stage.tensors()] + [name for name, _ in stage.buffers()]
