"""Surroundings of every test: no screen, no network, an own home, one torch thread, nothing left behind in Qt.

Works without Qt, pytest-qt, pytest-timeout and hypothesis, so that the engine's tests run on a compute server.
"""

from __future__ import annotations

import gc
import importlib.util
import ipaddress
import itertools
import json
import logging
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import qt_leftovers

_IN_MEMORY = Path("/dev/shm")
_ROOM = 4 << 30  # bytes; the files of a session take less than a tenth


def _keep_files_in_memory() -> None:
    """Half of the time of many tests was waiting for a disk to sync, of which no test needs to know."""
    if "TMPDIR" in os.environ or not os.access(_IN_MEMORY, os.W_OK) or shutil.disk_usage(_IN_MEMORY).free < _ROOM:
        return
    os.environ["TMPDIR"] = tempfile.tempdir = str(_IN_MEMORY)


_keep_files_in_memory()
_SESSION_HOME = Path(tempfile.mkdtemp(prefix="workbench-tests-"))
_BYTECODE = Path(__file__).resolve().parent.parent / ".pytest_cache" / "bytecode"


def _keep_bytecode() -> None:
    """Where no bytecode may be written beside the sources, each process of a test would compile all of torch anew."""
    if sys.dont_write_bytecode and sys.pycache_prefix is None:
        sys.dont_write_bytecode, sys.pycache_prefix = False, str(_BYTECODE)
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = str(_BYTECODE)


def _prepare_environment() -> None:
    """Before Qt and torch are imported, because both read these once. Subprocesses of tests inherit them."""
    screen = {"name": "screen", "x": 0, "y": 0, "width": 1920, "height": 1080}
    config = _SESSION_HOME / "screen.json"  # left to itself the screen has 800 by 800 pixels, too few for the window
    config.write_text(json.dumps({"screens": [{**screen, "logicalDpi": 96, "logicalBaseDpi": 96, "dpr": 1}]}))
    os.environ["QT_QPA_PLATFORM"] = os.environ.get("WORKBENCH_TEST_PLATFORM", f"offscreen:configfile={config}")
    for name in ("QT_QPA_PLATFORMTHEME", "QT_STYLE_OVERRIDE", "QT_SCALE_FACTOR"):
        os.environ.pop(name, None)
    for name in ("WORKBENCH_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"):
        folder = _SESSION_HOME / name.lower()
        folder.mkdir(mode=0o700)
        os.environ[name] = str(folder)
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    # Threads that wait for work by spinning take the core of the test beside: a file took 4 s instead of 17 s.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")


_keep_bytecode()
_prepare_environment()

if importlib.util.find_spec("hypothesis") is not None:
    import hypothesis

    hypothesis.settings.register_profile("workbench", deadline=None, derandomize=True, database=None)
    hypothesis.settings.load_profile("workbench")


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """pyproject.toml sets options of plugins that may be absent; without this their names would be refused."""
    if not pluginmanager.hasplugin("xdist"):
        for option in ("--numprocesses", "--dist"):
            parser.addoption(option, help="unused without pytest-xdist")
        parser.addoption("--no-loadscope-reorder", action="store_true", help="unused without pytest-xdist")
    options = {"pytestqt": ("qt_api", "qt_log_level_fail", "qt_log_ignore"), "pytest_timeout": ("timeout",)}
    for plugin, names in options.items():
        if importlib.util.find_spec(plugin) is None:
            for name in names:
                parser.addini(name, f"unused: {plugin} is not installed")


def pytest_configure() -> None:
    _forbid_network()


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """What is imported stays to the end, so no collection of garbage looks at it again."""
    gc.disable()
    yield
    gc.freeze()
    gc.enable()


