"""`korobka update …`: bring a signed file into use, look how it went, go back."""

import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import cyclopts
import msgspec

from appliance import __version__
from appliance.cli.answers import FAILED, OK, Common, about, exit_code
from appliance.cli.texts import language, sentence, translate
from appliance.cli.verbs import GROUPS
from appliance.errors import Conflict, Damaged, HouseError, Unavailable
from appliance.vault.signatures import is_signed
from updates import bundle, journal, place
from updates.building import NEEDED, CannotBuild, base_python, build
from updates.bundle import Manifest
from updates.journal import STEPS, Note, Past
from updates.machine import RealMachine
from updates.place import Place
from updates.signed_tar import BadBundle
from updates.steps import Update, fresh_note

DEFAULTS = Common()
PACKED_KEYS = Path(__file__).with_name("maker.pub")
"""Whose signature this release believes; `scripts/release` puts it into the package."""

OWN_KEYS = "maker.pub"
"""In the installation's `etc`: keys that an administrator added."""

STAGING = ".unpacked"

WORDS = {
    "unpack": "проверяю и распаковываю",
    "trial": "примеряю на копии данных",
    "backup": "делаю копию",
    "stop": "останавливаю коробку",
    "keep": "откладываю базы",
    "migrate": "перевожу данные",
    "test": "проверяю данные",
    "switch": "переключаю версию",
    "start": "запускаю и проверяю",
    "finish": "убираю за собой",
    "return": "возвращаю как было",
}

File = Annotated[Path, about("файл обновления")]


def install(file: File, /, *, common: Common = DEFAULTS) -> None:
    """Bring the release of a file into use; whatever fails leads back to the present one."""
    common.answer(*_told(_carry_out(file, common, is_trial=False)))


def trial(file: File, /, *, common: Common = DEFAULTS) -> None:
    """Try it on a copy of the data; nothing of the box changes."""
    common.answer(*_told(_carry_out(file, common, is_trial=True)))


def check(file: File, /, *, common: Common = DEFAULTS) -> None:
    """Is the file whole, whose is it, does it fit."""
    found = _looked(place.here(), file)
    facts: dict[str, object] = {
        "version": found.version,
        "made": found.made,
        "installed": __version__,
        "size": found.size,
        "news": found.news.get(language(), ""),
    }
    common.answer(facts)


def status(*, common: Common = DEFAULTS) -> int:
    """Which release is in use, what is under way, how the last update ended."""
    here = place.here()
    note = journal.read(here)
    alive = here.is_held()
    past = journal.history(here)
    facts: dict[str, object] = {
        "version": __version__,
        "release": here.in_use,
        "under_way": _facts(note) if note else None,
        "alive": alive,
        "last": _facts(past[0]) if past else None,
        "releases": sorted(path.name for path in here.releases.iterdir()),
    }
    common.answer(facts, _state(note, past, alive=alive))
    return FAILED if note is not None and not alive else OK


def give_back(*, common: Common = DEFAULTS) -> None:
    """Go back to the release before this one, if it knows the data as they are now."""
    here = place.here()
    machine = RealMachine(here)
    Update(here, machine, _teller(common)).recover()
    past = next((one for one in journal.history(here) if one.result == "done"), None)
    if past is None or past.new != here.in_use or not here.python(past.old).exists():
        raise Conflict("update_nothing_to_return")
    try:
        known = machine.inside(past.old, "facts")
    except HouseError as error:
        raise Conflict("update_nothing_to_return") from error
    if int(known["schema"]) > int(known["knows"]):
        raise Conflict("update_schema", version=past.was, copy=past.copy or "—")
    note = Note(
        old=past.new, new=past.old, was=past.version, version=past.was,
        began=fresh_note(here, past.was, past.version).began,
    )  # fmt: skip
    common.answer(*_told(_spoken(here, machine, common, note, _nothing)))


def recover(*, common: Common = DEFAULTS) -> None:
    """Lead an update to an end that was cut off; the command does it before each start."""
    here = place.here()
    done = Update(here, RealMachine(here), _teller(common)).recover()
    if done is not None or common.json:
        common.answer({"ended": _facts(done) if done else None}, _told(done)[1] if done else "")


def adopt(prefix: Path, release: str) -> int:
    """For install.sh: bring into use what it has built; 1: refused, and said why."""
    try:
        here = place.of(prefix)
        was = here.in_use.rpartition("-")[0]
        note = fresh_note(here, __version__, was)
        note.new = release
        must_follow(__version__, was, same=True)
        _spoken(here, RealMachine(here), DEFAULTS, note, _nothing)
    except HouseError as error:
        said = sentence(error.code, error.params)
        sys.stderr.write(f"{translate('Ошибка')} {error.code}. {said}\n")
        return exit_code(error)
    return OK


def _carry_out(file: Path, common: Common, *, is_trial: bool) -> Past:
    os.umask(0o022)
    here = place.here()
    machine = RealMachine(here)
    manifest = _looked(here, file)
    _must_have_room(here, machine)

    def make(note: Note) -> None:
        _make(here, file, note)

    note = fresh_note(here, manifest.version, __version__, is_trial=is_trial)
    note.is_made = True
    return _spoken(here, machine, common, note, make)


