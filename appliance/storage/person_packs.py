"""All that the box holds of a person, in lines: for the person who asks."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

from appliance.domain.acts import SETTING, ActSettings, Operator
from appliance.domain.customers import AddressParts, CustomerView, Wishes
from appliance.domain.person_packs import ForWhat, HandedTo, PersonRecord
from appliance.domain.personal import Personal
from appliance.domain.privacy import LegalBasis
from appliance.roles import Permission
from appliance.storage import (
    customer_views,
    disclosures,
    dossiers,
    kept_parts,
    legal_entities,
    settings,
    subject_finds,
    subject_requests,
)
from appliance.storage.subject_requests import Request
from appliance.storage.tx import Tx

MOST_HANDED: Final = 5_000
_EVER: Final = datetime(2000, 1, 1, tzinfo=UTC)


async def gather(tx: Tx, one: Request, number: int, box: str) -> PersonRecord:
    """Read everything of the person of a request.

    Args:
        tx: of who answers for the data.
        one: the request.
        number: of the person's living card.
        box: its name.

    Raises:
        NotFound: `customer_not_found`: also a blocked person, of whom nothing is shown.
    """
    row = await customer_views.find_visible(tx, "c.number = {}", number)
    view = await customer_views.view_of(tx, row)
    people = await subject_finds.cards(view.id)
    lines = await kept_parts.gather(tx, people, frozenset(kept_parts.READ))
    consents = lines.pop("consent", ())
    known = await settings.get(SETTING, ActSettings)
    able = await subject_requests.holders(Permission.CUSTOMER_VIEW)
    end = tx.now + timedelta(seconds=1)  # what is of this very moment belongs to it
    return PersonRecord(
        operator=await _operator(tx),
        system=known.system or f"«Коробка» ({box})",
        request=one.number,
        received_on=one.received_on,
        client=view.number,
        made_at=tx.now,
        made_by=tx.actor.number,
        data={**lines, **_of_card(view)},
        purposes=tuple(
            ForWhat(purpose=p.code, basis=p.basis, source=p.source, since=p.since, until=p.until)
            for p in view.purposes
        ),
        consents=consents,
        handed=tuple(
            HandedTo(
                at=handed.at,
                plugin=handed.plugin,
                fields=handed.fields,
                purpose=handed.purpose,
                basis=LegalBasis(handed.basis).value,
            )
            for handed in await disclosures.of_customer(view.id, MOST_HANDED)
        ),
        orders=await dossiers.orders(view.id, _EVER, end),
        talks=await dossiers.entries(tx, view.id, _EVER, end),
        colleagues=len(able),
    )


async def _operator(tx: Tx) -> Operator:
    own = legal_entities.chosen(await legal_entities.list_all(tx), ())
    if own is None:
        return Operator()
    parts = own.parts
    return Operator(name=parts.full_name or parts.name, address=parts.address, inn=parts.inn)


def _of_card(view: CustomerView) -> dict[str, tuple[str, ...]]:
    """What stands on the card beside names and contacts."""
    birthday, address = _shown(view.birthday), _shown(view.address)
    words = [_shown(each) for each in (view.comment, view.fleet, view.culture, view.software,
                                       view.stop_note)]  # fmt: skip
    wishes: Wishes = _shown(view.wishes) or Wishes()
    fields = [(one.field.name, one.plain) for one in view.custom if not one.is_empty]
    found = {
        "birthday": (f"{birthday:%d.%m.%Y}" if birthday else "",),
        "home": (_every_part(address) if address else "",),
        "comment": tuple(str(word) for word in words if word),
        "wishes": tuple(
            str(word) for name, word in msgspec.structs.asdict(wishes).items() if name != "v"
        ),
        "tags": view.tags,
        "custom": tuple(f"{name}: {value}" for name, value in fields if value is not None),
    }
    said = {code: tuple(filter(None, lines)) for code, lines in found.items()}
    return {code: lines for code, lines in said.items() if lines}


def _every_part(address: AddressParts) -> str:
    """Also the parts that stand beside a typed line: he asks for all of it."""
    parts = msgspec.structs.asdict(address).items()
    return ", ".join(dict.fromkeys(str(part) for name, part in parts if name != "v" and part))


def _shown(value: "Personal[Any] | None") -> Any:
    return None if value is None else value.reveal()
