"""What to freeze, by the lecture's table of small or large and similar or different, and the whole plan as settings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from workbench.engine.catalog.augmentations import Augmentation
from workbench.engine.catalog.augmentations.crop import RandomCrop
from workbench.engine.catalog.augmentations.flip import HorizontalFlip
from workbench.engine.catalog.freezing import Freezing
from workbench.engine.catalog.freezing.head_first import HeadFirst
from workbench.engine.catalog.freezing.line import FrozenBelow
from workbench.engine.catalog.models.transfer import Transfer
from workbench.engine.catalog.optimizers.sgd import Momentum
from workbench.engine.catalog.preprocessing.members import NoPreprocessing
from workbench.engine.catalog.schedules.constant import Constant
from workbench.engine.catalog.schedules.decays import Cosine
from workbench.engine.core.text import grouped
from workbench.engine.spec.data_spec import DataSpec
from workbench.engine.spec.experiment import ExperimentSpec, LoopSpec

Likeness = Literal["similar", "different"]

#: From this many examples per class on, fine-tuning is worth it. Measured with ResNet-20 of CIFAR-10 on pictures of
#: clothing, head only against head first and then all: with 5 per class 25 and 26 % (spread 2 and 3), so the head,
#: which takes seconds, is enough; with 20 37 and 44 %; with 80 47 and 64 %.
ENOUGH = 20
MEASURED = (
    "with 5 pictures per class of clothing, ResNet-20 of CIFAR-10 reached 26 % fine-tuned and 25 % with the head only, "
    "which is within the spread and takes seconds"
)
#: Updates that a head and a fine-tuning need, and the bounds of the epochs that follow.
HEAD_STEPS, TUNING_STEPS = 600, 750
FEWEST, MOST = 10, 100
BATCH = 32
#: For fine-tuning a picture is shifted by at most its side over this.
SHIFTED = 16
#: With this many examples per class training from scratch may do as well. Measured on the bundled digits: with 80 per
#: class scratch 98.6, head only 98.7 %; with all 99.2 from scratch.
PLENTY = 100
_FROM_SCRATCH = "training from scratch may be as good or better: see “Compare with training from scratch”."
#: The head learns alone for this share of the epochs.
HEAD_SHARE = 1 / 6
#: Rates of the head when it learns alone and when the rest is tuned with it at a share of its rate.
RATE_HEAD, RATE_TUNING, RATE_BELOW = 0.01, 0.02, 0.1

#: Names of classes whose pictures may be another class in a mirror: a letter, a number, a side.
_SIDED = re.compile(r"(?:[a-z]+[\W_]+)?(?:[a-z]|\d+)|(?:.*[\W_])?(?:left|right)(?:[\W_].*)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Advice:
    """What to freeze, and why in words. ``cell`` is the field of the table; ``line`` counts the frozen blocks.

    ``instead`` is a sentence where the advice is not what the field says, else empty.
    """

    cell: tuple[Literal["small", "large"], Likeness]
    freezing: Freezing
    title: str
    why: str
    instead: str = ""

    @property
    def head_only(self) -> bool:
        """Whether nothing below the head learns."""
        return isinstance(self.freezing, FrozenBelow) and self.freezing.line is None


def typical(counts: Sequence[int], most: int | None = None) -> int:
    """The median number of training examples per class (the lower one of two), of at most ``most`` each."""
    ordered = sorted(min(count, most) if most is not None else count for count in counts)
    return ordered[(len(ordered) - 1) // 2] if ordered else 0


def advise(counts: Sequence[int], likeness: Likeness = "different", blocks: int = 4) -> Advice:
    """The lecture's table for training ``counts`` per class; ``blocks`` are below the head."""
    usual = typical(counts)
    said = f"{grouped(usual)} examples per class are " + ("few" if usual < ENOUGH else "enough to fine-tune")
    plenty = f" With this many, {_FROM_SCRATCH}" if usual >= PLENTY else ""
    if usual < ENOUGH:
        known = (
            "and the pictures are like those of the weights, so the old features serve: only the head learns."
            if likeness == "similar"
            else "and the pictures are of another kind, the least favourable case. The table would freeze the first "
            f"blocks only; but measured, {MEASURED}. So the head alone learns. Augmentation and more pictures help "
            "most."
        )
        instead = "" if likeness == "similar" else "Suggested: the head only, see above."
        return Advice(("small", likeness), FrozenBelow(), "Head only", f"{said}, {known}", instead)
    if likeness == "similar":
        line = (blocks + 1) // 2
        known = f"and the pictures are like those of the weights: the upper blocks are tuned, the first {line} kept."
        return Advice(
            ("large", likeness), HeadFirst(line=line), "Head first, then the upper blocks", f"{said}, {known}{plenty}"
        )
    why = f"{said}, and the pictures are of another kind: after the head has learned, all blocks are tuned."
    return Advice(("large", likeness), HeadFirst(line=0), "Head first, then fine-tune", why + plenty)


