"""One lesson: the question to the class, what is on the stage, the number that is measured, and its band."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from workbench.engine.catalog.variant import AsTuple, Section
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.lessons.band import Band, Words
from workbench.engine.lessons.predict import Predict
from workbench.engine.lessons.quantities import NamedSpec, Quantity, Stage
from workbench.engine.lessons.run_cache import RunCache, seeded
from workbench.engine.lessons.starts import moved
from workbench.engine.playground.spec import PlaygroundSpec
from workbench.engine.spec.editable import Editable
from workbench.engine.spec.experiment import ExperimentSpec

#: Claims of the lecture have the numbers up to this one; those above are beyond it.
CLAIMS = 28
MOST = 99
#: The places of a sentence for the measured number and its band.
MEASURED, BAND = "{measured}", "{band}"


def _with_places(sentence: str) -> str:
    if MEASURED not in sentence or BAND not in sentence:
        raise PydanticCustomError("places", f"must have the places {MEASURED} and {BAND}")
    return sentence


def _numbered(number: int) -> int:
    if not 1 <= number <= MOST:
        raise PydanticCustomError("number", f"must be from 1 to {MOST}")
    return number


Sentence = Annotated[Words, AfterValidator(_with_places)]


class NamedRun(Section):
    """One of the runs of a lesson: its experiment with ``edits`` (paths of the experiment, without its name)."""

    name: Words
    edits: dict[str, Any] = {}


class Also(Section):
    """A further number that belongs to the claim: another quantity, maybe on a changed stage."""

    quantity: Quantity
    band: Band
    conclusion: Sentence
    edits: dict[str, Any] = {}


class Counter(Section):
    """The counter-example: with ``edits`` of the lesson the band must fail; ``words`` say what is changed."""

    words: Words
    edits: dict[str, Any]


class Lesson(Editable):
    """All of a lesson's file. ``controls`` are the paths of the settings that are shown, the most important first.

    ``claim`` is the number that the program has for it, where ``number`` is another one: its place in a plan. A scene
    made by the user has the claim 0, and need not have a counter-example.

    ``runs`` are trained beside each other where the quantity is measured on runs; without them it is the experiment
    itself. ``predict`` is what a class can say before the scene is played.
    """

    version: ClassVar[int] = 1

    number: Annotated[int, AfterValidator(_numbered)]
    title: Words
    question: Words
    drag: Words
    notes: str = ""
    controls: Annotated[tuple[str, ...], AsTuple] = ()
    playground: PlaygroundSpec | None = None
    experiment: ExperimentSpec | None = None
    runs: Annotated[tuple[NamedRun, ...], AsTuple] = ()
    quantity: Quantity
    band: Band
    conclusion: Sentence
    also: Annotated[tuple[Also, ...], AsTuple] = ()
    counter: Counter | None = None
    claim: int | None = None
    predict: Predict | None = None

    @property
    def is_own(self) -> bool:
        """Whether it is none of the program's scenes."""
        return self.claim == 0

    @property
    def is_beyond_the_lecture(self) -> bool:
        """Whether it is a scene of the program, but none of the lecture's claims."""
        return (self.number if self.claim is None else self.claim) > CLAIMS

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """The speaker's notes, a text for each paragraph."""
        return tuple(" ".join(part.split()) for part in self.notes.split("\n\n") if part.strip())

    def changed(self, edits: dict[str, Any]) -> Lesson:
        """The lesson with ``edits`` (path → value) of its settings. Raises SpecError."""
        lesson = self
        for path, value in edits.items():
            lesson = lesson.edited(path, value)
        return lesson

    def countered(self) -> Lesson:
        """Its counter-example. Raises WorkbenchError if it has none."""
        if self.counter is None:
            raise WorkbenchError(f"The scene “{self.title}” has no counter-example.")
        return self.changed(self.counter.edits)

    def stage(self, seed: int, trained: RunCache | None = None) -> Stage:
        """What is on the stage with this seed: noise, data and weights follow it. Raises SpecError for a wrong seed.

        A race begins at the lesson's start with seed 0, with another one up to a quarter nearer or farther. ``trained``
        has the runs that were trained already.
        """
        race = None if self.playground is None else _started(self.playground, seed)
        spec = None if self.experiment is None else seeded(self.experiment, seed)
        runs = () if spec is None else tuple(run_specs(spec, self.runs))
        return Stage(race, spec, seed, runs, trained if trained is not None else RunCache())


def run_specs(spec: ExperimentSpec, runs: Sequence[NamedRun]) -> Iterator[NamedSpec]:
    """The runs of a lesson on ``spec``. Raises SpecError for an edit that cannot be made."""
    for run in runs or (None,):
        edited = spec
        for path, value in run.edits.items() if run is not None else ():
            edited = edited.edited(path, value)
        yield NamedSpec(run.name if run is not None else "", edited, run.edits if run is not None else {})


def _started(spec: PlaygroundSpec, seed: int) -> PlaygroundSpec:
    x, y = moved(spec.start(), seed)
    return spec.edited("seed", seed).edited("start_x", x).edited("start_y", y)
