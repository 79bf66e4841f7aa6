"""What the user says of a run: a name, tags, a note, pinned or hidden; in ``about.toml`` in the run's folder."""

from __future__ import annotations

import re
import tomllib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import tomlkit

from workbench.engine.core.atomic_write import write_whole
from workbench.engine.core.toml_names import has_long_name
from workbench.engine.run_store.finished_runs import FinishedRun

NAME: Final = "about.toml"
#: A longer file (bytes), name, note or list is not one that was typed.
_MOST_BYTES: Final = 64 * 1024
_MOST_NAME, _MOST_NOTE, _MOST_TAGS = 200, 10_000, 50


@dataclass(frozen=True, slots=True)
class About:
    """The user's words about a run; ``name`` is empty where it has none of its own."""

    name: str = ""
    tags: tuple[str, ...] = ()
    note: str = ""
    pinned: bool = False
    hidden: bool = False

    @classmethod
    def of(cls, name: str = "", tags: object = (), note: str = "", pinned: bool = False, hidden: bool = False) -> About:
        """Words as they were typed, made fit: a name is one line, a tag is there once and has neither comma nor space
        at its ends."""
        typed = tags if isinstance(tags, (list, tuple)) else ()
        cleaned = dict.fromkeys(_line(str(tag)).replace(",", " ").strip() for tag in typed)
        return cls(
            _line(name)[:_MOST_NAME],
            tuple(tag[:_MOST_NAME] for tag in cleaned if tag)[:_MOST_TAGS],
            note.strip()[:_MOST_NOTE],
            pinned,
            hidden,
        )


def read_about(folder: Path) -> tuple[About, str]:
    """What ``folder`` says, and a sentence if its file cannot be read; nothing is said where there is no file."""
    try:
        with (folder / NAME).open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except FileNotFoundError:
        return About(), ""
    except OSError as error:
        return About(), f"{NAME} cannot be read: {error.strerror or error}."
    try:
        table = _table(data)
    except (ValueError, RecursionError):
        return About(), f"{NAME} is not a readable file: name, tags and note are left out."
    return _about(table), ""


def name_of(run: FinishedRun) -> str:
    """The user's name of a finished run, followed by that of its other weights; without one that of its folder."""
    own = read_about(run.folder)[0].name
    return run.name if not own else own if run.other is None else f"{own}/{run.other.stem}"


def write_about(folder: Path, about: About) -> None:
    """Write ``about`` completely or not at all; what a newer version has added stays. Raises CannotWrite."""
    try:
        table = _table((folder / NAME).read_bytes())
    except (OSError, ValueError, RecursionError):
        table = {}
    said = {**table, **asdict(about), "tags": list(about.tags)}
    write_whole(folder / NAME, tomlkit.dumps(said).encode())


def _table(data: bytes) -> dict[str, Any]:
    text = data.decode("utf-8-sig")
    if len(data) > _MOST_BYTES or has_long_name(text):
        raise ValueError
    return tomllib.loads(text)


def _about(table: dict[str, Any]) -> About:
    def text(name: str) -> str:
        return str(table.get(name, ""))

    return About.of(
        text("name"), table.get("tags"), text("note"), table.get("pinned") is True, table.get("hidden") is True
    )


def _line(text: str) -> str:
    return re.sub(r"\s+", " ", "".join(sign if sign.isprintable() else " " for sign in text)).strip()
