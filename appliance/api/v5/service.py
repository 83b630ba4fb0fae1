"""Calls about the key and the box, and answers that stand in for what a box does not have."""

from contextlib import suppress
from typing import Any, Final

from appliance import __version__
from appliance.actions import catalogue_runs, shop_modules
from appliance.api.v5 import wire
from appliance.api.v5.call import Answer, Call, paging, shop_of
from appliance.api.v5.door import VERSIONED, Routes
from appliance.api.v5.entity import CODE, Entity
from appliance.domain.catalogue_runs import Origin
from appliance.domain.modules import MOST_ACTIONS, MOST_TEXT, ShopModule
from appliance.errors import Invalid
from appliance.roles import API_SCOPES, FIRST_SCOPES, Permission

INSISTED: Final = (
    "analytics_write",
    "telephony_read",
    "telephony_write",
    "delivery_read",
    "delivery_write",
    "user_read",
    "user_write",
    "segment_read",
    "custom_fields_read",
    "custom_fields_write",
    "task_read",
    "task_write",
    "integration_read",
    "integration_write",
    "cost_read",
    "cost_write",
    "payments_read",
    "payments_write",
    "file_read",
    "file_write",
    "loyalty_read",
    "loyalty_write",
    "verification_read",
    "verification_write",
)
"""Scopes that some modules insist on before they connect; a key with every real one shows them."""


def templates(routes: Routes) -> list[str]:
    """Paths as `credentials` lists them: without version, variables in braces."""
    found: dict[str, None] = {}
    for _, pattern in routes:
        parts = pattern[1:] if pattern[0] == VERSIONED else pattern
        name = "{code}" if parts[0] in {"reference", "integration-modules"} else "{externalId}"
        found["/api/" + "/".join(name if part == "*" else part for part in parts)] = None
    return list(found)


def _scopes(call: Call) -> list[str]:
    held = [
        scope
        for scope, grants in API_SCOPES.items()
        if all(permission in call.actor.grants for permission in grants)
    ]
    if not set(FIRST_SCOPES) <= set(held):
        return held
    return list(dict.fromkeys([*held, *INSISTED]))


def credentials_of(listed: list[str]) -> Any:
    """The handler of `GET /api/credentials`, which names the paths that are served."""

    async def credentials(call: Call) -> Answer:
        body: dict[str, Any] = {"credentials": listed, "scopes": _scopes(call)}
        if call.actor.shop:
            body |= {"siteAccess": "access_selective", "sitesAvailable": [call.actor.shop]}
        else:
            body["siteAccess"] = "access_full"
        return Answer(body)

    return credentials


async def versions(call: Call) -> Answer:
    """`GET /api/api-versions`."""
    return Answer({"versions": ["5.0"]})


async def system_info(call: Call) -> Answer:
    """`GET /api/system-info`."""
    url = call.settings.public_url or f"https://{call.host}"
    return Answer({"systemVersion": __version__, "publicUrl": url, "technicalUrl": url})


async def settings(call: Call) -> Answer:
    """`GET settings`; snake case, unlike everything else."""
    return Answer(
        {
            "settings": {
                "default_currency": {"value": "RUB"},
                "system_language": {"value": "RU"},
                "timezone": {"value": call.zone.key},
                "work_times": [],
                "non_working_days": [],
            }
        }
    )


async def statistic(call: Call) -> Answer:
    """`GET statistic/update`: has the shop's catalogue read again, which goes on behind this.

    A shop whose catalogue has no address is answered alike: modules ask before they told one.
    """
    with suppress(Invalid):
        await catalogue_runs.ask(call.actor, await shop_of(call), Origin.SHOP)
    return Answer({})


async def integration_module(call: Call) -> Answer:
    """`POST integration-modules/{code}/edit`: a module tells who it is.

    A key that may not change lists is answered all the same: a module must not fail to connect
    over what nobody needs.
    """
    call.sent = wire.json_map(call.form, "integrationModule")
    if Permission.REFERENCE_EDIT.value in call.actor.grants:
        await shop_modules.put(call.actor, _module(Entity(call.sent, call.zone), call.names[0]))
    return Answer({"info": []})


def _module(sent: Entity, code: str) -> ShopModule:
    actions: Any = sent.raw.get("actions")
    known: dict[Any, Any] = actions if isinstance(actions, dict) else {}  # pyright: ignore[reportUnknownVariableType]
    countries: Any = sent.raw.get("availableCountries")
    named: list[Any] = countries if isinstance(countries, list) else []  # pyright: ignore[reportUnknownVariableType]
    module = ShopModule(
        code=code[:CODE],
        integration_code=sent.text("integrationCode", MOST_TEXT),
        name=sent.text("name", MOST_TEXT),
        active=sent.flag("active") is not False,
        client_id=sent.text("clientId", MOST_TEXT),
        base_url=sent.text("baseUrl", MOST_TEXT),
        account_url=sent.text("accountUrl", MOST_TEXT),
        actions={
            str(name)[:CODE]: str(path)[:MOST_TEXT]
            for name, path in list(known.items())[:MOST_ACTIONS]
        },
        countries=tuple(str(one)[:2] for one in named[:MOST_ACTIONS]),
    )
    sent.check()
    return module


async def module(call: Call) -> Answer:
    """`GET integration-modules/{code}`."""
    found = await shop_modules.get(call.actor, call.names[0])
    shown = {
        "code": found.code,
        "integrationCode": found.integration_code,
        "active": found.active,
        "name": found.name,
        "clientId": found.client_id,
        "baseUrl": found.base_url,
        "accountUrl": found.account_url,
        "actions": found.actions or [],
        "availableCountries": found.countries,
        "integrations": [],
    }
    return Answer({"integrationModule": shown})


AVAILABLE: Final = frozenset({"delivery", "store", "telephony", "corporate_customers"})


async def features(call: Call) -> Answer:
    """`GET features/check`: which of the features asked about the box has."""
    asked = wire.texts_of(call.query, "features")
    return Answer({"features": [{"code": code, "available": code in AVAILABLE} for code in asked]})


def empty_page(key: str) -> Any:
    """A handler that answers an empty page of something the box does not have."""

    async def empty(call: Call) -> Answer:
        return Answer({"pagination": paging(call).shown(0), key: []})

    return empty


def empty_list(key: str) -> Any:
    """A handler that answers an empty list without pages."""

    async def empty(call: Call) -> Answer:
        return Answer({key: []})

    return empty
