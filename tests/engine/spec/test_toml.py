"""Spec files: what is written is read, and absurd files are refused at once (LD22)."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
import tomlkit

from workbench.engine.core.errors import SpecError, WorkbenchError
from workbench.engine.spec import toml
from workbench.engine.spec.experiment import ExperimentSpec, plain
from workbench.engine.spec.presets import presets
from workbench.engine.spec.toml import MAX_BYTES, dumps, load, loads, save

FILLED = (
    ExperimentSpec()
    .edited("title", 'Quotes " and \\ and ümläuts')
    .edited("note", "Two\nlines, # no comment, a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r.s = 1")
    .edited("data.examples_per_class", 10)
    .edited("augmentations", [{"kind": "random_crop"}, {"kind": "horizontal_flip", "p": 0.25}])
    .edited("model", {"kind": "mlp", "hidden": [], "activation": {"kind": "leaky_relu", "slope": 0.2}})
    .edited("regularization", [{"kind": "elastic_net", "l1": 1e-12}, {"kind": "dropout"}])
    .edited("loop.patience", 5)
)


@pytest.mark.parametrize("spec", [ExperimentSpec(), FILLED], ids=["default", "filled"])
def test_a_spec_survives_its_file(spec: ExperimentSpec, tmp_path: Path) -> None:
    save(spec, tmp_path / "spec.toml")
    assert load(tmp_path / "spec.toml") == spec
    assert dumps(load(tmp_path / "spec.toml")) == dumps(spec)


SPECS = [
    ExperimentSpec(),
    FILLED,
    FILLED.edited("title", 'a "b" \\ ü').edited("note", "two\nlines\r\n'''"),
    FILLED.edited("loop.min_change", -0.0),
    *(preset.spec for preset in presets()),
]


@pytest.mark.parametrize("spec", SPECS)
def test_the_text_is_that_of_one_document(spec: ExperimentSpec) -> None:
    """It is put together from texts of its tables, most of which were made before."""
    document = tomlkit.document()
    for name, value in {"version": ExperimentSpec.version, **plain(spec)}.items():
        document.add(name, toml.toml_item(value))
    assert dumps(spec) == tomlkit.dumps(document) == dumps(spec)


def test_only_the_table_that_is_new_is_put_into_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """tomlkit takes milliseconds for a whole spec; a search makes a new one for each trial."""
    made: list[str] = []
    monkeypatch.setattr(
        tomlkit, "dumps", lambda document, write=tomlkit.dumps: made.append(write(document)) or made[-1]
    )
    spec = FILLED.edited("optimizer", {"kind": "sgd", "lr": 0.123})
    dumps(spec)
    made.clear()
    assert "weight_decay = 0.0\n" in dumps(spec.edited("optimizer.weight_decay", 0.0))
    assert "weight_decay = -0.0\n" in dumps(spec.edited("optimizer.weight_decay", -0.0))  # equal, but not the same
    assert "weight_decay = 0.5\n" in dumps(spec.edited("optimizer.weight_decay", 0.5))
    assert [text.splitlines()[0] for text in made] == ["[optimizer]"] * 2  # the first is as it was


def test_settings_that_are_off_are_left_out() -> None:
    assert "patience" not in dumps(ExperimentSpec())
    assert "patience = 5" in dumps(FILLED)


def test_a_file_may_say_only_what_differs() -> None:
    assert loads("") == ExperimentSpec()
    assert loads('[optimizer]\nkind = "adam"').optimizer.kind == "adam"
    assert loads("[loop]\nepochs = 3") == ExperimentSpec().edited("loop.epochs", 3)


def test_whole_numbers_stand_for_numbers_but_not_the_other_way() -> None:
    assert loads('[optimizer]\nkind = "sgd"\nlr = 1').at("optimizer.lr") == 1.0
    with pytest.raises(SpecError, match=r"loop\.epochs: must be a whole number, not 3\.0"):
        loads("[loop]\nepochs = 3.0")


ABSURD = {
    "dotted key": "a" + ".a" * 50_000 + " = 1",
    "dotted key of allowed size": "a" + ".a" * 30_000 + " = 1",
    "dotted key with spaces": "a" + " . a" * 15_000 + " = 1",
    "quoted dotted key": '"a"' + '."a"' * 15_000 + " = 1",
    "single-quoted dotted key": "'a'" + ".'a'" * 15_000 + " = 1",
    "dotted key in a table": "x = {a" + ".a" * 30_000 + " = 1}",
    "dotted table": "[a" + ".a" * 30_000 + "]",
    "dotted list of tables": "[[a" + ".a" * 30_000 + "]]",
    "long parts": "a" * 60_000 + ".x y" * 20 + " = 1",
    "nested lists": "x = " + "[" * 60_000,
    "nested lists, closed": "x = " + "[" * 30_000 + "]" * 30_000,
    "nested tables": "x = " + "{a = " * 10_000,
    "quotes": '"' * 60_000,
    "single quotes": "'" * 60_000,
    "escaped quotes": '"""' + '\\"""' * 15_000,
    "open text": 'x = """' + "a" * 60_000,
    "many tables": "[[a]]\n" * 10_000,
    "spaces": "a" + " " * 60_000 + ".b = 1",
    "huge": "# " + "x" * 10 * MAX_BYTES,
    "huge number": "x = 1" + "0" * 5000,
    "huge hexadecimal number": "[loop]\nepochs = 0x" + "f" * 50_000,
    "huge version": "version = 0x" + "f" * 50_000,
    "control characters": "\x00\x01\x02",
}


