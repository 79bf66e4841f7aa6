"""How a table is refused."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

from workbench.engine.core.errors import WorkbenchError


def refuse(file: Path, what: str, field: str = "file") -> NoReturn:
    """Raise WorkbenchError: ``file``, a space, ``what`` and a full stop."""
    raise WorkbenchError(f"{file} {what}.", f"data.source.{field}")
