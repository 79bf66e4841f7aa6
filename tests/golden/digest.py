"""SHA-256 of what a run folder holds: step columns, measured numbers, weights; never seconds, never whole files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file

COLUMNS = ("loss", "accuracy", "lr", "grad_norm")
_MEASURED = ("loss", "accuracy", "n", "loss_se", "accuracy_se")
#: By event class, the fields that are the same in every repetition of a run.
_FIELDS = {
    "RunStarted": ("parameters", "train_size", "val_size", "train_eval_size", "classes", "steps_per_epoch"),
    "EpochEnded": (
        *("epochs_done", "step", "lr", "running_loss", "running_accuracy", "train_eval", "val", "is_best"),
        *("epochs_without_improvement", "averages"),
    ),
    "EnsembleMeasured": ("epochs_done", "step", "members", "averaged", "parameters"),
    "Certified": ("step", "proven", "tensors", "broken", "changed", "shares"),
    "Edited": ("step", "path", "old", "new"),
    "RunEnded": ("reason", "step", "epochs_done", "best_epoch", "best_accuracy"),
}


@dataclass(frozen=True, slots=True)
class Digest:
    """Of one run: a SHA-256 for each step column, each kind of event and each file of weights.

    ``problem`` says why there is none; the rest is empty then.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    events: Mapping[str, str] = field(default_factory=dict)
    weights: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""


def digest_of(folder: Path) -> Digest:
    """The digest of a run folder, those of an ensemble's members with it."""
    columns = read_columns(folder / "steps.bin")
    return Digest(
        {name: _sha(columns[name].tobytes()) for name in COLUMNS},
        {name: _sha(json.dumps(list(_events(folder, name)), sort_keys=True).encode()) for name in _FIELDS},
        {path.relative_to(folder).as_posix(): _of_tensors(path) for path in sorted(folder.rglob("*.safetensors"))},
    )


def differing(one: Mapping[str, str], other: Mapping[str, str]) -> list[str]:
    """The names whose digests differ, or that only one of the two has."""
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


def read_columns(path: Path) -> dict[str, np.ndarray]:
    """The step columns by name, float64 (steps,): a JSON line that names them, then the rows."""
    head, _, body = path.read_bytes().partition(b"\n")
    table = json.loads(head)
    rows = np.frombuffer(body, table["dtype"]).reshape(-1, len(table["columns"]))
    return {name: rows[:, column].astype("<f8") for column, name in enumerate(table["columns"])}


def _events(folder: Path, name: str) -> Iterator[dict[str, Any]]:
    for line in (folder / "events.jsonl").read_text(encoding="utf-8").splitlines():
        event = json.loads(line)
        if event["event"] == name:
            if name == "EpochEnded" and not event["step"]:
                event["is_best"] = False  # older programs called the start the best
            yield {key: _plain(event[key]) for key in _FIELDS[name]}


def _plain(value: Any) -> Any:
    """``value`` with no more of a measurement than what is known today."""
    if isinstance(value, dict) and value.keys() >= set(_MEASURED):
        return {name: value[name] for name in _MEASURED}
    return {name: _plain(each) for name, each in value.items()} if isinstance(value, dict) else value


def _of_tensors(path: Path) -> str:
    whole = hashlib.sha256()
    for name, tensor in sorted(load_file(path).items()):
        whole.update(f"{name} {tensor.dtype.str} {tensor.shape}\n".encode())
        whole.update(np.ascontiguousarray(tensor).tobytes())
    return whole.hexdigest()


def _sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
