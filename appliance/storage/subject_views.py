"""A request as lists and cards show it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import msgspec

from appliance.domain.personal import Personal
from appliance.domain.subjects import (
    RULE,
    RULES,
    ApprovalView,
    DestructionRules,
    Found,
    HoldView,
    RequestKind,
    RequestState,
    RequestView,
)
from appliance.roles import Permission
from appliance.storage import settings
from appliance.storage.subject_requests import (
    Approval,
    Request,
    approvals_of,
    holders,
    holds_of_each,
    needs,
    who_of,
)
from appliance.storage.tx import Tx

KEYED: Final = (
    RequestState.BLOCKED,
    RequestState.COOLING,
    RequestState.ERASING,
    RequestState.HELD,
)
"""States in which a blocked key has to be there, until the ledger says that it is destroyed."""


async def view(tx: Tx, one: Request, waits_for: Sequence[str] = ()) -> RequestView:
    """A request as it is shown."""
    (found,) = await views(tx, [one])
    return msgspec.structs.replace(found, waits_for=tuple(waits_for))


async def views(tx: Tx, requests: Sequence[Request]) -> list[RequestView]:
    """Many, with as many questions as for one."""
    ids = [one.id for one in requests]
    if not ids:
        return []
    rules = await settings.get(RULES, DestructionRules)
    able = await holders(Permission.SUBJECT_APPROVE)
    given, holds = await approvals_of(ids), await holds_of_each(requests, tx.now.date())
    return [
        _shown(tx, one, rules, await needs(one, able), given.get(one.id, []), holds[one.id])
        for one in requests
    ]


def _shown(
    tx: Tx,
    one: Request,
    rules: DestructionRules,
    needed: tuple[int, bool],
    given: Sequence[Approval],
    holds: tuple[HoldView, ...],
) -> RequestView:
    rule = RULE[RequestKind(one.kind)]
    people, code = needed if rule.destroys else (0, False)
    who = who_of(tx, one)
    pause = one.pause_hours or rules.pause(alone=code) // timedelta(hours=1)
    left = one.cooling_left()
    return RequestView(
        number=one.number,
        kind=RequestKind(one.kind),
        state=RequestState(one.state),
        customer_id=one.customer_id,
        customer_number=one.customer_number,
        subject_id=one.subject_id,
        shown=Personal(who.shown),
        note=Personal(who.note),
        answer=Personal(who.answer),
        channel=one.channel,
        received_on=one.received_on,
        due_on=one.due_on,
        norm=rule.term.norm,
        term=rule.term.code,
        extended=one.extended,
        asked_by=one.asked_number,
        asked_at=one.asked_at,
        needed=people,
        code_needed=code,
        pause_hours=pause if rule.destroys else 0,
        cooling_left=None if left is None else int(left.total_seconds()),
        found=msgspec.json.decode(one.found, type=Found),
        approvals=tuple(
            ApprovalView(by=a.user_number, at=a.at, code=a.by_code, stands=a.stands) for a in given
        ),
        holds=holds,
        blocked_at=one.blocked_at,
        approved_at=one.approved_at,
        erased_at=one.erased_at,
        closed_at=one.closed_at,
        ledger=one.ledger,
        is_lost=is_lost(tx, one),
    )


def is_lost(tx: Tx, one: Request) -> bool:
    """Whether the key is gone under which the person of a request, or what is kept, lies."""
    return RequestState(one.state) in KEYED and tx.vault.is_lost(one.subject_id)
