"""What an act and its extract say, and how their pages are filled in."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from importlib.resources import files
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from appliance.audit.extract import Extract as Taken
from appliance.audit.extract import Proven
from appliance.domain import formats
from appliance.domain.access import ActorKind
from appliance.domain.acts import (
    REASONS,
    SETTING,
    Act,
    ActPerson,
    ActSettings,
    Extract,
    ExtractEntry,
    Operator,
    PaperLine,
    methods,
    named,
    norm_in_words,
)
from appliance.domain.holds import said_of
from appliance.domain.papers import Sheet
from appliance.domain.personal import Personal
from appliance.domain.subjects import CATEGORIES, LOST, RULE, RequestView
from appliance.storage import (
    field_definitions,
    legal_entities,
    roles_store,
    settings,
    users,
)
from appliance.storage.tx import Tx

BLANK: Final = "______________________________"
"""Where the box does not know what the order asks for, it is filled in by hand."""

WORDS: Final[Mapping[str, str]] = {
    "subjects.request": "запрос записан, человек закрыт от показа",
    "subjects.block": "человек закрыт от показа",
    "subjects.hold": "отмечена обязанность хранить",
    "subjects.release": "обязанность хранить снята",
    "subjects.approve": "уничтожение утверждено",
    "subjects.approve_by_code": "уничтожение утверждено кодом восстановления",
    "subjects.extend": "срок ответа продлён",
    "destruction.begin": "уничтожение начато",
    "trimming.trim": "отложено под отдельный ключ то, что велит хранить закон",
    "trimming.let_go": "срок хранения по закону истёк, идёт пауза",
    "trimming.lay_back": "учёт хранимого по закону восстановлен после старой копии",
    "trimming.kept": "показано хранимое по закону",
    "destruction.wipe": "ключ уничтожен, записи и вложения удалены",
    "destruction.finish": "уничтожение завершено",
    "destruction.wipe_again": "данные из старой копии удалены снова",
    "destruction.close": "копий с ключом не осталось",
}
"""Deeds that an extract shows, in words; who only looked stays out."""

_RESULTS: Final = {"done": "сделано"}
_KINDS: Final = {
    ActorKind.SYSTEM.value: "программа",
    ActorKind.CONSOLE.value: "консоль сервера",
    ActorKind.API_KEY.value: "ключ программы",
    ActorKind.PLUGIN.value: "плагин",
}


class Drawn(msgspec.Struct, frozen=True, kw_only=True):
    """Act and extract, ready for their pages."""

    act: Act
    extract: Extract


async def act_of(
    tx: Tx,
    one: RequestView,
    number: int,
    papers: Sequence[PaperLine],
    box: str,
    zone: ZoneInfo,
) -> Act:
    """Fill an act in from what the box knows now; what it says is frozen with it."""
    known = await settings.get(SETTING, ActSettings)
    entities = await legal_entities.list_all(tx)
    own = legal_entities.chosen(entities, ())
    operator = Operator()
    if own is not None:
        name = own.parts.full_name or own.parts.name
        operator = Operator(name=name, address=own.parts.address, inn=own.parts.inn)
    erasure = tx.vault.erasure(one.subject_id)
    system = known.system or f"«Коробка» ({box})"
    return Act(
        number=number,
        request=one.number,
        made_at=tx.now.astimezone(UTC).isoformat(timespec="seconds"),
        operator=operator,
        processors=known.processors,
        subject=one.shown.reveal() or f"№ {one.customer_number}",
        subject_id=str(one.subject_id),
        persons=await _persons(tx, one, zone),
        categories=named(one.found.gone, await _field_names()),
        papers=tuple(papers),
        systems=(system, f"резервные копии системы {system}"),
        methods=methods(
            keeps=bool(one.found.kept_of),
            is_lost=erasure is not None and erasure.reason.endswith(LOST),
        ),
        reason=REASONS[RULE[one.kind].reason],
        norm=norm_in_words(one.norm),
        destroyed_at=(one.erased_at or tx.now).astimezone(UTC).isoformat(timespec="seconds"),
        ledger=one.ledger,
        stays=_stays(one),
        kept=tuple(said_of(hold, one.found.kept, CATEGORIES) for hold in one.found.kept_for),
        box=box,
    )


async def _field_names() -> dict[str, str]:
    """Fields of the operator's own making, by code."""
    found = await field_definitions.read_all()
    return {code: one.name for fields in found.values() for code, one in fields.items()}