def plan(
    weights: str,
    data: DataSpec,
    counts: Sequence[int],
    likeness: Likeness = "different",
    blocks: int = 4,
    title: str = "",
    side: int = 32,
    classes: Sequence[str] = (),
) -> ExperimentSpec:
    """The experiment that the wizard proposes for training ``counts`` per class; any of it can be edited.

    ``side`` is the pictures' shorter side in pixels; ``classes`` are their names, which tell letters from photographs.

    Head only: no augmentation, so that the features are computed once. Fine-tuning: pictures shifted, and mirrored
    where that keeps the label; the head alone at first, then the blocks below at a tenth of its rate, falling to zero.
    """
    used = [min(count, data.examples_per_class) if data.examples_per_class else count for count in counts]
    advice = advise(used, likeness, blocks)
    batch = max(2, min(BATCH, sum(used)))
    steps = max(1, -(-sum(used) // batch))
    epochs = epochs_for(HEAD_STEPS if advice.head_only else TUNING_STEPS, steps)
    freezing = advice.freezing
    if isinstance(freezing, HeadFirst):
        freezing = HeadFirst(epochs=max(1, round(HEAD_SHARE * epochs)), line=freezing.line)
    tuned = not advice.head_only
    return ExperimentSpec(
        title=title or title_of(weights, data),
        note=advice.why,
        data=data,
        preprocessing=NoPreprocessing(),
        augmentations=_augmentations(data, side, classes) if tuned else (),
        model=Transfer(weights=weights, freezing=freezing, rate_below=RATE_BELOW),
        optimizer=Momentum(lr=RATE_TUNING if tuned else RATE_HEAD),
        schedule=Cosine() if tuned else Constant(),
        loop=LoopSpec(epochs=epochs, batch_size=batch),
    )


def title_of(weights: str, data: DataSpec) -> str:
    """The title of a plan without a name, e.g. ``Digits with letters``."""
    source = data.source
    place = getattr(source, "folder", "") or getattr(source, "path", "") or getattr(source, "file", "")
    return f"{_last(place) or source.title} with {_last(weights) or 'a trained network'}"


def _last(path: object) -> str:
    return str(path).replace("\\", "/").rstrip("/").rpartition("/")[2]


def _augmentations(data: DataSpec, side: int, classes: Sequence[str]) -> tuple[Augmentation, ...]:
    # A sixteenth of the side: 2 of 32 pixels, as for the weights of CIFAR. Shifted by 2 of 8, digits lost 3 points.
    crop = RandomCrop(padding=max(1, round(side / SHIFTED)), fill="reflect")
    mirrors = data.source.mirrors and not any(_SIDED.fullmatch(name) for name in classes)
    return (HorizontalFlip(), crop) if mirrors else (crop,)


def epochs_for(steps: int, an_epoch: int) -> int:
    """The epochs of ``an_epoch`` steps that make about ``steps`` updates, from 10 to 100."""
    return max(FEWEST, min(MOST, round(steps / an_epoch)))
