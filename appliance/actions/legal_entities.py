"""Our own legal entities: requisites, numbers of papers, pictures, what goes under whose name."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from appliance.actions._gate import action
from appliance.domain import images, taxids
from appliance.domain.catalogue import rates_on
from appliance.domain.papers import (
    NUMBERED,
    VAT_BY_GOODS,
    EntityDraft,
    OwnEntity,
    OwnRequisites,
    PictureRole,
)
from appliance.errors import Invalid
from appliance.roles import Permission
from appliance.storage import legal_entities, references, vat
from appliance.storage.statements import fetch
from appliance.storage.tx import Tx

LONGEST: Final = 300
LONGEST_PREFIX: Final = 20
HIGHEST_START: Final = 10**9


class EntitiesScreen(msgspec.Struct, frozen=True, kw_only=True):
    """What the page of entities shows.

    Attributes:
        last_numbers: number of the entity → kind → the last number given.
        places: (`shop:code` …, name) of everything that can go under a name.
        rates: (code, name) of today's rates of VAT.
    """

    entities: Sequence[OwnEntity]
    last_numbers: Mapping[int, Mapping[str, int]]
    places: Sequence[tuple[str, str]]
    rates: Sequence[tuple[str, str]]


@action(Permission.PAPER_SETUP, reads=True, quiet=True)
async def screen(tx: Tx) -> EntitiesScreen:
    """All entities with what their form chooses from."""
    lists = await references.lists()
    branches = await fetch("SELECT code, name FROM branch ORDER BY name")
    known = await legal_entities.list_all(tx)
    rates = rates_on(await vat.rates(), tx.now.date())
    return EntitiesScreen(
        entities=known,
        last_numbers={
            one.number: await legal_entities.last_numbers(one.number, NUMBERED) for one in known
        },
        places=[
            *((f"shop:{one.code}", one.name) for one in lists.shops.values()),
            *((f"branch:{code}", name) for code, name in branches),
            *((f"warehouse:{one.code}", one.name) for one in lists.warehouses.values()),
        ],
        rates=[(one.code, one.name) for one in rates],
    )


@action(Permission.REFERENCE_VIEW, reads=True, quiet=True)
async def listed(tx: Tx) -> tuple[OwnEntity, ...]:
    """All entities as any paper prints them: without who signs, and where they answer."""
    private = {"director": "", "director_post": "", "accountant": "", "phone": "", "email": ""}
    return tuple(
        msgspec.structs.replace(one, parts=msgspec.structs.replace(one.parts, **private))
        for one in await legal_entities.list_all(tx)
    )


@action(Permission.PAPER_SETUP)
async def put(tx: Tx, draft: EntityDraft, number: int = 0) -> int:
    """Add an entity (0), or change one; return its number.

    Raises:
        NotFound: `entity_not_found`.
        Invalid: `name_missing`, `inn_wrong`, `kpp_wrong`, `ogrn_wrong`, `bik_wrong`,
            `bank_account_wrong`, `corr_account_wrong`, `text_too_long`, `code_unknown`,
            `number_unreadable`, by field.
    """
    known = await legal_entities.numbered(tx, number) if number else None
    parts, problems = checked(draft.parts)
    rates = {one.code for one in await vat.rates()} | {VAT_BY_GOODS}
    if draft.vat not in rates:
        problems["vat"] = "code_unknown"
    for name, first in draft.next_numbers.items():
        if name not in {one.value for one in NUMBERED} or not 0 < first <= HIGHEST_START:
            problems[f"next-{name}"] = "number_unreadable"
    if problems:
        raise Invalid(next(iter(problems.values())), fields=problems)
    saved = await legal_entities.put(tx, msgspec.structs.replace(draft, parts=parts), known)
    await legal_entities.go_on_from(saved, draft.next_numbers)
    tx.object_type = "legal_entity"
    return saved


def checked(parts: OwnRequisites) -> tuple[OwnRequisites, dict[str, str]]:
    """Bring the numbers to their one spelling; say what is wrong: field → code."""
    problems: dict[str, str] = {}
    company = parts.contragent_type == "legal-entity"
    texts = {
        name: " ".join(getattr(parts, name).split())
        for name in OwnRequisites.__struct_fields__
        if isinstance(getattr(parts, name), str)
    }
    problems |= {name: "text_too_long" for name, text in texts.items() if len(text) > LONGEST}
    if not texts["name"]:
        problems["name"] = "name_missing"
    inn = taxids.normalise_inn(parts.inn)
    if inn is None or len(inn) != (10 if company else 12):
        problems["inn"] = "inn_wrong"
    ogrn = taxids.normalise_ogrn(parts.ogrn)
    numbers = {
        "inn": inn,
        "kpp": taxids.normalise_kpp(parts.kpp) if company else "",
        "ogrn": ogrn if ogrn and len(ogrn) == (13 if company else 15) else None,
        "bik": taxids.normalise_bik(parts.bik),
        "account": taxids.normalise_account(parts.account, parts.bik),
        "corr_account": taxids.normalise_account(parts.corr_account, parts.bik, correspondent=True),
    }
    faults = {"account": "bank_account_wrong"}
    for name, value in numbers.items():
        if value is None and texts[name]:
            problems[name] = faults.get(name, f"{name}_wrong")
        texts[name] = texts[name] if value is None else value
    prefixes = {
        kind.value: parts.prefixes.get(kind.value, "").strip()
        for kind in NUMBERED
        if parts.prefixes.get(kind.value, "").strip()
    }
    for name, text in prefixes.items():
        if len(text) > LONGEST_PREFIX:
            problems[f"prefix-{name}"] = "text_too_long"
    return msgspec.structs.replace(parts, **texts, prefixes=prefixes), problems


@action(Permission.PAPER_SETUP)
async def set_picture(tx: Tx, number: int, role: PictureRole, content: bytes | None) -> None:
    """Keep a logo, a stamp or a signature; None takes it away.

    Raises:
        NotFound: `entity_not_found`.
        Invalid: `picture_empty`, `picture_too_large`, `picture_unreadable`.
    """
    entity = await legal_entities.numbered(tx, number)
    kept = None if content is None else images.read(content).content
    await legal_entities.set_picture(tx, entity, role, kept)
    tx.about("legal_entity", entity.id)


@action(Permission.PAPER_SETUP, reads=True)
async def picture(tx: Tx, number: int, role: PictureRole) -> bytes | None:
    """A picture's bytes; None where there is none.

    Raises:
        NotFound: `entity_not_found`.
    """
    entity = await legal_entities.numbered(tx, number)
    return (await legal_entities.pictures(tx, entity.id)).get(role.value)
