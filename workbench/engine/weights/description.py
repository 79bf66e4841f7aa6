"""A weights file in plain words and numbers, as a window shows it: no tensors."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.engine.core.progress import Loading, finished
from workbench.engine.weights.input_spec import Origin
from workbench.engine.weights.matching import OPTIONAL, Wrong, shown_name
from workbench.engine.weights.open_with_progress import opening

if TYPE_CHECKING:
    from torch import Tensor

    from workbench.engine.weights.recognise import Recognised


@dataclass(frozen=True, slots=True)
class Description:
    """What is in a file of weights. ``title`` is the network's, empty if it is none that this program knows.

    ``classes`` is 0 where the file has no head that says it. ``wrong`` are name, saved shape and expected shape;
    ``usable`` says whether the network can be built from the file, ``reusable`` whether all but the head can.
    """

    path: Path
    format: str
    bytes: int
    sha256: str
    title: str
    classes: int
    input: tuple[int, ...]
    parameters: int
    matches: int
    missing: tuple[str, ...]
    left_over: tuple[str, ...]
    wrong: tuple[Wrong, ...]
    notes: tuple[str, ...]
    origin: Origin | None
    usable: bool
    reusable: bool = False

    @property
    def verdict(self) -> str:
        """One sentence: what it is and whether it fits."""
        if not self.title:
            return "These are weights, but of no network that this program knows; their layers are listed below."
        if self.usable:
            return f"{self.title}, {self.classes} classes: all {self.matches} tensors match."
        if self.reusable:
            old = f"Its head for {self.classes} classes is another" if self.classes else "Its head is missing"
            return f"{self.title}: all {self.matches} tensors below the head match. {old}; a new one replaces it here."
        parts = [
            f"{count} {words}"
            for count, words in (
                (len(self.missing), "missing"),
                (len(self.left_over), "left over"),
                (len(self.wrong), "of another shape"),
            )
            if count
        ]
        if not parts:
            odd = "NaN, infinity or a negative variance"
            return f"{self.title}, {self.classes} classes, but with numbers that cannot be used ({odd})."
        return f"Most like {self.title}, but it does not fit: {self.matches} tensors match, {', '.join(parts)}."


def parameters_in(tensors: Mapping[str, Tensor]) -> int:
    """The number of learned parameters: without the statistics and counts of norm layers, whatever their kind."""
    kept = (t for n, t in tensors.items() if t.is_floating_point() and "running_" not in n and not n.endswith(OPTIONAL))
    return sum(prod(tensor.shape) for tensor in kept)


def describe(path: Path) -> Description:
    """Read ``path`` and say what it is. Raises WorkbenchError with a sentence if it is no file of weights."""
    description: Description = finished(describing(path))
    return description


def describing(path: Path) -> Generator[Loading, None, Description]:
    """As ``describe``, with signs of life; it can be closed at any moment."""
    file, found, origin = yield from opening(path)
    base = (file.path, file.format, path.stat().st_size, file.sha256)
    parameters = parameters_in(file.tensors)
    if found is None:
        return Description(*base, "", 0, (), parameters, 0, (), tuple(file.tensors), (), file.notes, None, False)
    return Description(
        *base,
        found.title,
        _classes(found),
        found.shape,
        parameters,
        len(found.matches),
        tuple(map(shown_name, found.missing)),
        found.left_over,
        tuple((shown_name(name), saved, expected) for name, saved, expected in found.wrong),
        (*file.notes, *found.notes),
        origin,
        found.is_whole and not file.broken,
        found.fits_below_head and not file.broken,
    )


def _classes(found: Recognised) -> int:
    """How many classes its head has; 0 without any head."""
    return found.classes if found.has_head or found.left_over else 0
