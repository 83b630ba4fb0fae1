"""Calls: what a channel reports, and the card at the desk of whom it rings."""

from uuid import UUID

from appliance.actions._gate import action
from appliance.domain import masks, regions
from appliance.domain.calls import RESULTS, CallCard, CallPhone, CallReport
from appliance.domain.desk import ClientOrderLine
from appliance.domain.grants import Access, Scope
from appliance.domain.personal import Personal
from appliance.errors import Invalid
from appliance.roles import Permission
from appliance.storage import (
    calls,
    customer_orders,
    customer_views,
    desk,
    references,
    searching,
    staff,
)
from appliance.storage.calls import Call, Holder
from appliance.storage.tx import Tx

LONGEST = 128


@action(Permission.HOUSE)
async def report(tx: Tx, said: CallReport) -> UUID:
    """Keep what a channel says about a call and tell the colleague's pages; give its id.

    Repeating it changes nothing, and a late report of an earlier state neither.

    Raises:
        Invalid: `user_unknown` at `user_number`, `call_id` at `provider_id`.
    """
    if not 0 < len(said.provider_id) <= LONGEST:
        raise Invalid("call_id", fields={"provider_id": "call_id"})
    user_id = await staff.id_of(said.user_number)
    if user_id is None:
        raise Invalid("user_unknown", fields={"user_number": "user_unknown"})
    phone = calls.phone_of(said.phone)
    found = await searching.holders(searching.exact_tokens(tx, phone.typed))
    holder = calls.first([Holder(one.id, one.subject_id) for one in found])
    call_id = await calls.report(tx, said, user_id, phone, holder)
    tx.about("call", call_id)
    tx.topics.add(f"user:{user_id}")
    return call_id


@action(Permission.CALL_TAKE, reads=True, quiet=True)
async def card(tx: Tx, call_id: UUID | None = None) -> CallCard | None:
    """The card of a call at the actor's desk; without an id the newest he has not put away."""
    call = await calls.mine(tx, call_id)
    if call is None:
        return None
    tx.about("call", call.id)
    _as_for_clients(tx)
    known = calls.open_phone(tx, call)
    client = None
    leader: int | None = None
    orders: tuple[customer_orders.ClientOrder, ...] = ()
    total = 0
    if call.customer_id is not None:
        row = (await customer_views.rows_by_ids(tx, [call.customer_id])).get(call.customer_id)
        if row is not None:
            client = customer_views.brief(tx, *row)
            orders = await customer_orders.of_customer(tx, call.customer_id)
            figures = await desk.figures(call.customer_id)
            total = 0 if figures is None else figures.total
        else:
            leader = await desk.leader_of(call.customer_id)
    lists = await references.lists()
    working = lists.in_process()
    current = next((one for one in orders if one.status in working), None)
    return CallCard(
        id=call.id,
        direction=call.direction,
        state=call.state,
        line=call.line,
        started_at=call.started_at,
        answered_at=call.answered_at,
        ended_at=call.ended_at,
        phone=_shown(tx, call, known),
        region="" if known is None else regions.of_phone(known.normal or known.typed),
        client=client,
        leader=leader,
        open=None if current is None else _line(current),
        last=orders[0].number if orders else 0,
        orders=len(orders),
        total=total,
        codes=await desk.codes(tx, lists),
    )


def _as_for_clients(tx: Tx) -> None:
    """Whom the actor may see decides what the card says of the caller."""
    grant = tx.actor.grants.get(Permission.CUSTOMER_VIEW.value)
    if grant is not None and grant.scope is not Scope.NONE:
        tx.grant = grant


def _shown(tx: Tx, call: Call, known: CallPhone | None) -> Personal[str] | None:
    """Whoever takes the call sees the number on his telephone, too; a client's is masked."""
    access = Access.VISIBLE if call.subject_id is None else tx.may("phone")
    if known is None or access is Access.HIDDEN:
        return None
    if access is Access.MASKED:
        return Personal(masks.mask_phone(known.typed, known.normal))
    return Personal(known.normal or known.typed)


def _line(one: customer_orders.ClientOrder) -> ClientOrderLine:
    return ClientOrderLine(
        **{name: getattr(one, name) for name in ClientOrderLine.__struct_fields__}
    )


@action(Permission.CALL_TAKE)
async def put_away(tx: Tx, call_id: UUID, result: str = "") -> None:
    """Close the card, with what came of the call.

    Raises:
        NotFound: `call_not_found`.
        Invalid: `code_unknown` at `result`.
    """
    if result and result not in RESULTS:
        raise Invalid("code_unknown", fields={"result": "code_unknown"})
    call = await calls.get_mine(tx, call_id)
    await calls.put_away(tx, call, result)
    tx.topics.add(f"user:{tx.actor.id}")
