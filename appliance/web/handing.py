"""«Сдача перевозчикам»: what waits for each carrier, the papers that go with it, his courier.

The page asks the carrier between two actions; its papers go to the colleague and stay nowhere.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any, Final, NamedTuple

from litestar import Controller, Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.params import FromPath

from appliance.actions import desk, handing
from appliance.domain import formats, inputs
from appliance.domain.handing import Given, Load, Scanned
from appliance.errors import Conflict, Invalid, NotFound, Unavailable
from appliance.http.origin import header
from appliance.plugin_api.handing import CourierAsked, CourierCalled, Paper, Papers, PapersAsked
from appliance.plugin_host.desk import Desk
from appliance.plugin_host.handing import as_one
from appliance.roles import Permission
from appliance.web import plugin_words, texts
from appliance.web.answers import WebRequest, go, site_of, told
from appliance.web.courier import morning
from appliance.web.handing_rows import HOME, back_of, given_row, key_of, load_row
from appliance.web.orders import word
from appliance.web.screens import (
    Reader,
    counts_for,
    draw,
    look_of,
    reader_of,
    refreshed,
    shell_of,
    toast,
)
from appliance.web.shell import N_
from appliance.web.task_forms import clock_of

LAID: Final = N_("Заказ № %(number)s: посылка в передаче, %(carrier)s")
AGAIN: Final = N_("Заказ № %(number)s: посылка уже в передаче, %(carrier)s")
OUT: Final = N_("Заказ № %(number)s: посылка убрана из передачи")
STUCK: Final = N_(
    "Посылки сданы, но эти заказы отгрузить не вышло, товара нет на остатке: %(numbers)s"
)


class Said(NamedTuple):
    """What a scan or a press did, for the line beside the scanner's field."""

    text: str = ""
    undo: str = ""
    scanned: str = ""
    is_bad: bool = False


NOTHING: Final = Said()


