"""Files that stand for others: pointers, shortcuts, downloads that broke off."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.engine.data.layouts.layout import Layout, pictures, texts

LFS = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'a' * 64}\nsize 12345\n"
DVC = "outs:\n- md5: abc\n  path: data\n"
PAGE = "<!DOCTYPE html><html><head><title>Sign in</title></head></html>"


def files(named: dict[str, str], opened: str = "") -> Callable[[Path], Path]:
    def make(root: Path) -> Path:
        texts(root, named)
        return root / opened

    return make


def _one_pointer(root: Path) -> None:
    pictures(root, {"cat": 5, "dog": 5})
    texts(root, {"cat/x.png": LFS})


def _in_cloud(root: Path) -> None:
    pictures(root, {"cat": 5, "dog": 5})
    texts(root, {"cat/.x.png.icloud": "bplist00"})


BOTH = ("cat", "dog")
LAYOUTS = [
    Layout("pictures in Git LFS", files({f"{c}/{i}.png": LFS for c in BOTH for i in range(5)}), refused="git lfs pull"),
    Layout("a picture in Git LFS", _one_pointer, refused="a Git LFS pointer"),
    Layout("an archive in Git LFS", files({"set.npz": LFS}, "set.npz"), refused="set.npz is a Git LFS pointer"),
    Layout("a folder in DVC", files({"data.dvc": DVC}), refused="data.dvc is a DVC pointer"),
    Layout("pictures in DVC", files({f"{c}/{i}.png.dvc": DVC for c in BOTH for i in range(5)}), refused="“dvc pull”"),
    Layout("shortcuts", files({"cats.lnk": "L", "dogs.lnk": "L"}), refused="cats.lnk is a shortcut of Windows"),
    Layout("a table in Google Drive", files({"a.gsheet": "{}"}, "a.gsheet"), refused="download it as CSV"),
    Layout("a page instead of a table", files({"train.csv": PAGE}, "train.csv"), refused="is a web page (HTML)"),
    Layout("a download that broke off", files({"a.zip.part": "PK"}, "a.zip.part"), refused="has not ended"),
    Layout("a picture in iCloud only", _in_cloud, {"cat": 5, "dog": 5}, left_out=("cat/.x.png.icloud",)),
]
