"""The normalization of pictures that a file states: a mean and a std per channel, and where in the file they are.

Bare ``mean`` and ``std`` are also statistics of scores, of noise or of first weights: they are taken only where the
names of the tables around them speak of pictures or of settings.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from math import prod
from typing import Any, Final, Literal

from workbench.engine.weights.nested_tables import Table, simple

#: The first are bare; the others name pictures, so that they are taken in any table.
MEANS: Final = (
    "mean",
    "normmean",
    "normalizemean",
    "normalizationmean",
    "imagemean",
    "imgmean",
    "pixelmean",
    "datamean",
)
STDS: Final = tuple(name.replace("mean", "std") for name in MEANS)
#: Tables of settings: their mean and std are believed if the tables around them are.
_SETTINGS: Final = re.compile(
    r"(init)?(args|arguments)|configs?|cfg|conf|hparams|hyperparameters|parameters|params|settings|options|opts?|meta|"
    r"info|extra|(model|network|net)(args|cfg|config|settings)?|test|val|valid|validation|eval|evaluation|train|training"
)
_OTHER: Final = re.compile(r"noise|score|acc|init|jitter|eras|blur|loss|result|metric")
_OF_PICTURES: Final = re.compile(
    r"normali[sz]|preproc|processor|transform|(pretrained|default)(cfg|config)|pixel|data|input|image|img|picture|channel"
)
#: Tables that may be of pictures: only a number for each of three channels is believed.
_PERHAPS: Final = re.compile(r"stats$|statistics$|augment")
Belief = Literal["other", "unsure", "channels", "pictures"]


@dataclass(frozen=True, slots=True)
class Found:
    """Mean and std of values in [0, 1], one number a channel or one for all; ``place`` is that of the mean."""

    mean: tuple[float, ...]
    std: tuple[float, ...]
    place: str

    def is_like(self, other: Found) -> bool:
        """Whether both are the same to three digits, so also where one of them was rounded."""
        return self._rounded() == other._rounded()

    def _rounded(self) -> list[tuple[float, float]]:
        """Mean and std of each of three channels; one number for all is that of each."""
        pairs = [(round(m, 3), round(s, 3)) for m, s in zip(self.mean, self.std, strict=True)]
        return pairs * 3 if len(pairs) == 1 else pairs


def normalizations_in(tables: Iterable[Table]) -> list[Found]:
    """All that are believed, those of outer tables first."""
    found: list[Found] = []
    for table in tables:
        belief = belief_in(table)
        for one, other in zip(MEANS, STDS, strict=True):
            mean, std = (_numbers(table.value(name)) for name in (one, other))
            is_believed = one != MEANS[0] or belief == "pictures" or (belief == "channels" and len(mean) > 1)
            if is_believed and (pair := _of_values_to_one(mean, std)) is not None:
                found.append(Found(*pair, table.place(one)))
    return found


def belief_in(table: Table) -> Belief:
    """What a bare mean and std in ``table`` are of, by the names that lead to it: the last one that tells decides."""
    for name in map(simple, reversed(table.path)):
        if _SETTINGS.fullmatch(name):
            continue
        if _OTHER.search(name):
            return "other"
        if _OF_PICTURES.search(name):
            return "pictures"
        return "channels" if _PERHAPS.search(name) else "unsure"
    return "pictures"


def _of_values_to_one(
    mean: tuple[float, ...], std: tuple[float, ...]
) -> tuple[tuple[float, ...], tuple[float, ...]] | None:
    """Both for values in [0, 1]; None if they are of no pictures."""
    if not mean or len(mean) != len(std):
        return None
    most = max(*mean, *std)
    scale = 255.0 if most > 2 else 1.0  # of values from 0 to 255
    if min(std) <= 0 or most > 255 or min(mean) < -scale:
        return None
    return tuple(v / scale for v in mean), tuple(v / scale for v in std)


def _numbers(value: Any) -> tuple[float, ...]:
    """One finite number, or one for each of one or three channels; empty if it is neither."""
    is_tensor = hasattr(value, "tolist") and hasattr(value, "shape") and prod(value.shape) <= 3
    listed = value.tolist() if is_tensor else value
    if isinstance(listed, (int, float)) and not isinstance(listed, bool):
        listed = [listed]
    while isinstance(listed, (list, tuple)) and len(listed) in (1, 3) and isinstance(listed[0], (list, tuple)):
        listed = [inner for each in listed for inner in each]
    good = isinstance(listed, (list, tuple)) and len(listed) in (1, 3)
    if not good or not all(isinstance(v, (int, float)) and abs(v) < 1e6 for v in listed):
        return ()
    return tuple(float(v) for v in listed)
