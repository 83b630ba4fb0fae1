"""What becomes of parcels at CDEK: read anew whoever said that something changed."""

from datetime import datetime
from typing import Final

from appliance.plugin_api.core import Core
from appliance.plugin_api.parcels import Parcel, Report, State, Step
from plugins.logistics_cdek import statuses
from plugins.logistics_cdek.client import Cdek
from plugins.logistics_cdek.wire import Answer, Office, Placed, Status

TRACKING: Final = "https://www.cdek.ru/ru/tracking?order_id="
RETURNED: Final = "RETURN_DELIVERED"
"""Our own code: the return order has come back to the shop."""
_unknown: set[str] = set()
"""Codes that the journal has told of: each once a start."""


def moment(text: str) -> datetime | None:
    """CDEK's time, `2026-05-04T12:00:00+0300`; None: it is none."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo is not None else None


async def look(cdek: Cdek, core: Core, parcel: Parcel, uuid: str) -> bool:
    """Read a request anew and report; whether CDEK has made up its mind about it."""
    reply = await cdek.ask(core, "GET", f"/v2/orders/{uuid}")
    if not reply.is_good:
        return False
    said = reply.json(Answer)
    placed = said.entity
    if placed is None or placed.is_return:
        return False  # a return order's statuses are not those of the direct one
    if not placed.cdek_number:
        return await _unmade(core, parcel, said)
    other = placed.delivery_point and parcel.point and placed.delivery_point != parcel.point
    name = await _office(cdek, core, placed.delivery_point) if other else ""
    await core.parcels.report(_report(parcel, placed, name))
    steps = [step for one in placed.statuses if (step := step_of(one)) is not None]
    steps += await _returned(cdek, core, said)
    if steps:
        await core.parcels.steps(parcel.id, steps)
    await _strange(core, parcel, placed)
    return True


async def _unmade(core: Core, parcel: Parcel, said: Answer) -> bool:
    """A request without a number: refused, or still being read."""
    code = said.refusal
    if not code and not any(one.code == "INVALID" for one in (said.entity or Placed()).statuses):
        return False
    await core.journal(
        "book_refused", direction="in", state="bad", kind="order", number=parcel.order_number,
        why=(code or "INVALID")[:64],
    )  # fmt: skip
    trouble = statuses.trouble_of(code)
    await core.parcels.report(
        Report(id=parcel.id, done="book", state="error", trouble=trouble, carrier_id="")
    )
    return True


async def _office(cdek: Cdek, core: Core, code: str) -> str:
    """The address of the office that took another's place: CDEK does so without a word."""
    reply = await cdek.ask(core, "GET", "/v2/deliverypoints", query={"code": code})
    listed = reply.json(list[Office]) if reply.is_good else []
    return ", ".join([code, *(one.location.address_full for one in listed[:1])])


def _report(parcel: Parcel, placed: Placed, point_name: str) -> Report:
    billed = placed.delivery_detail.total_sum if placed.delivery_detail is not None else 0
    removed = any(one.code == "REMOVED" and not one.deleted for one in placed.statuses)
    return Report(
        id=parcel.id,
        done="book",
        state="cancelled" if removed else "registered",
        trouble="" if parcel.state == "draft" else None,
        carrier_id=placed.uuid,
        track=placed.cdek_number,
        track_url=TRACKING + placed.cdek_number,
        billed=round(billed * 100) if billed else None,
        point=placed.delivery_point or None,
        point_name=point_name or placed.delivery_point,
    )


def step_of(one: Status) -> Step | None:
    """A status as a step; None for what is said of the request, or without a time."""
    at = moment(one.date_time)
    if at is None or not one.code or one.code in statuses.OF_THE_REQUEST:
        return None
    state: State | None = statuses.state_of(one.code, one.reason_code)
    return Step(
        code=one.code,
        at=at,
        state=state,
        place=one.city,
        reason=one.reason_code,
        taken_back=one.deleted,
    )


async def _returned(cdek: Cdek, core: Core, said: Answer) -> list[Step]:
    """Whether the return order, where there is one, has come back to the shop."""
    steps: list[Step] = []
    for one in said.related_entities:
        if one.type != "return_order" or not one.uuid:
            continue
        reply = await cdek.ask(core, "GET", f"/v2/orders/{one.uuid}")
        back = reply.json(Answer).entity if reply.is_good else None
        for status in back.statuses if back is not None else ():
            at = moment(status.date_time)
            if status.code == "DELIVERED" and not status.deleted and at is not None:
                steps.append(Step(code=RETURNED, at=at, state="returned", place=status.city))
    return steps


async def _strange(core: Core, parcel: Parcel, placed: Placed) -> None:
    for one in placed.statuses:
        known = one.code in statuses.OF_THE_REQUEST or statuses.state_of(one.code) is not None
        if not known and one.code not in _unknown:
            _unknown.add(one.code)
            await core.journal(
                "status_unknown",
                direction="in",
                state="warn",
                kind="order",
                number=parcel.order_number,
                status=one.code[:64],
            )
