"""The optional extra that exports to ONNX; loads neither it nor torch."""

from __future__ import annotations

from typing import Final

from workbench.engine.core.extras import is_installed, needs_extra

PACKAGES: Final = ("onnx", "onnxscript", "onnxruntime")
MISSING: Final = needs_extra("The export to ONNX", "onnx", ", ".join(PACKAGES))


def why_no_onnx() -> str:
    """The sentence that says what is missing; empty where all is there."""
    return "" if is_installed(PACKAGES) else MISSING
