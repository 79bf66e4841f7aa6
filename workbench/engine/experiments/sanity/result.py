"""What a sanity check found."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, Literal

from workbench.engine.core.progress import Loading
from workbench.engine.core.text import counted

Outcome = Literal["pass", "fail", "skipped"]


@dataclass(frozen=True, slots=True)
class Result:
    """``name`` is for programs, ``title`` for people; ``value`` is the number that decided, None where none did.

    ``words`` say what was measured, or why the check was skipped; ``advice`` is what to do next, empty for nothing.
    """

    name: str
    title: str
    outcome: Outcome
    words: str
    value: float | None = None
    advice: str = ""

    def plain(self) -> dict[str, Any]:
        """As a JSON object."""
        keys = "name", "title", "outcome", "value", "words", "advice"
        return {key: getattr(self, key) for key in keys}


#: A check at work: yields how far it is and returns what it found.
Checking = Generator[Loading, None, Result]
#: All checks at work: yields progress and each result as it comes, and returns all results.
SanityJob = Generator[Loading | Result, None, tuple[Result, ...]]


def tally(results: tuple[Result, ...]) -> str:
    """All in one sentence."""
    failed = [each for each in results if each.outcome == "fail"]
    skipped = sum(each.outcome == "skipped" for each in results)
    left = f" {counted(skipped, 'check was', 'checks were')} skipped." if skipped else ""
    if failed:
        return f"{counted(len(failed), 'check')} failed: {', '.join(each.title for each in failed)}.{left}"
    return f"Nothing speaks against a long run.{left}"
