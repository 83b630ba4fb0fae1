"""The admin door's part about accounts of services."""

from typing import Any, Final

import msgspec
from litestar import Request, Router, post
from litestar.params import JSONBody

from appliance.actions import plugin_accounts, plugins
from appliance.api.console import Answer, Input, actor_of, first_field
from appliance.api.console_plugin_lines import manifest_of
from appliance.api.console_plugins import Named, desk_of
from appliance.domain.personal import Personal
from appliance.errors import Invalid


class AccountInput(Input):
    """An account as typed; an empty code has one chosen."""

    name: str
    values: dict[str, str]
    code: str = ""
    title: str | None = None

    def __repr__(self) -> str:
        return "AccountInput(•••)"


class AccountSwitch(Input):
    """An account to be used, or left alone."""

    name: str
    code: str
    active: bool


@post("/plugins/accounts", status_code=200)
async def list_accounts(request: Request[Any, Any, Any], data: JSONBody[Named]) -> Answer:
    """Accounts of a plugin; of secrets only whether they are set."""
    actor = actor_of(request)
    found, _, _ = await plugins.card(actor, data.name)
    fields = msgspec.to_builtins(manifest_of(found).account_settings)
    every = await plugin_accounts.list_of(actor, data.name)
    return {
        "fields": fields,
        "accounts": [
            {
                "code": one.code,
                "title": one.title,
                "active": one.is_active,
                "settings": [
                    {**each, "typed": one.typed[each["name"]], "is_set": each["name"] in one.held}
                    for each in fields
                ],
            }
            for one in every
        ],
    }


@post("/plugins/accounts/put", status_code=200)
async def put_account(request: Request[Any, Any, Any], data: JSONBody[AccountInput]) -> Answer:
    """Add an account or change one; its code."""
    actor = actor_of(request)
    title = data.title
    if title is None:  # as it is called already
        known = await plugin_accounts.list_of(actor, data.name)
        title = next((one.title for one in known if one.code == data.code), "")
    typed = {name: Personal(text) for name, text in data.values.items()}
    try:
        code = await desk_of(request).set_account(
            actor, data.name, data.code, Personal(title), typed
        )
    except Invalid as error:
        if not error.fields:
            raise
        name, problem = next(iter(error.fields.items()))
        every = ",".join(f"{name}={code}" for name, code in error.fields.items())
        raise Invalid(problem, field=name, every=every, bounds="—") from error
    return {"code": code}


@post("/plugins/accounts/switch", status_code=200)
async def switch_account(request: Request[Any, Any, Any], data: JSONBody[AccountSwitch]) -> Answer:
    """Use an account, or leave it alone."""
    await desk_of(request).switch_account(
        actor_of(request), data.name, data.code, is_active=data.active
    )
    return {}


HANDLERS: Final = (
    Router(
        path="/",
        route_handlers=[list_accounts, put_account, switch_account],
        exception_handlers={Invalid: first_field},
    ),
)
