"""Which part of a split a folder's name means: ``train``, ``seg_train``, ``Training_Set``, ``val2017``, ``test1``."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Final


def plain_word(text: str) -> str:
    """``text`` in lower case and without accents, as the words of parts are compared."""
    parted = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in parted if not unicodedata.combining(letter))


def _plain(text: str) -> frozenset[str]:
    return frozenset(map(plain_word, text.split()))


#: In English, German, French, Spanish, Italian, Portuguese, Dutch, Polish, Russian, Turkish, Chinese, Japanese, Korean.
TRAIN: Final = _plain(
    "train training trn trainval trainieren trainings apprentissage entraînement entrainements entrenamiento entrenar "
    "addestramento allenamento treino treinamento trainen trening treningowy обучение обучающая тренировка "
    "тренировочная eğitim 训练 訓練 学習 훈련 학습"
)
VALIDATION: Final = _plain(
    "validation valid val validate validating dev devel development validierung validierungs validieren validación "
    "validar validazione validação validatie walidacja валидация валидационная проверка проверочная "
    "doğrulama 验证 驗證 検証 검증"
)
TEST: Final = _plain(
    "test testing tst holdout testen tests prüfung pruefung prüfen essai essais prueba pruebas prova prove teste "
    "testes toets testowy тест тестовая тестирование testler 测试 測試 テスト 테스트 시험"
)
_EVALUATION: Final = frozenset({"eval", "evaluation"})
_WORDS: Final = {
    **dict.fromkeys(TRAIN, "train"),
    **dict.fromkeys(VALIDATION, "validation"),
    **dict.fromkeys(TEST, "test"),
    **dict.fromkeys(_EVALUATION, "evaluation"),
}
#: Words beside that of the part which say nothing else.
_FILLERS: Final = frozenset(
    {"set", "sets", "data", "dataset", "image", "images", "img", "imgs", "pic", "pics", "picture", "pictures", "photo"}
    | {"photos", "file", "files", "split", "part", "list", "lists", "folder", "dir", "jpg", "jpeg", "png", "final"}
    | _plain("daten bilder satz datensatz données datos dati dados zbiór 集 数据 数据集 セット データ")
)
#: Words that say how much of a part it is, where there is no other of it: ``train_mini`` beside ``val``.
_AMOUNTS: Final = frozenset({"mini", "small", "tiny", "full"})
_EXAMPLES: Final = frozenset({"example", "examples", "exemple", "exemples", "sample", "samples", "demo", "demos"})
_UNLABELLED: Final = frozenset(
    {"no label", "no labels", "nolabel", "no class", "unlabeled", "unlabelled", "not labeled", "unannotated"}
)
#: Names that desktops give new folders.
_NEW: Final = frozenset(
    {"new folder", "untitled folder", "neuer ordner", "nouveau dossier", "dossier sans titre", "nueva carpeta"}
    | {"nuova cartella", "новая папка", "新建文件夹", "新しいフォルダー", "새 폴더"}
)
_GLUED: Final = re.compile(rf"({'|'.join(sorted(_WORDS, key=len, reverse=True))})({'|'.join(sorted(_FILLERS))})\Z")
_FOLD: Final = re.compile(r"(fold|split|cv|kfold|k)[\s_.-]*(\d+)\Z", re.IGNORECASE)


def parts_of(names: Sequence[str]) -> dict[str, str]:
    """The part (train, validation, test) of each of the ``names`` that mean one; they lie beside each other.

    A word that says something else (``seg`` in ``seg_train``, ``station`` in ``train station``) is allowed only if
    it is in the names of two parts.
    """
    read = {name: _read(name) for name in names}
    meant = {name: found for name, found in read.items() if found is not None}
    rests: dict[tuple[str, ...], set[str]] = {}
    for part, rest in meant.values():
        rests.setdefault(rest, set()).add(part)
    parts = {name: part for name, (part, rest) in meant.items() if not rest or len(rests[rest]) > 1}
    amounts = {name: part for name, (part, rest) in meant.items() if rest and _AMOUNTS.issuperset(rest)}
    parts |= {n: p for n, p in amounts.items() if p not in parts.values() and [*amounts.values()].count(p) == 1}
    return _evaluated(parts)


def parts_beside(names: Sequence[str]) -> dict[str, str]:
    """The part of each name if one of them is that of the others without their words of parts: it is to train on.

    ``{"rps": "train", "rps-test-set": "test"}``. Empty if the names are not such.
    """
    plain = [name for name in names if _read(name) is None]
    if len(plain) != 1 or len(names) < 2:
        return {}
    read = {name: found for name in names if (found := _read(name)) is not None}
    if any(rest != said_beside(plain[0]) for _, rest in read.values()):
        return {}
    parts = _evaluated({name: part for name, (part, _) in read.items()})
    return {plain[0]: "train", **parts} if "train" not in parts.values() else {}


def says_nothing(name: str) -> bool:
    """Whether a folder's name says only that pictures, data or examples are in it."""
    words = words_of(name)
    return bool(words) and all(word in _FILLERS or word in _EXAMPLES for word in words)


def says_unlabelled(name: str) -> bool:
    """Whether a folder's name says that its pictures have no class: CVAT exports ``no_label``."""
    return " ".join(words_of(name)) in _UNLABELLED


def says_new(name: str) -> bool:
    """Whether it is the name that desktops give a new folder: ``New folder (2)``."""
    return " ".join(words_of(name)) in _NEW


def is_fold(name: str) -> bool:
    """Whether it is the name of a numbered fold."""
    return _FOLD.match(name) is not None


def _read(name: str) -> tuple[str, tuple[str, ...]] | None:
    """The part and the words that say something else; None without exactly one word of a part."""
    words = words_of(name)
    parts = [word for word in words if word in _WORDS]
    if len(parts) != 1:
        return None
    return _WORDS[parts[0]], said_beside(name)


def part_said(name: str) -> str:
    """The part that ``name`` says beside other words (``test_unseen``); empty without exactly one word of a part."""
    found = _read(name)
    return "" if found is None else {"evaluation": "validation"}.get(found[0], found[0])


def part_word(name: str) -> str:
    """The only word of a part in ``name``; empty without one, and where there are several."""
    words = [word for word in words_of(name) if word in _WORDS]
    return words[0] if len(words) == 1 else ""


def said_beside(name: str) -> tuple[str, ...]:
    """The words of ``name`` that say something else than a part."""
    return tuple(word for word in words_of(name) if word not in _FILLERS and word not in _WORDS)


@lru_cache(1 << 14)
def words_of(name: str) -> tuple[str, ...]:
    """The words of ``name`` as they are compared, those that are glued to the word of a part by themselves."""
    spaced = plain_word(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name))
    return tuple(word for found in re.findall(r"[^\W\d_]+", spaced) for word in _unglued(found))


def _unglued(word: str) -> tuple[str, ...]:
    glued = _GLUED.match(word)
    return (glued[1], glued[2]) if glued else (word,)


def _evaluated(parts: dict[str, str]) -> dict[str, str]:
    """An evaluation folder is the validation part if there is no other, else the test part."""
    meaning = "test" if "validation" in parts.values() else "validation"
    return {name: meaning if part == "evaluation" else part for name, part in parts.items()}
