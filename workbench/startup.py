"""Refuses to start, in one plain sentence, where the window could only crash.

Called by main.py before anything else. Only the standard library is imported at the top, and nothing here needs
a new Python, because its first job is to tell an old one what is wrong. Every check takes its surroundings as
arguments and returns the sentence to print, or None if all is well.
"""

from __future__ import annotations

import ctypes
import importlib
import os
import sys
from collections.abc import Callable, Mapping

HEADLESS_COMMAND = "uv run python -m workbench.engine SPEC.toml"
OLDEST_PYTHON = (3, 11)
REFUSED = 2

# Shared library -> the Debian package that brings it.
QT_LIBRARIES = {
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libxkbcommon.so.0": "libxkbcommon0",
}
XCB_LIBRARIES = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb.so.1": "libxcb1",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libX11.so.6": "libx11-6",
}
WAYLAND_LIBRARIES = {
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
}


def refuse_if_unfit() -> None:
    """Print the first reason against starting a window here and leave with exit code 2; return if there is none."""
    for check in (old_python, no_display, missing_libraries, dead_display, unsafe_qt):
        reason = check()
        if reason is not None:
            sys.stderr.write(reason + "\n")
            sys.exit(REFUSED)


def old_python(version: tuple[int, ...] = sys.version_info[:3]) -> str | None:
    """The program uses syntax and modules of Python 3.11."""
    if version >= OLDEST_PYTHON:
        return None
    return "Training Workbench needs Python 3.11 or newer; this is Python {}.".format(".".join(map(str, version)))


def no_display(environ: Mapping[str, str] = os.environ, system: str = sys.platform) -> str | None:
    """On Linux a window needs a display, unless another Qt platform was asked for."""
    if system != "linux" or _has_display(environ) or _asked_platform(environ) not in ("", "xcb", "wayland"):
        return None
    return (
        "There is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set), so no window can open; "
        f"to train without a window: {HEADLESS_COMMAND}"
    )


def missing_libraries(
    environ: Mapping[str, str] = os.environ,
    system: str = sys.platform,
    can_load: Callable[[str], bool] | None = None,
) -> str | None:
    """Qt aborts the process when a system library is absent; name the package instead."""
    if system != "linux":
        return None
    absent = _absent_libraries(environ, can_load or _can_load)
    if not absent:
        return None
    packages = " ".join(dict.fromkeys(absent.values()))
    return (
        f"The system library {next(iter(absent))} is missing, so no window can open; "
        f"on Debian or Ubuntu install it with: sudo apt-get install {packages}"
    )


def dead_display(
    environ: Mapping[str, str] = os.environ,
    system: str = sys.platform,
    answers: Callable[[str], bool] | None = None,
) -> str | None:
    """DISPLAY may name a screen that is gone (an old ssh session); Qt would abort."""
    if system != "linux" or not _uses_xcb(environ):
        return None
    display = environ.get("DISPLAY", "")
    if (answers or _x_server_answers)(display):
        return None
    return (
        f"The display {display!r} named by DISPLAY does not answer, so no window can open; "
        f"to train without a window: {HEADLESS_COMMAND}"
    )


def unsafe_qt(
    references_lost: Callable[[], int] | None = None, qt_version: Callable[[], str] | None = None
) -> str | None:
    """PySide6 6.12 on Python 3.11 loses references to None until the process aborts; measured, not looked up."""
    try:
        lost = (references_lost or _references_lost)()
    except ImportError as error:
        return f"PySide6 cannot be loaded ({error}); start the program with: uv run main.py"
    if lost < 25:
        return None
    python = ".".join(map(str, sys.version_info[:2]))
    return (
        f"PySide6 {(qt_version or _qt_version)()} does not work with Python {python}: it loses references and would "
        "soon crash; start the program with: uv run main.py (it installs a version that works)"
    )


def _asked_platform(environ: Mapping[str, str]) -> str:
    """The first choice in QT_QPA_PLATFORM, e.g. "xcb" of "xcb:option;wayland"; empty if Qt is to choose."""
    return environ.get("QT_QPA_PLATFORM", "").split(";")[0].split(":")[0].strip()


def _has_display(environ: Mapping[str, str]) -> bool:
    """Whether there is a display of the kind that was asked for."""
    asked = _asked_platform(environ)
    names = {"xcb": ("DISPLAY",), "wayland": ("WAYLAND_DISPLAY",)}.get(asked, ("DISPLAY", "WAYLAND_DISPLAY"))
    return any(environ.get(name) for name in names)


def _uses_xcb(environ: Mapping[str, str]) -> bool:
    """With a Wayland session at hand Qt takes that, unless xcb is asked for."""
    asked = _asked_platform(environ)
    return asked == "xcb" or (asked == "" and not environ.get("WAYLAND_DISPLAY"))


def _absent_libraries(environ: Mapping[str, str], can_load: Callable[[str], bool]) -> dict[str, str]:
    """What is missing for the platform Qt will take; where it can take either, for the one that lacks less."""
    choices = [
        {library: package for library, package in {**QT_LIBRARIES, **more}.items() if not can_load(library)}
        for more in _platform_libraries(environ)
    ]
    return min(choices, key=len)


def _platform_libraries(environ: Mapping[str, str]) -> list[dict[str, str]]:
    if _uses_xcb(environ):
        return [XCB_LIBRARIES]
    if _asked_platform(environ) not in ("", "wayland"):
        return [{}]
    may_fall_back = _asked_platform(environ) == "" and environ.get("DISPLAY")
    return [WAYLAND_LIBRARIES, XCB_LIBRARIES] if may_fall_back else [WAYLAND_LIBRARIES]


def _can_load(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _x_server_answers(display: str) -> bool:
    """Connect the way Qt will, with the same library and the same authority file."""
    xcb = ctypes.CDLL("libxcb.so.1")
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connect.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(display.encode(), None)
    alive = bool(xcb.xcb_connection_has_error(connection) == 0)
    xcb.xcb_disconnect(connection)
    return alive


def _references_lost() -> int:
    """How many references to None fifty calls of a method that returns None lose; 0 if all is well."""
    qt_object = importlib.import_module("PySide6.QtCore").QObject()
    before = sys.getrefcount(None)
    for _ in range(50):
        qt_object.setObjectName("x")
    return before - sys.getrefcount(None)


def _qt_version() -> str:
    return str(importlib.import_module("PySide6").__version__)
