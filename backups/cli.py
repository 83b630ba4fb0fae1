"""The verbs of copies: what the running box does (`now`, `drill`), what files alone tell."""

import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, cast

from appliance.cli.answers import FAILED, OK, Common, about
from appliance.cli.client import House
from appliance.cli.remote import PERSON, Person
from appliance.cli.texts import translate
from appliance.config import Config
from appliance.domain.backups import is_late
from appliance.errors import HouseError
from backups import buckets, places, restoring, state
from backups.drill import find, must_have_attachments
from backups.targets import Kept, Target

DEFAULTS = Common()
LOOK_SECONDS = 0.3

Yes = Annotated[bool, about("не переспрашивать, что пропадёт внесённое позже", negative=())]
SecretFile = Annotated[Path | None, about("файл с секретным ключом S3; «-» — стандартный ввод")]
Stamp = Annotated[str, about("какая копия: её время, как в списке; без него — последняя")]


def now(*, person: Person = PERSON, common: Common = DEFAULTS) -> int:
    """Have the running box make a copy; waits for its end."""
    return carried_out("copy", "", person, common)


def drill(*, stamp: Stamp = "", person: Person = PERSON, common: Common = DEFAULTS) -> int:
    """Have the running box prove a copy; waits for its end."""
    return carried_out("drill", stamp, person, common)


def cancel(*, person: Person = PERSON, common: Common = DEFAULTS) -> None:
    """End what runs."""
    with House(common.socket()) as house:
        name(house, person)
        common.answer(house.ask("/backups/cancel"), translate("Прервано."))


def listed(*, common: Common = DEFAULTS) -> int:
    """List the copies that lie on the targets; the box need not run."""
    config = common.load()
    known = state.load(config.backups)
    proven = known.proven.stamp if known.proven else ""
    asked = (targets_of(config), config.backups, config.backup.data_targets)
    with places.opened(*asked) as (targets, lost):
        problems = [f"{error.code} {name}" for name, error in lost]
        copies = list(_found(targets, problems))
        rows = [
            {
                "stamp": one.label.stamp,
                "folder": one.store.name,
                "size": one.label.size,
                "attachments": one.label.attachments,
                "version": one.label.version,
                "keys": one.has("keys"),
                "proven": one.label.stamp == proven,
            }
            for one in copies
        ]
    late = is_late(_moment(known.proven.proven_at if known.proven else ""), datetime.now(UTC))
    facts: dict[str, object] = {
        "copies": rows,
        "proven": proven or None,
        "proven_at": known.proven.proven_at if known.proven else None,
        "late": late,
        "problems": problems,
    }
    common.answer(
        facts, "\n".join([*_lines(copies, proven), *problems, _verdict(known, late=late)])
    )
    return OK


def verify(*, stamp: Stamp = "", common: Common = DEFAULTS) -> None:
    """Read a copy back and compare every byte with its label; needs no key."""
    config = common.load()
    tell = restoring.teller(quiet=common.json)
    asked = (targets_of(config), config.backups, config.backup.data_targets)
    with places.opened(*asked) as (targets, _):
        copy = find(targets, stamp)
        for part in copy.label.files:
            # Key sets are forgotten after days, data sets after weeks.
            if ".keys." in part.name and not copy.has("keys"):
                continue
            copy.must_be(part, lambda done, part=part: tell(part.name, done, part.size))
        seen = must_have_attachments(copy, tell)
    facts: dict[str, object] = {
        "stamp": copy.label.stamp,
        "size": copy.label.size,
        "attachments": seen,
    }
    common.answer(facts, translate("Копия цела."))


