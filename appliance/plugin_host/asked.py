"""What a plugin asked, brought to its action as the plugin's own actor, and its answer back."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import msgspec

from appliance.actions import (
    _plugin_asking,
    markets,
    message_reports,
    parcel_reports,
    pay_reports,
    plugin_books,
    plugin_calls,
    plugin_fulfilments,
    plugin_goods,
    plugin_rows,
    plugin_words,
    service_files,
)
from appliance.domain.access import Actor
from appliance.domain.plugin_rows import Shape
from appliance.errors import Denied, HouseError, Invalid, NotFound
from appliance.plugin_api.calls import CALLS, PERMISSIONS, pack, unpack
from appliance.plugin_host.link import Pace

log = logging.getLogger(__name__)

Run = Callable[[Actor, Any], Awaitable[msgspec.Struct]]
TableRun = Callable[[Actor, Shape, Any], Awaitable[msgspec.Struct]]


async def _orders(actor: Actor, asked: Any) -> msgspec.Struct:
    run = plugin_calls.orders_with_people if asked.fields else plugin_calls.orders_plain
    return await run(actor, asked)


async def _customers(actor: Actor, asked: Any) -> msgspec.Struct:
    run = plugin_calls.customers_with_people if asked.fields else plugin_calls.customers_plain
    return await run(actor, asked)


async def _parcel(actor: Actor, asked: Any) -> msgspec.Struct:
    run = parcel_reports.with_buyer if asked.fields else parcel_reports.plain
    return await run(actor, asked)


RUNS: Final[Mapping[str, Run]] = {
    "orders": _orders,
    "orders_since": plugin_calls.orders_since,
    "customers": _customers,
    "phone_for": plugin_calls.phone_for,
    "set_order_status": plugin_calls.set_order_status,
    "place_order": plugin_calls.place_order,
    "task": plugin_words.task,
    "journal": plugin_words.journal,
    "key_until": plugin_words.key_until,
    "badge": plugin_words.badge,
    "file_put": service_files.put,
    "lists": plugin_goods.lists,
    "groups_put": plugin_goods.groups,
    "price_types_put": plugin_goods.price_types,
    "warehouses_put": plugin_goods.warehouses,
    "goods_put": plugin_goods.goods,
    "pictures_put": plugin_goods.pictures,
    "offers_put": plugin_goods.offers,
    "books_money": plugin_books.money,
    "books_lines": plugin_books.lines,
    "books_goods": plugin_books.goods,
    "pays_payment": pay_reports.get,
    "pays_refund": pay_reports.get_refund,
    "pays_receipt": pay_reports.get_receipt,
    "pays_open": pay_reports.open_ones,
    "pays_report": pay_reports.report,
    "pays_report_refund": pay_reports.report_refund,
    "pays_report_receipt": pay_reports.report_receipt,
    "messages_take": message_reports.take,
    "messages_look": message_reports.look,
    "messages_open": message_reports.open_ones,
    "messages_report": message_reports.report,
    "messages_balance": message_reports.balance,
    "parcels_get": _parcel,
    "parcels_open": parcel_reports.open_ones,
    "parcels_report": parcel_reports.report,
    "parcels_steps": parcel_reports.steps,
    "parcels_label": parcel_reports.label,
    "markets_open": markets.account,
    "markets_put": markets.take,
    "markets_posting": markets.posting,
    "markets_done": markets.done,
    "markets_open_ids": markets.open_ones,
    "markets_offers_put": markets.offers,
    "markets_stock_due": markets.stock_due,
    "markets_stock_sent": markets.stock_sent,
    "markets_prices_due": markets.prices_due,
    "markets_prices_sent": markets.prices_sent,
    "fulfilment": plugin_fulfilments.read,
    "fulfilment_label": plugin_fulfilments.label,
    "fulfilments_open": plugin_fulfilments.under_way,
    "fulfilment_report": plugin_fulfilments.report,
    "stock_put": plugin_fulfilments.stock_put,
}
"""Question → the action that answers it."""

TABLE_RUNS: Final[Mapping[str, TableRun]] = {
    "rows_get": plugin_rows.get,
    "rows_scan": plugin_rows.scan,
    "rows_put": plugin_rows.put,
    "rows_delete": plugin_rows.delete,
}
"""Questions about own tables: their action is told what the manifest declares."""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A plugin as the desk of questions knows it.

    Attributes:
        permissions: as approved.
        personal: (`customer.phone`, purpose) as approved.
        tables: of its manifest.
    """

    permissions: tuple[str, ...] = ()
    personal: tuple[tuple[str, str], ...] = ()
    tables: Mapping[str, Shape] = {}

    def may(self, permission: str) -> bool:
        """Whether it was granted, by the manifest's name or by all of the box's behind it."""
        behind = PERMISSIONS.get(permission, ())
        return permission in self.permissions or (
            bool(behind) and set(behind) <= set(self.permissions)
        )


NOTES_AT_ONCE: Final = 50
NOTES_A_MINUTE: Final = 10
"""Refusals of one plugin that stand in its journal; all of them are in the audit."""


class Desk:
    """Answers plugins. One for all of them; whoever changes a grant tells it."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[Actor, Standing]] = {}
        self._notes: dict[str, Pace] = {}

    def admit(self, plugin: str, standing: Standing) -> None:
        """From now on this plugin may ask so much."""
        actor = _plugin_asking.actor_of(plugin, standing.permissions, standing.personal)
        self._known[plugin] = (actor, standing)

    def dismiss(self, plugin: str) -> None:
        """It may ask nothing any more."""
        self._known.pop(plugin, None)

    async def asked(self, plugin: str, name: str, body: bytes) -> bytes:
        """Answer one question.

        Raises:
            Denied: `plugin_unknown`; the grant does not reach it.
            Invalid: `call_unreadable`; what the action refuses.
            HouseError: as the action says; a refusal for want of rights is in the journal too.
        """
        known, call = self._known.get(plugin), CALLS.get(name)
        if known is None:
            raise Denied("plugin_unknown", plugin)
        actor, standing = known
        if call is None:
            raise NotFound("call_unknown", name[:40])
        try:
            if call.permission and not standing.may(call.permission):
                raise Denied("permission_not_granted", call.permission)
            try:
                message = unpack(body, call.asks)
            except msgspec.DecodeError:
                raise Invalid("call_unreadable", name) from None
            return pack(await self._run(actor, standing, name, message))
        except Denied as refused:
            if self._may_note(plugin):
                await plugin_words.note_by_box(
                    actor, "refused", data={"call": name, "code": refused.code}
                )
            raise

    def _may_note(self, plugin: str) -> bool:
        """Whether a refusal goes into the journal: who insists on what he may not floods none."""
        pace = self._notes.setdefault(plugin, Pace(NOTES_A_MINUTE / 60, NOTES_AT_ONCE))
        if pace.spare() > 0:
            pace.spare(-1)  # what is left out is not owed
            return False
        return True

    async def _run(
        self, actor: Actor, standing: Standing, name: str, message: Any
    ) -> msgspec.Struct:
        if name in TABLE_RUNS:
            shape = standing.tables.get(message.table)
            if shape is None:
                raise NotFound("table_unknown", message.table[:40])
            return await TABLE_RUNS[name](actor, shape, message)
        return await RUNS[name](actor, message)


def code_of(error: Exception) -> str:
    """What a plugin is told of a refusal: a code, never a text."""
    return error.code if isinstance(error, HouseError) else "failed"
