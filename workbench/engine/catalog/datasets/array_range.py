"""Which values of arrays of pictures are black and white: by their type and the values of the training pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from workbench.engine.catalog.datasets.array_archive import ArrayArchive
from workbench.engine.catalog.datasets.array_values import ArrayHead, refuse
from workbench.engine.catalog.datasets.understanding import Doubt, Fact, Reading
from workbench.engine.catalog.datasets.value_setting import chosen_range
from workbench.engine.core.text import paths_text, short
from workbench.engine.pictures.decode import Range
from workbench.engine.pictures.value_range import range_of, range_of_fractions, range_text, range_words

BYTES: Final[Range] = (0.0, 255.0)
FRACTIONS: Final[Range] = (0.0, 1.0)
_SIGNED: Final[Range] = (-1.0, 1.0)
#: Parts of which one has this many times the values of another are not of one scale: 255, 16 and 257 are usual.
_BRIGHTER: Final = 8
#: The setting that says so of pictures of any type.
_WHOLE: Final = "0 255"
#: Pictures of 0 to 255 whose brightest value is no more than this may be of another scale (0 to 16, 0 to 100).
_DIM: Final = 127
#: Number of values sampled from each chunk of examples.
_SAMPLED: Final = 65_536


@dataclass(frozen=True, slots=True)
class FoundRange:
    """The values that are black and white, and what is said of them."""

    values: Range
    facts: tuple[Fact, ...] = ()
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
    """What was seen of an array: its least and greatest finite value, and a sample. Of bytes these say no more than
    whether there are others than 0 and 1, and there is no sample; ``brightest`` is their greatest value up to
    _DIM, else 255.
    """

    array: ArrayHead
    low: float
    high: float
    sample: npt.NDArray[Any]
    is_finite: bool = True
    brightest: int = 255


def array_range(
    archive: ArrayArchive, trained: Sequence[ArrayHead], others: Sequence[ArrayHead], given: str
) -> FoundRange:
    """The range of pictures in the arrays ``trained``; ``others`` are read in the same way. ``given`` is the setting.

    Parts whose values mean something else, as where one alone was divided by 255, are refused; how bright each is may
    differ, and so may its type where the range is the same. Raises WorkbenchError.
    """
    arrays = [*trained, *others]
    if len({array.dtype.newbyteorder("=") for array in arrays}) > 1:
        return _of_several_types(archive, arrays, given)
    if given == "full":
        return FoundRange(_whole(trained[0]))
    if given != "auto" and not are_bytes(trained[0]):
        return FoundRange(chosen_range(given))
    looks = [_look(archive, array) for array in (arrays if given == "auto" and len(arrays) > 1 else trained)]
    if given == "auto":
        _refuse_unlike(archive, looks)
    found = _of(looks[: len(trained)])
    return found if given == "auto" else _chosen_of_bytes(found, given)


def _chosen_of_bytes(found: FoundRange, given: str) -> FoundRange:
    """Bytes have a range of their own, but for those in doubt, where the one that is ``given`` may be theirs."""
    low, high = chosen_range(given)
    return FoundRange((low, high)) if found.doubts and low >= 0 and high <= BYTES[1] else replace(found, doubts=())


def _of_several_types(archive: ArrayArchive, arrays: Sequence[ArrayHead], given: str) -> FoundRange:
    """The range of arrays of several types, which must be that of each, also where another is chosen."""
    looks = [_look(archive, array) for array in arrays] if given != "full" else []
    found = [_of([look]) for look in looks]
    said = paths_text([f"{array.dtype.newbyteorder('=')} in {array.name!r}" for array in arrays], 4)
    if len({each.values for each in found}) != 1:
        refuse(archive.file, f"has pictures of different types of numbers: {said}; save them alike")
    _refuse_unlike(archive, looks)
    text = f"The pictures are of several types of numbers with one range of values and are read alike: {said}."
    one = found[0] if given == "auto" else FoundRange(chosen_range(given))
    facts = (replace(fact, readings=()) for fact in one.facts)  # another range would not fit all types
    return replace(one, facts=(*facts, Fact("values", text)))


def _refuse_unlike(archive: ArrayArchive, looks: Sequence[_Look]) -> None:
    if len(looks) < 2:
        return
    for look in looks:
        if not look.is_finite:
            refuse(archive.file, f"holds a value that is NaN or infinite in {look.array.name!r}")
    highs = [max(look.high, -look.low) for look in looks]
    if len({look.low < 0 for look in looks}) > 1 or max(highs) > _BRIGHTER * min(highs):
        said = paths_text([f"{range_words((look.low, look.high))} in {look.array.name!r}" for look in looks], 4)
        refuse(archive.file, f"has pictures of different ranges of values: {said}; scale them alike")


def are_bytes(array: ArrayHead) -> bool:
    """Whether black and white are known by the type, but for bytes that are 0 and 1 only."""
    return array.dtype.kind == "b" or (array.dtype.kind == "u" and array.dtype.itemsize == 1)


def _look(archive: ArrayArchive, array: ArrayHead) -> _Look:
    """Reads the whole array, of bytes no further than the first chunk that has values above _DIM."""
    if are_bytes(array):
        brightest = 1 if array.dtype.kind == "b" else _brightest(archive, array)
        ends = FRACTIONS if brightest <= 1 else BYTES
        return _Look(array, *ends, np.empty(0, array.dtype), brightest=brightest)
    seen = [_seen(some) for _, some in archive.chunks(array)]
    sample = np.concatenate([some for some, _ in seen])
    finite = sample[np.isfinite(sample)] if array.dtype.kind == "f" else sample
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else FRACTIONS
    return _Look(array, low, high, sample, all(is_finite for _, is_finite in seen))


def _brightest(archive: ArrayArchive, array: ArrayHead) -> int:
    highest = 0
    for _, some in archive.chunks(array):
        highest = max(highest, int(some.max(initial=0)))
        if highest > _DIM:
            return int(BYTES[1])
    return highest


def _seen(values: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], bool]:
    """A sample with the least and the greatest value, and whether all are finite."""
    flat = values.reshape(-1)
    ends = np.array([values.min(), values.max()], values.dtype)  # NaN if there is any
    step = max(1, flat.size // _SAMPLED) | 1
    is_finite = values.dtype.kind != "f" or bool(np.isfinite(ends).all())
    return np.concatenate([flat[::step], ends]), is_finite


def _of(looks: Sequence[_Look]) -> FoundRange:
    """The range of arrays of one type."""
    array = looks[0].array
    if array.dtype.kind == "b":
        return FoundRange(BYTES)
    if are_bytes(array):
        is_bits = all(look.high <= 1 for look in looks)
        return _said(FRACTIONS, BYTES) if is_bits else _if_dim(FoundRange(BYTES), max(look.brightest for look in looks))
    values = np.concatenate([look.sample for look in looks])
    return _of_fractions(values) if array.dtype.kind == "f" else _of_numbers(values, _full(array.dtype))


def _whole(array: ArrayHead) -> Range:
    """Black and white by the type alone."""
    if are_bytes(array):
        return BYTES
    return FRACTIONS if array.dtype.kind == "f" else _full(array.dtype) or BYTES


def _full(dtype: np.dtype[Any]) -> Range | None:
    """The whole range of 16 bits; longer numbers are no pictures of that many bits."""
    if dtype.itemsize > 2:
        return None
    limits = np.iinfo(dtype)
    return float(limits.min), float(limits.max)


def _of_numbers(values: npt.NDArray[Any], full: Range | None) -> FoundRange:
    found = range_of(values, full)
    if found == BYTES:
        return _if_dim(FoundRange(found), float(values.max()))
    return FoundRange(found) if found == full else _said(found, full or BYTES)


def _if_dim(found: FoundRange, brightest: float) -> FoundRange:
    """``found``, 0 to 255, with a doubt where the ``brightest`` value is far below."""
    if brightest > _DIM:
        return found
    value = short(brightest)
    text = (
        f"The brightest value in the pictures is {value}, where 255 is white: either they are dark, or another "
        "value is white. Unless one is chosen, they are read as 0 to 255."
    )
    own = Reading(f"0 to {value} are black to white", (("value_range", range_text((0.0, brightest))),))
    whole = Reading("0 to 255 are black to white: the pictures are dark", (("value_range", _WHOLE),))
    return FoundRange(found.values, doubts=(Doubt("values", text, (own, whole)),))


def _said(found: Range, other: Range) -> FoundRange:
    reading = Reading(f"{range_words(other)} are black to white", (("value_range", "full"),))
    return FoundRange(found, (Fact("values", range_note(found), (reading,)),))


def range_note(values: Range) -> str:
    """The sentence on values other than 0 to 255."""
    return f"In the pictures the values {range_words(values)} are black to white."


def _of_fractions(values: npt.NDArray[Any]) -> FoundRange:
    values = values[np.isfinite(values)].astype(np.float64)
    if not len(values):
        return FoundRange(FRACTIONS)  # reading will name the first value that is not finite
    low, high = float(values.min()), float(values.max())
    if low >= 0 and high <= 1:
        return FoundRange(FRACTIONS)
    if low >= -1 and high <= 1:
        return _said(_SIGNED, FRACTIONS)
    if low >= 0 and high <= 255 and (high > 16 or bool((values == np.rint(values)).all())):
        return _if_dim(_said(BYTES, FRACTIONS), high)
    near, far = np.percentile(values, (0.5, 99.5))
    if near >= 0 and far <= 1:
        return FoundRange(FRACTIONS)  # a few stray values: reading names the first
    found = range_of_fractions(values)
    text = f"The pictures are fractions from {range_words((low, high))}, so it is not clear what is black and white."
    readings = tuple(
        Reading(f"{range_words(each)} are black to white", (("value_range", range_text(each)),))
        for each in dict.fromkeys((found, range_of_fractions(np.array([-high, high] if low < 0 else [0, high]))))
    )
    return FoundRange(found, doubts=(Doubt("values", text, readings),))