def restore(
    copy: Annotated[str, about("время копии, файл её .data.age, guard или guard@время")] = "",
    /,
    *,
    code_file: Annotated[
        Path | None, about("файл с кодом восстановления; «-» — стандартный ввод")
    ] = None,
    source: Annotated[
        str, about("папка или s3://ключ@узел/корзина, где лежат копии", name="--from")
    ] = "",
    secret_file: SecretFile = None,
    into: Annotated[Path | None, about("новая папка данных вместо этой коробки")] = None,
    yes: Yes = False,
    common: Common = DEFAULTS,
) -> None:
    """Put a copy in place of a stopped box, or into a new folder."""
    os.umask(0o077)
    is_far = buckets.is_bucket(source)
    asked = restoring.Asked(
        copy=copy,
        code=restoring.read_code(code_file),
        source=Path(source) if source and not is_far else None,
        into=into.absolute() if into else None,
        config=None if into else common.load(),
        quiet=common.json,
        is_said=yes or code_file is not None,
        far=source if is_far else "",
        secret=buckets.read_secret(secret_file) if is_far else "",
    )
    done = restoring.restore(asked, restoring.teller(quiet=common.json))
    common.answer(done.facts, done.text)


def targets_of(config: Config) -> Sequence[str]:
    """Where copies with keys lie."""
    return config.backup.targets or (str(config.backups),)


def _found(targets: Iterable[Target], problems: list[str]) -> Iterator[Kept]:
    for one in targets:
        try:
            yield from one.copies()
        except HouseError as error:
            problems.append(f"{error.code} {one.name}")


def _lines(copies: Iterable[Kept], proven: str) -> list[str]:
    return [
        f"{one.label.stamp}  {one.label.size >> 20:>7} {translate('МБ')}  "
        f"{translate('с ключами') if one.has('keys') else translate('данные')}  "
        f"{translate('доказана') if one.label.stamp == proven else ''}  {one.store.name}".rstrip()
        for one in copies
    ]


def _verdict(known: state.State, *, late: bool) -> str:
    if known.proven is None:
        return translate("Ни одна копия ещё не доказана: korobka backup drill")
    text = f"{translate('Последняя доказанная')}: {known.proven.stamp} ({known.proven.proven_at})"
    return f"{text}. {translate('Это давно: korobka backup drill')}" if late else text


def _moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def carried_out(kind: str, stamp: str, person: Person, common: Common) -> int:
    """Have the box begin one, watch it to its end, say how it went."""
    tell, pause = restoring.teller(quiet=False), threading.Event()
    with House(common.socket()) as house:
        name(house, person)
        house.ask("/backups/start", {"kind": kind, "stamp": stamp})
        while True:
            seen = _progress(house, patient=kind == "restore")
            if seen is None:
                pause.wait(LOOK_SECONDS)
                continue
            if not seen["running"]:
                break
            step = str(seen["step"])
            if step:
                tell(step, cast("int", seen["done"]), cast("int", seen["total"]))
            pause.wait(LOOK_SECONDS)
    last = cast("dict[str, Any]", seen["last"])
    if last["code"]:
        raise HouseError(last["code"], "", **last["params"])
    result = cast("dict[str, Any]", last["result"])
    failed = [one for one in result.get("targets", []) if one["state"] != "done"]
    common.answer(result, _told(kind, result, failed))
    return FAILED if failed else OK


def _progress(house: House, *, patient: bool) -> dict[str, object] | None:
    """Where it is; None: the box is shut for a moment, as a restore needs it."""
    try:
        return house.ask("/backups/progress")
    except HouseError as error:
        if patient and error.code in ("not_running", "no_answer", "not_started"):
            return None
        raise


def _told(kind: str, result: dict[str, Any], failed: Sequence[dict[str, Any]]) -> str:
    if kind == "restore":
        return translate(
            "Данные из копии на месте, пока только для просмотра. "
            "Оставить: korobka backup confirm; вернуть прежние: korobka backup go-back"
        )
    seconds = timedelta(seconds=round(result["seconds"]))
    if kind == "drill":
        return (
            f"{translate('Копия доказана')}: {result['stamp']}, {seconds}. "
            f"{translate('Строк')} {result['rows']}, {translate('открыто ячеек')} "
            f"{result['cells']}, {translate('записей журнала')} {result['events']}."
        )
    size = f"{result['size'] >> 20} {translate('МБ')}"
    lines = [f"{translate('Копия готова')}: {result['stamp']}, {size}, {seconds}."]
    lines += [f"{translate('Не принял')}: {one['path']} ({one['code']})" for one in failed]
    return "\n".join(lines)


def name(house: House, person: Person) -> None:
    """Say on whose behalf the rest is asked."""
    if person.login is not None:
        house.sign_in(person.login, person.password(), person.code)
