"""An explanation of a run's curves: a sentence, its evidence with the place on the curve, and the advice."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

from workbench.engine.report.curve import Curve
from workbench.engine.report.suggestions import Suggestion, tested_from


@dataclass(frozen=True, slots=True)
class Evidence:
    """``words`` have the numbers; they are read from the curve between the steps ``first`` and ``last``."""

    words: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """What ``rule`` (a name for programs) says. ``suggestion`` is None where no setting would show it."""

    rule: str
    sentence: str
    evidence: tuple[Evidence, ...]
    suggestion: Suggestion | None = None

    @property
    def edits(self) -> tuple[tuple[str, Any], ...]:
        """The settings to change (path, value) in a run that tests it; none without advice."""
        return ((self.suggestion.path, self.suggestion.value),) if self.suggestion is not None else ()


class Rule(ABC):
    """One reason for how curves look; it speaks only where its evidence is clear."""

    name: ClassVar[str]
    sentence: ClassVar[str]

    @abstractmethod
    def explained(self, curve: Curve) -> Explanation | None:
        """What it says of ``curve``; None where it is silent."""

    def says(
        self, *evidence: Evidence, suggestion: Suggestion | None = None, sentence: str | None = None
    ) -> Explanation:
        """Its explanation with this evidence; a fork that tests the advice begins where that begins."""
        if suggestion is not None:
            suggestion = tested_from(suggestion, evidence[0].first)
        return Explanation(self.name, sentence or self.sentence, evidence, suggestion)
