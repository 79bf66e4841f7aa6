"""The proof that what was frozen has not changed: SHA-256 of every tensor, before and after; and what did change."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from workbench.engine.companions import Companion
from workbench.engine.events import Certified
from workbench.engine.files import write_whole

FILE = "certificate.json"
#: So many names stand in a sentence.
NAMED = 3


@dataclass(frozen=True, slots=True)
class Span:
    """One tensor was frozen from step ``since`` to step ``until``; its hash at both ends (None: not yet)."""

    name: str
    since: int
    until: int | None
    before: str
    after: str | None

    @property
    def holds(self) -> bool:
        """Whether it has not changed."""
        return self.before == self.after


class Certificate(Companion):
    """Watches the tensors of one network. ``tensors`` are its parameters and buffers by name, as they are now."""

    name = "certificate"

    def __init__(self, tensors: Mapping[str, Tensor]) -> None:
        self._tensors = tensors
        self._initial = {name: tensor.detach().clone() for name, tensor in tensors.items()}
        self._spans: list[Span] = []

    @property
    def frozen(self) -> frozenset[str]:
        """The tensors that are frozen now."""
        return frozenset(span.name for span in self._spans if span.until is None)

    def follow(self, frozen: Iterable[str], step: int) -> None:
        """From ``step`` on exactly these are frozen: others' proofs end here, new ones begin."""
        wanted = set(frozen)
        self._spans = [s if s.until is not None or s.name in wanted else self._ended(s, step) for s in self._spans]
        for name in sorted(wanted - self.frozen):
            self._spans.append(Span(name, step, None, digest(self._tensors[name]), None))

    def close(self, step: int) -> tuple[Span, ...]:
        """All spans, the open ones compared with the tensors as they are now; they stay open."""
        return tuple(span if span.until is not None else self._ended(span, step) for span in self._spans)

    def changed(self) -> dict[str, float]:
        """How far each tensor of numbers has moved from its start, as a share of its length then; 0 is left out."""
        moved = {name: relative(self._initial[name], tensor) for name, tensor in self._tensors.items()}
        return {name: share for name, share in moved.items() if share}

    def begin(self) -> None:
        """What the network holds now is its start."""
        self._initial = {name: tensor.detach().clone() for name, tensor in self._tensors.items()}
        frozen, self._spans = self.frozen, []
        self.follow(frozen, 0)

    def state(self) -> dict[str, Any]:
        # How the parameters began follows from the settings; buffers may have been measured since (``begin``).
        buffers = (name for name, tensor in self._tensors.items() if not isinstance(tensor, nn.Parameter))
        return {
            "spans": [[s.name, s.since, s.until, s.before, s.after] for s in self._spans],
            "buffers": {name: self._initial[name].clone() for name in buffers},
        }

    def restore(self, saved: dict[str, Any]) -> None:
        self._spans = [Span(*each) for each in saved.get("spans", [])]
        self._initial |= {name: tensor.clone() for name, tensor in saved.get("buffers", {}).items()}

    def _ended(self, span: Span, step: int) -> Span:
        return Span(span.name, span.since, step, span.before, digest(self._tensors[span.name]))


def digest(tensor: Tensor) -> str:
    """SHA-256 of the shape, the type and the bytes of ``tensor``."""
    plain = tensor.detach().cpu().contiguous()
    found = hashlib.sha256(f"{tuple(plain.shape)} {plain.dtype} ".encode())
    found.update(plain.reshape(-1).view(torch.uint8).numpy().tobytes())
    return found.hexdigest()


def relative(old: Tensor, new: Tensor) -> float:
    """The length of the change as a share of the old length; from zero the change itself."""
    change = float((new.detach().double() - old.double()).norm())
    length = float(old.double().norm())
    return change / length if length else change


def certified(certificate: Certificate, step: int, blocks: Mapping[str, str], folder: Path | None) -> Certified:
    """The event, and the file in ``folder``. ``blocks`` says to which block each tensor belongs.

    Raises WorkbenchError if the file cannot be written.
    """
    spans, changed = certificate.close(step), certificate.changed()
    broken = tuple(dict.fromkeys(span.name for span in spans if not span.holds))
    whole = tuple(s.name for s in spans if s.since == 0 and s.until == step and s.name not in broken)
    path = "" if folder is None else str(folder / FILE)
    if folder is not None:
        table = {
            "proven": not broken,
            "steps": step,
            "frozen": [_row(span, blocks) for span in spans],
            "changed": [
                {"tensor": name, "block": blocks.get(name, ""), "relative_change": share}
                for name, share in sorted(changed.items(), key=lambda item: -item[1])
            ],
        }
        write_whole(folder / FILE, json.dumps(table, indent=1, allow_nan=True).encode())
    words = _words(broken, whole, spans, changed)
    largest = _largest(changed, blocks)
    return Certified(step, not broken, len(whole), broken, tuple(largest), tuple(largest.values()), path, words)


def _row(span: Span, blocks: Mapping[str, str]) -> dict[str, Any]:
    return {
        "tensor": span.name,
        "block": blocks.get(span.name, ""),
        "from_step": span.since,
        "to_step": span.until,
        "sha256_before": span.before,
        "sha256_after": span.after,
        "unchanged": span.holds,
    }


def _largest(changed: Mapping[str, float], blocks: Mapping[str, str]) -> dict[str, float]:
    """The largest relative change of any tensor in each block that changed."""
    found: dict[str, float] = {}
    for name, share in changed.items():
        block = blocks.get(name, "")
        found[block] = max(found.get(block, 0.0), share)
    return found


def _words(
    broken: tuple[str, ...], whole: tuple[str, ...], spans: tuple[Span, ...], changed: Mapping[str, float]
) -> str:
    if broken:
        named = ", ".join(broken[:NAMED]) + (f" and {len(broken) - NAMED} more" if len(broken) > NAMED else "")
        was = "was" if len(broken) == 1 else "were"
        return f"The proof has failed: {named} {was} frozen and changed all the same. Do not trust these weights."
    if not spans:
        return f"Nothing was frozen; {len(changed)} tensors changed."
    parts = len({span.name for span in spans}) - len(whole)
    some = f", {parts} more while they were frozen" if parts else ""
    others = "1 other" if len(changed) == 1 else f"{len(changed)} others"
    return f"Proven: {len(whole)} frozen tensors are the same to the last bit{some}; {others} changed."
