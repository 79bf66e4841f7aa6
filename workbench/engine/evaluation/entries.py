"""What can be evaluated: a file of weights, or one of the sets of weights that a finished run has saved."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import paths_text
from workbench.engine.run_store.finished_runs import FinishedRun, is_other_weights, members, opened
from workbench.engine.weights.find_weights import SUFFIXES


@dataclass(frozen=True, slots=True)
class Entry:
    """Weights to evaluate.

    ``run`` is set for a run folder, and for a snapshot or an average inside one. ``problem`` says in a sentence why a
    folder is no finished run; it is empty otherwise.
    """

    path: Path
    run: FinishedRun | None = None
    problem: str = ""

    @property
    def name(self) -> str:
        """The run's name (with its snapshot or average), or the file's name."""
        return self.run.name if self.run is not None else self.path.name

    @property
    def weights(self) -> Path:
        """The file that holds the weights."""
        return self.run.weights if self.run is not None else self.path


def expanded(paths: Iterable[Path]) -> tuple[Path, ...]:
    """``paths`` in order, each file or folder once; the folder of an ensemble is replaced by those of its members."""
    every = (each for path in paths for each in (members(path) or (path,)))
    once: dict[Path, Path] = {}
    for path in every:
        once.setdefault(path.resolve(), path)
    return tuple(once.values())


def entry_at(path: Path) -> Entry:
    """The entry at ``path``. Reads a run's settings and log, but no weights; does not raise for a damaged run."""
    if not is_of_a_run(path):
        return Entry(path)
    try:
        return Entry(path, opened(path.resolve()))
    except WorkbenchError as error:
        return Entry(path, problem=(files_in(path) or error.message) if path.is_dir() else "")


def files_in(folder: Path) -> str:
    """A sentence on a folder that is no run and holds files of weights; else empty."""
    if (folder / "spec.toml").exists():
        return ""
    names = sorted(each.name for each in folder.iterdir() if each.suffix.lower() in SUFFIXES and each.is_file())
    if not names:
        return ""
    which = f"open {names[0]} in it" if len(names) == 1 else f"open one of its files: {paths_text(names, 4)}"
    return f"{folder} is no folder of a run; {which}."


def is_of_a_run(path: Path) -> bool:
    """Whether ``path`` is taken for a run: a folder, or a file named like a snapshot or average beside settings."""
    return path.is_dir() or (is_other_weights(path) and (path.parent / "spec.toml").is_file())


def short_name(path: Path) -> str:
    """A name for ``path`` that tells it from others, from the path alone: as FinishedRun.name for what a run saved."""
    if not is_of_a_run(path):
        return path.name
    folder = path if path.is_dir() else path.parent
    is_member = folder.name.startswith("member-")
    run = f"{folder.parent.name}/{folder.name}" if is_member else folder.name
    return run if path.is_dir() else f"{run}/{path.stem}"
