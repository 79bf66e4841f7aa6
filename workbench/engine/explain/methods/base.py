"""The family of methods that give a map over the picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
import numpy.typing as npt

from workbench.engine.catalog.variant import Variant
from workbench.engine.core.progress import Job

if TYPE_CHECKING:
    from workbench.engine.explain.subject import Subject

Map = npt.NDArray[np.float64]


class Method(Variant):
    """``unit`` is that of a map's values, ``limits`` says what the method does not show, ``source`` is the paper.

    ``is_signed``: values below zero speak against the class. ``uses_layer``: its map has the places of a layer.
    """

    unit: ClassVar[str] = ""
    limits: ClassVar[str] = ""
    source: ClassVar[str] = ""
    is_signed: ClassVar[bool] = False
    uses_layer: ClassVar[bool] = False

    def attributing(self, subject: Subject) -> Job[Map]:
        """The map, float64 (h, w), over the whole of the picture at the network's input. Raises WorkbenchError."""
        raise NotImplementedError
