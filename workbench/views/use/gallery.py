"""Small pictures with two lines of their own below each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from workbench.views.data.thumbnails import ThumbnailModel


class CaptionedModel(ThumbnailModel):
    """``captions`` has the two lines for each example of the catalogue."""

    shows_parts: ClassVar[bool] = False
    captions: Sequence[tuple[str, str]] = ()

    def lines(self, example: int) -> tuple[str, str]:
        return self.captions[example]

    def words(self, example: int) -> str:
        found = self.found
        assert found is not None
        name = found.files[example] if found.files else found.names[example]
        return "\n".join((name, *self.captions[example]))
