"""What the settings of the machine mean here and now: decided once, before step 0, and written into the run."""

from __future__ import annotations

import os
import warnings
from dataclasses import dataclass

from workbench.engine.core.errors import Mend, Problem, SpecError
from workbench.engine.nn.arithmetic import Arithmetic, why_no_bf16
from workbench.engine.spec.experiment import ExperimentSpec, LoopSpec


@dataclass(frozen=True, slots=True)
class Resolved:
    """The device and thread count of a run; ``note`` tells the user if it is not what was asked for."""

    device: str
    threads: int
    note: str = ""


def resolve(loop: LoopSpec) -> Resolved:
    """Choose the device (a GPU if there is one and it is wanted) and the threads (all cores but one, shared by the
    processes of the run; at least 1).

    The rule is the same with and without a window, so that the same spec gives the same numbers in both.
    """
    device, note = _device(loop.device)
    if device == "cpu" and loop.processes > 1:
        words = f"The {loop.processes} processes share this processor's cores, as none has a GPU."
        note = f"{note} {words}".strip()
    return Resolved(device, loop.threads or max(1, (cores() - 1) // loop.processes), note)


def arithmetic_of(spec: ExperimentSpec, device: str) -> Arithmetic:
    """How the network of ``spec`` answers in training. Raises SpecError where ``device`` cannot compute so."""
    loop = spec.loop
    reason = why_no_bf16(device) if loop.precision == "bf16" else ""
    if reason:
        words = f"cannot be bfloat16. {reason} Choose float32, with which a begun run goes on with other numbers"
        raise SpecError([Problem("loop.precision", words, mends=(Mend("float32", "loop.precision", "float32"),))])
    return Arithmetic(loop.precision, loop.memory_format if spec.model.has_convolutions else "contiguous")


def cores() -> int:
    """The processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _device(wanted: str) -> tuple[str, str]:
    note = ""
    if wanted in ("auto", "cuda"):
        found, why = _cuda()
        if found:
            return "cuda", ""
        if wanted == "cuda":
            return "cpu", f"No usable NVIDIA GPU was found, so the CPU trains.{why}"
        note = why and f"The GPU cannot be used, so the CPU trains.{why}"
    if wanted in ("auto", "mps"):
        import torch

        if torch.backends.mps.is_available():
            return "mps", ""
        if wanted == "mps":
            return "cpu", "No Apple GPU was found, so the CPU trains."
    return "cpu", note


def _cuda() -> tuple[bool, str]:
    import torch

    with warnings.catch_warnings(record=True) as said:
        # An old driver is a warning of torch; it belongs into the status bar, not on stderr.
        warnings.simplefilter("always")
        found = torch.cuda.is_available()
    return found, "".join(f" {str(w.message).splitlines()[0]}" for w in said[:1])
