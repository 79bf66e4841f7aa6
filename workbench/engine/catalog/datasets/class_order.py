"""The setting that says which class is which output of the network: 0, 1, 2 …

Measuring and transfer go by the names of classes, which weights hold, so any order gives the same accuracy. It matters
to programs that number classes by themselves, and to the eye in tables and confusion matrices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Final

import numpy as np

from workbench.engine.catalog.datasets.folders.choices import BETWEEN, names_text
from workbench.engine.catalog.datasets.understanding import Fact, Reading
from workbench.engine.catalog.knob import Knob
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import paths_text, quoted
from workbench.engine.pictures.class_folders import ClassFolders, Whole, composed, natural

ClassOrder = Annotated[
    str,
    Knob(
        "Order of classes",
        "Which class is output 0, 1, 2 … of the network. auto: natural order (1, 2, 10). text: letter by letter "
        "(1, 10, 2), as torchvision and Keras number folders. Or the names of the classes separated by |; those that "
        "are not named follow in natural order. Accuracies and the split stay the same, and weights hold the names.",
    ),
]
_NAMED: Final = 8
#: The reverse of more classes than these is not offered.
_TURNED: Final = 20
_NATURAL: Final = Reading("Natural order: 1, 2, 10", (("class_order", "auto"),))
_TEXT: Final = Reading("Letter by letter, as torchvision and Keras: 1, 10, 2", (("class_order", "text"),))


def ordered_names(names: Sequence[str], order: str) -> tuple[str, ...]:
    """``names`` in the ``order`` of the setting. Raises WorkbenchError for a name that is not among them."""
    if order.strip().lower() == "auto":
        return tuple(sorted(names, key=natural))
    if order.strip().lower() == "text":
        return tuple(sorted(names, key=composed))
    known = {composed(name): name for name in names}
    given = list(dict.fromkeys(composed(each.strip()) for each in order.split(BETWEEN) if each.strip()))
    for each in given:
        if each not in known:
            there: list[str] = sorted(names, key=natural)
            text = (
                f"The order of classes names {quoted(each)}, which is none of the classes: {paths_text(there, _NAMED)}."
            )
            raise WorkbenchError(text, "data.source.class_order")
    return tuple(known.pop(each) for each in given) + tuple(sorted(known.values(), key=natural))


def in_order(files: ClassFolders, order: str) -> ClassFolders:
    """``files`` with their classes in ``order``, empty for their own. Raises WorkbenchError.

    The split is drawn in the order before.
    """
    classes = ordered_names(files.classes, order) if order else files.classes
    if classes == files.classes:
        return files
    place = np.array([classes.index(name) for name in files.classes], np.int64)
    rows = np.arange(len(files.files))
    whole = files.whole or Whole(files.classes, files.files, files.labels, files.validation, files.groups, rows)
    return replace(files, classes=classes, labels=place[files.labels], whole=whole)


def order_fact(classes: Sequence[str], order: str) -> Fact:
    """Which class is which output, and the other orders that differ; none for an empty ``order``, the set's own."""
    said = paths_text([f"{number} {name}" for number, name in enumerate(classes)], _NAMED)
    text = f"Outputs of the network: {said}."
    return Fact("classes", text, _other_orders(classes) if order else ())


def _other_orders(classes: Sequence[str]) -> tuple[Reading, ...]:
    orders = ((ordered_names(classes, "auto"), _NATURAL), (ordered_names(classes, "text"), _TEXT))
    others = [reading for names, reading in orders if names != tuple(classes)]
    if not others and len(classes) <= _TURNED:
        turned = tuple(reversed(classes))
        others = [Reading(f"The other way round: {paths_text(turned, _NAMED)}", (("class_order", names_text(turned)),))]
    return tuple(others)
