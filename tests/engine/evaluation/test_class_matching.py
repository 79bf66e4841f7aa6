"""Which output is which class: names decide, certain orders are used, doubtful ones are refused with the choice."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from tests.engine.weights.files import as_zip, network, write
from workbench.engine.__main__ import main
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.evaluation.class_matching import Outputs, below_chance, match_classes
from workbench.engine.evaluation.class_orders import ClassesUnmatched, OrderUnknown, names_in, order_of, ordered
from workbench.engine.evaluation.evaluation import EvaluationOptions, evaluate

NUMBERS = tuple(map(str, range(1, 13)))
TEXT = ("1", "10", "11", "12", "2", "3", "4", "5", "6", "7", "8", "9")
DIGITS = tuple("0123456789")
ANIMALS = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


def columns(names: tuple[str, ...], classes: tuple[str, ...], **how: object) -> list[int]:
    return match_classes(Outputs("net.pt", len(names), names), classes, **how)[0]  # type: ignore[arg-type]


def test_numbers_are_names() -> None:
    assert columns(DIGITS, ("3", "1", "7")) == [3, 1, 7]
    assert columns(DIGITS, DIGITS[::-1]) == list(range(9, -1, -1))
    with pytest.raises(WorkbenchError, match="does not know 1 of the 10 classes: 10"):
        columns(DIGITS, tuple(map(str, range(1, 11))))


def test_a_class_that_the_network_lacks_is_left_out_by_the_named_setting() -> None:
    with pytest.raises(ClassesUnmatched) as refused:
        columns(("cat", "dog", "horse"), ("cat", "dog", "horse", "zebra crossing"))
    assert "--set 'data.source.left_out=zebra crossing'." in refused.value.advice
    with pytest.raises(ClassesUnmatched) as refused:
        columns(("cat", "dog"), ("cat", "horse"))  # a single class would remain
    assert "left_out" not in refused.value.advice


def test_names_are_compared_composed_and_then_without_case() -> None:
    apart = unicodedata.normalize("NFD", "Äpfel")
    assert columns(("Birnen", "Äpfel"), (apart, "Birnen")) == [1, 0]
    found, notes = match_classes(Outputs("net.pt", 3, ("Cat", "dog", "DOG")), ("cat", "dog", "DOG"))
    assert found == [0, 1, 2] and "cat" in notes[0] and "Upper and lower case" in notes[0]
    with pytest.raises(WorkbenchError, match="does not know 1 of the 1 classes: Dog"):
        columns(("cat", "dog", "DOG"), ("Dog",))  # two names are equal but for case: neither is meant
    with pytest.raises(WorkbenchError, match="does not know 1 of the 2 classes: Cat"):
        columns(("cat", "dog"), ("cat", "Cat"))  # two of the data are: one output is not both


def test_names_that_have_nothing_in_common_are_refused_unless_one_side_only_counts() -> None:
    with pytest.raises(WorkbenchError, match="does not know 2 of the 2"):
        columns(("Katze", "Hund"), ("cat", "dog"))
    assert columns(ANIMALS, DIGITS) == list(range(10))
    assumed = Outputs("net.pt", 10, ANIMALS, assumed=True)
    clothes = ("bag", "boot", "coat", "dress", "pullover", "sandal", "shirt", "sneaker", "top", "trouser")
    assert match_classes(assumed, clothes, from_folders=True)[0] == list(range(10))


def test_numbers_do_not_stand_for_words_until_an_order_is_chosen() -> None:
    """0 to 9 in the order of words (eight, five, four …) gives the accuracy of guessing."""
    words = ("eight", "five", "four", "nine", "one", "seven", "six", "three", "two", "zero")
    for outputs, classes, from_folders in (
        (DIGITS, words, True),
        (DIGITS, words, False),  # arrays that name their classes
        (ANIMALS, DIGITS, True),
    ):
        with pytest.raises(ClassesUnmatched, match="does not know 10 of the 10 classes") as refused:
            columns(outputs, classes, from_folders=from_folders)
        assert "--classes FILE" in refused.value.advice and "--classes data" in refused.value.advice
        assert columns(outputs, classes, order="data", from_folders=from_folders) == list(range(10))
    with pytest.raises(ClassesUnmatched, match="does not know 2 of the 2") as refused:
        columns(("Katze", "Hund"), ("cat", "dog"))
    assert "--classes data" not in refused.value.advice


def test_a_name_of_several_outputs_is_not_mapped_to_one() -> None:
    twice = ("heron", "crane", "tram", "crane")
    with pytest.raises(WorkbenchError, match=r"called “crane” \(outputs 1, 3\)"):
        columns(twice, ("crane", "heron"))
    assert columns(twice, ("tram", "heron")) == [2, 0]
    assert columns(twice, ("crane", "heron"), order=("heron", "crane (bird)", "tram", "crane")) == [3, 0]


def test_names_that_imagenet_gives_twice_are_said() -> None:
    usual = Outputs("net.pt", 4, ("crane bird", "tram", "crane", "dog"), assumed=True)
    found, notes = match_classes(usual, ("crane", "dog"))
    assert found == [2, 3] and "“crane” was taken for output 2; output 0 is “crane bird”" in " ".join(notes)
    assert match_classes(usual, ("crane bird", "crane"))[0] == [0, 2]
    for classes in (("crane bird", "crane"), ("dog", "tram")):
        assert "taken for" not in " ".join(match_classes(usual, classes)[1])


def test_without_names_only_an_order_that_is_certain_is_used() -> None:
    nameless = Outputs("net.pt", 12)
    with pytest.raises(OrderUnknown, match=r"output 1 is 2 \(.*\) or 10 \(") as refused:
        match_classes(nameless, NUMBERS, from_folders=True)
    assert [each.names for each in refused.value.choice.orders] == [NUMBERS, TEXT]
    padded = tuple(n.zfill(2) for n in NUMBERS)
    assert match_classes(nameless, padded, from_folders=True)[0] == list(range(12))
    counted = tuple(map(str, range(12)))
    assert match_classes(nameless, counted)[0] == list(range(12))  # labels of arrays number the outputs
    with pytest.raises(OrderUnknown):
        match_classes(nameless, counted, from_folders=True)
    assert refused.value.advice.startswith("Choose one: --classes natural|text,")
    with pytest.raises(OrderUnknown) as listed:  # a list of names in an array's own order
        match_classes(Outputs("net.pt", 3), ("shirt", "bag", "coat"))
    assert "--classes data|natural" in listed.value.advice


def test_a_chosen_order_is_used() -> None:
    nameless = Outputs("net.pt", 12)
    assert match_classes(nameless, NUMBERS, "natural", True)[0] == list(range(12))
    text, notes = match_classes(nameless, NUMBERS, "text", True)
    assert [TEXT[k] for k in text] == list(NUMBERS) and "text order" in notes[0]
    given = tuple(reversed(NUMBERS))
    assert match_classes(nameless, NUMBERS, given, True)[0] == list(range(11, -1, -1))
    with pytest.raises(WorkbenchError, match=r"has 12, and net\.pt has 3 outputs"):
        match_classes(Outputs("net.pt", 3), ("a", "b", "c"), given)
    _, said = match_classes(Outputs("net.pt", 2, ("Katze", "Hund")), ("dog", "cat"), ("cat", "dog"))
    assert "not those saved with the weights" in said[-1]
    _, said = match_classes(Outputs("net.pt", 2, ("Katze", "Hund"), assumed=True), ("dog", "cat"), ("cat", "dog"))
    assert said == ()  # no names were saved
    names = ("b", "a", "C")
    assert ordered(names, "natural") == ("a", "b", "C") and ordered(names, "text") == ("C", "a", "b")


@pytest.mark.parametrize(
    "content",
    ["cat\n dog \n\n", '["cat", "dog"]', '{"cat": 0, "dog": 1}', '{"1": "dog", "0": "cat"}', "\ufeffcat\r\ndog"],
)
def test_a_file_of_names(tmp_path: Path, content: str) -> None:
    path = tmp_path / "names.txt"
    path.write_text(content, encoding="utf-8")
    assert order_of(str(path)) == ("cat", "dog")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "names no class"),
        ("a\na", "twice"),
        ('{"a": 5}', "no list"),
        ('{"a": 0, "by": "me"}', "no list"),
        ("[1, 2]", "no list"),
        ("[", "JSON"),
    ],
)
def test_other_files_of_names_are_refused(tmp_path: Path, content: str, words: str) -> None:
    path = tmp_path / "names.txt"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(WorkbenchError, match=words):
        names_in(path)
    with pytest.raises(WorkbenchError, match="data, natural, text, or a text file"):
        order_of("alphabetic")


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """Weights of a network that is right if its outputs are the folders 1 to 12 in the order of their texts."""
    pictures = np.random.default_rng(0).integers(0, 256, (12, 32, 32, 3), dtype=np.uint8)
    for name, pixels in zip(NUMBERS, pictures, strict=True):
        (tmp_path / "data" / name).mkdir(parents=True)
        Image.fromarray(pixels).save(tmp_path / "data" / name / "a.png")
    net = network(4, 12).eval()
    x = (torch.from_numpy(pictures).permute(0, 3, 1, 2) / 255 - torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)).div(
        torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
    )
    taken: list[torch.Tensor] = []
    linear = net.get_submodule("linear")
    linear.register_forward_hook(lambda _module, given, _output: taken.append(given[0]))
    with torch.no_grad():
        net(x)
        wanted = torch.eye(12)[[TEXT.index(name) for name in NUMBERS]]
        features = torch.cat([taken[0], torch.ones(12, 1)], 1).double()
        solved = torch.linalg.lstsq(features, 100 * wanted.double(), driver="gelsd").solution.float()
        linear.weight.copy_(solved[:-1].T)  # type: ignore[operator, union-attr]
        linear.bias.copy_(solved[-1])  # type: ignore[operator, union-attr]
    return write(tmp_path, as_zip(net.state_dict()), "numbers.pth"), tmp_path / "data"


def test_an_order_that_is_not_certain_is_asked_for_and_never_measured_in_silence(
    folders: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    weights, data = folders
    assert main(["evaluate", str(weights), "--data", str(data)]) == 2
    said = capsys.readouterr()
    assert not said.out and "--classes natural|text" in said.err
    assert main(["evaluate", str(weights), "--data", str(data), "--classes", "text"]) == 0
    right = capsys.readouterr().out
    names = tmp_path / "elsewhere.json"  # no name of a list of classes
    names.write_text(json.dumps(TEXT))
    assert "text order" in right
    by_text, by_file = (
        evaluate([weights], data, options=EvaluationOptions(order=order)).measured[0].measured
        for order in ("text", names_in(names))
    )
    assert by_text == by_file and by_text.accuracy > 0.5
    assert (
        evaluate([weights], data, options=EvaluationOptions(order="natural")).measured[0].measured.accuracy
        < by_text.accuracy
    )
    (failed,) = evaluate([weights], data).failed
    assert failed.choice is not None and failed.choice.pictures.shape == (12, 3, 32, 32)
    assert [each.name for each in failed.choice.orders] == ["natural", "text"] and failed.choice.classes == NUMBERS


def test_an_accuracy_below_chance_is_another_order_only_where_it_is_no_accident() -> None:
    assert "chance (50.0\xa0%)" in below_chance(0.0, 16, 2) and "another order" in below_chance(0.0, 16, 2)
    assert not below_chance(0.2, 16, 2) and below_chance(0.1, 16, 2)  # 0.5 - 3 * 0.125 = 0.125
    assert not below_chance(0.0, 8, 2) and not below_chance(0.0, 16, 10)


def test_outputs_in_another_order_than_was_taken_are_said(tmp_path: Path) -> None:
    pictures = np.random.Generator(np.random.PCG64(0)).integers(0, 256, (40, 32, 32, 3), np.uint8)
    file = write(tmp_path, as_zip(network(2, 2).state_dict()))
    for labels, said in ((np.zeros(40, int), False), (np.ones(40, int), True), (np.arange(40) % 2, False)):
        np.savez(tmp_path / "d.npz", x=pictures, y=labels, classes=np.array(["cat", "dog"]))
        (measured,) = evaluate([file], tmp_path / "d.npz").measured  # the network answers with its first output
        assert measured.measured.accuracy == 1 - labels.mean()
        assert ("far below chance" in measured.notes[0]) == said


def test_outputs_with_names_below_chance_are_not_in_another_order(tmp_path: Path) -> None:
    pictures = np.random.Generator(np.random.PCG64(0)).integers(0, 256, (40, 32, 32, 3), np.uint8)
    file = write(tmp_path, as_zip({"model": network(2, 2).state_dict(), "classes": ["cat", "dog"]}))
    np.savez(tmp_path / "d.npz", x=pictures, y=np.ones(40, int), classes=np.array(["cat", "dog"]))
    (measured,) = evaluate([file], tmp_path / "d.npz").measured
    assert measured.measured.accuracy == 0 and not any("chance" in note for note in measured.notes)


def test_names_of_another_number_than_the_outputs_are_said_where_the_order_is_asked(tmp_path: Path) -> None:
    pictures = np.random.Generator(np.random.PCG64(0)).integers(0, 256, (40, 32, 32, 3), np.uint8)
    file = write(tmp_path, as_zip({"model": network(2, 3).state_dict(), "classes": ["apple", "Banana"]}))
    np.savez(tmp_path / "d.npz", x=pictures, y=np.arange(40) % 3, classes=np.array(["2", "10", "cherry"]))
    (failed,) = evaluate([file], tmp_path / "d.npz").failed
    assert failed.choice is not None and "has 2 class names (“classes”), and its network 3 outputs" in failed.message
