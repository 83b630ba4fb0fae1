"""Packs out of «Персональные данные»: for an inspection, by two; for a person who asks."""

from typing import Any, Final

from litestar import Controller, Response, get, post

from appliance.actions import desk, packs, person_packs
from appliance.domain import formats
from appliance.domain.agreements import Agreement, Stand
from appliance.domain.personal import Personal
from appliance.errors import Denied, Invalid
from appliance.web import texts
from appliance.web.answers import WebRequest, go, site_of, told
from appliance.web.orders import word
from appliance.web.rendering import handed_out
from appliance.web.screens import Reader, counts_for, draw, look_of, reader_of, shell_of
from appliance.web.shell import N_

HOME: Final = "/privacy/pack"
ZIP: Final = "application/zip"
INSIDE: Final = (
    (N_("Сотрудники и права"), N_("кто что может видеть и менять")),
    (N_("Запросы людей"), N_("сроки, решения, основания хранить")),
    (N_("Согласия и цели"), N_("с текстами, на которые соглашались")),
    (N_("Передачи и выгрузки"), N_("кому, что, на каком основании")),
    (N_("Копии и учения"), N_("когда сделаны, какие доказаны")),
    (N_("Состав программы"), N_("пакеты, версии, лицензии")),
    (N_("Акты об уничтожении"), N_("с выгрузкой из журнала и доказательствами")),
    (N_("Опись с подписью коробки"), N_("и ключ, которым она проверяется")),
)
BESIDE: Final = (
    (N_("Журнал с проверяющей программой"), N_("консоль, раздел 6, или korobka audit export")),
    (N_("Бумаги"), N_("политика и приказы, модель угроз, согласия и акты с подписями")),
)


class PackPages(Controller):
    """A pack for an inspection."""

    path = HOME

    @get()
    async def form(self, request: WebRequest) -> Response[Any]:
        """Show what is in it, and how its asking stands."""
        return await _page(request)

    @post()
    async def make(self, request: WebRequest) -> Response[Any]:
        """Hand it out where a second person agreed; ask for one where nobody did yet."""
        reader, typed = reader_of(request), word(await request.form(), "receiver").strip()
        receiver = Personal(typed)
        try:
            await packs.allow(reader.actor, receiver)
        except Invalid as error:
            problem = texts.error(error.code, reader.language).title
            return await _page(request, typed, problem=problem)
        except Denied as error:
            if error.code == "step_up_needed":
                return go(request, f"/me/confirm?next={HOME}")
            if error.code != "agreement_needed":
                return await _page(request, typed, failed=told(request, error))
            await packs.ask(reader.actor)
            return await _page(request, typed)
        site = site_of(request)
        found = await packs.gather(reader.actor, receiver, site.door.company, site.log_size())
        return handed(f"pack-{reader.today:%Y%m%d}.zip", found)


def handed(file: str, found: Personal[bytes]) -> Response[Any]:
    """An archive as a browser saves it."""
    name, body = handed_out(Personal(file), found)
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(body, media_type=ZIP, headers=headers)


async def person(request: WebRequest, reader: Reader, number: int) -> Response[Any]:
    """All that the box holds of the person of a request, for that person."""
    found = await person_packs.make(reader.actor, number, site_of(request).door.company)
    return handed(f"request-{number}.zip", found)


async def _page(
    request: WebRequest, receiver: str = "", *, failed: str = "", problem: str = ""
) -> Response[Any]:
    reader = reader_of(request)
    asked = await packs.stands(reader.actor)
    codes = await desk.names(reader.actor)
    return draw(
        request,
        reader,
        "privacy_pack.html",
        status=422 if failed or problem else 200,
        look=look_of(request),
        shell=shell_of(request, reader, "admin", await counts_for(reader), codes),
        said=_said(reader, asked),
        agreed=asked is not None and asked.stand(reader.now) is Stand.AGREED,
        inside=[(reader._(what), reader._(why)) for what, why in INSIDE],
        beside=[(reader._(what), reader._(why)) for what, why in BESIDE],
        receiver=receiver,
        failed=failed,
        problem=problem,
    )


def _said(reader: Reader, asked: Agreement | None) -> str:
    """How the asking stands, in words; empty: nothing was asked."""
    if asked is None:
        return ""
    until = formats.moment(asked.until(reader.now), reader.now, reader.zone, reader.language)
    values = {"number": asked.number, "until": until}
    match asked.stand(reader.now):
        case Stand.WAITING:
            return reader._("Просьба № %(number)s ждёт администратора до %(until)s.") % values
        case Stand.COOLING:
            return reader._("Просьба № %(number)s: пауза до %(until)s.") % values
        case _:
            return reader._("Согласие на просьбу № %(number)s есть до %(until)s.") % values


HANDLERS: Final = (PackPages,)
