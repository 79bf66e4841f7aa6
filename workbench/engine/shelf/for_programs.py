"""Runs as plain data for other programs: what ``runs --json``, ``show --json`` and ``compare --json`` print.

The names are kept from version to version; a number that is not finite or not known is null.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

from workbench.engine.core.events import EpochEnded, Evaluated, Measured
from workbench.engine.core.text import plain
from workbench.engine.shelf.compare import Comparison
from workbench.engine.shelf.noise import Versus
from workbench.engine.shelf.opened import events_of
from workbench.engine.shelf.record import Point, RunRecord


def run_object(record: RunRecord) -> dict[str, Any]:
    """One run. Accuracies are shares of 1, losses mean cross-entropy in nats, ``seconds`` without pauses."""
    best, last = record.best, record.last
    return {
        "name": record.name,
        "folder": str(record.folder),
        "status": record.status,
        "reason": plain(record.reason),
        "best_accuracy": record.best_accuracy,
        "best_epoch": None if best is None else best.epoch,
        "last": _point(last),
        "test_accuracy": record.test,
        "averaged_accuracy": record.averaged,
        "seconds": record.seconds,
        "step": record.step,
        "epoch": record.epoch,
        "epochs": record.epochs,
        "settings": dict(record.settings),
        "changes": [{"step": c.step, "path": c.path, "old": c.old, "new": c.new} for c in record.changes],
        "data": record.data,
        "title": record.title,
        "tags": list(record.about.tags),
        "note": record.about.note,
        "pinned": record.about.pinned,
        "hidden": record.about.hidden,
        "started": record.started.isoformat(),
        "seed": record.seed,
        "parent": record.parent or None,
        "parent_step": record.parent_step,
        "members": record.members,
        "parameters": record.parameters,
        "bytes": record.size,
        "resumable": not record.obstacle,
        "problem": record.problem,
    }


def shown_object(record: RunRecord, members: Sequence[RunRecord] = ()) -> dict[str, Any]:
    """One run with all its evaluations, and the members of an ensemble or folds, as far as they are runs."""
    evaluations = [
        {
            "epoch": event.epochs_done + (not isinstance(event, EpochEnded)),
            "step": event.step,
            "seconds": event.seconds,
            "train": _measured(event.train_eval),
            "validation": _measured(event.val),
            "best": event.is_best and event.step > 0,
        }
        for event in events_of(record.folder)
        if isinstance(event, Evaluated)
    ]
    below = [run_object(member) for member in members]
    return {**run_object(record), "evaluations": evaluations, "member_runs": below}


def comparison_object(found: Comparison) -> dict[str, Any]:
    """Runs, the settings that differ (a value in words for each run), and what differs from the first run."""
    return {
        "runs": [run_object(record) for record in found.records],
        "differences": [{"path": r.path, "label": r.label, "values": list(map(plain, r.values))} for r in found.rows],
        "against_first": [
            {"name": other.record.name, "words": plain(other.words), "accuracy": _versus(other.versus)}
            for other in found.others
        ],
    }


def json_text(value: Any) -> str:
    """``value`` as JSON that every program reads: ASCII, no NaN."""
    return json.dumps(_finite(value), indent=2, allow_nan=False)


def _point(point: Point | None) -> dict[str, Any]:
    """Of a run that has measured nothing every value is null."""
    return {
        "train": _measured(None if point is None else point.train),
        "validation": _measured(None if point is None else point.val),
        "epoch": None if point is None else point.epoch,
        "step": None if point is None else point.step,
    }


def _measured(measured: Measured | None) -> dict[str, Any]:
    if measured is None:
        return {"accuracy": None, "loss": None}
    return {"accuracy": measured.accuracy, "loss": measured.loss}


def _versus(versus: Versus | None) -> dict[str, Any] | None:
    if versus is None:
        return None
    return {
        "difference": versus.difference,
        "margin": versus.margin,
        "runs": list(versus.runs),
        "more_than_noise": None if versus.obstacle else versus.is_more_than_noise,
        "words": plain(versus.words),
    }


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {str(name): _finite(each) for name, each in value.items()}
    return [_finite(each) for each in value] if isinstance(value, (list, tuple)) else value
