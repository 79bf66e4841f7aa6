"""The rules that hold the house up; import-linter (`uv run lint-imports`) checks the layers themselves."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import workbench

ROOT = Path(__file__).parents[1]
HEAVY = {"torch", "torchvision", "sklearn", "timm"}
#: The optional extras, each with the package that it is about.
EXTRAS = {"camera": "pyside6-addons", "onnx": "onnxruntime", "tensorboard": "tensorboard", "timm": "timm"}
#: Extras that the tests need, so that requirements.lock has their packages.
TESTED_EXTRAS = {"postgres": "psycopg"}
LOCKS = ("requirements.lock", *(f"requirements-{extra}.lock" for extra in EXTRAS))
QT = {"PySide6", "shiboken6", "pyqtgraph"}
UNSAFE_TO_LOAD = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
WORKER = re.compile(r"runner|task|worker|thread", re.IGNORECASE)


def sources(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def where(path: Path, node: ast.AST) -> str:
    return f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"


@cache
def imports(path: Path) -> tuple[tuple[str, str], ...]:
    """(place, module) of every import in the file, inside functions too; `from a import b` gives a and a.b."""
    return tuple(_imports(path))


def _imports(path: Path) -> Iterator[tuple[str, str]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((where(path, node), alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield where(path, node), node.module
            yield from ((where(path, node), f"{node.module}.{alias.name}") for alias in node.names)


def calls(path: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call))


def python(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


# --- Imports ----------------------------------------------------------------------------------------------------


def test_of_qt_the_bridge_takes_only_the_core():
    allowed = {"PySide6", "PySide6.QtCore"}
    assert [
        (place, module)
        for path in sources("workbench/bridge")
        for place, module in imports(path)
        if module.split(".")[0] in QT and module not in allowed and not module.startswith("PySide6.QtCore.")
    ] == []


@pytest.mark.parametrize(
    ("folder", "forbidden"),
    [
        ("workbench/views", HEAVY | {"safetensors"}),
        ("workbench/bridge", HEAVY | {"pyqtgraph"}),
        ("workbench/engine", QT),
        ("workbench", UNSAFE_TO_LOAD),
    ],
)
def test_forbidden_imports(folder, forbidden):
    assert [
        (place, module)
        for path in sources(folder)
        for place, module in imports(path)
        if module.split(".")[0] in forbidden
    ] == []


def test_the_spec_loads_neither_torch_nor_qt():
    """The window shows the spec before torch is there, and a form needs no tensor."""
    loaded = python("import sys, workbench.engine.spec.experiment; print(*sys.modules)").split()
    assert (HEAVY | QT) & set(loaded) == set()


# --- Tests ------------------------------------------------------------------------------------------------------


BLOCKS = {"waitActive", "waitExposed", "waitSignal", "waitSignals"}


def waits_for_nothing(path: Path) -> Iterator[str]:
    """Places where one of pytest-qt's blocks is made and not entered: it waits at the end of its ``with`` only."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        call = node.value if isinstance(node, ast.Expr) else None
        function = call.func if isinstance(call, ast.Call) else None
        if isinstance(function, ast.Attribute) and function.attr in BLOCKS:
            yield where(path, node)


def test_tests_wait_for_what_they_name(tmp_path, monkeypatch):
    assert [place for path in sources("tests") for place in waits_for_nothing(path)] == []
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    (tmp_path / "a.py").write_text("qtbot.waitActive(a)\nwith qtbot.waitActive(b):\n    b.show()\n", encoding="utf-8")
    assert list(waits_for_nothing(tmp_path / "a.py")) == ["a.py:1"]


# --- Threads ----------------------------------------------------------------------------------------------------


def targets_that_are_no_method(path: Path) -> Iterator[tuple[str, str]]:
    """(place, signal) of each `signal.connect(x)` where x is not written as `object.method`."""
    for call in calls(path):
        function, target = call.func, call.args[0] if call.args else None
        if isinstance(function, ast.Attribute) and function.attr == "connect" and not isinstance(target, ast.Attribute):
            yield where(path, call), ast.unparse(function.value)


