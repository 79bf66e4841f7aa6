"""Releases of medical and scientific pictures: patients below classes, magnifications, folds, masks beside pictures."""

from __future__ import annotations

from pathlib import Path

from tests.engine.data.layouts.layout import Layout, of, pictures


def _busi(root: Path) -> None:
    for name in ("benign", "malignant"):
        pictures(root / "Dataset_BUSI_with_GT", {name: 5}, f"{name} ({{}}).png")
        pictures(root / "Dataset_BUSI_with_GT", {name: 5}, f"{name} ({{}})_mask.png")


def _dicom(root: Path) -> None:
    pictures(root, {"healthy": 4, "sick": 4, "unclear": 0})
    (root / "unclear" / "scan.dcm").write_bytes(bytes(128) + b"DICM" + bytes(50))


PATIENTS = {"benign/p01": 3, "benign/p02": 3, "malignant/p07": 3, "malignant/p09": 3}


def _breakhis(root: Path) -> None:
    """Classes, a folder SOB in each, kinds of tumour, patients, magnifications."""
    for kind, tumours in (("benign", ("adenosis", "fibroadenoma")), ("malignant", ("ductal", "lobular"))):
        for tumour in tumours:
            for patient in range(3):
                folder = f"{kind}/SOB/{tumour}/SOB_{kind[0].upper()}_{tumour[0].upper()}_14-{22549 + patient}"
                pictures(root, {f"{folder}/{zoom}X": 2 for zoom in (40, 100)})


LAYOUTS = [
    Layout(
        "one folder in each class that holds the kinds, as in BreakHis",
        _breakhis,
        {"benign": 24, "malignant": 24},
        refused="either level may be that of the classes",
        doubt="benign/SOB, malignant/SOB hold folders",
        readings=(
            {"benign": 24, "malignant": 24},
            {"adenosis": 12, "ductal": 12, "fibroadenoma": 12, "lobular": 12},
            {"40X": 24, "100X": 24},
        ),
    ),
    Layout("a class of DICOM files", _dicom, left_out=("unclear/scan.dcm",), refused="(DICOM, which is not read here"),
    Layout(
        "patients below the classes",
        of(PATIENTS),
        {"benign": 6, "malignant": 6},
        refused="either level may be that of the classes",
        doubt="benign, malignant hold folders",
        readings=(
            {"benign": 6, "malignant": 6},
            {"p01": 3, "p02": 3, "p07": 3, "p09": 3},
            {"p01": 3, "p02": 3},
            {"p07": 3, "p09": 3},
        ),
    ),
    Layout(
        "patients below the classes, other patients in validation",
        of({f"train/{name}": 3 for name in PATIENTS} | {"val/benign/p03": 2, "val/malignant/p11": 2}),
        {"benign": 8, "malignant": 8},
        (12, 4, 0),
    ),
    Layout(
        "magnifications side by side",
        of({f"{size}/{name}": 4 for size in ("10x", "40x") for name in ("healthy", "sick")}),
        {"healthy": 8, "sick": 8},
        refused="either level",
        doubt="hold folders of the same names",
        readings=(
            {"healthy": 8, "sick": 8},
            {"10x/healthy": 4, "10x/sick": 4, "40x/healthy": 4, "40x/sick": 4},
            {"10x": 8, "40x": 8},
            {"healthy": 4, "sick": 4},
            {"healthy": 4, "sick": 4},
        ),
    ),
    Layout(
        "numbered folds",
        of({f"fold{fold}/{name}": 3 for fold in (1, 2, 3) for name in ("healthy", "sick")}),
        {"healthy": 9, "sick": 9},
        refused="which of them validate is not said",
        doubt="holds 3 folds, fold1 to fold3",
        readings=({"healthy": 9, "sick": 9}, {"healthy": 9, "sick": 9}),
    ),
    Layout(
        "masks beside the pictures",
        _busi,
        {"benign": 5, "malignant": 5},
        (8, 2, 0),
        ("benign/benign (0)_mask.png",),
    ),
    Layout(
        "two sets with a split each",
        of({f"{name}/{part}/{kind}": 3 for name in ("A", "B") for part in ("train", "test") for kind in ("no", "yes")}),
        {"no": 3, "yes": 3},
        refused="2 sets side by side",
        doubt="each with a split of its own",
        readings=({"no": 3, "yes": 3}, {"no": 3, "yes": 3}),
    ),
]
