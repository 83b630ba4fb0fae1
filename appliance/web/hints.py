"""Hints while a colleague types: only where a plugin gives them, and silence otherwise."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from litestar import Controller, Response, post

from appliance.actions import hints as permission
from appliance.domain import taxids
from appliance.domain.personal import Personal
from appliance.errors import Unavailable
from appliance.plugin_api import hints
from appliance.plugin_api.asks import ASKS
from appliance.web.answers import WebRequest, site_of
from appliance.web.orders import word
from appliance.web.screens import draw, reader_of
from appliance.web.shell import N_

LIST: Final = "kit/hints.html"
SHORTEST: Final = 3
"""Letters of an address before anybody is asked."""
BIC: Final = 9
STATES: Final[Mapping[str, str]] = {
    "liquidating": N_("ликвидируется"),
    "liquidated": N_("ликвидирована"),
    "bankrupt": N_("банкрот"),
    "reorganizing": N_("реорганизуется"),
}
FIELDS: Final = {
    "party": ("inn",),
    "bank": ("bik",),
    "address": ("address", "legal_address", "text"),
}
"""Question → names of the fields it is typed into."""


class Option(NamedTuple):
    """One line below a field.

    Attributes:
        fill: name of a field → what picking this one puts into it.
        worded: the note is a word of ours, to be put into the reader's language.
    """

    title: Personal[str]
    fill: Mapping[str, Personal[str]]
    note: str = ""
    warn: bool = False
    worded: bool = False


class Said(NamedTuple):
    """What plugins said.

    Attributes:
        is_starting: one of them will be up in a moment, and may have more to say.
    """

    answers: tuple[Any, ...] = ()
    is_starting: bool = False


def hints_of(request: WebRequest) -> frozenset[str]:
    """Which hints this box can give now: of `party`, `bank`, `address`."""
    desk = site_of(request).desk
    if desk is None:
        return frozenset()
    asked = (name.removeprefix("hints.") for name in ASKS if name.startswith("hints."))
    return frozenset(one for one in asked if desk.asked_by(f"hints.{one}"))


class HintPages(Controller):
    """Lists of options below a field."""

    path = "/hints"

    @post("/party")
    async def party(self, request: WebRequest) -> Response[Any]:
        """Companies of a tax number; picking one fills in the fields that are empty."""
        number = taxids.normalise_inn(await _typed(request, "party"))
        said = Said()
        if number is not None:
            asked = hints.PartyAsked(number=Personal(number))
            said = await _asked(request, "hints.party", asked)
        found = [one for answer in said.answers for one in answer.parties]
        rows = [_party(one) for one in found[: hints.MOST_HINTS]]
        return _list(request, rows, said, "party", "inn", "building-2")

    @post("/bank")
    async def bank(self, request: WebRequest) -> Response[Any]:
        """The bank of a number."""
        number = (await _typed(request, "bank")).strip()
        said = Said()
        if len(number) == BIC and number.isascii() and number.isdigit():
            said = await _asked(request, "hints.bank", hints.BankAsked(number=number))
        rows = [
            Option(
                Personal(one.name),
                {
                    "bik": Personal(one.bic),
                    "bank": Personal(one.name),
                    "corr_account": Personal(one.account),
                },
                one.account,
            )
            for answer in said.answers
            for one in answer.banks
        ]
        return _list(request, rows, said, "bank", "bik", "building-2")

    @post("/address")
    async def address(self, request: WebRequest) -> Response[Any]:
        """Ways to go on with an address."""
        form = await request.form()
        name = next((one for one in FIELDS["address"] if one in form), FIELDS["address"][0])
        text = word(form, name).strip()
        said = Said()
        if len(text) >= SHORTEST:
            asked = hints.AddressAsked(text=Personal(text))
            said = await _asked(request, "hints.address", asked)
        found = [one for answer in said.answers for one in answer.addresses]
        rows = [
            Option(
                one.line,
                {name: one.line},
                "" if one.is_whole else N_("без дома"),
                worded=True,
            )
            for one in found[: hints.MOST_HINTS]
        ]
        return _list(request, rows, said, "address", name, "map-pin")


def _list(
    request: WebRequest, rows: Sequence[Option], said: Said, question: str, name: str, sign: str
) -> Response[Any]:
    return draw(
        request,
        reader_of(request),
        LIST,
        rows=rows,
        of=name,
        sign=sign,
        question=question,
        starting=said.is_starting and not rows,
    )


async def _typed(request: WebRequest, question: str) -> str:
    form = await request.form()
    return next((word(form, one) for one in FIELDS[question] if one in form), "")


async def _asked(request: WebRequest, name: str, asked: Any) -> Said:
    """What plugins that run said; who is silent or refuses says nothing here, and the form works.

    Raises:
        Denied: whoever types may not.
    """
    await permission.allow(reader_of(request).actor)
    desk = site_of(request).desk
    if desk is None:
        return Said()
    try:
        heard = await desk.ask_all(name, asked)
    except Unavailable:
        return Said()
    return Said(
        tuple(one.answer for one in heard if one.answer is not None),
        is_starting=any(one.refusal == "plugin_starting" for one in heard),
    )


def _party(one: hints.Party) -> Option:
    """An option: what it is called, and what it fills in."""
    fill = {
        "inn": one.inn,
        "legal_name": one.legal_name,
        "company": one.name,
        "company_name": one.name,
        "kpp": Personal(one.kpp),
        "ogrnip" if one.is_person else "ogrn": Personal(one.ogrn),
        "legal_address": one.address,
    }
    state = STATES.get(one.state, "")
    return Option(one.name, fill, state or one.kpp, warn=bool(state), worded=bool(state))


HANDLERS = [HintPages]