async def _persons(tx: Tx, one: RequestView, zone: ZoneInfo) -> tuple[ActPerson, ...]:
    """Who wrote the request down and who agreed, with the names of their roles as positions."""
    people = {user.number: user for user in await users.list_all(tx)}
    roles = {role.code: role.name for role in await roles_store.list_all()}

    def person(number: int, part: str, at: datetime) -> ActPerson:
        known = people.get(number)
        name = "" if known is None else known.name.reveal()
        post = "" if known is None else ", ".join(roles.get(code, code) for code in known.roles)
        return ActPerson(
            name=name, post=post, part=part, at=f"{at.astimezone(zone):%d.%m.%Y %H:%M}"
        )

    found: list[ActPerson] = []
    if one.asked_by:
        found.append(person(one.asked_by, "записал запрос", one.asked_at))
    for given in one.approvals:
        if given.stands:
            how = "утвердил кодом восстановления" if given.code else "утвердил уничтожение"
            found.append(person(given.by, how, given.at))
    return tuple(found)


async def names(tx: Tx) -> dict[str, str]:
    """Colleagues by the id that the log knows them by."""
    return {str(user.id): user.name.reveal() for user in await users.list_all(tx)}


def _stays(one: RequestView) -> tuple[str, ...]:
    found = one.found
    counts = (("заказы", found.orders), ("сделки", found.deals))
    return tuple(f"{name}: {count}" for name, count in counts if count)


def extract_of(
    act: Act, taken: Taken, since: datetime, public_key: bytes, people: Mapping[str, str]
) -> Extract:
    """The extract that goes with an act: deeds on the person since the request.

    Args:
        act: what the order asks for stands in both.
        taken: deeds on the person out of the log.
        since: of the request; earlier deeds are others' business.
        public_key: of the checkpoint.
        people: colleagues by the id that the log knows them by.
    """
    start = int(since.timestamp() * 1000)
    entries = [
        _entry(one, people)
        for one in taken.entries
        if one.leaf.action in WORDS and one.leaf.at >= start
    ]
    return Extract(
        act=act.number,
        subject=act.subject,
        subject_id=act.subject_id,
        categories=act.categories,
        system=act.systems[0],
        reason=act.reason,
        norm=act.norm,
        destroyed_at=act.destroyed_at,
        entries=tuple(entries),
        size=taken.size,
        root=taken.root.hex(),
        checkpoint=taken.note,
        public_key=public_key.hex(),
    )


def _entry(one: Proven, people: Mapping[str, str]) -> ExtractEntry:
    leaf = one.leaf
    who = people.get(leaf.actor_id) or _KINDS.get(leaf.actor_kind, "сотрудник")
    return ExtractEntry(
        seq=one.seq,
        at=datetime.fromtimestamp(leaf.at / 1000, UTC).isoformat(timespec="milliseconds"),
        action=leaf.action,
        who=who,
        result=leaf.result,
        leaf=one.data.decode(),
        leaf_hash=one.leaf_hash.hex(),
        proof=tuple(part.hex() for part in one.proof),
    )


@lru_cache(4)
def _template(name: str) -> str:
    return files("appliance.storage").joinpath(f"print/{name}.typ").read_text(encoding="utf-8")


def act_sheet(act: Act, zone: ZoneInfo) -> Sheet:
    """The act for the typesetter."""
    fields = {
        "act": msgspec.to_builtins(act) | _without_defaults(act),
        "made_day": f"{formats.day_words(_local(act.made_at, zone).date(), year=True)} г.",
        "destroyed": formats.moment_full(_local(act.destroyed_at, zone), zone),
        "blank": BLANK,
    }
    return Sheet(template=_template("destruction_act"), fields=Personal(fields), pictures={})


def _without_defaults(act: Act) -> dict[str, object]:
    """Parts whose empty fields the encoder leaves out, whole: a template names every one."""
    return {
        "operator": msgspec.structs.asdict(act.operator),
        "processors": [msgspec.structs.asdict(one) for one in act.processors],
        "persons": [msgspec.structs.asdict(one) for one in act.persons],
        "categories": [msgspec.structs.asdict(one) for one in act.categories],
    }


def extract_sheet(extract: Extract, zone: ZoneInfo) -> Sheet:
    """The extract for the typesetter."""
    fields = {
        "extract": msgspec.to_builtins(extract)
        | {"categories": [msgspec.structs.asdict(one) for one in extract.categories]},
        "entries": [
            {
                "seq": one.seq,
                "at": f"{_local(one.at, zone):%d.%m.%Y %H:%M:%S}",
                "words": WORDS[one.action],
                "who": one.who,
                "result": _RESULTS.get(one.result, "отказано"),
            }
            for one in extract.entries
        ],
        "note": [line for line in extract.checkpoint.split("\n") if line],
        "destroyed": formats.moment_full(_local(extract.destroyed_at, zone), zone),
    }
    return Sheet(template=_template("destruction_extract"), fields=Personal(fields), pictures={})


def _local(iso: str, zone: ZoneInfo) -> datetime:
    return datetime.fromisoformat(iso).astimezone(zone)
