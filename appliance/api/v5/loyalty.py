"""Calls about loyalty and codes by SMS: the box has no programme, and says so as modules expect.

Lists are empty, a calculation gives the order back without bonuses, one account or check is not
found, and nothing can be joined. Modules then show no loyalty block and go on.
"""

from typing import Any, Final

from appliance.api.v5 import scalars, wire
from appliance.api.v5.call import Answer, Call, paging
from appliance.api.v5.errors import Refused
from appliance.errors import NotFound

NO_PROGRAMME: Final = "The loyalty program is not enabled."
ACCOUNT_FILTERS: Final = frozenset(
    {
        "ids", "id", "status", "customerId", "customerExternalId", "phoneNumber", "cardNumber",
        "level", "loyalties", "sites",
    }
)  # fmt: skip
PROGRAMME_FILTERS: Final = frozenset({"ids", "name", "active", "blocked", "sites"})


async def accounts(call: Call) -> Answer:
    """`GET loyalty/accounts`."""
    call.filter(ACCOUNT_FILTERS)
    return Answer({"pagination": paging(call).shown(0), "loyaltyAccounts": []})


async def programmes(call: Call) -> Answer:
    """`GET loyalty/loyalties`."""
    call.filter(PROGRAMME_FILTERS)
    return Answer({"pagination": paging(call).shown(0), "loyalties": []})


async def absent(call: Call) -> Answer:
    """One account, programme or check.

    Raises:
        NotFound: always.
    """
    raise NotFound


async def operations(call: Call) -> Answer:
    """`GET loyalty/bonus/operations`: a feed with a cursor."""
    return Answer({"bonusOperations": [], "pagination": {"nextCursor": ""}})


async def refuse(call: Call) -> Answer:
    """Joining, paying with bonuses: there is nothing to join or pay with.

    Raises:
        Refused: always.
    """
    raise Refused(NO_PROGRAMME)


async def calculate(call: Call) -> Answer:
    """`POST loyalty/calculate`: the order comes back as it would be without bonuses."""
    sent = wire.json_map(call.form, "order")
    rows: Any = sent.get("items") or []
    items = [_line(row) for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    delivery: Any = sent.get("delivery")
    cost = _kopecks(delivery.get("cost")) if isinstance(delivery, dict) else 0  # pyright: ignore[reportUnknownMemberType]
    total = cost + sum(_total(one) for one in items)
    order: dict[str, Any] = {
        "bonusesCreditTotal": 0,
        "bonusesChargeTotal": 0,
        "privilegeType": "none",
        "totalSumm": scalars.roubles(total),
        "delivery": {"cost": scalars.roubles(cost)},
        "site": call.actor.shop or call.given("site"),
        "items": items,
    }
    if isinstance(sent.get("customer"), dict):
        order["customer"] = sent["customer"]
    return Answer({"order": order, "calculations": [], "loyalty": []})


def _kopecks(value: Any) -> int:
    return scalars.scaled(value, 100) or 0


def _line(row: dict[str, Any]) -> dict[str, Any]:
    price, quantity = _kopecks(row.get("initialPrice")), scalars.scaled(row.get("quantity"), 1000)
    discount = _kopecks(row.get("discountManualAmount"))
    pieces = scalars.pieces(1000 if quantity is None else quantity)
    return {
        "offer": row.get("offer") or [],
        "quantity": pieces,
        "initialPrice": scalars.roubles(price),
        "discountTotal": scalars.roubles(discount),
        "prices": [{"price": scalars.roubles(price - discount), "quantity": pieces}],
        "discounts": [],
        "bonusesCreditTotal": 0,
        "bonusesChargeTotal": 0,
    }


def _total(line: dict[str, Any]) -> int:
    unit = _kopecks(line["prices"][0]["price"])
    return round(unit * float(line["quantity"]))


async def check_confirm(call: Call) -> Answer:
    """`POST verification/sms/confirm`.

    Raises:
        Refused: there is no such check.
    """
    wire.json_map(call.form, "verification")
    raise Refused("Verification check not found.")
