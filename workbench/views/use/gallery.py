"""Small pictures with lines of their own below each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from workbench.views.data.thumbnails import ThumbnailModel


class CaptionedModel(ThumbnailModel):
    """``captions`` has the ``line_count`` lines for each example of the catalogue."""

    shows_parts: ClassVar[bool] = False
    side_quarters: ClassVar[int] = 26
    words_quarters: ClassVar[int] = 30
    captions: Sequence[tuple[str, ...]] = ()

    def lines(self, example: int) -> tuple[str, ...]:
        return self.captions[example]

    def words(self, example: int) -> str:
        found = self.found
        assert found is not None
        name = found.files[example] if found.files else found.names[example]
        return "\n".join((name, *self.captions[example]))


class NeighboursModel(CaptionedModel):
    """Below each: its class, the predicted class, the distance; a line for each, so that names are seen whole."""

    line_count: ClassVar[int] = 3