def test_signals_of_the_bridge_reach_methods_only():
    """A lambda, a partial or a local function has no thread of its own: it would run in the worker's."""
    assert [found for path in sources("workbench/bridge") for found in targets_that_are_no_method(path)] == []


def test_views_take_signals_of_workers_in_methods_only():
    assert [
        (place, signal)
        for path in sources("workbench/views")
        for place, signal in targets_that_are_no_method(path)
        if WORKER.search(signal)
    ] == []


@pytest.mark.parametrize(
    ("line", "allowed"),
    [
        ("self.runner.ended.connect(self.show_end)", True),
        ("self.runner.ended.connect(self.show_end, Qt.ConnectionType.QueuedConnection)", True),
        ("self.runner.ended.connect(lambda: self.show_end())", False),
        ("runner.ended.connect(partial(self.show_end, 3))", False),
        ("task.done.connect(local_function)", False),
    ],
)
def test_the_rule_sees_what_it_should(line, allowed, tmp_path, monkeypatch):
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    path = tmp_path / "a.py"
    path.write_text(line, encoding="utf-8")
    assert (list(targets_that_are_no_method(path)) == []) is allowed


# --- Files ------------------------------------------------------------------------------------------------------


def test_torch_loads_weights_only():
    assert [
        where(path, call)
        for path in sources("workbench")
        if "torch.load" in path.read_text(encoding="utf-8")  # to parse all of them takes a second
        for call in calls(path)
        if isinstance(call.func, ast.Attribute)
        and call.func.attr == "load"
        and ast.unparse(call.func) == "torch.load"
        and not any(word.arg == "weights_only" and ast.unparse(word.value) == "True" for word in call.keywords)
    ] == []


def committed_texts() -> Iterator[tuple[str, str]]:
    """(name, text) of the files that are, or are about to be, in the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode != 0:
        pytest.skip("git lists the files of the project, and this folder is no checkout of it")
    for name in listed.stdout.decode().split("\0"):
        path = ROOT / name
        if name and path.is_file():
            yield name, path.read_bytes().decode("utf-8", errors="replace")


def test_no_machine_path_and_no_registry_in_any_file():
    hosts = ("pypi" + r"\.org", "python" + r"hosted\.org", "download" + r"\.pytorch\.org", "anaconda" + r"\.org")
    pattern = re.compile(r"(?<![\w.*])/(?:root|wo" + r"rk|opt|home/\w+)/\w|file://" + "/opt|" + "|".join(hosts))
    assert [(name, match.group()) for name, text in committed_texts() if (match := pattern.search(text))] == []


def pins(lines: list[str]) -> set[tuple[str, str]]:
    found = (re.match(r"([\w.-]+)==([^\s;\\]+)", line) for line in lines)
    return {(match[1], match[2]) for match in found if match}


def test_the_program_says_the_version_of_the_project():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == workbench.__version__


def test_the_locks_hold_the_versions_of_the_project():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    base, *extras = (pins((ROOT / name).read_text(encoding="utf-8").splitlines()) for name in LOCKS)
    assert base.union(*extras) == pins(project["tool"]["uv"]["constraint-dependencies"])
    for package, extra in zip(EXTRAS.values(), extras, strict=True):
        assert not {name for name, _ in base} & {name for name, _ in extra}  # pip takes both files at once
        assert package in {name for name, _ in extra}
    assert {name for name, _ in base} >= set(TESTED_EXTRAS.values())
    assert {*EXTRAS, *TESTED_EXTRAS} == set(project["project"]["optional-dependencies"])


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_a_hash(name):
    lock = (ROOT / name).read_text(encoding="utf-8")
    entries = re.split(r"\n(?=\w)", "\n" + lock)[1:]
    assert [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_the_lock_splits_qt_by_python():
    """PySide6 6.12 aborts on Python 3.11; see workbench/startup.py."""
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert re.search(r"^pyside6-essentials==6\.(8|9|10|11)\.\d+ ; python_full_version < '3\.12'", lock, re.MULTILINE)
    assert re.search(r"^pyside6-essentials==\S+ ; python_full_version >= '3\.12'", lock, re.MULTILINE)
