"""Transfer learning: a pretrained network with a new head for other classes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator

from workbench.engine.catalog.activations import Activation
from workbench.engine.catalog.activations.members import ReLU
from workbench.engine.catalog.freezing import Freezing
from workbench.engine.catalog.freezing.base import MOST_BLOCKS
from workbench.engine.catalog.freezing.line import FrozenBelow
from workbench.engine.catalog.initializations import Initialization
from workbench.engine.catalog.initializations.members import Zero
from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.models.base import Model, unplaced, without_pictures
from workbench.engine.catalog.models.weights_name import AUTO, WeightsName
from workbench.engine.catalog.pairs import as_pairs, checked_pairs
from workbench.engine.catalog.preprocessing import Preprocessing
from workbench.engine.catalog.preprocessing.members import NoPreprocessing
from workbench.engine.catalog.variant import AsTuple
from workbench.engine.core.errors import Mend, Problem
from workbench.engine.nn.layer_insertion import LayerInsertion

if TYPE_CHECKING:
    from torch import nn

    from workbench.engine.spec.experiment import ExperimentSpec

_COUNTED = "Blocks are counted from 1 at the input; the head is the last."


class Transfer(Model):
    """The network of a weights file with a new last layer, the head.

    Its pictures come in [0, 1], whatever their size: the network's own front resizes them, turns gray into colour or
    back, and normalizes with the mean and standard deviation that the weights were trained with, unless
    ``normalization`` says otherwise.
    """

    kind: ClassVar[str] = "transfer"
    title: ClassVar[str] = "Pretrained network, new head"
    summary: ClassVar[str] = "Pretrained weights with a new head for your classes; the best choice with little data."
    order: ClassVar[int] = 50

    weights: Annotated[
        str,
        Knob(
            "Weights",
            "A file of trained weights, or the name of one that comes with the program (letters). The network is "
            "recognised by the contents of the file, not by its name. A leading ~ means your home folder.",
            role="file",
        ),
    ] = "letters"
    weights_name: WeightsName = AUTO
    start: Annotated[
        Literal["pretrained", "random"],
        Knob(
            "Start from",
            "The initial weights of the blocks below the head. The same network with random weights shows how much "
            "the pretraining helps.",
            options={
                "pretrained": "the weights in the file",
                "random": "random weights, for comparison",
            },
        ),
    ] = "pretrained"
    network_seed: Annotated[
        int,
        Knob(
            "Seed of the random network",
            "The seed of the random weights below the head; the head uses the run's seed. It has no effect on "
            "weights from a file.",
            low=0,
            high=2**31 - 1,
        ),
    ] = 0
    size: Annotated[
        Literal["weights", "data"],
        Knob(
            "Picture size",
            "The size at which the network sees the pictures. Weights fit patterns of the size at which they were "
            "trained; other sizes cost or save time.",
            options={
                "weights": "as the weights were trained: the shorter side is resized, the centre cut out",
                "data": "as the data set gives them, where the network allows it",
            },
        ),
    ] = "weights"
    normalization: Annotated[
        Literal["weights", "data", "both"],
        Knob(
            "Normalization",
            "Weights fit pictures that are normalized as in their training. Any other normalization costs accuracy: "
            "a ResNet-20 of CIFAR-10 fell from 80.0 to 58.6 % when its pictures were normalized twice.",
            options={
                "weights": "as the weights were trained; Preprocessing has no effect",
                "data": "Preprocessing instead of the weights' own",
                "both": "Preprocessing first, then the weights' own on top",
            },
        ),
    ] = "weights"
    freezing: Annotated[
        Freezing,
        Knob("Freezing", "Which blocks keep their weights, and when the others start to learn."),
    ] = FrozenBelow()
    trainable: Annotated[
        tuple[int, ...],
        AsTuple,
        Knob(
            "Also trainable",
            "The numbers of blocks that learn although they are below the line. " + _COUNTED,
            low=1,
            high=MOST_BLOCKS,
            live=True,
        ),
    ] = ()
    frozen: Annotated[
        tuple[int, ...],
        AsTuple,
        Knob(
            "Also frozen",
            "The numbers of blocks that stay frozen although they are above the line. " + _COUNTED,
            low=1,
            high=MOST_BLOCKS,
            live=True,
        ),
    ] = ()
    rate_below: Annotated[
        float,
        Knob(
            "Rate below the head",
            "The learning rate of the blocks below the head as a share of the head's. Pretrained weights need small "
            "steps, the new head larger ones; a tenth is a common start.",
            low=1e-6,
            high=100.0,
            search=(0.001, 1.0),
            scale="log",
            live=True,
            lesson="Fine-tuning uses a lower learning rate than training from scratch.",
        ),
    ] = 0.1
    rates: Annotated[
        tuple[tuple[int, float], ...],
        BeforeValidator(as_pairs),
        AfterValidator(checked_pairs(0, 999_999_999, "block numbers")),
        Knob(
            "Rates of single blocks",
            "Pairs of a block's number and its learning rate as a share of the run's. " + _COUNTED,
            live=True,
        ),
    ] = ()
    freeze_norm: Annotated[
        bool,
        Knob(
            "Batch norm frozen too",
            "Norm layers keep their statistics and parameters also in the blocks that learn. Otherwise the "
            "statistics of small batches of other pictures would replace those that the weights were trained with. "
            "In frozen blocks they are always frozen.",
            live=True,
        ),
    ] = False
    standardize: Annotated[
        bool,
        Knob(
            "Standardize features",
            "The input of the head is scaled to zero mean and unit variance over the training examples, measured "
            "once at the start. So the same learning rate suits the heads of all networks.",
        ),
    ] = True
    head_init: Annotated[
        Initialization,
        Knob(
            "Head's initialization",
            "How the weights of the new last layer are drawn. Dropout before it is in Regularization. With few "
            "examples a random head keeps some of its initial noise: starting from zeros was better by two points.",
        ),
    ] = Zero()
    cache_features: Annotated[
        bool,
        Knob(
            "Keep frozen features",
            "While all blocks below the head are frozen and nothing is augmented, their outputs are computed once "
            "and the head is trained on these features. The results are the same within rounding; an epoch takes a "
            "fraction of the time.",
        ),
    ] = True

    def frozen_in(self, epoch: int, count: int) -> frozenset[int]:
        """The numbers of the blocks that are frozen in the 0-based ``epoch``; ``count`` blocks are below the head."""
        below = range(1, self.freezing.frozen_at(epoch, count) + 1)
        own = {number for number in self.frozen if number <= count + 1}
        return frozenset(own | set(below)) - frozenset(self.trainable)

    def rate_of(self, number: int, count: int) -> float:
        """The share of the run's learning rate that block ``number`` has; the head is number ``count`` + 1."""
        return dict(self.rates).get(number, 1.0 if number > count else self.rate_below)

    def problems(self, spec: ExperimentSpec, path: str) -> Iterator[Problem]:
        from workbench.engine.transfer.backbone import missing

        yield from without_pictures(spec, path)
        lacking = missing(self.weights)
        if lacking:
            yield Problem(f"{path}.weights", lacking)
        both = sorted(set(self.trainable) & set(self.frozen))
        if both:
            yield Problem(f"{path}.frozen", f"names block {both[0]}, which is also listed as trainable")
        yield from self._conflicts(spec, path)
        if not spec.optimizer.rate_per_block and (self.rate_below != 1.0 or self.rates):
            words = f"has no effect with {spec.optimizer.title}, which has one rate for all parameters"
            yield Problem(f"{path}.rate_below", words, "warning")
        yield from unplaced(spec, "linear", "pool", "branch")

    def _conflicts(self, spec: ExperimentSpec, path: str) -> Iterator[Problem]:
        """A warning where the pictures are not normalized as the settings or the weights want it."""
        is_none = isinstance(spec.preprocessing, NoPreprocessing)
        mends = (Mend("Use the weights' own", f"{path}.normalization", "weights"),)
        if self.normalization == "data":
            words = "replaces the normalization that the weights were trained with, which costs accuracy"
            yield Problem(f"{path}.normalization", words, "warning", mends)
        elif self.normalization == "both" and not is_none:
            words = f"normalizes twice: {spec.preprocessing.title} comes before the weights' own, which costs accuracy"
            yield Problem(f"{path}.normalization", words, "warning", mends)
        elif not is_none:
            words = (
                f"{spec.preprocessing.title} has no effect: the network normalizes pictures as its weights expect them"
            )
            yield Problem("preprocessing", words, "warning", (Mend("Choose None", "preprocessing", {"kind": "none"}),))

    def preprocessing(self, spec: ExperimentSpec) -> Preprocessing:
        return NoPreprocessing() if self.normalization == "weights" else spec.preprocessing

    def build(self, shape: tuple[int, ...], classes: int, parts: LayerInsertion) -> nn.Module:
        from workbench.engine.transfer.building import build

        return build(self, shape, classes, parts)

    def notes(self) -> tuple[str, ...]:
        from workbench.engine.transfer.backbone import opened

        return opened(self.weights, self.weights_name).said(self.size == "weights", self.normalization != "data")

    def init(self) -> tuple[Initialization, Activation]:
        return self.head_init, ReLU()

    def fill(self, network: nn.Module, seed: int) -> None:
        """The head's weights; those below it came with ``build``."""
        from workbench.engine.transfer.building import fill_head

        fill_head(network, self.head_init, seed)

    def brief(self) -> str:
        return (
            f"{self.weights.replace(chr(92), '/').rpartition('/')[2]}, {self.freezing.brief() or self.freezing.title}"
        )
