"""Who leads a client, what he may owe, and which people stand in which role at a company."""

from uuid import UUID

import msgspec

from appliance.actions import _client_checks
from appliance.actions._client_checks import reached
from appliance.actions._gate import action
from appliance.domain.companies import LONGEST_ROLE
from appliance.domain.customers import CustomerKind
from appliance.domain.events import CustomerChanged
from appliance.domain.grants import Access
from appliance.domain.notices import NoticeKind
from appliance.domain.personal import Personal
from appliance.errors import Conflict, Denied, Invalid, NotFound
from appliance.roles import Permission
from appliance.storage import (
    budgets,
    companies,
    customer_edits,
    customer_money,
    customers,
    feed,
    notices,
    owner_requests,
    searching,
)
from appliance.storage.customers import Known
from appliance.storage.tx import Tx

LONGEST_REASON = 500


def _reason(text: Personal[str]) -> None:
    if not text:
        _client_checks.refuse({"reason": "reason_empty"})


@action(Permission.CUSTOMER_FIND_OWNER)
async def ask_for(tx: Tx, contact: str, reason: Personal[str]) -> int:
    """Ask whoever leads the client with this full phone, e-mail or INN to hand him over.

    The asker learns nothing that the question who leads the client does not tell.

    Returns:
        How many colleagues were asked.

    Raises:
        Invalid: `contact_not_full`, `reason_empty`.
        Throttled: today's questions are used up.
    """
    tokens = searching.exact_tokens(tx, contact)
    if not tokens:
        raise Invalid("contact_not_full", fields={"contact": "contact_not_full"})
    _reason(reason)
    await budgets.spend(tx, "owner", UUID(bytes=tokens[0].token))
    asked = 0
    for known in await searching.holders(tokens):
        if known.owner_id in (None, tx.actor.id):
            continue
        tx.about("customer", known.id)
        if await owner_requests.is_asking(known.id, tx.actor.id):
            continue
        await owner_requests.add(tx, known, "asked", reason)
        await notices.tell(
            tx,
            known.owner_id or tx.actor.id,
            NoticeKind.CLIENT_ASKED,
            entity="customer",
            entity_id=known.id,
            entity_number=known.number,
        )
        asked += 1
    return asked


@action(Permission.CUSTOMER_TAKE)
async def take_over(tx: Tx, number: int, reason: Personal[str]) -> None:
    """Lead a client from now on, with a reason that stays in the log and in the history.

    Raises:
        NotFound: `customer_not_found`: absent or out of the grant's reach.
        Invalid: `reason_empty`.
        Conflict: `client_is_mine`.
    """
    _reason(reason)
    known = await reached(tx, number)
    if known.owner_id == tx.actor.id:
        raise Conflict("client_is_mine")
    await owner_requests.add(tx, known, "taken", reason)
    await owner_requests.close_others(tx, known.id)
    await owner_requests.give(tx, known, tx.actor.id, tx.actor.number)
    if known.owner_id is not None:
        await _told(tx, known, known.owner_id)
    tx.emit(CustomerChanged(customer_id=known.id))


@action(Permission.CUSTOMER_EDIT)
async def answer(tx: Tx, number: int, request_id: UUID, *, give: bool) -> None:
    """Hand a client over to the colleague who asked, or keep him.

    Raises:
        NotFound: `customer_not_found`; `request_not_found`: answered meanwhile.
    """
    known = await reached(tx, number)
    asked = await owner_requests.find_open(request_id)
    if asked is None or asked.customer_id != known.id:
        raise NotFound("request_not_found")
    await owner_requests.answer(tx, request_id, "given" if give else "refused")
    if not give:
        return
    await owner_requests.close_others(tx, known.id)
    await owner_requests.give(tx, known, asked.asker_id, asked.asker_number)
    await _told(tx, known, asked.asker_id)
    tx.emit(CustomerChanged(customer_id=known.id))


async def _told(tx: Tx, known: Known, user_id: UUID) -> None:
    await notices.tell(
        tx,
        user_id,
        NoticeKind.CLIENT_GIVEN,
        entity="customer",
        entity_id=known.id,
        entity_number=known.number,
    )


class Credit(msgspec.Struct, frozen=True, kw_only=True):
    """How much a client may owe (kopecks; None: no limit), for how long, and the hand's stop.

    `note` is why; None leaves the one there is.
    """

    limit: int | None
    pay_days: int
    stop: bool
    note: Personal[str] | None = None


