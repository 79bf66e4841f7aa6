"""The spec that the window shows: edits, undo and redo, wrong input, and why Train is refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from PySide6.QtCore import QObject, Signal

from workbench.bridge.setting_names import error_words, name_settings, problem_words
from workbench.bridge.spec_shape import has_field, has_inner_shape, replaced, same_owners, shape_of
from workbench.engine.catalog.settings import Setting, setting_of
from workbench.engine.catalog.variant import Variant, members_of
from workbench.engine.core.errors import Mend, Problem, WorkbenchError
from workbench.engine.core.text import editable
from workbench.engine.spec.experiment import ExperimentSpec, live_paths

#: Old specs share their unchanged parts with the new ones, so a long history takes little memory.
UNDO_LIMIT = 500


@dataclass(frozen=True, slots=True)
class _Moment:
    """An undo entry: the spec, the preset that the reset dots compare it with, and whether a load followed it."""

    spec: ExperimentSpec
    reset_point: ExperimentSpec
    loaded: bool


class SpecStore(QObject):
    """The current spec. Views read it and change it through this object only. Lives in the GUI thread.

    The spec is always valid. Text that a form cannot turn into a value is kept as an input error, for which Train is
    refused. While a run is active, ``running_spec`` holds that run's settings. Paths are dotted: ``optimizer.lr``.
    """

    changed = Signal(object)  #: the new spec
    errors_changed = Signal()  #: input_errors
    marks_changed = Signal()  #: running_spec or reset_point
    reason_changed = Signal(str)  #: why Train is refused; empty if it is not
    can_undo_changed = Signal(bool)
    can_redo_changed = Signal(bool)
    live_edit = Signal(str, object)  #: path and value of an edit that the active run must apply
    settle_requested = Signal()  #: fields with unfinished typing must submit it now

    def __init__(self, spec: ExperimentSpec | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._spec = spec if spec is not None else ExperimentSpec()
        self._reset_point = self._spec
        self._running: ExperimentSpec | None = None
        self._is_steered = True
        self._obstacle = ""
        self._undo: list[_Moment] = []
        self._redo: list[_Moment] = []
        self._merge_path: str | None = None
        self._replaced: dict[tuple[str, str], Variant] = {}
        self._input_errors: dict[str, str] = {}
        self._problems: tuple[Problem, ...] | None = None
        self._doubts: tuple[Problem, ...] = ()
        self._emitted: tuple[bool, bool, str] = (False, False, self.reason())

    # --- Reading ------------------------------------------------------------------------------------------------

    @property
    def spec(self) -> ExperimentSpec:
        """The current spec, always valid."""
        return self._spec

    @property
    def running_spec(self) -> ExperimentSpec | None:
        """The active run's settings, including live edits; None if no run is active."""
        return self._running

    @property
    def is_steered(self) -> bool:
        """Whether a run is active that takes the form's edits of live settings."""
        return self._running is not None and self._is_steered

    @property
    def reset_point(self) -> ExperimentSpec:
        """The spec that the reset dots compare with."""
        return self._reset_point

    @property
    def input_errors(self) -> dict[str, str]:
        """The error of each wrongly typed text, by path; a copy."""
        return dict(self._input_errors)

    def input_error(self, path: str) -> str:
        """The error of the text typed at ``path``; empty if there is none."""
        return self._input_errors.get(path, "")

    @property
    def can_undo(self) -> bool:
        """Whether there is an older spec."""
        return bool(self._undo)

    @property
    def can_redo(self) -> bool:
        """Whether there is an undone spec."""
        return bool(self._redo)

    def setting_at(self, path: str) -> Setting:
        """The declaration of the setting at ``path``. Raises KeyError if there is none."""
        owner_path, _, name = path.rpartition(".")
        owner = self._spec.at(owner_path) if owner_path else self._spec
        return setting_of(type(owner), name)

    def preset_at(self, path: str) -> Any:
        """The reset point's value at ``path``, or the setting's default where the reset point has another variant."""
        if same_owners(self._spec, self._reset_point, path):
            return self._reset_point.at(path)
        return self.setting_at(path).default

    def differs(self, path: str) -> bool:
        """Whether ``path`` differs from the preset. Of a variant or list only the kinds are compared."""
        return _differ(self._spec.at(path), self.preset_at(path))

    def waits_for_next_run(self, path: str) -> bool:
        """Whether the active run has another value at ``path`` than the form. Of variants only kinds are compared."""
        if self._running is None or not self._is_steered or not same_owners(self._spec, self._running, path):
            return False  # where an owner differs, the owner's row shows it
        return _differ(self._spec.at(path), self._running.at(path))

    # --- Problems -----------------------------------------------------------------------------------------------

    def problems(self) -> tuple[Problem, ...]:
        """All problems: wrong text first, then doubts about the data, then the spec's errors and warnings."""
        if self._problems is None:
            self._problems = self._spec.problems()
        outside = (Problem("", self._obstacle),) if self._obstacle else ()
        return (*outside, *self._typed_wrongly(), *self._doubts, *self._problems)

    def set_obstacle(self, words: str) -> None:
        """Refuse Train for a reason outside of the settings, a sentence; empty if there is none any more."""
        if words != self._obstacle:
            self._obstacle = words
            self._emit_changes()

    def _typed_wrongly(self) -> Iterator[Problem]:
        """The wrong texts; each is mended by the value that the spec still has."""
        for path, words in self._input_errors.items():
            value = self._spec.at(path)
            mends = (Mend(f"Back to {editable(value)}", path, value),) if isinstance(value, (int, float)) else ()
            yield Problem(path, words, mends=mends)

    def reason(self) -> str:
        """Why Train is refused: one line for each error, with the setting's label. Empty if it is not refused."""
        errors = [p for p in self.problems() if p.severity == "error"]
        return "\n".join(problem_words(self._spec, problem) for problem in errors)

    def words_of(self, error: WorkbenchError) -> str:
        """What ``error`` says, with the settings' labels."""
        return error_words(self._spec, error)

    def named(self, text: str) -> str:
        """A message of the engine with the settings' labels instead of their paths."""
        return name_settings(self._spec, text)

    @property
    def asked(self) -> str:
        """What the user has to answer of the data before anything is trained; empty if nothing."""
        return " ".join(problem.message for problem in self._doubts)

    def set_doubts(self, doubts: tuple[Problem, ...]) -> None:
        """Set the problems that were found in the data itself and that the user has to answer."""
        if doubts != self._doubts:
            self._doubts = doubts
            self.errors_changed.emit()
            self._emit_changes()

    def set_input_error(self, path: str, words: str) -> None:
        """Record that the text in the field at ``path`` is not a value; the spec keeps the old value.

        A field that the spec no longer has is ignored: it loses the focus while it is removed.
        """
        if has_field(self._spec, path) and self._input_errors.get(path) != words:
            self._input_errors[path] = words
            self.errors_changed.emit()
            self._emit_changes()

    def clear_input_error(self, path: str) -> None:
        """Clear the input error at ``path``, if any."""
        if self._input_errors.pop(path, None) is not None:
            self.errors_changed.emit()
            self._emit_changes()

    def settle(self) -> None:
        """Ask every field to submit its text. Call it before the spec is used (Train, Save)."""
        self.settle_requested.emit()

    # --- Changing -----------------------------------------------------------------------------------------------

    def edit(self, path: str, value: Any, merge: bool = False) -> None:
        """Set the setting at ``path``. Raises SpecError and changes nothing if the value is not allowed.

        With ``merge`` this edit and the one before share one undo entry if both are to the same path (a slider drag).
        """
        new = self._without_words_of_preset(self._spec.edited(path, value))
        if new == self._spec:
            self.clear_input_error(path)
            return
        if not (merge and self._merge_path == path):
            self._push(self._undo)
        self._redo.clear()
        self._merge_path = path
        self._move_to(new)

    def _without_words_of_preset(self, new: ExperimentSpec) -> ExperimentSpec:
        """Title and note of a preset speak of its data: with another source they go, unless the user wrote them."""
        preset = self._reset_point
        if new.data.source.kind == self._spec.data.source.kind or (new.title, new.note) != (preset.title, preset.note):
            return new
        return new.edited("title", "").edited("note", "")

    def edit_all(self, changes: Mapping[str, Any]) -> None:
        """Set several settings with one undo entry. Raises SpecError and changes nothing if one is not allowed."""
        new = self._spec
        for path, value in changes.items():
            new = new.edited(path, value)
        if new == self._spec:
            return
        self._push(self._undo)
        self._redo.clear()
        self._merge_path = None
        self._move_to(new)

    def edit_running(self, path: str, value: Any) -> None:
        """Change a live setting of the active run, and of the form if it has the same field. Raises SpecError.

        A form that has other settings for the next run (another optimizer) is not changed.
        """
        if self._running is None:
            return
        if self._is_steered and same_owners(self._spec, self._running, path):
            self.edit(path, value)
        if self._running.at(path) != value:
            self._running = self._running.edited(path, value)
            self.live_edit.emit(path, value)
            self.marks_changed.emit()

    def choose(self, path: str, kind: str) -> None:
        """Put the variant ``kind`` at ``path``, with the values it last had there. Raises SpecError."""
        self.edit(path, self._member(path, kind))

    def add(self, path: str, kind: str) -> None:
        """Append the variant ``kind`` to the list at ``path``, with the values it last had there. Raises SpecError."""
        self.edit(path, (*self._spec.at(path), self._member(path, kind)))

    def mend(self, mend: Mend) -> None:
        """Make the change that removes a problem, as one undo entry. Raises SpecError."""
        if isinstance(mend.value, dict) and set(mend.value) == {"kind"}:
            self.choose(mend.path, mend.value["kind"])
        else:
            self.edit(mend.path, mend.value)

    def reset(self, path: str) -> None:
        """Restore the preset's value at ``path`` and clear the input error there."""
        self.clear_input_error(path)
        self.edit(path, self.preset_at(path))

    def load(self, spec: ExperimentSpec) -> None:
        """Replace the spec and the reset point. Can be undone; an active run is not changed.

        Unfinished typing is submitted to the spec that is replaced, so that it cannot change the new one.
        """
        self.settle()
        self._push(self._undo, loaded=True)
        self._redo.clear()
        self._merge_path = None
        self._input_errors.clear()
        self._reset_point = spec
        self._move_to(spec, live=False)
        self.errors_changed.emit()
        self.marks_changed.emit()

    def set_reset_point(self, spec: ExperimentSpec) -> None:
        """Let the reset dots compare with ``spec``."""
        self._reset_point = spec
        self.marks_changed.emit()

    def set_running(self, spec: ExperimentSpec | None, is_steered: bool = True) -> None:
        """Set the spec that the active run was started with; None when the run has ended.

        Unless ``is_steered`` the form has nothing to do with the run: edits of it do not reach the run.
        """
        self._running, self._is_steered = spec, is_steered
        self.marks_changed.emit()

    def set_run_back(self, running: ExperimentSpec) -> None:
        """The active run has gone back to where it had these settings. So does the form, where it showed the run's."""
        before, new = self._running or running, self._spec
        for path in live_paths(new) if self._is_steered else ():
            if same_owners(before, new, path) and same_owners(running, new, path) and before.at(path) == new.at(path):
                new = new.edited(path, running.at(path))
        self._running = running
        if new != self._spec:
            self._push(self._undo)
            self._redo.clear()
            self._merge_path = None
            self._move_to(new, live=False)
        self.marks_changed.emit()

    def undo(self) -> None:
        """Restore the spec before the last edit or load; does nothing if there is none."""
        self._step(self._undo, self._redo)

    def redo(self) -> None:
        """Restore the spec that the last undo replaced; does nothing if there is none."""
        self._step(self._redo, self._undo)

    def _step(self, source: list[_Moment], target: list[_Moment]) -> None:
        if not source:
            return
        moment = source.pop()
        self._push(target, moment.loaded)
        self._merge_path = None
        self._reset_point = moment.reset_point
        self._move_to(moment.spec, live=not moment.loaded)
        self.marks_changed.emit()

    def _push(self, stack: list[_Moment], loaded: bool = False) -> None:
        stack.append(_Moment(self._spec, self._reset_point, loaded))
        del stack[:-UNDO_LIMIT]

    def _member(self, path: str, kind: str) -> Variant:
        setting = self.setting_at(path)
        if (path, kind) in self._replaced:
            return self._replaced[path, kind]
        for candidates in (self.preset_at(path), setting.default):
            for item in candidates if isinstance(candidates, tuple) else (candidates,):
                if isinstance(item, Variant) and item.kind == kind:
                    return item
        return members_of(cast("type[Variant]", setting.base))[kind]()

    def _move_to(self, new: ExperimentSpec, live: bool = True) -> None:
        old, self._spec, self._problems = self._spec, new, None
        self._replaced.update(replaced(old, new))
        edits = self._apply_live(old, new) if live else []
        self._drop_stale_errors(old, new)
        self.changed.emit(new)
        for path, value in edits:
            self.live_edit.emit(path, value)
        self._emit_changes()

    def _apply_live(self, old: ExperimentSpec, new: ExperimentSpec) -> list[tuple[str, Any]]:
        """The live edits between two specs, applied to ``running_spec`` as well.

        A field belongs to the run only if all its owners are of the same kind: not the rate of another optimizer.
        """
        edits: list[tuple[str, Any]] = []
        for path in live_paths(new) if self._running is not None and self._is_steered else ():
            if same_owners(old, new, path) and old.at(path) != new.at(path) and same_owners(self._running, new, path):
                self._running = cast(ExperimentSpec, self._running).edited(path, new.at(path))
                edits.append((path, new.at(path)))
        return edits

    def _drop_stale_errors(self, old: ExperimentSpec, new: ExperimentSpec) -> None:
        """Clear input errors of fields that are gone or have another value."""
        stale = [p for p in self._input_errors if not same_owners(old, new, p) or old.at(p) != new.at(p)]
        for path in stale:
            del self._input_errors[path]
        if stale:
            self.errors_changed.emit()

    def _emit_changes(self) -> None:
        """Emit the signals for undo, redo and the reason, for those that have changed."""
        undo, redo, reason = self._emitted
        self._emitted = (self.can_undo, self.can_redo, self.reason())
        if self.can_undo != undo:
            self.can_undo_changed.emit(self.can_undo)
        if self.can_redo != redo:
            self.can_redo_changed.emit(self.can_redo)
        if self._emitted[2] != reason:
            self.reason_changed.emit(self._emitted[2])


def _differ(a: Any, b: Any) -> bool:
    return bool(shape_of(a) != shape_of(b) if has_inner_shape(a) or has_inner_shape(b) else a != b)
