"""No ensemble."""

from __future__ import annotations

from typing import ClassVar

from workbench.engine.catalog.ensembles.base import Ensemble


class Single(Ensemble):
    """One model, as usual."""

    kind: ClassVar[str] = "single"
    title: ClassVar[str] = "One model"
    summary: ClassVar[str] = "No ensemble: a single model is trained."
    order: ClassVar[int] = 10
