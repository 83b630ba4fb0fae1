"""Calls about colleagues and their groups; a group is a role."""

from typing import Any, Final
from zlib import crc32

from appliance.actions import shop_people
from appliance.actions.shop_people import ShopColleague
from appliance.api.v5 import wire
from appliance.api.v5.call import Answer, Call, paging
from appliance.api.v5.errors import PARAMETERS, Refused
from appliance.api.v5.filters import from_day, to_day
from appliance.api.v5.scalars import shown
from appliance.domain.users import Role
from appliance.errors import NotFound

FILTERS: Final = frozenset(
    {"email", "active", "isManager", "isAdmin", "status", "online", "groups", "createdAtFrom",
     "createdAtTo", "ids"}
)  # fmt: skip
ADMINISTRATOR: Final = "administrator"
COURIER: Final = "courier"
MANAGERS: Final = frozenset({"seller", "operator", "head", "branch_head"})
STATUSES: Final = frozenset({"free", "busy", "dinner", "break"})


def _id(role: str) -> int:
    """A number for what we know by its code; the same in every box."""
    return crc32(role.encode())


def _user(call: Call, one: ShopColleague, roles: dict[str, Role]) -> dict[str, Any]:
    """A colleague; his mailbox and phone stay in the box, their keys are there for readers."""
    first, _, last = one.name.reveal().partition(" ")
    return {
        "id": one.number,
        "createdAt": shown(one.created_at, call.zone),
        "active": one.active,
        "email": "",
        "firstName": first,
        "lastName": last,
        "patronymic": "",
        "phone": "",
        "status": "free",
        "online": False,
        "isAdmin": ADMINISTRATOR in one.roles,
        "isManager": bool(MANAGERS & set(one.roles)),
        "groups": [
            {"id": _id(code), "code": code, "name": roles[code].name if code in roles else code}
            for code in one.roles
        ],
    }


async def users(call: Call) -> Answer:
    """`GET users`."""
    pages, given = paging(call), call.filter(FILTERS)
    status = wire.text_of(given, "status")
    if status and status not in STATUSES:
        raise Refused(PARAMETERS, errors=["filter[status]: free, busy, dinner or break."])
    everybody = await shop_people.everybody(call.actor)
    roles = {role.code: role for role in everybody.roles}
    start = from_day(call, given, "createdAtFrom")
    end = to_day(call, given, "createdAtTo")
    flags = {name: wire.flag_of(given, name) for name in ("active", "isManager", "isAdmin")}
    online, groups = wire.flag_of(given, "online"), set(wire.texts_of(given, "groups"))
    ids = wire.integers_of(given, "ids")
    rows = [
        user
        for one in everybody.people
        if (start is None or one.created_at >= start) and (end is None or one.created_at <= end)
        for user in [_user(call, one, roles)]
        if all(want is None or user[name] is want for name, want in flags.items())
        and (not ids or one.number in ids)
        and (not groups or groups & set(one.roles))
        and not online
        and status in {"", "free"}
        and not wire.text_of(given, "email")
    ]
    page = rows[(pages.page - 1) * pages.limit :][: pages.limit]
    return Answer({"pagination": pages.shown(len(rows)), "users": page})


async def user(call: Call) -> Answer:
    """`GET users/{id}`."""
    everybody = await shop_people.everybody(call.actor)
    known = next((one for one in everybody.people if str(one.number) == call.names[0]), None)
    if known is None:
        raise NotFound("user_not_found")
    return Answer({"user": _user(call, known, {role.code: role for role in everybody.roles})})


async def couriers(call: Call) -> Answer:
    """`GET reference/couriers`: colleagues who deliver; who left is not active."""
    everybody = await shop_people.everybody(call.actor)
    roles = {role.code: role for role in everybody.roles}
    rows = [_user(call, one, roles) for one in everybody.people if COURIER in one.roles]
    wanted = ("id", "active", "firstName", "lastName", "patronymic", "email")
    return Answer(
        {
            "couriers": [
                {**{name: row[name] for name in wanted}, "phone": {"number": ""}, "description": ""}
                for row in rows
            ]
        }
    )


async def groups(call: Call) -> Answer:
    """`GET user-groups`."""
    pages = paging(call)
    found = (await shop_people.everybody(call.actor)).roles
    rows: list[dict[str, Any]] = [
        {
            "id": _id(role.code),
            "name": role.name,
            "code": role.code,
            "isManager": role.code in MANAGERS,
            "isDeliveryMen": role.code == COURIER,
            "isPosManager": False,
            "deliveryTypes": [],
            **dict.fromkeys(_BREAKDOWNS, ()),
        }
        for role in found
    ]
    page = rows[(pages.page - 1) * pages.limit :][: pages.limit]
    return Answer({"pagination": pages.shown(len(rows)), "groups": page})


_BREAKDOWNS: Final = (
    "breakdownOrderTypes",
    "breakdownSites",
    "breakdownOrderMethods",
    "grantedOrderTypes",
    "grantedSites",
)
