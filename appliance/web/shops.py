"""«Магазины»: the list, the wizard of a connection step by step, reports of catalogues."""

import asyncio
from collections.abc import Mapping
from typing import Any, BinaryIO, Final, NamedTuple

from litestar import Controller, Response, get, post
from litestar.datastructures import FormMultiDict, UploadFile
from litestar.params import FromPath

from appliance.actions import catalogue_runs, desk, shops
from appliance.actions.shops import CatalogueSet, Choices, NewShop, OrderDefaults, ShopState
from appliance.domain import formats
from appliance.domain.catalogue_runs import Note, Outcome, Run
from appliance.domain.desk import Codes
from appliance.domain.icml import MOST_BYTES
from appliance.domain.personal import Personal
from appliance.domain.shops import DEMANDS, Cms, Step, Uploads
from appliance.errors import Conflict, Denied, HouseError, Invalid
from appliance.http.errors import status_of
from appliance.roles import Permission
from appliance.web import shop_words, texts
from appliance.web.answers import WebRequest, go, told
from appliance.web.buyer_links import base_of
from appliance.web.orders import word
from appliance.web.screens import Reader, counts_for, draw, look_of, reader_of, shell_of

HOME: Final = "/shops"
PIECE: Final = 1024 * 1024
DONE: Final = "done"


class Typed(NamedTuple):
    """What a refused form held, and what was wrong with it: at its fields, or in one sentence."""

    values: Mapping[str, str] = {}
    fields: Mapping[str, str] = {}
    error: str = ""
    status: int = 200


