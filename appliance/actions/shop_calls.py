"""Calls of an exchange that speaks the shop's API: what rings now, what is over, who it is."""

from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID

import msgspec

from appliance.actions._gate import action
from appliance.domain.access import NOBODY
from appliance.domain.calls import CallLog, CallPhone, CallReport, CallState, CallTold, CallWho
from appliance.domain.personal import Personal
from appliance.errors import Invalid
from appliance.roles import Permission
from appliance.storage import (
    calls,
    customer_orders,
    customer_views,
    customers,
    searching,
    staff,
)
from appliance.storage.calls import Holder
from appliance.storage.tx import Tx

LONGEST: Final = 100
MOST_DESKS: Final = 50
GOES_ON: Final = timedelta(hours=2)
"""How long a call that nobody ended may still be the one that ends now."""


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """Whom of the colleagues named nobody knows, as they were named."""

    codes: tuple[str, ...] = ()
    users: tuple[int, ...] = ()


class Logged(msgspec.Struct, frozen=True, kw_only=True):
    """How many calls were kept, and the exchange's ids of those that were there already."""

    processed: int
    duplicates: tuple[str, ...] = ()


async def _desks(tx: Tx, codes: Sequence[str], numbers: Sequence[int]) -> dict[UUID, int]:
    """Colleagues by what an exchange calls them: number, or login."""
    logins = await staff.logins()
    asked = [logins.get(code.lower()) or (int(code) if _is_number(code) else 0) for code in codes]
    found: dict[UUID, int] = {}
    for number in dict.fromkeys([*numbers, *asked]):
        user_id = await staff.id_of(number) if number else None
        if user_id is not None:
            found[user_id] = number
    return found


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 9


async def _whose(tx: Tx, phone: CallPhone) -> Holder | None:
    found = await searching.holders(searching.exact_tokens(tx, phone.typed))
    return calls.first([Holder(one.id, one.subject_id) for one in found])


def _checked(provider_id: str, phone: Personal[str]) -> None:
    if len(provider_id) > LONGEST:
        raise Invalid("call_id", fields={"externalId": "call_id"})
    if not phone:
        raise Invalid("entity_unreadable", fields={"phone": "name_empty"})


@action(Permission.CALL_REPORT)
async def event(tx: Tx, said: CallTold) -> Heard:
    """Show a call at the desks where it rings, or take its card's life away when it is over.

    Repeating it changes nothing.

    Raises:
        Invalid: `call_id`, `name_empty` at `phone`.
    """
    _checked(said.provider_id, said.phone)
    codes, numbers = said.codes[:MOST_DESKS], said.user_numbers[:MOST_DESKS]
    desks = await _desks(tx, codes, numbers)
    phone = calls.phone_of(said.phone)
    holder = await _whose(tx, phone)
    over = said.state in (CallState.ENDED, CallState.MISSED)
    named = said.provider_id
    for user_id, number in desks.items():
        # A group rings at many desks: each has a card of its own, and the first keeps the id.
        own = f"{named or _unnamed(tx, phone)}#{number}"
        if over and not named:
            going = await calls.at_desks([user_id], tx.now - GOES_ON)
            own = going[0][1] if going else own
        report = CallReport(
            provider_id=own,
            user_number=number,
            phone=said.phone,
            state=said.state,
            direction=said.direction,
            line=said.line,
        )
        call_id = await calls.report(tx, report, user_id, phone, holder)
        if over and holder is not None and len(desks) == 1:
            await _ended(tx, call_id, holder, said, number)
        tx.about("call", call_id)
        tx.topics.add(f"user:{user_id}")
    known = set(desks.values())
    logins = await staff.logins()
    return Heard(
        codes=tuple(
            one
            for one in codes
            if (logins.get(one.lower()) or (int(one) if _is_number(one) else 0)) not in known
        ),
        users=tuple(one for one in numbers if one not in known),
    )


async def _ended(tx: Tx, call_id: UUID, holder: Holder, said: CallTold, number: int) -> None:
    """Put a call into the stream as far as its events tell; a log that follows says it better."""
    started = await calls.started_at(call_id)
    answered = said.state is CallState.ENDED
    told = {
        "direction": said.direction.value,
        "seconds": int((tx.now - started).total_seconds()) if answered else 0,
        "result": "answered" if answered else "missed",
        "user": number,
    }
    await calls.tell(tx, call_id, holder, started, told)


def _unnamed(tx: Tx, phone: CallPhone) -> str:
    """An id for a call that has none: the same while its events come within a minute."""
    minute = int(tx.now.timestamp()) // 60
    words = f"{minute}:{phone.normal or phone.typed}:{tx.actor.id}"
    return sha256(words.encode()).hexdigest()[:32]


@action(Permission.CALL_REPORT)
async def upload(tx: Tx, logs: Sequence[CallLog]) -> Logged:
    """Keep calls that are over, each with a line in the stream of whom it was with.

    Raises:
        Invalid: `call_id`, `name_empty` at `phone`.
    """
    duplicates: list[str] = []
    for said in logs:
        _checked(said.provider_id, said.phone)
        numbers = () if said.user_number is None else (said.user_number,)
        desks = await _desks(tx, (said.code,) if said.code and not numbers else (), numbers)
        user_id, number = next(iter(desks.items()), (NOBODY, 0))
        phone = calls.phone_of(said.phone)
        holder = await _whose(tx, phone)
        own = f"{said.provider_id}#{number}"
        call_id, known = await calls.log(
            tx, msgspec.structs.replace(said, provider_id=own), user_id, phone, holder
        )
        tx.about("call", call_id)
        if known:
            duplicates.append(said.provider_id)
            continue
        if holder is not None:
            told = {
                "direction": said.direction.value,
                "seconds": said.seconds,
                "waited": said.waited,
                "result": "answered" if said.answered else "missed",
                "user": number,
            }
            await calls.tell(tx, call_id, holder, said.at, told, said.record_url)
        for one in desks:
            tx.topics.add(f"user:{one}")
    return Logged(processed=len(logs), duplicates=tuple(duplicates))


@action(Permission.CALL_ASK, reads=True)
async def who(tx: Tx, phone: Personal[str]) -> CallWho:
    """Whose phone it is; an unknown one is nobody's, and no error."""
    holder = await _whose(tx, calls.phone_of(phone))
    if holder is None or not await customers.is_visible(tx, holder.customer_id):
        return CallWho()
    row = await customer_views.find_visible(tx, "c.id = {}", holder.customer_id)
    tx.about("customer", row[0])
    view = await customer_views.view_of(tx, row)
    orders = await customer_orders.of_customer(tx, view.id)
    return CallWho(
        client=view,
        manager_number=view.owner_number or 0,
        manager_name=await staff.name_of(tx, view.owner_number),
        last_order=orders[0].number if orders else 0,
    )
