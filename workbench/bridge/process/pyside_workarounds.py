"""Workarounds for PySide6 in the bridge, in one place.

Each one says what is wrong, the version in which it was seen, and the test that fails when the workaround is no longer
needed or no longer works. Workarounds for widgets and plots are in ``views/widgets/qt_workarounds.py``, those for torch
in ``engine/nn/torch_workarounds.py``.

Two more belong here by their nature and are in files of their own:

- ``interpreter.py`` collects garbage in the GUI thread only, because a collection in another thread deletes Qt objects
  there and crashes the process (seen with PySide6 6.11.3 and 6.12.0; ``tests/bridge/process/test_interpreter.py``).
- ``startup.py`` refuses PySide6 6.12 on Python 3.11, which loses references to None (``tests/test_startup.py``).
"""

from __future__ import annotations

import builtins


def restore_import() -> None:
    """Put the built-in ``__import__`` back where PySide6 has replaced it; do nothing where it has not.

    PySide6 (6.7 to 6.12) replaces it for ``from __feature__ import …``, which this program does not use. The
    replacement more than doubles the time of every import statement. torch runs two of them in each training step, so
    it cost 3 % of the training time. PySide6 may replace it again while another thread imports a module.
    Test: ``tests/bridge/process/test_pyside_workarounds.py``.
    """
    names = vars(builtins)
    if names["__import__"] is names.get("__feature_import__", ()):
        names["__import__"] = names.get("__orig_import__", names["__import__"])
