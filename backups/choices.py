"""The verbs of the plan of copies and of a restore that the running box carries out."""

from typing import Annotated, Any, cast

from appliance.cli.answers import Common, about
from appliance.cli.client import House
from appliance.cli.remote import PERSON, Person
from appliance.cli.texts import translate
from appliance.errors import NotFound
from backups import buckets, cli, since
from backups import places as known_places
from backups.targets import moment_of

DEFAULTS = Common()
Place = Annotated[
    str,
    about("папка, usb:НОМЕР/папка, sftp://имя@узел/папка#SHA256:… или s3://ключ@узел/корзина"),
]
DataOnly = Annotated[bool, about("только данные: место, где ничего нельзя удалить", negative=())]
WithKeys = Annotated[bool, about("S3: писать и ключи; проверим, что они удаляются", negative=())]
Number = Annotated[int | None, about("сколько хранить")]


def listed(*, person: Person = PERSON, common: Common = DEFAULTS) -> None:
    """List the places, how often copies are made, how many stay."""
    with House(common.socket()) as house:
        cli.name(house, person)
        answer = house.ask("/backups/plan")
    plan = cast("dict[str, Any]", answer["plan"])
    common.answer({**plan, "trial": answer["trial"]})


def disks(*, common: Common = DEFAULTS) -> None:
    """List mounted disks by their ids."""
    found = known_places.disks()
    rows: list[object] = [{"id": one, "mounted": point} for one, point in found]
    common.answer({"disks": rows}, "\n".join(f"{one}  {point}" for one, point in found))


def add(
    place: Place, /, *, data_only: DataOnly = False, with_keys: WithKeys = False,
    secret_file: cli.SecretFile = None, person: Person = PERSON, common: Common = DEFAULTS,
) -> None:  # fmt: skip
    """Try a place and add it."""
    secret = ""
    if buckets.is_bucket(place):
        buckets.bucket_of(place)  # refused before anything secret is asked for
        # What lies at somebody else's forgets only what it must: keys go there when it is said.
        data_only = not with_keys
        secret = buckets.read_secret(secret_file)
    with House(common.socket()) as house:
        cli.name(house, person)
        plan = cast("dict[str, Any]", house.ask("/backups/plan")["plan"])
        kind = "data_targets" if data_only else "targets"
        asked = {"target": place, "takes_keys": not data_only, "secret": secret}
        house.ask("/backups/try-place", asked)
        house.ask("/backups/change-plan", {kind: [*plan[kind], place]})
    common.answer({"added": place}, translate("Место для копий добавлено."))


def remove(place: Place, /, *, person: Person = PERSON, common: Common = DEFAULTS) -> None:
    """Bring no more copies to a place; what lies there stays."""
    with House(common.socket()) as house:
        cli.name(house, person)
        plan = cast("dict[str, Any]", house.ask("/backups/plan")["plan"])
        left = {
            kind: [one for one in plan[kind] if one != place]
            for kind in ("targets", "data_targets")
        }
        house.ask("/backups/change-plan", left)
    common.answer({"removed": place}, translate("Копии туда больше не пишутся; старые целы."))


def schedule(
    *,
    every: Annotated[int | None, about("раз во сколько минут; 0 — только вручную")] = None,
    hourly: Number = None,
    nightly: Number = None,
    weekly: Number = None,
    guard: Annotated[str | None, about("папка непрерывной защиты на втором диске")] = None,
    person: Person = PERSON,
    common: Common = DEFAULTS,
) -> None:
    """Change how often copies are made and how many stay."""
    named = {
        "every_minutes": every,
        "hourly": hourly,
        "nightly": nightly,
        "weekly": weekly,
        "guard": guard,
    }
    body = {name: value for name, value in named.items() if value is not None}
    with House(common.socket()) as house:
        cli.name(house, person)
        common.answer(house.ask("/backups/change-plan", body))


def restore(
    copy: Annotated[str, about("время копии, как в списке")],
    /,
    *,
    yes: cli.Yes = False,
    person: Person = PERSON,
    common: Common = DEFAULTS,
) -> int:
    """Have the running box put a copy in its own place, then only show until it is confirmed."""
    with House(common.socket()) as house:
        cli.name(house, person)
        lost = since.of_answer(house.ask("/backups/since", {"at": _moment(copy)}))
    since.must_be_wanted(lost, quiet=common.json, is_said=yes)
    return cli.carried_out("restore", copy, person, common)


def lost(
    copy: Annotated[str, about("время копии, как в списке")],
    /,
    *,
    person: Person = PERSON,
    common: Common = DEFAULTS,
) -> None:
    """List what was entered since a copy: what a restore would take away."""
    with House(common.socket()) as house:
        cli.name(house, person)
        answer = house.ask("/backups/since", {"at": _moment(copy)})
    common.answer(answer, since.told(since.of_answer(answer)))


def _moment(stamp: str) -> str:
    try:
        return moment_of(stamp).isoformat()
    except ValueError as error:
        raise NotFound("backup_none") from error


def confirm(*, person: Person = PERSON, common: Common = DEFAULTS) -> None:
    """Keep what was restored."""
    with House(common.socket()) as house:
        cli.name(house, person)
        said = translate("Подтверждено: сотрудники снова могут работать.")
        common.answer(house.ask("/backups/confirm"), said)


def go_back(*, person: Person = PERSON, common: Common = DEFAULTS) -> None:
    """Put the data of before the restore in again."""
    with House(common.socket()) as house:
        cli.name(house, person)
        said = translate("Коробка возвращает прежние данные и запускается заново.")
        common.answer(house.ask("/backups/go-back"), said)
