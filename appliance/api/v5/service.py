"""Calls about the key and the box, and answers that stand in for what a box does not have."""

from typing import Any, Final

from appliance import __version__
from appliance.api.v5.call import Answer, Call, paging
from appliance.api.v5.door import VERSIONED, Routes
from appliance.errors import NotFound
from appliance.roles import API_SCOPES

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
    return [*held, *INSISTED] if len(held) == len(API_SCOPES) else held


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
    """`GET statistic/update`: asks for a new import of the catalogue, which comes later."""
    return Answer({})


async def integration_module(call: Call) -> Answer:
    """`POST integration-modules/{code}/edit`: a module tells who it is; nothing is kept."""
    return Answer({"info": []})


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


async def unknown(call: Call) -> Answer:
    """One of something the box does not have.

    Raises:
        NotFound: always.
    """
    raise NotFound
