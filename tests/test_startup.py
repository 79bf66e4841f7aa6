"""EN01, EN02, EN04: where no window can open, one plain sentence and exit code 2 instead of a crash."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from workbench import startup

ROOT = Path(__file__).parents[1]
X_SESSION = {"DISPLAY": ":0"}
WAYLAND_SESSION = {"WAYLAND_DISPLAY": "wayland-0"}
OFFSCREEN = {"QT_QPA_PLATFORM": "offscreen"}


def all_but(*absent: str):
    return lambda library: library not in absent


# --- EN01 -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", [(2, 7, 18), (3, 8, 18), (3, 10, 13)])
def test_old_python_is_refused_by_name(version):
    sentence = startup.old_python(version)
    assert "needs Python 3.11" in sentence
    assert ".".join(map(str, version)) in sentence


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 12, 4), (4, 0, 0)])
def test_new_enough_python(version):
    assert startup.old_python(version) is None


def test_a_qt_that_loses_references_is_refused():
    sentence = startup.unsafe_qt(references_lost=lambda: 50, qt_version=lambda: "6.12.0")
    assert "PySide6 6.12.0 does not work with Python" in sentence
    assert "uv run main.py" in sentence


@pytest.mark.parametrize("lost", [-3, 0, 2])
def test_a_stray_reference_is_no_reason(lost):
    """Other threads take and drop references to None while we count."""
    assert startup.unsafe_qt(references_lost=lambda: lost) is None


def test_the_installed_qt_is_sound():
    pytest.importorskip("PySide6")
    assert startup.unsafe_qt() is None


def test_absent_qt_is_said():
    def absent() -> int:
        raise ImportError("No module named 'PySide6'")

    assert "PySide6 cannot be loaded (No module named 'PySide6')" in startup.unsafe_qt(references_lost=absent)


# --- EN02 -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("library", "package"), [*startup.QT_LIBRARIES.items(), *startup.XCB_LIBRARIES.items()])
def test_missing_library_names_its_package(library, package):
    sentence = startup.missing_libraries(X_SESSION, "linux", all_but(library))
    assert library in sentence
    assert sentence.endswith(f"sudo apt-get install {package}")


def test_all_missing_packages_stand_in_one_command():
    sentence = startup.missing_libraries(X_SESSION, "linux", lambda library: False)
    named = sentence.split("apt-get install ")[1].split()
    assert named == list(dict.fromkeys([*startup.QT_LIBRARIES.values(), *startup.XCB_LIBRARIES.values()]))


@pytest.mark.parametrize("environ", [OFFSCREEN, WAYLAND_SESSION, WAYLAND_SESSION | X_SESSION])
def test_libraries_of_x_are_not_asked_for_without_x(environ):
    assert startup.missing_libraries(environ, "linux", all_but(*startup.XCB_LIBRARIES)) is None


def test_a_wayland_session_falls_back_to_x():
    environ = WAYLAND_SESSION | X_SESSION
    assert startup.missing_libraries(environ, "linux", all_but(*startup.WAYLAND_LIBRARIES)) is None
    assert "libwayland" in startup.missing_libraries(WAYLAND_SESSION, "linux", all_but(*startup.WAYLAND_LIBRARIES))


@pytest.mark.parametrize("system", ["win32", "darwin"])
def test_other_systems_bring_their_own_libraries_and_displays(system):
    assert startup.missing_libraries({}, system, lambda library: False) is None
    assert startup.no_display({}, system) is None
    assert startup.dead_display({}, system, lambda display: False) is None


# --- EN04 -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"DISPLAY": ""},
        {"QT_QPA_PLATFORM": "xcb"},
        {"QT_QPA_PLATFORM": "xcb"} | WAYLAND_SESSION,
        {"QT_QPA_PLATFORM": "wayland"} | X_SESSION,
    ],
)
def test_no_display_names_the_headless_command(environ):
    sentence = startup.no_display(environ, "linux")
    assert "no display" in sentence
    assert startup.HEADLESS_COMMAND in sentence
    assert "\n" not in sentence


@pytest.mark.parametrize(
    "environ",
    [
        X_SESSION,
        WAYLAND_SESSION,
        OFFSCREEN,
        {"QT_QPA_PLATFORM": "offscreen:size=800x600;xcb"},
        {"QT_QPA_PLATFORM": "vnc"},
    ],
)
def test_a_display_or_another_platform_is_enough(environ):
    assert startup.no_display(environ, "linux") is None


def test_a_display_that_is_gone():
    sentence = startup.dead_display({"DISPLAY": ":77"}, "linux", lambda display: False)
    assert "':77'" in sentence
    assert startup.HEADLESS_COMMAND in sentence
    assert startup.dead_display({"DISPLAY": ":77"}, "linux", lambda display: True) is None
    assert startup.dead_display(OFFSCREEN, "linux", lambda display: False) is None


@pytest.mark.skipif(
    sys.platform != "linux" or not startup._can_load("libxcb.so.1"),
    reason="other systems have no X11, and without its library libxcb no window opens on it",
)
def test_a_display_that_is_gone_is_really_found():
    assert startup.dead_display({"DISPLAY": ":4242"}) is not None


# --- All together -----------------------------------------------------------------------------------------------


def run_without_display(*arguments: str) -> subprocess.CompletedProcess[str]:
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    environ = {name: value for name, value in os.environ.items() if name not in hidden}
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have their display built in")
def test_refusal_is_one_line_and_exit_code_2():
    done = run_without_display("-c", "from workbench.startup import refuse_if_unfit; refuse_if_unfit(); print('fit')")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == startup.no_display({}, "linux") + "\n"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have their display built in")
def test_main_refuses_in_one_line_without_a_display():
    done = run_without_display("main.py")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == startup.no_display({}, "linux") + "\n"


def test_a_fit_machine_passes(monkeypatch):
    pytest.importorskip("PySide6")
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    startup.refuse_if_unfit()


def test_only_the_standard_library_is_needed():
    done = run_without_display(
        "-I", "-S", "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); import workbench.startup"
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("file", ["README.md", ".ci/run"])
def test_packages_for_offscreen_are_named_everywhere(file):
    text = (ROOT / file).read_text(encoding="utf-8")
    assert [package for package in set(startup.QT_LIBRARIES.values()) if package not in text] == []
