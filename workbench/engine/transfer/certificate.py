"""The proof that what was frozen has not changed: SHA-256 of every tensor, before and after; and what did change."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from workbench.engine.core.atomic_write import write_whole
from workbench.engine.core.callbacks import Callback
from workbench.engine.core.events import Certified
from workbench.engine.core.text import counted

FILE = "certificate.json"
#: At most this many names are listed in a sentence.
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


class Certificate(Callback):
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
        """How far each tensor has moved from its start, as a share of its length then; 0 is left out.

        A counter (batch norm's of its batches) has no length: what was counted.
        """
        moved = {name: relative(self._initial[name], tensor) for name, tensor in self._tensors.items()}
        return {name: share for name, share in moved.items() if share}

    def shares(self, blocks: Mapping[str, str]) -> dict[str, float | None]:
        """How far the weights of each block that learned have moved, all together, as a share of their length.

        None if they started at zero or are NaN. Of a block in which no weight changed it is that of its
        statistics; counters do not count.
        """
        found: dict[str, float | None] = {}
        for kind in (True, False):  # weights first
            sums: dict[str, list[float]] = {}
            for name, tensor in self._tensors.items():
                if tensor.is_floating_point() and isinstance(tensor, nn.Parameter) is kind:
                    old = self._initial[name].cpu().double()
                    both = sums.setdefault(blocks.get(name, ""), [0.0, 0.0])
                    both[0] += float((tensor.detach().cpu().double() - old).square().sum())
                    both[1] += float(old.square().sum())
            for block, (change, length) in sums.items():
                if change and block not in found:
                    share = math.sqrt(change / length) if length else math.inf
                    found[block] = share if math.isfinite(share) else None
        return found

    def measure(self, name: str) -> str:
        """The share by which a changed tensor has moved."""
        if not self._tensors[name].is_floating_point():
            return "counted"
        return "relative_change" if self._initial[name].any() else "length_from_zero"

    def begin(self) -> None:
        """Take the current tensors as the start."""
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
    change = float((new.detach().cpu().double() - old.cpu().double()).norm())
    length = float(old.cpu().double().norm()) if old.is_floating_point() else 0.0
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
                {"tensor": name, "block": blocks.get(name, ""), certificate.measure(name): share}
                for name, share in sorted(changed.items(), key=lambda item: -item[1])
            ],
        }
        write_whole(folder / FILE, json.dumps(table, indent=1, allow_nan=True).encode())
    words = _words(broken, whole, spans, changed)
    shares = certificate.shares(blocks)
    return Certified(step, not broken, len(whole), broken, tuple(shares), tuple(shares.values()), path, words)


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


def _words(
    broken: tuple[str, ...], whole: tuple[str, ...], spans: tuple[Span, ...], changed: Mapping[str, float]
) -> str:
    if broken:
        named = ", ".join(broken[:NAMED]) + (f" and {len(broken) - NAMED} more" if len(broken) > NAMED else "")
        was = "was" if len(broken) == 1 else "were"
        return f"The proof has failed: {named} {was} frozen but changed. Do not trust these weights."
    if not spans:
        return f"Nothing was frozen; {counted(len(changed), 'tensor')} changed."
    parts = len({span.name for span in spans}) - len(whole)
    if parts:  # some of them learned before or after, so they are among those that changed
        while_frozen = f"{parts} that were frozen for a part of it did not change while they were"
        always = f"{len(whole)} tensors, frozen all the time, are the same to the last bit" if whole else ""
        return f"Proven: {'; '.join(filter(None, (always, while_frozen)))}. {len(changed)} have changed in all."
    frozen, others = counted(len(whole), "frozen tensor is", "frozen tensors are"), counted(len(changed), "other")
    return f"Proven: {frozen} the same to the last bit; {others} changed."
