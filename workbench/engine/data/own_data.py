"""What was found in a dropped file or folder, and the refusal of what is no data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from workbench.engine.catalog.datasets import DataSource
from workbench.engine.catalog.variant import Variant, members_of
from workbench.engine.core.errors import WorkbenchError


@dataclass(frozen=True, slots=True)
class OwnData:
    """What was found: a source of ``kind`` whose fields are ``settings``, or the settings file ``spec_file``.

    ``name`` is what the user calls it; ``note`` is a sentence about how it was understood, where that is not obvious.
    """

    name: str
    kind: str = ""
    settings: tuple[tuple[str, Any], ...] = ()
    spec_file: Path | None = None
    note: str = ""

    def source(self, current: DataSource) -> DataSource:
        """The data source. Of ``current``, if it is of the same kind, the settings that suit any data are kept (size,
        colour); all of them if it is the same data.
        """
        cls = cast("type[DataSource]", members_of(cast("type[Variant]", DataSource))[self.kind])
        if current.kind != self.kind:
            return cls.model_validate(dict(self.settings))
        if all(getattr(current, name) == value for name, value in self.settings):
            return current
        kept = {name: getattr(current, name) for name in cls.kept_for_other_data}
        return cls.model_validate({**kept, **dict(self.settings)})


class NotData(WorkbenchError):
    """Nothing that can be learned from. ``instead`` is a folder near it that can be, if there is one; ``others`` are
    more that the message offers to open.
    """

    def __init__(self, message: str, instead: Path | None = None, others: Sequence[Path] = ()) -> None:
        super().__init__(message)
        self.instead, self.others = instead, tuple(others)
