"""«Вкладки карточек»: which tabs a role sees, and in what order."""

from typing import Any, Final

from litestar import Controller, Response, get, post

from appliance.actions import desk, fields
from appliance.domain.card_tabs import TABS, Card
from appliance.errors import Invalid
from appliance.web.answers import WebRequest, go
from appliance.web.orders import word
from appliance.web.screens import counts_for, draw, look_of, reader_of, shell_of
from appliance.web.shell import N_

HOME: Final = "/admin/tabs"
CARDS: Final = {Card.CLIENT: N_("Карточка клиента"), Card.ORDER: N_("Карточка заказа")}
NAMES: Final = {
    "fields": N_("Свои поля"), "wishes": N_("Пожелания"), "people": N_("Люди"),
    "company": N_("О компании"), "requisites": N_("Реквизиты"), "grounds": N_("Основания"),
    "consents": N_("Согласия"), "source": N_("Источник"),
}  # fmt: skip


class TabPages(Controller):
    """Tabs of cards."""

    path = HOME

    @get()
    async def index(self, request: WebRequest) -> Response[Any]:
        """Show the tabs of one role."""
        reader = reader_of(request)
        found = await fields.tabs(reader.actor)
        codes = await desk.names(reader.actor)
        role = request.query_params.get("role", "")
        known = dict(found.roles)
        role = role if role in known else next(iter(known), "")
        return draw(
            request,
            reader,
            "admin/tabs.html",
            look=look_of(request),
            shell=shell_of(request, reader, "admin", await counts_for(reader), codes),
            role=role,
            roles=[(code, reader._(name)) for code, name in found.roles],
            cards=[
                (
                    card.value,
                    reader._(title),
                    _rows(found.chosen.get((role, card), TABS[card]), TABS[card], reader._),
                )
                for card, title in CARDS.items()
            ],
        )

    @post()
    async def put(self, request: WebRequest) -> Response[Any]:
        """Set the tabs of a card for a role: those with a place, in the order of their places."""
        form, reader = await request.form(), reader_of(request)
        role, chosen = word(form, "role"), word(form, "card")
        if chosen not in {one.value for one in Card}:
            raise Invalid("code_unknown", fields={"card": "code_unknown"})
        card = Card(chosen)
        places: list[tuple[int, str]] = []
        for code in TABS[card]:
            text = word(form, f"place_{code}")
            if f"on_{code}" in form:
                places.append((int(text) if text.isascii() and text.isdigit() else 99, code))
        await fields.put_tabs(reader.actor, role, card, tuple(code for _, code in sorted(places)))
        return go(request, f"{HOME}?role={role}")


def _rows(shown: tuple[str, ...], every: tuple[str, ...], translate: Any) -> list[dict[str, Any]]:
    order = (*shown, *(code for code in every if code not in shown))
    return [
        {"code": code, "name": translate(NAMES[code]), "on": code in shown, "place": at}
        for at, code in enumerate(order, 1)
    ]
