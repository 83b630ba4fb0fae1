"""«Интеграции»: services, shops and 1C on one screen: how the exchange goes and what to do."""

from typing import Any, Final
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from appliance.actions import integrations, plugins, shops
from appliance.domain.plugins import JournalAsked
from appliance.errors import NotFound
from appliance.roles import Permission
from appliance.web import integration_rows, plugin_cards
from appliance.web.answers import WebRequest, go, site_of, told
from appliance.web.plugins import desk_of, page_of
from appliance.web.screens import Reader, reader_of

HOME: Final = "/admin/integrations"


class IntegrationPages(Controller):
    """Services."""

    path = HOME

    @get()
    async def index(self, request: WebRequest) -> Response[Any]:
        """Show every service; with an order's number, all exchanges about it."""
        return await _page(request)

    @post("/letters/{letter:uuid}/{deed:str}")
    async def settle(
        self, request: WebRequest, letter: FromPath[UUID], deed: FromPath[str]
    ) -> Response[Any]:
        """Hand one delivery over again, or never."""
        try:
            await integrations.settle(reader_of(request).actor, letter, drop=deed == "drop")
        except NotFound as error:
            return await _page(request, failed=told(request, error))
        if (desk := site_of(request).desk) is not None:
            await desk.compare()  # pokes whoever delivers
        return go(request, f"{HOME}?done={'drop' if deed == 'drop' else 'again'}")

    @post("/journal/{number:int}/repeat")
    async def repeat(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Repeat the exchange of one line."""
        form = await request.form()
        order = integration_rows.whole(str(form.get("order") or ""))
        try:
            deed = await integrations.repeat(reader_of(request).actor, number)
        except integration_rows.REFUSED as error:
            return await _page(request, failed=told(request, error), order=order)
        if (desk := site_of(request).desk) is not None:
            await desk.compare()  # pokes whoever delivers
        about = f"&order={order}" if order else ""
        return go(request, f"{HOME}?done={deed}{about}")

    @post("/{name:str}/test")
    async def test(self, request: WebRequest, name: FromPath[str]) -> Response[Any]:
        """Have the plugin try the connection, of one account or of all."""
        form, reader = await request.form(), reader_of(request)
        account = str(form.get("account") or "")
        try:
            found = await desk_of(request).test(reader.actor, name, account)
        except integration_rows.REFUSED as error:
            return await _page(request, failed=told(request, error))
        folder = desk_of(request).shelf.folder(name)
        tried = plugin_cards.findings(folder, found, reader.language)
        return await _page(request, tried=(name, account, tried))


async def _page(
    request: WebRequest,
    *,
    failed: str = "",
    tried: tuple[str, str, list[dict[str, Any]]] | None = None,
    order: int = 0,
) -> Response[Any]:
    reader, desk = reader_of(request), site_of(request).desk
    number = order or integration_rows.whole(request.query_params.get("order", ""))
    found = await integrations.overview(reader.actor)
    letters = await integrations.letters(reader.actor, number)
    rows = [integration_rows.service(reader, desk, one) for one in found]
    titles = {str(row["name"]): str(row["title"]) for row in rows}
    rows += await _shops(reader)
    lines: list[dict[str, Any]] = []
    if number:
        asked = JournalAsked(order=number, limit=100)
        journal = await plugins.journal(reader.actor, asked)
        lines = [plugin_cards.journal_row(reader, desk, one) for one in journal]
        lines = [row | {"plugin": titles.get(row["plugin"], row["plugin"])} for row in lines]
    return await page_of(
        request,
        reader,
        "plugins/integrations.html",
        status=422 if failed else 200,
        rows=sorted(rows, key=lambda one: integration_rows.RANK[one["tone"]]),
        letters=[integration_rows.letter(reader, desk, one, titles) for one in letters],
        services=bool(found),
        order=number or "",
        lines=lines,
        failed=failed,
        tried=tried,
        done=request.query_params.get("done", ""),
    )


async def _shops(reader: Reader) -> list[dict[str, Any]]:
    if not reader.may(Permission.KEY_MANAGE):
        return []
    found = await shops.list_all(reader.actor, own=True)
    return [integration_rows.shop(reader, one) for one in found]


HANDLERS: Final = (IntegrationPages,)
