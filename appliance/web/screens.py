"""The frame around a working screen: reader, sections he may open, work that waits for him."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from litestar import MediaType, Response

from appliance.actions import orders
from appliance.domain import formats
from appliance.domain.access import Actor
from appliance.domain.desk import Codes
from appliance.domain.formats import Language
from appliance.domain.grants import Scope
from appliance.domain.orders import OrderCounts
from appliance.http.origin import cookie, state_of
from appliance.roles import Permission
from appliance.web import texts
from appliance.web.answers import WebRequest, reader_language, site_of, visit_of
from appliance.web.rendering import initials
from appliance.web.shell import LOOK_COOKIE, N_, Look, Me, Note, Shell, Strip, navigation, read_look

SECTION_RIGHTS: Final[Mapping[str, Permission]] = {
    "today": Permission.SELF,
    "orders": Permission.ORDER_VIEW,
    "clients": Permission.CUSTOMER_VIEW,
    "deals": Permission.DEAL_VIEW,
    "catalog": Permission.PRODUCT_VIEW,
    "courier": Permission.COURIER_RUN,
    "ship": Permission.DISPATCH,
    "data": Permission.CUSTOMER_MERGE,
    "tasks": Permission.TASK_VIEW,
    "reports": Permission.REPORT_VIEW,
    "notices": Permission.SELF,
    "mail": Permission.MAIL_MANAGE,
    "money": Permission.PAYMENT_RECONCILE,
    "stock": Permission.STOCK_EDIT,
    "branches": Permission.USER_MANAGE,
}
ADMIN_RIGHTS: Final = (
    Permission.FIELD_MANAGE,
    Permission.REFERENCE_EDIT,
    Permission.COUPON_EDIT,
    Permission.PIPELINE_EDIT,
    Permission.FEED_MANAGE,
    Permission.PLAN_EDIT,
    Permission.BOX_MANAGE,
    Permission.PLUGIN_MANAGE,
    Permission.SUBJECT_APPROVE,
)
"""Whoever has one of these has settings to make."""
MAKES: Final = (
    (Permission.ORDER_CREATE, "/orders/new", N_("Новый заказ")),
    (Permission.CUSTOMER_CREATE, "/clients/new", N_("Новый клиент")),
    (Permission.DEAL_CREATE, "/deals/new", N_("Новая сделка")),
    (Permission.TASK_EDIT, "/tasks/new", N_("Новая задача")),
    (Permission.PRODUCT_EDIT, "/catalog/new", N_("Новый товар")),
)
"""What can be made from anywhere; the window of a task opens over the page."""
NO_COUNTS: Final = OrderCounts(statuses={}, mine=0, nobody=0)


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads a page, and how things are written for him."""

    actor: Actor
    language: Language
    zone: ZoneInfo
    now: datetime

    @property
    def today(self) -> date:
        """The day of the box."""
        return self.now.astimezone(self.zone).date()

    def _(self, text: str) -> str:
        """Translate."""
        return texts.catalogue(self.language).gettext(text)

    def ngettext(self, one: str, many: str, count: int) -> str:
        """Translate what is counted; `%(num)s` is the number."""
        text = texts.catalogue(self.language).ngettext(one, many, count)
        return text % {"num": formats.number(count, self.language)}

    def may(self, permission: Permission) -> bool:
        """Whether the actor's roles grant this at all."""
        grant = self.actor.grants.get(permission.value)
        return grant is not None and grant.scope is not Scope.NONE


def reader_of(request: WebRequest) -> Reader:
    """The reader of this request."""
    pages = site_of(request).pages
    return Reader(
        actor=visit_of(request).actor,
        language=reader_language(request),
        zone=pages.zone,
        now=pages.now(),
    )


async def counts_for(reader: Reader) -> OrderCounts:
    """Counts for the side bar of a page that does not read orders itself."""
    if not reader.may(Permission.ORDER_VIEW):
        return NO_COUNTS
    return await orders.counts(reader.actor)


def shell_of(
    request: WebRequest,
    reader: Reader,
    section: str,
    counts: OrderCounts,
    codes: Codes | None,
    *,
    strips: tuple[Strip, ...] = (),
    toasts: tuple[Note, ...] = (),
) -> Shell:
    """The frame.

    Args:
        request: of the page.
        reader: its reader.
        section: which one it belongs to.
        counts: work that waits.
        codes: tell the reader's name; None where his roles read no references.
        strips: messages under the header.
        toasts: messages that wait for the page.
    """
    name = (codes and codes.name_of(reader.actor.number)) or reader.actor.name
    allowed = {name for name, right in SECTION_RIGHTS.items() if reader.may(right)}
    if any(reader.may(right) for right in ADMIN_RIGHTS):
        allowed.add("admin")
    return Shell(
        company=site_of(request).door.company,
        mark=site_of(request).hub.mark(state_of(request.scope)["began"]),
        section=section,
        me=Me(name, initials(name), tone_of(reader.actor.number)),
        navigation=navigation(allowed, {"orders": counts.mine}),
        strips=strips,
        toasts=toasts,
        may_order=reader.may(Permission.ORDER_CREATE),
        owners=frozenset(owner.value for owner, many in codes.fields.items() if many)
        if codes is not None
        else frozenset(),
        may_call=reader.may(Permission.CALL_TAKE),
        makes=tuple((href, name) for right, href, name in MAKES if reader.may(right)),
    )


def tone_of(number: int | None) -> int:
    """Colour of an avatar, 1…6; 0 for nobody."""
    return number % 6 + 1 if number else 0


def look_of(request: WebRequest) -> Look:
    """How the person wants the screens."""
    return read_look(cookie(request.scope, LOOK_COOKIE))


def draw(
    request: WebRequest,
    reader: Reader,
    template: str,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **context: Any,
) -> Response[str]:
    """Render a page or a part of one."""
    text = site_of(request).pages.render(
        template, reader.language, csrf=state_of(request.scope).get("csrf", ""), **context
    )
    return Response(
        text, status_code=status, media_type=MediaType.HTML, headers=dict(headers or {})
    )


def toast(text: str, undo: str = "") -> dict[str, str]:
    """Header that shows a message; `undo` is the address that takes the deed back."""
    shown = {"text": text, **({"undo": undo} if undo else {})}
    return {"hx-trigger": json.dumps({"toast": shown})}


def toast_and(text: str, undo: str, event: str) -> dict[str, str]:
    """The same where there is a text, and an event on which the page reads itself anew."""
    shown = {"text": text, **({"undo": undo} if undo else {})}
    told = {"toast": shown} if text else {}
    return {"hx-trigger": json.dumps({**told, event: {}})}


def refreshed() -> Response[bytes]:
    """Have the page read anew."""
    return Response(b"", status_code=200, headers={"hx-refresh": "true"})