@pytest.mark.parametrize("text", ABSURD.values(), ids=ABSURD)
def test_absurd_files_are_refused_at_once(text: str) -> None:
    started = time.process_time()
    with pytest.raises(SpecError) as caught:
        loads(text)
    # Without the caps the parser takes from seconds to minutes.
    assert time.process_time() - started < 2.0
    assert len(caught.value.problems) == 1
    assert len(caught.value.problems[0].message) < 300


def test_dots_in_texts_and_comments_and_numbers_mean_nothing() -> None:
    dots = "a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r.s.t = 1"
    spec = loads(f"# {dots}\ntitle = '{dots}'\nnote = '''\n{dots}\n'''\n[loop] # {dots}\nepochs = 4")
    assert spec.title == dots
    assert spec.note.strip() == dots
    assert loads(f'note = """\n{dots} \\"""{dots}"""').note == f'{dots} """{dots}'.replace('"""', '"""')
    with pytest.raises(SpecError, match="whole number"):
        loads('[model]\nkind = "mlp"\nhidden = [' + "0.5, " * 40 + "]")


@pytest.mark.parametrize("version", ['"1"', "0", "-1", "1.0", "true", "[1]"])
def test_a_wrong_version_is_refused(version: str) -> None:
    with pytest.raises(SpecError, match="version: is not a known version"):
        loads(f"version = {version}")


def test_an_older_version_is_migrated(monkeypatch: pytest.MonkeyPatch) -> None:
    def rename(table: dict[str, object]) -> None:
        table["title"] = table.pop("name")

    monkeypatch.setattr(ExperimentSpec, "version", 2)
    monkeypatch.setitem(toml.MIGRATIONS, 1, rename)
    assert loads('version = 1\nname = "old"').title == "old"
    assert loads('name = "older still"').title == "older still"
    assert loads('version = 2\ntitle = "new"').title == "new"


def test_a_byte_order_mark_and_other_line_ends_are_read(tmp_path: Path) -> None:
    file = tmp_path / "spec.toml"
    file.write_bytes(b"\xef\xbb\xbf" + dumps(FILLED).replace("\n", "\r\n").encode())
    assert load(file) == FILLED


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n\xff\xfe", b"\xff" * 100_000, "x = 1".encode("utf-16")])
def test_a_file_that_is_no_text_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "spec.toml"
    file.write_bytes(content)
    with pytest.raises(WorkbenchError, match=r"not a text file|larger than 64 KB"):
        load(file)


def test_a_large_text_is_too_large_and_not_cut(tmp_path: Path) -> None:
    file = tmp_path / "spec.toml"
    file.write_text("# " + "ü" * MAX_BYTES, encoding="utf-8")
    with pytest.raises(WorkbenchError, match="larger than 64 KB"):
        load(file)


def test_files_that_cannot_be_read_or_written_are_named(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "absent.toml"):
        with pytest.raises(WorkbenchError) as caught:
            load(place)
        assert str(place) in caught.value.message
    with pytest.raises(WorkbenchError) as caught:
        save(ExperimentSpec(), tmp_path / "absent" / "spec.toml")
    assert str(tmp_path / "absent" / "spec.toml") in caught.value.message


def test_nothing_is_written_that_could_not_be_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "spec.toml"
    save(ExperimentSpec(), file)
    monkeypatch.setattr(toml, "MAX_BYTES", 100)
    with pytest.raises(WorkbenchError, match="settings file"):
        save(FILLED, file)
    monkeypatch.undo()
    assert load(file) == ExperimentSpec()
    assert os.listdir(tmp_path) == ["spec.toml"]
