"""CDEK's courier: called once for a day, whatever happens to the answer.

CDEK takes a second call for the same day as gladly as the first, and has no key to tell them
apart: what was asked is written down before it is asked. Whoever cannot know whether a call went
through is told so, and looks into CDEK's cabinet.
"""

from typing import Any, Final

from appliance.plugin_api.calls import Row
from appliance.plugin_api.core import Core
from appliance.plugin_api.handing import CourierAsked, CourierCalled
from appliance.plugin_api.outcomes import Permanent
from plugins.logistics_cdek import booking, quoting
from plugins.logistics_cdek.client import Cdek
from plugins.logistics_cdek.wire import Answer

OFF: Final = frozenset({"INVALID", "REMOVED"})
"""States of a call that nobody comes by."""
CARGO: Final = "Посылки интернет-магазина"
"""What the courier is told that he collects."""


async def call(cdek: Cdek, core: Core, asked: CourierAsked) -> CourierCalled:
    """Have the courier come.

    Raises:
        Permanent: `courier_unset`: nobody is named who hands parcels over; `courier_unsure`: the
            answer to a call was lost; `from_city_unknown`; `courier_denied`.
        Pause, Retry: as `Cdek.ask`.
    """
    key = (cdek.account.code, asked.day)
    rows = await core.rows_get("calls", [key])
    if rows:
        known = str(rows[0].values["call"] or "")
        if not known:
            raise Permanent("courier_unsure")
        if await _stands(cdek, core, known):
            return CourierCalled(number=known, known=True)
    body = await _request(cdek, core, asked)
    await _keep(core, key, "")
    reply = await cdek.ask(core, "POST", "/v2/intakes", json=body)
    said = reply.json(Answer)
    if not reply.is_good or said.refusal or said.entity is None or not said.entity.uuid:
        await core.rows_delete("calls", [key])
        why = (said.refusal or "refused")[:64]
        await core.journal("courier_refused", direction="out", state="bad", why=why)
        raise Permanent("courier_denied")
    await _keep(core, key, said.entity.uuid)
    await core.journal("courier_called", direction="out", day=asked.day, parcels=asked.parcels)
    return CourierCalled(number=said.entity.uuid)


async def _request(cdek: Cdek, core: Core, asked: CourierAsked) -> dict[str, Any]:
    name, phone = cdek.text("sender_name"), booking.phone(cdek.text("sender_phone"))
    address = cdek.text("from_address")
    if not (name and len(phone) > 1 and address):
        raise Permanent("courier_unset")
    town = await quoting.town_code(cdek, core, cdek.text("from_city"), "")
    if not town:
        raise Permanent("from_city_unknown")
    return {
        "intake_date": asked.day,
        "intake_time_from": asked.begins,
        "intake_time_to": asked.ends,
        "name": CARGO,
        "weight": asked.grams,
        "sender": {"name": name, "phones": [{"number": phone}]},
        "from_location": {"code": town, "address": address},
        "need_call": False,
    }


async def _keep(core: Core, key: tuple[str, str], call_id: str) -> None:
    values = {"account": key[0], "day": key[1], "call": call_id}
    await core.rows_put("calls", [Row(values=dict(values))])


async def _stands(cdek: Cdek, core: Core, call_id: str) -> bool:
    """Whether somebody still comes by this call; where CDEK does not say, he does."""
    reply = await cdek.ask(core, "GET", f"/v2/intakes/{call_id}")
    if not reply.is_good:
        return reply.status not in {400, 404}
    said = reply.json(Answer)
    states = said.entity.statuses if said.entity is not None else []
    last = max(states, key=lambda one: one.date_time, default=None)
    return (last is None or last.code not in OFF) and not said.refusal
