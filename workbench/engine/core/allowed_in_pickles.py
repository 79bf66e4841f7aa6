"""The names that may occur in the pickle of a file of weights, and what torch makes of those that are no tensors.

Training scripts save their arguments beside the weights. Their containers are read as plain tables and texts of our
own, so that no class of another module is made.
"""

from __future__ import annotations

from typing import Any, Final

#: Bytes of a number in each kind of storage.
SIZES: Final = {
    "FloatStorage": 4,
    "DoubleStorage": 8,
    "HalfStorage": 2,
    "BFloat16Storage": 2,
    "LongStorage": 8,
    "IntStorage": 4,
    "ShortStorage": 2,
    "CharStorage": 1,
    "ByteStorage": 1,
    "BoolStorage": 1,
}
DTYPES: Final = frozenset(
    f"torch {name}"
    for name in ("float16", "float32", "float64", "bfloat16", "int8", "int16", "int32", "int64", "uint8", "bool")
)
#: What makes the missing entries of a table; never called.
FACTORIES: Final = frozenset(
    f"{module} {name}" for module in ("builtins", "__builtin__") for name in ("list", "dict", "int", "float")
)
SETTINGS: Final = frozenset({"argparse Namespace", "types SimpleNamespace"})
#: Paths in the arguments, under every name that a version of Python gives them.
PATHS: Final = tuple(
    f"{module}.{name}"
    for module in ("pathlib", "pathlib._local")
    for name in ("PosixPath", "WindowsPath", "PurePosixPath", "PureWindowsPath", "Path", "PurePath")
)


class SavedSettings(dict[str, Any]):
    """Replaces ``argparse.Namespace`` and ``types.SimpleNamespace``."""

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.update(state)


def allowed() -> list[Any]:
    """Pairs of what is made and its name in the file, for ``torch.serialization.safe_globals``.

    Only for files in which ``survey`` has found nothing else.
    """
    made = [(SavedSettings, "argparse.Namespace"), (SavedSettings, "types.SimpleNamespace")]
    factories = [(kind, f"builtins.{kind.__name__}") for kind in (list, dict, int, float)]
    return [
        *made,
        *((_path, name) for name in PATHS),
        (_table, "collections.defaultdict"),
        *factories,
        *_numpy_numbers(),
    ]


def _numpy_numbers() -> list[Any]:
    """NumPy's single numbers."""
    import numpy as np

    scalar = np.float64(0).__reduce__()[0]
    names = ("numpy._core.multiarray.scalar", "numpy.core.multiarray.scalar")
    kinds = {type(np.dtype(kind)) for kind in ("f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1")}
    return [*((scalar, name) for name in names), np.dtype, *kinds]


def _path(*parts: str) -> str:
    return "/".join(parts)


def _table(*_factory: object) -> dict[Any, Any]:
    return {}
