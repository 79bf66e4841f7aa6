"""Hostile, damaged and foreign files: each is refused with a sentence, and nothing of it is taken."""

from __future__ import annotations

import base64
import contextlib
import io
import json
import re
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.lessons.plan.scenes import plan
from workbench.engine.core.errors import SpecError
from workbench.engine.lessons.plan.file import MAX_BYTES, dumps, loads

HERE = Path("/")


def changed(*path: str | int, value: Any) -> bytes:
    """The plan's file with one value replaced, or added."""
    table = json.loads(dumps(plan()))
    place = table
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = value
    return json.dumps(table).encode()


def npz(file: str) -> dict[str, str]:
    return {"kind": "npz", "file": file}


def bomb_of_numbers() -> dict[str, Any]:
    return {"count": 1_000_000, "packed": base64.b64encode(zlib.compress(bytes(1 << 26), 9)).decode()}


def archive() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("../../plan.json", bytes(1 << 24))
    return file.getvalue()


WHOLE = dumps(plan())
LESSON = ("scenes", 1, "lesson")
SPEC = (*LESSON, "experiment")
SOURCE = (*SPEC, "data", "source")
LOSSES = ("scenes", 1, "record", "losses", 0, "losses")
DEEP = json.loads("[" * 80 + "]" * 80)
HOSTILE: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "was cut off"),
    "half of it": (WHOLE[: len(WHOLE) // 2], "it ends too early, so that it was cut off or not copied whole"),
    "cut within a text": (WHOLE[: WHOLE.index(b"Nesterov") + 3], "it ends too early"),
    "cut within a number": (WHOLE[: WHOLE.index(b'"seed": 0') + 8], "it ends too early"),
    "all but the last bracket": (WHOLE.rstrip()[:-1], "was cut off"),
    "too large": (WHOLE + b" " * MAX_BYTES, "larger than 16.0 MB; no lesson plan is that large"),
    "an archive": (archive(), "This is an archive; a lesson plan is not packed"),
    "no text": (b"\xff\xfe\x00{", "not a text file in UTF-8"),
    "no plan": (b'{"a": 1}', "This is not a lesson plan"),
    "a list": (b"[]", "This is not a lesson plan"),
    "deep lists": (b'{"x": ' + b"[" * 5000 + b"]" * 5000 + b"}", "nested too deeply|recursion"),
    "deep tables of edits": (
        changed(*LESSON, "runs", value=[{"name": "a", "edits": {"x": DEEP}}]),
        "nested too deeply",
    ),
    "a million tables": (b'{"format": "lesson plan", "x": [' + b"[]," * 300_000 + b"1]}", "too many tables"),
    "a name twice": (WHOLE.replace(b'"version": 1', b'"version": 1, "version": 1'), "'version' is there twice"),
    "NaN": (WHOLE.replace(b'"seed": 0', b'"seed": NaN', 1), "NaN is not a number of JSON"),
    "newer": (changed("version", value=2), "was written by a newer version of the program"),
    "a field of another version": (changed("colour", value="red"), "colour: is not a known setting"),
    "a field of a scene": (changed("scenes", 0, "colour", value="red"), "scenes.0.colour: is not a known setting"),
    "a field of a lesson": (
        changed("scenes", 0, "lesson", "colour", value="red"),
        "scene 1: colour: is not a known setting",
    ),
    "an unknown setting": (changed(*SPEC, "speed", value=3), "scene 2: experiment.speed: is not a known setting"),
    "an unknown quantity": (
        changed("scenes", 1, "lesson", "quantity", "kind", value="os_system"),
        "scene 2: quantity: must be one of",
    ),
    "a path above": (changed(*SOURCE, value=npz("../../secret.npz")), "names '../../secret.npz', which is outside"),
    "a path elsewhere": (changed(*SOURCE, value=npz("/etc/passwd.npz")), "names '/etc/passwd.npz', which is outside"),
    "a path of Windows": (changed(*SOURCE, value=npz("C:\\data\\a.npz")), "scene 2: experiment.data.source.file"),
    "a need that is a path": (
        changed("scenes", 1, "needs", value=[{"setting": "data.source.file", "name": "../x"}]),
        "must be the name of a file or folder, and no path",
    ),
    "a need of no setting": (
        changed("scenes", 1, "needs", value=[{"setting": "loop.seed", "name": "x"}]),
        "which is no file or folder of this scene",
    ),
    "a path in an edit of a racer": (
        changed("scenes", 2, "lesson", "runs", 1, "edits", value={"data.source": npz("/etc/x.npz")}),
        "runs.1.edits: data.source.file: names '/etc/x.npz'",
    ),
    "numbers of another count": (
        changed(*LOSSES, "count", value=31),
        "scene 2: its record is damaged: not as many numbers",
    ),
    "a bomb of numbers": (changed(*LOSSES, value=bomb_of_numbers()), "not as many numbers as it says"),
    "a count out of range": (changed(*LOSSES, "count", value=10**9), "count"),
    "no base64": (changed("scenes", 1, "record", "numbers", "packed", value="§§"), "scene 2: its record is damaged"),
    "another number of numbers": (
        changed("scenes", 1, "record", "numbers", value=json.loads(WHOLE)["scenes"][0]["record"]["numbers"]),
        "another number of measured numbers",
    ),
    "a seed that is none": (changed("scenes", 0, "seed", value=-1), "scenes.0.seed"),
    "a seed of a thousand digits": (
        WHOLE.replace(b'"seed": 0', b'"seed": ' + b"9" * 5000, 1),
        "not a readable lesson plan",
    ),
    "a hundred scenes": (changed("scenes", value=json.loads(WHOLE)["scenes"] * 34), "scenes"),
    "a long title": (
        changed("scenes", 0, "lesson", "title", value="x" * 300),
        "has a title of more than 200 characters",
    ),
    "no title": (changed("title", value=""), "title"),
    "a band that is empty": (
        changed("scenes", 0, "lesson", "band", value={"low": 2.0, "high": 1.0}),
        "scene 1: band: is empty",
    ),
    "a change of a racer that is not there": (
        changed("scenes", 2, "lesson", "quantity", "tape", 0, "racer", value=7),
        "scene 3: quantity: Best validation accuracy needs 8 runs",
    ),
    "an edit of the wrong type": (
        changed("scenes", 1, "lesson", "quantity", "tape", 0, "step", value="10"),
        "scene 2: quantity.tape.0.step: must be a whole number",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_with_a_sentence(name: str, tmp_path: Path) -> None:
    data, words = HOSTILE[name]
    assert data != WHOLE
    with pytest.raises(SpecError) as refused:
        loads(data, tmp_path)
    assert re.search(words if "|" in words else re.escape(words), refused.value.message), refused.value.message


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(WHOLE) - 1), st.binary(min_size=0, max_size=3))
def test_any_damage_is_refused_or_read_and_nothing_else_is_raised(place: int, put: bytes) -> None:
    with contextlib.suppress(SpecError):
        loads(WHOLE[:place] + put + WHOLE[place + len(put) + 1 :], HERE)
