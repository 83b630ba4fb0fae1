"""Orders of companies: found by the INN, with whoever speaks for them as a person of their own."""

import msgspec

from appliance.domain import taxids
from appliance.domain.customers import CustomerDraft, CustomerKind
from appliance.domain.events import CustomerChanged
from appliance.domain.orders import OrderDraft
from appliance.storage import companies, contacts, customers
from appliance.storage.customers import Known
from appliance.storage.tx import Tx

SPEAKS = "buyer"
"""Role of a person who ordered for a company, until somebody says better."""


async def of_inn(tx: Tx, draft: CustomerDraft) -> Known | None:
    """The client whom the draft's INN means; None where it names none, or nobody has it."""
    if draft.kind is not CustomerKind.COMPANY or draft.requisites is None:
        return None
    inn = taxids.normalise_inn(draft.requisites.reveal().inn)
    return None if inn is None else await customers.find_by_inn(tx, inn)


def has_speaker(draft: CustomerDraft) -> bool:
    """Whether a company's order names a person."""
    named = any(
        part is not None and part.reveal()
        for part in (draft.first_name, draft.last_name, draft.patronymic)
    )
    return draft.kind is CustomerKind.COMPANY and named


def without_speaker(draft: CustomerDraft) -> CustomerDraft:
    """The company alone: its person has names and contacts of his own."""
    if not has_speaker(draft):
        return draft
    return msgspec.structs.replace(
        draft, first_name=None, last_name=None, patronymic=None, contacts=()
    )


async def _keep_named(tx: Tx, draft: OrderDraft, company: Known) -> None:
    """Tie the person whom the shop names by his id; one that nobody knows loses no order."""
    if company.kind != CustomerKind.COMPANY or draft.speaker_ref is None:
        return
    known = await customers.find_by_ref(tx, draft.shop, draft.speaker_ref)
    if (
        known is not None
        and known.kind == CustomerKind.PERSON
        and known.state == "live"
        and await customers.is_visible(tx, known.id)
        and not await companies.is_tied(company.id, known.id)
    ):
        await companies.put(company.id, known.id, SPEAKS)


async def keep_speaker(tx: Tx, draft: OrderDraft, company: Known, person: CustomerDraft) -> None:
    """Find or add whoever speaks for a company, and tie him to it."""
    await _keep_named(tx, draft, company)
    if company.kind != CustomerKind.COMPANY or not has_speaker(draft.customer):
        return
    country = await contacts.country_of(draft.shop)
    known = await customers.find_by_contacts(tx, person.contacts, country)
    if known is not None and known.kind != CustomerKind.PERSON:
        return
    if known is None:
        known = await customers.add(tx, person, owner_id=company.owner_id)
        tx.emit(CustomerChanged(customer_id=known.id, created=True))
        await companies.put(company.id, known.id, SPEAKS)
    elif not await companies.is_tied(company.id, known.id):
        await companies.put(company.id, known.id, SPEAKS)
