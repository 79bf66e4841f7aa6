"""torch's shared libraries, loaded while other threads, the window's too, keep running.

``import torch`` holds the GIL while the system loads some hundred megabytes and runs their initializers: 190 to 280 ms
in which a window is blocked (measured). Loading them through ctypes releases the GIL, and the import finds them
loaded. Errors are ignored here: the import tries again and reports them.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import sys
from pathlib import Path

#: In torch's own order and with its modes (torch/__init__.py): what all share first, then the bulk. Not the bindings to
#: Python: those may call it while they are loaded, which needs the GIL.
_LIBRARIES = (("libtorch_global_deps.so", "RTLD_GLOBAL"), ("libtorch.so", "RTLD_LOCAL"))


def load_torch_libraries() -> bool:
    """Load them; False if that is not possible. On Linux only: elsewhere the import does it."""
    folder = _folder()
    if not sys.platform.startswith("linux") or folder is None or "torch" in sys.modules:
        return False
    try:
        load = ctypes.CDLL(None).dlopen
    except (OSError, AttributeError):
        return False
    load.restype, load.argtypes = ctypes.c_void_p, (ctypes.c_char_p, ctypes.c_int)
    wanted = ((os.fsencode(folder / name), os.RTLD_NOW | getattr(os, mode)) for name, mode in _LIBRARIES)
    return all(load(*each) for each in wanted)


def _folder() -> Path | None:
    """Where torch keeps its libraries; torch is looked for and not imported."""
    try:
        found = importlib.util.find_spec("torch")
    except (ImportError, ValueError):
        return None
    return Path(found.origin).parent / "lib" if found is not None and found.origin else None
