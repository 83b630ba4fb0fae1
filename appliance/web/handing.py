"""«Сдача перевозчикам»: what waits for each carrier, the papers that go with it, his courier.

The page asks the carrier between two actions; its papers go to the colleague and stay nowhere.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, time, timedelta
from typing import Any, Final

from litestar import Controller, Response, get, post
from litestar.datastructures import FormMultiDict

from appliance.actions import desk, handing
from appliance.domain import formats, inputs
from appliance.domain.handing import Load
from appliance.errors import Invalid, NotFound, Unavailable
from appliance.plugin_api.handing import CourierAsked, CourierCalled, Paper, Papers, PapersAsked
from appliance.plugin_host.desk import Desk
from appliance.plugin_host.handing import as_one
from appliance.web import parcel_words, plugin_words, texts
from appliance.web.answers import WebRequest, go, site_of
from appliance.web.orders import word
from appliance.web.screens import Reader, counts_for, draw, look_of, reader_of, shell_of
from appliance.web.task_forms import clock_of

HOME: Final = "/ship/carriers"
USUAL: Final = ("10:00", "18:00")
LATE: Final = 15
"""O'clock behind which nobody comes today."""


class HandingPages(Controller):
    """What waits for carriers."""

    path = HOME

    @get()
    async def index(self, request: WebRequest) -> Response[Any]:
        """Show it."""
        return await _page(request)

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
    return Response(
        given.body,
        media_type=given.media,
        headers={
            "content-disposition": f'attachment; filename="{name}.{given.ending}"',
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
    typed: Mapping[str, Mapping[str, str]] | None = None,
    problems: Mapping[str, Invalid] | None = None,
) -> Response[Any]:
    reader, host = reader_of(request), site_of(request).desk
    names = () if host is None else host.carriers.names
    found = await handing.waiting(reader.actor, names)
    codes = await desk.names(reader.actor)
    return draw(
        request,
        reader,
        "ship/handing.html",
        status=status,
        look=look_of(request),
        shell=shell_of(request, reader, "ship", await counts_for(reader), codes),
        failed=failed,
        done=done,
        printing=any(each.is_printing for one in found for each in one.parcels),
        loads=[_load(reader, host, one, typed or {}, problems or {}) for one in found],
        carriers=bool(names),
    )


def _load(
    reader: Reader,
    host: Desk | None,
    one: Load,
    typed: Mapping[str, Mapping[str, str]],
    problems: Mapping[str, Invalid],
) -> dict[str, Any]:
    key = f"{one.plugin}|{one.account}"
    error = problems.get(key)
    wrong = () if error is None else error.fields.items()
    is_late = reader.now.astimezone(reader.zone).hour >= LATE
    usual = reader.today + timedelta(days=int(is_late))
    count = len(one.parcels)
    return {
        "key": key,
        "carrier": one.carrier,
        "account": one.account if one.account not in {"", "main"} else "",
        "count": count,
        "weight": parcel_words.kilograms(one.grams, reader.language),
        "papers": host is not None and one.plugin in host.providing("papers"),
        "courier": host is not None and one.plugin in host.providing("courier"),
        "open": key in problems,
        "unlabelled": len(one.unlabelled),
        "typed": typed.get(key) or {"day": usual.isoformat(), "begins": USUAL[0], "ends": USUAL[1]},
        "problems": defaultdict(
            str, {name: texts.error(code, reader.language).hint for name, code in wrong}
        ),
        "parcels": [
            {
                "order": each.order_number,
                "shown": formats.order_number(each.order_number),
                "track": each.track,
                "tariff": each.tariff_name,
                "point": each.point_name,
                "weight": parcel_words.kilograms(each.grams, reader.language),
                "label": f"/orders/{each.order_number}/carriers/{each.number}/label"
                if each.has_label
                else "",
                "printing": each.is_printing,
            }
            for each in one.parcels
        ],
    }
