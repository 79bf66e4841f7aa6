"""Parts that are held back and have one class alone, while training has others: hardly what was meant."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from workbench.engine.catalog.datasets.understanding import Doubt, Reading
from workbench.engine.core.text import grouped

_HELD: Final = ("validation", "test")


def one_class_doubts(
    trained: Collection[str], held: Mapping[str, Sequence[str]], without: Mapping[str, Reading]
) -> Iterator[Doubt]:
    """A doubt for each part of ``held`` (part to the class of each example) that has one of the ``trained`` classes.

    ``without`` are the readings that do not use a part, where there is such.
    """
    for part in _HELD:
        names = set(held.get(part, ()))
        if len(names) == 1 and len(held[part]) > 1 and len(set(trained)) > 1:
            text = (
                f"All {grouped(len(held[part]))} examples of the {part} part are of one class, {names.pop()!r}, and "
                f"training has {grouped(len(set(trained)))}: {part} accuracy says nothing of the others. The part may "
                "be meant otherwise, or its class stand there for classes that are not known."
            )
            yield Doubt("files", text, (without[part],) if part in without else ())
