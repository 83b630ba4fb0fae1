"""«Второй человек»: who asks for a colleague's consent, agreeing, taking back, the rule."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from litestar import Controller, Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.params import FromPath

from appliance.actions import agreements, desk
from appliance.domain import formats
from appliance.domain.agreements import Agreement, Deed, Hands, Stand
from appliance.domain.desk import Codes
from appliance.domain.personal import Personal
from appliance.errors import Conflict, Denied, Invalid, NotFound
from appliance.web import texts
from appliance.web.answers import WebRequest, go, site_of, told
from appliance.web.orders import word
from appliance.web.screens import Reader, counts_for, draw, look_of, reader_of, shell_of
from appliance.web.shell import N_

HOME: Final = "/admin/hands"
DEEDS: Final[Mapping[Deed, str]] = {
    Deed.SLOTS: N_("Способы открыть коробку"),
    Deed.COPIES: N_("Места копий"),
    Deed.PACK: N_("Пакет для проверки"),
    Deed.HANDS: N_("Правило второго человека"),
}
SLOT: Final = re.compile(r"slot (\d+) removed")
PUT: Final[Mapping[str, str]] = {
    "passphrase added": N_("добавить фразу"),
    "key file added": N_("добавить файл-ключ"),
    "recovery code drawn": N_("новый код восстановления"),
}
KINDS: Final[Mapping[str, str]] = {
    "recovery": N_("код восстановления"),
    "passphrase": N_("фраза"),
    "key_file": N_("файл-ключ"),
}
STANDS: Final[Mapping[Stand, tuple[str, str]]] = {
    Stand.WAITING: (N_("ждёт согласия"), "warn"),
    Stand.COOLING: (N_("идёт пауза"), "info"),
    Stand.AGREED: (N_("согласие есть"), "ok"),
}
UNTIL: Final[Mapping[Stand, str]] = {
    Stand.WAITING: N_("ждёт до %(when)s"),
    Stand.COOLING: N_("пауза до %(when)s"),
    Stand.AGREED: N_("можно сделать до %(when)s"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """An asking in words; `by_code`: the recovery code stood for a second person."""

    number: int
    deed: str
    about: str
    asked_by: str
    asked_at: str
    agreed_by: str
    by_code: bool
    stand: str
    tone: str
    until: str
    till: str
    waits: bool
    is_own: bool


class HandsPages(Controller):
    """Askings for a second person."""

    path = HOME

    @get()
    async def index(self, request: WebRequest) -> Response[Any]:
        """Show what waits or is agreed to."""
        return await _page(request)

    @get("/{number:int}")
    async def one(self, request: WebRequest, number: FromPath[int]) -> Response[Any]:
        """Show one asking, and what may be done about it."""
        return await _page(request, number)

    @post("/ask")
    async def ask(self, request: WebRequest) -> Response[Any]:
        """Ask for consent to a change of the ways into the vault."""
        about = word(await request.form(), "about")
        if about not in {code for code, _ in _changes(request, reader_of(request))}:
            raise NotFound("agreement_not_found")
        try:
            made = await agreements.ask(reader_of(request).actor, Deed.SLOTS, about)
        except Denied as error:
            return await _refused(request, None, error)
        return go(request, f"{HOME}/{made.number}")

    @post("/rule")
    async def rule(self, request: WebRequest) -> Response[Any]:
        """Say when a second person is needed; to need him less, ask him first."""
        reader, wanted = reader_of(request), word(await request.form(), "hands")
        hands = Hands.ALWAYS if wanted == Hands.ALWAYS.value else Hands.AUTO
        try:
            await agreements.set_hands(reader.actor, hands)
        except Denied as error:
            if error.code != "agreement_needed":
                return await _refused(request, None, error)
            made = await agreements.ask(reader.actor, Deed.HANDS, hands.value)
            return go(request, f"{HOME}/{made.number}")
        return go(request, HOME)

    @post("/{number:int}/{deed:str}")
    async def act(
        self, request: WebRequest, number: FromPath[int], deed: FromPath[str]
    ) -> Response[Any]:
        """Agree, agree by the code, refuse or take back."""
        actor, form = reader_of(request).actor, await request.form()
        try:
            match deed:
                case "agree":
                    await agreements.agree(actor, number)
                case "code":
                    await agreements.agree_by_code(actor, number, _code(form))
                case "refuse":
                    await agreements.refuse(actor, number)
                    return go(request, HOME)
                case _:
                    raise NotFound("agreement_not_found")
        except (Denied, Conflict, Invalid) as error:
            return await _refused(request, number, error)
        return go(request, f"{HOME}/{number}")


def _code(form: FormMultiDict) -> Personal[str]:
    return Personal(word(form, "code"))


async def _refused(
    request: WebRequest, number: int | None, error: Denied | Conflict | Invalid
) -> Response[Any]:
    if error.code == "step_up_needed":
        there = HOME if number is None else f"{HOME}/{number}"
        return go(request, f"/me/confirm?next={there}")
    reader = reader_of(request)
    if isinstance(error, Invalid) or error.code == "unlock_recovery_wrong":
        problem = texts.error(error.code, reader.language).title
        return await _page(request, number, problem=problem)
    return await _page(request, number, failed=told(request, error))


async def _page(
    request: WebRequest, number: int | None = None, *, failed: str = "", problem: str = ""
) -> Response[Any]:
    reader = reader_of(request)
    found = await agreements.desk(reader.actor)
    codes = await desk.names(reader.actor)
    rows = [_row(reader, one, codes) for one in reversed(found.known.kept)]
    chosen = next((row for row in rows if row.number == number), None)
    if number is not None and chosen is None:
        raise NotFound("agreement_not_found")
    return draw(
        request,
        reader,
        "admin/hands.html",
        status=422 if failed or problem else 200,
        look=look_of(request),
        shell=shell_of(request, reader, "admin", await counts_for(reader), codes),
        rows=rows,
        one=chosen,
        alone=found.alone,
        hands=found.known.hands.value,
        rules=[
            (Hands.AUTO.value, reader._("Где есть другой администратор")),
            (Hands.ALWAYS.value, reader._("Всегда")),
        ],
        changes=_changes(request, reader),
        failed=failed,
        problem=problem,
    )


def _changes(request: WebRequest, reader: Reader) -> list[tuple[str, str]]:
    """Changes of the ways in that one may ask for: as the log calls them, and in words."""
    put = [(code, reader._(text)) for code, text in PUT.items()]
    gone = [
        (f"slot {slot['id']} removed", _removal(reader, slot)) for slot in site_of(request).slots()
    ]
    return put + gone


def _removal(reader: Reader, slot: Mapping[str, Any]) -> str:
    kind = reader._(KINDS.get(str(slot["kind"]), str(slot["kind"])))
    return reader._("убрать № %(id)s (%(kind)s)") % {"id": slot["id"], "kind": kind}


def _row(reader: Reader, one: Agreement, codes: Codes) -> Row:
    stand = one.stand(reader.now)
    text, tone = STANDS[stand]
    return Row(
        number=one.number,
        deed=reader._(DEEDS[one.deed]),
        about=_about(reader, one),
        asked_by=_name(reader, codes, one.asked_number),
        asked_at=_moment(reader, one.asked_at),
        agreed_by=_name(reader, codes, one.agreed_by) if one.agreed_by else "",
        by_code=one.by_code,
        stand=reader._(text),
        tone=tone,
        until=reader._(UNTIL[stand]) % {"when": _moment(reader, one.until(reader.now))},
        till=reader._("до %(when)s") % {"when": _moment(reader, one.until(reader.now))},
        waits=stand is Stand.WAITING,
        is_own=one.asked_by == reader.actor.id,
    )


def _about(reader: Reader, one: Agreement) -> str:
    if one.deed is Deed.PACK:
        return ""
    if one.deed is Deed.HANDS:
        return reader._("только где есть другой администратор")
    if gone := SLOT.fullmatch(one.about):
        return reader._("убрать № %(id)s") % {"id": gone[1]}
    return reader._(PUT[one.about]) if one.about in PUT else one.about


def _name(reader: Reader, codes: Codes, number: int) -> str:
    return codes.name_of(number) or reader._("сотрудник № %(number)s") % {"number": number}


def _moment(reader: Reader, at: datetime) -> str:
    return formats.moment(at, reader.now, reader.zone, reader.language)


HANDLERS: Final = (HandsPages,)
