"""«Плагины»: what is connected to the box, what it may, how it is set up and how it feels."""

import asyncio
from collections.abc import Mapping
from typing import Any, BinaryIO, Final
from urllib.parse import urlencode

from litestar import Controller, Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath

from appliance.actions import (
    desk,
    plugin_accounts,
    plugin_files,
    plugin_rows,
    plugin_settings,
    plugins,
)
from appliance.domain.personal import Personal
from appliance.domain.plugins import JournalAsked, Need
from appliance.errors import Conflict, Denied, HouseError, Invalid, NotFound, Unavailable
from appliance.plugin_api.manifest import read_manifest
from appliance.plugin_host.desk import Desk
from appliance.plugin_host.packages import LARGEST
from appliance.web import plugin_cards, plugin_charts, plugin_words, texts
from appliance.web.answers import WebRequest, go, site_of, told
from appliance.web.orders import word
from appliance.web.screens import Reader, counts_for, draw, look_of, reader_of, shell_of

HOME: Final = "/admin/plugins"
UPLOAD_LIMIT: Final = LARGEST + (1 << 20)
REFUSED: Final = (Invalid, Conflict, Unavailable, NotFound)


class PluginPages(Controller):
    """Plugins."""

    path = HOME

    @get()
    async def index(self, request: WebRequest) -> Response[Any]:
        """Show every plugin, the form for a file, and whose signatures are trusted."""
        return await _list(request)

    @post(request_max_body_size=UPLOAD_LIMIT)
    async def upload(self, request: WebRequest) -> Response[Any]:
        """Take a file and show what is in it."""
        form, reader = await request.form(), reader_of(request)
        given = form.get("file")
        if not isinstance(given, UploadFile) or not given.filename:
            return await _list(request, file=reader._("Выберите файл"))
        try:
            offer = await desk_of(request).shelf.offer(reader.actor, await _read(given))
        except (Invalid, Conflict) as error:
            return await _list(request, file=told(request, error))
        return go(request, f"{HOME}/files/{offer.token}")

    @get("/files/{token:str}")
    async def offered(self, request: WebRequest, token: FromPath[str]) -> Response[Any]:
        """Show a file that waits for a yes."""
        return await _offer(request, token)

    @post("/files/{token:str}")
    async def accept(self, request: WebRequest, token: FromPath[str]) -> Response[Any]:
        """Install it, or forget it."""
        form, reader = await request.form(), reader_of(request)
        shelf = desk_of(request).shelf
        if word(form, "do") == "drop":
            await shelf.decline(token)
            return go(request, HOME)
        chosen = [str(one) for one in form.getall("sure", [])]
        confirmed = [need for need in Need if need.value in chosen]
        try:
            offer = shelf.offered(token)
            if offer.needs and word(form, "name").strip() != offer.found.name:
                problem = reader._("Введите имя плагина, как оно написано выше")
                return await _offer(request, token, name=problem, chosen=chosen)
            installed = await shelf.accept(reader.actor, token, confirmed)
        except Denied as error:
            return _confirm(request, error, f"{HOME}/files/{token}")
        except Conflict as error:
            return await _offer(request, token, problem=told(request, error), chosen=chosen)
        return go(request, f"{HOME}/{installed.name}")

    @post("/makers")
    async def trust(self, request: WebRequest) -> Response[Any]:
        """Trust a maker."""
        form, reader = await request.form(), reader_of(request)
        typed = {"key": word(form, "key"), "title": word(form, "title")}
        try:
            await plugin_files.trust(reader.actor, typed["key"], typed["title"])
        except Denied as error:
            return _confirm(request, error, HOME)
        except Invalid as error:
            return await _list(request, typed=typed, errors=_errors(reader, error))
        return go(request, HOME)

    @post("/makers/{key:str}/drop")
    async def distrust(self, request: WebRequest, key: FromPath[str]) -> Response[Any]:
        """Trust him no more."""
        await plugin_files.distrust(reader_of(request).actor, key)
        return go(request, HOME)

    @get("/journal")
    async def journal(self, request: WebRequest) -> Response[Any]:
        """Show exchanges, by any of plugin, reference number, order and failure."""
        reader, asked = reader_of(request), request.query_params
        number, order, before = (_whole(asked.get(key, "")) for key in ("no", "order", "before"))
        wanted = JournalAsked(
            plugin=asked.get("plugin", "")[:41],
            state="bad" if asked.get("bad") else "",
            number=number,
            order=order,
            before=before,
        )
        lines = await plugins.journal(reader.actor, wanted)
        known = await plugins.list_all(reader.actor)
        kept = {key: asked[key] for key in ("plugin", "no", "order", "bad") if asked.get(key)}
        last = lines[-1].number if len(lines) == wanted.limit else 0
        return await page_of(
            request,
            reader,
            "plugins/journal.html",
            rows=[plugin_cards.journal_row(reader, site_of(request).desk, one) for one in lines],
            names=[("", reader._("все")), *((one.name, one.name) for one in known)],
            asked={key: asked.get(key, "") for key in ("plugin", "no", "order", "bad")},
            filtered=bool(kept),
            next=f"{HOME}/journal?{urlencode({**kept, 'before': last})}" if last else None,
        )

    @get("/{name:str}")
    async def card(self, request: WebRequest, name: FromPath[str]) -> Response[Any]:
        """Show one plugin."""
        return await card_page(request, name)

    @post("/{name:str}/settings")
    async def settings(self, request: WebRequest, name: FromPath[str]) -> Response[Any]:
        """Keep its settings."""
        form, reader = await request.form(), reader_of(request)
        known = await plugin_settings.form(reader.actor, name)
        settings = read_manifest(known.plugin.manifest.encode()).settings
        typed = plugin_cards.typed_of(settings, form)
        try:
            wrapped = {key: Personal(text) for key, text in typed.items()}
            await desk_of(request).set_up(reader.actor, name, wrapped)
        except Invalid as error:
            return await card_page(request, name, typed=typed, problems=error.fields)
        return go(request, f"{HOME}/{name}?saved=1")

    @post("/{name:str}/test")
    async def test(self, request: WebRequest, name: FromPath[str]) -> Response[Any]:
        """Ask the plugin how it is."""
        reader = reader_of(request)
        try:
            found = await desk_of(request).test(reader.actor, name)
        except REFUSED as error:
            return await card_page(request, name, failed=told(request, error))
        folder = desk_of(request).shelf.folder(name)
        findings = plugin_cards.findings(folder, found, reader.language)
        return await card_page(request, name, findings=findings)

    @post("/{name:str}/run/{job:str}")
    async def run(
        self, request: WebRequest, name: FromPath[str], job: FromPath[str]
    ) -> Response[Any]:
        """Run a job now."""
        reader = reader_of(request)
        try:
            await desk_of(request).run_now(reader.actor, name, job)
        except REFUSED as error:
            return await card_page(request, name, failed=told(request, error))
        return await card_page(request, name, done=reader._("Задание выполнено"))

    @post("/{name:str}/{deed:str}")
    async def act(
        self, request: WebRequest, name: FromPath[str], deed: FromPath[str]
    ) -> Response[Any]:
        """Approve, switch, isolate, take rights back, remove."""
        form, reader = await request.form(), reader_of(request)
        try:
            await _act(desk_of(request), reader, name, deed, word(form, "version"))
        except Denied as error:
            return _confirm(request, error, f"{HOME}/{name}")
        except (Conflict, Invalid) as error:
            return await card_page(request, name, failed=told(request, error))
        return go(request, HOME if deed.startswith("remove") else f"{HOME}/{name}")


