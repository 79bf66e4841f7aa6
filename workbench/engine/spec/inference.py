"""How a prediction is made at test time: one plain pass, or an average over random passes and views of the picture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Literal

from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.variant import Section
from workbench.engine.core.errors import Problem

if TYPE_CHECKING:
    from workbench.engine.spec.experiment import ExperimentSpec


class TestingSpec(Section):
    """Test time. The defaults are the usual evaluation: one pass with nothing random, of the example as it is."""

    __test__ = False  # not a test class, although its name looks like one to pytest

    passes: Annotated[
        int,
        Knob(
            "Random passes",
            "How many forward passes with dropout, DropConnect, fractional pooling and stochastic depth switched on "
            "are averaged for each prediction. 1 is the usual evaluation, with nothing random. The probabilities are "
            "averaged, and loss and accuracy are those of the average. Batch norm keeps its running statistics. "
            "Evaluation takes this many times as long, for training and validation examples alike; training is not "
            "affected.",
            low=1,
            high=1_000,
            scale="log",
            lesson="Averaging many random passes at test time averages out the randomness of training.",
        ),
    ] = 1
    augment: Annotated[
        bool,
        Knob(
            "Augment each pass",
            "Each random pass sees another augmented copy of the example, as training does. Augmentations that mix "
            "examples are left out. It has an effect with 2 passes or more.",
        ),
    ] = False
    views: Annotated[
        Views,
        Knob(
            "Views of a picture",
            "Averages the predictions over fixed views of each picture. Evaluation takes as many times as long as "
            "there are views, multiplied by the random passes. Where a mirror image means something else, as with "
            "digits and letters, accuracy can fall.",
            options=VIEW_WORDS,
            lesson="A fixed set of crops and their mirror images is averaged at test time.",
        ),
    ] = "none"

    @property
    def is_plain(self) -> bool:
        """Whether evaluation is one forward pass of each example as it is."""
        return self.passes == 1 and self.views == "none"

    @property
    def cost(self) -> int:
        """How many forward passes one prediction takes."""
        return self.passes * VIEW_COUNTS[self.views]

    def problems(self, spec: ExperimentSpec, path: str) -> Iterator[Problem]:
        """Warnings for settings that have no effect."""
        augments = self.augment and bool(spec.augmentations)
        if self.passes > 1 and not augments and not any(r.is_random for r in spec.regularization):
            text = "have no effect: no part of the model is random; add dropout or the like under Regularization"
            yield Problem(f"{path}.passes", text, "warning")
        if self.views != "none" and not spec.data.source.is_image:
            yield Problem(f"{path}.views", "have no effect: this data set has points, not pictures", "warning")


Views = Literal["none", "flip", "ten_crop"]


#: How many views each gives.
VIEW_COUNTS: Mapping[Views, int] = MappingProxyType({"none": 1, "flip": 2, "ten_crop": 10})


#: What each is, for a form.
VIEW_WORDS: Mapping[Views, str] = MappingProxyType(
    {
        "none": "the picture alone",
        "flip": "the picture and its mirror image",
        "ten_crop": "four corners, the centre, and their mirror images",
    }
)
