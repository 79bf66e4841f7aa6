"""Picture files as a catalogue, for a view of small pictures."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from workbench.engine.data.browse import Catalogue, Part

_FIXED: Final = "They are no part of the data."


def listed(files: Sequence[Path]) -> Catalogue:
    """``files`` in their order, without a class. They cannot be left out: they belong to no data set."""
    paths, count = tuple(map(os.fspath, files)), len(files)
    none = np.zeros(count, np.int64)
    parts = np.full(count, Part.UNUSED, np.uint8)
    return Catalogue(("",), paths, paths, none, none, parts, np.arange(count), why_fixed=_FIXED)
