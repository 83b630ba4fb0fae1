"""What the console sees of the installation, and how it has an update begun.

An update stops the box, so it is not the box that is asked: the note which the update writes before
each step is read, and the command `korobka update` does the work, in a session of its own. So does
`korobka move`, which says on standard error where it is.
"""

import asyncio
import json
import os
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import IO, Any, Protocol, cast

from appliance.errors import Damaged, HouseError
from updates import journal, place
from updates.journal import Note, Past
from updates.move_lines import Progress, answer_of, progress_of
from updates.place import Place

_LONGEST = 4096
"""Bytes that hold the last lines of a move."""


@dataclass(frozen=True)
class Standing:
    """How the installation stands.

    Attributes:
        release: in use.
        note: the update that is under way, or was cut off.
        is_alive: somebody carries it on.
        past: how earlier ones ended, newest first.
        may_act: this account may change the installation.
    """

    release: str
    note: Note | None = None
    is_alive: bool = False
    past: list[Past] = field(default_factory=list[Past])
    may_act: bool = True

    @property
    def version(self) -> str:
        return self.release.rpartition("-")[0]


class Installed(Protocol):
    """The installation: the real one, or an invented one in a test."""

    def look(self) -> Standing | None:
        """How it stands; None: the program runs from its sources."""
        ...

    async def check(self, file: str) -> Mapping[str, Any]:
        """What an update file says of itself.

        Raises:
            HouseError: why it will not do.
        """
        ...

    def begin(self, *words: str) -> None:
        """Start `korobka update …`; it goes on when the console is gone."""
        ...

    async def can_take(self, url: str) -> Mapping[str, Any]:
        """What a PostgreSQL server says of itself.

        Raises:
            HouseError: why the box cannot move there.
        """
        ...

    def begin_move(self, url: str) -> None:
        """Start `korobka move … --restart`; it goes on when the console is gone."""
        ...

    def is_moving(self) -> bool:
        """Whether a move that was begun here goes on: the box is down for it."""
        ...

    def moving(self) -> Progress | None:
        """Where the move that was begun here is; None: it has not said yet."""
        ...

    def ended(self) -> HouseError | bool:
        """Whether what was begun here has come to its end, or why it was refused."""
        ...


class RealInstallation:
    """Of the program that this console is part of."""

    def __init__(self) -> None:
        self._begun: subprocess.Popen[bytes] | None = None
        self._said: IO[bytes] | None = None
        self._steps: IO[bytes] | None = None

    def look(self) -> Standing | None:
        here = _here()
        if here is None:
            return None
        try:
            note = journal.read(here)
        except Damaged:
            note = None
        may_act = os.access(here.etc, os.W_OK)
        return Standing(here.in_use, note, here.is_held(), journal.history(here), may_act)

    async def check(self, file: str) -> Mapping[str, Any]:
        child = await asyncio.create_subprocess_exec(
            *_command("check", file), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        answer, _ = await child.communicate()
        return _told(answer)

    def begin(self, *words: str) -> None:
        # A file and no pipe: nobody may be there any more to read from one.
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - read when the work has ended
        self._begun = subprocess.Popen(  # noqa: S603 - our own command
            _command(*words),
            stdin=subprocess.DEVNULL,
            stdout=self._said,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            cwd="/",
        )

    async def can_take(self, url: str) -> Mapping[str, Any]:
        words = _command("--check", "--to-file", "-", verb="move")
        child = await asyncio.create_subprocess_exec(
            *words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        answer, _ = await child.communicate(f"{url}\n".encode())
        return answer_of(answer.decode(errors="replace"))

    def begin_move(self, url: str) -> None:
        # Files and no pipes: nobody may be there any more to read, and the address is in none.
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - read when the work has ended
        self._steps = tempfile.TemporaryFile()  # noqa: SIM115 - and while it lasts
        self._begun = subprocess.Popen(  # noqa: S603 - our own command
            _command("--to-file", "-", "--restart", verb="move"),
            stdin=subprocess.PIPE,
            stdout=self._said,
            stderr=self._steps,
            start_new_session=True,
            cwd="/",
        )
        if self._begun.stdin is not None:
            self._begun.stdin.write(f"{url}\n".encode())
            self._begun.stdin.close()

    def is_moving(self) -> bool:
        begun = self._begun if self._steps is not None else None
        return begun is not None and begun.poll() is None

    def moving(self) -> Progress | None:
        if self._steps is None:
            return None
        # By place: the child goes on writing behind the end, which is shared with it.
        there = os.pread(self._steps.fileno(), _LONGEST, max(0, self._size() - _LONGEST))
        lines = (progress_of(one) for one in reversed(there.decode(errors="replace").splitlines()))
        return next((one for one in lines if one is not None), None)

    def _size(self) -> int:
        return os.fstat(self._steps.fileno()).st_size if self._steps is not None else 0

    def ended(self) -> HouseError | bool:
        if self._begun is None or self._said is None:
            return False
        if self._begun.poll() is None:
            return False
        self._said.seek(0)
        said, is_move = self._said.read(), self._steps is not None
        self._begun = self._said = self._steps = None
        try:
            if is_move:
                answer_of(said.decode(errors="replace"))
            else:
                _told(said)
        except HouseError as error:
            return error
        return True


def _here() -> Place | None:
    try:
        return place.here()
    except HouseError:
        return None


def _command(*words: str, verb: str = "update") -> list[str]:
    here = place.here()
    return [str(here.command), verb, *words, "--json"]


def _told(said: bytes) -> Mapping[str, Any]:
    lines = said.decode(errors="replace").strip().splitlines()
    try:
        answer = cast("dict[str, Any]", json.loads(lines[-1])) if lines else {}
    except ValueError:
        answer = {}
    if not answer:
        raise HouseError("update_step_died")
    if "error" in answer:
        raise HouseError(answer["error"]["code"], "", **answer["error"]["params"])
    return answer
