"""Accounts of a plugin's service: added, changed, switched, tried one by one."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from appliance.actions import plugin_accounts, plugins
from appliance.domain.personal import Personal
from appliance.domain.plugins import AccountForm
from appliance.errors import Conflict, HouseError, Invalid, NotFound, Unavailable
from appliance.plugin_api.manifest import Setting, read_manifest
from appliance.web import plugin_cards, texts
from appliance.web.answers import WebRequest, go, told
from appliance.web.orders import word
from appliance.web.plugin_words import title_of
from appliance.web.plugins import HOME, card_page, desk_of, page_of
from appliance.web.screens import reader_of

NEW: Final = "new"
REFUSED: Final = (Invalid, Conflict, Unavailable, NotFound)


class PluginAccountPages(Controller):
    """Accounts of services."""

    path = HOME

    @get("/{name:str}/accounts/{code:str}")
    async def show(
        self, request: WebRequest, name: FromPath[str], code: FromPath[str]
    ) -> Response[Any]:
        """Show the form of an account, or an empty one."""
        return await _form(request, name, code)

    @post("/{name:str}/accounts/{code:str}")
    async def keep(
        self, request: WebRequest, name: FromPath[str], code: FromPath[str]
    ) -> Response[Any]:
        """Keep it."""
        form, reader = await request.form(), reader_of(request)
        typed = plugin_cards.typed_of(await _settings(request, name), form)
        title, wanted = word(form, "_title"), code if code != NEW else word(form, "_code").strip()
        wrapped = {key: Personal(text) for key, text in typed.items()}
        try:
            if code == NEW and wanted:
                await _refuse_taken(request, name, wanted)
            await desk_of(request).set_account(reader.actor, name, wanted, Personal(title), wrapped)
        except Invalid as error:
            asked = {**typed, "@title": title, "@code": wanted}
            return await _form(request, name, code, typed=asked, error=error)
        return go(request, f"{HOME}/{name}?saved=1")

    @post("/{name:str}/accounts/{code:str}/test")
    async def test(
        self, request: WebRequest, name: FromPath[str], code: FromPath[str]
    ) -> Response[Any]:
        """Have the plugin try this account's connection."""
        reader = reader_of(request)
        try:
            found = await desk_of(request).test(reader.actor, name, code)
        except REFUSED as error:
            return await card_page(request, name, failed=told(request, error))
        folder = desk_of(request).shelf.folder(name)
        findings = plugin_cards.findings(folder, found, reader.language)
        return await card_page(request, name, findings=findings)

    @post("/{name:str}/accounts/{code:str}/on")
    async def on(
        self, request: WebRequest, name: FromPath[str], code: FromPath[str]
    ) -> Response[Any]:
        """Use it."""
        await desk_of(request).switch_account(reader_of(request).actor, name, code, is_active=True)
        return go(request, f"{HOME}/{name}")

    @post("/{name:str}/accounts/{code:str}/off")
    async def off(
        self, request: WebRequest, name: FromPath[str], code: FromPath[str]
    ) -> Response[Any]:
        """Leave it alone: what is for it waits."""
        await desk_of(request).switch_account(reader_of(request).actor, name, code, is_active=False)
        return go(request, f"{HOME}/{name}")


async def _settings(request: WebRequest, name: str) -> Sequence[Setting]:
    found, _, _ = await plugins.card(reader_of(request).actor, name)
    if not found.manifest:
        raise Conflict("plugin_broken")
    return read_manifest(found.manifest.encode()).account_settings


async def _refuse_taken(request: WebRequest, name: str, code: str) -> None:
    """A new one under the code of another would change that one without a word."""
    known = await plugin_accounts.list_of(reader_of(request).actor, name)
    if any(one.code == code for one in known):
        raise Invalid(fields={"code": "account_code_taken"})


async def _form(
    request: WebRequest,
    name: str,
    code: str,
    *,
    typed: Mapping[str, str] | None = None,
    error: Invalid | None = None,
) -> Response[Any]:
    reader = reader_of(request)
    found, _, _ = await plugins.card(reader.actor, name)
    every = await plugin_accounts.list_of(reader.actor, name)
    known = _one(every, code)
    settings = await _settings(request, name)
    shown = {**(known.typed if known else _defaults(settings)), **(typed or {})}
    problems = dict(error.fields) if error else {}
    own = {"title", "code"}
    return await page_of(
        request,
        reader,
        "plugins/account.html",
        status=422 if error else 200,
        one=found,
        title=title_of(found, reader.language)[0],
        account_title=known.title if known else "",
        typed_title=shown.get("@title", known.title if known else ""),
        typed_code=shown.get("@code", ""),
        is_active=known is not None and known.is_active,
        fresh=known is None,
        action=f"{HOME}/{name}/accounts/{code}",
        failed=_failed(reader.language, error) if error and not error.fields else "",
        errors={
            key: texts.error(problems[key], reader.language).title for key in own & {*problems}
        },
        fields=plugin_cards.entries(reader, settings, shown, known.held if known else (), problems),
    )


def _one(every: Sequence[AccountForm], code: str) -> AccountForm | None:
    if code == NEW:
        return None
    found = next((one for one in every if one.code == code), None)
    if found is None:
        raise NotFound("account_not_found")
    return found


def _defaults(settings: Sequence[Setting]) -> dict[str, str]:
    return {one.name: _default(one) for one in settings}


def _default(one: Setting) -> str:
    """A default as the form has it: a tick is a one."""
    if one.kind == "flag":
        return "1" if one.default else ""
    return "" if one.default is None else str(one.default)


def _failed(language: Any, error: HouseError) -> str:
    return texts.error(error.code, language, error.params).title


HANDLERS: Final = (PluginAccountPages,)