class HandingPages(Controller):
    """What waits for carriers."""

    path = HOME

    @get()
    async def index(self, request: WebRequest) -> Response[Any]:
        """Show it."""
        return await _page(request, current=request.query_params.get("current", ""))

    @post("/scan")
    async def scan(self, request: WebRequest) -> Response[Any]:
        """Put the parcel whose label was scanned among those that are handed over next."""
        form, reader = await request.form(), reader_of(request)
        code, before = word(form, "code")[:255], word(form, "current")
        try:
            found = await handing.scan(reader.actor, code)
        except Invalid as error:
            said = Said(told(request, error), scanned=code, is_bad=True)
            return await _page(request, current=before, said=said)
        undo = "" if found.is_laid else f"{HOME}/parcels/{found.number}/out"
        said = Said(_named(reader, AGAIN if found.is_laid else LAID, found), undo=undo)
        return await _page(request, current=key_of(found), said=said)

    @post("/parcels/{number:int}/{way:str}")
    async def lay(
        self, request: WebRequest, number: FromPath[int], way: FromPath[str]
    ) -> Response[Any]:
        """Put a parcel there by hand, or take it out again."""
        reader, laid = reader_of(request), way != "out"
        try:
            found = await handing.lay(reader.actor, number, laid=laid)
        except Invalid as error:
            return await _page(request, said=Said(told(request, error), is_bad=True))
        if _is_undo(request):
            return refreshed()
        undo = f"{HOME}/parcels/{number}/{'out' if laid else 'in'}"
        said = Said(_named(reader, LAID if laid else OUT, found), undo=undo)
        return await _page(request, current=key_of(found), said=said)

    @post("/give")
    async def give(self, request: WebRequest) -> Response[Any]:
        """Note that a carrier has what was scanned for him."""
        form, reader = await request.form(), reader_of(request)
        try:
            gone = await handing.give(reader.actor, *_account(form))
        except NotFound as error:
            return await _page(request, said=Said(told(request, error), is_bad=True))
        given, stuck = gone
        many = reader.ngettext("Сдана %(num)s посылка", "Сдано %(num)s посылок", given.parcels)
        said = Said(f"{given.carrier}. {many}", undo=back_of(given))
        numbers = ", ".join(formats.order_number(one) for one in stuck)
        failed = reader._(STUCK) % {"numbers": numbers} if stuck else ""
        return await _page(request, current=key_of(given), said=said, failed=failed)

    @post("/back")
    async def back(self, request: WebRequest) -> Response[Any]:
        """Take back what a carrier was given by mistake."""
        reader = reader_of(request)
        try:
            await handing.take_back(reader.actor, _given(request))
        except Conflict as error:
            return await _page(request, said=Said(told(request, error), is_bad=True))
        return refreshed()

    @get("/act")
    async def act(self, request: WebRequest) -> Response[Any]:
        """Show the act of handing over in the browser's own viewer."""
        reader, asked = reader_of(request), _given(request)
        at = asked.at if request.query_params.get("at") else None
        try:
            body = await handing.act(reader.actor, asked.plugin, asked.account, at, reader.zone)
        except (NotFound, Unavailable) as error:
            return await _page(request, failed=told(request, error))
        return _pages(body, "act")

    @post("/papers")
    async def papers(self, request: WebRequest) -> Response[Any]:
        """Give the papers of all that waits for one account."""
        form, reader = await request.form(), reader_of(request)
        plugin, account = _account(form)
        host = site_of(request).desk
        try:
            load = await handing.take_papers(reader.actor, plugin, account)
            asked = PapersAsked(
                account=account,
                day=reader.today.isoformat(),
                numbers=tuple(one.carrier_id for one in load.parcels),
            )
            said: Papers = await _running(host).ask(plugin, "carrier.papers", asked)
        except (NotFound, Unavailable) as error:
            return await _page(request, failed=_why(host, plugin, error, reader))
        return _file(said.papers, f"{plugin}-{reader.today.isoformat()}")

    @post("/labels")
    async def labels(self, request: WebRequest) -> Response[Any]:
        """Have the missing labels of one account made."""
        form, reader = await request.form(), reader_of(request)
        plugin, account = _account(form)
        try:
            await handing.want_labels(reader.actor, plugin, account)
        except NotFound as error:
            host = site_of(request).desk
            return await _page(request, failed=_why(host, plugin, error, reader))
        return go(request, HOME)

    @post("/courier")
    async def courier(self, request: WebRequest) -> Response[Any]:
        """Call a carrier's courier."""
        form, reader = await request.form(), reader_of(request)
        plugin, account = _account(form)
        host = site_of(request).desk
        at = word(form, "at")[:4]
        typed = {name: word(form, name + at).strip() for name in ("day", "begins", "ends")}
        try:
            day, begins, ends = _when(typed, reader.today)
            load = await handing.call_courier(
                reader.actor, plugin, account, reader.today, day, begins, ends
            )
            asked = CourierAsked(
                account=account,
                day=day.isoformat(),
                begins=f"{begins:%H:%M}",
                ends=f"{ends:%H:%M}",
                parcels=len(load.parcels),
                grams=load.grams,
            )
            said: CourierCalled = await _running(host).ask(plugin, "carrier.courier", asked)
        except Invalid as error:
            key = f"{plugin}|{account}"
            return await _page(request, status=422, typed={key: typed}, problems={key: error})
        except (NotFound, Unavailable) as error:
            return await _page(request, failed=_why(host, plugin, error, reader))
        return await _page(request, done=_called(reader, said, load, day, typed))


HANDLERS: Final = (HandingPages,)


def _named(reader: Reader, words: str, found: Scanned) -> str:
    number = formats.order_number(found.order_number)
    return reader._(words) % {"number": number, "carrier": found.carrier}


def _is_undo(request: WebRequest) -> bool:
    """Whether a message's «Отменить» was pressed: it swaps nothing in by itself."""
    return header(request.scope, b"hx-target") != "main"