def _spoken(
    here: Place, machine: RealMachine, common: Common, note: Note, make: Callable[[Note], None]
) -> Past:
    """Carry it out; a refusal says in words at which step and why.

    Raises:
        HouseError: as `Update.carry_out`.
    """
    try:
        return Update(here, machine, _teller(common)).carry_out(note, make)
    except HouseError as error:
        cause = error.__cause__
        if not isinstance(cause, HouseError):
            raise
        why = sentence(cause.code, cause.params)
        step = translate(WORDS.get(note.failed, note.failed))
        raise HouseError(error.code, str(cause), step=step, why=why) from cause


def _looked(here: Place, file: Path) -> Manifest:
    try:
        manifest = bundle.look(file, _keys(here), is_signed_by)
    except BadBundle as error:
        raise _refused(error, file) from error
    except OSError as error:
        raise HouseError("file_unreadable", path=str(file)) from error
    must_follow(manifest.version, __version__)
    minor = ".".join(platform.python_version_tuple()[:2])
    if minor not in manifest.pythons or manifest.machine != platform.machine():
        raise HouseError(
            "update_platform",
            wanted=f"Python {', '.join(manifest.pythons)}, {manifest.machine}",
            found=f"Python {minor}, {platform.machine()}",
        )
    return manifest


def must_follow(version: str, installed: str, *, same: bool = False) -> None:
    """Only newer releases replace older ones; any number of them may be passed over.

    Raises:
        Conflict: `update_older`, `update_same`.
    """
    try:
        new, old = bundle.version_key(version), bundle.version_key(installed)
    except BadBundle as error:
        raise Conflict("update_older", found=version, installed=installed) from error
    if new < old:
        raise Conflict("update_older", found=version, installed=installed)
    if new == old and not same:
        raise Conflict("update_same", found=version)


def is_signed_by(key: bytes, message: bytes, signature: bytes) -> bool:
    """As `bundle.Verify` wants it."""
    return is_signed(key, message, signature)


def _keys(here: Place) -> list[bytes]:
    return bundle.read_keys(PACKED_KEYS, here.etc / OWN_KEYS)


def _make(here: Place, file: Path, note: Note) -> None:
    """Unpack and build; the file is verified again by the very read that is used."""
    staging = Path(tempfile.mkdtemp(prefix=STAGING, dir=here.prefix))
    try:
        bundle.unpack(file, _keys(here), is_signed_by, staging)
        build(staging, here.releases / note.new, base_python())
    except BadBundle as error:
        raise _refused(error, file) from error
    except CannotBuild as error:
        raise Unavailable("update_not_built", str(error)) from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _must_have_room(here: Place, machine: RealMachine) -> None:
    for path in here.prefix.glob(f"{STAGING}*"):  # of one that was cut off
        shutil.rmtree(path, ignore_errors=True)
    free = shutil.disk_usage(here.prefix).free
    if free < NEEDED:
        raise Unavailable("update_room", path=str(here.prefix), need=NEEDED >> 20, free=free >> 20)
    found = machine.inside(here.in_use, "room")
    free, need = int(found["free"]), int(found["need"])
    if free < need:
        raise Unavailable("update_room", path=str(here.data), need=need >> 20, free=free >> 20)


def _refused(error: BadBundle, file: Path) -> HouseError:
    kind = Damaged if error.code == "update_damaged" else HouseError
    return kind(error.code, part=error.part, path=str(file))


def _teller(common: Common) -> Any:
    def tell(step: str) -> None:
        if not common.json:
            place_in = f"{STEPS.index(step) + 1}/{len(STEPS)} " if step in STEPS else ""
            sys.stderr.write(f"{place_in}{translate(WORDS[step])}…\n")
            sys.stderr.flush()

    return tell


def _facts(note: Note) -> dict[str, Any]:
    facts: dict[str, Any] = msgspec.to_builtins(note)
    return facts


def _told(past: Past) -> tuple[dict[str, object], str]:
    facts: dict[str, object] = _facts(past)
    seconds = round(sum(past.took.values()))
    spent = f"{seconds} {translate('с')}"
    if past.result == "tried":
        return facts, f"{translate('Примерка прошла')}: {past.version}, {past.checks}, {spent}."
    if past.result == "returned":
        step = translate(WORDS.get(past.failed, past.failed))
        said = f"{translate('Обновление не состоялось, всё как было')}: {past.was} ({step})."
        return facts, said
    copy = f"{translate('Копия перед обновлением')}: {past.copy}." if past.copy else ""
    return facts, f"{translate('Работает версия')} {past.version}, {spent}. {copy}".strip()


def _state(note: Note | None, past: list[Past], *, alive: bool) -> str:
    lines = [f"{translate('Работает версия')} {__version__}."]
    if note is not None and alive:
        lines.append(f"{note.was} → {note.version}: {translate(WORDS[note.step])}…")
    elif note is not None:
        lines.append(translate("Обновление оборвалось. Довести до конца: korobka update recover"))
    elif past:
        lines.append(f"{past[0].ended}: {_told(past[0])[1]}")
    return "\n".join(lines)


def _nothing(_: Note) -> None:
    """The release lies ready."""


_GROUP = next(group for group in GROUPS if group.name == "update")
app = cyclopts.App(name="update", help=translate(_GROUP.about), help_format="plaintext")
app.default(install)
for _verb in _GROUP.verbs:
    app.command(_verb.where, name=_verb.name, help=translate(_verb.about))
