"""A record as the text that the index keeps, and back."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from workbench.engine.core.events import Measured
from workbench.engine.shelf.about import About
from workbench.engine.shelf.record import LiveChange, Point, RunRecord


def payload_of(record: RunRecord) -> str:
    """Everything but the folder, as JSON (with Python's NaN)."""
    said = asdict(record)
    del said["folder"]
    return json.dumps({**said, "started": record.started.isoformat()})


def record_of(folder: Path, payload: str) -> RunRecord:
    """The record that ``payload_of`` gave. Raises ValueError, KeyError or TypeError for another text."""
    said: dict[str, Any] = json.loads(payload)
    about = said["about"]
    said["about"] = About(**{**about, "tags": tuple(about["tags"])})
    said["started"] = datetime.fromisoformat(said["started"])
    said["best"], said["last"] = _point(said["best"]), _point(said["last"])
    said["sparkline"] = tuple(said["sparkline"])
    said["changes"] = tuple(LiveChange.of(each) for each in said["changes"])
    return RunRecord(folder=folder, **said)


def _point(said: dict[str, Any] | None) -> Point | None:
    if said is None:
        return None
    return Point(said["epoch"], said["step"], _measured(said["train"]), _measured(said["val"]))


def _measured(said: dict[str, Any] | None) -> Measured | None:
    return None if said is None else Measured(**said)