class ShopPages(Controller):
    """Connections of shops."""

    path = HOME

    @get()
    async def index(self, request: WebRequest) -> Response[Any]:
        """Show every shop with how its connection stands."""
        reader = reader_of(request)
        found = await shops.list_all(reader.actor)
        frame = await _frame(request, reader)
        rows = [_row(reader, one, frame["codes"]) for one in found]
        return draw(request, reader, "shops/list.html", rows=rows, **frame)

    @get("/new")
    async def new(self, request: WebRequest) -> Response[Any]:
        """Show the first step for a shop that is not there yet."""
        return await _new(request, Typed())

    @post()
    async def add(self, request: WebRequest) -> Response[Any]:
        """Take a new shop in."""
        form = await request.form()
        try:
            await shops.put(reader_of(request).actor, _shop(form, word(form, "code")), known=False)
        except (Invalid, Conflict) as error:
            return await _new(request, _refused(request, form, error))
        return go(request, f"{HOME}/{word(form, 'code').strip()}")

    @get("/runs/{number:int}")
    async def run(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Show what became of a catalogue."""
        return await _report(request, number)

    @get("/{code:str}")
    async def one(self, request: WebRequest, code: FromPath[str]) -> Response[Any]:
        """Show a shop at a step of its wizard; without one, where that stopped."""
        return await _page(request, code, request.query_params.get("step", ""))

    @post("/{code:str}/{step:str}", request_max_body_size=MOST_BYTES)
    async def take(
        self, request: WebRequest, code: FromPath[str], step: FromPath[str]
    ) -> Response[Any]:
        """Take what a step holds and go on to the next."""
        form, reader = await request.form(), reader_of(request)
        try:
            if step == "key":
                key = await shops.make_key(reader.actor, code)
                return await _page(request, code, Step.KEY.value, key=key)
            target = await _take(reader, code, step, form)
        except Denied as error:
            if error.code != "step_up_needed":
                raise
            return go(request, f"/me/confirm?next={HOME}/{code}%3Fstep=key")
        except (Invalid, Conflict) as error:
            at = Step.IMPORT.value if step in {"read", "file"} else step
            return await _page(request, code, at, _refused(request, form, error))
        return go(request, target)


async def _take(reader: Reader, code: str, step: str, form: FormMultiDict) -> str:
    """One step; where to go then."""
    here, actor = f"{HOME}/{code}", reader.actor
    target = here
    match step:
        case "shop":
            await shops.put(actor, _shop(form, code), known=True)
            target = f"{here}?step=key"
        case "check":
            await shops.pass_check(actor, code)
            target = f"{here}?step=catalogue"
        case "catalogue":
            await shops.set_catalogue(actor, code, _catalogue(form))
            target = f"{here}?step=defaults"
        case "defaults":
            await shops.set_defaults(actor, code, _defaults(form))
            target = f"{here}?step=import"
        case "read":
            target = f"{HOME}/runs/{await catalogue_runs.ask(actor, code)}"
        case "file":
            target = f"{HOME}/runs/{await _upload(reader, code, form.get('file'))}"
        case _:
            pass
    if step in {"read", "file", "finish"}:
        await shops.finish(actor, code)
    return target


def _shop(form: FormMultiDict, code: str) -> NewShop:
    return NewShop(
        code=code.strip(),
        name=word(form, "name"),
        url=word(form, "url"),
        cms=word(form, "cms"),
    )


def _catalogue(form: FormMultiDict) -> CatalogueSet:
    every = word(form, "every")
    return CatalogueSet(
        url=word(form, "yml_url").strip(),
        lan=word(form, "lan") == "1",
        every=int(every) if every.isascii() and every.isdigit() and len(every) < 6 else -1,
        takes_prices=word(form, "takes_prices") == "1",
        takes_stock=word(form, "takes_stock") == "1",
        warehouse=word(form, "warehouse"),
        price_type=word(form, "price_type"),
    )


def _defaults(form: FormMultiDict) -> OrderDefaults:
    manager = word(form, "manager")
    return OrderDefaults(
        status=word(form, "status"),
        order_method=word(form, "order_method"),
        order_type=word(form, "order_type"),
        manager=int(manager) if manager.isascii() and manager.isdigit() and len(manager) < 9 else 0,
        pipeline=word(form, "pipeline"),
        notify=word(form, "notify"),
        branch=word(form, "branch"),
    )


async def _upload(reader: Reader, code: str, given: object) -> int:
    if not isinstance(given, UploadFile) or not given.filename:
        raise Invalid("file_empty", fields={"file": "file_empty"})
    file: BinaryIO = given.file  # pyright: ignore[reportAssignmentType] - spooled, binary
    place = catalogue_runs.begin_upload()
    with place.open("wb") as out:
        while data := await asyncio.to_thread(file.read, PIECE):
            await asyncio.to_thread(out.write, data)
    return await catalogue_runs.ask_with_file(reader.actor, code, place)


def _refused(request: WebRequest, form: FormMultiDict, error: HouseError) -> Typed:
    language = reader_of(request).language
    fields: Mapping[str, str] = error.fields if isinstance(error, Invalid) else {}
    return Typed(
        {name: str(value) for name, value in form.items() if isinstance(value, str)},
        {name: texts.error(code, language).title for name, code in fields.items()},
        "" if fields else told(request, error),
        status_of(error),
    )


async def _frame(request: WebRequest, reader: Reader) -> dict[str, Any]:
    codes = await desk.names(reader.actor)
    counts = await counts_for(reader)
    return {
        "look": look_of(request),
        "shell": shell_of(request, reader, "admin", counts, codes),
        "codes": codes,
    }


async def _new(request: WebRequest, typed: Typed) -> Response[Any]:
    reader = reader_of(request)
    return draw(
        request,
        reader,
        "shops/new.html",
        status=typed.status,
        typed=typed.values,
        problems=typed.fields,
        error=typed.error,
        kinds=_kinds(reader),
        **await _frame(request, reader),
    )


def _kinds(reader: Reader) -> list[tuple[str, str]]:
    return [(one.value, reader._(name)) for one, name in shop_words.KINDS.items()]


async def _page(
    request: WebRequest,
    code: str,
    step: str,
    typed: Typed | None = None,
    *,
    key: Personal[str] | None = None,
) -> Response[Any]:
    reader = reader_of(request)
    found, choices = await shops.open_one(reader.actor, code)
    shown = step if step in set(Step) else found.shop.link.step or Step.SHOP.value
    frame = await _frame(request, reader)
    typed = typed or Typed()
    base = base_of(request)
    cms = typed.values.get("cms", found.shop.link.cms)
    return draw(
        request,
        reader,
        "shops/shop.html",
        status=typed.status,
        one=found,
        row=_row(reader, found, frame["codes"]),
        step=shown,
        steps=_steps(reader, found, shown),
        typed=typed.values,
        problems=typed.fields,
        error=typed.error,
        key=key,
        address=shop_words.address_for(base, cms),
        demands=shop_words.demands_of(cms, reader._, base),
        kinds=_kinds(reader),
        periods=[(str(one), reader._(name)) for one, name in shop_words.PERIODS.items()],
        guess=_guess(found),
        runs=[_run(reader, one, frame["codes"]) for one in found.runs],
        uploads=_uploads(reader, found.uploads),
        options=_options(reader, choices, frame["codes"]),
        **frame,
    )


def _guess(found: ShopState) -> str:
    """Where the catalogue of such a shop usually lies."""
    link = found.shop.link
    known = DEMANDS.get(Cms(link.cms)) if link.cms in set(Cms) else None
    if found.shop.yml_url or known is None or not known.catalogue:
        return found.shop.yml_url
    return found.shop.url.rstrip("/") + known.catalogue if found.shop.url else ""


def _steps(reader: Reader, found: ShopState, shown: str) -> list[tuple[str, str, None, bool]]:
    code = found.shop.code
    first = [(f"{HOME}/{code}", reader._("Обзор"), None, shown == DONE)]
    listed = [
        (f"{HOME}/{code}?step={one.value}", reader._(name), None, shown == one)
        for one, name in shop_words.STEPS.items()
    ]
    return [*(first if found.shop.link.is_done else []), *listed]


def _options(reader: Reader, choices: Choices, codes: Codes) -> dict[str, list[tuple[str, str]]]:
    usual = ("", reader._("как в коробке"))
    return {
        "status": [
            usual,
            *((code, one.name) for code, one in codes.statuses.items() if one.active),
        ],
        "order_method": [usual, *codes.methods.items()],
        "order_type": [usual, *codes.types.items()],
        "manager": [
            ("", reader._("по правилам распределения")),
            *((str(number), name) for number, name in codes.colleagues.items()),
        ],
        "pipeline": [usual, *choices.pipelines.items()],
        "notify": [("", reader._("никого")), *choices.departments.items()],
        "branch": [
            ("", reader._("все, кому видны заказы")),
            *(
                (code, reader._("филиал «%(name)s»") % {"name": name})
                for code, name in choices.branches.items()
            ),
        ],
        "warehouse": [("", reader._("первый склад")), *codes.warehouses.items()],
        "price_type": list(choices.price_types.items()),
    }


def _row(reader: Reader, one: ShopState, codes: Codes) -> dict[str, Any]:
    used, link = one.key.used_at, one.shop.link
    return {
        "href": f"{HOME}/{one.shop.code}",
        "name": one.shop.name,
        "code": one.shop.code,
        "url": one.shop.url,
        "kind": reader._(shop_words.KINDS[Cms(link.cms)]) if link.cms in set(Cms) else "",
        "begun": bool(link.step or one.key.number),
        "is_done": link.is_done,
        "key": one.key.number,
        "used": _moment(reader, used),
        "module": one.module.name or one.module.code,
        "run": _run(reader, one.runs[0], codes) if one.runs else None,
    }


def _uploads(reader: Reader, found: Uploads) -> dict[str, Any]:
    """What the module has sent, in numbers and by name."""
    kinds = (("orders", reader._("Заказы")), ("clients", reader._("Клиенты")))
    return {
        "at": _moment(reader, found.at),
        "rows": [
            (
                name,
                *(
                    formats.number(count, reader.language)
                    for count in (batch.created, batch.updated, batch.failed)
                ),
            )
            for kind, name in kinds
            if (batch := getattr(found, kind)) is not None
        ],
        "refused": [
            (dict(kinds)[one.kind], one.external_id, texts.error(one.code, reader.language))
            for one in found.refused
        ],
        "sees_orders": reader.may(Permission.ORDER_VIEW),
    }


def _moment(reader: Reader, at: Any) -> str:
    return formats.moment(at, reader.now, reader.zone, reader.language) if at else ""


def _run(reader: Reader, run: Run, codes: Codes) -> dict[str, Any]:
    text, tone, shape = shop_words.STATES[run.state]
    return {
        "number": run.number,
        "href": f"{HOME}/runs/{run.number}",
        "state": reader._(text),
        "tone": tone,
        "shape": shape,
        "origin": reader._(shop_words.ORIGINS[run.origin]),
        "by": codes.name_of(run.by_number),
        "at": _moment(reader, run.made_at),
        "is_open": run.is_open,
        "percent": run.percent,
        "offers": formats.number(run.offers, reader.language),
        "error": texts.error(run.error, reader.language) if run.error else None,
        "told": texts.error(run.told, reader.language) if run.told else None,
        "tally": [
            (
                one.value,
                reader._(name),
                formats.number(run.tally.get(one.value, 0), reader.language),
            )
            for one, name in shop_words.OUTCOMES.items()
            if run.tally.get(one.value) or one in _ALWAYS
        ],
    }


_ALWAYS: Final = frozenset({Outcome.CREATED, Outcome.UPDATED, Outcome.SKIPPED, Outcome.FAILED})


async def _report(request: WebRequest, number: int) -> Response[Any]:
    reader = reader_of(request)
    asked = request.query_params.get("of", "")
    asked = asked if asked in set(Outcome) else ""
    found = await catalogue_runs.report(reader.actor, number, asked)
    frame = await _frame(request, reader)
    return draw(
        request,
        reader,
        "shops/run.html",
        run=_run(reader, found.run, frame["codes"]),
        shop=found.shop,
        asked=asked,
        notes=[_note(reader, one) for one in found.notes],
        **frame,
    )


def _note(reader: Reader, one: Note) -> dict[str, Any]:
    said = texts.error(one.code, reader.language) if one.code else None
    field = reader._(shop_words.FIELDS[one.field]) if one.field in shop_words.FIELDS else ""
    return {
        "place": one.place or "",
        "outcome": reader._(shop_words.OUTCOMES[one.outcome]),
        "id": one.external_id,
        "product": one.product_number,
        "why": "" if said is None else said.title,
        "hint": "" if said is None else said.hint,
        "field": field,
    }