MOST_DAYS = 365


@action(Permission.CUSTOMER_CREDIT)
async def set_credit(tx: Tx, number: int, credit: Credit, version: int | None = None) -> None:
    """Set what a client may owe.

    Raises:
        NotFound: `customer_not_found`.
        Conflict: `version_conflict`.
        Invalid: `limit_negative`, `pay_days_range`.
    """
    known = await reached(tx, number)
    if version is not None and version != known.version:
        raise Conflict("version_conflict", was=known.version)
    fields: dict[str, str] = {}
    if credit.limit is not None and credit.limit < 0:
        fields["limit"] = "limit_negative"
    if not 0 <= credit.pay_days <= MOST_DAYS:
        fields["pay_days"] = "pay_days_range"
    _client_checks.refuse(fields)
    if credit.note is not None and tx.may("comment") is Access.HIDDEN:
        raise Denied("field_hidden", field="comment")
    changes = await customer_money.set_credit(
        tx, known, limit=credit.limit, pay_days=credit.pay_days, stop=credit.stop, note=credit.note
    )
    await _keep(tx, known, changes)


async def _keep(tx: Tx, known: Known, changes: list[feed.Change]) -> None:
    if not changes:
        return
    await customer_edits.touch(tx, known, changes)
    tx.emit(CustomerChanged(customer_id=known.id))


@action(Permission.CUSTOMER_EDIT)
async def put_person(tx: Tx, company: int, person: str, role: str) -> None:
    """Give a person a role at a company.

    Args:
        tx: of the actor.
        company: its number.
        person: the person's number, or a full phone or e-mail.
        role: one of `companies.ROLES`, or in free words.

    Raises:
        NotFound: `customer_not_found`.
        Invalid: `person_unknown`, `not_a_company`, `role_long`.
    """
    known = await reached(tx, company)
    found = await _person(tx, person)
    fields: dict[str, str] = {}
    if known.kind != CustomerKind.COMPANY or found is None or found.kind != CustomerKind.PERSON:
        fields["person"] = "person_unknown"
    if not role.strip() or len(role) > LONGEST_ROLE:
        fields["role"] = "role_long"
    _client_checks.refuse(fields)
    if found is None:
        return
    await companies.put(known.id, found.id, role.strip())
    await _keep(
        tx, known, [feed.Change(field="company_contact", new={"id": found.number, "role": role})]
    )


async def _person(tx: Tx, text: str) -> Known | None:
    """Whom a number or a full contact means, if the actor may see him."""
    text = text.strip().removeprefix("№").strip()
    if text.isdecimal() and len(text) < 10:
        known = await customers.find_by_number(int(text))
    else:
        met = await searching.holders(searching.exact_tokens(tx, text))
        known = met[0] if len(met) == 1 else None
    if known is None or known.state != "live" or not await customers.is_visible(tx, known.id):
        return None
    return known


@action(Permission.CUSTOMER_EDIT)
async def drop_person(tx: Tx, company: int, tie_id: UUID) -> None:
    """Take a person off a company; the person stays a client.

    Raises:
        NotFound: `customer_not_found`; `tie_not_found`.
    """
    known, held = await _held(tx, company, tie_id)
    other = await customers.find_by_id(held.customer_id)
    await companies.remove(held)
    old = {"id": 0 if other is None else other.number, "role": held.role}
    await _keep(tx, known, [feed.Change(field="company_contact", old=old)])


@action(Permission.CUSTOMER_EDIT)
async def main_person(tx: Tx, company: int, tie_id: UUID) -> None:
    """Say whom to turn to first.

    Raises:
        NotFound: `customer_not_found`; `tie_not_found`.
    """
    known, held = await _held(tx, company, tie_id)
    other = await customers.find_by_id(held.customer_id)
    await companies.make_main(held)
    new = {"id": 0 if other is None else other.number, "main": True}
    await _keep(tx, known, [feed.Change(field="company_contact", new=new)])


async def _held(tx: Tx, company: int, tie_id: UUID) -> tuple[Known, companies.Held]:
    known = await reached(tx, company)
    held = await companies.find(tie_id)
    if held is None or held.company_id != known.id:
        raise NotFound("tie_not_found")
    return known, held
