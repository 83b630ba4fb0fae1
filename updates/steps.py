"""An update step by step. Each step is written down before it begins, and each leads back.

Until `keep` nothing of the box is touched. From there a copy of its databases lies beside them, and
a step that fails, or a machine that dies, ends in the same return: the databases as they were, the
release as it was. Only people's deeds under the new release forbid it: they would be lost.
"""

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

from appliance.errors import HouseError
from updates import journal
from updates.journal import RETURN, TOUCHED, Note, Past
from updates.machine import Machine
from updates.place import Place

Tell = Callable[[str], None]


def nothing_told(_: str) -> None:
    """For updates nobody watches."""


class Update:
    """One installation and one machine."""

    def __init__(
        self,
        place: Place,
        machine: Machine,
        tell: Tell = nothing_told,
        reached: Callable[[str], None] = nothing_told,
    ) -> None:
        """Args: reached: called inside every step; a test dies or breaks there."""
        self.place, self.machine, self.tell, self._reached = place, machine, tell, reached

    def carry_out(self, note: Note, make: Callable[[Note], None]) -> Past:
        """Bring a release into use, or the box back to where it was.

        Args:
            note: who replaces whom.
            make: puts the new release under its name.

        Raises:
            Conflict: `update_running`.
            HouseError: `update_returned` with `step` and `why`: all is as before; `update_dead`:
                all is as before, but the former release does not answer either.
        """
        with self.place.alone():
            self._settle()
            try:
                with self._step(note, "unpack"):
                    make(note)
                past = self._tried(note) if note.is_trial else self._forward(note)
            except HouseError as error:
                self._failed(note, error)
            except OSError as error:
                problem = HouseError("disk_refused", problem=error.strerror or type(error).__name__)
                self._failed(note, problem)
            else:
                return past
        raise AssertionError("a failed update has raised")

    def recover(self) -> Past | None:
        """Lead an update to an end that nobody carries on; None: there is none, or it is alive.

        Starts no box: whoever asks is about to.

        Raises:
            HouseError: as `carry_out`; `no_access`.
        """
        if journal.read(self.place) is None or self.place.is_held():
            return None
        with self.place.alone():
            return self._settle()

    def _settle(self) -> Past | None:
        note = journal.read(self.place)
        if note is None:
            return None
        if note.step == "finish":
            return self._finish(note)
        if note.step == "start" and self._is_needed(note):
            return self._finish(note)
        return self._back(note, start=False)

    def _is_needed(self, note: Note) -> bool:
        """Whether the new release has served already: then there is no way back without loss."""
        seen = self.machine.look()
        return (seen.running and (seen.open or not note.was_open)) or self._people_worked(note)

    def _people_worked(self, note: Note) -> bool:
        before = {"log": note.deeds, "waiting": note.waiting, "erased": note.erased}
        return bool(self.machine.inside(self.place.in_use, "people-since", before)["people"])

    def _tried(self, note: Note) -> Past:
        self._try(note)
        self._drop(note)
        return journal.close(self.place, note, "tried")

    def _try(self, note: Note) -> None:
        with self._step(note, "trial"):
            found = self.machine.inside(note.new, "trial")
            note.checks = int(found["checks"])

    def _forward(self, note: Note) -> Past:
        self._try(note)
        with self._step(note, "backup"):
            seen = self.machine.look()
            note.was_running, note.was_open = seen
            # Who is sealed can make none: the copy that `keep` makes has to do.
            note.copy = self.machine.back_up() if seen.open else ""
        with self._step(note, "stop"):
            self.machine.stop()
        with self._step(note, "keep"):
            kept = self.machine.inside(note.new, "keep")
            note.deeds, note.waiting = int(kept["log"]), int(kept["waiting"])
            note.erased = int(kept["erased"])
        with self._step(note, "migrate"):
            migrated = self.machine.inside(note.new, "migrate")["migrated"]
            note.first = int(migrated[0]) if migrated else 0
        with self._step(note, "test"):
            note.checks += int(self.machine.inside(note.new, "test")["checks"])
        with self._step(note, "switch"):
            self.place.switch_to(note.new)
            self.machine.furnish(note.new)
        with self._step(note, "start"):
            if note.was_running:
                self._start(note)
        return self._finish(note)

    def _start(self, note: Note) -> None:
        self.machine.start(note.new)
        seen = self.machine.look()
        if not seen.running or (note.was_open and not seen.open):
            raise HouseError("update_not_open")

    def _finish(self, note: Note) -> Past:
        """The new release has proven itself: the former data go, the former release stays."""
        with self._step(note, "finish"):
            with suppress(HouseError):  # the next one sweeps
                self.machine.inside(self.place.in_use, "forget", {"step": note.first})
            self.place.keep_only(note.old, note.new)
        return journal.close(self.place, note, "done")

    def _failed(self, note: Note, error: HouseError) -> None:
        note.failed, note.code, note.params = note.step, error.code, dict(error.params)
        if note.failed == "finish":  # the new release works; the next one sweeps
            raise HouseError("update_unfinished") from error
        if note.failed == "start" and self._people_worked(note):
            # Somebody's work is in it: a box that limps loses less than one that is set back.
            self._finish(note)
            raise HouseError("update_limps", why=error.code) from error
        self._back(note, start=note.was_running)
        raise HouseError("update_returned", step=note.failed, why=error.code) from error

    def _back(self, note: Note, *, start: bool) -> Past:
        """Return; may be cut off and repeated."""
        if note.step != RETURN:
            note.failed, note.step = note.step, RETURN
            journal.write(self.place, note)
        self._reached("return")
        self.tell(RETURN)
        if note.failed in TOUCHED:
            if start or self.machine.look().running:
                self.machine.stop()
            self.machine.inside(self._able(note), "restore")
            self._reached("return.restored")
            self.place.switch_to(note.old)
            self.machine.furnish(note.old)
        self._reached("return.switched")
        problem = self._started(note) if start else None
        with suppress(HouseError):  # what is left of it is swept by the next one
            self.machine.inside(self._able(note), "forget", {"step": 0})
        self._drop(note)
        past = journal.close(self.place, note, "returned")
        if problem is not None:
            raise HouseError("update_dead", why=problem.code) from problem
        return past

    def _drop(self, note: Note) -> None:
        if note.is_made and note.new != self.place.own_name():
            self.place.remove(note.new)

    def _able(self, note: Note) -> str:
        """A release whose code can put things back: the one this runs in, if it is installed."""
        return self.place.own_name() or note.new

    def _started(self, note: Note) -> HouseError | None:
        if self.machine.look().running:
            return None
        try:
            self.machine.start(note.old)
        except HouseError as error:
            return error
        return None

    @contextmanager
    def _step(self, note: Note, name: str) -> Generator[None]:
        note.step = name
        journal.write(self.place, note)
        self.tell(name)
        self._reached(f"{name}.begun")
        began = time.monotonic()
        yield
        self._reached(f"{name}.done")
        note.took[name] = round(time.monotonic() - began, 1)


def fresh_note(place: Place, version: str, was: str, *, is_trial: bool = False) -> Note:
    """The note of an update that is about to begin."""
    return Note(
        old=place.in_use,
        new=place.free_name(version),
        was=was,
        version=version,
        began=datetime.now(UTC).isoformat(timespec="microseconds"),
        is_trial=is_trial,
    )
