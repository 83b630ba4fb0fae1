"""Calls of telephone exchanges: whose phone it is, what rings now, what is over."""

from typing import Any, Final

from appliance.actions import shop_calls
from appliance.api.v5 import wire, write_customers
from appliance.api.v5.call import Answer, Call
from appliance.api.v5.entity import CODE, NAME, Entity
from appliance.api.v5.errors import PARAMETERS, Refused
from appliance.domain.calls import CallLog, CallState, CallTold, Direction
from appliance.domain.orders import UNSET
from appliance.domain.personal import Personal

MOST_CALLS: Final = 50
MOST_SECONDS: Final = 7 * 24 * 3600
PHONE: Final = 64
URL: Final = 2000
TYPES: Final = frozenset({"in", "out", "hangup"})
ANSWERED: Final = frozenset({"", "answered", "success"})


async def manager(call: Call) -> Answer:
    """`GET telephony/manager`: who rings, who leads him, where his cards are."""
    phone = call.given("phone")
    if not phone:
        raise Refused("Parameter 'phone' is missing")
    found = await shop_calls.who(call.actor, Personal(phone[:PHONE]))
    base = call.settings.public_url or f"https://{call.host}"
    links = {"newOrderLink": f"{base}/orders/new", "newCustomerLink": f"{base}/clients/new"}
    answer: dict[str, Any] = {"manager": [], "customer": [], "links": links}
    if found.manager_number:
        first, _, last = found.manager_name.partition(" ")
        answer["manager"] = {
            "id": found.manager_number,
            "firstName": first,
            "lastName": last,
            "patronymic": "",
            "email": "",
            "code": str(found.manager_number),
        }
    if found.client is not None:
        whole = write_customers.customer(found.client, call.zone)
        answer["customer"] = {key: whole[key] for key in _CUSTOMER if key in whole}
        links["customerLink"] = f"{base}/clients/{found.client.number}"
    if found.last_order:
        links["lastOrderLink"] = f"{base}/orders/{found.last_order}"
    return Answer(answer)


_CUSTOMER: Final = (
    "type", "id", "externalId", "site", "firstName", "lastName", "patronymic", "email", "phones",
    "vip", "bad", "nickName",
)  # fmt: skip


async def event(call: Call) -> Answer:
    """`POST telephony/call/event`: a call rings, or is over."""
    call.what, call.sent = "Event", wire.json_map(call.form, "event")
    sent = Entity(call.sent, call.zone)
    kind = sent.text("type", CODE)
    if kind not in TYPES:
        sent.refuse("type", "code_unknown")
    if kind != "hangup":
        state = CallState.RINGING
    else:
        ended = sent.text("hangupStatus", CODE) in ANSWERED
        state = CallState.ENDED if ended else CallState.MISSED
    told = CallTold(
        phone=_phone(sent),
        state=state,
        direction=Direction.OUT if kind == "out" else Direction.IN,
        provider_id=sent.text("callExternalId", NAME),
        codes=_texts(sent, "codes"),
        user_numbers=tuple(int(one) for one in _texts(sent, "userIds") if one.isdecimal()),
        line=sent.text("externalPhone", PHONE),
    )
    sent.check()
    heard = await shop_calls.event(call.actor, told)
    return Answer({"notExistCodes": heard.codes, "notExistUsers": heard.users})


def _texts(sent: Entity, name: str) -> tuple[str, ...]:
    raw: Any = sent.raw.get(name)
    many: list[Any] = raw if isinstance(raw, list) else [] if raw is None else [raw]  # pyright: ignore[reportUnknownVariableType]
    return tuple(str(one)[:9] if name == "userIds" else str(one)[:CODE] for one in many)


def _phone(sent: Entity) -> Personal[str]:
    phone = sent.text("phone", PHONE)
    if not phone:
        sent.refuse("phone", "name_empty")
    return Personal(phone)


async def upload(call: Call) -> Answer:
    """`POST telephony/calls/upload`: calls that are over, at most fifty."""
    call.what = "Call"
    call.sent = rows = wire.json_list(call.form, "calls")
    if len(rows) > MOST_CALLS:
        raise Refused(PARAMETERS, errors=[f"At most {MOST_CALLS} entities in one call."])
    whole = Entity({"calls": rows}, call.zone)
    logs = [_log(one) for one in whole.parts("calls")]
    whole.check()
    done = await shop_calls.upload(call.actor, [one for one in logs if one is not None])
    return Answer({"processedCallsCount": done.processed, "duplicateCalls": done.duplicates})


def _log(one: Entity) -> CallLog | None:
    at, number = one.moment("date"), one.text("externalId", NAME)
    if at is None:
        one.refuse("date", "date_unreadable")
    if not number:
        one.refuse("externalId", "name_empty")
    phone = _phone(one)
    seconds = _seconds(one, "duration")
    if at is None:
        return None
    return CallLog(
        provider_id=number,
        phone=phone,
        at=at,
        direction=Direction.OUT if one.text("type", CODE) == "out" else Direction.IN,
        code=one.text("code", CODE),
        user_number=one.integer("userId"),
        seconds=seconds,
        waited=_seconds(one, "durationWaiting"),
        answered=one.text("result", CODE) in ANSWERED and (seconds > 0 or "duration" not in one),
        record_url=Personal(one.text("recordUrl", URL)),
        line=one.text("externalPhone", PHONE),
    )


def _seconds(one: Entity, name: str) -> int:
    given = one.milli(name)
    return 0 if given is UNSET else max(0, min(given // 1000, MOST_SECONDS))
