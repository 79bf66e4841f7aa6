"""The result of an evaluation as one JSON object, for a script."""

from __future__ import annotations

import json
from typing import Any

from workbench.engine.core.events import Measured
from workbench.engine.evaluation.results import EntryFailed, EntryMeasured, Evaluation


def as_json(result: Evaluation) -> str:
    """``examples`` and their ``count``, ``measured`` (a list), ``average`` (null for fewer than two) and ``failed``.

    Accuracies are from 0 to 1, losses in nats; ``assumed`` is empty where the file says how its pictures are prepared.
    """
    made = {
        "examples": result.examples,
        "count": result.count if result.measured else 0,
        "measured": [_entry(each) for each in result.measured],
        "average": None if result.averaged is None else _figures(result.averaged),
        "failed": [_failed(each) for each in result.failed],
        "notes": list(result.data_notes),
    }
    return json.dumps(made, indent=1)


def _entry(each: EntryMeasured) -> dict[str, Any]:
    about = {"name": each.name, "path": str(each.path), "network": each.title, "parameters": each.parameters}
    said = {"preprocessing": each.preprocessing, "assumed": each.assumed, "doubt": each.doubt}
    return {**about, **_figures(each.measured), **said, "notes": list(each.notes)}


def _failed(each: EntryFailed) -> dict[str, str]:
    return {"name": each.name, "path": str(each.path), "reason": each.message, "advice": each.advice}


def _figures(measured: Measured) -> dict[str, float]:
    names = ("accuracy", "accuracy_se", "loss", "loss_se")
    return {name: getattr(measured, name) for name in names}
