"""Output that any terminal can show, and outputs that are closed, full or of seven bits."""

from __future__ import annotations

import errno
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from workbench.engine.core.memory import is_out_of_memory
from workbench.engine.core.terminal import OutputFailed, exit_code, mention, say
from workbench.engine.core.text import plain

ROOT = Path(__file__).parents[3]


def test_control_characters_of_names_are_shown_not_obeyed() -> None:
    assert plain("a\x1b[31mred\x07\r\x9b2J\u202eb\tc\nd") == "a\\x1b[31mred\\x07\\r\\x9b2J\\u202eb\tc\nd"


class Broken(io.StringIO):
    """An output whose every write fails with ``number``."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = number

    def write(self, text: str) -> int:
        raise OSError(self._number, os.strerror(self._number))


@pytest.mark.parametrize(("number", "code"), [(errno.EPIPE, 0), (errno.ENOSPC, 1), (errno.EIO, 1)])
def test_an_output_that_fails_ends_a_command_without_a_traceback(
    number: int, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """EN12: a reader that has had enough is no error; a full one is, and the reason is said."""
    monkeypatch.setattr(sys, "stdout", Broken(number))

    def command() -> int:
        say("settings")
        return 0

    assert exit_code(command) == code
    assert (os.strerror(number) in capsys.readouterr().err) == bool(code)


def test_a_run_goes_on_without_its_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", Broken(errno.EIO))
    mention("epoch 1")
    with pytest.raises(OutputFailed):
        say("epoch 1")


def headless(arguments: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """The command line ``arguments`` in a shell, behind the name of the program."""
    command = f"set -o pipefail; {sys.executable} -m workbench.engine {arguments}"
    env = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"} | (environment or {})
    return subprocess.run(["bash", "-c", command], cwd=ROOT, env=env, capture_output=True, text=True, timeout=120)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has /dev/full, a device that is always full")
def test_the_settings_page_is_cut_off_full_or_ascii() -> None:
    """EN12 in a process: the interpreter's own flush at its end fails no more either."""
    cut, full = headless("--settings | head -n 1"), headless("--settings > /dev/full")
    closed = headless("--settings >&-")
    seven = headless("--settings", {"PYTHONIOENCODING": "ascii", "LC_ALL": "C", "PYTHONUTF8": "0"})
    assert (cut.returncode, full.returncode, closed.returncode, seven.returncode) == (0, 1, 0, 0)
    assert cut.stderr == closed.stderr == seven.stderr == "" and seven.stdout.isascii()
    assert full.stderr == f"The output could not be written: [Errno 28] {os.strerror(28)}.\n"


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError("[enforce fail at alloc_cpu.cpp:127] err == 0. DefaultCPUAllocator: can't allocate memory"),
        RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 400000000000 bytes."),
        RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB (GPU 0; 10.76 GiB total capacity)"),
        RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"),
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
        RuntimeError("MPS backend out of memory (MPS allocated: 17.81 GB)"),
    ],
)
def test_every_way_to_say_that_memory_is_out(error: Exception) -> None:
    assert is_out_of_memory(error)


def test_other_errors_are_not_out_of_memory() -> None:
    import torch

    assert is_out_of_memory(torch.OutOfMemoryError("…"))
    with pytest.raises(RuntimeError) as raised:
        torch.empty(1 << 60)
    assert is_out_of_memory(raised.value)
    assert not is_out_of_memory(RuntimeError("mat1 and mat2 shapes cannot be multiplied"))
    assert not is_out_of_memory(ValueError("out of memory"))