async def _act(desk_: Desk, reader: Reader, name: str, deed: str, version: str) -> None:
    deeds = {
        "on": desk_.switch_on,
        "off": desk_.switch_off,
        "pause": desk_.pause,
        "isolate": desk_.isolate,
        "take-back": desk_.take_back,
        "remove": desk_.shelf.remove,
    }
    if deed in {"again", "forget"}:
        await plugins.deliver_again(reader.actor, name, drop=deed == "forget")
        await desk_.compare()
        return
    if deed == "remove-all":
        await desk_.shelf.remove(reader.actor, name, with_data=True)
        return
    if deed == "approve":
        found, _, _ = await plugins.card(reader.actor, name)
        await desk_.approve(reader.actor, name, version, found.asked)
    elif deed in deeds:
        await deeds[deed](reader.actor, name)
    else:
        raise Invalid("code_unknown")


async def _list(
    request: WebRequest,
    *,
    file: str = "",
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> Response[Any]:
    reader = reader_of(request)
    found = await plugins.list_all(reader.actor)
    desk_ = site_of(request).desk
    return await page_of(
        request,
        reader,
        "plugins/list.html",
        status=422 if file or errors else 200,
        rows=[plugin_cards.row(reader, desk_, one) for one in found],
        makers=await plugin_files.makers(reader.actor),
        file_error=file,
        typed=typed or {"key": "", "title": ""},
        errors=errors or {},
    )


async def _offer(
    request: WebRequest,
    token: str,
    *,
    problem: str = "",
    name: str = "",
    chosen: list[str] | None = None,
) -> Response[Any]:
    reader = reader_of(request)
    # Whoever looks must be allowed to install; the file itself is not read again.
    await plugin_files.makers(reader.actor)
    offer = desk_of(request).shelf.offered(token)
    return await page_of(
        request,
        reader,
        "plugins/offer.html",
        status=422 if problem or name else 200,
        **plugin_cards.offer(reader, offer),
        token=token,
        problem=problem,
        name_error=name,
        chosen=chosen or [],
    )


async def card_page(
    request: WebRequest,
    name: str,
    *,
    typed: Mapping[str, str] | None = None,
    problems: Mapping[str, str] | None = None,
    failed: str = "",
    done: str = "",
    findings: list[Any] | None = None,
) -> Response[Any]:
    """One plugin, with what came of a deed."""
    reader = reader_of(request)
    found, given, letters = await plugins.card(reader.actor, name)
    form = await plugin_settings.form(reader.actor, name) if found.manifest else None
    manifest = plugin_words.manifest_of(found)
    has_accounts = manifest is not None and bool(manifest.account_settings)
    accounts = await plugin_accounts.list_of(reader.actor, name) if has_accounts else None
    codes = await desk.names(reader.actor)
    has_charts = found.given is not None
    drawn = await plugin_rows.charts(reader.actor, name, reader.language) if has_charts else []
    return await page_of(
        request,
        reader,
        "plugins/card.html",
        status=422 if problems or failed else 200,
        one=found,
        **plugin_cards.card(reader, site_of(request).desk, found, given, codes),
        fields=plugin_cards.fields(reader, form, typed, problems or {}) if form else [],
        accounts=accounts,
        has_own=manifest is not None and manifest.settings_are_account,
        drawn=plugin_charts.shown(reader, drawn),
        failed=failed,
        done=done,
        findings=findings,
        letters=letters,
    )


async def page_of(
    request: WebRequest, reader: Reader, template: str, *, status: int = 200, **more: Any
) -> Response[Any]:
    """A page about plugins in the frame of administration."""
    codes = await desk.names(reader.actor)
    return draw(
        request,
        reader,
        template,
        status=status,
        look=look_of(request),
        saved=request.query_params.get("saved") == "1",
        shell=shell_of(request, reader, "admin", await counts_for(reader), codes),
        **more,
    )


def desk_of(request: WebRequest) -> Desk:
    """The host of plugins.

    Raises:
        Unavailable: `not_started`.
    """
    found = site_of(request).desk
    if found is None:
        raise Unavailable("not_started")
    return found


def _whole(text: str) -> int:
    text = text.strip().lstrip("№ ")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0


def _confirm(request: WebRequest, error: HouseError, then: str) -> Response[Any]:
    if error.code != "step_up_needed":
        raise error
    return go(request, f"/me/confirm?next={then}")


def _errors(reader: Reader, error: Invalid) -> dict[str, str]:
    return {
        name: texts.error(code, reader.language, error.params).title
        for name, code in error.fields.items()
    }


async def _read(given: UploadFile) -> bytes:
    file: BinaryIO = given.file  # pyright: ignore[reportAssignmentType] - spooled, binary
    return await asyncio.to_thread(file.read, LARGEST + 1)