def _given(request: WebRequest) -> Given:
    """What was handed over when, as an address names it.

    Raises:
        NotFound: `nothing_to_hand`: not the address of any.
    """
    plugin, _, account = request.query_params.get("load", "").partition("|")
    written = request.query_params.get("at", "")
    try:
        at = datetime.fromisoformat(written).astimezone(UTC) if written else reader_of(request).now
    except ValueError:
        raise NotFound("nothing_to_hand") from None
    return Given(plugin=plugin, account=account, carrier="", at=at, parcels=0)


def _account(form: FormMultiDict) -> tuple[str, str]:
    """Whose: a plugin and one of its accounts."""
    plugin, _, account = word(form, "load").partition("|")
    return plugin, account


def _running(host: Desk | None) -> Desk:
    if host is None:
        raise Unavailable("not_started")
    return host


def _when(typed: Mapping[str, str], today: date) -> tuple[date, time, time]:
    """Raises: Invalid: by field: `date_unreadable`, `time_unreadable`."""
    problems: dict[str, str] = {}
    times: list[time] = []
    day = today
    try:
        day = inputs.day(typed["day"], today)
    except Invalid:
        problems["day"] = "date_unreadable"
    for name in ("begins", "ends"):
        try:
            times.append(clock_of(typed[name]))
        except Invalid:
            problems[name] = "time_unreadable"
    if problems:
        raise Invalid(fields=problems)
    return day, times[0], times[1]


def _why(host: Desk | None, plugin: str, error: NotFound | Unavailable, reader: Reader) -> str:
    """Why it did not come about, in the words of the plugin where it has some."""
    if error.code == "plugin_refused":
        folder = None if host is None else host.shelf.folder(plugin)
        return plugin_words.said(folder, str(error.params.get("why", "")), {}, reader.language)
    found = texts.error(error.code, reader.language)
    return f"{found.title}. {found.hint}"


def _called(
    reader: Reader, said: CourierCalled, load: Load, day: date, typed: Mapping[str, str]
) -> str:
    told = reader._("Курьер вызван: %(carrier)s, %(day)s, %(begins)s–%(ends)s")
    if said.known:
        told = reader._("Курьер уже вызван на %(day)s: %(carrier)s")
    return told % {
        "carrier": load.carrier,
        "day": formats.day_short(day, reader.today, reader.language),
        "begins": typed["begins"],
        "ends": typed["ends"],
    }


def _file(papers: Sequence[Paper], name: str) -> Response[bytes]:
    given = as_one(papers)
    return _handed(given.body, given.media, f'attachment; filename="{name}.{given.ending}"')


def _pages(body: bytes, name: str) -> Response[bytes]:
    return _handed(body, "application/pdf", f'inline; filename="{name}.pdf"')


def _handed(body: bytes, media: str, way: str) -> Response[bytes]:
    return Response(
        body,
        media_type=media,
        headers={
            "content-disposition": way,
            "cache-control": "no-store",
            "x-content-type-options": "nosniff",
        },
    )


async def _page(
    request: WebRequest,
    *,
    status: int = 200,
    failed: str = "",
    done: str = "",
    said: Said = NOTHING,
    current: str = "",
    typed: Mapping[str, Mapping[str, str]] | None = None,
    problems: Mapping[str, Invalid] | None = None,
) -> Response[Any]:
    reader, host = reader_of(request), site_of(request).desk
    names = () if host is None else host.carriers.names
    found = await handing.waiting(reader.actor, names, morning(reader))
    keys = [key_of(one) for one in found.loads]
    codes = await desk.names(reader.actor)
    return draw(
        request,
        reader,
        "ship/handing.html",
        status=status,
        headers=toast(said.text, said.undo) if said.undo else None,
        look=look_of(request),
        shell=shell_of(request, reader, "ship", await counts_for(reader), codes),
        failed=failed,
        done=done,
        said=said,
        printing=any(each.is_printing for one in found.loads for each in one.parcels),
        scans=reader.may(Permission.DISPATCH),
        current=current if current in keys else next(iter(keys), ""),
        loads=[load_row(reader, host, one, typed or {}, problems or {}) for one in found.loads],
        given=[given_row(reader, one) for one in found.given],
        carriers=bool(names),
    )
