"""Points in the plane: small problems on which a decision boundary can be drawn. Coordinates lie roughly in [-2, 2]."""

from __future__ import annotations

from abc import abstractmethod
from pathlib import Path
from typing import Annotated, ClassVar

import numpy as np
import numpy.typing as npt

from workbench.engine.catalog.datasets.base import Dataset, DataSource
from workbench.engine.catalog.knob import Knob
from workbench.engine.core.randomness import mixed

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]

Noise = Annotated[
    float,
    Knob(
        "Noise",
        "The standard deviation of the Gaussian noise that is added to every coordinate. "
        "With much noise the classes overlap, and a large model starts to learn the noise.",
        low=0.0,
        high=2.0,
    ),
]
Classes = Annotated[int, Knob("Classes", "How many classes there are.", low=2, high=10)]


class PointSet(DataSource):
    """Base of the point sets: a member declares ``number_of_classes`` and ``place``; the rest is done here."""

    is_image: ClassVar[bool] = False
    can_hold_back: ClassVar[bool] = False

    examples: Annotated[
        int,
        Knob(
            "Examples",
            "How many points are made, shared evenly among the classes. Training and validation are split from them.",
            unit="points",
            low=10,
            high=200_000,
            scale="log",
        ),
    ] = 600
    noise: Noise = 0.1
    label_noise: Annotated[
        float,
        Knob(
            "Wrong labels",
            "The share of points that are given another class by chance, in training and validation alike. "
            "No model can predict them, so fitting them is overfitting.",
            low=0.0,
            high=1.0,
        ),
    ] = 0.0
    data_seed: Annotated[
        int,
        Knob(
            "Data seed",
            "Another number draws other points of the same kind. The same number always gives the same points.",
            low=0,
            high=2**31 - 1,
        ),
    ] = 0

    @property
    @abstractmethod
    def number_of_classes(self) -> int:
        """How many classes the set has."""

    @abstractmethod
    def place(self, labels: Labels, rng: np.random.Generator) -> Floats:
        """Noiseless points for ``labels`` (N,) as (N, 2)."""

    def files(self) -> tuple[Path, ...]:
        return ()

    def load(self) -> Dataset:
        """Inputs float32 (N, 2), labels int64 (N,)."""
        count = self.number_of_classes
        labels = np.arange(self.examples, dtype=np.int64) % count
        places = self.place(labels, self._rng("place"))
        places = places + self.noise * self._rng("noise").standard_normal(places.shape)
        return Dataset(
            places.astype(np.float32), self._with_wrong(labels), tuple(f"class {i + 1}" for i in range(count))
        )

    def _with_wrong(self, labels: Labels) -> Labels:
        rng, count = self._rng("label noise"), self.number_of_classes
        wrong = rng.random(labels.size) < self.label_noise
        return np.where(wrong, (labels + rng.integers(1, count, labels.size)) % count, labels)

    def _rng(self, stream: str) -> np.random.Generator:
        return np.random.Generator(np.random.PCG64(mixed("points", stream, self.data_seed)))


class Moons(PointSet):
    """Two half circles of radius 1, one upside down and shifted by (1, 0.5); then centred."""

    kind: ClassVar[str] = "moons"
    title: ClassVar[str] = "Moons"
    summary: ClassVar[str] = "Two interleaved half circles; a line cannot part them."
    order: ClassVar[int] = 40

    @property
    def number_of_classes(self) -> int:
        return 2

    def place(self, labels: Labels, rng: np.random.Generator) -> Floats:
        angle = np.pi * rng.random(labels.size)
        upper = np.stack([np.cos(angle), np.sin(angle)], 1)
        lower = np.stack([1.0 - np.cos(angle), 0.5 - np.sin(angle)], 1)
        points: Floats = np.where(labels[:, None] == 0, upper, lower) - np.array([0.5, 0.25])
        return points


class Circles(PointSet):
    """Rings around the origin; class i of n has the radius (i + 1) / n × 1.5."""

    kind: ClassVar[str] = "circles"
    title: ClassVar[str] = "Circles"
    summary: ClassVar[str] = "Rings around one another."
    order: ClassVar[int] = 42

    classes: Classes = 2

    @property
    def number_of_classes(self) -> int:
        return self.classes

    def place(self, labels: Labels, rng: np.random.Generator) -> Floats:
        angle = 2.0 * np.pi * rng.random(labels.size)
        radius = 1.5 * (labels + 1) / self.classes
        return np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1)


class Spirals(PointSet):
    """Arms ``r = 1.5 t, angle = 2 pi (turns t + i / n)`` for t in [0.05, 1] and class i of n."""

    kind: ClassVar[str] = "spirals"
    title: ClassVar[str] = "Spirals"
    summary: ClassVar[str] = "Arms that wind around one another; hard for a small model."
    order: ClassVar[int] = 44

    noise: Noise = 0.05
    classes: Classes = 2
    turns: Annotated[
        float,
        Knob(
            "Turns",
            "How often each arm winds around the centre. More turns need a more flexible model.",
            low=0.1,
            high=5.0,
        ),
    ] = 1.25

    @property
    def number_of_classes(self) -> int:
        return self.classes

    def place(self, labels: Labels, rng: np.random.Generator) -> Floats:
        t = 0.05 + 0.95 * np.sqrt(rng.random(labels.size))
        angle = 2.0 * np.pi * (self.turns * t + labels / self.classes)
        return np.stack([1.5 * t * np.cos(angle), 1.5 * t * np.sin(angle)], 1)


class Xor(PointSet):
    """The square [-1.5, 1.5]²: class 0 where both coordinates have the same sign, class 1 elsewhere."""

    kind: ClassVar[str] = "xor"
    title: ClassVar[str] = "XOR"
    summary: ClassVar[str] = "Four quadrants, opposite ones of the same class."
    order: ClassVar[int] = 46

    @property
    def number_of_classes(self) -> int:
        return 2

    def place(self, labels: Labels, rng: np.random.Generator) -> Floats:
        size = 1.5 * rng.random((labels.size, 2))
        sign = np.where(rng.random(labels.size) < 0.5, -1.0, 1.0)
        points: Floats = size * np.stack([sign, np.where(labels == 0, sign, -sign)], 1)
        return points


class Blobs(PointSet):
    """Gaussian clouds whose centres stand evenly on the circle of radius 1.2; the noise is their width."""

    kind: ClassVar[str] = "blobs"
    title: ClassVar[str] = "Blobs"
    summary: ClassVar[str] = "Round clouds; even a linear classifier parts them if the noise is small."
    order: ClassVar[int] = 48

    noise: Noise = 0.3
    classes: Classes = 3

    @property
    def number_of_classes(self) -> int:
        return self.classes

    def place(self, labels: Labels, rng: np.random.Generator) -> Floats:
        angle = 2.0 * np.pi * labels / self.classes
        centres: Floats = 1.2 * np.stack([np.cos(angle), np.sin(angle)], 1)
        return centres