#: Folders and files that take long; the last processes to end are then those with short files.
_SLOW = ("claims", "golden", "views", "bridge", "training", "weights", "transfer", "ensemble", "test_layouts.py")
_SLOW += ("test_presets.py", "test_no_network.py", "test_architecture.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take long come first, so that no process works on one when the others have ended."""
    items.sort(key=lambda item: not set(_SLOW) & set(item.path.parts))


def pytest_unconfigure() -> None:
    shutil.rmtree(_SESSION_HOME, ignore_errors=True)


_numbers = itertools.count()


@pytest.fixture(autouse=True)
def workbench_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Each test has its own settings and runs below this folder."""
    home = tmp_path_factory.getbasetemp() / "homes" / str(next(_numbers))
    home.mkdir(parents=True)
    monkeypatch.setenv("WORKBENCH_HOME", str(home))
    return home


@pytest.fixture(autouse=True, scope="module")
def _few_loggers() -> None:
    """Pytest adds its handlers to each logger that does not propagate, three times a test; torch has fifty of them."""
    for name, logger in logging.getLogger().manager.loggerDict.items():
        if name.startswith("torch.") and isinstance(logger, logging.Logger):
            logger.propagate = True


@pytest.fixture(autouse=True)
def _one_torch_thread() -> None:
    torch = sys.modules.get("torch")
    if torch is not None and torch.get_num_threads() != 1:
        torch.set_num_threads(1)


# --- Qt ---------------------------------------------------------------------------------------------------------

_FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report: Any = yield
    item.stash[_FAILED] = item.stash.get(_FAILED, False) or report.failed
    return report  # type: ignore[return-value]


@pytest.fixture(autouse=True)
def _nothing_left_running(request: pytest.FixtureRequest) -> Iterator[None]:
    """The event loop is drained at the end; a running QThread, an active QTimer or an open window fails the test.

    Garbage is collected here and not meanwhile, as in the window: in another thread it would delete objects of Qt, and
    wait for a lock of Qt for ever while this thread, which has it, waits for the interpreter.
    """
    before = qt_leftovers.found() if qt_leftovers.watch() else set()
    collects_garbage = gc.isenabled()
    if qt_leftovers.watch():
        gc.disable()
    yield
    if qt_leftovers.watch():
        gc.collect(1)
    if collects_garbage:
        gc.enable()
    if not qt_leftovers.watch():
        return
    left = qt_leftovers.left_since(before)
    names = sorted(map(qt_leftovers.words, left))
    qt_leftovers.clear(left)
    if names and not request.node.stash.get(_FAILED, False):
        pytest.fail("left behind in Qt: " + ", ".join(names), pytrace=False)


# --- Network ----------------------------------------------------------------------------------------------------

_network_uses: list[str] = []


class NetworkUsed(AssertionError):
    """Everything works with no network, so nothing may ask for it."""


def _forbid_network() -> None:
    """Raise where an address outside this machine is connected to, sent to or looked up."""
    for name in ("connect", "connect_ex", "sendto"):
        setattr(socket.socket, name, _guarded(getattr(socket.socket, name)))
    look_up = socket.getaddrinfo

    def guarded_look_up(host: Any, *arguments: Any, **named: Any) -> Any:
        _refuse_unless_local(host)
        return look_up(host, *arguments, **named)

    socket.getaddrinfo = guarded_look_up


def _guarded(method: Any) -> Any:
    def guarded(self: socket.socket, *arguments: Any) -> Any:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            _refuse_unless_local(arguments[-1][0])
        return method(self, *arguments)

    return guarded


def _refuse_unless_local(host: Any) -> None:
    name = host.decode() if isinstance(host, bytes) else host
    if name in (None, "", "localhost") or _is_loopback(name):
        return
    _network_uses.append(str(name))
    raise NetworkUsed(f"network access to {name}")


def _is_loopback(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True)
def _no_network() -> Iterator[None]:
    """Also fails where the code under test swallowed the refusal."""
    _network_uses.clear()
    yield
    if _network_uses:
        pytest.fail("network access to " + ", ".join(_network_uses), pytrace=False)
