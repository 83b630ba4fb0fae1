"""How an update reaches the box: its commands, its service, and its own account for the data."""

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol, cast

from appliance.config import checks
from appliance.errors import HouseError, Unavailable
from updates.place import Place

ACCOUNT: Final = "korobka"
UNIT: Final = "korobka.service"
UNIT_FILE: Final = Path("/etc/systemd/system") / UNIT
START_SECONDS: Final = "60"


class Seen(NamedTuple):
    """The box from outside."""

    running: bool
    open: bool


class Machine(Protocol):
    """What the steps of an update need of the world; a test has its own."""

    def look(self) -> Seen:
        """Does it run, is it open."""
        ...

    def stop(self) -> None:
        """Stop it; nothing happens where it does not run."""
        ...

    def start(self, release: str) -> None:
        """Start what `current` names and wait until it answers.

        Raises:
            HouseError: it does not.
        """
        ...

    def back_up(self) -> str:
        """Have the running box make a copy; its stamp.

        Raises:
            HouseError: it could not, or read it back and found it different.
        """
        ...

    def inside(
        self, release: str, verb: str, more: Mapping[str, object] = ...
    ) -> Mapping[str, Any]:
        """One of `updates.inside`, done by a release as the box's account.

        Raises:
            HouseError: as it refuses.
        """
        ...

    def furnish(self, release: str) -> None:
        """Bring command and unit file to what this release brings along."""
        ...


class RealMachine:
    """By processes."""

    def __init__(self, place: Place) -> None:
        self._place = place

    def look(self) -> Seen:
        if not checks.is_held(self._place.data):
            return Seen(running=False, open=False)
        facts = _last_line(self._korobka("status", ok=(0, 3)))
        return Seen(running=bool(facts.get("running")), open=facts.get("open") is True)

    def stop(self) -> None:
        if self._place.is_service:
            _run(["systemctl", "stop", UNIT], "will_not_stop")
        elif checks.is_held(self._place.data):
            self._korobka("stop", ok=(0, 3))

    def start(self, release: str) -> None:
        if self._place.is_service:
            _run(["systemctl", "restart", UNIT], "did_not_start")
        else:
            self._korobka("start", "--wait", START_SECONDS)
        facts = _last_line(self._korobka("status", "--wait", START_SECONDS, ok=(0, 3)))
        if not facts.get("running") or not facts.get("answers"):
            raise HouseError("did_not_start", path=str(self._place.data / "logs" / "korobka.log"))

    def back_up(self) -> str:
        return str(_last_line(self._korobka("backup", "now"))["stamp"])

    def inside(
        self, release: str, verb: str, more: Mapping[str, object] | None = None
    ) -> Mapping[str, Any]:
        words = [str(self._place.python(release)), "-P", "-m", "updates", "inside", verb]
        words += [str(self._place.data), json.dumps(dict(more or {}))]
        done = subprocess.run(  # noqa: S603 - our own interpreter and module
            [*self._as_box(), *words],
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            env=_surroundings(),
        )
        answer = _last_line(done.stdout)
        if done.returncode or "code" in answer:
            code = str(answer.get("code", "update_step_died"))
            params = cast("dict[str, str | int]", answer.get("params", {}))
            raise HouseError(code, done.stderr[-300:], **params)
        return answer

    def furnish(self, release: str) -> None:
        home = self._place.releases / release / "packaging"
        if not (home / "wrapper").is_file():
            return  # a release from before it brought these along: what stands here fits it
        drop = ""
        if self._place.is_service:
            drop = (home / "wrapper.service").read_text(encoding="utf-8")
        text = (home / "wrapper").read_text(encoding="utf-8").replace("@DROP@\n", drop)
        _replace(self._place.command, self._filled(text), 0o755)
        if self._place.is_service:
            unit = self._filled((home / UNIT).read_text(encoding="utf-8"))
            unit = unit.replace("@CAPABILITIES@", _capabilities())
            if unit != UNIT_FILE.read_text(encoding="utf-8"):
                _replace(UNIT_FILE, unit, 0o644)
                _run(["systemctl", "daemon-reload"], "did_not_start")

    def _filled(self, text: str) -> str:
        text = text.replace("@PREFIX@", str(self._place.prefix))
        return text.replace("@DATA@", str(self._place.data))

    def _as_box(self) -> Sequence[str]:
        return ["runuser", "-u", ACCOUNT, "--"] if self._place.is_service else []

    def _korobka(self, *words: str, ok: Sequence[int] = (0,)) -> str:
        command = [str(self._place.command), *words, "--data", str(self._place.data), "--json"]
        done = subprocess.run(  # noqa: S603 - our own command
            command, capture_output=True, text=True, check=False, cwd="/", env=_surroundings()
        )
        if done.returncode not in ok:
            error = _last_line(done.stdout).get("error", {})
            raise HouseError(error.get("code", "did_not_start"), "", **error.get("params", {}))
        return done.stdout


def _capabilities() -> str:
    """What the unit in use may do: the port did not change."""
    try:
        lines = UNIT_FILE.read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    found = [line.partition("=")[2] for line in lines if line.startswith("AmbientCapabilities=")]
    return found[0] if found else ""


def _run(command: Sequence[str], code: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    if done.returncode:
        raise Unavailable(code, done.stderr[-300:], path=UNIT, pid=0)


def _last_line(text: str) -> dict[str, Any]:
    lines = text.strip().splitlines()
    try:
        return cast("dict[str, Any]", json.loads(lines[-1])) if lines else {}
    except ValueError:
        return {}


def _replace(path: Path, text: str, mode: int) -> None:
    beside = path.with_name(f"{path.name}.new")
    beside.unlink(missing_ok=True)
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.chmod(mode)
    beside.rename(path)


def _surroundings() -> dict[str, str]:
    """What a command needs to run in our words; settings by environment stay the box's own."""
    kept = ("PATH", "LANG", "HOME", "KOROBKA_LANGUAGE")
    return {"PYTHONUTF8": "1", **{name: os.environ[name] for name in kept if name in os.environ}}
